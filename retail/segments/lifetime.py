"""What customers will spend: BG/NBD for how often they come, Gamma-Gamma for how much they spend each time.

In closed form on numpy and scipy, for the worker alone. docs/algorithms/segments.md, 5, has the formulas and sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from retail.segments.history import Stand, Whole
from retail.segments.rules import Method

Real = npt.NDArray[np.float64]
FITTED_ON: Final = 5_000
"""Four parameters need no more customers than so many; every n-th of a larger business."""
_LEAST: Final = 1e-3
_MOST: Final = 1e4
_STARTS: Final = ((0.5, 20.0, 0.8, 2.5), (1.0, 100.0, 1.0, 4.0), (0.2, 5.0, 0.3, 1.0))
_SPEND_STARTS: Final = ((2.0, 3.0, 100.0), (6.0, 4.0, 15.0))
_LEAST_AGE: Final = 30
"""A rate over fewer days says nothing of a year."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Parameters of BG/NBD, in days: how often people come (r, alpha), and how they drop out (a, b)."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Spending:
    """Parameters of Gamma-Gamma: what people spend per visit (p, q, v)."""

    p: float
    q: float
    v: float


def fit_coming(repeats: Real, recency: Real, age: Real) -> Coming:
    """Find the parameters under which these histories are the likeliest.

    `repeats` counts visits after the first, `recency` and `age` are days from the first visit to the last and to now.
    """

    def loss(told: Real) -> float:
        r, alpha, a, b = np.exp(told)
        front = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
        dropped = betaln(a, b + repeats) - betaln(a, b)
        alive = dropped - (r + repeats) * np.log(alpha + age)
        again = repeats > 0
        before = np.maximum(repeats - 1, 0)
        gone = betaln(a + 1, b + before) - betaln(a, b) - (r + repeats) * np.log(alpha + recency)
        return -float(np.mean(front + np.where(again, np.logaddexp(alive, gone), alive)))

    return Coming(*_best(loss, _STARTS))


def fit_spending(visits: Real, mean: Real) -> Spending:
    """Find the parameters under which these means per visit, of so many visits, are the likeliest."""

    def loss(told: Real) -> float:
        p, q, v = np.exp(told)
        px = p * visits
        told_of = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) + (px - 1) * np.log(mean)
        return -float(np.mean(told_of + px * np.log(visits) - (px + q) * np.log(v + mean * visits)))

    return Spending(*_best(loss, _SPEND_STARTS))


def expected_visits(of: Coming, days: float, repeats: Real, recency: Real, age: Real) -> Real:
    """Give how many visits each is expected to make in the days that follow."""
    r, alpha, a, b = of.r, of.alpha, max(of.a, 1.0 + _LEAST) if abs(of.a - 1.0) < _LEAST else of.a, of.b
    z = days / (alpha + age + days)
    shrunk = ((alpha + age) / (alpha + age + days)) ** (r + repeats)
    series = 1 - shrunk * hyp2f1(r + repeats, b + repeats, a + b + repeats - 1, z)
    front = (a + b + repeats - 1) / (a - 1) * series
    odds = a / (b + np.maximum(repeats, 1) - 1) * ((alpha + age) / (alpha + recency)) ** (r + repeats)
    found: Real = np.maximum(front / (1 + np.where(repeats > 0, odds, 0.0)), 0.0)
    return found


def expected_spend(of: Spending, visits: Real, mean: Real) -> Real:
    """Give what each is expected to spend per visit: their own mean, shrunk to everybody's."""
    q = max(of.q, 1.0 + _LEAST)
    share = of.p * visits / (of.p * visits + q - 1)
    found: Real = share * mean + (1 - share) * of.v * of.p / (q - 1)
    return found


def worth(method: Method, of: Stand, days: int, lately: Whole) -> Real:
    """Predict what each spends in the days that follow; `lately` is what they spent in as many days before."""
    if method == "last":
        return lately.astype(np.float64)
    if method == "rate":
        found: Real = of.spend / np.maximum(of.age, _LEAST_AGE) * days
        return found
    repeats, recency, age = (one.astype(np.float64) for one in (of.visits - 1, of.last - of.first, of.age))
    visits = of.visits.astype(np.float64)
    mean = np.maximum(of.spend / visits, 1.0)
    part = slice(None, None, max(1, len(of) // FITTED_ON))
    coming = fit_coming(repeats[part], recency[part], age[part])
    often = repeats[part] > 0
    spending = fit_spending(visits[part][often], mean[part][often])
    return expected_visits(coming, days, repeats, recency, age) * expected_spend(spending, visits, mean)


def _best(loss: Callable[[Real], float], starts: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """Minimise from several starts, in logarithms within bounds; the best, the earlier start where two are equal."""
    bounds = [(np.log(_LEAST), np.log(_MOST * 1e4))] * len(starts[0])
    found = [minimize(loss, np.log(start), method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min(found, key=lambda one: float(one.fun) if np.isfinite(one.fun) else np.inf)
    return tuple(float(one) for one in np.exp(best.x))
