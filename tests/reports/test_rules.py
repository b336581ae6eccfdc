"""Due moments over changes of the clock, and what relative periods mean: docs/algorithms/reports.md, 3 and 4."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from retail.automation.reports.rules import EVERY, SPANS, Timing, days_of, first_due, last_due, next_due

BERLIN = "Europe/Berlin"
TODAY = date(2026, 3, 18)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("timing", "at", "due"),
    [
        (Timing("day", 1, 7, BERLIN), "2026-03-28T12:00", "2026-03-29T05:00"),
        (Timing("day", 1, 2, BERLIN), "2026-03-28T12:00", "2026-03-29T01:00"),
        (Timing("day", 1, 2, BERLIN), "2026-03-29T01:00", "2026-03-30T00:00"),
        (Timing("day", 1, 2, BERLIN), "2026-10-24T12:00", "2026-10-25T00:00"),
        (Timing("day", 1, 2, BERLIN), "2026-10-25T00:00", "2026-10-26T01:00"),
        (Timing("month", 31, 6, BERLIN), "2026-02-01T00:00", "2026-02-28T05:00"),
        (Timing("month", 31, 6, BERLIN), "2026-02-28T05:00", "2026-03-31T04:00"),
        (Timing("week", 1, 8, BERLIN), "2026-03-23T06:59", "2026-03-23T07:00"),
        (Timing("week", 1, 8, BERLIN), "2026-03-23T07:00", "2026-03-30T06:00"),
        (Timing("day", 1, 9, "Asia/Kolkata"), "2026-03-23T03:29", "2026-03-23T03:30"),
        (Timing("day", 1, 0, "Pacific/Kiritimati"), "2026-03-23T10:00", "2026-03-24T10:00"),
        (Timing("day", 1, 23, "Pacific/Pago_Pago"), "2026-03-23T10:00", "2026-03-24T10:00"),
    ],
)
def test_a_moment_is_due_on_the_zones_own_clock(timing: Timing, at: str, due: str) -> None:
    assert next_due(timing, utc(at)) == utc(due)
    assert last_due(timing, utc(due)) == utc(due)
    assert last_due(timing, utc(due) - timedelta(seconds=1)) < utc(due)


@pytest.mark.parametrize(
    "zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tehran"]
)
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
@pytest.mark.parametrize("every", EVERY)
def test_a_year_has_each_due_day_once_at_its_hour_or_when_the_clock_jumps(zone: str, hour: int, every: str) -> None:
    timing = Timing(every, 5, hour, zone)  # type: ignore[arg-type]
    at, found = datetime(2026, 1, 1, tzinfo=UTC), []
    while at < datetime(2027, 1, 1, tzinfo=UTC):
        at = next_due(timing, at)
        found.append(at.astimezone(ZoneInfo(zone)))
        assert last_due(timing, at + timedelta(minutes=1)) == at
    days = [one.date() for one in found]
    calendar = [days[0] + timedelta(days=ahead) for ahead in range((days[-1] - days[0]).days + 1)]
    assert days == [day for day in calendar if timing.fits(day)]
    assert days[-1] - days[0] >= timedelta(days=330)
    assert {one.hour - hour for one in found} in ({0}, {0, 1})
    assert sum(one.hour != hour for one in found) <= 1


@pytest.mark.parametrize(
    ("begins_on", "due"),
    [
        (None, "2026-11-21T06:00+00:00"),
        (date(2026, 11, 1), "2026-11-21T06:00+00:00"),
        (date(2026, 11, 24), "2026-11-24T06:00+00:00"),
    ],
)
def test_nothing_is_due_before_the_day_that_it_begins_on(begins_on: date | None, due: str) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert first_due(Timing("day", 1, 7, "Europe/Berlin"), begins_on, noon) == datetime.fromisoformat(due)


def test_the_day_of_beginning_is_of_the_zones_own_calendar() -> None:
    noon, day = datetime(2026, 11, 20, 12, tzinfo=UTC), date(2026, 11, 24)
    assert first_due(Timing("day", 1, 0, "Pacific/Auckland"), day, noon) == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert first_due(Timing("day", 1, 0, "Pacific/Honolulu"), day, noon) == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_a_day_that_a_place_left_out_is_sent_once() -> None:
    samoa = Timing("day", 1, 8, "Pacific/Apia")  # it had no 30 December 2011
    first = next_due(samoa, utc("2011-12-29T00:00"))
    moments = [first]
    for _step in range(3):
        moments.append(next_due(samoa, moments[-1]))
    assert [one.astimezone(ZoneInfo("Pacific/Apia")).day for one in moments] == [29, 31, 1, 2]


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("today", "2026-03-18", "2026-03-18"),
        ("yesterday", "2026-03-17", "2026-03-17"),
        ("last_7", "2026-03-11", "2026-03-17"),
        ("last_30", "2026-02-16", "2026-03-17"),
        ("last_90", "2025-12-18", "2026-03-17"),
        ("this_week", "2026-03-16", "2026-03-18"),
        ("last_week", "2026-03-09", "2026-03-15"),
        ("this_month", "2026-03-01", "2026-03-18"),
        ("last_month", "2026-02-01", "2026-02-28"),
        ("this_year", "2026-01-01", "2026-03-18"),
        ("last_year", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_relative_period_counts_from_the_business_day(span: str, first: str, last: str) -> None:
    assert days_of(span, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))  # type: ignore[arg-type]


def test_every_period_ends_by_today_on_the_last_of_february_of_a_leap_year_too() -> None:
    for span in SPANS:
        for day in (date(2028, 2, 29), date(2026, 1, 1), date(2026, 12, 31)):
            first, last = days_of(span, day)
            assert first <= last <= day
