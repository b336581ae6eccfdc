"""Attempts at a payment and their outcome, and what cash of another currency is worth; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from retail.kit.money import mul_div

Outcome = Literal["approved", "declined", "cancelled", "unknown", "reversed"]
Source = Literal["terminal", "inquiry", "person"]
State = Literal["started", "approved", "declined", "cancelled", "unknown", "reversed"]

OUTCOMES: Final[tuple[str, ...]] = get_args(Outcome)
SOURCES: Final[tuple[str, ...]] = get_args(Source)
STATES: Final[tuple[str, ...]] = get_args(State)
FOREIGN_CASH: Final = "foreign_cash"
_BILLION: Final = 10**9


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to take an amount, written down before the terminal heard of it; amounts in minor units.

    `basket` becomes the sale's id; `tip_minor` is part of the amount.
    """

    id: UUID
    basket: UUID
    shift: UUID | None
    type: str
    terminal: str
    amount_minor: int
    tip_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What was heard of an attempt, and from whom."""

    id: UUID
    attempt: UUID
    outcome: str
    source: str
    amount_minor: int
    reference: str
    at: datetime


def state_of(steps: Sequence[Step]) -> str:
    """Say what became of an attempt from its steps, in the order they were written at the till.

    A person's word stands only until the terminal itself has spoken; "unknown" never takes back an answer; what was
    approved can only be reversed.
    """
    state, by_hand = "started", False
    for step in steps:
        if state == "reversed" or (step.outcome == "reversed" and state != "approved"):
            continue
        if step.outcome == "unknown":
            state = "unknown" if state == "started" else state
        elif state == "approved" and not by_hand:
            state = "reversed" if step.outcome == "reversed" else state
        elif step.source == "person" and state not in {"started", "unknown"} and not by_hand:
            continue
        else:
            state, by_hand = step.outcome, step.source == "person"
    return state


def approved_minor(steps: Iterable[Step]) -> int:
    """Say for how much an attempt was approved: as the last approval says."""
    return next((one.amount_minor for one in reversed(list(steps)) if one.outcome == "approved"), 0)


def worth(foreign_minor: int, rate_billionths: int, foreign_exponent: int, own_exponent: int) -> int:
    """Convert cash of another currency to the own one, both in minor units, rounded once.

    `rate_billionths` is what one whole unit of it is worth in whole units of the own currency, in billionths.
    """
    return mul_div(foreign_minor * 10**own_exponent, rate_billionths, _BILLION * 10**foreign_exponent)
