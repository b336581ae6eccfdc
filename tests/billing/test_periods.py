"""Periods, and what a part of one costs, to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.billing.periods import CYCLES, Period, part, period_from, unused, used

days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
prices = st.integers(0, 5_000_000)


@pytest.mark.parametrize(
    ("first", "cycle", "anchor", "end"),
    [
        (date(2026, 1, 31), "month", 31, date(2026, 2, 28)),
        (date(2026, 2, 28), "month", 31, date(2026, 3, 31)),
        (date(2028, 1, 31), "month", 31, date(2028, 2, 29)),
        (date(2026, 12, 15), "month", 15, date(2027, 1, 15)),
        (date(2028, 2, 29), "year", 29, date(2029, 2, 28)),
        (date(2026, 11, 22), "year", 22, date(2027, 11, 22)),
    ],
)
def test_the_table_of_periods(first: date, cycle: str, anchor: int, end: date) -> None:
    assert period_from(first, cycle, anchor) == Period(first, end)


@pytest.mark.parametrize(
    ("price", "until", "cost"),
    [(1900, 1, 0), (1900, 2, 61), (1900, 16, 919), (1900, 31, 1839), (1900, 32, 1900), (5900, 16, 2855)],
)
def test_the_table_of_parts_of_march(price: int, until: int, cost: int) -> None:
    march = Period(date(2026, 3, 1), date(2026, 4, 1))
    assert used(price, march, march.first + timedelta(days=until - 1)) == cost


@given(days, st.sampled_from(CYCLES), prices, st.lists(st.integers(0, 370), max_size=8))
def test_the_parts_add_up_to_the_price_however_often_it_is_cut(
    first: date, cycle: str, price: int, cuts: list[int]
) -> None:
    period = period_from(first, cycle, first.day)
    edges = [period.first, *sorted(min(first + timedelta(days=cut), period.end) for cut in cuts), period.end]
    parts = [part(price, period, one, other) for one, other in pairwise(edges)]
    assert sum(parts) == price
    assert all(cost >= 0 for cost in parts)


@given(days, st.sampled_from(CYCLES), prices, st.integers(0, 370))
def test_used_and_unused_are_the_whole(first: date, cycle: str, price: int, cut: int) -> None:
    period = period_from(first, cycle, first.day)
    day = min(first + timedelta(days=cut), period.end)
    assert used(price, period, day) + unused(price, period, day) == price


@given(days, st.sampled_from(CYCLES), st.integers(1, 24))
def test_periods_follow_each_other_without_a_gap_and_keep_their_day(first: date, cycle: str, count: int) -> None:
    day = first
    for _ in range(count):
        period = period_from(day, cycle, first.day)
        assert period.first == day < period.end
        assert period.end.day == first.day or (period.end + timedelta(days=1)).day == 1
        day = period.end
