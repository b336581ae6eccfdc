"""What a scan or a typed code means: GTIN, the shop's own label, GS1 elements or link. Pure, and never a guess.

kiosk/till/barcode.js does the same; tests/vectors/scans.json holds both to it. What cannot be read for certain is a
misread, and a misread never becomes an unknown article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from retail.catalog.codes.layouts import Layout, read_label
from retail.kit.barcode import gtin_is_valid, normalise
from retail.kit.gs1 import GS, Element, NotGs1, bare_elements, day_of, decimals_of, elements, from_brackets, from_link
from retail.kit.money import mul_div

_AIM: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_AIMS: Final = ("]C1", "]d2", "]Q3", "]e0", "]J1")
_ANYTHING: Final = ("]Q3", "]d2")  # a QR or DataMatrix that only looks like GS1 may hold what it likes
_UNCHECKED: Final = re.compile(r"\][AFGC][0-9A-Z]|\]I|\]d|\]Q")
_LINK: Final = re.compile(r"https?://", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"[\x00-\x1c\x1e\x1f\x7f]")
_BLANKS: Final = " \t\n\r\u00a0\ufeff"

_MEASURES: Final[Mapping[str, tuple[str, int]]] = {
    "310": ("kg", 1_000_000_000),
    "320": ("kg", 453_592_370),
    "356": ("kg", 31_103_477),
    "315": ("l", 1_000_000_000),
    "360": ("l", 946_352_946),
    "361": ("l", 3_785_411_784),
    "311": ("m", 1_000_000_000),
    "321": ("m", 25_400_000),
    "322": ("m", 304_800_000),
    "323": ("m", 914_400_000),
}
"""Net measures: unit, and how much of it one of the label's is, in billionths (avoirdupois and US customary)."""

OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scan says. `code` is the form articles are stored and found by, `candidates` what to look for, best first.

    `measures` are thousandths by unit (kg, l, m, each; "own" is the article's own unit), `price_minor` minor units;
    both only where the label says them. Not `sure`: digits that nothing vouches for. `misread`: scan it again.
    """

    raw: str
    code: str
    candidates: tuple[str, ...]
    sure: bool = True
    misread: bool = False
    measures: Mapping[str, int] = field(default_factory=dict)
    price_minor: int | None = None
    lot: str = ""
    serial: str = ""
    use_by: date | None = None
    elements: tuple[Element, ...] = ()
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What reading depends on: the tenant's layouts, the currency's exponent and ISO number, and the year."""

    layouts: Sequence[Layout]
    exponent: int
    currency_number: str
    this_year: int


def unbracketed(text: str) -> str:
    """Give what stands below a symbol, "(01)04006381333931(10)A1", as a scanner sends it; any other text as it is."""
    try:
        return "]C1" + from_brackets(text)
    except NotGs1:
        return text


def read_elements(text: str, this_year: int) -> Reading | None:
    """Read the GS1 elements, with or without brackets, or the GS1 link that a text is; None where it isn't either.

    It needs nothing of the business: what a label says in its currency is left out.
    """
    reading = read_scan(unbracketed(text), Terms((), 2, "", this_year))
    return reading if reading.elements else None


def read_scan(text: str, terms: Terms) -> Reading:
    """Say what was scanned or typed; a scanner's AIM id and control characters may be in it."""
    aim = found.group() if (found := _AIM.match(text)) else ""
    raw = _CONTROLS.sub("", text[len(aim) :]).strip(_BLANKS)
    code = raw.replace(GS, "")
    if not code:
        return _misread(code)
    parsed = _elements_in(raw, aim)
    if parsed:
        meant = _meaning(raw, parsed, terms)
        if meant is not None:
            # a code of the shop's own may happen to look so: it is still found by what it is
            own = () if aim or GS in raw or _LINK.match(raw) else (normalise(code),)
            return replace(meant, candidates=(*meant.candidates, *own))
    if parsed is not None and not _LINK.match(raw) and aim not in _ANYTHING:
        return _misread(code)
    try:
        label = read_label(code, terms.layouts, terms.exponent)
    except ValueError:
        return _misread(code)
    plain = normalise(code)
    if label is not None:
        measures = {} if label.weight_milli is None else {OWN: label.weight_milli}
        forms = tuple(dict.fromkeys((*label.candidates, plain)))
        return Reading(code, plain, forms, measures=measures, price_minor=label.price_minor, layout=label.layout)
    digits = code.isascii() and code.isdigit()
    return Reading(code, plain, (plain,), sure=not digits or gtin_is_valid(code) or bool(_UNCHECKED.match(aim)))


def _misread(code: str) -> Reading:
    return Reading(code, normalise(code), (), sure=False, misread=True)


def _elements_in(raw: str, aim: str) -> list[Element] | None:
    """Give the elements; [] where it should hold some and doesn't, None where it isn't GS1 at all."""
    try:
        if _LINK.match(raw):
            return elements(from_link(raw))
        if aim in _GS1_AIMS or GS in raw:
            return elements(raw)
    except NotGs1:
        return []
    return None if aim else bare_elements(raw)


def _meaning(raw: str, parsed: Sequence[Element], terms: Terms) -> Reading | None:
    """Give what a shop acts on; None where the elements name no article."""
    by_ai = {element.ai: element.text for element in parsed}
    gtin = by_ai.get("01") or by_ai.get("02") or by_ai.get("8006", "")[:14]
    if not gtin:
        return None
    measures: dict[str, int] = {}
    price = None
    for element in parsed:
        places = decimals_of(element)
        if places is None:
            continue
        unit, factor = _MEASURES.get(element.ai[:3], ("", 0))
        if unit:
            measures[unit] = mul_div(int(element.text), factor, 10 ** (6 + places))
        if element.ai[:3] == "392":
            price = mul_div(int(element.text), 10**terms.exponent, 10**places)
        if element.ai[:3] == "393" and element.text.startswith(terms.currency_number):
            price = mul_div(int(element.text[3:]), 10**terms.exponent, 10**places)
    count = by_ai.get("30") or (by_ai.get("37") if "02" in by_ai else None)
    if count is not None:
        measures["each"] = int(count) * 1000
    ends = [day_of(by_ai[ai], terms.this_year) for ai in ("17", "15") if ai in by_ai]
    return Reading(
        raw.replace(GS, ""),
        normalise(gtin),
        (normalise(gtin),),
        measures=measures,
        price_minor=price,
        lot=by_ai.get("10", ""),
        serial=by_ai.get("21", ""),
        use_by=min((day for day in ends if day is not None), default=None),
        elements=tuple(parsed),
    )
