"""Which days to come a shop is taken for closed on: its day of rest, and the holidays that it keeps."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.forecasting.calendars import named_holidays
from retail.foresight.history import History, Sold
from retail.foresight.opening import open_ahead
from retail.foresight.queries import Series
from retail.foresight.reckoning import reckon
from retail.foresight.words import closed_words
from tests.foresight.conftest import forecast_now
from tests.support.web import Site
from tests.support.world import Shop

LAST = date(2026, 11, 22)  # a Sunday
CHRISTMAS, SECOND, NEW_YEAR = date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)
STORE = UUID(int=7)


def german(days: int) -> dict[date, set[str]]:
    return named_holidays("DE", LAST - timedelta(days=days), days + 121)


def traded(days: int, *kept_open: date) -> set[date]:
    """Every day but Sundays and public holidays."""
    known = german(days)
    every = (LAST - timedelta(days=at) for at in range(days))
    return {day for day in every if day in kept_open or (day.weekday() != 6 and day not in known)}


def ahead(opened: set[date], days: int) -> dict[date, bool]:
    flags = open_ahead(opened, LAST, 120, german(days))
    return {LAST + timedelta(days=at): flag for at, flag in enumerate(flags, start=1)}


def test_a_holiday_on_which_nothing_was_sold_is_closed_the_next_time() -> None:
    told = ahead(traded(400), 400)
    assert [told[day] for day in (CHRISTMAS, SECOND, NEW_YEAR)] == [False, False, False]
    assert told[date(2026, 12, 24)]
    assert not any(flag for day, flag in told.items() if day.weekday() == 6)


def test_a_holiday_that_was_never_met_goes_by_the_others() -> None:
    day_of_unity = date(2026, 10, 3)
    assert not ahead(traded(70), 70)[CHRISTMAS], "closed on the third of October, so on Christmas too"
    assert ahead(traded(70, day_of_unity), 70)[CHRISTMAS]
    assert ahead(traded(20), 20)[CHRISTMAS], "no holiday was met: nobody knows"


def test_a_shop_that_sells_on_one_holiday_keeps_the_others() -> None:
    unity = date(2026, 10, 3)
    told = ahead(traded(700, unity, date(2025, 10, 3)), 700)
    assert not told[CHRISTMAS]


def test_one_open_sunday_makes_no_day_of_trade_and_two_do() -> None:
    once = traded(70, date(2026, 11, 8))
    assert not ahead(once, 70)[date(2026, 11, 29)]
    assert ahead(once | {date(2026, 11, 15)}, 70)[date(2026, 11, 29)]


def test_every_level_forecasts_nothing_on_a_closed_day_and_names_it() -> None:
    days = traded(400)
    sold = dict.fromkeys(days, 100.0)
    first = min(days)
    total = Sold("total", "revenue", {(NOBODY, NOBODY): sold})
    (made,) = reckon(History(first, LAST, "DE", {STORE: days}, (total,)), {})
    at = (CHRISTMAS - LAST).days - 1
    (told,) = made.told
    assert told.low is not None
    assert told.high is not None
    assert (told.likely[at], told.low[at], told.high[at]) == (0, 0, 0)
    assert {CHRISTMAS, SECOND, NEW_YEAR} < set(told.closed)
    series = Series(LAST + timedelta(days=1), [], None, None, "grown", None, None, None, frozenset(told.closed))
    (words,) = closed_words(series, 35, "en")
    assert "Dec 25" in words or "December 25" in words or "25" in words
    assert closed_words(series, 7, "en") == []


async def test_the_page_says_closed(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    async with traded.db.begin(traded.scope) as tx:
        day = await tx.fetchval("SELECT first_day FROM forecast_series WHERE tenant_id = $1 LIMIT 1", tx.tenant)
        await tx.execute("UPDATE forecast_series SET closed = $2 WHERE tenant_id = $1", tx.tenant, [day])
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    page = (await owner.get(at)).text
    assert "closed</td>" in page
    assert "Closed, so nothing is expected" in page
    assert "closed" in (await owner.get(f"{at}/rows")).json()[56]["tip"]
