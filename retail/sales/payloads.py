"""Reading a till's journal: the envelope, and the payloads of the records that are no sales."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.sales.chain import Record
from retail.sales.members import Reader, clean
from retail.sales.reading import parse_json

MOST_RECORDS: Final = 100
_MOST_SEQ: Final = 2**53
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9_-]{86}")
_KIND: Final = re.compile(r"[a-z][a-z_]{0,39}")
_DENOMINATIONS_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Delivery:
    """Records that a device delivers, in the order of their seq, under the fence of its claim."""

    device: UUID
    fence: int
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Closing:
    """A count, and what of it stays in the drawer where it ends a shift."""

    counted: int
    denominations: Mapping[str, int] | None
    left: int = 0


def read_delivery(document: object) -> Delivery:
    """Read the envelope. Raises Invalid; the payloads inside are looked at one by one, later."""
    read = Reader(document)
    found = Delivery(
        read.uuid("device"),
        read.whole("fence", 0, _MOST_SEQ),
        sorted(read.items("records", _record, MOST_RECORDS, least=1), key=lambda record: record.seq),
    )
    read.check()
    return found


def read_closing(document: object) -> Closing:
    """Read {"counted", "denominations"?, "left"?}: pieces by value in minor units. Raises Invalid."""
    read = Reader(document)
    left = 0 if read.of.get("left") is None else read.whole("left", 0, MAX_MINOR)
    closing = Closing(read.whole("counted", 0, MAX_MINOR), read_pieces(read), left)
    read.check()
    return closing


def read_object(text: str) -> Reader:
    """Open a record's payload. Raises Invalid on what is no JSON object."""
    read = Reader(parse_json(text))
    read.check()
    return read


def moment_of(at: str, now: datetime) -> datetime:
    """Read a record's time; now where it can't be read or lies ahead."""
    try:
        found = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return min(found, now)


def _record(read: Reader) -> Record:
    id = read.uuid("id")
    return Record(
        read.whole("seq", 1, _MOST_SEQ),
        _matching(read, "kind", _KIND),
        str(read.of.get("id") or id),
        _exact(read, "at", 40),
        _exact(read, "payload", 1_000_000),
        _matching(read, "prev_hash", _HASH),
        _matching(read, "hash", _HASH),
        _signature(read.of.get("signature")),
    )


def _signature(given: object) -> str:
    """Read a signature; what can't be one is none, and the record is marked for it instead of being refused."""
    return given if isinstance(given, str) and _SIGNATURE.fullmatch(given) else ""


def _matching(read: Reader, name: str, pattern: re.Pattern[str]) -> str:
    given = read.of.get(name)
    if isinstance(given, str) and pattern.fullmatch(given):
        return given
    read.wrong(name, _("This is not written as it must be."))
    return ""


def _exact(read: Reader, name: str, most: int) -> str:
    """Read a text as it is, because it is hashed; only what no database holds is replaced (and breaks the chain)."""
    given = read.of.get(name)
    if isinstance(given, str) and len(given) <= most:
        return clean(given)
    read.wrong(name, _("This must be text."))
    return ""


def read_pieces(read: Reader) -> dict[str, int] | None:
    """Read the optional member "denominations"; what is wrong with it is noted in `read`."""
    given = read.of.get("denominations")
    if given is None:
        return None
    if not isinstance(given, dict) or len(given) > _DENOMINATIONS_MOST:
        read.wrong("denominations", _("This must say how many pieces there are of each value."))
        return None
    pieces = Reader(given, "denominations.", read)
    for value in given:
        if not (value.isascii() and value.isdigit() and len(value) <= 12):
            pieces.wrong(value, _("Values are whole minor units, like “500”."))
    return {value: pieces.whole(value, 0, 10**9) for value in given}


def wrong_kind(kind: str) -> Invalid:
    """Say that a record's kind is unknown."""
    return Invalid({"kind": [_("This server does not know records of the kind “%(kind)s”.") % {"kind": kind}]})
