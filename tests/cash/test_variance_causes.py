"""What would explain a variance: each rule of docs/algorithms/shifts.md, and their order."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.cash.causes import CODES, Evidence, Moved, Paid, causes_of
from retail.kit.cash_pieces import coins, notes, rolls
from retail.kit.money import currency

EUR = currency("EUR")
DRAWER = Evidence(9_000, 9_000, 15_000, coins=coins(EUR), notes=notes(EUR), rolls=rolls(EUR))
MONEY_JS = Path(__file__).resolve().parents[2] / "kiosk/till/money.js"


def found(evidence: Evidence) -> list[str]:
    return [cause.code for cause in causes_of(evidence, str)]


def counted(minor: int, **changes: object) -> Evidence:
    return replace(DRAWER, counted_minor=minor, **changes)  # type: ignore[arg-type]


def test_a_drawer_that_is_right_needs_no_cause() -> None:
    assert found(counted(9_000, tenders=[Paid("card", 0, 1)])) == []


CASES: dict[str, tuple[Evidence, str, str]] = {
    "cash rung up as card": (counted(12_000, tenders=[Paid("card", 3_000, 18)]), "tender", "Receipt 18"),
    "card rung up as cash": (counted(6_000, tenders=[Paid("cash", 3_000, 18)]), "tender", "Receipt 18"),
    "digits of the sum": (replace(DRAWER, expected_minor=19_200, counted_minor=12_900), "slip", "12900 was typed"),
    "digits of the pieces": (counted(21_000, pieces={"1000": 21}, expected_minor=12_000), "slip", "12"),
    "float typed wrong": (counted(8_500, opening_difference_minor=500), "float", "500"),
    "float taken out": (counted(1_000, expected_minor=16_000), "float", "15000"),
    "float twice": (counted(24_000), "float", "15000"),
    "a pay-out that was not done": (counted(10_230, moves=[Moved("pay_out", 1_230, "Milk")]), "move_twice", "Milk"),
    "a drop written as brought": (
        counted(9_000 - 8_040, moves=[Moved("float", 4_020, "Safe")]), "move_turned", "Safe",
    ),
    "a pay-out like every day": (counted(7_650, usual=[Moved("pay_out", 1_350, "Cleaner", 3)]), "usual_move", "3 of"),
    "a note too few": (counted(8_500), "piece", "note of 500 too few"),
    "a coin too many": (counted(9_200), "piece", "coin of 200 too many"),
    "a roll": (counted(9_000 - 400), "roll", "40"),
    "a round amount": (counted(5_500), "round", "cash-out"),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_each_rule_names_its_cause(what: str) -> None:
    evidence, code, part = CASES[what]
    first = causes_of(evidence, str)[0]
    assert first.code == code, [one.code for one in causes_of(evidence, str)]
    assert part in first.sentence
    assert first.sentence.endswith(".")


def test_the_likeliest_comes_first_and_five_are_listed() -> None:
    many = counted(
        8_000,
        tenders=[Paid("cash", 1_000, 4), Paid("cash", 1_000, 9)],
        usual=[Moved("pay_out", 1_000, "Window cleaner", 4)],
        opening_difference_minor=1_000,
    )
    assert found(many) == ["float", "usual_move", "tender", "piece", "round"]


def test_what_doesnt_fit_exactly_is_no_cause() -> None:
    odd = counted(
        9_003,
        tenders=[Paid("card", 4, 1), Paid("cash", 3, 2)],
        moves=[Moved("pay_out", 2, "x")],
        usual=[Moved("pay_out", 3, "x", 9)],
    )
    assert found(odd) == []


def test_many_receipts_of_one_amount_make_a_weak_clue() -> None:
    several = counted(12_000, tenders=[Paid("card", 3_000, number) for number in range(1, 9)])
    cause = next(one for one in causes_of(several, str) if one.code == "tender")
    assert (cause.weight, "1, 2, 3 …" in cause.sentence) == (40, True)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_neighbours_swapped_are_found_whatever_the_count(expected: int, at: int) -> None:
    digits = str(expected)
    place = at % max(1, len(digits) - 1)
    typed = digits[:place] + digits[place : place + 2][::-1] + digits[place + 2 :]
    evidence = Evidence(expected, int(typed))
    slip = "slip" in found(evidence)
    leading_zero = len(str(int(typed))) != len(digits)
    assert slip == (int(typed) != expected) or leading_zero


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**6))
def test_causes_are_known_ordered_and_the_same_each_time(expected: int, found_minor: int) -> None:
    evidence = replace(DRAWER, expected_minor=expected, counted_minor=found_minor)
    causes = causes_of(evidence, str)
    assert causes == causes_of(evidence, str)
    assert {one.code for one in causes} <= set(CODES)
    assert [one.weight for one in causes] == sorted((one.weight for one in causes), reverse=True)


def test_coins_and_notes_are_the_tills_own() -> None:
    rows = re.findall(r"^  ([A-Z]{3}): \{ coins: \[(.*?)\], notes: \[(.*?)\] \}", MONEY_JS.read_text(), re.MULTILINE)
    assert len(rows) == 17
    for code, of_coins, of_notes in rows:
        of = currency(code)
        expected = [[round(float(one) * 10**of.exponent) for one in row.split(",")] for row in (of_coins, of_notes)]
        assert [coins(of), notes(of)] == expected, code
    assert (coins(EUR), notes(EUR)) == ([1, 2, 5, 10, 20, 50, 100, 200], [500, 1000, 2000, 5000, 10_000, 20_000])
    assert (coins(currency("KRW"))[0], rolls(EUR)[50]) == (1, 40)
