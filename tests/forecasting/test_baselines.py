"""Forecasts without a fit: numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail.forecasting.baselines import (
    cold_start,
    seasonal_naive,
    shrunk_weekdays,
    tsb,
    weekday_mean,
    zero_share,
)
from retail.forecasting.smoothing import holt_winters
from tests.forecasting.shapes import WEEK, small

COUNTS = st.lists(st.integers(0, 50), min_size=7, max_size=7)


def test_the_naive_repeats_the_last_week() -> None:
    made = seasonal_naive(small([9.0] * 7 + WEEK), 10)
    assert made.tolist() == [[*WEEK, *WEEK[:3]]]


def test_the_naive_goes_a_week_further_back_where_a_day_was_out_of_stock() -> None:
    in_stock = np.ones((1, 14), dtype=bool)
    in_stock[0, 8] = False
    made = seasonal_naive(small([10.0, 11, 12, 13, 14, 15, 16, *WEEK], in_stock=in_stock), 7)
    assert made.tolist() == [[3, 11, 4, 1, 5, 9, 2]]


def test_a_closed_day_is_forecast_as_nothing_and_teaches_nothing() -> None:
    opened = np.ones(28, dtype=bool)
    opened[13] = opened[14] = False
    made = weekday_mean(small(WEEK * 2, open=opened), 14)
    assert made[0, 0] == 0
    assert made[0, 6] == 2  # the closed Sunday isn't in the mean
    assert made[0, 7] == 3


def test_the_weekday_mean_takes_the_last_eight_weeks() -> None:
    mondays = [100.0, 1, 2, 3, 4, 5, 6, 7, 8]
    made = weekday_mean(small([value for monday in mondays for value in [monday, *[0.0] * 6]]), 8)
    assert made[0].tolist() == [4.5, 0, 0, 0, 0, 0, 0, 4.5]


def test_a_weekday_without_a_day_takes_the_mean_of_all() -> None:
    assert weekday_mean(small([2.0, 4.0, 9.0]), 7)[0].tolist() == [5, 5, 5, 5, 2, 4, 9]


def test_tsb_by_hand() -> None:
    # 28 days start it: sold on 14 of them, 4 each, so the chance is 0.5 and the size 4. Then the days are smoothed.
    first = [4.0, 0.0] * 14
    chance, size = 0.5, 4.0
    for sold in [*first, 6.0]:
        chance += 0.1 * ((sold > 0) - chance)
        size += 0.1 * (sold - size) if sold > 0 else 0
    assert tsb(small([*first, 6.0]), 2)[0] == pytest.approx([chance * size] * 2)
    assert size == pytest.approx(4.2)


def test_tsb_is_left_as_it_is_by_days_out_of_stock() -> None:
    in_stock = np.ones((1, 40), dtype=bool)
    in_stock[0, 30:] = False
    values = [2.0, 0.0] * 15
    assert np.array_equal(tsb(small(values), 3), tsb(small(values + [0.0] * 10, in_stock=in_stock), 3))


def test_a_new_product_starts_from_the_median_of_its_peers() -> None:
    old = [[1.0] * 28, [3.0] * 28, [8.0] * 28]
    nan = float("nan")
    made = cold_start(small([*old, [nan] * 28, [nan] * 25 + [9.0, 9, 6]]), 2)
    assert made[3].tolist() == [3, 3]
    assert made[4].tolist() == [6.75, 6.75]  # (9 + 9 + 6 + 3) / (3 + 1)


def test_peers_are_of_the_same_category_where_that_has_any() -> None:
    nan = float("nan")
    values = [[1.0] * 28, [1.0] * 28, [10.0] * 28, [nan] * 28, [nan] * 28]
    made = cold_start(small(values), 1, peers=np.array([0, 0, 1, 1, 2]))
    assert made[:, 0].tolist()[3:] == [10, 1]  # category 2 has no others: the median of all


def test_a_shop_that_never_sold_anything_is_forecast_as_nothing() -> None:
    empty = small(np.full((2, 3), np.nan))
    for model in (seasonal_naive, weekday_mean, tsb, cold_start, shrunk_weekdays, holt_winters):
        assert model(empty, 5).tolist() == [[0.0] * 5] * 2
    assert zero_share(empty).tolist() == [1, 1]


def test_a_young_series_is_drawn_towards_the_weekdays_of_all() -> None:
    # Both sell 7 a week, the first on Saturdays only, the second every day. Shape of a Saturday: (7 + 1) / 2 = 4.
    made = shrunk_weekdays(small([[0.0, 0, 0, 0, 0, 7, 0] * 2, [1.0] * 14]), 7)
    assert made[0, 5] == pytest.approx((7 * 2 + 2 * 4) / 4)
    assert made[1, 5] == pytest.approx((1 * 2 + 2 * 4) / 4)


def test_holt_winters_learns_the_weekdays() -> None:
    assert holt_winters(small(WEEK * 60), 7)[0] == pytest.approx(WEEK, abs=0.3)


@given(COUNTS, st.integers(2, 20))
@settings(max_examples=40, deadline=None)
def test_a_periodic_series_is_reproduced(week: list[int], weeks: int) -> None:
    values = small([float(one) for one in week] * weeks)
    for model in (seasonal_naive, weekday_mean):
        assert model(values, 14)[0] == pytest.approx([*week, *week])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=70), st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_a_series_scaled_has_its_forecast_scaled(values: list[int], times: int) -> None:
    one, more = small([float(value) for value in values]), small([float(value * times) for value in values])
    for model in (seasonal_naive, weekday_mean, tsb, shrunk_weekdays, holt_winters):
        assert model(more, 9) == pytest.approx(model(one, 9) * times, abs=1e-9)
