"""The rollups: kept by the relay, worked out anew by a rebuild, and always what the sales say."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from retail.analytics import rebuild
from retail.analytics.rollups.checks import checks
from retail.analytics.rollups.rebuilding import rebuild_all
from retail.analytics.rollups.sources import NOBODY, ROLLUPS
from retail.catalog.events import CatalogueChanged
from retail.catalog.operations import add_category, next_version
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.runtime.isolation import findings
from retail.runtime.relay import Relay
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from tests.support.database import Clone
from tests.support.selling import Counter, open_counter
from tests.support.world import Shop, Ware, open_shop

DAY = date(2026, 11, 20)
HOURS = "SELECT * FROM sales_hour WHERE tenant_id = $1 ORDER BY store_id, business_date, local_hour"
PRODUCTS = "SELECT * FROM product_day WHERE tenant_id = $1 ORDER BY store_id, product_id, business_date"


async def rows(shop: Shop, sql: str) -> list[dict[str, Any]]:
    async with shop.db.read(shop.scope) as read:
        return [dict(row) for row in await read.fetch(sql, shop.tenant.id)]


async def everything(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    """Give every rollup; rows that came to nothing may be there or not."""
    return {
        one.table: [
            row
            for row in await rows(shop, f"SELECT * FROM {one.table} WHERE tenant_id = $1 ORDER BY {one.keys}")
            if any(row[figure] for figure in one.summed)
        ]
        for one in ROLLUPS
    }


async def relay_all(relay: Relay, shop: Shop) -> None:
    while await relay.relay(shop.tenant.id):
        pass


async def give_back(counter: Counter, sale: dict[str, Any], line: int, milli: int) -> None:
    """Take something back, paid out in cash, at the time of the test's own run."""
    back = ReturnIn(
        new_id(), counter.till, UUID(sale["shift"]), {UUID(sale["lines"][line]["id"]): milli}, (), new_id().bytes * 2
    )
    await counter.shop.db.run(counter.shop.scope, return_goods, UUID(sale["id"]), back)


