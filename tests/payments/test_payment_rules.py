"""What became of an attempt follows from its steps; what notes of another currency are worth is rounded once."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.payments.rules import OUTCOMES, SOURCES, Step, approved_minor, state_of, worth

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def step(outcome: str, source: str = "terminal", amount: int = 500) -> Step:
    return Step(UUID(int=1), UUID(int=2), outcome, source, amount, "", AT)


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        ([], "started"),
        ([("approved", "terminal")], "approved"),
        ([("declined", "terminal")], "declined"),
        ([("cancelled", "terminal")], "cancelled"),
        ([("unknown", "terminal")], "unknown"),
        ([("unknown", "terminal"), ("approved", "inquiry")], "approved"),
        ([("unknown", "terminal"), ("unknown", "inquiry"), ("declined", "inquiry")], "declined"),
        ([("unknown", "terminal"), ("approved", "person")], "approved"),
        ([("unknown", "terminal"), ("approved", "person"), ("declined", "inquiry")], "declined"),
        ([("approved", "terminal"), ("declined", "person")], "approved"),
        ([("declined", "terminal"), ("approved", "person")], "declined"),
        ([("approved", "terminal"), ("unknown", "inquiry")], "approved"),
        ([("approved", "terminal"), ("reversed", "terminal")], "reversed"),
        ([("approved", "terminal"), ("reversed", "terminal"), ("approved", "inquiry")], "reversed"),
        ([("declined", "terminal"), ("reversed", "terminal")], "declined"),
        ([("approved", "person"), ("reversed", "person")], "reversed"),
        ([("approved", "person"), ("declined", "person")], "declined"),
    ],
)
def test_an_attempt_is_what_its_steps_say(heard: list[tuple[str, str]], state: str) -> None:
    assert state_of([step(*one) for one in heard]) == state


@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(SOURCES)), max_size=6))
def test_not_knowing_never_takes_back_an_answer(heard: list[tuple[str, str]]) -> None:
    steps = [step(*one) for one in heard]
    before = state_of(steps)
    after = state_of([*steps, step("unknown", "inquiry")])
    assert after == ("unknown" if before == "started" else before)


def test_the_last_approval_says_how_much() -> None:
    assert approved_minor([step("approved", amount=500), step("approved", "inquiry", 450), step("unknown")]) == 450
    assert approved_minor([step("declined")]) == 0


@pytest.mark.parametrize(
    ("minor", "rate", "foreign", "own", "due"),
    [
        (1000, 920_000_000, 2, 2, 920),  # USD 10.00 in EUR
        (2000, 6_100_000, 0, 2, 1220),  # JPY 2000 in EUR
        (1250, 2_990_000_000, 3, 2, 374),  # KWD 1.250 in EUR: 3.7375
        (1000, 163_500_000_000, 2, 0, 1635),  # EUR 10.00 in JPY
        (5, 500_000_000, 2, 2, 3),  # a half is rounded away from zero
    ],
)
def test_notes_are_worth_what_the_table_says(minor: int, rate: int, foreign: int, own: int, due: int) -> None:
    assert worth(minor, rate, foreign, own) == due
