"""Bounds: by hand, ordered, and holding what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retail.forecasting import metrics
from retail.forecasting.baselines import weekday_mean
from retail.forecasting.intervals import Errors, bounds, errors, spread
from tests.forecasting.shapes import noisy, small


def test_spread_by_hand() -> None:
    # Week to week it changes by 2 each day; the mean is 5.
    past = small([4.0] * 7 + [6.0] * 7)
    assert spread(past, np.array([[5.0, 20.0, 0.0, 500.0]]))[0] == pytest.approx(
        [2, 4, 2 * np.sqrt(0.15), 2 * np.sqrt(8)]
    )


def test_quantiles_are_mixed_by_how_many_errors_a_series_has_itself() -> None:
    past = small([[4.0] * 7 + [6.0] * 7, [4.0] * 7 + [6.0] * 7], ahead=7)
    scaled = np.full((2, 7), np.nan)
    scaled[0] = 0.0
    scaled[1] = np.linspace(-1, 1, 7)
    low, high = bounds(past, np.full((2, 7), 5.0), [Errors(scaled)])
    pooled = np.quantile(np.concatenate([scaled[0], scaled[1]]), [0.1, 0.9])
    own, share = np.quantile(scaled[1], [0.1, 0.9]), 0.5 * 7 / 60
    wanted = 5 + 2 * (share * own + (1 - share) * pooled)
    assert (low[1, 0], high[1, 0]) == pytest.approx(tuple(wanted))
    wider = bounds(past, np.full((2, 7), 5.0), [Errors(scaled)], widen=1.2)
    assert wider[1][1, 0] - 5 == pytest.approx(1.2 * (high[1, 0] - 5))


def test_days_ahead_without_errors_take_those_of_nearer_days() -> None:
    past = small([4.0] * 7 + [6.0] * 7, ahead=40)
    low, high = bounds(past, np.full((1, 40), 5.0), [Errors(np.linspace(-1, 1, 7)[None, :])])
    assert np.ptp(low) == np.ptp(high) == 0


def test_bounds_need_errors() -> None:
    with pytest.raises(ValueError, match="at least one"):
        bounds(small([1.0] * 14), np.ones((1, 7)), [])


def test_closed_days_and_series_that_never_sold_have_no_width() -> None:
    opened = np.ones(28, dtype=bool)
    opened[15] = False
    past = small([[4.0] * 7 + [6.0] * 7, [0.0] * 14], open=opened, ahead=14)
    said = np.where(opened[14:], np.array([[5.0], [0.0]]), 0.0)
    low, high = bounds(past, said, [Errors(np.array([np.linspace(-1, 1, 14), np.full(14, np.nan)]))])
    assert (low[0, 1], high[0, 1]) == (0, 0)
    assert high[1].tolist() == [0] * 14


@given(
    arrays(float, (3, 30), elements=st.floats(-20, 20)),
    arrays(float, (3, 40), elements=st.floats(0, 1000)),
)
@settings(max_examples=50, deadline=None)
def test_bounds_are_ordered(scaled: np.ndarray, said: np.ndarray) -> None:
    low, high = bounds(noisy(3, 60, ahead=40), said, [Errors(scaled)])
    assert (low >= 0).all()
    assert (low <= said).all()
    assert (said <= high).all()


def test_four_of_five_days_lie_between() -> None:
    whole = noisy(60, 400)
    seen = []
    for origin in (288, 316, 344):
        past = whole.until(origin)
        seen.append(errors(past, weekday_mean(past, 28), whole.quantity[:, origin : origin + 28]))
    past, sold = whole.until(372), whole.quantity[:, 372:]
    low, high = bounds(past, weekday_mean(past, 28), seen)
    assert 0.77 <= metrics.cover(sold, low, high) <= 0.84
