"""Heads of the chains, kept outside of the database: appended to DATA_DIR/anchors, one file a day, never rewritten.

And what the whole process knows of the outside: the keys that sign and verify, and the anchors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from retail.audit.verify import read_anchors
from retail.runtime.audit_record import head_message, moment, restored_message
from retail.runtime.keys import Keyring
from retail.settings import Settings

KEY: Final = "audit"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """What a key says of a chain: how many records it has, and the hash at the last one. seq 0: nothing yet."""

    chain: UUID
    seq: int
    hash: bytes
    at: datetime
    key_id: str
    signature: bytes

    def line(self) -> dict[str, object]:
        """Give it as exports and anchors have it."""
        return {
            "chain": str(self.chain),
            "seq": self.seq,
            "hash": self.hash.hex(),
            "at": moment(self.at),
            "key": self.key_id,
            "signature": self.signature.hex(),
        }


class Anchors:
    """The files. Any number of processes may append; a line is written at once and flushed to the disk."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def append(self, line: Mapping[str, object]) -> None:
        """Keep a line, in today's file. Raises OSError."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.directory / f"{datetime.now(UTC).date()}.jsonl"
        text = json.dumps(line, separators=(",", ":")) + "\n"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Give every line, as files and lines follow each other."""
        return read_anchors(sorted(self.directory.glob("*.jsonl")))

    def of(self, chain: UUID) -> list[dict[str, Any]]:
        """Give every line about a chain."""
        named = str(chain)
        return [line for line in self.lines() if line.get("chain") == named]


@dataclass(frozen=True, slots=True)
class Outside:
    """What is outside of the database: the installation's keys and the anchors."""

    keyring: Keyring
    anchors: Anchors

    @classmethod
    def of(cls, settings: Settings) -> Outside:
        """Open both. Raises BadKey, OSError."""
        return cls(Keyring.open(settings), Anchors(settings.data_dir / "anchors"))

    def sign(self, chain: UUID, seq: int, hash: bytes, at: datetime) -> SignedHead:
        """Sign a head with the newest key."""
        signer = self.keyring.signer(KEY)
        return SignedHead(chain, seq, hash, at, signer.key_id, signer.sign(head_message(chain, seq, hash, moment(at))))

    def recognises(self, head: SignedHead) -> bool:
        """Claim that one of our keys signed a head."""
        message = head_message(head.chain, head.seq, head.hash, moment(head.at))
        return self.keyring.verify(KEY, head.key_id, message, head.signature)

    def newest(self) -> dict[UUID, int]:
        """Give how many records each chain must have at least; a restore that our key signed starts from its own."""
        found: dict[UUID, int] = {}
        for line in self.anchors.lines():
            chain, seq = UUID(line["chain"]), int(line["seq"])
            if not line.get("restored"):
                found[chain] = max(seq, found.get(chain, 0))
            elif self._accepts(chain, line):
                found[chain] = seq
        return found

    def _accepts(self, chain: UUID, line: Mapping[str, Any]) -> bool:
        hash, signature = bytes.fromhex(line["hash"]), bytes.fromhex(line.get("signature", ""))
        message = restored_message(chain, int(line["seq"]), hash, line["at"], line["reason"])
        return self.keyring.verify(KEY, line.get("key", ""), message, signature)

    def accept_restore(self, head: SignedHead, reason: str, at: datetime) -> None:
        """Write down, signed, that a backup was restored on purpose, and that the chain goes on from this head."""
        signer, text = self.keyring.signer(KEY), moment(at)
        signature = signer.sign(restored_message(head.chain, head.seq, head.hash, text, reason))
        said = {"at": text, "key": signer.key_id, "signature": signature.hex(), "restored": True, "reason": reason}
        self.anchors.append({**head.line(), **said})


_of_process: list[Outside] = []


def use_outside(outside: Outside) -> None:
    """Let checks and jobs of this process verify against the outside; the process's start calls it once."""
    _of_process[:] = [outside]


def outside_of_process() -> Outside | None:
    """Give what use_outside() was told last; None in a process that has neither keys nor anchors."""
    return _of_process[-1] if _of_process else None
