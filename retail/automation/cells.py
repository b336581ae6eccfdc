"""Cells: how each sort of value is written into a file and read back; `read(write(x)) == x`; pure.

A file's amounts are in the currency's own units (4.20); lists stand in one cell with "|" between them, pairs as
name=value. A backslash before one of these signs makes it an ordinary letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from retail.automation.signs import escaped, plain, split
from retail.kit.money import AmountTooLarge, Currency, NotAnAmount, major, parse_money
from retail.kit.quantity import NotAQuantity, from_milli, is_plain, on_a_line, quantity_text, to_milli
from retail.kit.text import _

MOST_MINOR: Final = 100_000_000
_LONGEST: Final = 30
_YES: Final = frozenset({"yes", "y", "true", "1", "on", "x", "ja", "oui", "si", "sí"})
_NO: Final = frozenset({"no", "n", "false", "0", "off", "nein", "non", ""})
_CONTENT: Final = re.compile(r"([0-9.,]+)\s*([a-z0-9]+)", re.IGNORECASE)
_GROUPED: Final = re.compile(r"[0-9]{1,3}([ .,'\u2019\u00a0\u202f][0-9]{3})+([.,][0-9]+)?")
_BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_PART: Final = re.compile(r"([0-9.,]+)\s*[x\u00d7*]\s*(.+)", re.IGNORECASE | re.DOTALL)


class NotRead(ValueError):
    """A cell can't be read; the text says why and what to write, `remedy` where what it lacks can be made."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Ways:
    """How a business writes: its money, and the clock that times without a zone are on."""

    money: Currency
    timezone: str = "UTC"


