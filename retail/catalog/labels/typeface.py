"""The typeface of labels: how wide a text is once it is shaped, whether it has every sign, and which way it runs."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

import uharfbuzz

POINT: Final = 25.4 / 72
"""Millimetres of a point."""
_FOLDER: Final = Path(__file__).resolve().parents[3] / "static" / "vendor" / "dejavu-fonts-ttf@2.37.3"
REGULAR: Final = _FOLDER / "DejaVuSansCondensed.ttf"
BOLD: Final = _FOLDER / "DejaVuSansCondensed-Bold.ttf"


@lru_cache
def _font(*, bold: bool) -> uharfbuzz.Font:
    blob = uharfbuzz.Blob.from_file_path(str(BOLD if bold else REGULAR))
    return uharfbuzz.Font(uharfbuzz.Face(blob))


@lru_cache(maxsize=4096)
def _units(text: str, *, bold: bool) -> int:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    font = _font(bold=bold)
    uharfbuzz.shape(font, buffer)
    return sum(place.x_advance for place in buffer.glyph_positions)


def width_of(text: str, points: float, *, bold: bool = False) -> float:
    """Give the width of a text in millimetres, with its letters joined as they are printed."""
    return float(_units(text, bold=bold) * points * POINT / _font(bold=bold).face.upem)


def lacks(text: str) -> str:
    """Give the signs of a text that the typeface doesn't have, '' where it has all."""
    font = _font(bold=False)
    wanted = {sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cf"}
    return "".join(sorted(sign for sign in wanted if not font.get_nominal_glyph(ord(sign))))


def runs_right_to_left(text: str) -> bool:
    """Claim that a text is written from right to left: its first letter says so (UAX 9, P2 and P3)."""
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in {"L", "R", "AL"}:
            return kind != "L"
    return False
