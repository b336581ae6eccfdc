"""Errors, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from retail.forecasting import metrics
from tests.forecasting.shapes import small

NAN = float("nan")
SOLD = np.array([[2.0, 0.0, NAN], [4.0, 6.0, 8.0]])
SAID = np.array([[1.0, 1.0, 9.0], [5.0, 6.0, 6.0]])


def test_wape_is_what_was_missed_over_what_was_sold() -> None:
    assert metrics.wape(SOLD, SAID) == pytest.approx((1 + 1 + 1 + 0 + 2) / 20)


def test_bias_is_above_nothing_where_too_much_was_said() -> None:
    assert metrics.bias(SOLD, SAID) == pytest.approx((-1 + 1 + 1 + 0 - 2) / 20)
    assert metrics.bias(SOLD, SOLD * 1.5) == pytest.approx(0.5)


def test_mase_and_rmsse_are_means_over_series_of_errors_over_their_scale() -> None:
    scale = np.array([2.0, 4.0])
    assert metrics.mase(SOLD, SAID, scale) == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert metrics.rmsse(SOLD, SAID, scale) == pytest.approx((1 / 2 + math.sqrt(5 / 3) / 4) / 2)


def test_a_series_that_never_changes_has_no_scale_and_is_left_out() -> None:
    assert metrics.rmsse(SOLD, SAID, np.array([0.0, 4.0])) == pytest.approx(math.sqrt(5 / 3) / 4)
    assert math.isnan(metrics.rmsse(SOLD, SAID, np.array([0.0, NAN])))


def test_cover_counts_scored_days_within_the_bounds() -> None:
    assert metrics.cover(SOLD, SOLD, SOLD + 1) == 1
    low, high = np.full((2, 3), 2.0), np.full((2, 3), 6.0)
    assert metrics.cover(SOLD, low, high) == pytest.approx(3 / 5)


def test_scales_look_at_usable_days_only() -> None:
    opened = np.ones(9 + 14, dtype=bool)
    opened[1] = False
    series = small([1.0, 0, 3, 3, 3, 3, 3, 4, 9], open=opened)
    # Day to day, without what touches the closed second day: 0 0 0 0 1 5. Week to week: 4 - 1 = 3; 9 has nothing.
    assert metrics.daily_scale(series) == pytest.approx([math.sqrt(26 / 6)])
    assert metrics.weekly_scale(series) == pytest.approx([3])


def test_nothing_sold_has_no_share() -> None:
    assert math.isnan(metrics.wape(np.zeros((1, 2)), np.ones((1, 2))))
    assert math.isnan(metrics.cover(np.full((1, 2), NAN), np.zeros((1, 2)), np.ones((1, 2))))
