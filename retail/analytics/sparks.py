"""Small lines without a chart library: SVG path data in a box of 100 by 24, in whole tenths; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from retail.kit.money import mul_div

_WIDTH, _TOP, _BOTTOM, _GROUND = 1000, 20, 220, 240


@dataclass(frozen=True, slots=True)
class Spark:
    """A line, and the area between it and the ground."""

    line: str
    area: str


LEAST_POINTS: Final = 2


def spark(values: Sequence[int | None]) -> Spark | None:
    """Draw values from left to right, lowest at the bottom; None repeats its neighbour. Without two values: None."""
    known = [value for value in values if value is not None]
    if len(known) < LEAST_POINTS:
        return None
    low, high = min(known), max(known)
    points: list[tuple[int, int]] = []
    height = _at(known[0], low, high)
    for place, value in enumerate(values):
        height = height if value is None else _at(value, low, high)
        points.append((mul_div(place, _WIDTH, len(values) - 1), height))
    line = f"M{_tenths(*points[0])}" + "".join(
        f"C{_tenths(mul_div(x0 + x1, 1, 2), y0)} {_tenths(mul_div(x0 + x1, 1, 2), y1)} {_tenths(x1, y1)}"
        for (x0, y0), (x1, y1) in pairwise(points)
    )
    return Spark(line, f"{line}V{_number(_GROUND)}H{_number(points[0][0])}Z")


def _at(value: int, low: int, high: int) -> int:
    if low == high:
        return (_TOP + _BOTTOM) // 2
    return _BOTTOM - mul_div(value - low, _BOTTOM - _TOP, high - low)


def _tenths(x: int, y: int) -> str:
    return f"{_number(x)} {_number(y)}"


def _number(tenths: int) -> str:
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
