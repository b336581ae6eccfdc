"""What stores have, as rows: a quantity that is said is what is on hand; what never moved before is opened with it.

A quantity that differs is a count, with the moves and the books that a count on the shelf has. So a file that an export
wrote a moment ago changes nothing, and one of last week is a count of last week's figures: it is shown before it holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import COST, SIGNED, Ways, text
from retail.automation.columns import Column, said
from retail.automation.kinds.base import Change, Given, Reason, Settled, Terms, Verdict, read_cells
from retail.automation.kinds.product_columns import BARCODE, SKU
from retail.automation.kinds.product_reading import codes_in, no_product
from retail.catalog.codes.skus import ALIKE, BySku, called
from retail.catalog.products.traits import GOODS
from retail.identity.permissions import MOVE_STOCK
from retail.kit.barcode import normalise
from retail.kit.ids import new_id
from retail.kit.quantity import NotAQuantity, on_a_line
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row, Tx
from retail.stock import Arrival, Counted, Document, count, open_stock
from retail.stock.admitting import is_whole, too_fine
from retail.stock.known_costs import known_costs

_PREFETCH: Final = 1_000
COLUMNS: Final[tuple[Column, ...]] = (
    SKU,
    BARCODE,
    Column("name", said("Name"), text(160), said("Only for you to read; it changes nothing."), key=True),
    Column(
        "store", said("Store"), text(60), said("The store's code or name."), ("location", "branch", "shop", "filiale"),
        needed=True,
    ),
    Column(
        "quantity", said("Quantity"), SIGNED, said("What is on hand there, zero or more."),
        ("on hand", "stock", "stock level", "qty", "inventory", "bestand", "menge", "quantite"), needed=True,
    ),
    Column(
        "unit_cost", said("Unit cost"), COST,
        said("What one unit costs, where the store never had any; elsewhere as it is."),
        ("cost", "cost price", "purchase price"), cost=True,
    ),
)  # fmt: skip
_PRODUCTS: Final = f"""
SELECT p.id, p.sku, p.kind, p.decimals, p.unit_cost, p.tracking,
       ARRAY(SELECT b.normalised FROM barcode b WHERE b.tenant_id = $1 AND b.product_id = p.id) AS codes
  FROM product p
 WHERE p.tenant_id = $1
   AND ({ALIKE}
        OR p.id IN (SELECT b.product_id FROM barcode b WHERE b.tenant_id = $1 AND b.normalised = ANY($3)))
"""  # noqa: S608
_LEVELS: Final = """
SELECT b.store_id, b.product_id, b.unit_cost,
       b.on_hand + coalesce((SELECT sum(d.quantity) FROM stock_delta d WHERE d.tenant_id = $1
                                AND d.store_id = b.store_id AND d.product_id = b.product_id), 0) AS on_hand,
       EXISTS (SELECT FROM stock_move m
                WHERE m.tenant_id = $1 AND m.store_id = b.store_id AND m.product_id = b.product_id) AS moved
  FROM stock_balance b WHERE b.tenant_id = $1 AND b.product_id = ANY($2)
