"""Rules as they hold, and what they suggest.

The recent pace and the forecast are read by the names of their tables alone; features above work them out each day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.clock import business_day
from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order
from retail.stock.places.blocked import ALL_BLOCKED
from retail.stock.reordering.foreseen import COLUMNS, FORESEEN, MAY_BE, POINT, ahead_of
from retail.stock.reordering.rules import LEAD_DAYS, Ending, Need, Suggestion, ending, suggest
from retail.stock.reserving.queries import ALL_RESERVED
from retail.stock.transfers.queries import ALL_INCOMING
from retail.tenants.queries import this_tenant

FIELDS: Final = ("reorder_point", "safety_stock", "target", "lead_days", "pack_quantity", "minimum_order")

_PROMISED: Final = ALL_RESERVED.format(now="$2")

# Whom a product is usually bought from; what somebody costs is told where it is in the business's own money.
_SUPPLIED: Final = """
SELECT q.product_id, q.pack_quantity, q.min_order_quantity, coalesce(q.lead_days, s.lead_days) AS lead_days,
       s.id AS supplier, s.name AS supplier_name,
       CASE WHEN s.currency = (SELECT t.currency FROM tenant t WHERE t.id = $1) THEN q.cost END AS cost
  FROM product_supplier q JOIN supplier s ON s.tenant_id = q.tenant_id AND s.id = q.supplier_id
 WHERE q.tenant_id = $1 AND q.preferred AND s.archived_at IS NULL"""
# A store's own rule wins, field by field, over the one of all stores, and that over the preferred supplier's terms; the
# point of all stores is the product's own.
NEEDS: Final = f"""
SELECT p.id AS product, p.sku, p.name, p.unit, p.decimals, s.id AS store, s.name AS store_name,
       b.on_hand + coalesce(w.quantity, 0) AS on_hand,
       coalesce(a.units / a.days, 0) AS per_day, b.low_since,
       coalesce(r.reorder_point, p.reorder_point) AS reorder_point,
       coalesce(r.safety_stock, e.safety_stock) AS safety_stock, coalesce(r.target, e.target) AS target,
       coalesce(r.lead_days, e.lead_days, v.lead_days) AS lead_days,
       coalesce(r.pack_quantity, e.pack_quantity, v.pack_quantity) AS pack_quantity,
       coalesce(r.minimum_order, e.minimum_order, v.min_order_quantity) AS minimum_order,
       coalesce(v.cost, b.unit_cost) AS unit_cost, v.supplier, coalesce(v.supplier_name, '') AS supplier_name,
       p.sort_name, {COLUMNS},
       coalesce(k.quantity, 0) AS reserved, coalesce(i.quantity, 0) AS incoming, coalesce(z.quantity, 0) AS blocked
  FROM stock_balance b
  JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id AND p.archived_at IS NULL
  JOIN store s ON s.tenant_id = b.tenant_id AND s.id = b.store_id AND s.archived_at IS NULL
  LEFT JOIN product_pace a ON a.tenant_id = b.tenant_id AND a.store_id = b.store_id AND a.product_id = b.product_id
  LEFT JOIN stock_rule r ON r.tenant_id = b.tenant_id AND r.product_id = b.product_id AND r.store_id = b.store_id
  LEFT JOIN stock_rule e ON e.tenant_id = b.tenant_id AND e.product_id = b.product_id AND e.store_id IS NULL
  LEFT JOIN ({_SUPPLIED}) v ON v.product_id = b.product_id
  LEFT JOIN (SELECT store_id, product_id, sum(quantity) AS quantity FROM stock_delta WHERE tenant_id = $1 GROUP BY 1, 2)
            w ON w.store_id = b.store_id AND w.product_id = b.product_id
  LEFT JOIN ({_PROMISED}) k ON k.store_id = b.store_id AND k.product_id = b.product_id
  LEFT JOIN ({ALL_INCOMING}) i ON i.store_id = b.store_id AND i.product_id = b.product_id
  LEFT JOIN ({ALL_BLOCKED}) z ON z.store_id = b.store_id AND z.product_id = b.product_id{FORESEEN}
 WHERE b.tenant_id = $1"""  # noqa: S608 - constants
# What can't be below its point is left out before anything is worked out: the rule itself decides about the rest.
# Most of a large catalogue is above a point that somebody set: the fold keeps which balances aren't. What else may
# bring one below it (its pace, a rule, a promise, a move that waits) is asked as it is read, before anything is joined.
MAYBE: Final = f""" AND (b.low_since IS NOT NULL
       OR (b.store_id, b.product_id) IN (SELECT store_id, product_id FROM product_pace WHERE tenant_id = $1)
       OR {MAY_BE}
       OR b.product_id IN (SELECT product_id FROM stock_rule WHERE tenant_id = $1)
       OR (b.store_id, b.product_id) IN (SELECT store_id, product_id FROM stock_delta WHERE tenant_id = $1)
       OR (b.store_id, b.product_id) IN (SELECT store_id, product_id FROM reservation
                                          WHERE tenant_id = $1 AND released_at IS NULL AND expires_at > $2)
       OR (b.store_id, b.product_id) IN (SELECT store_id, product_id FROM stock_place
                                          WHERE tenant_id = $1 AND on_hand > 0))
   AND (b.on_hand + coalesce(w.quantity, 0) + coalesce(i.quantity, 0) - coalesce(k.quantity, 0)
        - coalesce(z.quantity, 0))
  <= coalesce(r.reorder_point, p.reorder_point, {POINT},
              coalesce(a.units / a.days, 0) * coalesce(r.lead_days, e.lead_days, v.lead_days, {LEAD_DAYS})
              + coalesce(r.safety_stock, e.safety_stock, 0))"""  # noqa: S608 - constants
_OF_PAIRS: Final = " AND (b.store_id, b.product_id) IN (SELECT * FROM unnest($3::uuid[], $4::uuid[]))"
_RULES: Final = """
SELECT r.store_id AS store, r.reorder_point, r.safety_stock, r.target, r.lead_days, r.pack_quantity, r.minimum_order,
       r.version
  FROM stock_rule r WHERE r.tenant_id = $1 AND r.product_id = $2"""

_STANDING: Final = """
SELECT p.id AS product, p.sku, p.name, r.store_id AS store, r.reorder_point, r.safety_stock, r.target, r.lead_days,
       r.pack_quantity, r.minimum_order, r.version, p.sort_name,
       coalesce(r.store_id, '00000000-0000-0000-0000-000000000000'::uuid) AS sort_store
  FROM stock_rule r JOIN product p ON p.tenant_id = r.tenant_id AND p.id = r.product_id
 WHERE r.tenant_id = $1"""
_BY_NAME: Final = Order(
    "name",
    (
        Key("p.sort_name", "sort_name", str),
        Key("p.id", "product", UUID),
        Key("coalesce(r.store_id, '00000000-0000-0000-0000-000000000000'::uuid)", "sort_store", UUID),
    ),
)
_Place = tuple[date, str, str, UUID, UUID]


@dataclass(frozen=True, slots=True)
class Suggested:
    """A product of a store that should be ordered, how much and why.

    `unit_cost` is what the preferred supplier asks in the business's own money, else what one on hand cost.
    """

    product: UUID
    sku: str
    name: str
    unit: str
    store: UUID
    store_name: str
    unit_cost: Decimal
    need: Need
    suggestion: Suggestion
    ending: Ending
    supplier: UUID | None = None
    supplier_name: str = ""

    @property
    def runs_out(self) -> date | None:
        """Give the day on which it is gone in half of all cases."""
        return self.ending.day


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """A rule as it stands; `store` None: of all stores."""

    store: UUID | None
    reorder_point: Decimal | None = None
    safety_stock: Decimal | None = None
    target: Decimal | None = None
    lead_days: int | None = None
    pack_quantity: Decimal | None = None
    minimum_order: Decimal | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class ProductRule:
    """A rule beside the product that it is about."""

    product: UUID
    sku: str
    name: str
    rule: RuleFacts


async def suggestions(
    read: Read,
    *,
    store: UUID | None = None,
    product: UUID | None = None,
    text: str = "",
    supplier: UUID | None = None,
) -> list[Suggested]:
    """List what should be ordered now, what runs out first at the top. `supplier`: what is usually bought there."""
    where = narrowing(read, store=store, product=product, text=text, supplier=supplier)
    rows = await read.fetch(NEEDS + MAYBE + where.sql, *where.args)
    return suggested_in(rows, business_day(read.now, (await this_tenant(read)).timezone))


def narrowing(
    read: Read, *, store: UUID | None = None, product: UUID | None = None, text: str = "", supplier: UUID | None = None
) -> Conditions:
    """Give the conditions on what is needed that a list of suggestions wants."""
    where = Conditions(read.tenant, read.now)
    for condition, value in (("b.store_id", store), ("b.product_id", product), ("v.supplier", supplier)):
        if value:
            where.add(f"{condition} = {{}}", value)
    narrow_to_words(where, text)
    return where


def suggested_in(rows: Sequence[Row], today: date) -> list[Suggested]:
    """Say what should be ordered of what is needed, what runs out first at the top."""
    found = []
    for row in rows:
        need = _need(row)
        suggestion = suggest(need)
        if suggestion is not None:
            found.append(
                Suggested(
                    row["product"], row["sku"], row["name"], row["unit"], row["store"], row["store_name"],
                    row["unit_cost"], need, suggestion, ending(need, today), row["supplier"],
                    row["supplier_name"],
                )
            )  # fmt: skip
    return sorted(found, key=_place)


def paged(found: Sequence[Suggested], *, limit: int, after: str | None = None) -> Page[Suggested]:
    """Cut a page of suggestions; it goes on behind a place, whether that is still suggested or not. Raises Invalid."""
    behind = _place_in(after) if after else None
    rest = [one for one in found if behind is None or _place(one) > behind]
    shown = list(rest[:limit])
    return Page(shown, encode_cursor(*map(str, _place(shown[-1]))) if len(rest) > limit else None)


def _place(one: Suggested) -> _Place:
    return one.runs_out or date.max, one.name.lower(), one.store_name, one.product, one.store


def _place_in(after: str) -> _Place:
    day, name, store_name, product, store = map(str, decode_cursor(after, str, str, str, str, str))
    try:
        return date.fromisoformat(day), name, store_name, UUID(product), UUID(store)
    except ValueError as broken:
        wrong = _("This page link is not valid; start again from the first page.")
        raise Invalid({"after": [wrong]}) from broken


async def needs(read: Read, product: UUID) -> dict[UUID, Need]:
    """Tell what is known of a product in each store where it ever moved."""
    rows = await read.fetch(f"{NEEDS} AND b.product_id = $3", read.tenant, read.now, product)
    return {row["store"]: _need(row) for row in rows}


async def suggested(read: Read, pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Suggestion]:
    """Tell how much to order now of some products, by (store, product); those that need no order are left out."""
    stores, products = [store for store, _product in pairs], [product for _store, product in pairs]
    rows = await read.fetch(f"{NEEDS}{_OF_PAIRS}", read.tenant, read.now, stores, products)
    needed = {(row["store"], row["product"]): suggest(_need(row)) for row in rows}
    return {key: found for key, found in needed.items() if found is not None}


async def standing_rules(
    read: Read, *, product: UUID | None = None, store: UUID | None = None, limit: int, after: str | None = None
) -> Page[ProductRule]:
    """Give a page of the rules that somebody has set, by the products' names. Raises Invalid for another's cursor."""
    where = Conditions(read.tenant)
    if product:
        where.add("r.product_id = {}", product)
    if store:
        where.add("r.store_id = {}", store)
    _BY_NAME.go_on(where, after)
    sql = f"{_STANDING}{where.sql} ORDER BY {_BY_NAME.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([_product_rule(row) for row in rows[:limit]], _BY_NAME.following(rows, limit))


def _product_rule(row: Row) -> ProductRule:
    given: dict[str, Any] = {name: row[name] for name in ("store", *FIELDS, "version")}
    return ProductRule(row["product"], row["sku"], row["name"], RuleFacts(**given))


async def rules(read: Read, product: UUID) -> dict[UUID | None, RuleFacts]:
    """Give a product's rules by store; None is the key of the one of all stores, with the product's own point."""
    return {row["store"]: RuleFacts(**dict(row)) for row in await read.fetch(_RULES, read.tenant, product)}


def _need(row: Row) -> Need:
    given: dict[str, Any] = {name: row[name] for name in FIELDS}
    return Need(
        row["on_hand"], row["per_day"], decimals=row["decimals"], reserved=row["reserved"], incoming=row["incoming"],
        blocked=row["blocked"], ahead=ahead_of(row), **given,
    )  # fmt: skip
