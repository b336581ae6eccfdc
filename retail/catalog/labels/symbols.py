"""Codes as bars and squares. Which squares are dark is worked out by libraries; how large they are is decided here.

A scanner must see each module: the least sizes are those of GS1 General Specifications 5.12 (symbols at points of sale)
where they say one, and what a printer of 203 dots per inch can do. Beside each symbol stay its quiet zones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import segno
from barcode.codex import Code128, Gs1_128
from barcode.ean import EAN8, EAN13
from ppf.datamatrix import DataMatrix

from retail.kit.barcode import gtin_is_valid
from retail.kit.gs1 import GS, NotGs1, element_string

Kind = Literal["auto", "code128", "qr", "datamatrix"]
KINDS: Final[tuple[Kind, ...]] = ("auto", "code128", "qr", "datamatrix")

_FNC1: Final = 232
"""The codeword of a DataMatrix that says: GS1 elements, or: here one ends (ISO/IEC 16022, 5.2.4.6)."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Rows of modules, True is dark: one row for bars, as many as columns for squares. `quiet`: modules kept light.

    `least` and `best` are the width of a module in millimetres; `text` stands below bars.
    """

    rows: tuple[tuple[bool, ...], ...]
    quiet_left: int
    quiet_right: int
    least: float
    best: float
    text: str

    @property
    def is_bars(self) -> bool:
        """Claim that it is read along one line."""
        return len(self.rows) == 1

    @property
    def modules(self) -> int:
        """Count the modules of a row, quiet zones included."""
        return len(self.rows[0]) + self.quiet_left + self.quiet_right

    def module(self, room: float, dot: float = 0) -> float | None:
        """Give the width of a module where there is `room` millimetres; whole dots of the printer. None: too narrow."""
        if not dot:
            width = min(self.best, room / self.modules)
            return width if width >= self.least else None
        # three dots are a little more than the best size, two a little less than the least: printers on the spot may
        width = int(min(self.best + dot / 2, room / self.modules) / dot + 1e-9) * dot
        return width if width > self.least - dot / 6 else None


@lru_cache(maxsize=2048)
def symbol(code: str, kind: Kind) -> Symbol:
    """Make the symbol of a code: "auto" is the one that its kind of number has, and Code 128 for other codes."""
    if kind == "qr" or (kind != "datamatrix" and not code.isascii()):
        return _square(segno.make(code, error="m", micro=False, boost_error=False).matrix, quiet=4, text=code)
    if kind == "datamatrix":
        return _data_matrix(code)
    gtin = code if gtin_is_valid(code) else ""
    if kind == "auto" and len(gtin) == 8:
        return _bars(EAN8(gtin).build()[0], 7, 7, 0.264, 0.33, gtin)
    if kind == "auto" and len(gtin) in {12, 13}:  # a UPC-A is an EAN-13 that begins with a zero, bar by bar
        return _bars(EAN13(gtin.zfill(13)).build()[0], 11, 7, 0.264, 0.33, gtin)
    if kind == "auto" and len(gtin) == 14:
        return _bars(Gs1_128(f"01{gtin}").build()[0], 10, 10, 0.17, 0.33, f"(01){gtin}")
    return _bars(Code128(code).build()[0], 10, 10, 0.17, 0.33, code)


def _bars(modules: str, left: int, right: int, least: float, best: float, text: str) -> Symbol:  # noqa: PLR0917
    return Symbol((tuple(module == "1" for module in modules),), left, right, least, best, text)


def _square(matrix: object, quiet: int, text: str) -> Symbol:
    rows = tuple(tuple(bool(module) for module in row) for row in matrix)  # type: ignore[attr-defined]
    return Symbol(rows, quiet, quiet, 0.375, 0.75, text)


def _data_matrix(code: str) -> Symbol:
    """Write a GTIN as the element 01, so that a till knows what it is; anything else as it stands."""
    try:
        words = _words(element_string([("01", code.zfill(14))]), gs1=True) if gtin_is_valid(code) else _words(code)
    except NotGs1:
        words = _words(code)
    return _square(DataMatrix(words).matrix, quiet=1, text=code)


class _Codewords:
    """A message that is encoded already; the library asks it for its words in one encoding after the other."""

    def __init__(self, words: bytes) -> None:
        self._words = words

    def encode(self, _codec: str) -> bytes:
        return self._words


def _words(text: str, *, gs1: bool = False) -> _Codewords:
    """Encode in the ASCII mode of DataMatrix: two digits a word, 235 before a sign of Latin-1's upper half.

    Signs beyond are written as UTF-8, which scanners know again.
    """
    signs = text.encode("latin-1") if _is_latin(text) else text.encode()
    words = bytearray([_FNC1] if gs1 else [])
    place = 0
    while place < len(signs):
        pair = signs[place : place + 2]
        if len(pair) == 2 and pair.isdigit():
            words.append(130 + int(pair))
            place += 2
            continue
        sign = signs[place]
        if gs1 and sign == ord(GS):
            words.append(_FNC1)
        elif sign < 128:
            words.append(sign + 1)
        else:
            words += bytes([235, sign - 127])
        place += 1
    return _Codewords(bytes(words))


def _is_latin(text: str) -> bool:
    return all(ord(sign) < 256 for sign in text)
