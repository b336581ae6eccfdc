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
    """Draw values from left to right, lowest at the bottom. Without two values: None.

    Where a value is None nothing is known, so nothing is drawn: the line breaks, and a value between two gaps is a dot.
    """
    known = [value for value in values if value is not None]
    if len(known) < LEAST_POINTS:
        return None
    low, high = min(known), max(known)
    stretches: list[list[tuple[int, int]]] = [[]]
    for place, value in enumerate(values):
        if value is not None:
            stretches[-1].append((mul_div(place, _WIDTH, len(values) - 1), _at(value, low, high)))
        elif stretches[-1]:
            stretches.append([])
    drawn = [(one, _line(one)) for one in stretches if one]
    areas = (f"{line}V{_number(_GROUND)}H{_number(one[0][0])}Z" for one, line in drawn if len(one) > 1)
    return Spark("".join(line for _one, line in drawn), "".join(areas))


def _line(stretch: Sequence[tuple[int, int]]) -> str:
    if len(stretch) == 1:
        return f"M{_tenths(*stretch[0])}h0"
    return f"M{_tenths(*stretch[0])}" + "".join(
        f"C{_tenths(mul_div(x0 + x1, 1, 2), y0)} {_tenths(mul_div(x0 + x1, 1, 2), y1)} {_tenths(x1, y1)}"
        for (x0, y0), (x1, y1) in pairwise(stretch)
    )


def _at(value: int, low: int, high: int) -> int:
    if low == high:
        return (_TOP + _BOTTOM) // 2
    return _BOTTOM - mul_div(value - low, _BOTTOM - _TOP, high - low)


def _tenths(x: int, y: int) -> str:
    return f"{_number(x)} {_number(y)}"


def _number(tenths: int) -> str:
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
