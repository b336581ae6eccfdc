"""What suppliers sell as a kind of rows: a product, a supplier, and the terms; stored by the catalogue's own verbs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import Ways
from retail.automation.columns import Column, said
from retail.automation.kinds.base import Given, Reason, Settled, Terms, Verdict, compared, overtaken, read_cells
from retail.automation.kinds.product_reading import codes_in, no_product
from retail.automation.kinds.supplier_columns import SUPPLIES
from retail.catalog.codes.skus import ALIKE, BySku, called
from retail.catalog.products.traits import KIT
from retail.catalog.suppliers.operations import lock_suppliers
from retail.catalog.suppliers.rules import MOST_PER_PRODUCT, Supply, supply_problems
from retail.catalog.suppliers.supplies import TERMS, put_supplies
from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.barcode import normalise
from retail.kit.money import currency
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row, Tx

_PREFETCH: Final = 1_000
_MADE: Final = "/products/suppliers/new"
_PRODUCTS: Final = f"""
SELECT p.id, p.sku, p.kind,
       ARRAY(SELECT b.normalised FROM barcode b WHERE b.tenant_id = $1 AND b.product_id = p.id) AS codes
  FROM product p
 WHERE p.tenant_id = $1
   AND ({ALIKE}
        OR p.id IN (SELECT b.product_id FROM barcode b WHERE b.tenant_id = $1 AND b.normalised = ANY($3)))
"""  # noqa: S608
_SUPPLIERS: Final = """
SELECT id, code, name, currency, archived_at FROM supplier
 WHERE tenant_id = $1 AND (lower(code) = ANY($2) OR lower(name) = ANY($2))
"""
_SUPPLIES: Final = """
SELECT q.product_id, q.supplier_id, q.supplier_sku, q.pack_quantity, q.cost, q.min_order_quantity, q.lead_days,
       q.preferred
  FROM product_supplier q WHERE q.tenant_id = $1 AND q.product_id = ANY($2)
"""
_LISTED: Final = """
SELECT p.sku, coalesce((SELECT b.code FROM barcode b WHERE b.tenant_id = p.tenant_id AND b.product_id = p.id
                         ORDER BY b.position LIMIT 1), '') AS barcode,
       p.name, coalesce(s.code, s.name) AS supplier, s.currency, q.supplier_sku, q.pack_quantity, q.cost,
       q.min_order_quantity, q.lead_days, q.preferred
  FROM product_supplier q
  JOIN product p ON p.tenant_id = q.tenant_id AND p.id = q.product_id
  JOIN supplier s ON s.tenant_id = q.tenant_id AND s.id = q.supplier_id
 WHERE q.tenant_id = $1"""
Pair = tuple[UUID, UUID]


@dataclass(slots=True)
class Known:
    """What rows may mean: products by SKU and barcode, suppliers by code and name, and their terms as they are."""

    by_sku: BySku[Row] = field(default_factory=BySku)
    by_code: dict[str, Row] = field(default_factory=dict)
    suppliers: dict[str, Row] = field(default_factory=dict)
    terms: dict[Pair, Row] = field(default_factory=dict)
    sellers: dict[UUID, int] = field(default_factory=dict)


@dataclass(slots=True)
class Seen:
    """What the file's rows have claimed so far, with their lines: pairs, and who is preferred for a product."""

    pairs: dict[Pair, int] = field(default_factory=dict)
    preferred: dict[UUID, int] = field(default_factory=dict)


class Supplies:
    """Rows of what suppliers sell."""

    name: str = "supplier_products"
    label: str = said("Products of suppliers")
    columns: tuple[Column, ...] = SUPPLIES
    permission: str = EDIT_CATALOGUE
    matches: tuple[str, ...] = ("sku", "barcode")

    def begin(self) -> Seen:
        """Begin to remember rows."""
        return Seen()

    async def known(self, read: Read, given: Sequence[Given], terms: Terms) -> Known:
        """Read what rows refer to."""
        found = Known()
        skus = [row.cells.get("sku", "").strip() for row in given] if terms.match_by == "sku" else []
        codes = [normalise(code) for row in given for code in codes_in(row)] if terms.match_by == "barcode" else []
        rows = await read.fetch(_PRODUCTS, read.tenant, skus, codes)
        for row in rows:
            found.by_sku[row["sku"]] = row
            found.by_code |= dict.fromkeys(row["codes"], row)
        words = {row.cells.get("supplier", "").strip().lower() for row in given} - {""}
        for row in await read.fetch(_SUPPLIERS, read.tenant, list(words)):
            found.suppliers[row["name"].lower()] = row
            found.suppliers |= {row["code"].lower(): row} if row["code"] else {}
        for row in await read.fetch(_SUPPLIES, read.tenant, [row["id"] for row in rows]):
            found.terms[row["product_id"], row["supplier_id"]] = row
            found.sellers[row["product_id"]] = found.sellers.get(row["product_id"], 0) + 1
        return found

    def judge(self, given: Sequence[Given], known: Known, terms: Terms, seen: Seen) -> list[Verdict]:
        """Say of each row what it comes to."""
        return [_judge(row, known, terms, seen) for row in given]

    async def settle(self, _read: Read, _seen: Seen) -> Settled:
        """Find nothing more: rows don't refer to each other."""
        return Settled({}, {}, {})

    async def lock(self, tx: Tx) -> None:
        """Have the suppliers and their terms to oneself."""
        await lock_suppliers(tx)

    async def store(self, tx: Tx, verdicts: Sequence[Verdict], _known: Known) -> None:
        """Set the terms."""
        await put_supplies(tx, [one.made for one in verdicts])

    def chosen(self, read: Read, narrowed: Conditions | None) -> tuple[str, Sequence[Any]]:
        """Read what suppliers in use sell; with conditions what they let through."""
        where = narrowed or Conditions(read.tenant)
        if narrowed is None:
            where.add("s.archived_at IS NULL")
        return f"{_LISTED}{where.sql}", where.args

    async def listed(self, read: Read, ways: Ways, narrowed: Conditions | None) -> AsyncIterator[list[str]]:
        """Give what suppliers sell, by supplier and SKU."""
        sql, given = self.chosen(read, narrowed)
        async for row in read.conn.cursor(f"{sql} ORDER BY lower(s.name), s.id, p.sku", *given, prefetch=_PREFETCH):
            values = _in_units(row, row["currency"]) | {"barcode": (row["barcode"],) if row["barcode"] else ()}
            yield [
                "" if (value := values[column.name]) is None else column.sort.write(value, ways)
                for column in self.columns
            ]


