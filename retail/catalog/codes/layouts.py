"""How a shop's own labels with a weight or a price on them are read: ordered layouts. Pure.

"21IIIIIWWWWWC" says: prefix 21, five digits of the article, five digits of weight in thousandths, a check digit. kiosk/
till/barcode.js reads the same layouts; tests/vectors/scans.json holds both to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from retail.kit.barcode import SHOP_PREFIXES, check_digit, gtin_is_valid, normalise, value_check_digit
from retail.kit.money import mul_div
from retail.kit.text import _

LENGTH: Final = 13
MOST_DECIMALS: Final = 4
MARKS: Final = "IWPVX"
_WEIGHT_DECIMALS: Final = 3
_SHAPE: Final = re.compile(r"([0-9]{2,})([IWPVX]+)C(?:\.([0-9]))?")


@dataclass(frozen=True, slots=True)
class Layout:
    """One rule; `pattern` has a mark per digit, `decimals` None means thousandths or the currency's own minor units."""

    pattern: str
    decimals: int | None = None

    @property
    def text(self) -> str:
        """Write it as tills read it."""
        return self.pattern + ("" if self.decimals is None else f".{self.decimals}")

    @property
    def prefix(self) -> str:
        """Give the digits that it begins with."""
        return self.pattern.rstrip("C").rstrip(MARKS)

    @property
    def kind(self) -> str:
        """Say what the label holds: "W" a weight or "P" a price."""
        return "W" if "W" in self.pattern else "P"

    @property
    def verified(self) -> bool:
        """Claim that a digit vouches for the value."""
        return "V" in self.pattern


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a shop's own label: forms of the article's code to look for, best first, and weight or price.

    The weight is in thousandths of the article's unit, the price in minor units; the other of them is None.
    """

    candidates: tuple[str, ...]
    weight_milli: int | None
    price_minor: int | None
    layout: Layout


def layout_problem(text: str) -> str:  # noqa: PLR0911 - one sentence each
    """Say in a sentence what is wrong with a layout, '' where nothing is."""
    shaped = _SHAPE.fullmatch(text)
    if shaped is None:
        return _("Write digits, then a letter for each digit, C at the end: 21IIIIIWWWWWC.")
    prefix, marks, decimals = shaped.groups()
    if len(prefix) + len(marks) + 1 != LENGTH:
        said = _("A label has %(length)d digits; this layout has %(count)d.")
        return said % {"length": LENGTH, "count": len(prefix) + len(marks) + 1}
    if not prefix.startswith(SHOP_PREFIXES):
        return _("Begin with 02 or 20 to 29: other numbers belong to the makers of goods.")
    runs = [(mark, len(list(run))) for mark, run in groupby(marks)]
    held = [mark for mark, _count in runs]
    if held.count("I") != 1:
        return _("Mark the digits of the article with I, all of them together.")
    if held.count("W") + held.count("P") != 1:
        return _("Mark the digits of the weight with W or of the price with P, all of them together.")
    value = next(count for mark, count in runs if mark in "WP")
    if marks.count("V") > 1 or (marks.count("V") and value not in {4, 5}):
        return _("V, the digit that vouches for weight or price, stands once, and for four or five digits.")
    if decimals and int(decimals) > MOST_DECIMALS:
        return _("Use at most %(most)d decimals.") % {"most": MOST_DECIMALS}
    return ""


def layout_of(text: str) -> Layout:
    """Read a layout that has no problem."""
    pattern, _point, decimals = text.partition(".")
    return Layout(pattern, int(decimals) if decimals else None)


def hidden_by(layout: Layout, before: Sequence[Layout]) -> Layout | None:
    """Find an earlier layout that reads all that this one could; None where this one has its turn."""
    for other in before:
        both = zip(layout.pattern, other.pattern, strict=True)
        if not other.verified and all(there == here or not there.isdigit() for here, there in both):
            return other
    return None


def overlaps(layout: Layout, prefix: str) -> bool:
    """Claim that a code that begins with `prefix` might be read by the layout."""
    return all(not mark.isdigit() or mark == digit for mark, digit in zip(layout.pattern, prefix, strict=False))


def read_label(code: str, layouts: Sequence[Layout], exponent: int) -> Label | None:
    """Read a label by the first layout that fits; `exponent` is the currency's. None where none fits.

    Raises ValueError where one fits but for the digit that vouches for its value: a misread.
    """
    if not gtin_is_valid(code):
        return None
    digits = code.zfill(LENGTH) if len(code) == LENGTH - 1 else code
    doubtful = False
    for layout in layouts:
        if len(digits) != LENGTH or not _fits(layout, digits):
            continue
        value = _under(layout, digits, layout.kind)
        if layout.verified and str(value_check_digit(value)) != _under(layout, digits, "V"):
            doubtful = True
            continue
        return _label(layout, digits, int(value), exponent)
    if doubtful:
        raise ValueError(code)
    return None


def _fits(layout: Layout, digits: str) -> bool:
    return all(not mark.isdigit() or mark == digit for mark, digit in zip(layout.pattern, digits, strict=True))


def _under(layout: Layout, digits: str, wanted: str) -> str:
    return "".join(digit for mark, digit in zip(layout.pattern, digits, strict=True) if mark == wanted)


def _label(layout: Layout, digits: str, value: int, exponent: int) -> Label:
    article = _under(layout, digits, "I")
    body = "".join("0" if mark in "WPVX" else digit for mark, digit in zip(layout.pattern, digits, strict=True))[:-1]
    forms = (normalise(body + str(check_digit(body))), layout.prefix + article, article, str(int(article)))
    places = _WEIGHT_DECIMALS if layout.kind == "W" else exponent
    held = mul_div(value, 10**places, 10 ** (places if layout.decimals is None else layout.decimals))
    weight, price = (held, None) if layout.kind == "W" else (None, held)
    return Label(tuple(dict.fromkeys(forms)), weight, price, layout)
