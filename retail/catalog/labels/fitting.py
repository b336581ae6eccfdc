"""Making a name fit on a label: smaller first, then cut between words, its measure kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

Measure = Callable[[str, float], float]
"""The width in millimetres of a text in a size in points."""

_MEASURE: Final = re.compile(
    r"(?:^|\s)(?:\d+\s?[x\u00d7*]\s?)?\d+(?:[.,]\d+)?\s?(?:mm|cm|m|ml|cl|dl|l|g|kg|mg|oz|lb|W|V|%)$", re.IGNORECASE
)
_GAP: Final = "…"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text in lines of one size; `cut`: not all of it is there."""

    lines: tuple[str, ...]
    points: float
    cut: bool = False


def fit(text: str, width: float, lines: int, sizes: Sequence[float], measure: Measure) -> Fitted:
    """Set a text in at most so many lines: in the largest of `sizes` that holds it, or cut in the smallest.

    What is cut is cut between words if it can be, and ends with what people tell packages apart by: "Muesli … 500 g".
    """
    words = text.split()
    for points in sizes:
        wide = partial(_in_points, measure, points)
        set_in = _wrap(words, width, wide)
        if len(set_in) <= lines and all(wide(line) <= width for line in set_in):
            return Fitted(tuple(set_in), points)
    smallest = partial(_in_points, measure, sizes[-1])
    return Fitted(tuple(_cut(words, width, lines, smallest)), sizes[-1], cut=True)


def _in_points(measure: Measure, points: float, text: str) -> float:
    return measure(text, points)


def _wrap(words: Sequence[str], width: float, wide: Callable[[str], float]) -> list[str]:
    """Fill lines with words; a word that is wider than a line stands alone in one."""
    lines: list[str] = []
    for word in words:
        if lines and wide(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(words: Sequence[str], width: float, lines: int, wide: Callable[[str], float]) -> list[str]:
    text = " ".join(words)
    found = _MEASURE.search(text)
    tail = f"{_GAP} {found.group().strip()}" if found else _GAP
    head = text[: found.start()].split() if found else list(words)
    if wide(tail) > width:
        tail = _GAP
    while head:
        last = len(head) - 1
        for kept in range(len(head[last]), 0, -1):
            # a word is halved only where it is the only one: "Sourd…" says more than "…"
            if kept < len(head[last]) and last:
                break
            piece = head[last][:kept]
            ending = [piece + _GAP] if tail == _GAP else [piece, tail]  # the gap and the measure stay on one line
            set_in = _wrap([*head[:last], *ending], width, wide)
            if len(set_in) <= lines and all(wide(line) <= width for line in set_in):
                return set_in
        head.pop()
    return [_GAP]