"""
_LISTED: Final = """
SELECT p.sku, coalesce((SELECT b.code FROM barcode b WHERE b.tenant_id = p.tenant_id AND b.product_id = p.id
                         ORDER BY b.position LIMIT 1), '') AS barcode,
       p.name, s.code AS store, b.on_hand + coalesce(w.waiting, 0) AS quantity, b.unit_cost
  FROM stock_balance b
  JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
  JOIN store s ON s.tenant_id = b.tenant_id AND s.id = b.store_id
  LEFT JOIN (SELECT store_id, product_id, sum(quantity) AS waiting FROM stock_delta
              WHERE tenant_id = $1 GROUP BY 1, 2) w
         ON w.store_id = b.store_id AND w.product_id = b.product_id
 WHERE b.tenant_id = $1"""


@dataclass(slots=True)
class Known:
    """What rows may mean: products by SKU and barcode, stores by code and name, and what is on hand."""

    by_sku: BySku[Row] = field(default_factory=BySku)
    by_code: dict[str, Row] = field(default_factory=dict)
    stores: dict[str, Row] = field(default_factory=dict)
    levels: dict[tuple[UUID, UUID], Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Level:
    """A quantity to be on hand, in place of what was `expected`; `opening` where nothing ever moved.

    `unit_cost` None: the file says nothing of it.
    """

    store: UUID
    product: UUID
    quantity: Decimal
    unit_cost: Decimal | None
    opening: bool
    expected: Decimal


class Stock:
    """Rows of what stores have."""

    name: str = "stock"
    label: str = said("Stock")
    columns: tuple[Column, ...] = COLUMNS
    permission: str = MOVE_STOCK
    matches: tuple[str, ...] = ("sku", "barcode")

    def begin(self) -> dict[tuple[UUID, UUID], int]:
        """Begin to remember rows by store and product."""
        return {}

    async def known(self, read: Read, given: Sequence[Given], terms: Terms) -> Known:
        """Read what rows refer to."""
        found = Known()
        skus = [row.cells.get("sku", "").strip() for row in given] if terms.match_by == "sku" else []
        codes = [normalise(code) for row in given for code in codes_in(row)] if terms.match_by == "barcode" else []
        rows = await read.fetch(_PRODUCTS, read.tenant, skus, codes)
        for row in rows:
            found.by_sku[row["sku"]] = row
            found.by_code |= dict.fromkeys(row["codes"], row)
        for row in await read.fetch("SELECT id, code, name, archived_at FROM store WHERE tenant_id = $1", read.tenant):
            found.stores.setdefault(row["name"].lower(), row)
            found.stores[row["code"].lower()] = row
        levels = await read.fetch(_LEVELS, read.tenant, [row["id"] for row in rows])
        found.levels = {(row["store_id"], row["product_id"]): row for row in levels}
        return found

    def judge(
        self, given: Sequence[Given], known: Known, terms: Terms, seen: dict[tuple[UUID, UUID], int]
    ) -> list[Verdict]:
        """Say of each row what it comes to."""
        return [_judge(row, known, terms, seen) for row in given]

    async def settle(self, _read: Read, _seen: Mapping[tuple[UUID, UUID], int]) -> Settled:
        """Find nothing more: rows don't refer to each other."""
        return Settled({}, {}, {})

    async def lock(self, _tx: Tx) -> None:
        """Lock nothing yet: counting and opening lock the balances that they touch."""

    async def store(self, tx: Tx, verdicts: Sequence[Verdict], _known: Known) -> None:
        """Open and count, store by store."""
        by_store: dict[UUID, list[Level]] = defaultdict(list)
        for one in verdicts:
            by_store[one.made.store].append(one.made)
        for store, levels in sorted(by_store.items()):
            unsaid = [one.product for one in levels if one.opening and one.unit_cost is None]
            costs = await known_costs(tx, store, unsaid) if unsaid else {}
            opened = [
                Arrival(one.product, one.quantity, costs[one.product] if one.unit_cost is None else one.unit_cost)
                for one in levels
                if one.opening
            ]
            counted = [Counted(one.product, one.quantity, one.expected) for one in levels if not one.opening]
            if opened:
                await open_stock(tx, Document(new_id(), store, _("Stock from a file"), tx.now), opened)
            if counted:
                await count(tx, Document(new_id(), store, _("Count from a file"), tx.now), counted)

    def chosen(self, read: Read, narrowed: Conditions | None) -> tuple[str, Sequence[Any]]:
        """Read what stores have, as far as anything ever moved."""
        where = narrowed or Conditions(read.tenant)
        return f"{_LISTED} {where.sql}", where.args

    async def listed(self, read: Read, ways: Ways, narrowed: Conditions | None) -> AsyncIterator[list[str]]:
        """Give what stores have, by store and SKU."""
        sql, values = self.chosen(read, narrowed)
        async for row in read.conn.cursor(f"{sql} ORDER BY s.code, p.sku", *values, prefetch=_PREFETCH):
            yield [column.sort.write(_written(column, row), ways) for column in self.columns]


def _written(column: Column, row: Row) -> Any:  # noqa: ANN401 - a value of the column's sort
    value = row[column.name]
    return ((value,) if value else ()) if column.name == "barcode" else value


