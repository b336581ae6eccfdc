"""What is usual for a store, and what is far off it: the page's example, and what must hold."""

from __future__ import annotations

from datetime import date, timedelta
from math import log

import pytest

from benchmarks.unusual import BEGIN, judged, simulate
from retail.vigilance.usual import LEAST_SHARE, LEAST_Z, SPREAD, WHOLE, Past, severity, threshold

MONDAY = date(2026, 3, 2)
HOURS = {2: 100, 3: 300, 4: 400, 5: 200}


def steady(weeks: int, wobble: float = 0.05) -> dict[date, dict[int, int]]:
    """Days that go up and down by `wobble` in a rhythm that has nothing to do with weeks; Sundays are closed."""
    days = {}
    for back in range(weeks * 7, 0, -1):
        day = MONDAY - timedelta(days=back)
        if day.weekday() < 6:
            factor = 1 + wobble * (-1, 0, 1, 0.5, -0.5)[back % 5]
            days[day] = {hour: round(sold * factor) for hour, sold in HOURS.items()}
    return days


def test_a_day_like_others_is_told_to_be_one_and_half_of_it_is_far_off() -> None:
    past = Past(steady(30))
    usual, half = past.judge(MONDAY, HOURS), past.judge(MONDAY, {hour: sold // 2 for hour, sold in HOURS.items()})
    assert usual is not None
    assert half is not None
    assert (usual.unusual, half.unusual, half.z < 0, half.severity) == (False, True, True, "high")
    assert usual.expected == pytest.approx(1000, rel=0.05)
    assert half.low < half.expected < half.high
    assert half.sold < half.low
    double = past.judge(MONDAY, {hour: 2 * sold for hour, sold in HOURS.items()})
    assert double is not None
    assert (double.unusual, double.z > 0, double.sold > double.high) == (True, True, True)


def test_today_is_judged_by_its_hours_that_are_over_and_not_before_a_quarter_of_it() -> None:
    past = Past(steady(30))
    plan = past.plan(MONDAY)
    assert plan is not None
    assert [round(plan.shares[hour], 2) for hour in (2, 3, 4, 5, 6, 24)] == [0, 0.1, 0.4, 0.8, 1, 1]
    assert past.judge(MONDAY, {2: 100}, 3) is None
    assert plan.shares[3] < LEAST_SHARE
    so_far = past.judge(MONDAY, {2: 100, 3: 300}, 4)
    stood = past.judge(MONDAY, {2: 100}, 5)
    assert so_far is not None
    assert stood is not None
    assert (so_far.unusual, so_far.sold, stood.unusual, stood.sold) == (False, 400, True, 100)


def test_the_level_of_late_moves_what_is_expected() -> None:
    days = steady(30)
    for day in [one for one in days if one >= MONDAY - timedelta(days=14)]:
        days[day] = {hour: round(sold * 1.5) for hour, sold in days[day].items()}
    plan = Past(days).plan(MONDAY)
    assert plan is not None
    assert plan.whole == pytest.approx(1500, rel=0.1)


def test_too_little_known_says_nothing() -> None:
    assert Past({}).judge(MONDAY, HOURS) is None
    assert Past(steady(3)).judge(MONDAY, HOURS) is None
    assert Past(steady(9)).judge(MONDAY, {2: 1}) is None, "expected, and too few days judged"
    closed = Past(steady(30)).judge(MONDAY - timedelta(days=1), {}, WHOLE)
    assert closed is None, "Sundays are closed"


def test_the_threshold_is_what_all_but_one_in_thirty_past_days_stayed_below() -> None:
    calm = [{WHOLE: 0.2 * (at / 57 - 0.5)} for at in range(58)]
    assert threshold(calm) == LEAST_Z
    wild = [*calm, {WHOLE: log(4)}, {WHOLE: -log(4)}, {WHOLE: log(3)}]
    limit = threshold(wild)
    assert limit > LEAST_Z
    middle = sorted(abs(one[WHOLE]) for one in wild)[len(wild) // 2]
    assert sum(abs(one[WHOLE]) / (SPREAD * middle) > limit * 1.01 for one in wild) <= len(wild) / 30


def test_a_higher_tuned_threshold_tells_less() -> None:
    past = Past(steady(30))
    sold = {hour: round(sold * 0.7) for hour, sold in HOURS.items()}
    first, tuned = past.judge(MONDAY, sold), past.judge(MONDAY, sold, times=10.0)
    assert first is not None
    assert tuned is not None
    assert (first.unusual, tuned.unusual) == (True, False)


@pytest.mark.parametrize(
    ("z", "lasting", "named"),
    [(3.6, False, "low"), (-5.1, False, "medium"), (8.1, False, "high"), (3.6, True, "medium"), (-9, True, "high")],
)
def test_severities(z: float, lasting: bool, named: str) -> None:
    assert severity(z, lasting=lasting) == named


def test_the_third_day_the_same_way_is_worse() -> None:
    days = steady(30)
    for back in (2, 3):  # Saturday and Friday; Sunday is closed
        day = MONDAY - timedelta(days=back)
        days[day] = {hour: round(sold * 0.75) for hour, sold in days[day].items()}
    del days[MONDAY - timedelta(days=2)]
    tuesday = MONDAY - timedelta(days=1)
    assert tuesday not in days
    off = Past(days).judge(MONDAY, {hour: round(sold * 0.72) for hour, sold in HOURS.items()})
    assert off is not None
    assert off.unusual


def test_a_made_up_store_has_few_false_alarms() -> None:
    days, put = simulate(3, 330)
    looked = [BEGIN + timedelta(days=at) for at in range(290, 330)]
    told = [day for day in looked if day not in put and day.weekday() < 6 and judged(days, day)]
    assert len(told) <= 2
