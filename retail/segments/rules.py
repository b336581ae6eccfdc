"""The six segments, what a business must have for them, and levels of risk; pure. docs/algorithms/segments.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Risk = Literal["low", "medium", "high"]
Method = Literal["bgnbd", "rate", "last"]
Standing = Literal["few", "short", "ready"]

RISKS: Final[tuple[Risk, ...]] = ("low", "medium", "high")
METHODS: Final[tuple[Method, ...]] = ("bgnbd", "rate", "last")

LEAST_CUSTOMERS: Final = 30
"""With fewer there is no share of anything that isn't one person."""
LEAST_DAYS: Final = 60
"""With a shorter history everybody is new."""
LEAST_FOR_VALUE: Final = 50
"""So many must have come twice before it is told what customers will be worth."""
LOOKED_BACK: Final = timedelta(days=1_095)
HORIZON: Final = 90
"""Days ahead for which churn is told: who doesn't come within them is counted as gone."""
VALUE_DAYS: Final = 365
FRESH: Final = 60
"""A first visit so many days ago, or fewer, is new."""
NEW_VISITS: Final = 2
"""Who came on more days is no longer new."""
LEAST_SILENCE: Final = 60
"""Nobody is lost before so many days."""
SILENT: Final = 0.95
"""Lost is whose silence is longer than so large a share of all pauses between two visits."""
OWN_PAUSES: Final = 3
"""And longer than so many times their own interval."""
PRIOR: Final = 3
"""The business's interval counts in somebody's own as so many pauses of theirs."""
MONTHS_BACK: Final = 12
"""So many month ends are looked at when a business is looked at first: moves have a past from the first day on."""
REFIT: Final = timedelta(days=7)
"""So long the centres of the clusters stay: a segment changes because the customer did, not because of a new fit."""

_LOW: Final = 300
_HIGH: Final = 600
_BACKTESTS: Final = (180, 90)
_SHARE: Final = {180: 4, 90: 2}
"""A history must be so many times as long as what a backtest predicts of it."""


@dataclass(frozen=True, slots=True)
class Days:
    """The business days that are read, both included; `last` is the day as of which everything is told."""

    first: date
    last: date


def days_read(today: date) -> Days:
    """Choose the days to read."""
    return Days(today - LOOKED_BACK, today)


def standing(customers: int, history: int) -> Standing:
    """Say whether there is enough to tell segments from: enough customers who bought, and days since the first."""
    if customers < LEAST_CUSTOMERS:
        return "few"
    return "short" if history < LEAST_DAYS else "ready"


def tested_days(history: int) -> int | None:
    """Choose how many of the last days a backtest predicts; None where the history is too short for any."""
    return next((days for days in _BACKTESTS if history >= _SHARE[days] * days), None)


def risk_level(permille: int) -> Risk:
    """Name a chance of not coming back."""
    return "low" if permille < _LOW else "high" if permille >= _HIGH else "medium"


def risk_bounds(level: Risk) -> tuple[int, int]:
    """Give the chances that a level holds, in thousandths: the first that it has, and the first that it hasn't."""
    return {"low": (0, _LOW), "medium": (_LOW, _HIGH), "high": (_HIGH, 1_001)}[level]


def month_ends(today: date, first: date) -> list[date]:
    """Give the last days of the months before today's, the oldest first, none before the first day that is known."""
    found: list[date] = []
    last = today.replace(day=1) - timedelta(days=1)
    while len(found) < MONTHS_BACK and last >= first:
        found.append(last)
        last = last.replace(day=1) - timedelta(days=1)
    return found[::-1]
