"""The boosted models: what their rows hold, and that the same panel gives the same numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from retail.forecasting import boosting
from retail.forecasting.features import NAMES, levels, rows, sums
from retail.forecasting.metrics import wape
from retail.forecasting.panel import Panel
from tests.forecasting.shapes import WEEK, noisy, small


def row(panel: Panel, target: int) -> dict[str, float]:
    origin = np.array([panel.known])
    made = rows(sums(panel), np.array([0]), origin, np.array([target]))[0]
    return dict(zip(NAMES, made.tolist(), strict=True))


def fitted(panel: Panel, horizon: int = 28, loss: boosting.Loss = "poisson") -> np.ndarray:
    model = boosting.fit(boosting.examples(panel, farthest=28, most=6_000), loss)
    assert model
    return boosting.predict(model, panel, horizon)


def test_a_row_by_hand() -> None:
    promo = np.zeros(28 + 14, dtype=bool)
    promo[[20, 27, 28, 29, 34]] = True
    holiday, opened = np.zeros(42, dtype=bool), np.ones(42, dtype=bool)
    holiday[35], opened[33] = True, False
    values = np.array(WEEK * 4)
    values[27] = 10.0
    level = values.mean()
    told = row(small(values, promo=promo, holiday=holiday, open=opened), 34)  # the first Sunday ahead: 4 February
    assert told["mean_7"] == pytest.approx(values[-7:].mean() / level)
    assert told["mean_28"] == pytest.approx(1)
    assert told["sd_91"] == pytest.approx(values.std() / level, rel=1e-5)
    assert told["zeros_91"] == 0
    assert told["weekday_1"] == pytest.approx(10 / level)
    assert told["weekday_4"] == pytest.approx(4 / level)  # 2, 2, 2, 10
    assert (told["horizon"], told["weekday"], told["month"], told["day"], told["of_year"]) == (7, 6, 2, 4, 34)
    assert (told["holiday_before"], told["holiday"], told["holiday_after"]) == (0, 0, 1)
    assert (told["closed_before"], told["closed_after"]) == (1, 0)
    assert (told["promo"], told["promo_before"], told["promo_after"], told["promo_run"]) == (1, 0, 0, 1)
    assert told["on_promo_91"] == pytest.approx(6 / level)  # 2 and 10
    assert told["off_promo_91"] == pytest.approx((values.sum() - 12) / 26 / level)
    assert told["uplift"] == pytest.approx(6 / ((values.sum() - 12) / 26))
    assert told["promo_share"] == pytest.approx(2 / 28)
    assert np.isnan([told["last_year"], told["last_year_ratio"], told["two_years_ratio"], told["price"]]).all()


def test_last_years_week_is_looked_at() -> None:
    values = np.arange(1.0, 501)
    told = row(small(values), 500)
    level = values[-91:].mean()
    assert told["last_year"] == pytest.approx(values[136 - 3 : 136 + 4].mean() / level, rel=1e-6)
    assert told["last_year_ratio"] == pytest.approx(values[133:140].mean() / values[136 - 91 : 136].mean(), rel=1e-6)


def test_nothing_at_or_behind_the_origin_is_looked_at() -> None:
    whole = noisy(3, 300)
    other = small(np.where(np.arange(300) < 250, whole.quantity, 99.0), ahead=28, promo=whole.promo)
    series, origin = np.repeat(np.arange(3), 20), np.full(60, 250)
    target = np.tile(250 + np.arange(20), 3)
    assert np.array_equal(rows(sums(whole), series, origin, target), rows(sums(other), series, origin, target), True)


def test_the_level_of_a_series_that_rested_is_its_older_one() -> None:
    panel = small([4.0] * 100 + [0.0] * 91)
    assert levels(sums(panel), np.array([0]), np.array([191])) == pytest.approx([400 / 191])


def test_the_same_panel_gives_the_same_numbers() -> None:
    panel = noisy()
    assert np.array_equal(fitted(panel), fitted(panel))


def test_a_series_that_is_scaled_has_its_forecast_scaled() -> None:
    panel = noisy()
    quantity = panel.quantity.copy()
    quantity[3] *= 4
    more = small(quantity, ahead=28, promo=panel.promo)
    assert np.array_equal(fitted(more)[3], fitted(panel)[3] * 4)
    assert np.array_equal(np.delete(fitted(more), 3, axis=0), np.delete(fitted(panel), 3, axis=0))


def test_a_series_that_never_sold_changes_nothing_for_others() -> None:
    panel = noisy()
    quantity, promo = (np.insert(one, 5, 0, axis=0) for one in (panel.quantity, panel.promo))
    made = fitted(small(quantity, ahead=28, promo=promo))
    assert np.array_equal(np.delete(made, 5, axis=0), fitted(panel))
    assert made[5].tolist() == [0.0] * 28


def test_a_short_history_has_columns_of_nothing_and_is_fitted_all_the_same() -> None:
    panel = noisy(days=90)  # no last year, no price
    drawn = boosting.examples(panel, most=4_000)
    assert not np.isfinite(drawn.rows[:, NAMES.index("price")]).any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = boosting.fit(drawn, "poisson")
    assert model
    assert not model.columns[NAMES.index("last_year")]


def test_too_little_to_learn_from_is_no_model() -> None:
    assert boosting.fit(boosting.examples(noisy(2, 30)), "poisson") is None
    assert boosting.fit(boosting.examples(small(np.zeros((40, 200)))), "poisson") is None


def test_days_out_of_stock_are_not_learned_from() -> None:
    whole = noisy()
    in_stock = np.ones(whole.quantity.shape, dtype=bool)
    in_stock[:, 100:130] = False
    told = small(whole.quantity, ahead=28, promo=whole.promo, in_stock=in_stock)
    other = small(np.where(in_stock, whole.quantity, 0.0), ahead=28, promo=whole.promo, in_stock=in_stock)
    assert np.array_equal(fitted(told), fitted(other))


def test_it_learns_weekdays_and_promotions() -> None:
    whole = noisy()
    past, sold = whole.until(472), whole.quantity[:, 472:]
    assert wape(sold, fitted(past)) < 0.45
    assert wape(sold, fitted(past, loss="absolute_error")) < 0.45


def test_closed_days_are_nothing() -> None:
    whole = noisy()
    opened = np.ones(528, dtype=bool)
    opened[505] = False
    assert fitted(small(whole.quantity, ahead=28, promo=whole.promo, open=opened))[:, 5].tolist() == [0.0] * 40
