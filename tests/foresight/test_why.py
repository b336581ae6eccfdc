"""Why a model is used is said in a sentence that says so, and one that last week beats isn't."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from retail.forecasting.champions import Choice, or_naive
from retail.foresight.queries import Judgement
from retail.foresight.words import why_words

NAIVE, RIDGE, BLEND = "seasonal naive", "ridge", "blend for ordering"


def judged(model: str, before: str, *, better_in: int, rounds: int = 3) -> Judgement:
    day, error = date(2026, 11, 1), Decimal("0.8")
    return Judgement(
        7, "store", "revenue", datetime(2026, 11, 2, tzinfo=UTC), day, day, 1, model, before, rounds, better_in, 28,
        error, error, error, Decimal("0.75"), error, error, Decimal("1.0"),
    )  # fmt: skip


def test_each_case_has_its_sentence() -> None:
    assert why_words(judged(NAIVE, NAIVE, better_in=1), "en") == (
        "Used because no other model beats it: the best of them was more than 5 % better in 1 of 3 tries, "
        "and two of three are asked for."
    )
    assert why_words(judged(NAIVE, RIDGE, better_in=2), "en").startswith(
        "Used because no other model beats it any more: a line over calendar and holidays, used before"
    )
    assert why_words(judged(RIDGE, RIDGE, better_in=0), "en").startswith("Stays in use, with an error 25")
    assert "was more than 5 % better than it in 0 of 3 tries" in why_words(judged(RIDGE, RIDGE, better_in=0), "en")
    took = why_words(judged(BLEND, RIDGE, better_in=3), "en")
    assert took.startswith("Took over from a line over calendar and holidays")
    assert took.endswith("it was more than 5 % better in 3 of 3 tries.")
    assert "too short" in why_words(judged(NAIVE, NAIVE, better_in=0, rounds=0), "en")


def test_a_champion_that_last_week_beats_is_given_up_and_one_that_is_better_stays() -> None:
    rounds = [{RIDGE: 1.02, NAIVE: 1.0}, {RIDGE: 1.0, NAIVE: 0.99}, {RIDGE: 0.98, NAIVE: 1.0}]
    worse = Choice(RIDGE, RIDGE, {RIDGE: 1.0, NAIVE: 0.9966}, 0, 3)
    assert or_naive(worse, rounds, NAIVE) == Choice(NAIVE, RIDGE, worse.errors, 2, 3)
    better = Choice(RIDGE, RIDGE, {RIDGE: 0.99, NAIVE: 0.9966}, 0, 3)
    assert or_naive(better, rounds, NAIVE) is better
    unknown = Choice(RIDGE, RIDGE, {RIDGE: float("nan"), NAIVE: float("nan")}, 0, 0)
    assert or_naive(unknown, [], NAIVE) is unknown
