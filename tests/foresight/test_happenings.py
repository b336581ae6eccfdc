"""What price changes and offers did: read from what was sold round them, and kept by the night's run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.foresight.happenings import happenings, response
from retail.foresight.responses import USUAL, Happening
from retail.kit.ids import new_id
from retail.promotions import offers
from retail.promotions.facts import OfferFacts
from tests.foresight.conftest import forecast_now
from tests.support.days import noon_ago, trading_day
from tests.support.world import Shop


async def changed(shop: Shop, product: UUID, ago: int, was: int, now: int) -> None:
    """Write down that a price changed at noon of a day."""
    at = noon_ago(shop, ago)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO price_change (tenant_id, id, product_id, from_minor, to_minor, effective_at, applied_at,
                                         source, reason, actor_name, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $6, 'product', '', 'Ann', $6)""",
            tx.tenant, new_id(), product, was, now, at,
        )  # fmt: skip


async def offered(shop: Shop, ago: int, *, goods: bool = True, **facts: Any) -> UUID:
    """Start an offer that many days ago."""
    terms = {"goods": {"products": [str(shop.products[0].id)]} if goods else {}, "percent": 2000}
    at = noon_ago(shop, ago)
    async with shop.db.begin(shop.scope) as tx:
        of = await offers.create(tx, OfferFacts(new_id(), "A fifth off", "percent", terms, **facts))
        await offers.turn(tx, of.id, "running")
        await tx.execute(
            """INSERT INTO offer_version (tenant_id, offer_id, set_version, body, made_at)
               VALUES ($1, $2, 999, '{}', $3)""",
            tx.tenant,
            of.id,
            at,
        )
    return of.id


async def seen(shop: Shop) -> list[Happening]:
    last = trading_day() - timedelta(days=1)
    async with shop.db.read(shop.scope) as read:
        return await happenings(read, last - timedelta(days=400), last)


async def units(shop: Shop, first: int, last: int) -> float:
    async with shop.db.read(shop.scope) as read:
        sold = await read.fetchval(
            """SELECT sum(units) FROM product_day WHERE tenant_id = $1 AND product_id = $2
                  AND business_date BETWEEN $3 AND $4""",
            shop.tenant.id,
            shop.products[0].id,
            trading_day() - timedelta(days=first),
            trading_day() - timedelta(days=last),
        )
    return float(sold)


async def test_a_price_change_is_seen_with_four_weeks_on_both_sides(traded: Shop) -> None:
    await changed(traded, traded.products[0].id, 35, 200, 160)
    (one,) = await seen(traded)
    assert (one.product, one.ratio, one.is_offer) == (traded.products[0].id, pytest.approx(0.8), False)
    assert one.before == await units(traded, 63, 36)
    assert one.after == await units(traded, 34, 7)
    assert one.others_before > 0, "milk is what it is compared with"


async def test_a_change_is_seen_up_to_the_next_one_and_not_where_a_week_lacks(traded: Shop) -> None:
    for ago, was, now in ((40, 200, 160), (30, 160, 200), (3, 200, 100)):
        await changed(traded, traded.products[0].id, ago, was, now)
    first, second = sorted(await seen(traded), key=lambda one: one.ratio)
    assert (first.after, second.before) == (await units(traded, 39, 31), await units(traded, 39, 31))


async def test_an_offer_is_seen_from_its_first_day_and_one_with_a_coupon_is_not(traded: Shop) -> None:
    await offered(traded, 20)
    await offered(traded, 20, coupon=True)
    (one,) = await seen(traded)
    assert (one.ratio, one.is_offer) == (pytest.approx(0.8), True)
    assert (one.before, one.after) == (await units(traded, 48, 21), await units(traded, 20, 1))


async def test_an_offer_on_everything_teaches_nothing(traded: Shop) -> None:
    await offered(traded, 20, goods=False)
    assert await seen(traded) == []


async def test_the_night_keeps_how_buyers_answer_and_says_from_how_much(traded: Shop) -> None:
    loaf, milk = (one.id for one in traded.products[:2])
    async with traded.db.read(traded.scope) as read:
        assert (await response(read, None, loaf)).elasticity == USUAL
    await changed(traded, loaf, 35, 200, 160)
    for _run in range(2):
        await forecast_now(traded)
    async with traded.db.read(traded.scope) as read:
        own, other, whole = [await response(read, None, of) for of in (loaf, milk, None)]
    assert (own.changes, other.changes, other.of_others, whole.changes) == (1, 0, 1, 1)
    assert own.spread < other.spread
    assert whole.elasticity == pytest.approx(0.3 * other.elasticity, abs=0.01)
