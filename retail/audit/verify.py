#!/usr/bin/env python3
"""Verify an export of the audit trail with nothing but `cryptography`, the public keys and what was kept outside.

    python verify.py export.jsonl --keys keys.json --anchors anchors/2026-11-20.jsonl ... --head 1204:5f0c...

It belongs to no part of the product (docs/algorithms/audit-chain.md says what it expects), so that whoever doubts the
product can read these lines instead. Exit code: 0 all holds, 1 something doesn't, 2 not verified, 3 holds, but
heads were left out (--as-of), or there is no record.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "countertop-audit-1"
KEYS_FORMAT = "countertop-audit-keys-1"
ZEROS = "0" * 64
MOST_TOLD = 100
START = re.compile(rb"CTA1\x1f36:(.{36})\x1f36:(.{36})(?:\x1f27:(.{27}))?", re.DOTALL)


def joined(mark: str, *texts: str) -> bytes:
    """Join texts, each with its length in bytes before it."""
    return "\x1f".join((mark, *(f"{len(text.encode())}:{text}" for text in texts))).encode()


def first_texts(stored: bytes) -> list[str]:
    """Read the chain's name, the record's id and its moment out of its bytes; '' where they aren't a record's."""
    found = START.match(stored)
    return [text.decode(errors="replace") for text in (found.groups(b"") if found else (b"", b"", b""))]


class Verifier:
    """Walks a chain from its first record; `problems` says in words what does not hold, the first hundred of it."""

    def __init__(
        self, chain: str, keys: Mapping[str, bytes], outside: Iterable[Mapping[str, Any]] = (), until: str = ""
    ) -> None:
        self.chain, self.keys, self.until = chain, keys, until
        self.count, self.hash, self.signed, self.withheld = 0, ZEROS, 0, 0
        self.problems, self.notes, self._ids = list[str](), list[str](), set[str]()
        self._outside: dict[int, list[str]] = {}
        self._at: dict[int, str] = {0: ZEROS}
        for line in sorted(outside, key=lambda line: str(line.get("at", ""))):
            self._keep(line)

    @property
    def anchored(self) -> int:
        """The number of records that the newest head from outside speaks of; 0 without one."""
        return max(self._outside, default=0)

    def _keep(self, line: Mapping[str, Any]) -> None:
        """Take in a head that was kept outside; a restored backup ends what the heads behind it say."""
        seq, hash = int(line["seq"]), str(line["hash"])
        if line["chain"] != self.chain:
            return
        mark, last = ("CTR1", [str(line["reason"])]) if line.get("restored") else ("CTH1", [])
        message = joined(mark, self.chain, str(seq), hash, str(line.get("at", "")), *last)
        if (last or "signature" in line) and not self._is_signed(line, message):
            self._tell(f"the anchor of {line['at']} has no good signature")
        elif last:
            lost = [kept for kept in self._outside if kept > seq]
            self._outside = {kept: hashes for kept, hashes in self._outside.items() if kept <= seq}
            self.notes.append(
                f"a backup was restored on {line['at']} ({last[0]}): the records from {seq + 1}"
                f" to {max(lost, default=seq)} that were known before are not in this chain"
            )
        if not last:
            self._outside.setdefault(seq, []).append(hash)

    def record(self, seq: int, hash: str, stored: bytes | None, digest: str = "") -> None:
        """Take the next record: its number, the chain's hash there, its bytes (None: only their digest, or missing)."""
        if seq != self.count + 1:
            self._tell(f"record {self.count + 1} is missing: {seq} follows {self.count}")
        told = digest if stored is None else hashlib.sha256(stored).hexdigest()
        if not told:
            self._tell(f"record {seq} is missing, though it was sealed")
        elif hashlib.sha256(joined("CTL1", self.chain, str(seq), told, self.hash)).hexdigest() != hash:
            self._tell(f"record {seq} is not as it was sealed")
        self.withheld += stored is None
        if stored is not None:
            chain, id, at = first_texts(stored)
            if chain != self.chain:
                self._tell(f"record {seq} belongs to another chain")
            if id in self._ids:
                self._tell(f"record {seq} is there twice")
            if at > (self.until or at):
                self._tell(f"record {seq} is newer ({at}) than the export says that it is ({self.until})")
            self._ids.add(id)
        self.count, self.hash = seq, hash
        if any(kept != hash for kept in self._outside.get(seq, ())):
            self._tell(f"at record {seq} the chain has another hash than a head that was kept outside")
        self._at = {seq: hash}

    def head(self, head: Mapping[str, Any]) -> None:
        """Take the head that was signed after the records up to here."""
        seq, hash = int(head["seq"]), str(head["hash"])
        if not self._is_signed(head, joined("CTH1", self.chain, str(seq), hash, str(head["at"]))):
            self._tell(f"the head at record {seq} has no good signature by {head['key']}")
        elif self._at.get(seq) != hash:
            self._tell(f"the head at record {seq} was signed over another chain")
        else:
            self.signed = seq

    def finish(self) -> list[str]:
        """Say what is wrong after the last record and head."""
        if self.signed != self.count:
            self._tell(f"the records from {self.signed + 1} to {self.count} are behind the last good signature")
        if self.anchored > self.count:
            told = f"a head that was kept outside speaks of {self.anchored} records, not {self.count}"
            self._tell(f"the end is cut off: {told}")
        return self.problems

    def _is_signed(self, head: Mapping[str, Any], message: bytes) -> bool:
        public = self.keys.get(str(head.get("key")))
        try:
            Ed25519PublicKey.from_public_bytes(public or b"").verify(bytes.fromhex(str(head.get("signature"))), message)
        except (InvalidSignature, ValueError):  # an unknown key is none
            return False
        return True

    def _tell(self, problem: str) -> None:
        if len(self.problems) < MOST_TOLD:
            self.problems.append(problem)


