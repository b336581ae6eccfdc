"""What stands where on a label: texts and dark rectangles, in millimetres from its top left corner. Pure.

One composition, two drawings: the PDF that is printed (paper.py) and the preview on the page (preview.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from retail.catalog.labels.fitting import Fitted, fit
from retail.catalog.labels.formats import Format
from retail.catalog.labels.symbols import Kind, Symbol, symbol
from retail.catalog.labels.typeface import POINT, runs_right_to_left, width_of

Style = Literal["price", "code", "large"]
STYLES: Final[tuple[Style, ...]] = ("price", "code", "large")

_AMOUNT: Final = re.compile(r"(\d[\d.,]*\s?[A-Za-z%]+)")
_NAME_SIZES: Final = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.5)
_SMALL: Final = 6.5
_LEADING: Final = 1.17
_ASCENT: Final = 0.93
_CAPS: Final = 0.76  # of digits and capitals, with a little air
_DESCENT: Final = 0.24
_LEAST_BARS: Final = 5.0
_MOST_BARS: Final = 24.0
_BESIDE: Final = 0.58  # of a label's width for a code that stands beside the price
_WIDE_ENOUGH: Final = 50.0
_DOT: Final = 0.125  # where codes begin: between two dots a printer would round each bar its own way
_SQUARE: Final = 0.5  # of a label's width for a square code
_MOST_SQUARE: Final = 0.62  # where the code is what matters
_SMALL_PRICE: Final = 9.0
_LEAST_BESIDE: Final = 4.5


@dataclass(frozen=True, slots=True)
class LabelText:
    """What one label says; all of it is written out.

    `unit_price` "1 kg = €4.98", '' where the price says it all; `deposit` "+ deposit €0.25", '' where there is none.
    """

    name: str
    code: str
    sku: str
    price: str
    unit_price: str = ""
    deposit: str = ""

    @property
    def beside(self) -> str:
        """Give what stands small beside the price: the deposit that comes on top of it, and the price of a unit."""
        return " · ".join(one for one in (self.deposit, self.unit_price) if one)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on its baseline, `width` millimetres at most, which it is aligned in."""

    x: float
    baseline: float
    width: float
    align: Literal["L", "C", "R"]
    points: float
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Dark:
    """A dark rectangle."""

    x: float
    y: float
    width: float
    height: float


Mark = Line | Dark


class TooNarrow(ValueError):
    """The label has no room for the code of this product in modules that a scanner can see."""


@dataclass(frozen=True, slots=True)
class _Area:
    x: float
    y: float
    width: float
    height: float

    def below(self, used: float) -> _Area:
        return _Area(self.x, self.y + used, self.width, self.height - used)


def compose(text: LabelText, paper: Format, style: Style, kind: Kind) -> list[Mark]:
    """Arrange one label. Raises TooNarrow."""
    inner = _Area(paper.pad, paper.pad, paper.width - 2 * paper.pad, paper.height - 2 * paper.pad)
    if style == "large":
        return _large(text, inner)
    made = symbol(text.code, kind)
    if not made.is_bars:
        return (_square_first if style == "code" else _with_square)(text, inner, made, paper.dot)
    beside = _code_size(made, inner.width * _BESIDE, inner.height * 0.62, paper.dot)
    if style == "price" and inner.width >= _WIDE_ENOUGH and beside is not None:
        return _side_by_side(text, inner, made, beside)
    return _stacked(text, inner, made, paper.dot, price_first=style == "price")


def _large(text: LabelText, area: _Area) -> list[Mark]:
    """Name, a price as large as it goes, unit price and SKU below."""
    name, used = _name(text.name, area, 2)
    foot = _SMALL * POINT * _LEADING * (2 if text.beside else 1)
    rest = area.below(used)
    marks = [*name, *_price(text.price, _Area(rest.x, rest.y, rest.width, rest.height - foot), "C")]
    base = area.y + area.height - 0.2 * _SMALL * POINT
    marks.append(Line(area.x, base, area.width, "L", _SMALL, text.sku))
    if text.beside:
        above = base - _SMALL * POINT * _LEADING
        marks.append(_one_line(text.beside, _Area(area.x, above, area.width, 0), "C", _SMALL + 1.5))
    return marks


