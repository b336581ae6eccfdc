"""New prices from old ones, and margins."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.catalog.prices.reckoning import (
    Ending,
    Kind,
    Proposal,
    Rule,
    Subject,
    ended,
    endings,
    goes_too_far,
    margin,
    propose,
)
from retail.kit.money import currency

CENTS = endings(currency("EUR"))
LOAF = Subject(420, Decimal(168), 70_000, prices_include_tax=True)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("percent", 500), 441),
        (Rule("percent", 500, CENTS[".99"]), 499),  # 3.99 is nearer to 4.41, and lower than it was
        (Rule("percent", -500, CENTS[".99"]), 399),
        (Rule("percent", 500, CENTS[".95"]), 495),
        (Rule("percent", 500, CENTS["0.05"]), 440),
        (Rule("percent", -1000), 378),
        (Rule("amount", -50), 370),
        (Rule("amount", 100, CENTS["1"]), 500),
        (Rule("exact", 333), 333),
        (Rule("margin", 4000), 300),  # 1.68 / 0.6 = 2.80 without tax, 2.996 with it
    ],
)
def test_a_rule_gives_the_price_of_the_page_on_prices(rule: Rule, expected: int) -> None:
    made = propose(rule, LOAF)
    assert (made.price_minor, made.problem) == (expected, None)


@pytest.mark.parametrize(
    ("rule", "subject", "problem"),
    [
        (Rule("amount", -421), LOAF, "below_zero"),
        (Rule("margin", 4000), Subject(420, Decimal(0), 0, prices_include_tax=True), "no_cost"),
        (Rule("amount", 100_000_000), LOAF, "too_much"),
    ],
)
def test_what_makes_no_price_leaves_it_as_it_is_and_says_why(rule: Rule, subject: Subject, problem: str) -> None:
    made = propose(rule, subject)
    assert (made.price_minor, made.problem) == (420, problem)


@given(st.integers(0, 10**8), st.sampled_from([*CENTS.values(), *endings(currency("JPY")).values(), Ending(1000, 990)]))
def test_an_ended_price_has_its_ending_and_is_the_nearest(price: int, ending: Ending) -> None:
    made = ended(price, ending)
    assert made % ending.step == ending.rest
    assert made >= ending.rest
    assert abs(made - price) * 2 <= ending.step or made == ending.rest
    assert ended(made, ending) == made


@given(
    st.integers(0, 10**6),
    st.sampled_from(["percent", "amount"]),
    st.integers(1, 5000),
    st.sampled_from([*CENTS.values(), *endings(currency("JPY")).values()]),
)
def test_a_raise_never_lowers(price: int, kind: Kind, value: int, ending: Ending) -> None:
    made = propose(Rule(kind, value, ending), Subject(price, Decimal(0), 0, prices_include_tax=True))
    if made.problem is None:
        assert made.price_minor >= price
        assert made.price_minor % ending.step == ending.rest or (kind == "percent" and not price)
        assert made.price_minor - price <= value * (price / 10_000 if kind == "percent" else 1) + ending.step + 1


def test_a_raise_of_five_percent_on_five_ends_above_it() -> None:
    subject = Subject(500, Decimal(0), 0, prices_include_tax=True)
    assert propose(Rule("percent", 500, CENTS[".99"]), subject) == Proposal(599)


@pytest.mark.parametrize(
    ("rule", "price", "too_far"),
    [
        (Rule("percent", 500, CENTS[".99"]), 110, True),  # 1.99: 0.89 for 0.055
        (Rule("percent", 500, CENTS[".99"]), 950, False),  # 9.99 for 9.98
        (Rule("percent", 500, CENTS["0.05"]), 100, False),
        (Rule("percent", -500, CENTS[".99"]), 460, True),  # 3.99: 0.61 for 0.23
        (Rule("percent", 500), 10, False),  # a cent for half of one is rounding
        (Rule("percent", 500, CENTS[".99"]), 0, False),  # a part of nothing is nothing
        (Rule("amount", 10, CENTS[".99"]), 0, True),
        (Rule("amount", 10, CENTS[".99"]), 110, True),
        (Rule("amount", 50, CENTS[".99"]), 110, False),
        (Rule("exact", 999), 110, False),
    ],
)
def test_more_than_twice_what_the_rule_says_is_too_far(rule: Rule, price: int, too_far: bool) -> None:
    made = propose(rule, Subject(price, Decimal(0), 0, prices_include_tax=True))
    assert goes_too_far(rule, price, made) == too_far


def test_the_margin_is_what_stays_of_the_price_without_tax() -> None:
    assert margin(300, Decimal(168), 70_000, prices_include_tax=True) == 4008
    assert margin(280, Decimal(168), 70_000, prices_include_tax=False) == 4000
    assert margin(100, Decimal(168), 0, prices_include_tax=True) == -6800
    assert margin(100, Decimal(0), 0, prices_include_tax=True) is None
    assert margin(0, Decimal(5), 0, prices_include_tax=True) is None


@given(st.integers(1, 10**6), st.integers(0, 9900), st.integers(0, 10**6), st.booleans())
def test_the_price_for_a_margin_has_that_margin(cost: int, wanted: int, tax: int, inclusive: bool) -> None:
    made = propose(Rule("margin", wanted), Subject(0, Decimal(cost), tax, prices_include_tax=inclusive))
    if made.problem is None:
        exact = cost * (1 if not inclusive else (1 + tax / 1e6)) / (1 - wanted / 1e4)
        assert -exact * 1e-9 <= made.price_minor - exact < 1 + exact * 1e-9


@given(st.integers(1, 10**6), st.integers(0, 9900), st.integers(0, 10**6), st.sampled_from(sorted(CENTS)))
def test_a_margin_is_reached_whatever_the_ending(cost: int, wanted: int, tax: int, ending: str) -> None:
    subject = Subject(0, Decimal(cost), tax, prices_include_tax=True)
    made = propose(Rule("margin", wanted, CENTS[ending]), subject)
    if made.problem is None:
        reached = margin(made.price_minor, subject.cost, tax, prices_include_tax=True)
        assert reached is not None
        assert reached >= wanted
        step, rest = CENTS[ending].step, CENTS[ending].rest
        assert made.price_minor % step == rest
        below = margin(made.price_minor - step, subject.cost, tax, prices_include_tax=True)
        assert below is None or below <= wanted


def test_half_a_margin_with_an_ending_goes_up_where_the_nearest_one_would_miss_it() -> None:
    assert propose(Rule("margin", 5000, CENTS[".99"]), Subject(100, Decimal(200), 0, prices_include_tax=False)) == (
        Proposal(499)
    )


@pytest.mark.parametrize("rule", [Rule("percent", -10_000), Rule("amount", -420), Rule("exact", 0)])
def test_nothing_is_given_away_unless_it_is_meant(rule: Rule) -> None:
    assert propose(rule, LOAF) == Proposal(420, "free")
    assert propose(replace(rule, free=True), LOAF) == Proposal(0)
