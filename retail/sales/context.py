"""What the shop knows about a set of sales, read in one round trip: terms, places, wares, taxes.

The shifts are held (FOR KEY SHARE) from here to the commit, so that a closing that adds up its takings waits for these
sales, and these sales see a closing that came first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from retail.runtime.db import Tx
from retail.sales.assess import Spot, Terms
from retail.sales.documents import SaleIn
from retail.sales.tax_terms import DATED, PARTED, taxing
from retail.sales.taxing import TaxClass, Taxing
from retail.sales.wares import GOODS, KIT, PartOf, Ware, kit_cost
from retail.stock.places.blocked import BLOCKED

# Of goods that are kept for somebody: how much must stay there, with what lies blocked beside it; 0 where none are.
KEPT: Final = f"""(coalesce((SELECT sum(r.quantity) FROM reservation r
    WHERE r.tenant_id = $1 AND r.store_id = {{store}} AND r.product_id = {{product}}
      AND r.released_at IS NULL AND r.expires_at > now()) + {BLOCKED}, 0) * 1000)::bigint"""  # noqa: S608 - constants
# `(SELECT $n)` hides the arrays' lengths from the planner. With them it finds each set's own plan a little cheaper than
# the prepared one and plans anew every time, which takes three times as long as the query itself.
# `spots` is in the order of the sales; `stored` tells which of them are here already. JSON keeps it one row and one
# round trip; the figures inside are whole numbers, so none loses a digit. `OFFSET 0` looks products and balances up one
# by one: joined plainly, the planner reads a whole small catalogue for every sale.
_CONTEXT: Final = f"""
WITH held AS MATERIALIZED (
  SELECT h.id, h.till_id, h.closed_at FROM shift h
   WHERE h.tenant_id = $1 AND h.id = ANY((SELECT $4::uuid[])::uuid[]) ORDER BY h.id FOR KEY SHARE)
SELECT t.currency, t.prices_include_tax, t.cash_unit_minor,
  (SELECT json_agg(json_build_array(k.store_id, s.timezone, s.day_cutoff_hour, h.till_id IS NOT NULL,
                                    h.closed_at IS NOT NULL,
                                    w.number = 1 OR EXISTS (SELECT FROM sale b
                                      WHERE b.tenant_id = $1 AND b.till_id = w.till AND b.kind <> 'return'
                                        AND b.number = w.number - 1)) ORDER BY w.place)
     FROM unnest((SELECT $3::uuid[]), (SELECT $4::uuid[]), (SELECT $5::bigint[]))
            WITH ORDINALITY AS w (till, shift, number, place)
     LEFT JOIN till k ON k.tenant_id = $1 AND k.id = w.till
     LEFT JOIN store s ON s.tenant_id = $1 AND s.id = k.store_id
     LEFT JOIN held h ON h.id = w.shift AND h.till_id = w.till) AS spots,
  (SELECT json_agg(a.id) FROM sale a WHERE a.tenant_id = $1 AND a.id = ANY((SELECT $2::uuid[])::uuid[])) AS stored,
  (SELECT json_agg(json_build_array(k.store_id, p.id, p.sku, p.name, coalesce(o.price_minor, p.price_minor),
                                    p.archived_at IS NOT NULL,
                                    x.code, x.rate_micros,
                                    (coalesce(b.unit_cost, p.unit_cost) * 1000000)::bigint,
                                    (coalesce(b.on_hand, 0) * 1000)::bigint, p.kind, p.open_price, p.min_age,
                                    p.decimals, {KEPT.format(store="k.store_id", product="w.product")}))
     FROM unnest((SELECT $6::uuid[]), (SELECT $7::uuid[])) AS w (till, product)
     JOIN till k ON k.tenant_id = $1 AND k.id = w.till
    CROSS JOIN LATERAL (SELECT a.id, a.sku, a.name, a.price_minor, a.archived_at, a.tax_class_id, a.unit_cost,
                               a.kind, a.open_price, a.min_age, a.decimals
                          FROM product a WHERE a.tenant_id = $1 AND a.id = w.product OFFSET 0) p
     JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
     LEFT JOIN LATERAL (SELECT a.unit_cost, a.on_hand FROM stock_balance a
                         WHERE a.tenant_id = $1 AND a.store_id = k.store_id AND a.product_id = w.product
                        OFFSET 0) b ON true
     LEFT JOIN LATERAL (SELECT a.price_minor FROM store_price a
                         WHERE a.tenant_id = $1 AND a.store_id = k.store_id AND a.product_id = w.product
                        OFFSET 0) o ON true) AS wares,
  {DATED} AS dated, {PARTED} AS parted
  FROM tenant t WHERE t.id = $1
