"""A line per series: what it learns, and that it is linear."""

from __future__ import annotations

import numpy as np
import pytest

from retail.forecasting.metrics import wape
from retail.forecasting.ridge import fitted, ridge
from tests.forecasting.shapes import WEEK, noisy, small


def test_weekdays_are_learned_nearly_whole() -> None:
    assert ridge(small(WEEK * 80), 7)[0] == pytest.approx(WEEK, abs=0.35)


def test_a_promotion_is_learned_and_read_as_a_share() -> None:
    promo = np.zeros(7 * 80 + 14, dtype=bool)
    promo[np.arange(len(promo)) % 20 < 8] = True
    values = np.where(promo[: 7 * 80], 15.0, 10.0)
    line, made = fitted(small(values, promo=promo), 14)
    assert made[0][promo[7 * 80 :]] == pytest.approx(15, abs=0.2)
    assert made[0][~promo[7 * 80 :]] == pytest.approx(10, abs=0.2)
    assert line.effects(np.array([10.0]))["promo"][0] == pytest.approx(0.5, abs=0.2)


def test_a_dearer_price_sells_less_where_it_did_so_before() -> None:
    price = np.where(np.arange(400 + 14) % 20 < 10, 2.0, 3.0)
    values = np.where(price[:400] < 2.5, 12.0, 6.0)
    made = ridge(small(values, price=price), 14)[0]
    assert made[price[400:] < 2.5].mean() - made[price[400:] > 2.5].mean() == pytest.approx(6, abs=1)


def test_closed_days_are_nothing_and_it_never_falls_below() -> None:
    opened = np.ones(200 + 14, dtype=bool)
    opened[203] = False
    made = ridge(small(np.linspace(20, 0, 200), open=opened), 14)
    assert made[0, 3] == 0
    assert made.min() >= 0


def test_it_scales_and_other_series_don_t_matter() -> None:
    some = noisy(3, 200)
    alone = ridge(some.rows(np.array([1])), 28)
    with_zeros = small(
        np.vstack([some.quantity, np.zeros((1, 200)), some.quantity[1:2] * 3]),
        ahead=28,
        promo=np.vstack([some.promo, some.promo[:1], some.promo[1:2]]),
    )
    made = ridge(with_zeros, 28)
    assert made[1] == pytest.approx(alone[0], abs=1e-9)
    assert made[4] == pytest.approx(alone[0] * 3, abs=1e-9)
    assert made[3].tolist() == [0] * 28


def test_a_history_of_one_day_is_forecast_all_the_same() -> None:
    assert np.isfinite(ridge(small([5.0]), 7)).all()
    assert ridge(small(np.full((1, 3), np.nan)), 7).tolist() == [[0] * 7]


def test_it_is_better_than_its_own_noise() -> None:
    whole = noisy(20, 400)
    past = whole.until(372)
    sold = whole.quantity[:, 372:]
    assert wape(sold, ridge(past, 28)) < 0.45