def _judge(row: Given, known: Known, terms: Terms, seen: dict[tuple[UUID, UUID], int]) -> Verdict:
    values, reasons = read_cells(row, terms, None)
    product, name, wrong = _product(row, known, terms)
    verdict = Verdict(row.line, "refused", name, reasons=[one for one in reasons if one.column != "sku"])
    store = known.stores.get(str(values.get("store", "")).lower())
    if wrong:
        verdict.reasons.append(wrong)
    if values.get("store") and store is None:
        verdict.reasons.append(Reason("store", _("There is no store with this code or name.")))
    if product is None or store is None or verdict.reasons or values.get("quantity") is None:
        if not verdict.reasons:
            verdict.reasons.append(Reason("", _("The file needs a column for the store and one for the quantity.")))
        return verdict
    verdict.subject = product["id"]
    key = (store["id"], product["id"])
    if key in seen:
        said = _("This product stands in the file twice for this store; the row on line %(line)d counts.")
        verdict.reasons.append(Reason("sku", said % {"line": seen[key]}))
        return verdict
    seen[key] = row.line
    _compare(verdict, product, known.levels.get(key), store, values, terms, row.was)
    return verdict


def _product(row: Given, known: Known, terms: Terms) -> tuple[Row | None, str, Reason | None]:
    if terms.match_by == "sku":
        sku = row.cells.get("sku", "").strip()
        found = known.by_sku.meant(sku)
        if found is None:
            return None, sku, Reason("sku", known.by_sku.problem(sku))
        return found, called(found["sku"], sku), None
    codes = [normalise(code) for code in codes_in(row)]
    found = next((known.by_code[code] for code in codes if code in known.by_code), None)
    name = found["sku"] if found else row.cells.get("barcode", "")
    return found, name, None if found else no_product(row)


def _compare(  # noqa: PLR0917 - what a level is compared with
    verdict: Verdict,
    product: Row,
    level: Row | None,
    store: Row,
    values: Mapping[str, Any],
    terms: Terms,
    was: Sequence[Change] | None,
) -> None:
    quantity: Decimal = values["quantity"]
    opening = level is None or not level["moved"]
    on_hand = Decimal(0) if level is None else level["on_hand"]
    if was and not opening:  # stored now: the file was compared with this, and what moved since stays on top of it
        on_hand = SIGNED.read(was[0].before, terms.ways)
    verdict.reasons += _wrong(product, quantity, same=quantity == on_hand)
    if store["archived_at"] is not None and quantity not in {on_hand, 0}:
        verdict.reasons.append(Reason("store", _("This store is closed.")))
    standing = product["unit_cost"] if level is None else level["unit_cost"]
    if not opening and values.get("unit_cost") not in {None, standing}:
        said = _("The cost of what is on hand changes with what is received. Leave this column out.")
        verdict.reasons.append(Reason("unit_cost", said))
    if verdict.reasons:
        return
    verdict.made = Level(
        store["id"], product["id"], quantity, values.get("unit_cost"), opening and quantity > 0, on_hand
    )
    if quantity == on_hand:
        verdict.state = "same"
        return
    verdict.state = "new" if opening else "changed"
    shown, said_now = SIGNED.write(on_hand, terms.ways), SIGNED.write(quantity, terms.ways)
    verdict.changes = [Change("quantity", shown, said_now)]


def _wrong(product: Row, quantity: Decimal, *, same: bool) -> list[Reason]:
    if product["kind"] != GOODS:
        return [Reason("sku", _("This is no goods, so no store has stock of it. A kit's stock is that of its parts."))]
    if product["tracking"] != "none" and not same:
        said = _("This product is followed by lot or by serial number. Count it on the page Counts instead.")
        return [Reason("sku", said)]
    if quantity < 0 and not same:
        return [Reason("quantity", _("Nobody can count less than nothing. Write zero or more."))]
    try:
        on_a_line(quantity)
    except NotAQuantity as wrong:
        if not same:
            return [Reason("quantity", str(wrong))]
    if not same and not is_whole(quantity, product["decimals"]):
        return [Reason("quantity", too_fine(product["decimals"]))]
    return []
