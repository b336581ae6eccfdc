"""Where revenue leans: robust against single days, blind to weekdays, and silent where nothing speaks for it."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from retail.analytics.sections.trend import trend

WEEK = [100_00, 110_00, 105_00, 120_00, 180_00, 260_00, 0]


def test_too_few_days_have_no_trend() -> None:
    assert trend([100] * 6, 7) is None


def test_weekdays_alone_are_steady() -> None:
    found = trend(WEEK * 5, 30)
    assert found is not None
    assert (found.lean, found.a_day) == ("steady", 0)


def test_a_rise_under_weekdays_and_noise_is_found_and_one_great_day_does_not_tilt_it() -> None:
    chance = random.Random(3)
    days = [WEEK[day % 7] + day * 60 + chance.randrange(-500, 500) for day in range(90)]
    found = trend(days, 90)
    assert found is not None
    assert found.lean == "up"
    assert 50 <= found.a_day <= 70
    days[88] *= 20
    again = trend(days, 90)
    assert again is not None
    assert abs(again.a_day - found.a_day) <= 3


def test_noise_has_no_direction() -> None:
    chance = random.Random(11)
    leans = []
    for _turn in range(100):
        found = trend([10_000 + chance.randrange(-4_000, 4_000) for _day in range(30)], 30)
        leans.append(found.lean if found else "")
    assert sum(lean in {"up", "down"} for lean in leans) <= 12, "5 % by chance, and a little"


@given(st.lists(st.integers(0, 10**9), min_size=7, max_size=90))
def test_turned_round_it_leans_the_other_way(days: list[int]) -> None:
    one, other = trend(days, len(days)), trend(days[::-1], len(days))
    assert one is not None
    assert other is not None
    if len(days) < 14:  # beyond, the weekdays change places
        assert abs(one.a_day + other.a_day) <= 1
