"""Panels: shapes that fit, what is usable, and sums."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from retail.forecasting.calendars import days_from, public_holidays, yearly_waves
from retail.forecasting.panel import Key, panel, summed
from tests.forecasting.shapes import MONDAY, small

NAN = float("nan")


def test_days_out_of_stock_closed_and_unknown_teach_nothing() -> None:
    opened = np.array([True, True, False, True, True])
    in_stock = np.array([[True, False, True, True]])
    assert small([1.0, 2, 3, NAN], ahead=1, open=opened, in_stock=in_stock).usable.tolist() == [[1, 0, 0, 0]]


def test_what_was_sold_is_forgotten_and_what_was_planned_is_not() -> None:
    past = small([1.0, 2, 3, 4], ahead=2).until(3)
    assert (past.known, past.days) == (3, 6)
    later = past.since(1)
    assert (later.known, later.days, later.first) == (2, 5, date(2024, 1, 2))
    assert later.quantity.tolist() == [[2, 3]]


def test_ages_count_from_the_first_known_day() -> None:
    assert small([[NAN, 0, 1], [NAN, NAN, NAN], [1, NAN, NAN]]).ages().tolist() == [2, 0, 3]


def test_series_are_added_up() -> None:
    opened = np.array([[True, False], [True, True], [True, True]])
    promo = np.array([[True, False], [False, False], [False, True]])
    three = small([[1.0, NAN], [2.0, NAN], [4.0, 5.0]], ahead=0, open=opened, promo=promo)
    made = summed(three, np.array([0, 0, 1]), (Key("S", ""), Key("T", "")))
    assert np.array_equal(made.quantity, [[3, NAN], [4, 5]], equal_nan=True)
    assert made.open.tolist() == [[True, True], [True, True]]
    assert made.promo.tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize("wrong", [{"quantity": -np.ones((1, 2))}, {"quantity": np.ones((2, 2))}])
def test_what_does_not_fit_is_refused(wrong: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"quantity|key"):
        panel((Key("S", "P"),), MONDAY, **wrong)


def test_the_calendar_of_a_leap_year() -> None:
    days = days_from(date(2024, 2, 28), 3)
    assert days.weekday.tolist() == [2, 3, 4]
    assert days.month.tolist() == [2, 2, 3]
    assert days.day.tolist() == [28, 29, 1]
    assert days.of_year.tolist() == [58, 59, 60]
    assert yearly_waves(np.array([0]), 2)[0].tolist() == [0, 0, 1, 1]


def test_holidays_of_a_country_and_of_a_region() -> None:
    germany = public_holidays("DE", date(2024, 1, 6), 1)
    bavaria = public_holidays("de", date(2024, 1, 6), 1, "BY")
    assert (germany.tolist(), bavaria.tolist()) == ([False], [True])
    assert public_holidays("IT", date(2023, 12, 31), 2).tolist() == [False, True]
