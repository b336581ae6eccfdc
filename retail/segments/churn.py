"""Who won't come back: how many of those who stood like this before didn't; on numpy and scikit-learn, for the worker.

docs/algorithms/segments.md, 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from retail.segments.history import Real, Stand, Visits, Whole, stand
from retail.segments.rules import HORIZON, risk_bounds

_STEP: Final = 30
_CUTS: Final = 4
"""So many days of the past are looked at, _STEP apart."""
_KNOWN: Final = 30
"""A day of the past counts from so many days of history on."""
_ENOUGH: Final = 50
"""A kind of customers with fewer examples is told from all of them."""
_KINDS: Final = (1, 2, 3, 6)
"""From how many visits on each kind is one of its own."""
_LEAST, _MOST = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class Habit:
    """Shares of customers who didn't come within HORIZON days, by how long they had been silent, per kind of them."""

    curves: dict[int, IsotonicRegression] = field(default_factory=dict)
    everybody: IsotonicRegression | None = None

    def risk(self, of: Stand) -> Real:
        """Give each one's chance of not coming within HORIZON days."""
        assert self.everybody is not None  # noqa: S101 - learn() gives None where it can't tell
        waited = _waited(of)
        found: Real = self.everybody.predict(waited)
        kinds = _kinds(of.visits)
        for kind, curve in self.curves.items():
            found[kinds == kind] = curve.predict(waited[kinds == kind]) if (kinds == kind).any() else 0.0
        clipped: Real = np.clip(found, _LEAST, _MOST)
        return clipped


@dataclass(frozen=True, slots=True)
class Tested:
    """How a backtest of risks came out: how well they rank, and the share of low and of high ones that didn't come.

    Shares are None where nobody had such a risk.
    """

    auc: float
    low: float | None
    high: float | None
    all: float


def learn(known: Visits, day: int, first: int) -> Habit | None:
    """Learn from how everybody stood at a few days up to HORIZON before `day`; None where the history is too short."""
    waited: list[Real] = []
    kinds: list[Whole] = []
    gone: list[Real] = []
    for step in range(_CUTS):
        cut = day - HORIZON - step * _STEP
        if cut < first + _KNOWN:
            break
        of = stand(known, cut)
        waited.append(_waited(of))
        kinds.append(_kinds(of.visits))
        gone.append((~known.came_in(cut + 1, cut + HORIZON)[of.who]).astype(np.float64))
    if not waited:
        return None
    at, kind, stayed_away = np.concatenate(waited), np.concatenate(kinds), np.concatenate(gone)
    curves = {
        one: _curve(at[kind == one], stayed_away[kind == one]) for one in _KINDS if (kind == one).sum() >= _ENOUGH
    }
    return Habit(curves, _curve(at, stayed_away))


def tested(known: Visits, day: int, first: int) -> Tested | None:
    """Learn up to HORIZON days ago, and compare with who came since; None where the history is too short for it."""
    cut = day - HORIZON
    habit = learn(known, cut, first)
    if habit is None:
        return None
    of = stand(known, cut)
    gone = ~known.came_in(cut + 1, day)[of.who]
    if gone.all() or not gone.any():
        return None
    risk = habit.risk(of)
    thousandths = np.rint(risk * 1000)
    shares = []
    for level in ("low", "high"):
        least, most = risk_bounds(level)
        of_level = gone[(thousandths >= least) & (thousandths < most)]
        shares.append(float(of_level.mean()) if len(of_level) else None)
    return Tested(float(roc_auc_score(gone, risk)), shares[0], shares[1], float(gone.mean()))


def _waited(of: Stand) -> Real:
    """Tell for how many of their own intervals each has been silent."""
    waited: Real = of.silence / np.maximum(of.interval, 1.0)
    return waited


def _kinds(visits: Whole) -> Whole:
    kinds: Whole = np.array(_KINDS, dtype=np.int64)[np.searchsorted(_KINDS, visits, side="right") - 1]
    return kinds


def _curve(waited: Real, gone: Real) -> IsotonicRegression:
    return IsotonicRegression(increasing=True, out_of_bounds="clip").fit(waited, gone)
