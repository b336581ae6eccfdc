"""Offers that are planned: known to the forecasts of their products on their days, in their stores, and told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from retail.analytics.rollups.sources import NOBODY
from retail.foresight.history import History, Sold
from retail.foresight.planned import Planned, planned
from retail.foresight.reckoning import arranged, reckon
from retail.foresight.responses import Response
from retail.kit.ids import new_id
from retail.promotions import offers
from retail.promotions.facts import OfferFacts
from tests.foresight.conftest import forecast_now
from tests.support.days import today
from tests.support.web import Site
from tests.support.world import Shop

LAST = date(2026, 11, 22)
STORE, ELSEWHERE, LOAF = UUID(int=7), UUID(int=8), uuid4()
ANSWERS = {NOBODY: Response(), LOAF: Response(-2.0, 0.5, changes=3)}


def past(*some: Planned, days: int = 70) -> History:
    sold = {LAST - timedelta(days=at): 10.0 for at in range(days)}
    first = LAST - timedelta(days=days - 1)
    return History(first, LAST, "XX", {STORE: set(sold)}, (Sold("product", "units", {(STORE, LOAF): sold}),), some)


def offer(begins: int, ends: int | None, stores: tuple[UUID, ...] | None = None) -> Planned:
    last = None if ends is None else LAST + timedelta(days=ends)
    return Planned("A fifth off", LOAF, stores, LAST + timedelta(days=begins), last, 0.8)


def likely(of: History) -> list[float]:
    (made,) = reckon(of, {}, ANSWERS)
    return made.told[0].likely


def test_a_planned_offer_raises_its_days_by_the_elasticity_and_no_others() -> None:
    plain, raised = likely(past()), likely(past(offer(3, 5)))
    assert raised[:2] == plain[:2]
    assert raised[2:5] == pytest.approx([one * 1.5625 for one in plain[2:5]], abs=0.01)
    assert raised[5:] == plain[5:]


def test_bounds_are_raised_with_it() -> None:
    (plain,), (raised,) = reckon(past(), {}, ANSWERS), reckon(past(offer(1, None)), {}, ANSWERS)
    high, was = raised.told[0].high, plain.told[0].high
    assert high is not None
    assert was is not None
    assert high == pytest.approx([one * 1.5625 for one in was], abs=0.01)


def test_an_offer_of_another_store_changes_nothing() -> None:
    assert likely(past(offer(1, 9, (ELSEWHERE,)))) == likely(past())


def test_days_on_offer_are_flags_of_the_panel_and_a_past_with_them_is_left_to_the_models() -> None:
    of = past(offer(-20, -11), offer(1, 3))
    whole = arranged(of, of.sold[0])
    flagged = [at - 70 + 1 for at in range(whole.days) if whole.promo[0, at]]
    assert flagged == [*range(-20, -10), 1, 2, 3]
    assert likely(of) == pytest.approx(likely(past(offer(-20, -11))), rel=0.2), "no factor of 1.56 on top"


async def made(shop: Shop, **facts: Any) -> UUID:
    terms = {"goods": {"products": [str(shop.products[0].id)]}, "percent": 2000}
    async with shop.db.begin(shop.scope) as tx:
        of = await offers.create(tx, OfferFacts(new_id(), "Loaves a fifth off", "percent", terms, **facts))
        await offers.turn(tx, of.id, "running")
    return of.id


async def test_offers_are_read_with_their_days_and_those_for_some_buyers_are_not(shop: Shop) -> None:
    now = shop.db.clock.now()
    begins, ends = now + timedelta(days=3), now + timedelta(days=6)
    await made(shop, starts_at=begins, ends_at=ends)
    await made(shop, starts_at=begins, ends_at=ends, coupon=True)
    await made(shop, starts_at=begins, ends_at=ends, groups=("club",))
    day = today(shop)
    async with shop.db.read(shop.scope) as read:
        (one,) = await planned(read, day, day + timedelta(days=30))
        assert await planned(read, day, day + timedelta(days=1)) == []
        assert await planned(read, day, day + timedelta(days=30), known_at=now - timedelta(days=1)) == []
        assert await planned(read, day, day + timedelta(days=30), product=shop.products[1].id) == []
    assert (one.product, one.stores, one.ratio) == (shop.products[0].id, None, pytest.approx(0.8))
    assert (one.last - one.first).days == 3 if one.last else False


async def test_an_offer_that_ends_at_midnight_ends_the_day_before(shop: Shop) -> None:
    today = shop.db.clock.now().date()
    first, end = today + timedelta(days=3), today + timedelta(days=6)
    begins, ends = (datetime.combine(day, time(), ZoneInfo("Europe/Berlin")) for day in (first, end))
    await made(shop, starts_at=begins, ends_at=ends)
    async with shop.db.read(shop.scope) as read:
        (one,) = await planned(read, today, today + timedelta(days=30))
        assert await planned(read, end, end) == []
    assert (one.first, one.last) == (first, end - timedelta(days=1))


async def test_the_page_of_the_product_names_the_offer_and_the_sum_says_that_it_does_not_know_it(
    traded: Shop, site: Site
) -> None:
    now = traded.db.clock.now()
    await made(traded, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=6))
    await forecast_now(traded)
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    page = (await owner.get(f"{at}?product={traded.products[0].id}&store={traded.store}")).text
    assert "Raised by the offer Loaves a fifth off" in page
    other = (await owner.get(f"{at}?product={traded.products[1].id}&store={traded.store}")).text
    assert "Raised by the offer" not in other
    assert "this one goes by what was sold alone" in (await owner.get(at)).text
