"""Verifying a chain where it is stored: the walk of the standalone verifier, and the columns beside the bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from retail.audit.anchors import KEY, Outside, SignedHead
from retail.audit.sealing import signed_head
from retail.audit.verify import MOST_TOLD, Verifier
from retail.runtime.audit_record import AuditRecord, BrokenRecord, blinded, moment
from retail.runtime.db import Read, Row

PATIENCE: Final = timedelta(minutes=10)
"""How long a record may wait to be sealed before that is worth a red check."""
_PAGE: Final = 2000
_SEALS: Final = """
SELECT s.seq, s.hash, s.event_id, e.*, h.hash AS head_hash, h.at AS head_at, h.key_id, h.signature
  FROM audit_seal s LEFT JOIN LATERAL (
    SELECT a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.ip, a.device_id, a.session_id, a.request_id, a.action,
           a.subject_kind, a.subject_id, a.facts, a.record, a.blind
      FROM audit_event a WHERE a.tenant_id = $1 AND a.id = s.event_id) e ON true
 LEFT JOIN audit_head h ON h.tenant_id = $1 AND h.seq = s.seq
 WHERE s.tenant_id = $1 AND s.seq > $2 AND s.seq <= $3 ORDER BY s.seq LIMIT $4
"""
_HEADS_OF_NOTHING: Final = """
SELECT h.seq, h.hash, h.at, h.key_id, h.signature FROM audit_head h
 WHERE h.tenant_id = $1 AND h.seq <= $2
   AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.tenant_id = $1 AND s.seq = h.seq)
 ORDER BY h.seq LIMIT 100
"""
_UNSEALED: Final = """
SELECT e.id, w.id IS NULL AS unknown, w.since, w.since < now() - $2::interval AS late
  FROM audit_event e
  LEFT JOIN audit_waiting w ON w.tenant_id = e.tenant_id AND w.id = e.id
 WHERE e.tenant_id = $1 AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.tenant_id = $1 AND s.event_id = e.id)
 ORDER BY e.id LIMIT 10000
"""
_LOST: Final = """
SELECT w.id FROM audit_waiting w
 WHERE w.tenant_id = $1 AND NOT EXISTS (SELECT FROM audit_event e WHERE e.tenant_id = $1 AND e.id = w.id)
 ORDER BY w.id LIMIT 100
"""
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk over a chain found. `events` are on the chain, `waiting` not yet; `head` is the newest signed one."""

    events: int
    waiting: int
    head: SignedHead | None
    problems: list[str]
    notes: list[str]
    anchored: int | None
    """The number of records that heads outside speak of; None where this process has no outside to look at."""

    @property
    def ok(self) -> bool:
        """Claim that everything holds."""
        return not self.problems


async def verify_chain(read: Read, outside: Outside | None) -> Verification:
    """Walk the scope's whole chain; without keys and anchors only what the database can say of itself."""
    head = await signed_head(read)
    keys = outside.keyring.public_keys(KEY) if outside else {}
    walk = Verifier(str(read.tenant), keys, outside.anchors.of(read.tenant) if outside else ())
    wrong, erased = list[str](), await _erased(read)
    async for line in chain_lines(read, _LAST):
        if line["type"] == "head":
            walk.head(line) if outside else None
        else:
            walk.record(line["seq"], line["hash"], line["stored"])
            wrong += _columns(line["row"], erased) if line["stored"] is not None else []
    if not walk.count:
        walk.notes.append("The trail has no record yet, which proves nothing.")
    problems = [*(walk.finish() if outside else walk.problems), *wrong]
    waiting, unsealed = await _unsealed(read)
    anchored = walk.anchored if outside else None
    return Verification(walk.count, waiting, head, [*problems, *unsealed][:MOST_TOLD], walk.notes, anchored)


async def chain_lines(read: Read, last: int) -> AsyncIterator[dict[str, Any]]:
    """Give the chain up to record `last`, in order: records with their stored bytes, each head behind its record."""
    seq, seals = 0, None
    while seals is None or len(seals) == _PAGE:  # a seal and its head in one statement: a sealer may be at work
        seals = await read.fetch(_SEALS, read.tenant, seq, last, _PAGE)
        for row in seals:
            seq = row["seq"]
            yield {"type": "record", "seq": seq, "hash": row["hash"].hex(), "stored": row["record"], "row": row}
            if row["head_hash"] is not None:
                signed = (row["head_hash"], row["head_at"], row["key_id"], row["signature"])
                yield {"type": "head", **SignedHead(read.tenant, seq, *signed).line()}
    for row in await read.fetch(_HEADS_OF_NOTHING, read.tenant, last):
        yield {"type": "head", **SignedHead(read.tenant, **row).line()}


async def _erased(read: Read) -> dict[UUID, str]:
    """Give what erased people are called now; their erasure is on the chain itself."""
    rows = await read.fetch(
        """SELECT subject_id, facts ->> 'pseudonym' AS pseudonym FROM audit_event
            WHERE tenant_id = $1 AND action = 'person.erasure_asked' AND subject_id IS NOT NULL""",
        read.tenant,
    )
    return {row["subject_id"]: row["pseudonym"] for row in rows}


def _hidden(row: Row, told: AuditRecord, erased: Mapping[UUID, str]) -> tuple[str, str]:
    """Give name and address as the record has them: blinded, or as it has them where they were erased."""
    name, ip, blind = _text(row["actor_name"]), _text(row["ip"]), row["blind"]
    if blind is not None:  # '' stays '': whoever was refused at the door has an address and no name
        return blinded("actor_name", name, blind), blinded("ip", ip, blind)
    if not told.actor_name.startswith("~"):
        return name, ip
    gone = (name, ip) == (erased.get(row["actor_id"]), "")
    return (told.actor_name, told.ip) if gone else (name, ip)


def _columns(row: Row, erased: Mapping[UUID, str]) -> list[str]:
    """Compare what pages filter by with the bytes that were hashed."""
    try:
        told = AuditRecord.decode(row["record"])
    except BrokenRecord:
        return [f"record {row['seq']} has bytes that are no record"]
    actor_name, ip = _hidden(row, told, erased)
    shown = {
        **{name: _text(row[name]) for name in ("id", "actor_kind", "actor_id", "request_id")},
        "actor_name": actor_name,
        "ip": ip,
        **{name: _text(row[name]) for name in ("action", "subject_kind", "subject_id")},
        "at": moment(row["at"]),
        "device": _text(row["device_id"]),
        "session": _text(row["session_id"]),
    }
    different = [name for name, value in shown.items() if getattr(told, name) != value]
    if json.loads(told.facts) != json.loads(row["facts"]):
        different.append("facts")
    if row["id"] != row["event_id"]:
        different.append("place")
    return [f"record {row['seq']} is shown with another {name} than it has" for name in different]


def _text(value: object) -> str:
    return "" if value is None else str(value)


async def _unsealed(read: Read) -> tuple[int, list[str]]:
    """Count what waits, and say what waits too long, or in vain."""
    rows = await read.fetch(_UNSEALED, read.tenant, PATIENCE)
    planted = [f"record {row['id']} was planted: it neither waits nor is it sealed" for row in rows if row["unknown"]]
    late = [row for row in rows if row["late"]]
    lost = [f"record {row['id']} is gone, though it waits to be sealed" for row in await read.fetch(_LOST, read.tenant)]
    if late:
        lost.append(
            f"{len(late)} records wait to be sealed, the oldest since {moment(late[0]['since'])}: is a worker running?"
        )
    return sum(not row["unknown"] for row in rows), planted + lost
