"""The overview's figures: right after real sales, of all businesses together, each currency by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from retail.analytics import rebuild
from retail.console.figures import MINUTES, Overview, Queues, Reader, Size
from retail.console.jobs import count_sales, recount_days
from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.relay import Relay
from retail.sales.claims import claim_till
from tests.support.database import Clone
from tests.support.selling import Counter, open_counter
from tests.support.world import Shop, open_shop


async def read(db: Database) -> Overview:
    return await Reader(db)()


def taken(figures: Overview, currency: str = "EUR") -> tuple[int, int]:
    return next(((one.sales, one.revenue_minor) for one in figures.takings if one.currency == currency), (0, 0))


def today(counter: Counter) -> dict[str, str]:
    return {"occurred_at": counter.shop.db.clock.now().isoformat().replace("+00:00", "Z")}


async def test_sales_of_all_businesses_are_added_up_behind_the_relay(db: Database, shop: Shop, relay: Relay) -> None:
    other = await open_shop(db)
    before = await read(db)
    for one in (shop, other):
        counter = await open_counter(one)
        sold = [await counter.sell(one.products[0], **today(counter)) for _ in range(2)]
        assert taken(await read(db))[0] - taken(before)[0] == (0 if one is shop else 2), "nothing in the sale's own way"
        await relay.relay(one.tenant.id)
    after = await read(db)
    price = shop.products[0].price_minor
    assert len(sold) == 2
    assert taken(after) == (taken(before)[0] + 4, taken(before)[1] + 4 * price)
    assert sum(after.minutes) - sum(before.minutes) == 4
    assert after.sales - before.sales == 4


async def test_currencies_are_never_added(db: Database, shop: Shop, relay: Relay) -> None:
    swiss = await open_shop(db, currency="CHF")
    before = await read(db)
    for one in (shop, swiss):
        counter = await open_counter(one)
        await counter.sell(one.products[0], **today(counter))
        await relay.relay(one.tenant.id)
    after = await read(db)
    assert taken(after, "CHF")[0] == taken(before, "CHF")[0] + 1
    assert taken(after, "CHF")[1] == taken(before, "CHF")[1] + swiss.products[0].price_minor
    assert taken(after)[1] == taken(before)[1] + shop.products[0].price_minor


async def test_what_was_sold_days_ago_is_not_of_today(db: Database, shop: Shop, relay: Relay) -> None:
    counter, before = await open_counter(shop), await read(db)
    long_ago = (db.clock.now() - timedelta(days=3)).isoformat().replace("+00:00", "Z")
    await counter.sell(shop.products[0], occurred_at=long_ago)
    await relay.relay(shop.tenant.id)
    after = await read(db)
    assert taken(after) == taken(before)
    assert sum(after.minutes) == sum(before.minutes) + 1, "it came in this minute all the same"


async def test_today_ends_when_the_stores_own_day_ends(clone: Clone, db: Database, shop: Shop, relay: Relay) -> None:
    counter = await open_counter(shop)
    await counter.sell(shop.products[0], **today(counter))
    await relay.relay(shop.tenant.id)
    async with db.read(shop.scope) as unit:
        ends = await unit.fetchval("SELECT ends_at FROM pulse_day WHERE tenant_id = $1", unit.tenant)
    found = []
    for moment in (ends - timedelta(seconds=1), ends):
        at = await Database.connect(clone.app_url, size=2, clock=FixedClock(moment))
        found.append(taken(await read(at))[0])
        await at.close()
    assert found[0] - found[1] >= 1


async def test_takings_worked_out_anew_are_those_that_were_counted(db: Database, shop: Shop, relay: Relay) -> None:
    counter, before = await open_counter(shop), await read(db)
    for product in shop.products[:2]:
        await counter.sell(product, **today(counter))
    await relay.relay(shop.tenant.id)
    counted = taken(await read(db))
    assert counted[0] == taken(before)[0] + 2
    async with db.begin(shop.scope) as tx:
        await tx.execute("UPDATE pulse_day SET sales = 77 WHERE tenant_id = $1", tx.tenant)
        await rebuild(tx)
        await recount_days(tx)
    assert taken(await read(db)) == counted


async def test_a_tally_follows_what_is_opened_archived_and_settled(db: Database, clone: Clone) -> None:
    before = (await read(db)).size
    shop = await open_shop(db)
    opened = (await read(db)).size
    async with db.read(shop.scope) as unit:
        row = await unit.fetchrow(
            """SELECT (SELECT count(*) FROM store WHERE tenant_id = $1) AS stores,
                      (SELECT count(*) FROM till WHERE tenant_id = $1) AS tills,
                      (SELECT count(*) FROM product WHERE tenant_id = $1) AS products""",
            unit.tenant,
        )
    assert row is not None
    assert row["products"] > 1
    assert (opened.stores - before.stores, opened.tills - before.tills) == (row["stores"], row["tills"])
    assert opened.products - before.products == row["products"]
    async with db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET archived_at = now() WHERE tenant_id = $1", tx.tenant)
        await tx.execute("UPDATE product SET archived_at = now() WHERE tenant_id = $1", tx.tenant)
    assert (await read(db)).size.products == before.products
    async with db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET archived_at = NULL WHERE tenant_id = $1", tx.tenant)
    assert (await read(db)).size.products == opened.products
    alert, cashier = new_id(), new_id()
    async with db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO risk_alert (tenant_id, id, kind, outcome, least, minutes, store_id, cashier_id, occurred_at,
                                       created_at) VALUES ($1, $2, 'void', 'alert', 1, 1, $3, $4, $5, $5)""",
            tx.tenant, alert, shop.store, cashier, tx.now,
        )  # fmt: skip
    assert (await read(db)).size.alerts == before.alerts + 1
    async with db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO risk_verdict (tenant_id, alert_id, verdict, note, actor_name, decided_at)
               VALUES ($1, $2, 'dismissed', 'x', 'Olga', $3)""",
            tx.tenant, alert, tx.now,
        )  # fmt: skip
    assert (await read(db)).size.alerts == before.alerts


async def test_folding_the_tallies_changes_no_sum(db: Database, shop: Shop) -> None:
    for gone in ("now()", "NULL") * 15:
        async with db.begin(shop.scope) as tx:
            await tx.execute(f"UPDATE product SET archived_at = {gone} WHERE tenant_id = $1", tx.tenant)
    before = (await read(db)).size
    async with db.platform() as unit:
        assert await unit.fetchval("SELECT auth_fold_tallies(20)") > 20
    assert replace((await read(db)).size, people=0, online=0) == replace(before, people=0, online=0)
    async with db.read(shop.scope) as unit:
        kinds = await unit.fetch("SELECT kind FROM tally WHERE tenant_id = $1 AND kind = 'product'", unit.tenant)
    assert len(kinds) == 1


async def test_a_till_is_online_while_it_was_heard_of(db: Database, clone: Clone, shop: Shop) -> None:
    before = (await read(db)).size.online
    async with db.begin(shop.scope) as tx:
        await claim_till(tx, shop.till, new_id(), "Front", take_over=False)
    assert (await read(db)).size.online == before + 1
    later = await Database.connect(clone.app_url, size=2, clock=FixedClock(db.clock.now() + timedelta(minutes=3)))
    assert (await read(later)).size.online <= before
    await later.close()


async def test_queues_and_errors_are_counted(db: Database, shop: Shop) -> None:
    before = (await read(db)).queues
    async with db.begin(shop.scope) as tx:
        for name, failed, due in (
            ("x", None, tx.now), ("x", None, tx.now + timedelta(hours=1)), ("x", tx.now, tx.now),
            ("outbox.put_back", tx.now - timedelta(hours=2), tx.now),
        ):  # fmt: skip
            await tx.execute(
                """INSERT INTO job (tenant_id, id, name, args, created_at, run_after, failed_at)
                   VALUES ($1, $2, $3, '{}', $4, $5, $6)""",
                tx.tenant, new_id(), name, tx.now, due, failed,
            )  # fmt: skip
    after = (await read(db)).queues
    moved = [getattr(after, name) - getattr(before, name) for name in Queues.__slots__]
    assert dict(zip(Queues.__slots__, moved, strict=True)) == {
        "outbox": 0, "jobs": 1, "failed": 1, "set_aside": 1, "mail": 0, "errors": 1,
    }  # fmt: skip


async def test_minutes_that_are_over_are_read_once(db: Database, shop: Shop) -> None:
    reader = Reader(db)
    first = await reader()
    assert len(first.minutes) == MINUTES + 1
    async with db.begin(shop.scope) as tx:
        for back in (30, 0):
            await tx.execute(
                "INSERT INTO pulse_minute VALUES ($1, date_trunc('minute', $2::timestamptz), 7)",
                tx.tenant, tx.now - timedelta(minutes=back),
            )  # fmt: skip
    assert sum((await reader()).minutes) == sum(first.minutes) + 7, "of half an hour ago nothing is asked again"
    assert sum((await read(db)).minutes) == sum(first.minutes) + 14


def test_sales_per_minute_take_what_is_left_of_the_minute_before(db: Database) -> None:
    at = db.clock.now().replace(second=45, microsecond=0)
    figures = Overview(at, (*[0] * 59, 8, 3), (), {}, Size(*[0] * 6), Queues(*[0] * 6))
    assert figures.per_minute == 3 + 2


async def test_no_business_reads_anothers_pulse_nor_any_note(db: Database, shop: Shop, relay: Relay) -> None:
    counter = await open_counter(shop)
    await counter.sell(shop.products[0], **today(counter))
    await relay.relay(shop.tenant.id)
    other = await open_shop(db)
    for table in ("tally", "pulse_minute", "pulse_day", "till_claim"):
        async with db.read(other.scope) as unit:
            rows = await unit.fetch(f"SELECT tenant_id FROM {table}")
        assert {row["tenant_id"] for row in rows} <= {other.tenant.id}, table
    async with db.begin(other.scope) as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tx.savepoint():
                await tx.execute("SELECT * FROM business_note")


async def test_a_batch_without_sales_writes_nothing(db: Database, shop: Shop) -> None:
    async with db.begin(shop.scope) as tx:
        await count_sales(tx, [])
        assert await tx.fetchval("SELECT count(*) FROM pulse_minute WHERE tenant_id = $1", tx.tenant) == 0
