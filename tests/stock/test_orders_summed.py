"""What should be ordered, in short: the sums that the database makes are those that the rule makes of each row."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from retail.kit.clock import business_day
from retail.kit.ids import new_id
from retail.stock.insights import dead, dead_in_short
from retail.stock.reordering.queries import NEEDS, suggested_in, suggestions
from retail.stock.reordering.summing import in_short
from retail.stock.reordering.words import cost
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

_MORE = """
INSERT INTO product (tenant_id, id, sku, name, tax_class_id, price_minor, unit, decimals, unit_cost, reorder_point,
                     favourite, version, created_at, updated_at)
SELECT $1, u.id, 'M-' || u.n, (ARRAY['beans', 'Beans', 'Éclair', 'zest'])[1 + u.n % 4] || ' ' || u.n % 7, $2, 100,
       'each', CASE WHEN u.n % 3 = 0 THEN 3 ELSE 0 END, 50, u.point, false, 1, now(), now()
  FROM unnest($3::uuid[], $4::numeric[]) WITH ORDINALITY AS u (id, point, n)"""
_BALANCES = """
INSERT INTO stock_balance (tenant_id, store_id, product_id, on_hand, unit_cost, worth, updated_at)
SELECT $1, $2, u.id, u.held, u.cost, u.held * u.cost, now()
  FROM unnest($3::uuid[], $4::numeric[], $5::numeric[]) AS u (id, held, cost)"""
_LOW = """
UPDATE stock_balance b SET low_since = now() FROM product p
 WHERE p.tenant_id = $1 AND p.id = b.product_id AND b.on_hand <= p.reorder_point"""
_PACES = """
INSERT INTO product_pace (tenant_id, store_id, product_id, as_of, days, units)
SELECT $1, $2, u.id, current_date, 7 + u.n % 22, u.units
  FROM unnest($3::uuid[], $4::numeric[]) WITH ORDINALITY AS u (id, units, n)
 WHERE u.units > 0"""
_RULES = """
INSERT INTO stock_rule (tenant_id, id, product_id, store_id, safety_stock, target, lead_days, pack_quantity,
                        minimum_order, version, updated_at)