Reader = Callable[[str, Ways], Any]
Writer = Callable[[Any, Ways], str]


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of value: how a cell is read (never an empty one) and written, and what an empty cell means.

    `number`: a spreadsheet may hold it as a number. `shared`: many cells of a column say the same. `unordered`: pairs,
    whose order says nothing. `several`: more than one value, which JSON may have as a list.
    """

    read: Reader
    write: Writer
    empty: Any = None
    number: bool = False
    shared: bool = False
    unordered: bool = False
    several: bool = False


def in_one_line(text: str) -> str:
    """Take the blanks round a name away. Raises NotRead for one with line breaks, tabs or other controls inside.

    The JSON API refuses the same letters (retail/catalog/schemas.py): left out, they would make one word of two.
    """
    kept = text.strip()
    if not kept.isprintable() and any(unicodedata.category(letter) in _BREAKING for letter in kept):
        raise NotRead(_("Write it in one line, without line breaks, tabs or other signs that nobody sees."))
    return kept


def text(most: int, *, lines: bool = False) -> Sort:
    """Give the sort of a text of at most so many letters."""

    def read(cell: str, _ways: Ways) -> str:
        kept = cell.replace("\r\n", "\n") if lines else cell
        kept = kept.strip() if lines else in_one_line(kept)
        if not kept.isprintable():
            kept = "".join(c for c in kept if c.isprintable() or (lines and c in "\n\t")).strip()
        if len(kept) > most:
            raise NotRead(_("Use at most %(most)d characters.") % {"most": most})
        return kept

    return Sort(read, lambda value, _ways: str(value), "")


def choice(*options: str, empty: str | None = None) -> Sort:
    """Give the sort of one word out of a few."""
    known = {one.lower(): one for one in options}

    def read(cell: str, _ways: Ways) -> str:
        found = known.get(cell.strip().lower())
        if found is None:
            raise NotRead(_("Write one of: %(options)s.") % {"options": ", ".join(options)})
        return found

    return Sort(read, lambda value, _ways: str(value), empty, shared=True)


def words(most: int, length: int) -> Sort:
    """Give the sort of several short texts with "|" between them."""

    def read(cell: str, _ways: Ways) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(in_one_line(plain(part)) for part in split(cell, "|") if part))
        if len(found) > most or any(len(one) > length for one in found):
            raise NotRead(_("Use at most %(most)d of %(length)d letters each.") % {"most": most, "length": length})
        return found

    return Sort(read, lambda value, _ways: "|".join(escaped(one, "|") for one in value), (), several=True)


def codes(cell: str) -> list[str]:
    """Give the barcodes in a cell: with "|" between them, or without any with blanks between them."""
    if "|" in cell:
        return [plain(part) for part in split(cell, "|") if part]
    return [plain(part) for part in cell.split()]


def _write_codes(value: Sequence[str], _ways: Ways) -> str:
    written = "|".join(escaped(one, "|") for one in value)
    return f"{written}|" if len(value) == 1 and len(written.split()) > 1 else written


def pairs(most: int) -> Sort:
    """Give the sort of names with values: Size=M|Colour=Blue."""

    def read(cell: str, _ways: Ways) -> tuple[tuple[str, str], ...]:
        found: dict[str, str] = {}
        for part in filter(None, split(cell, "|")):
            name, *rest = split(part, "=")
            if not rest:
                name, *rest = (one.strip() for one in part.partition(":")[::2])
            if not name or not rest or not "".join(rest):
                raise NotRead(_("Write a name and a value, such as Size=M, with | between several."))
            found[in_one_line(plain(name))] = in_one_line(plain("=".join(rest)))
        if len(found) > most:
            raise NotRead(_("Use at most %(most)d of these.") % {"most": most})
        return tuple(found.items())

    def write(value: Sequence[tuple[str, str]], _ways: Ways) -> str:
        return "|".join(f"{escaped(name, '|=')}={escaped(one, '|=')}" for name, one in value)

    return Sort(read, write, (), unordered=True, several=True)


def _read_path(cell: str, _ways: Ways) -> tuple[str, ...]:
    found = tuple(in_one_line(plain(part)) for part in split(cell, ">") if part)
    if any(len(part) > 60 for part in found):
        raise NotRead(_("Use at most %(most)d characters.") % {"most": 60})
    return found


def _read_parts(cell: str, _ways: Ways) -> tuple[tuple[str, Decimal], ...]:
    found = []
    for part in filter(None, split(cell, "|")):
        match = _PART.fullmatch(part)
        try:
            amount = from_milli(to_milli(match[1].replace(",", "."))) if match else None
        except NotAQuantity:
            amount = None
        if match is None or amount is None:
            raise NotRead(_("Write a kit's parts as quantity x SKU, such as 6 x COLA-033, with | between several."))
        found.append((plain(match[2].strip()), amount.normalize()))
    return tuple(found)


def _write_parts(value: Sequence[tuple[str, Decimal]], _ways: Ways) -> str:
    return "|".join(f"{quantity_text(to_milli(amount))} x {escaped(sku, '|')}" for sku, amount in value)


def _read_content(cell: str, _ways: Ways) -> tuple[int, str]:
    match = _CONTENT.fullmatch(cell.strip())
    try:
        milli = to_milli(match[1].replace(",", ".")) if match else 0
    except NotAQuantity:
        milli = 0
    if match is None or not 0 < milli <= 1_000_000_000:
        raise NotRead(_("Write how much is in it with its unit, such as 0.5 l."))
    return milli, match[2].lower()


def _number(cell: str) -> Decimal:
    if len(cell) > _LONGEST or not is_plain(figure := cell.strip().replace(",", ".")):
        raise NotRead(_("This is not a number. Write plain digits, such as 12.5."))
    return Decimal(figure)


def _read_money(cell: str, ways: Ways) -> int:
    exact = Decimal(cell).scaleb(ways.money.exponent) if is_plain(cell) and len(cell) < _LONGEST else Decimal("0.5")
    try:
        minor = int(exact) if exact == int(exact) else parse_money(cell, ways.money, "en")
    except AmountTooLarge as wrong:
        raise NotRead(_("The price must lie between zero and one million.")) from wrong
    except NotAnAmount as wrong:
        grouped = _GROUPED.fullmatch(cell.strip()) is not None
        plainly = _("Write the amount without a sign for thousands, such as 1234.50.")
        raise NotRead(plainly if grouped and ways.money.exponent == 2 else str(wrong)) from wrong
    if not 0 <= minor <= MOST_MINOR:
        raise NotRead(_("The price must lie between zero and one million."))
    return minor


def _read_cost(cell: str, ways: Ways) -> Decimal:
    value = _number(cell).scaleb(ways.money.exponent)
    if value < 0 or value > 10**9 or value != round(value, 6):
        said = _("Write zero or more, with at most %(places)d decimals.")
        raise NotRead(said % {"places": 6 + ways.money.exponent})
    return value


def _write_cost(value: Decimal, ways: Ways) -> str:
    shown = value.scaleb(-ways.money.exponent)
    return f"{shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown.normalize():f}"


def _read_quantity(cell: str, ways: Ways) -> Decimal:
    value = _read_signed(cell, ways)
    if value < 0:
        raise NotRead(_("Write zero or more, with at most %(places)d decimals.") % {"places": 3})
    try:
        return on_a_line(value)
    except NotAQuantity as wrong:
        raise NotRead(str(wrong)) from wrong


def _read_signed(cell: str, _ways: Ways) -> Decimal:
    value = _number(cell)
    if abs(value) > 10**9 or value != round(value, 3):
        raise NotRead(_("Write zero or more, with at most %(places)d decimals.") % {"places": 3})
    return value


def whole(least: int, most: int) -> Sort:
    """Give the sort of a whole number between two others."""

    def read(cell: str, _ways: Ways) -> int:
        figure = cell.strip().removesuffix(".0")
        if not (figure.isascii() and figure.isdigit() and len(figure) < 10 and least <= int(figure) <= most):
            raise NotRead(_("Write a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
        return int(figure)

    return Sort(read, lambda value, _ways: str(value), None, number=True)


def _read_flag(cell: str, _ways: Ways) -> bool:
    word = cell.strip().lower()
    if word not in _YES and word not in _NO:
        raise NotRead(_("Write yes or no."))
    return word in _YES


def _read_moment(cell: str, ways: Ways) -> datetime:
    try:
        found = datetime.fromisoformat(cell.strip().replace("Z", "+00:00"))
    except ValueError:
        try:
            found = datetime.combine(date.fromisoformat(cell.strip()[:10]), time())
        except ValueError as wrong:
            raise NotRead(_("Write a day such as 2026-12-24, or a moment such as 2026-12-24T08:00.")) from wrong
    local = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(ways.timezone))
    if not 1990 <= local.year <= 2100:
        raise NotRead(_("Write a day such as 2026-12-24, or a moment such as 2026-12-24T08:00."))
    return local.astimezone(UTC)


def _write_moment(value: datetime, _ways: Ways) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


CODES: Final = Sort(lambda cell, _ways: tuple(dict.fromkeys(codes(cell))), _write_codes, (), several=True)
PATH: Final = Sort(_read_path, lambda value, _ways: " > ".join(escaped(one, ">") for one in value), (), shared=True)
PARTS: Final = Sort(_read_parts, _write_parts, (), several=True)
CONTENT: Final = Sort(_read_content, lambda value, _ways: f"{quantity_text(value[0])} {value[1]}", None, shared=True)
MONEY: Final = Sort(_read_money, lambda value, ways: f"{major(value, ways.money):f}", None, number=True, shared=True)
COST: Final = Sort(_read_cost, _write_cost, Decimal(0), number=True, shared=True)
QUANTITY: Final = Sort(
    _read_quantity, lambda value, _ways: quantity_text(to_milli(value)), None, number=True, shared=True
)
SIGNED: Final = Sort(_read_signed, lambda value, _ways: quantity_text(to_milli(value)), None, number=True, shared=True)
FLAG: Final = Sort(_read_flag, lambda value, _ways: "yes" if value else "no", empty=False, shared=True)
MOMENT: Final = Sort(_read_moment, _write_moment)
