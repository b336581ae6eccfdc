"""JSON as programs have it: an array of objects, or one object per line, read object by object.

A list stands for a cell's several values, an object for its pairs: such a cell begins with a sign that says so, as only
some columns take it. Amounts of money are what our own exports write:
the currency's own units as text ("4.20"), or as a number without a fraction of a cent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from retail.automation.files.csv_files import encoding_of
from retail.automation.signs import escaped
from retail.kit.errors import Invalid
from retail.kit.text import _

LIST: Final = "\x1e"
PAIRS: Final = "\x1f"
_PIECE: Final = 1 << 16
_MOST_OBJECT: Final = 1 << 20
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def keys(path: Path) -> list[str]:
    """Give the names that the objects have, in the order they come."""
    found: dict[str, None] = {}
    for one in _objects(path):
        found.update(dict.fromkeys(one))
        if len(found) > 1000:
            break
    return list(found)


def rows(path: Path, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Give each object's number, from 1, and its values as cells."""
    for line, one in enumerate(_objects(path), start=1):
        yield line, [_cell(one.get(name)) for name in header]


def nests(cell: str) -> tuple[str, str]:
    """Part a cell into what it holds, LIST, PAIRS or '' for one value, and its text."""
    return (cell[:1], cell[1:]) if cell.startswith((LIST, PAIRS)) else ("", cell)


def _cell(value: Any) -> str:  # noqa: ANN401 - what JSON may hold
    """Write a value as a cell; a list that holds further lists or objects is none of single values."""
    if not isinstance(value, list | dict) or not value:
        return _text(value)
    deep = isinstance(value, dict) or any(isinstance(one, list | dict) for one in value)
    return (PAIRS if deep else LIST) + _text(value)


def _text(value: Any) -> str:  # noqa: ANN401 - what JSON may hold
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "|".join(escaped(_text(one), "|") for one in value)
    if isinstance(value, dict):
        return "|".join(f"{escaped(str(name), '|=')}={escaped(_text(one), '|=')}" for name, one in value.items())
    return str(value)


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding=encoding_of(path), errors="replace") as text:
        buffer, at = _filled(text, "", 0)
        at = _past(buffer, at, "\ufeff")
        listed = buffer[at : at + 1] == "["
        at += listed
        while True:
            buffer, at = _more(text, buffer, at)
            if at == len(buffer) or (listed and buffer[at] == "]"):
                return
            buffer, one, at = _next(text, buffer, at)
            if not isinstance(one, dict) or (not listed and any(map(_holds_rows, one.values()))):
                raise _broken()
            yield one


def _holds_rows(value: object) -> bool:
    """Claim that the rows lie one deeper, as in {"products": [{...}]}."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _next(text: TextIO, buffer: str, at: int) -> tuple[str, Any, int]:
    """Read one value; where it isn't all there yet, after reading on."""
    while True:
        try:
            one, end = _DECODER.raw_decode(buffer, at)
        except (json.JSONDecodeError, RecursionError) as wrong:
            piece = text.read(_PIECE)
            if not piece or len(buffer) - at > _MOST_OBJECT:
                raise _broken() from wrong
            buffer, at = buffer[at:] + piece, 0
        else:
            return buffer, one, end


def _more(text: TextIO, buffer: str, at: int) -> tuple[str, int]:
    """Pass over blanks and commas, reading on where the buffer ends."""
    at = _past(buffer, at, ",")
    while at == len(buffer):
        buffer, at = _filled(text, buffer, at)
        if not buffer:
            break
        at = _past(buffer, at, ",")
    return buffer, at


def _filled(text: TextIO, buffer: str, at: int) -> tuple[str, int]:
    return buffer[at:] + text.read(_PIECE), 0


def _past(buffer: str, at: int, also: str) -> int:
    while at < len(buffer) and (buffer[at].isspace() or buffer[at] in also):
        at += 1
    return at


def _broken() -> Invalid:
    said = _("This is not a JSON file of rows. It must be an array of objects, or one object per line.")
    return Invalid({"file": [said]})
