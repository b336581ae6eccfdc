"""GS1 element strings, as GS1-128, DataMatrix, QR and DataBar carry them: read strictly by the table of identifiers.

kiosk/till/gs1.js does the same; tests/vectors/gs1.json holds both to it. docs/algorithms/barcodes.md says why.
Source: GS1 General Specifications, 3 (identifiers), 7.8 (strings, separators), 7.9 (check digits), 7.12 (dates).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from retail.kit.gs1_table import TABLE

GS: Final = "\x1d"
Wrong = Literal["empty", "identifier", "short", "long", "characters", "check_digit", "date", "twice"]

_PRIMARY: Final = ("01", "02", "8006")
_LINE: Final = re.compile(r"(\d+)(?:-(\d+))?( \*)? ([^|]+) \| (.+)")
_BARE: Final = re.compile(r"01[0-9]{14}[^\x1d]*\Z")
_PART: Final = re.compile(r"([nxyz])(\.\.)?(\d+)([cdDthkv]?)(\??)")
_SETS: Final = {
    "n": re.compile(r"[0-9]+"),
    "x": re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+"),
    "y": re.compile(r"[#\-/0-9A-Z]+"),
    "z": re.compile(r"[A-Za-z0-9_=\-]+"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an element's data; `kind` is the letter of the table, '' for plain characters."""

    characters: str
    least: int
    most: int
    kind: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier; `fixed` data ends by its length, any other by a separator or the end."""

    ai: str
    title: str
    fixed: bool
    parts: tuple[Part, ...]

    @property
    def most(self) -> int:
        """Give the most characters that its data has."""
        return sum(part.most for part in self.parts)


@dataclass(frozen=True, slots=True)
class Element:
    """An identifier with its data, as it stands there."""

    identifier: Identifier
    text: str

    @property
    def ai(self) -> str:
        """Give the identifier's digits."""
        return self.identifier.ai


class NotGs1(ValueError):
    """The text is no element string; `wrong` says what is the matter with the element `ai`, '' where none was found."""

    def __init__(self, wrong: Wrong, ai: str = "") -> None:
        super().__init__(wrong, ai)
        self.wrong = wrong
        self.ai = ai


@cache
def identifiers() -> Mapping[str, Identifier]:
    """Give the table, each identifier by its digits."""
    known: dict[str, Identifier] = {}
    for line in TABLE.strip().splitlines():
        first, last, fixed, spec, title = _LINE.fullmatch(line).groups()  # type: ignore[union-attr]
        parts = tuple(_part(text) for text in spec.split())
        for number in range(int(first), int(last or first) + 1):
            ai = str(number).zfill(len(first))
            known[ai] = Identifier(ai, title, bool(fixed), parts)
    return known


def _part(text: str) -> Part:
    characters, upto, length, kind, optional = _PART.fullmatch(text).groups()  # type: ignore[union-attr]
    return Part(characters, 1 if upto else int(length), int(length), kind, bool(optional))


def elements(text: str) -> list[Element]:
    """Split an element string; a separator (GS) stands where an element of no fixed length ends. Raises NotGs1."""
    found: dict[str, Element] = {}
    rest = text.lstrip(GS)
    if not rest:
        raise NotGs1("empty")
    while rest:
        identifier = _identifier_of(rest)
        body = rest[len(identifier.ai) :]
        end = identifier.most if identifier.fixed else len(body.partition(GS)[0])
        element = Element(identifier, body[:end])
        _check(element)
        if found.setdefault(element.ai, element).text != element.text:
            raise NotGs1("twice", element.ai)
        rest = body[end:].lstrip(GS)
    return list(found.values())


def bare_elements(text: str) -> list[Element] | None:
    """Split an element string that came without a symbology id and without any separator; None where it isn't one.

    It begins with 01 and a GTIN-14 whose check digit is right, and all that follows is elements. The last
    one is left out where it may have swallowed others: a scanner that sends no separators loses that behind a lot.
    """
    if not _BARE.match(text) or check_digit(text[2:15]) != int(text[15]):
        return None
    try:
        found = elements(text)
    except NotGs1:
        return None
    last = found[-1]
    swallowed = not last.identifier.fixed and any(_all_fixed(last.text[at:]) for at in range(1, len(last.text)))
    return found[:-1] if swallowed else found


