"""The bytes of an audit record, and the chain over them: docs/algorithms/audit-chain.md. Pure.

What is hashed is stored: nothing is ever written anew from columns to be compared. retail/audit/verify.py is the
independent twin of the hashing here, and runs without the product.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

MARK: Final = "CTA1"
LINK: Final = "CTL1"
HEAD: Final = "CTH1"
RESTORED: Final = "CTR1"
BLINDED: Final = "CTB1"
BLIND: Final = 16
"""Random bytes that hide a person's name and address in a record: without them it can't even be guessed at."""
SEPARATOR: Final = "\x1f"
GENESIS: Final = bytes(32)
PLATFORM: Final = UUID(int=0)
"""The chain of what happens outside of any business: operators, sign-ins of strangers."""


class BrokenRecord(ValueError):
    """The bytes are not those of a record."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what to what, when and from where: exact texts, '' for what there is none of; `facts` is JSON."""

    tenant: str
    id: str
    at: str
    actor_kind: str
    actor_id: str
    actor_name: str
    ip: str
    device: str
    session: str
    request_id: str
    action: str
    subject_kind: str
    subject_id: str
    facts: str

    def encode(self) -> bytes:
        """Give the bytes that are stored and hashed."""
        return joined(MARK, *_TEXTS(self))

    @classmethod
    def decode(cls, stored: bytes) -> AuditRecord:
        """Read the bytes back. Raises BrokenRecord."""
        texts = split(MARK, stored)
        if len(texts) != len(fields(cls)):
            raise BrokenRecord(f"{len(texts)} fields")
        return cls(*texts)


_TEXTS: Final[Callable[[AuditRecord], tuple[str, ...]]] = attrgetter(*(one.name for one in fields(AuditRecord)))
"""The texts of a record in their order. (astuple() copies each of them, which took half of an entry's time.)"""


def joined(mark: str, *texts: str) -> bytes:
    """Join texts so that no two lists of texts give the same bytes: each with its length in bytes before it."""
    return SEPARATOR.join((mark, *(f"{len(text.encode())}:{text}" for text in texts))).encode()


def split(mark: str, stored: bytes) -> list[str]:
    """Undo joined(). Raises BrokenRecord for anything that it didn't make."""
    rest, found = stored.removeprefix(mark.encode()), list[str]()
    if len(rest) == len(stored):
        raise BrokenRecord("mark")
    while rest:
        length, colon, tail = rest[1:].partition(b":")
        size = int(length) if length.isdigit() and len(length) < 10 else -1
        if rest[:1] != SEPARATOR.encode() or not colon or not 0 <= size <= len(tail) or str(size).encode() != length:
            raise BrokenRecord("field")
        try:
            found.append(tail[:size].decode())
        except UnicodeDecodeError as broken:
            raise BrokenRecord("text") from broken
        rest = tail[size:]
    return found


def blinded(field: str, text: str, blind: bytes) -> str:
    """Give what a record holds in place of a person's name or address: checkable while the `blind` is there."""
    return "~" + hash_of(joined(BLINDED, blind.hex(), field, text)).hex() if text else ""


def hash_of(stored: bytes) -> bytes:
    """Give the SHA-256 of a record's bytes."""
    return hashlib.sha256(stored).digest()


def link(chain: UUID, seq: int, record_hash: bytes, before: bytes) -> bytes:
    """Give the chain's hash at `seq` (from 1), over the record's hash and the one before (GENESIS at first)."""
    return hash_of(joined(LINK, str(chain), str(seq), record_hash.hex(), before.hex()))


def head_message(chain: UUID, seq: int, hash: bytes, at: str) -> bytes:
    """Give what is signed of a head: the chain has `seq` records, and this hash at the last one."""
    return joined(HEAD, str(chain), str(seq), hash.hex(), at)


def restored_message(chain: UUID, seq: int, hash: bytes, at: str, reason: str) -> bytes:
    """Give what is signed where an operator says that a backup was restored, and the chain goes on from `seq`."""
    return joined(RESTORED, str(chain), str(seq), hash.hex(), at, reason)


def moment(at: datetime) -> str:
    """Write a moment as records have it: UTC, microseconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def facts_text(facts: Mapping[str, object]) -> str:
    """Write facts as JSON; what Postgres can't hold (a zero character, half a surrogate pair) becomes U+FFFD."""
    text = json.dumps(facts, default=_plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    if "\\u0000" in text or not _is_utf8(text):
        text = json.dumps(_clean(json.loads(text)), separators=(",", ":"), ensure_ascii=False)
    return text


def tidy(text: str) -> str:
    """Give a text that Postgres and UTF-8 can hold."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Give `before` and `after` of what differs, for Tx.audit(..., **changed(old, new)); {} where nothing does."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not names:
        return {}
    return {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }


def _plain(value: object) -> Any:  # noqa: ANN401 - anything that JSON holds
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clean(value: object) -> object:
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {tidy(name): _clean(item) for name, item in value.items()}
    return value