def _side_by_side(text: LabelText, area: _Area, made: Symbol, module: float) -> list[Mark]:
    """Name on top; below it the code at the left, price and unit price at the right."""
    name, used = _name(text.name, area, 2)
    rest = area.below(used)
    width = made.modules * module
    digits = _SMALL * POINT * _LEADING
    height = min(_MOST_BARS, rest.height - digits)
    code = _Area(rest.x, rest.y + rest.height - digits - height, width, height)
    right = _Area(rest.x + width + 1, rest.y, rest.width - width - 1, rest.height)
    return [*name, *_code(made, code, module), *_prices(text, right, "R")]


def _with_square(text: LabelText, area: _Area, made: Symbol, dot: float) -> list[Mark]:
    """Set the code at the right, quiet on all its sides, name and prices at the left. Raises TooNarrow."""
    module = made.module(min(area.height, area.width * _SQUARE), dot)
    if module is None:
        raise TooNarrow(text.code)
    side = made.modules * module
    top = area.y + (area.height - side) / 2 + made.quiet_left * module
    left = _Area(area.x, area.y, area.width - side - 0.5, area.height)
    name, used = _name(text.name, left, 2)
    square = _Area(area.x + area.width - side, top, side, side)
    return [*name, *_prices(text, left.below(used), "L"), *_code(made, square, module)]


def _square_first(text: LabelText, area: _Area, made: Symbol, dot: float) -> list[Mark]:
    """Set the code at the right as large as the label lets it be, name and a small price at the left."""
    room = min(area.height, area.width * _MOST_SQUARE)
    module = made.module(room, dot)
    if module is None:
        raise TooNarrow(text.code)
    step = dot or _DOT
    module = max(module, int(room / made.modules / step + 1e-9) * step)
    side = made.modules * module
    top = area.y + (area.height - side) / 2 + made.quiet_left * module
    left = _Area(area.x, area.y, area.width - side - 0.5, area.height)
    name, used = _name(text.name, left, 2)
    base = area.y + used + _SMALL_PRICE * POINT * _CAPS
    price = _one_line(text.price, _Area(left.x, base, left.width, 0), "L", _SMALL_PRICE)
    marks: list[Mark] = [*name, replace(price, bold=True)]
    if text.beside:
        below = _Area(left.x, base + _SMALL * POINT * _LEADING * 1.2, left.width, 0)
        marks.append(_one_line(text.beside, below, "L", _SMALL))
    return [*marks, *_code(made, _Area(area.x + area.width - side, top, side, side), module)]


def _prices(text: LabelText, area: _Area, align: Literal["L", "R"]) -> list[Mark]:
    """Price as large as it goes, the unit price below."""
    foot = _SMALL * POINT * _LEADING * 1.1 if text.beside else 0.0
    marks = _price(text.price, _Area(area.x, area.y, area.width, area.height - foot), align)
    if text.beside:
        low = _Area(area.x, area.y + area.height - 0.2 * foot, area.width, 0)
        marks.append(_one_line(text.beside, low, align, _SMALL + 1))
    return marks


def _stacked(text: LabelText, area: _Area, made: Symbol, dot: float, *, price_first: bool) -> list[Mark]:
    """Name, one line with price and unit price, the code below as wide as the label. Raises TooNarrow."""
    points = 13.0 if price_first else 9.0
    for lines in (2, 1):
        for size in (points, points * 0.75):
            name, used = _name(text.name, area, lines)
            rest = area.below(used + size * POINT * (_CAPS + _DESCENT) + 0.3)
            module = _code_size(made, rest.width, rest.height, dot)
            if module is not None:
                base = area.y + used + size * POINT * _CAPS
                width = made.modules * module
                height = min(_MOST_BARS, rest.height - _SMALL * POINT * _LEADING)
                code = _Area(rest.x + (rest.width - width) / 2, rest.y, width, height)
                return [*name, *_money_line(text, area, base, size), *_code(made, code, module)]
    raise TooNarrow(text.code)


