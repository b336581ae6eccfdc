"""By forecast: when to order, how much, and on which day it is gone. docs/algorithms/reordering.md, 3 and 4."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.stock.reordering.ahead import ANCHORS, DAYS, LEVELS, Ahead, anchor
from retail.stock.reordering.rules import Need, gone_before, point_of, runs_out_on, suggest

D = Decimal
TODAY = date(2026, 11, 20)
SPREAD = {5: -1500, 10: -1000, 25: -500, 50: 0, 75: 500, 85: 900, 90: 1200, 93: 1500, 95: 1700, 97: 2000, 99: 2500}


def daily(*amounts: float, gone: int = 0, keeps: int | None = None, service: int = 93) -> Ahead:
    """Expect those amounts, the last of them on every later day; the middle is the mean."""
    days = [*amounts, *[amounts[-1]] * (DAYS - len(amounts))]
    line = [round(sum(days[: at + 1]) * 1000) for at in range(DAYS)]
    spread = [[SPREAD[level]] * len(ANCHORS) for level in LEVELS]
    return Ahead(line, line, spread, gone, service, 1, keeps)


NEED = Need(D(10), incoming=D(6), ahead=daily(4))


def test_the_worked_example_of_the_page() -> None:
    assert point_of(NEED) == D("22.093"), "4 days of 4, and 1.5 x sqrt(16.5)"
    found = suggest(NEED)
    assert found is not None
    assert (found.use, found.safety, found.reach, found.wanted) == (D(16), D("6.093"), D("78.093"), D("62.093"))
    assert found.order == D(63)
    packed = suggest(replace(NEED, pack_quantity=D(6), minimum_order=D(70)))
    assert packed is not None
    assert (packed.order, packed.packs, packed.raised_to_minimum) == (D(72), 12, True)


def test_a_promotion_to_come_raises_the_point_and_the_pace_of_the_past_does_not_count() -> None:
    assert point_of(replace(NEED, per_day=D(900))) == point_of(NEED)
    assert point_of(replace(NEED, ahead=daily(4, 4, 20, 4))) == D(32) + D("8.551")


def test_a_better_service_level_asks_for_more() -> None:
    points = [point_of(replace(NEED, ahead=daily(4, service=level))) for level in LEVELS]
    assert points == sorted(points)
    assert point_of(replace(NEED, ahead=daily(4, service=97))) == D(16) + D("8.124")


def test_what_somebody_set_wins() -> None:
    assert point_of(replace(NEED, reorder_point=D(3))) == 3
    assert point_of(replace(NEED, safety_stock=D(9))) == 25, "their safety stock is the larger one"
    assert point_of(replace(NEED, safety_stock=D(2))) == D("22.093")
    found = suggest(replace(NEED, target=D(40)))
    assert found is not None
    assert (found.reach, found.by_pace) == (D(40), False)


def test_days_that_are_over_are_left_out() -> None:
    late = replace(NEED, ahead=daily(100, 100, 4, gone=2))
    assert point_of(late) == point_of(NEED)
    assert runs_out_on(late, TODAY) == runs_out_on(NEED, TODAY)


@pytest.mark.parametrize(("lead", "by"), [(45, "forecast"), (46, "pace")])
def test_a_lead_time_beyond_the_forecast_goes_by_pace(lead: int, by: str) -> None:
    need = replace(NEED, lead_days=lead, per_day=D(1))
    assert (point_of(need) == lead) is (by == "pace")


def test_goods_are_not_ordered_beyond_what_sells_while_they_keep() -> None:
    fresh = suggest(replace(NEED, ahead=daily(4, keeps=5)))
    assert fresh is not None
    assert (fresh.reach, fresh.order) == (D(20), D(4))
    assert suggest(replace(NEED, ahead=daily(4, keeps=4))) is None, "16 are there, or on their way"


def test_what_is_not_expected_to_sell_is_not_ordered() -> None:
    assert suggest(Need(D(0), ahead=daily(0))) is None
    assert suggest(Need(D(0), safety_stock=D(2), ahead=daily(0))) is not None


def test_the_day_it_is_gone_follows_the_days_to_come() -> None:
    assert runs_out_on(NEED, TODAY) == date(2026, 11, 22), "4, 4 and then only 2"
    assert runs_out_on(replace(NEED, ahead=daily(1, 1, 8)), TODAY) == date(2026, 11, 23)
    assert runs_out_on(Need(D(0), ahead=daily(4)), TODAY) == TODAY
    assert runs_out_on(Need(D(10), blocked=D(10), ahead=daily(4)), TODAY) == TODAY
    assert runs_out_on(Need(D(1000), ahead=daily(4)), TODAY) is None
    assert runs_out_on(Need(D(1000), D(10), ahead=daily(4)), TODAY) == date(2027, 2, 28)
    assert runs_out_on(Need(D(1000), D(500), ahead=daily(4)), TODAY) == date(2027, 1, 19), "60 days are known"


def test_the_chance_that_it_is_gone_before_goods_come() -> None:
    assert gone_before(replace(NEED, on_hand=D(12))) == 50, "12 are expected in three days"
    assert gone_before(replace(NEED, on_hand=D(12) + D("1.768"))) == 25, "half of sqrt(12.5) more"
    assert gone_before(replace(NEED, on_hand=D(12) + D("0.708"))) == 40, "a fifth of it"
    assert (gone_before(replace(NEED, on_hand=D(1))), gone_before(replace(NEED, on_hand=D(99)))) == (95, 1)
    assert gone_before(Need(D(5))) is None
    assert gone_before(replace(NEED, lead_days=0)) is None


@given(st.integers(0, 60), st.integers(0, 59))
def test_a_span_goes_by_the_next_longer_one_whose_errors_are_known(days: int, more: int) -> None:
    assert ANCHORS[anchor(days)] >= days
    assert anchor(days) <= anchor(days + more)


@given(st.decimals(0, 300, places=3), st.lists(st.floats(0, 9), min_size=1, max_size=60), st.integers(0, 3))
def test_more_on_hand_lasts_no_shorter_and_its_chance_to_be_gone_is_no_greater(
    left: Decimal, amounts: list[float], gone: int
) -> None:
    ahead = daily(*amounts, gone=gone)
    low, high = Need(left, D(1), ahead=ahead), Need(left + 1, D(1), ahead=ahead)
    assert (runs_out_on(low, TODAY) or date.max) <= (runs_out_on(high, TODAY) or date.max)
    assert (gone_before(low) or 100) >= (gone_before(high) or 1)
