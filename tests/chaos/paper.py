"""What a till writes: records, their hash and signature, as docs/algorithms/till-journal.md and devices.md, 3 say it.

Written anew from those pages and importing nothing of the product: the judge that hashes with this can't share a
mistake with the server.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

FIRST = "0" * 64
_MARK = "\x1f"


@dataclass(frozen=True)
class Entry:
    """A record of a journal, with its exact texts."""

    seq: int
    kind: str
    id: str
    at: str
    payload: str
    prev_hash: str
    hash: str = ""
    signature: str = ""

    @property
    def document(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.payload)
        return read


def hash_of(till: str, device: str, entry: Entry) -> str:
    """Hash a record over its nine parts."""
    values = (till, device, str(entry.seq), entry.kind, entry.id, entry.at, entry.payload, entry.prev_hash)
    text = _MARK.join(["CTJ1", *(f"{len(value.encode())}:{value}" for value in values)])
    return hashlib.sha256(text.encode()).hexdigest()


class Key:
    """A device's private key, as the number that it is."""

    def __init__(self, secret: int) -> None:
        self._private = ec.derive_private_key(secret, ec.SECP256R1())

    def sign(self, text: str) -> str:
        r, s = decode_dss_signature(self._private.sign(text.encode(), ec.ECDSA(SHA256())))
        return base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode().rstrip("=")

    def sign_hash(self, hash: str) -> str:
        return self.sign(f"CTJS1{_MARK}{hash}")

    def prove(self, origin: str, *parts: str) -> str:
        return self.sign(_MARK.join(["CTD1", "session", origin, *parts]))

    def signed(self, hash: str, signature: str) -> bool:
        """Claim that this key's other half made the signature over the hash."""
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            self._private.public_key().verify(der, f"CTJS1{_MARK}{hash}".encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def new_id() -> str:
    """Make an id as the till does: UUID version 7, so that ids come in the order of their making."""
    value = int(time.time() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=value & ~(3 << 62) | 2 << 62))


@dataclass
class Disk:
    """A till's disk: a file that only grows. A line that is whole is there; half a line at the end never happened."""

    path: Path
    entries: list[Entry] = field(default_factory=list)
    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    torn: int = 0
    acked: int = 0
    """How many records, from the first on, the server has answered for."""

    @classmethod
    def load(cls, path: Path, *, mend: bool = False) -> Disk:
        """Read it; `mend` cuts off what a kill left half written, as a till does when it starts."""
        disk = cls(path)
        raw = path.read_bytes() if path.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        for line in whole.splitlines():
            disk._take(json.loads(line))
        disk.torn += len(whole) < len(raw)
        if mend and len(whole) < len(raw):
            os.truncate(path, len(whole))
            disk.note("torn", disk.facts.get("torn", 0) + 1)
        return disk

    def _take(self, line: Mapping[str, Any]) -> None:
        if "record" in line:
            self.entries.append(Entry(**line["record"]))
        elif "answer" in line:
            self.answers[line["answer"]["seq"]] = dict(line["answer"])
            while self.acked + 1 in self.answers:
                self.acked += 1
        elif "alarm" in line:
            self.alarms.append(line["alarm"])
        else:
            self.facts |= line["facts"]

    def note(self, name: str, value: object) -> None:
        """Keep a fact, such as the device's session."""
        self._write([{"facts": {name: value}}])

    def alarm(self, sentence: str) -> None:
        """Keep what must never happen to a till."""
        self._write([{"alarm": sentence}])

    def append(self, entry: Entry) -> None:
        """Put a record on the disk; when this returns it is there for good."""
        self._write([{"record": asdict(entry)}])

    def answered(self, answers: list[dict[str, Any]]) -> None:
        """Keep what the server said of records."""
        self._write([{"answer": one} for one in answers])

    def _write(self, lines: list[dict[str, Any]]) -> None:
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            rest = memoryview(text.encode())
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        for line in lines:
            self._take(line)

    @property
    def sales(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "sale"]
