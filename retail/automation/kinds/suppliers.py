"""Suppliers as a kind of rows: found by their code or their name, stored by the catalogue's own verbs.

By code, a row without one is found by its name: so an export of suppliers with and without codes comes in again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import Ways
from retail.automation.columns import Column, said
from retail.automation.kinds.base import Given, Reason, Settled, Terms, Verdict, compared, overtaken, read_cells
from retail.automation.kinds.supplier_columns import SUPPLIERS
from retail.catalog.suppliers import operations
from retail.catalog.suppliers.rules import Supplier, problems
from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.ids import new_id
from retail.kit.money import currency
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row, Tx

_PREFETCH: Final = 1_000
_PRESENT: Final = """
SELECT s.id, coalesce(s.code, '') AS code, s.name, s.email, s.phone, s.website, s.address, s.currency, s.lead_days,
       s.min_order_minor, s.payment_terms, s.notes, s.archived_at
  FROM supplier s WHERE s.tenant_id = $1"""
_MEANT: Final = f"{_PRESENT} AND (lower(s.code) = ANY ($2) OR lower(s.name) = ANY ($2))"
_PRICED: Final = """
SELECT DISTINCT supplier_id FROM product_supplier WHERE tenant_id = $1 AND supplier_id = ANY ($2) AND cost IS NOT NULL
"""


@dataclass(slots=True)
class Known:
    """The suppliers that rows may mean, by what finds them in small letters, and which of them have costs."""

    by_code: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_name: dict[str, dict[str, Any]] = field(default_factory=dict)
    priced: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class Seen:
    """What the file's rows have claimed so far: names and codes in small letters, and suppliers; with their lines."""

    words: dict[str, int] = field(default_factory=dict)
    subjects: dict[UUID, int] = field(default_factory=dict)


class Suppliers:
    """Rows of suppliers."""

    name: str = "suppliers"
    label: str = said("Suppliers")
    columns: tuple[Column, ...] = SUPPLIERS
    permission: str = EDIT_CATALOGUE
    matches: tuple[str, ...] = ("code", "name")

    def begin(self) -> Seen:
        """Begin to remember rows."""
        return Seen()

    async def known(self, read: Read, given: Sequence[Given], _terms: Terms) -> Known:
        """Read what rows refer to."""
        words = {row.cells.get(name, "").strip().lower() for row in given for name in ("code", "name")} - {""}
        found = Known()
        rows = await read.fetch(_MEANT, read.tenant, list(words))
        for row in rows:
            present = _present(row)
            found.by_name[row["name"].lower()] = present
            if row["code"]:
                found.by_code[row["code"].lower()] = present
        priced = await read.fetch(_PRICED, read.tenant, [row["id"] for row in rows])
        found.priced = frozenset(row["supplier_id"] for row in priced)
        return found

    def judge(self, given: Sequence[Given], known: Known, terms: Terms, seen: Seen) -> list[Verdict]:
        """Say of each row what it comes to."""
        return [_judge(row, known, terms, seen) for row in given]

    async def settle(self, _read: Read, _seen: Seen) -> Settled:
        """Find nothing more: rows don't refer to each other."""
        return Settled({}, {}, {})

    async def lock(self, tx: Tx) -> None:
        """Have the suppliers to oneself."""
        await operations.lock_suppliers(tx)

    async def store(self, tx: Tx, verdicts: Sequence[Verdict], _known: Known) -> None:
        """Add and change suppliers."""
        for one in verdicts:
            if one.state == "new":
                await operations.add_supplier(tx, one.subject or new_id(), one.made)
            elif one.subject is not None:
                await operations.change_supplier(tx, one.subject, one.made)

    def chosen(self, read: Read, narrowed: Conditions | None) -> tuple[str, Sequence[Any]]:
        """Read suppliers; without conditions those in use."""
        where = narrowed or Conditions(read.tenant)
        if narrowed is None:
            where.add("s.archived_at IS NULL")
        return f"{_PRESENT}{where.sql}", where.args

    async def listed(self, read: Read, ways: Ways, narrowed: Conditions | None) -> AsyncIterator[list[str]]:
        """Give suppliers as rows, by name."""
        sql, given = self.chosen(read, narrowed)
        async for row in read.conn.cursor(f"{sql} ORDER BY lower(s.name), s.id", *given, prefetch=_PREFETCH):
            values = _present(row)
            yield [
                "" if (value := values[column.name]) is None else column.sort.write(value, ways)
                for column in self.columns
            ]


def _present(row: Row) -> dict[str, Any]:
    least = row["min_order_minor"]
    exact = None if least is None else Decimal(least).scaleb(-currency(row["currency"]).exponent)
    return {**dict(row), "min_order": exact}