"""  # noqa: S608 - of constants alone

# Rare: a till whose opening was refused sold on under it. What names another till's shift is not of this drawer.
_OPEN_INSTEAD: Final = """
SELECT w.till, w.shift, h.id
  FROM unnest($2::uuid[], $3::uuid[]) AS w (till, shift)
  JOIN shift h ON h.tenant_id = $1 AND h.till_id = w.till AND h.closed_at IS NULL
 WHERE NOT EXISTS (SELECT FROM shift o WHERE o.tenant_id = $1 AND o.id = w.shift)
 ORDER BY h.id FOR KEY SHARE OF h
"""


# Asked only where a kit is sold.
_PARTS: Final = f"""
SELECT s.id AS store, k.kit_id, k.quantity, p.id, p.sku, p.name, p.price_minor, p.archived_at IS NOT NULL AS archived,
       x.code, x.rate_micros, (coalesce(b.unit_cost, p.unit_cost) * 1000000)::bigint AS unit_cost_micros,
       (coalesce(b.on_hand, 0) * 1000)::bigint AS on_hand_milli,
       {KEPT.format(store="s.id", product="p.id")} AS kept_milli
  FROM kit_parts($3::uuid[]) k
  JOIN product p ON p.tenant_id = $1 AND p.id = k.part_id AND p.kind = 'goods'
  JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
 CROSS JOIN unnest($2::uuid[]) AS s (id)
  LEFT JOIN stock_balance b ON b.tenant_id = $1 AND b.store_id = s.id AND b.product_id = p.id
 ORDER BY s.id, k.kit_id, p.id
