"""What a business must have, levels of risk, months: small cases by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from retail.customers.segmented import SEGMENTS, segment_words
from retail.kit.money import currency
from retail.segments import rules
from retail.segments.queries import State
from retail.segments.rules import RISKS, month_ends, risk_bounds, risk_level, standing
from retail.segments.words import (
    meaning_words,
    method_words,
    percent,
    risk_checked,
    risk_words,
    standing_words,
    suggestion,
    value_words,
)

EUR = currency("EUR")


@pytest.mark.parametrize(
    ("customers", "history", "found"),
    [(0, 0, "few"), (29, 900, "few"), (30, 59, "short"), (30, 60, "ready"), (5_000, 0, "short")],
)
def test_segments_need_customers_and_days(customers: int, history: int, found: str) -> None:
    assert standing(customers, history) == found


@pytest.mark.parametrize(("history", "days"), [(0, None), (179, None), (180, 90), (719, 90), (720, 180), (1_095, 180)])
def test_a_backtest_takes_a_part_of_the_history(history: int, days: int | None) -> None:
    assert rules.tested_days(history) == days


def test_every_chance_has_one_level() -> None:
    for permille in range(1_001):
        [level] = [one for one in RISKS if risk_bounds(one)[0] <= permille < risk_bounds(one)[1]]
        assert level == risk_level(permille)
    assert [risk_level(one) for one in (299, 300, 599, 600)] == ["low", "medium", "medium", "high"]


def test_month_ends_go_back_a_year_and_no_further_than_what_is_known() -> None:
    found = month_ends(date(2026, 3, 1), date(2020, 1, 1))
    assert (len(found), found[0], found[-1]) == (12, date(2025, 3, 31), date(2026, 2, 28))
    assert month_ends(date(2026, 3, 1), date(2026, 1, 31)) == [date(2026, 1, 31), date(2026, 2, 28)]
    assert month_ends(date(2026, 3, 1), date(2026, 3, 1)) == []
    assert all((one + timedelta(days=1)).day == 1 for one in found)


def test_every_segment_has_a_name_a_meaning_and_something_to_do() -> None:
    for tell in (segment_words, meaning_words, suggestion):
        assert len({tell(one) for one in SEGMENTS}) == len(SEGMENTS) == 6
    assert len({method_words(one) for one in rules.METHODS}) == 3


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State(standing="few", customers=12), "12 known customers have bought so far. From 30 on"),
        (State(standing="short", history_days=31), "31 days ago. After 60 days"),
        (State(standing="ready"), ""),
    ],
)
def test_too_little_is_told_in_a_sentence(state: State, words: str) -> None:
    told = standing_words(state, "en")
    assert words in told
    assert bool(words) == bool(told)


def test_how_good_values_and_risks_are_is_told_with_the_floor() -> None:
    checked: dict[str, Any] = {
        "value_method": "bgnbd", "value_days": 90, "value_error_minor": 57_003, "floor_error_minor": 59_437,
        "value_told_minor": 100_00, "value_came_minor": 200_00,
    }  # fmt: skip
    told = value_words(State(**checked), EUR, "en")
    assert all(one in told for one in ("90 days", "€570.03", "€594.37", "€100.00", "€200.00"))
    assert "50 of them have come twice" in value_words(State(), EUR, "en")
    good = State(risk_known=True, risk_low_permille=178, risk_high_permille=625)
    assert "of those with a high risk 63% stayed away, of those with a low one 18%" in risk_checked(good, "en")
    assert "Checked" not in risk_checked(State(risk_known=True), "en")
    assert "120 days" in risk_checked(State(), "en")
    assert (risk_words(None, "en"), risk_words(625, "en")) == ("\u2013", "high, 63%")
    assert percent(5, "de") == "1\u00a0%"