def _money_line(text: LabelText, area: _Area, base: float, points: float) -> list[Mark]:
    wide = width_of(text.price, points, bold=True)
    marks: list[Mark] = [Line(area.x, base, area.width, "L", points, text.price, bold=True)]
    room = area.width - wide - 1.5
    for said in (text.beside, text.deposit):  # where there is no room for both, the deposit: it has to be paid
        small = min(_SMALL + 1, (_SMALL + 1) * room / width_of(said, _SMALL + 1)) if said and room > 0 else 0
        if small >= _LEAST_BESIDE:
            marks.append(Line(area.x + wide + 1.5, base, room, "R", small, said))
            break
    return marks


def _code_size(made: Symbol, room: float, height: float, dot: float) -> float | None:
    """Give the width of a bar in a place, None where the code has no room with its digits below it."""
    return made.module(room, dot) if height >= _LEAST_BARS + _SMALL * POINT * _LEADING else None


def _code(made: Symbol, area: _Area, module: float) -> Iterator[Mark]:
    """Draw a symbol; `area` is its width with quiet zones, and the height of its bars. Digits stand below bars."""
    left = round((area.x + made.quiet_left * module) / _DOT) * _DOT
    height = area.height if made.is_bars else module
    for place, row in enumerate(made.rows):
        for start, length in _runs(row):
            yield Dark(left + start * module, area.y + place * module, length * module, height)
    if made.is_bars:
        base = area.y + area.height + _SMALL * POINT * _ASCENT
        yield _one_line(made.text, _Area(area.x, base, area.width, 0), "C", _SMALL)


def _runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start = -1
    for place, dark in enumerate([*row, False]):
        if dark and start < 0:
            start = place
        elif not dark and start >= 0:
            yield start, place - start
            start = -1


def _name(text: str, area: _Area, lines: int) -> tuple[list[Mark], float]:
    """Set the name at the top of an area; give the height that it took."""
    most = area.height * 0.36 / lines / POINT / _LEADING
    sizes = [size for size in _NAME_SIZES if size <= most] or [_SMALL]
    align: Literal["L", "R"] = "R" if runs_right_to_left(text) else "L"
    # between letters that run to the left, "800 g" would be drawn as "g 800"
    shown = _AMOUNT.sub("\u200e\\1", text) if align == "R" else text
    found: Fitted = fit(shown, area.width, lines, sizes, partial(width_of, bold=True))
    step = found.points * POINT * _LEADING
    first = area.y + found.points * POINT * _ASCENT
    marks: list[Mark] = [
        Line(area.x, first + place * step, area.width, align, found.points, line, bold=True)
        for place, line in enumerate(found.lines)
    ]
    return marks, len(found.lines) * step + 0.6


def _price(text: str, area: _Area, align: Literal["C", "L", "R"]) -> list[Mark]:
    """Set a price as large as its area lets it be, at the bottom of it."""
    points = min(area.width / width_of(text, 1, bold=True), area.height * 0.88 / POINT / _CAPS)
    base = area.y + area.height - (area.height - points * POINT * _CAPS) / 2
    return [Line(area.x, base, area.width, align, points * 0.99, text, bold=True)]


def _one_line(text: str, area: _Area, align: Literal["C", "L", "R"], points: float) -> Line:
    """Set a text on the baseline `area.y`, smaller where it is too wide."""
    wide = width_of(text, points)
    return Line(area.x, area.y, area.width, align, points * min(1.0, area.width / wide), text)
