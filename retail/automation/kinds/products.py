"""Products and their prices as kinds of rows: found by SKU or barcode, stored by the catalogue's own verbs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import Ways
from retail.automation.columns import Column, said
from retail.automation.kinds.base import Given, Reason, Settled, Terms, Verdict
from retail.automation.kinds.product_claims import Seen
from retail.automation.kinds.product_columns import PRICES, PRODUCTS
from retail.automation.kinds.product_judging import Judge
from retail.automation.kinds.product_reading import PRESENT, REFERRED, Known, known, shelf, values_of
from retail.automation.kinds.product_storing import store_products
from retail.catalog.codes.skus import BySku
from retail.catalog.operations import lock_catalogue
from retail.catalog.products.putting import what_is_inside
from retail.catalog.products.traits import SERVICE, kit_problem
from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx

_PREFETCH: Final = 1_000


class Products:
    """Rows of products. Without `makes_new` they only change what is there."""

    permission: str = EDIT_CATALOGUE
    matches: tuple[str, ...] = ("sku", "barcode")

    def __init__(self, name: str, label: str, columns: tuple[Column, ...], *, makes_new: bool) -> None:
        self.name, self.label, self.columns, self._makes_new = name, label, columns, makes_new

    def begin(self) -> Seen:
        """Begin to remember rows."""
        return Seen()

    async def known(self, read: Read, given: Sequence[Given], terms: Terms) -> Known:
        """Read what rows refer to."""
        return await known(read, given, terms, await shelf(read))

    def judge(self, given: Sequence[Given], known: Known, terms: Terms, seen: Seen) -> list[Verdict]:
        """Say of each row what it comes to."""
        judge = Judge(known, terms, seen, makes_new=self._makes_new)
        return [judge.judge(row) for row in given]

    async def settle(self, read: Read, seen: Seen) -> Settled:
        """Refuse rows whose parts or deposits aren't there, or whose kits would hold themselves; put parts first."""
        named = {sku for _own, parts, deposit in seen.refs.values() for sku in (*parts, deposit) if sku}
        rows = await read.fetch(REFERRED, read.tenant, list(named))
        there: BySku[str] = BySku()
        for row in rows:
            there[row["sku"]] = row["kind"]
        _spell(seen, there)
        refused = _dangling(seen, there)
        ids = {**{row["sku"]: row["id"] for row in rows}, **seen.ids}
        kits = {
            line: (ids[own], [ids[part] for part in parts])
            for line, (own, parts, _deposit) in seen.refs.items()
            if parts and line not in refused
        }
        if kits:
            inside: dict[UUID, Sequence[UUID]] = {**await what_is_inside(read), **dict(kits.values())}
            for line, (kit, parts) in kits.items():
                if problem := kit_problem(kit, parts, inside):
                    refused[line] = Reason("parts", problem)
        refused |= _dangling(seen, there, refused)
        groups = [" > ".join(path) for key, path in seen.groups.items() if seen.grouped[key] - refused.keys()]
        wanted = {family for (family, _options), line in seen.variants.items() if line not in refused}
        families = [name for key, (name, _options) in seen.families.items() if key in wanted]
        return Settled(refused, _places(seen), {"groups": groups, "families": families})

    async def lock(self, tx: Tx) -> None:
        """Have the catalogue to oneself."""
        await lock_catalogue(tx)

    async def store(self, tx: Tx, verdicts: Sequence[Verdict], known: Known) -> None:
        """Put the rows' products on sale."""
        await store_products(tx, verdicts, known)

    def chosen(self, read: Read, narrowed: Conditions | None) -> tuple[str, Sequence[Any]]:
        """Read products; without conditions all that are on sale."""
        where = narrowed or Conditions(read.tenant)
        if narrowed is None:
            where.add("p.archived_at IS NULL")
        return f"{PRESENT} {where.sql}", where.args

    async def listed(self, read: Read, ways: Ways, narrowed: Conditions | None) -> AsyncIterator[list[str]]:
        """Give products as rows, by SKU."""
        sql, values_of_it = self.chosen(read, narrowed)
        on = await shelf(read)
        async for row in read.conn.cursor(f"{sql} ORDER BY p.sku", *values_of_it, prefetch=_PREFETCH):
            values = values_of(row, on)
            yield [
                "" if (value := values[column.name]) is None else column.sort.write(value, ways)
                for column in self.columns
            ]


def _spell(seen: Seen, there: BySku[str]) -> None:
    """Write what rows refer to as it is written where it is, which may be a row further down."""

    def as_there(sku: str) -> str:
        return there.spelt(sku) or seen.ids.spelt(sku) or sku

    for line, (own, parts, deposit) in seen.refs.items():
        seen.refs[line] = (own, tuple(map(as_there, parts)), as_there(deposit) if deposit else "")


def _dangling(seen: Seen, there: Mapping[str, str], refused: Mapping[int, Reason] | None = None) -> dict[int, Reason]:
    """Refuse rows that name what is neither there nor in a good row; again and again, until all that are left hold."""
    found: dict[int, Reason] = dict(refused or {})
    while True:
        lost = {seen.refs[line][0] for line in found if line in seen.refs} & seen.new
        more: dict[int, Reason] = {}
        for line, (_own, parts, deposit) in seen.refs.items():
            if line in found:
                continue
            for sku in (*parts, deposit):
                if sku and sku not in there and (sku not in seen.ids or sku in lost):
                    column = "deposit" if sku == deposit else "parts"
                    said = _("There is no product %(sku)s, and no good row of the file makes it.")
                    more[line] = Reason(column, said % {"sku": sku})
            if deposit and line not in more and seen.kinds.get(deposit, there.get(deposit)) != SERVICE:
                more[line] = Reason("deposit", _("A deposit is a service. Pick one, or make it first."))
        if not more:
            return found
        found |= more


def _places(seen: Seen) -> dict[int, int]:
    """Put rows behind those that they refer to: 0 for most, one more for each step of reference."""
    needs = {own: [one for one in (*parts, deposit) if one in seen.new] for own, parts, deposit in seen.refs.values()}

    def place(sku: str, depth: int = 0) -> int:
        below = needs.get(sku, [])
        return 1 + max(place(one, depth + 1) for one in below) if below and depth < len(needs) + 1 and depth < 20 else 0

    return {line: 1 + place(own) for line, (own, _parts, _deposit) in seen.refs.items()}


PRODUCT_ROWS: Final = Products("products", said("Products"), PRODUCTS, makes_new=True)
PRICE_ROWS: Final = Products("prices", said("Prices"), PRICES, makes_new=False)