"""  # noqa: S608 - of constants alone


@dataclass(frozen=True, slots=True)
class Context:
    """What a set of sales is worked out with. `spots` go with the sales by place; None: an unknown till."""

    terms: Terms
    spots: Sequence[Spot | None]
    stored: frozenset[UUID]
    wares: Mapping[UUID, Mapping[UUID, Ware]]
    tax_classes: Sequence[TaxClass]
    taxing: Taxing
    choice_prices: Mapping[UUID, int] = field(default_factory=dict)


async def hold_context(tx: Tx, sales: Sequence[SaleIn]) -> Context:
    """Read what is needed to work the sales out, and hold their shifts open or closed as they are."""
    wanted = {(sale.till, line.product): None for sale in sales for line in sale.lines if line.product}
    row = await tx.fetchrow(
        _CONTEXT,
        tx.tenant,
        [sale.id for sale in sales],
        [sale.till for sale in sales],
        [sale.shift for sale in sales],
        [sale.number for sale in sales],
        [till for till, _product in wanted],
        [product for _till, product in wanted],
    )
    if row is None:
        raise LookupError("the transaction's tenant does not exist")
    wares = await _with_parts(tx, _wares(row["wares"]))
    return Context(
        Terms(row["currency"], row["prices_include_tax"], row["cash_unit_minor"]),
        await _count_elsewhere(tx, sales, _spots(row["spots"])),
        frozenset(UUID(id) for id in json.loads(row["stored"] or "[]")),
        wares,
        [] if _all_known(sales, wares) else await _tax_classes(tx),
        await taxing(tx, row["dated"], row["parted"], sales),
        await _choice_prices(tx, sales),
    )


async def _choice_prices(tx: Tx, sales: Sequence[SaleIn]) -> dict[UUID, int]:
    """Give what the choices cost that the sales name; mostly there are none."""
    wanted = {choice.id for sale in sales for line in sale.lines for choice in line.choices}
    if not wanted:
        return {}
    rows = await tx.fetch(
        "SELECT id, price_minor FROM modifier WHERE tenant_id = $1 AND id = ANY($2)", tx.tenant, list(wanted)
    )
    return {row["id"]: row["price_minor"] for row in rows}


async def _count_elsewhere(tx: Tx, sales: Sequence[SaleIn], spots: Sequence[Spot | None]) -> Sequence[Spot | None]:
    """Give the sales that name a shift which nobody knows to the open shift of their till, and hold that."""
    lost = {
        (sale.till, sale.shift)
        for sale, spot in zip(sales, spots, strict=True)
        if spot and sale.shift and not spot.shift_known
    }
    if not lost:
        return spots
    rows = await tx.fetch(_OPEN_INSTEAD, tx.tenant, [till for till, _shift in lost], [shift for _till, shift in lost])
    open_now = {(row["till"], row["shift"]): row["id"] for row in rows}
    return [
        replace(spot, counted_in=open_now.get((sale.till, sale.shift))) if spot and not spot.shift_known else spot
        for sale, spot in zip(sales, spots, strict=True)
    ]


def _spots(text: str) -> list[Spot | None]:
    return [
        None if store is None else Spot(UUID(store), timezone, cutoff, known, closed, follows)
        for store, timezone, cutoff, known, closed, follows in json.loads(text)
    ]


def _wares(text: str | None) -> dict[UUID, dict[UUID, Ware]]:
    stores: dict[UUID, dict[UUID, Ware]] = {}
    for store, id, sku, name, price, archived, code, rate, cost, on_hand, kind, *more in json.loads(text or "[]"):
        own = cost if kind == GOODS else 0  # a service leaves no shelf, a kit costs what its parts do
        open_price, min_age, decimals, kept = more
        ware = Ware(UUID(id), sku, name, price, archived, code, rate, own, on_hand, kind, open_price, (), min_age)
        ware.by_piece, ware.kept_milli = decimals == 0, kept
        stores.setdefault(UUID(store), {})[ware.id] = ware
    return stores


async def _with_parts(tx: Tx, wares: dict[UUID, dict[UUID, Ware]]) -> dict[UUID, dict[UUID, Ware]]:
    """Put their parts to the kits; a part that is also sold by itself is the same ware, with one figure on hand."""
    kits = {id for of_store in wares.values() for id, ware in of_store.items() if ware.kind == KIT}
    if not kits:
        return wares
    parts: dict[UUID, dict[UUID, Ware]] = {store: dict(of_store) for store, of_store in wares.items()}
    inside: dict[tuple[UUID, UUID], list[PartOf]] = {}
    for store, kit, quantity, *facts, kept in await tx.fetch(_PARTS, tx.tenant, list(wares), list(kits)):
        ware = Ware(*facts)
        ware.kept_milli = kept
        part = parts[store].setdefault(ware.id, ware)
        inside.setdefault((store, kit), []).append(PartOf(part, quantity))
    for (store, kit), found in inside.items():
        if kit in wares[store]:
            wares[store][kit].parts = found
            wares[store][kit].unit_cost_micros = kit_cost(found)
    return wares


def _all_known(sales: Sequence[SaleIn], wares: Mapping[UUID, Mapping[UUID, Ware]]) -> bool:
    found = {id for of_store in wares.values() for id in of_store}
    return all(line.product in found for sale in sales for line in sale.lines)


async def _tax_classes(tx: Tx) -> list[TaxClass]:
    rows = await tx.fetch("SELECT code, rate_micros FROM tax_class WHERE tenant_id = $1 ORDER BY code", tx.tenant)
    return [TaxClass(row["code"], row["rate_micros"]) for row in rows]
