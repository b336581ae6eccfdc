"""The trail as files: the whole chain for the verifier, the public keys."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from retail.audit.anchors import KEY
from retail.audit.queries import Wanted, ids
from retail.audit.sealing import signed_head
from retail.audit.verification import chain_lines
from retail.audit.verify import FORMAT, KEYS_FORMAT
from retail.runtime.audit_record import hash_of, moment
from retail.runtime.db import Read
from retail.runtime.keys import Keyring


async def export_chain(read: Read, wanted: Wanted | None = None) -> AsyncIterator[str]:
    """Give the chain up to its newest signed head, a JSON object a line: what `countertop audit verify` reads.

    With `wanted` only those records are told; every other stands there as its digest, so that what is told still
    proves that it is on the chain, and where.
    """
    told = None if wanted is None else await ids(read, wanted)
    head = await signed_head(read)
    newest = await read.fetchval("SELECT max(at) FROM audit_event WHERE tenant_id = $1", read.tenant)
    at = max(read.now, newest or read.now)  # another machine's clock, or what was sealed since we began, may be ahead
    yield _line({"type": "export", "format": FORMAT, "chain": str(read.tenant), "at": moment(at)})
    async for line in chain_lines(read, head.seq if head else 0):
        if line["type"] == "head":
            yield _line(line)
            continue
        stored: bytes | None = line["stored"]
        place = {"type": "record", "seq": line["seq"], "hash": line["hash"]}
        if stored is not None and told is not None and line["row"]["event_id"] not in told:
            yield _line({**place, "digest": hash_of(stored).hex()})
        else:
            yield _line({**place, "record": None if stored is None else stored.decode(errors="surrogateescape")})


def public_keys(keyring: Keyring | None) -> str:
    """Give what verifies the heads, as JSON: no secret, but keep it apart from the exports. Without keys: none."""
    keys = {name: public.hex() for name, public in (keyring.public_keys(KEY) if keyring else {}).items()}
    return json.dumps({"format": KEYS_FORMAT, "keys": keys}, indent=2) + "\n"


def _line(told: dict[str, object]) -> str:
    return json.dumps(told, separators=(",", ":")) + "\n"
