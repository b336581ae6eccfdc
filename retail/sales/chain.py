"""The hash chain of a till's journal: docs/algorithms/till-journal.md; kiosk/till/journal.js is its twin. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

GENESIS: Final = "0" * 64
MARK: Final = "CTJ1"
SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the device wrote it. `id`, `at` and `payload` are its exact texts; `signature` is over its hash."""

    seq: int
    kind: str
    id: str
    at: str
    payload: str
    prev_hash: str
    hash: str
    signature: str = ""


def hash_of(till: UUID, device: UUID, record: Record) -> str:
    """Hash a record: lowercase hex SHA-256 over the mark and the length-prefixed fields."""
    fields = (
        str(till),
        str(device),
        str(record.seq),
        record.kind,
        record.id,
        record.at,
        record.payload,
        record.prev_hash,
    )
    text = SEPARATOR.join((MARK, *(f"{len(_utf8(field))}:{field}" for field in fields)))
    return hashlib.sha256(_utf8(text)).hexdigest()


def _utf8(text: str) -> bytes:
    """Encode as a browser's TextEncoder does: half a surrogate pair becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