def _in_units(row: Row, code: str) -> dict[str, Any]:
    """Give a row's values with its cost in the currency's own units."""
    cost = row["cost"]
    return {**dict(row), "cost": None if cost is None else cost.scaleb(-currency(code).exponent)}


def _judge(row: Given, known: Known, terms: Terms, seen: Seen) -> Verdict:
    product, name, wrong = _product(row, known, terms)
    supplier, missing = _supplier(row, known)
    verdict = Verdict(row.line, "refused", name, product["id"] if product else None, reasons=wrong + missing)
    present = None
    if product is not None and supplier is not None:
        stored = known.terms.get((product["id"], supplier["id"]))
        own = {"sku": product["sku"], "supplier": row.cells.get("supplier", "")}
        present = _in_units(stored, supplier["currency"]) | own if stored else None
    values, reasons = read_cells(row, terms, present)
    verdict.reasons += [one for one in reasons if one.column not in {"sku", "supplier"}]
    if product is None or supplier is None or verdict.reasons:
        return verdict
    pair = (product["id"], supplier["id"])
    values |= {
        name: known for name, known in (("sku", product["sku"]), ("supplier", own["supplier"])) if name in values
    }
    changes = compared(values, present, terms) if present else []
    full = {**dict.fromkeys(TERMS), "supplier_sku": "", "preferred": False, **(present or {}), **values}
    verdict.made, told = _made(pair, full, supplier["currency"])
    if present is None or changes:
        verdict.reasons += told + _refused(product, supplier, known, new=present is None)
    verdict.reasons += _twice(row, pair, seen, preferred=full["preferred"])
    verdict.reasons += overtaken(changes, row, ("preferred",))
    verdict.name = f"{name} · {supplier['name']}"
    verdict.changes = changes
    if not verdict.reasons:
        verdict.state = "new" if present is None else "changed" if changes else "same"
    return verdict


def _product(row: Given, known: Known, terms: Terms) -> tuple[Row | None, str, list[Reason]]:
    if terms.match_by == "sku":
        sku = row.cells.get("sku", "").strip()
        found = known.by_sku.meant(sku)
        if found is None:
            return None, sku, [Reason("sku", known.by_sku.problem(sku))]
        return found, called(found["sku"], sku), []
    found = next((known.by_code[code] for code in map(normalise, codes_in(row)) if code in known.by_code), None)
    name = found["sku"] if found else row.cells.get("barcode", "")
    return found, name, [] if found else [no_product(row)]


def _supplier(row: Given, known: Known) -> tuple[Row | None, list[Reason]]:
    word = row.cells.get("supplier", "").strip()
    found = known.suppliers.get(word.lower())
    if found is not None:
        return found, []
    if not word:
        return None, [Reason("supplier", _("%(column)s is empty.") % {"column": _("Supplier")})]
    said = _("There is no supplier %(name)s. Make it first.")
    return None, [Reason("supplier", said % {"name": word[:60]}, _MADE)]


def _made(pair: Pair, full: Mapping[str, Any], code: str) -> tuple[Supply, list[Reason]]:
    """Make the terms of a row's values, with all that is wrong with them."""
    cost: Decimal | None = full["cost"]
    terms = {name: full[name] for name in TERMS} | {
        "cost": None if cost is None else cost.scaleb(currency(code).exponent)
    }
    made = Supply(*pair, **terms)
    return made, [Reason(name, sentence) for name, said in supply_problems(made).items() for sentence in said]


def _refused(product: Row, supplier: Row, known: Known, *, new: bool) -> list[Reason]:
    """Say why these terms can't be set."""
    found = []
    if supplier["archived_at"] is not None:
        found.append(Reason("supplier", _("This supplier is archived. Bring it back first.")))
    if new and product["kind"] == KIT:
        found.append(Reason("sku", _("A kit is not bought as such. Give its parts their suppliers.")))
    if new:
        known.sellers[product["id"]] = known.sellers.get(product["id"], 0) + 1
        if known.sellers[product["id"]] > MOST_PER_PRODUCT:
            said = _("A product has at most %(most)d suppliers. Remove one first.")
            found.append(Reason("supplier", said % {"most": MOST_PER_PRODUCT}))
    return found


def _twice(row: Given, pair: Pair, seen: Seen, *, preferred: bool) -> list[Reason]:
    """Refuse what an earlier row has claimed already, and claim the rest."""
    if (line := seen.pairs.get(pair)) is not None:
        said = _("This product stands in the file twice for this supplier; the row on line %(line)d counts.")
        return [Reason("supplier", said % {"line": line})]
    if preferred and (line := seen.preferred.get(pair[0])) is not None:
        said = _("The row on line %(line)d makes another supplier of this product the preferred one.")
        return [Reason("preferred", said % {"line": line})]
    seen.pairs[pair] = row.line
    if preferred:
        seen.preferred[pair[0]] = row.line
    return []
