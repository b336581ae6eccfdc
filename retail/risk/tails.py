"""How rare it is to see so many where fewer were expected; pure. docs/algorithms/anomalies.md, 2."""

from __future__ import annotations

from math import exp, lgamma, log, log1p
from typing import Final

SIZE: Final = 6.0
"""How even counts are: the variance of a count with the mean m is m + m * m / SIZE (a negative binomial)."""
_ROUNDS: Final = 3_000
_PRECISE: Final = 1e-12
_TINY: Final = 1e-300


def at_least(seen: int, expected: float) -> float:
    """Give how likely `seen` or more are where `expected` are usual, counts being uneven as SIZE says."""
    if seen <= 0:
        return 1.0
    if expected <= 0.0:
        return 0.0
    return _share(expected / (expected + SIZE), float(seen), SIZE)


def _share(x: float, a: float, b: float) -> float:
    """Give the regularised incomplete beta function, by its continued fraction on the side where that is quick."""
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return max(0.0, 1.0 - front * _fraction(1.0 - x, b, a) / b)


def _fraction(x: float, a: float, b: float) -> float:
    """Work the continued fraction out (Lentz)."""
    c, d = 1.0, 1.0 / _some(1.0 - (a + b) * x / (a + 1.0))
    found = d
    for n in range(1, _ROUNDS):
        for part in (
            n * (b - n) * x / ((a + 2 * n - 1.0) * (a + 2 * n)),
            -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1.0)),
        ):
            d = 1.0 / _some(1.0 + part * d)
            c = _some(1.0 + part / c)
            found *= d * c
        if abs(d * c - 1.0) < _PRECISE:
            break
    return found


def _some(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
