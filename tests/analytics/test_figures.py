"""What the figures mean, and how two times are compared: the rules, to the last digit."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import retail.analytics
from retail.analytics.curve import points
from retail.analytics.queries import Figures
from retail.analytics.reorder import OnHand, runs_out_in
from retail.analytics.rules import Change, Period, Totals, change, change_of_share, period, total, window
from retail.analytics.sparks import Spark, spark
from retail.analytics.writing import day_label, hour_label, long_day, moved, share, short_money
from retail.kit.ids import new_id
from retail.kit.money import currency
from tests.support.source import tree_of

FRIDAY = date(2026, 11, 20)
SOME = Totals(sales=3, units=Decimal("7.5"), revenue=9900, tax=900, cost=6000, returns=1, refunds=600)


def test_a_basket_is_what_sales_brought_without_what_returns_took() -> None:
    assert SOME.average_basket == 3500
    assert Totals(sales=0, revenue=-600, refunds=600).average_basket is None


def test_the_margin_is_measured_without_tax() -> None:
    assert SOME.margin == 3000
    assert SOME.gross_margin == Decimal("0.3333")
    assert Totals(sales=1, revenue=100, cost=130).gross_margin == Decimal("-0.3")
    assert Totals(revenue=-100).gross_margin is None


def test_figures_add_up_field_by_field() -> None:
    assert total([SOME, SOME]) == Totals(6, Decimal("15.0"), 19800, 1800, 12000, 2, 1200)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (108_200, 100_000, Change(Decimal("0.082"), "up")),
        (99_950, 100_000, Change(Decimal("-0.001"), "down")),
        (100_049, 100_000, Change(Decimal("0.000"), "flat")),
        (5, 0, None),
        (None, 100, None),
    ],
)
def test_a_change_is_a_share_of_what_was(now: int | None, before: int, expected: Change | None) -> None:
    assert change(now, before) == expected


def test_a_change_of_the_margin_is_told_in_points() -> None:
    assert change_of_share(Decimal("0.3142"), Decimal("0.3203")) == Change(Decimal("-0.006"), "down", points=True)
    assert change_of_share(None, Decimal("0.3")) is None


def test_every_time_is_compared_with_the_same_weekdays() -> None:
    assert period("day", FRIDAY).back == timedelta(7)
    assert period("week", FRIDAY) == Period("week", date(2026, 11, 16), date(2026, 11, 22))
    assert period("week", FRIDAY).back == timedelta(7)
    assert period("month", FRIDAY) == Period("month", date(2026, 11, 1), date(2026, 11, 30))
    assert period("month", FRIDAY).back == timedelta(35)
    assert period("month", FRIDAY, date(2027, 2, 3)).back == timedelta(28)
    assert period("custom", FRIDAY, date(2026, 12, 1), date(2026, 11, 1)).first == date(2026, 11, 1)
    assert period("custom", FRIDAY, date(2000, 1, 1), FRIDAY).days == 732
    assert [period("day", FRIDAY, on).floats for on in (None, FRIDAY, date(2026, 11, 19))] == [True, True, False]


def test_a_store_has_its_own_today_and_its_own_hours() -> None:
    at = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    late = window(new_id(), "Europe/Berlin", 4, period("day", FRIDAY), at)
    assert (late.first, late.today, late.reached, late.place(4), late.place(3)) == (
        date(2026, 11, 19), date(2026, 11, 19), 23, 0, 23,
    )  # fmt: skip
    tokyo = window(new_id(), "Asia/Tokyo", 0, period("day", FRIDAY), at)
    assert (tokyo.today, tokyo.reached) == (FRIDAY, 11)


def test_the_curve_fills_hours_without_a_sale_and_ends_with_the_hour_that_runs() -> None:
    one = window(new_id(), "UTC", 0, period("day", FRIDAY), datetime(2026, 11, 20, 12, 5, tzinfo=UTC))
    sold = Totals(sales=1, revenue=500)
    figures = Figures({(FRIDAY, 9): sold}, {(FRIDAY, 8): sold, (FRIDAY, 14): sold}, sold, sold)
    drawn = points(figures, period("day", FRIDAY), [one])
    assert [point.hour for point in drawn] == [8, 9, 10, 11, 12, 13, 14]
    assert [point.now and point.now.revenue for point in drawn] == [0, 500, 0, 0, 0, None, None]
    assert [point.before.revenue for point in drawn] == [500, 0, 0, 0, 0, 0, 500]
    assert [point.hour for point in drawn if point.running] == [12]


def test_the_curve_of_a_longer_time_has_a_point_a_day() -> None:
    week = period("week", FRIDAY)
    one = window(new_id(), "UTC", 0, week, datetime(2026, 11, 20, 12, 5, tzinfo=UTC))
    drawn = points(Figures({(FRIDAY, 0): SOME}, {}, SOME, Totals()), week, [one])
    assert [point.now is None for point in drawn] == [False] * 5 + [True] * 2
    assert drawn[4].running
    assert points(Figures({}, {}, Totals(), Totals()), week, [one]) == []


def test_a_spark_is_a_smooth_line_of_whole_tenths() -> None:
    assert spark([0, 10, None, 5]) == Spark("M0 22C16.7 22 16.7 2 33.3 2M100 12h0", "M0 22C16.7 22 16.7 2 33.3 2V24H0Z")
    assert spark([None, 0, None, None, 10, 10, None]) == Spark(  # hours without sales have no average basket
        "M16.7 22h0M66.7 2C75 2 75 2 83.3 2", "M66.7 2C75 2 75 2 83.3 2V24H66.7Z"
    )
    assert spark([7, 7]) == Spark("M0 12C50 12 50 12 100 12", "M0 12C50 12 50 12 100 12V24H0Z")
    assert spark([7, None]) is None


@pytest.mark.parametrize(
    ("on_hand", "per_day", "days"),
    [("3", "21", 0), ("6", "4.2", 1), ("31", "5.5", 5), ("-2", "1", 0), ("5", "0", None)],
)
def test_goods_run_out_at_their_pace(on_hand: str, per_day: str, days: int | None) -> None:
    assert runs_out_in(OnHand(Decimal(on_hand), Decimal(per_day))) == days


def test_figures_are_written_the_way_of_the_place() -> None:
    euro = currency("EUR")
    assert short_money(1_248_150, euro, "en") == "€12,482"
    assert short_money(99_999, euro, "en") == "€999.99"
    assert short_money(1_248_150, euro, "de") == "12.482\N{NO-BREAK SPACE}€"
    assert share(Decimal("0.3142"), "en") == "31.4%"
    assert share(Decimal("0.33"), "en") == "33.0%"
    assert moved(Change(Decimal("0.082"), "up"), "en") == "+8.2%"
    assert moved(Change(Decimal("-0.006"), "down", points=True), "en") == "\N{MINUS SIGN}0.6"
    assert (hour_label(14, "en"), hour_label(14, "de")) == ("2 PM", "14")
    assert (day_label(FRIDAY, 7, "en"), day_label(FRIDAY, 30, "en")) == ("Fri 20", "Nov 20")
    assert (long_day(FRIDAY, "en"), long_day(FRIDAY, "de")) == ("Friday, November 20", "Friday, 20 November")


def test_no_float_is_anywhere_near_the_figures() -> None:
    for file in Path(retail.analytics.__file__).parent.glob("*.py"):
        for node in ast.walk(tree_of(file)):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), (file.name, node.lineno)
            assert not (isinstance(node, ast.Name) and node.id == "float"), (file.name, node.lineno)
            assert not (isinstance(node, ast.Div) and file.name != "reorder.py"), file.name