async def differences(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        found = await checks(read)
    return [one.detail for one in found if not one.ok]


async def test_a_sale_and_its_return_are_in_the_rollups_to_the_last_unit(counter: Counter, relay: Relay) -> None:
    shop = counter.shop
    loaf, cola = shop.products[0], shop.products[3]
    sale = counter.sale((loaf, 2), (cola, 3))
    await counter.send(sale)
    await relay_all(relay, shop)
    assert await rows(shop, HOURS) == [
        {
            "tenant_id": shop.tenant.id,
            "store_id": shop.store,
            "business_date": DAY,
            "local_hour": 13,
            "sales": 1,
            "units": Decimal("5.000"),
            "revenue_minor": 1170,
            "tax_minor": 108,
            "cost_minor": 462,
            "refunds": 0,
            "refunds_minor": 0,
            "discount_minor": 0,
        }
    ]
    await give_back(counter, sale, 1, 1000)
    await relay_all(relay, shop)
    hours = await rows(shop, HOURS)
    assert sum(row["revenue_minor"] for row in hours) == 1060
    assert [(row["refunds"], row["refunds_minor"], row["sales"]) for row in hours if row["refunds"]] in (
        [(1, 110, 0)],
        [(1, 110, 1)],  # where the test happens to run in the hour of the sale
    )
    of_cola = [row for row in await rows(shop, PRODUCTS) if row["product_id"] == cola.id]
    assert sum(row["units"] for row in of_cola) == 2
    assert sum(row["revenue_minor"] for row in of_cola) == 220
    assert sum(row["sales"] for row in of_cola) == 1
    assert await differences(shop) == []


async def test_events_that_came_in_one_batch_or_one_by_one_leave_the_same_rows(shop: Shop, relay: Relay) -> None:
    counter = await open_counter(shop)
    await counter.send(*[counter.sale(shop.products[at % 6]) for at in range(7)])
    while await relay.relay(shop.tenant.id, batch=1):
        pass
    one_by_one = await everything(shop)
    await shop.db.run(shop.scope, rebuild)
    assert await everything(shop) == one_by_one
    assert {table: sum(row["sales"] for row in one_by_one[table]) for table in ("sale_fact", "tender_day")} == {
        "sale_fact": 7,
        "tender_day": 7,
    }


@pytest.mark.parametrize("seed", range(6))
async def test_keeping_and_rebuilding_agree_whatever_happens(seed: int, shop: Shop, relay: Relay) -> None:
    chance = random.Random(seed)
    counters = [await open_counter(shop, till) for till in (shop.till, shop.second_till)]
    sold: list[tuple[Counter, dict[str, Any]]] = []
    for _step in range(40):
        counter = chance.choice(counters)
        action = chance.random()
        if action < 0.6:
            at = datetime(2026, 11, 20, 12, tzinfo=UTC) - timedelta(minutes=chance.randrange(60 * 24 * 9))
            lines = [(chance.choice(shop.products), chance.choice(["1", "2", "7"])) for _line in range(3)]
            group = chance.choice([{}, {"price_group": "Staff"}])
            sale = counter.sale(*lines, occurred_at=at.isoformat(), tenders=paid(chance, lines), **group)
            await counter.send(sale)
            sold.append((counter, sale))
        elif action < 0.75 and sold:
            counter, sale = sold.pop(chance.randrange(len(sold)))
            await give_back(counter, sale, chance.randrange(3), 1000)
        elif action < 0.8:
            await move(shop, chance.choice(shop.products).id, chance.choice([None, *await categories(shop)]))
        elif action < 0.92:
            await relay.relay(shop.tenant.id, batch=chance.randrange(1, 9))
        else:
            await shop.db.run(shop.scope, rebuild)  # also while events wait: they count once all the same
        assert await differences(shop) == []
    await relay_all(relay, shop)
    assert await differences(shop) == []
    kept = await everything(shop)
    await shop.db.run(shop.scope, rebuild)
    assert await everything(shop) == kept
    await shop.db.run(shop.scope, wreck)
    assert await differences(shop) != []
    seen: list[tuple[int, int]] = []

    async def told(done: int, total: int) -> None:
        seen.append((done, total))

    await rebuild_all(shop.db, shop.scope, told)
    assert await everything(shop) == kept
    assert seen[0] == (0, seen[-1][1])
    assert seen[-1][0] == seen[-1][1] > 0


async def test_a_rebuild_of_some_days_leaves_the_others_alone(counter: Counter, relay: Relay, clone: Clone) -> None:
    shop = counter.shop
    await counter.send(
        counter.sale(occurred_at="2026-11-18T09:00:00Z"),
        counter.sale(occurred_at="2026-11-19T09:00:00Z"),
    )
    await relay_all(relay, shop)
    await spoil(clone, shop)
    await shop.db.run(shop.scope, rebuild, date(2026, 11, 19), date(2026, 11, 19))
    assert [(row["business_date"].day, row["revenue_minor"]) for row in await rows(shop, HOURS)] == [
        (18, 421),
        (19, 420),
    ]


async def test_the_check_names_the_row_that_is_wrong_and_by_how_much(
    counter: Counter, relay: Relay, clone: Clone
) -> None:
    shop = counter.shop
    await counter.sell()
    await relay_all(relay, shop)
    await spoil(clone, shop)
    assert await differences(shop) == [
        f"store_id {shop.store}, business_date 2026-11-20, local_hour 13: revenue_minor 421 instead of 420"
    ]


async def test_another_business_sees_none_of_it(counter: Counter, relay: Relay) -> None:
    await counter.sell()
    await relay_all(relay, counter.shop)
    stranger = await open_shop(counter.shop.db)
    async with stranger.db.read(stranger.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM sales_hour") == 0
        assert await read.fetchval("SELECT count(*) FROM product_day") == 0


async def test_facts_tell_a_sale_by_every_side_that_it_has(counter: Counter, relay: Relay) -> None:
    shop = counter.shop
    loaf, cola = shop.products[0], shop.products[3]
    await counter.send(
        counter.sale((loaf, 2), (cola, 1), tenders=[cash(500), card(450)], price_group="Staff"),
        counter.sale((loaf, 1)),
    )
    await relay_all(relay, shop)
    facts = await rows(shop, "SELECT * FROM sale_fact WHERE tenant_id = $1 ORDER BY tender DESC")
    assert [(row["tender"], row["customer_group"], row["till_id"], row["sales"]) for row in facts] == [
        ("mixed", "Staff", shop.till, 1),
        ("cash", "", shop.till, 1),
    ]
    lines = await rows(shop, "SELECT * FROM line_fact WHERE tenant_id = $1")
    assert {(row["tender"], row["product_id"]): row["units"] for row in lines} == {
        ("mixed", loaf.id): 2,
        ("mixed", cola.id): 1,
        ("cash", loaf.id): 1,
    }
    paid_by = await rows(shop, "SELECT type, amount_minor, sales FROM tender_day WHERE tenant_id = $1 ORDER BY type")
    assert [(row["type"], row["sales"]) for row in paid_by] == [("card", 1), ("cash", 2)]
    assert sum(row["amount_minor"] for row in paid_by) == sum(row["revenue_minor"] for row in facts)


async def test_what_a_product_sold_goes_with_it_into_its_new_category(counter: Counter, relay: Relay) -> None:
    shop = counter.shop
    loaf = shop.products[0]
    first, *_rest = await categories(shop)
    await move(shop, loaf.id, first)
    await counter.send(counter.sale((loaf, 3), occurred_at="2026-11-18T09:00:00Z"), counter.sale((loaf, 2)))
    await relay_all(relay, shop)
    await move(shop, loaf.id, None)
    assert await differences(shop) == [], "what the relay has yet to hear of is no difference"
    await relay_all(relay, shop)
    stand = await rows(
        shop, "SELECT category_id, sum(units) AS units FROM category_day WHERE tenant_id = $1 GROUP BY 1"
    )
    assert {row["category_id"]: row["units"] for row in stand} == {first: 0, NOBODY: 5}
    assert await differences(shop) == []


async def test_months_have_partitions_and_a_date_far_ahead_has_a_place_too(
    counter: Counter, relay: Relay, clone: Clone
) -> None:
    shop = counter.shop
    await counter.send(counter.sale(occurred_at="2019-05-02T09:00:00Z"), counter.sale())
    await relay_all(relay, shop)
    conn = await asyncpg.connect(clone.admin_url)
    lies = await conn.fetch(
        "SELECT tableoid::regclass::text AS part FROM sale_fact WHERE tenant_id = $1", shop.tenant.id
    )
    assert {row["part"] for row in lies} == {"sale_fact_earlier", "sale_fact_2026_11"}
    await conn.execute(
        """INSERT INTO sale_fact SELECT tenant_id, DATE '2034-06-30', local_hour, store_id, till_id, cashier_id, tender,
             customer_group, sales, units, revenue_minor, tax_minor, cost_minor, refunds, refunds_minor, discount_minor
             FROM sale_fact WHERE tenant_id = $1 LIMIT 1""",
        shop.tenant.id,
    )
    later = "SELECT tableoid::regclass::text FROM sale_fact WHERE tenant_id = $1 AND business_date = '2034-06-30'"
    assert await conn.fetchval(later, shop.tenant.id) == "sale_fact_later"
    await conn.execute("SET ROLE countertop_owner")
    assert await conn.fetchval("SELECT keep_months('2034-07-15')") > 0
    assert await conn.fetchval("SELECT keep_months('2034-07-15')") == 0
    await conn.execute("RESET ROLE")
    assert await conn.fetchval(later, shop.tenant.id) == "sale_fact_2034_06"
    assert await findings(conn) == []
    await conn.close()


def cash(minor: int) -> dict[str, Any]:
    return {"type": "cash", "amount": minor, "change": 0}


def card(minor: int) -> dict[str, Any]:
    return {"type": "card", "amount": minor, "change": 0}


def paid(chance: random.Random, lines: list[tuple[Ware, str]]) -> list[dict[str, Any]]:
    """Pay in cash, by card, or by both."""
    due = sum(ware.price_minor * int(quantity) for ware, quantity in lines)
    return chance.choice([[cash(due)], [card(due)], [cash(due // 2), card(due - due // 2)]])


async def categories(shop: Shop) -> list[UUID]:
    """Give two categories; the second is made where there is one only."""
    async with shop.db.begin(shop.scope) as tx:
        found = [
            row["id"] for row in await tx.fetch("SELECT id FROM category WHERE tenant_id = $1 ORDER BY name", tx.tenant)
        ]
        if len(found) == 1:
            await add_category(tx, made := new_id(), "Household", 20, 2)
            found.append(made)
    return found


async def move(shop: Shop, product: UUID, category: UUID | None) -> None:
    """Put a product into a category, as an edit of the catalogue does."""
    async with shop.db.begin(shop.scope) as tx:
        version = await next_version(tx)
        await tx.execute(
            "UPDATE product SET category_id = $3, version = $4 WHERE tenant_id = $1 AND id = $2",
            tx.tenant, product, category, version,
        )  # fmt: skip
        tx.emit(CatalogueChanged(version))


async def wreck(tx: Tx) -> None:
    """Spoil some rows of every rollup, and lose the others; one is of a month that nothing was sold in."""
    for one in ROLLUPS:
        figure = one.summed[-1]
        where = f"tenant_id = $1 AND {one.day} < (SELECT max({one.day}) FROM {one.table} WHERE tenant_id = $1)"
        await tx.execute(f"DELETE FROM {one.table} WHERE {where}", tx.tenant)
        await tx.execute(f"UPDATE {one.table} SET {figure} = {figure} + 7 WHERE tenant_id = $1", tx.tenant)
    await tx.execute(
        "UPDATE sales_hour SET business_date = '2024-02-03' WHERE ctid IN (SELECT min(ctid) FROM sales_hour)"
    )


async def spoil(clone: Clone, shop: Shop) -> None:
    """Put one minor unit too much into every hour, as the application never could."""
    conn = await asyncpg.connect(clone.admin_url)
    await conn.execute("UPDATE sales_hour SET revenue_minor = revenue_minor + 1 WHERE tenant_id = $1", shop.tenant.id)
    await conn.close()
