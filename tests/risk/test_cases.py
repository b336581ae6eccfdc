"""Rates beside the others', and cases: the page's examples, and what must hold whatever the days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from benchmarks.fraud import by_cases, false_rate, found_in, simulate
from retail.risk import peers
from retail.risk.cases import COOL_DAYS, LEAST_DAYS, MEASURES, RARE, RUN, Judged, Shift, expected, judge
from retail.risk.tails import SIZE, at_least

DAY = date(2026, 1, 1)
NOTHING = (0,) * len(MEASURES)


def shift(day: int, cashier: str, sales: int = 60, **counts: int) -> Shift:
    return Shift(DAY + timedelta(days=day), cashier, sales, tuple(counts.get(name, 0) for name in MEASURES))


def usual(days: int, cashiers: int = 6) -> list[Shift]:
    """Days of a store in which each voids two of sixty sales and opens the drawer once without one."""
    return [shift(day, f"c{number}", void=2, no_sale=1) for day in range(days) for number in range(cashiers)]


@given(st.integers(1, 400), st.floats(0.001, 500))
def test_the_tail_is_that_of_a_negative_binomial(seen: int, mean: float) -> None:
    true = float(nbinom.sf(seen - 1, SIZE, SIZE / (SIZE + mean)))
    assert at_least(seen, mean) == pytest.approx(true, rel=1e-6, abs=1e-12)


def test_the_ends_of_the_tail() -> None:
    assert (at_least(0, 3.0), at_least(0, 0.0), at_least(2, 0.0)) == (1.0, 1.0, 0.0)
    assert round(1 / at_least(4, 0.3)) == 1873


def test_the_pages_example_of_others_at_the_same_times() -> None:
    own = {"monday": (300, 6), "saturday": (200, 8)}
    others = {"monday": (1800, 9), "saturday": (700, 14), "sunday": (500, 7)}
    found = peers.compare(own, others)
    assert (found.seen, found.sales, found.rate) == (14, 500, pytest.approx(2.8))
    assert found.expected == pytest.approx(5.2304, abs=5e-5)
    assert found.times == pytest.approx(2.4076, abs=5e-5)
    assert (found.chance, found.tone) == (pytest.approx(0.0156, abs=5e-5), "")
    assert peers.compare({"monday": (300, 16)}, others).tone == "bad"


def test_nobody_is_compared_with_too_few_others() -> None:
    found = peers.compare({"monday": (300, 6)}, {"monday": (299, 1)})
    assert (found.expected, found.times, found.chance, found.tone) == (None, None, None, "")
    assert peers.compare({}, {}).rate is None


@given(st.integers(0, 40), st.integers(1, 500), st.integers(0, 60), st.integers(300, 5000))
def test_who_does_more_is_never_less_conspicuous(seen: int, sales: int, done: int, sold: int) -> None:
    less, more = (peers.compare({"t": (sales, count)}, {"t": (sold, done)}) for count in (seen, seen + 1))
    assert more.chance is not None
    assert less.chance is not None
    assert more.chance <= less.chance + 1e-12


def test_the_pages_example_of_a_day() -> None:
    mean = expected(60, 900, 3, 6000, 12)
    assert mean == pytest.approx(0.15625)
    assert -log10(at_least(3, mean)) == pytest.approx(3.08, abs=5e-3)


def test_a_thief_does_not_become_their_own_baseline() -> None:
    assert expected(100, 10**6, 10**5, 6000, 12) == pytest.approx(100 * 2 * 13 / 6000)


def test_days_like_the_others_open_nothing_and_one_wild_day_a_case() -> None:
    days = usual(60)
    assert not [one for one in judge(days) if one.opens]
    [case] = [one for one in judge([*days, shift(60, "c1", void=2, no_sale=1, refund_blind=5)]) if one.opens]
    assert (case.cashier, case.reasons[0].measure, case.reasons[0].seen) == ("c1", "refund_blind", 5)
    assert case.reasons[0].rare >= RARE


def test_a_run_of_days_each_a_little_above_opens_a_case_and_then_rests() -> None:
    more = [shift(day, "c1", void=2, no_sale=3) for day in range(40, 60)]
    honest = [one for one in usual(60) if one.cashier != "c1" or (one.day - DAY).days < 40]
    cases = [one for one in judge([*honest, *more]) if one.opens]
    assert [(one.cashier, one.reasons[0].measure) for one in cases] == [("c1", "no_sale")] * len(cases)
    assert cases[0].reasons[0].rare < RARE
    assert cases[0].reasons[0].run >= RUN
    assert all((after.day - before.day).days >= COOL_DAYS for before, after in pairwise(cases))


def test_nobody_is_judged_too_early_or_without_others() -> None:
    wild = [shift(day, "c1", refund_blind=30) for day in range(LEAST_DAYS)]
    assert judge([*usual(LEAST_DAYS), *wild]) == []
    alone = judge([shift(day, "c1", refund_blind=30) for day in range(40)])
    assert {(one.reasons, one.opens, one.weight) for one in alone} == {((), False, 0.0)}


def test_a_higher_threshold_opens_no_earlier_case_and_the_order_changes_nothing() -> None:
    days = simulate(3, 70, 8).stores[0]

    def first(threshold: float) -> list[Judged]:
        return [one for one in judge(days, threshold) if one.opens]

    assert len(first(1.4)) <= len(first(1.0)) <= len(first(0.7))
    assert judge(list(reversed(days))) == judge(days)


def test_most_thieves_of_a_made_up_world_are_found_with_few_false_cases() -> None:
    worlds = [simulate(seed, 120, 8) for seed in (21, 22)]
    share, wait = found_in(by_cases, worlds, 1.0)
    assert share >= 0.8
    assert wait <= 20
    assert false_rate(by_cases, worlds, 1.0, 120) <= 1.2
