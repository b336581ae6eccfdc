"""The papers that labels are printed on: sheets of labels that shops buy, and rolls. Pure; millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from retail.kit.text import _


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, from its top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Format:
    """A paper: a grid of equal labels on a page, or a roll, whose page is one label. `dot` is the printer's, 0 unknown.

    `pad` is kept free inside of each label, for printers that don't feed quite straight.
    """

    key: str
    page_width: float
    page_height: float
    columns: int
    rows: int
    width: float
    height: float
    left: float = 0
    top: float = 0
    gap_x: float = 0
    gap_y: float = 0
    pad: float = 2
    dot: float = 0
    known_as: str = ""

    @property
    def per_page(self) -> int:
        """Count the labels of a page."""
        return self.columns * self.rows

    @property
    def is_roll(self) -> bool:
        """Claim that a page is one label."""
        return self.per_page == 1

    @property
    def words(self) -> str:
        """Say what it is, as a person picks it."""
        size = f"{self.width:g} x {self.height:g} mm"
        if self.is_roll:
            return _("Roll of %(width)g mm, labels of %(size)s") % {"width": self.page_width, "size": size}
        paper = _("A4") if self.page_height > 290 else _("Letter")
        said = _("%(paper)s, %(count)d labels of %(size)s") % {"paper": paper, "count": self.per_page, "size": size}
        return f"{said} ({self.known_as})" if self.known_as else said

    def box(self, place: int) -> Box:
        """Give where the label number `place` of a page lies, row by row, from 0."""
        row, column = divmod(place, self.columns)
        return Box(
            self.left + column * (self.width + self.gap_x),
            self.top + row * (self.height + self.gap_y),
            self.width,
            self.height,
        )


_A4: Final = (210.0, 297.0)
_LETTER: Final = (215.9, 279.4)
_THERMAL_DOT: Final = 0.125  # 203 dots per inch: a bar of another width would be rounded, each one otherwise

FORMATS: Final = (
    Format("a4-3x8", *_A4, 3, 8, 70, 37, 0, 0.5, pad=3, known_as="3474"),
    Format("a4-3x7", *_A4, 3, 7, 63.5, 38.1, 7.25, 15.15, 2.5, known_as="L7160"),
    Format("a4-2x7", *_A4, 2, 7, 99.1, 38.1, 4.65, 15.15, 2.5, known_as="L7163"),
    Format("a4-2x4", *_A4, 2, 4, 99.1, 67.7, 4.65, 13.1, 2.5, pad=3, known_as="L7165"),
    Format("a4-4x10", *_A4, 4, 10, 48.5, 25.4, 8, 21.5, known_as="3657"),
    Format("a4-5x13", *_A4, 5, 13, 38.1, 21.2, 4.75, 10.7, 2.5, pad=1.2, known_as="L7651"),
    Format("letter-3x10", *_LETTER, 3, 10, 66.7, 25.4, 4.8, 12.7, 3, known_as="5160"),
    Format("roll-80", 80, 50, 1, 1, 80, 50, pad=4, dot=_THERMAL_DOT),
    Format("roll-58", 58, 40, 1, 1, 58, 40, pad=4, dot=_THERMAL_DOT),
    Format("roll-58-low", 58, 30, 1, 1, 58, 30, pad=3, dot=_THERMAL_DOT),
)
_BY_KEY: Final = {format.key: format for format in FORMATS}


def format_of(key: str) -> Format:
    """Find a paper. Raises KeyError."""
    return _BY_KEY[key]
