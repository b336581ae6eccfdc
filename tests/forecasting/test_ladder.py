"""Which models a series is forecast by."""

from __future__ import annotations

import numpy as np
import pytest

from retail.forecasting import boosting, ladder
from retail.forecasting.ladder import Model, Rung, forecast, learn, rung_of
from tests.forecasting.shapes import noisy, small


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    of = boosting.examples
    monkeypatch.setattr(boosting, "examples", lambda panel: of(panel, farthest=28, most=6_000))


@pytest.mark.parametrize(
    ("days", "rung"),
    [(0, "new"), (13, "new"), (14, "young"), (59, "young"), (60, "growing"), (364, "growing"), (365, "grown")],
)
def test_a_series_climbs_as_it_grows_older(days: int, rung: str) -> None:
    assert rung_of(days) == rung


def test_the_blends_are_means_with_tsb_for_what_is_rarely_sold() -> None:
    panel = noisy()
    quantity = panel.quantity.copy()
    quantity[4, np.arange(500) % 10 > 2] = 0
    made = forecast(small(quantity, ahead=28, promo=panel.promo), 28).by_model
    mean, median, lines = made[Model.POISSON], made[Model.MEDIAN], made[Model.RIDGE]
    assert made[Model.CHART][0] == pytest.approx((mean + median + lines)[0] / 3)
    assert made[Model.ORDER][0] == pytest.approx((mean + lines)[0] / 2)
    assert made[Model.ORDER][4] == pytest.approx((mean + lines + made[Model.TSB])[4] / 3)
    assert made[Model.CHART][4] == pytest.approx((mean + median + lines + made[Model.TSB])[4] / 4)


def test_younger_series_stand_beside_grown_ones() -> None:
    panel = noisy()
    quantity = panel.quantity.copy()
    for place, age in enumerate((0, 5, 40, 200)):
        quantity[place, : 500 - age] = np.nan
    made = forecast(small(quantity, ahead=28, promo=panel.promo), 28)
    assert made.rungs[:5] == (Rung.NEW, Rung.NEW, Rung.YOUNG, Rung.GROWING, Rung.GROWN)
    assert made.boosted
    for one in made.by_model.values():
        assert np.isfinite(one).all()
        assert (one >= 0).all()
    assert made.by_model[Model.ORDER][0].min() > 0


def test_under_thirty_series_are_forecast_by_ridge_and_smoothing() -> None:
    made = forecast(noisy(29), 28)
    assert not made.boosted
    assert Model.POISSON not in made.by_model
    assert learn(noisy(29)) is None


def test_a_model_fitted_before_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = noisy()
    fitted, whole = learn(panel), forecast(panel, 28)
    monkeypatch.setattr(ladder, "learn", lambda _panel: pytest.fail("fitted once more"))
    again = forecast(panel, 28, learned=fitted)
    assert all(np.array_equal(again.by_model[model], one) for model, one in whole.by_model.items())


def test_no_more_days_are_forecast_than_are_known_of() -> None:
    assert forecast(noisy(3, 60, ahead=5), 28).by_model[Model.ORDER].shape == (3, 5)


def test_no_series_and_no_sales_are_no_error() -> None:
    assert forecast(small(np.zeros((40, 400))), 14).by_model[Model.ORDER].tolist() == [[0.0] * 14] * 40
    empty = noisy(3, 60).rows(np.zeros(0, dtype=np.int64))
    assert forecast(empty, 7).by_model[Model.ORDER].shape == (0, 7)
