"""Offers that are planned: known to the forecasts of their products on their days, in their stores, and told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from retail.analytics.rollups.sources import NOBODY
from retail.foresight.asking import PATH, wanted_in
from retail.foresight.history import History, Sold
from retail.foresight.planned import Planned, planned
from retail.foresight.reckoning import Made, arranged, reckon
from retail.foresight.responses import Response
from retail.foresight.supposing import Levers, Line, Plain, suppose
from retail.foresight.what_if import Asking, Told, answer
from retail.kit.ids import new_id
from retail.promotions import offers
from retail.promotions.facts import OfferFacts
from retail.runtime.web.asked import Asked
from retail.tenants.queries import this_tenant
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


def test_bounds_are_raised_with_it_and_by_the_doubt_about_the_answer_as_in_what_if() -> None:
    (plain,), (raised,) = reckon(past(), {}, ANSWERS), reckon(past(offer(1, None)), {}, ANSWERS)
    bare, told = plain.told[0], raised.told[0]
    line = Line(bare.likely, bare.low, bare.high)
    asked = suppose(Plain(LAST + timedelta(days=1), line, line), Levers(off=20), ANSWERS[LOAF]).units
    assert told.likely == pytest.approx(asked.likely, abs=0.01)
    assert told.low == pytest.approx(asked.low, abs=0.01)
    assert told.high == pytest.approx(asked.high, abs=0.01)
    assert told.high is not None
    assert bare.high is not None
    assert all(one > 1.5625 * was for one, was in zip(told.high, bare.high, strict=True))


def test_orders_know_the_planned_offer_too() -> None:
    (plain,), (raised,) = reckon(past(days=140), {}, ANSWERS), reckon(past(offer(1, None), days=140), {}, ANSWERS)
    (bare,), (told,) = plain.projected, raised.projected
    assert told.expected[-1] == pytest.approx(bare.expected[-1] * 1.5625, rel=0.001)


def test_what_the_models_learned_from_offers_of_the_past_is_said_of_planned_ones_and_in_what_if() -> None:
    """A fifth off doubled what was sold, three times; prices never moved otherwise."""
    ran = [offer(-begins, 7 - begins - 1) for begins in (100, 70, 30)]
    lifts = {LAST + timedelta(days=at) for one in (100, 70, 30) for at in range(-one, -one + 7)}
    days = [LAST - timedelta(days=at) for at in range(200)]
    sold = {day: 20.0 if day in lifts else 10.0 for day in days}
    first = days[-1]
    goods = (Sold("product", "units", {(STORE, LOAF): sold}),)

    def told(*some: Planned) -> Made:
        (made,) = reckon(History(first, LAST, "XX", {STORE: set(days)}, goods, (*ran, *some)), {}, {})
        return made

    plain, raised = told(), told(offer(1, 7))
    answer = plain.taught[LOAF]
    assert answer.offers == 3
    assert 0.8**answer.elasticity == pytest.approx(2.0, rel=0.15)
    assert raised.taught[LOAF].elasticity == answer.elasticity, "what is planned teaches nothing"
    line = Line(plain.told[0].likely)
    asked = suppose(Plain(LAST + timedelta(days=1), line, line), Levers(off=20), answer).units
    assert raised.told[0].likely[:7] == pytest.approx(asked.likely[:7], abs=0.01)
    assert raised.told[0].likely[7:] == plain.told[0].likely[7:]


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


async def test_an_offer_that_is_planned_and_the_same_in_what_if_give_the_same_figures(traded: Shop, site: Site) -> None:
    now, loaf = traded.db.clock.now(), traded.products[0].id
    zone = ZoneInfo("Europe/Berlin")
    await forecast_now(traded)
    async with traded.db.read(traded.scope) as read:
        begins = await read.fetchval("SELECT min(first_day) FROM forecast_series WHERE tenant_id = $1", read.tenant)
    first, last = begins + timedelta(days=2), begins + timedelta(days=8)
    values = {"days": "30", "product": str(loaf), "store": str(traded.store)}
    offer_values = values | {"off": "20", "off_from": str(first), "off_to": str(last)}
    asked = await answered(traded, offer_values)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    await made(traded, starts_at=max(now, datetime.combine(first, time(), zone)), ends_at=ends)
    await forecast_now(traded)
    planned_, again = await answered(traded, values), await answered(traded, offer_values)
    for name in ("units", "revenue"):
        line, then = getattr(asked.made, name), getattr(planned_.plain, name)
        assert then.likely == pytest.approx(line.likely, rel=0.002), name
        assert then.low == pytest.approx(line.low, rel=0.002, abs=0.01), name
        assert then.high == pytest.approx(line.high, rel=0.002, abs=0.01), name
    assert again.made.units.total == pytest.approx(again.plain.units.total), "the same offer once more changes nothing"
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    page = (await owner.get(f"{at}?product={loaf}&store={traded.store}")).text
    assert "at 20% off it sells about 56% more" in page
    assert "That is an assumption: this product&#39;s price never moved." in page


async def answered(shop: Shop, values: dict[str, str]) -> Told:
    async with shop.db.read(shop.scope) as read:
        facts = await this_tenant(read)
        told = await answer(read, facts, await wanted_in(read, Asked(PATH, values)), Asking(values))
    assert told is not None
    return told


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