SELECT $1, gen_random_uuid(), u.id, CASE WHEN u.n % 2 = 0 THEN $2::uuid END, u.safety, u.target, (u.n % 9)::integer,
       CASE WHEN u.n % 4 = 0 THEN 6 WHEN u.n % 4 = 1 THEN 2.5 END, CASE WHEN u.n % 5 = 0 THEN 24 END, 1, now()
  FROM unnest($3::uuid[], $4::numeric[], $5::numeric[]) WITH ORDINALITY AS u (id, safety, target, n)"""

# Days to come: from none to nine a day; the middle lies below the mean, and errors grow with the level.
_AHEAD = """
INSERT INTO demand_ahead (tenant_id, store_id, product_id, run, first_day, abc, keeps_days, expected, middle, spread)
SELECT $1, $2, u.id, 1, $5::date - (u.n % 5)::integer, (ARRAY['A', 'B', 'C'])[1 + u.n % 3],
       CASE WHEN u.n % 6 = 0 THEN 2 + u.n % 70 END,
       (SELECT array_agg((u.daily * h * 1000)::bigint + h * h ORDER BY h) FROM generate_series(1, 60) h),
       (SELECT array_agg((u.daily * h * 900)::bigint ORDER BY h) FROM generate_series(1, 60) h),
       (SELECT array_agg(l.line ORDER BY l.level) FROM (
          SELECT level, (SELECT array_agg((level - 5) * 300 + (u.n * a) % 200 ORDER BY a) FROM generate_series(1, 18) a)
                          AS line FROM generate_series(1, 11) level) l)
  FROM unnest($3::uuid[], $4::numeric[]) WITH ORDINALITY AS u (id, daily, n)"""
_SETTING = "INSERT INTO setting (tenant_id, id, key, value, changed_at) VALUES ($1, gen_random_uuid(), $2, $3, now())"


def some(chance: random.Random, *values: str) -> Decimal | None:
    """Pick one; '' is nothing."""
    picked = chance.choice(values)
    return Decimal(picked) if picked else None


@pytest.mark.parametrize("seed", range(4))
async def test_the_sums_are_those_of_the_rule(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    ids = [new_id() for _ in range(300)]
    tenant, ruled, foreseen = shop.tenant.id, ids[::3], ids[1::2]
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(_MORE, tenant, shop.standard, ids, [some(chance, "", "", "0", "4", "7.5") for _ in ids])
        held = [some(chance, "-2", "0", "1", "3.25", "6", "12", "900") for _ in ids]
        costs = [some(chance, "0", "0.333333", "49.5", "120.125") for _ in ids]
        await tx.execute(_BALANCES, tenant, shop.store, ids, held, costs)
        await tx.execute(_PACES, tenant, shop.store, ids, [some(chance, "0", "0", "1", "3", "10", "55.5") for _ in ids])
        await tx.execute(_LOW, tenant)
        safe = [some(chance, "", "0", "2", "5.5") for _ in ruled]
        await tx.execute(_RULES, tenant, shop.store, ruled, safe, [some(chance, "", "", "0", "30") for _ in ruled])
        expected = [some(chance, "0", "0.05", "1.25", "3", "9") for _ in foreseen]
        await tx.execute(_AHEAD, tenant, shop.store, foreseen, expected, business_day(tx.now, shop.tenant.timezone))
        await tx.execute(_SETTING, tenant, "service_b", '"99"')
        await tx.execute(_SETTING, tenant, "review_days", "7" if seed % 2 else "1")
    async with shop.db.read(shop.scope) as read:
        every = await suggestions(read)
        candidates = suggested_in(
            await read.fetch(NEEDS, tenant, read.now), business_day(read.now, shop.tenant.timezone)
        )
        short = await in_short(read, most=20)
        everything = await in_short(read, most=1000)
        narrowed = await in_short(read, most=1000, store=shop.store, text="zest")
        nothing = await in_short(read, most=20, store=shop.second_store)
    assert len(every) > 50
    assert {one.need.forecast is not None for one in every} == {True, False}
    assert candidates == every, "nothing is left out before the rule is asked"
    assert (short.count, short.cost_minor) == (len(every), sum(cost(one) for one in every))
    assert short.first == every[:20]
    assert everything.first == every
    assert narrowed.first == [one for one in every if "zest" in one.name]
    assert (nothing.count, nothing.cost_minor, nothing.first) == (0, 0, [])


async def test_a_point_that_comes_of_a_pace_goes_out_to_three_decimals(site: Site, shop: Shop) -> None:
    loaf = shop.products[1]
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(_BALANCES, tx.tenant, shop.store, [loaf.id], [Decimal(1)], [Decimal(80)])
        await tx.execute("UPDATE product SET reorder_point = NULL WHERE tenant_id = $1 AND id = $2", tx.tenant, loaf.id)
        await tx.execute(_PACES.replace("7 + u.n % 22", "28"), tx.tenant, shop.store, [loaf.id], [Decimal(19)])
    owner = await site.member(shop)
    file = await owner.get(f"/t/{shop.tenant.slug}/stock/suggestions/export")
    assert file.status_code == 200
    heading, row = file.text.splitlines()
    assert dict(zip(heading.split(","), row.split(","), strict=False))["reorder_at"] == "2.036"


@pytest.mark.parametrize("narrowed", [False, True])
async def test_dead_stock_in_short_is_dead_stock(shop: Shop, narrowed: bool) -> None:
    ids = [one.id for one in shop.products]
    store = shop.store if narrowed else None
    async with shop.db.begin(shop.scope) as tx:
        for where in (shop.store, shop.second_store):
            held = [Decimal(at) for at in range(len(ids))]
            await tx.execute(_BALANCES, tx.tenant, where, ids, held, [Decimal("10.4")] * len(ids))
        # nothing was folded into the third for a year, and the fourth moved the other day without being sold
        await tx.execute(
            "UPDATE stock_balance SET updated_at = now() - interval '1 year' WHERE product_id = $1", ids[2]
        )
        await tx.execute(
            """INSERT INTO product_day (tenant_id, store_id, product_id, business_date, sales, units, revenue_minor,
                                        tax_minor, cost_minor) VALUES ($1, $2, $3, current_date, 1, 1, 100, 0, 50)""",
            tx.tenant, shop.store, ids[4],
        )  # fmt: skip
        await tx.execute(
            """INSERT INTO stock_move (tenant_id, id, store_id, product_id, kind, quantity, unit_cost, reason,
                                       actor_name, occurred_at, created_at)
               VALUES ($1, $2, $3, $4, 'receipt', 1, 50, '', 'Olga', $5, $5)""",
            tx.tenant, new_id(), shop.second_store, ids[5], tx.now - timedelta(days=3),
        )  # fmt: skip
    async with shop.db.read(shop.scope) as read:
        every, short = await dead(read, store), await dead_in_short(read, store, 3)
        none = await dead_in_short(read, new_id(), 3)
    assert len(every) == (4 if narrowed else 8)
    assert (short.products, short.value) == (len({one.product for one in every}), sum(one.value for one in every))
    assert short.dearest == every[:3]
    assert (none.products, none.value, none.dearest) == (0, 0, [])
