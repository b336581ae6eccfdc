"""What orders go by: written each night, as sure as past forecasts were, and read by the stock's own list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import pytest

from retail.foresight.history import History, Sold
from retail.foresight.reckoning import reckon
from retail.stock.reordering.ahead import ANCHORS, DAYS, LEVELS
from retail.stock.reordering.queries import needs
from tests.foresight.conftest import forecast_now
from tests.support.days import today, trading_day
from tests.support.shelves import stocked
from tests.support.world import Shop, open_shop

LAST = date(2026, 11, 22)
STORE = UUID(int=7)
QUARTER, NEW = UUID(int=1), UUID(int=2)


def past(days: int) -> History:
    """Sell four to eight a day of one product, and two a day of another in the last ten days."""
    first = LAST - timedelta(days=days - 1)
    each = [first + timedelta(days=at) for at in range(days)]
    chance = np.random.default_rng(5)
    amounts = {
        (STORE, QUARTER): {day: float(chance.integers(4, 9)) for day in each},
        (STORE, NEW): dict.fromkeys(each[-10:], 2.0),
    }
    return History(first, LAST, "DE", {STORE: set(each)}, (Sold("product", "units", amounts),))


def test_a_product_of_a_quarter_is_projected_and_one_of_ten_days_is_not() -> None:
    (made,) = reckon(past(91), {})
    (one,) = made.projected
    assert one.subject == (STORE, QUARTER)
    assert (len(one.expected), len(one.middle)) == (DAYS, DAYS)
    assert (len(one.spread), {len(line) for line in one.spread}) == (len(LEVELS), {len(ANCHORS)})
    assert one.expected[27] == pytest.approx(28 * 6000, rel=0.1)
    assert one.expected == sorted(one.expected)
    assert one.middle == sorted(one.middle)
    assert all(list(line) == sorted(line) for line in zip(*one.spread, strict=True)), "a better level asks for more"


def test_without_a_past_to_try_forecasts_on_nothing_is_projected() -> None:
    (made,) = reckon(past(30), {})
    assert made.projected == []


async def test_a_run_says_what_stock_orders_by_and_the_next_one_replaces_it(traded: Shop) -> None:
    loaf = traded.products[0].id
    await stocked(traded, "20")
    await forecast_now(traded)
    async with traded.db.read(traded.scope) as read:
        need = (await needs(read, loaf))[traded.store]
        row = await read.fetchrow("SELECT * FROM demand_ahead WHERE product_id = $1", loaf)
    assert need.ahead is not None
    assert 5 < need.ahead.use(4) < 11, "one to three a day"
    assert (row["run"], row["abc"], row["keeps_days"]) == (1, "A", None)
    assert row["first_day"] == trading_day()
    await forecast_now(traded)
    async with traded.db.read(traded.scope) as read:
        again = (await needs(read, loaf))[traded.store]
        assert await read.fetch("SELECT DISTINCT run FROM demand_ahead") == [(2,)]
    assert again == need


async def test_what_is_not_forecast_any_more_is_forgotten_and_lots_say_how_long_goods_keep(traded: Shop) -> None:
    await forecast_now(traded)
    loaf, milk = (one.id for one in traded.products[:2])
    async with traded.db.begin(traded.scope) as tx:
        await tx.execute(
            """INSERT INTO lot (tenant_id, id, product_id, code, expires_on, received_at, created_at)
               SELECT $1, gen_random_uuid(), $2, 'L' || n, ($3::timestamptz + make_interval(days => n))::date, $3, $3
                 FROM generate_series(4, 6) n""",
            tx.tenant, loaf, tx.now,
        )  # fmt: skip
        await tx.execute("UPDATE product SET archived_at = now() WHERE tenant_id = $1 AND id = $2", tx.tenant, milk)
    await forecast_now(traded)
    async with traded.db.read(traded.scope) as read:
        rows = await read.fetch("SELECT product_id, keeps_days FROM demand_ahead")
    assert [tuple(row) for row in rows] == [(loaf, 5)]


async def test_an_old_forecast_says_nothing_and_another_store_and_business_see_none(traded: Shop) -> None:
    loaf = traded.products[0].id
    await stocked(traded, "20")
    await forecast_now(traded)
    for seen, count in (({traded.store}, 2), ({traded.second_store}, 0)):
        async with traded.db.read(replace(traded.scope, stores=frozenset(seen))) as read:
            assert await read.fetchval("SELECT count(*) FROM demand_ahead") == count
    stranger = await open_shop(traded.db)
    async with stranger.db.read(stranger.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM demand_ahead") == 0
    for days, known in ((3, True), (4, False)):
        async with traded.db.begin(traded.scope) as tx:
            await tx.execute("UPDATE demand_ahead SET first_day = $1", today(traded, ahead=-days))
            need = (await needs(tx, loaf))[traded.store]
        assert (need.ahead is not None) is known