def _judge(row: Given, known: Known, terms: Terms, seen: Seen) -> Verdict:
    present, wrong = _subject(row, known, terms)
    values, reasons = read_cells(row, terms, present)
    name = values.get("name") or row.cells.get("name", "").strip() or row.cells.get("code", "").strip()
    subject = present["id"] if present else row.subject or new_id()
    verdict = Verdict(row.line, "refused", name, subject, reasons=reasons + wrong)
    if present is None and "name" not in values and not reasons:
        verdict.reasons.append(Reason("", _("This supplier is new, and the file lacks the column for its name.")))
    full = {**_blank(terms), **(present or {}), **values}
    if not full["currency"]:  # an empty cell of a new one: the business's own; of one that is there: as it is
        full["currency"] = values["currency"] = present["currency"] if present else terms.ways.money.code
    if verdict.reasons:
        return verdict
    verdict.changes = compared({name: value for name, value in values.items() if present}, present or {}, terms)
    verdict.reasons += overtaken(verdict.changes, row)
    if present is None or verdict.changes:
        verdict.made, told = _made(full)
        verdict.reasons += told
        verdict.reasons += _collisions(full, subject, known)
        verdict.reasons += _refused(verdict, present, known)
    verdict.reasons += _twice(row, full, subject, seen)
    if not verdict.reasons:
        verdict.state = "new" if present is None else "changed" if verdict.changes else "same"
    return verdict


def _subject(row: Given, known: Known, terms: Terms) -> tuple[dict[str, Any] | None, list[Reason]]:
    """Find the supplier that a row means; a new one is none."""
    code, name = (row.cells.get(one, "").strip().lower() for one in ("code", "name"))
    found = known.by_code.get(code) if terms.match_by == "code" and code else known.by_name.get(name)
    wrong = [] if code or name else [Reason("name", _("%(column)s is empty.") % {"column": _("Name")})]
    return found, wrong


def _blank(terms: Terms) -> dict[str, Any]:
    return {column.name: column.sort.empty for column in SUPPLIERS} | {"currency": terms.ways.money.code}


def _made(full: Mapping[str, Any]) -> tuple[Supplier, list[Reason]]:
    """Make a supplier of a row's values, with all that is wrong with them."""
    money = currency(full["currency"])
    least = None if full["min_order"] is None else full["min_order"].scaleb(money.exponent)
    made = operations.tidied(
        Supplier(
            lead_days=full["lead_days"],
            min_order_minor=None if least is None else int(least),
            **{name: full[name] for name in operations.FIELDS if name not in {"lead_days", "min_order_minor"}},
        )
    )
    reasons = [Reason(name, sentence) for name, said in problems(made).items() for sentence in said]
    if least is not None and least != int(least):
        said = _("Write at most %(places)d decimals: the currency has no finer parts.") % {"places": money.exponent}
        reasons.append(Reason("min_order", said))
    return made, reasons


def _collisions(full: Mapping[str, Any], subject: UUID, known: Known) -> list[Reason]:
    """Say whose code or name a row would take."""
    said = _("Another supplier has this already. Choose another one, or edit that supplier.")
    return [
        Reason(column, said)
        for column in ("code", "name")
        for owner in [known.by_code.get(full[column].lower()) or known.by_name.get(full[column].lower())]
        if full[column] and owner is not None and owner["id"] != subject
    ]


def _refused(verdict: Verdict, present: Mapping[str, Any] | None, known: Known) -> list[Reason]:
    """Say why a supplier that is there can't be changed so."""
    if present is None:
        return []
    found = []
    if present["archived_at"] is not None:
        found.append(Reason("", _("This supplier is archived. Bring it back first.")))
    if present["id"] in known.priced and any(one.column == "currency" for one in verdict.changes):
        said = _("Its products have costs in %(currency)s. Take those costs out first, then change the currency.")
        found.append(Reason("currency", said % {"currency": present["currency"]}))
    return found


def _twice(row: Given, full: Mapping[str, Any], subject: UUID, seen: Seen) -> list[Reason]:
    """Refuse what an earlier row has claimed already, and claim the rest."""
    said = _("This supplier stands in the file twice; the row on line %(line)d counts.")
    if (line := seen.subjects.get(subject)) is not None:
        return [Reason("name", said % {"line": line})]
    words = {column: full[column].lower() for column in ("name", "code") if full[column]}
    for column, word in words.items():
        if (line := seen.words.get(word)) is not None:
            return [Reason(column, said % {"line": line})]
    seen.subjects[subject] = row.line
    seen.words |= dict.fromkeys(words.values(), row.line)
    return []