def verify(export: Iterable[str], keys: Mapping[str, bytes], outside: Iterable[Mapping[str, Any]]) -> Verifier:
    """Verify an export, line by line; every head of its chain from outside counts. Raises ValueError: no export."""
    lines = (json.loads(line) for line in export if line.strip())
    first: dict[str, Any] = next(lines, {})
    if first.get("format") != FORMAT:
        raise ValueError(f"this is no export of the format {FORMAT}")
    walk = Verifier(first["chain"], keys, [{"chain": first["chain"], **line} for line in outside], first["at"])
    for line in lines:
        if line["type"] == "head":
            walk.head(line)
        else:
            text, digest = line.get("record"), line.get("digest", "")
            stored = None if text is None else text.encode(errors="surrogateescape")
            walk.record(line["seq"], line["hash"], stored, digest)
    walk.finish()
    return walk


def read_keys(text: str) -> dict[str, bytes]:
    """Read the public keys by their ids. Raises ValueError."""
    told = json.loads(text)
    if told.get("format") != KEYS_FORMAT:
        raise ValueError(f"these are no keys of the format {KEYS_FORMAT}")
    return {name: bytes.fromhex(public) for name, public in told["keys"].items()}


def read_anchors(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Read anchor files. A last line that a power cut tore is left out."""
    for path in paths:
        yield from (json.loads(line) for line in path.read_text().split("\n")[:-1] if line)


def main(arguments: list[str] | None = None) -> int:
    """Verify what the command line names; gives the exit code."""
    parser = argparse.ArgumentParser(description="Verify an export of the audit trail.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--keys", type=Path, required=True, help="the public keys, from a place of your own")
    parser.add_argument("--anchors", type=Path, nargs="*", default=[], help="anchor files")
    parser.add_argument("--head", action="append", default=[], metavar="SEQ:HASH", help="a head that you wrote down")
    parser.add_argument("--as-of", metavar="TIME", default="9999", help="leave out the anchors behind this moment")
    asked = parser.parse_args(arguments)
    try:
        noted = [dict(zip(("seq", "hash"), head.split(":"), strict=True)) for head in asked.head]
        keys, anchors = read_keys(asked.keys.read_text()), list(read_anchors(asked.anchors))
        with asked.export.open(encoding="utf-8") as export:
            early = [line for line in anchors if str(line["at"]) <= asked.as_of]
            walk = verify(export, keys, [*early, *noted])
        later = sum(line["chain"] == walk.chain and str(line["at"]) > asked.as_of for line in anchors)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as broken:
        sys.stderr.write(f"It could not be verified: {type(broken).__name__}: {broken}\n")
        return 2
    kept = f", heads kept outside reach record {walk.anchored}" if walk.anchored else ", no heads from outside"
    for line in [*walk.notes, *walk.problems]:
        sys.stdout.write(f"{line}\n")
    held = "does NOT hold" if walk.problems else "holds" if walk.count else "is empty, which proves nothing"
    held += f" up to {asked.as_of}, {later} later heads from outside were not looked at" if later else ""
    part = f" ({walk.withheld} of them as digests alone)" if walk.withheld else ""
    sys.stdout.write(f"Chain {walk.chain}: {walk.count} records{part}, {walk.signed} signed{kept}. It {held}.\n")
    return 1 if walk.problems else 3 if later or not walk.count else 0


if __name__ == "__main__":
    sys.exit(main())