def _all_fixed(text: str) -> bool:
    try:
        return all(one.identifier.fixed for one in elements(text))
    except NotGs1:
        return False


def from_brackets(text: str) -> str:
    """Turn what stands below a symbol, "(01)04006381333931(10)A1", into its element string. Raises NotGs1."""
    pairs = re.findall(r"\((\d{2,4})\)([^(]*)", text)
    if not pairs or "".join(f"({ai}){data}" for ai, data in pairs) != text.strip():
        raise NotGs1("identifier")
    return element_string([(ai, data.strip()) for ai, data in pairs])


def element_string(pairs: Sequence[tuple[str, str]]) -> str:
    """Write an element string, its elements in their order, separators only where the rules want one. Raises NotGs1."""
    written = ""
    for place, (ai, data) in enumerate(pairs):
        identifier = identifiers().get(ai)
        if identifier is None:
            raise NotGs1("identifier", ai)
        _check(Element(identifier, data))
        written += ai + data + ("" if identifier.fixed or place == len(pairs) - 1 else GS)
    return written


def from_link(text: str) -> str:
    """Turn a GS1 Digital Link, "https://shop.example/01/04006381333931/10/A1?17=261231", into its element string.

    What the address says beyond application identifiers is left out (GS1 Digital Link: URI syntax, 4). Raises NotGs1.
    """
    try:
        address = urlsplit(text.strip())
    except ValueError as broken:
        raise NotGs1("identifier") from broken
    steps = [unquote(step) for step in address.path.split("/") if step]
    start = next((place for place, step in enumerate(steps) if step in _PRIMARY), None)
    if address.scheme not in {"http", "https"} or start is None or (len(steps) - start) % 2:
        raise NotGs1("identifier")
    pairs = list(zip(steps[start::2], steps[start + 1 :: 2], strict=True))
    asked = [(ai, data) for ai, data in parse_qsl(address.query, keep_blank_values=True) if ai in identifiers()]
    return element_string([(ai, data.zfill(14) if ai == "01" else data) for ai, data in [*pairs, *asked]])


def decimals_of(element: Element) -> int | None:
    """Say how many decimals the element's number has; None where it is no decimal."""
    return int(element.ai[3]) if any(part.kind == "v" for part in element.identifier.parts) else None


def day_of(text: str, this_year: int) -> date | None:
    """Read YYMMDD; DD 00 is the last day of its month. None where there is no such day.

    The century (7.12): a year more than 50 ahead of this one was in the last century, one that lies 50 or more behind
    will be in the next.
    """
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    ahead = year - this_year % 100
    century = this_year // 100 + (-1 if ahead > 50 else 1 if ahead < -49 else 0)
    year += century * 100
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


def check_digit(body: str) -> int:
    """Compute the modulo-10 check digit of `body`, the digits without it (7.9.1)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def _identifier_of(text: str) -> Identifier:
    for length in (2, 3, 4):
        identifier = identifiers().get(text[:length])
        if identifier is not None:
            return identifier
    raise NotGs1("identifier", text[:4] if re.fullmatch("[0-9]{1,4}", text[:4]) else "")


def _check(element: Element) -> None:
    """Raise NotGs1 unless the data is what its identifier wants."""
    rest = element.text
    for part in element.identifier.parts:
        if part.optional and not rest:
            continue
        piece, rest = rest[: part.most], rest[part.most :]
        if len(piece) < part.least or GS in piece:
            raise NotGs1("short", element.ai)
        if not _SETS[part.characters].fullmatch(piece):
            raise NotGs1("characters", element.ai)
        if part.kind == "c" and check_digit(piece[:-1]) != int(piece[-1]):
            raise NotGs1("check_digit", element.ai)
        if not _is_moment(part.kind, piece):
            raise NotGs1("date", element.ai)
    if rest:
        raise NotGs1("long", element.ai)


def _is_moment(kind: str, piece: str) -> bool:
    """Claim that a piece which should hold a date or a time holds one; whether 29 February is one, its century says."""
    if kind == "t":
        return piece[:2] < "24" and piece[2:] < "60"
    if kind not in {"d", "D", "h"}:
        return True
    if kind != "d" and piece[4:6] == "00":
        return False
    if kind == "h" and piece[6:] > "23":
        return False
    # of two years a century apart at most one differs in leap days, 2100: dates that far ahead are on no goods
    return day_of(piece[:6], 2000 + int(piece[:2])) is not None
