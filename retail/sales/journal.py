"""Taking in a till's journal: docs/algorithms/till-journal.md. Every record is kept and answered for, each once.

The chain is proved, not trusted, and a broken one is no reason to lose a paid sale: what doesn't fit is taken in and
marked. Only a gap is refused, because the till has the missing records and sends them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from retail.cash import ShiftOpen
from retail.kit.errors import Conflict, DomainError, Invalid
from retail.runtime.db import Read, Tx
from retail.sales import alarms
from retail.sales.chain import GENESIS, Record, hash_of
from retail.sales.claims import Head, Holder, head, holder
from retail.sales.documents import Status
from retail.sales.errors import JournalGap, NoSuchTill
from retail.sales.hands import Hand, acting, hands
from retail.sales.payloads import Delivery
from retail.sales.records import Told, act, refused_by, take_sales
from retail.sales.remarks import Remark
from retail.sales.writing import remark

Link = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a record; `exceptions` are {"code", "facts"}, `result` is what the till shows, or None."""

    record: Record
    status: Status
    exceptions: Sequence[Mapping[str, Any]]
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Proof:
    """A new record, whether it is linked and hashed right, whether it is also the first of its number, and by whom."""

    record: Record
    intact: bool
    sound: bool
    hand: Hand


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a delivery; `taken_over_by` names the device that has the till now, if another one has."""

    head: Head
    answers: Sequence[Answer]
    taken_over_by: str | None
    recovery_epoch: str


_STATUS_AGAIN: Final[dict[str, Status]] = {
    "created": "replayed",
    "replayed": "replayed",
    "conflict": "conflict",
    "invalid": "invalid",
}


async def receive(tx: Tx, till: UUID, delivery: Delivery) -> Received:
    """Take in a delivery. Records that are here already are answered from what is stored.

    Locks the device's journal at this till. Raises NoSuchTill, JournalGap (then nothing was taken in).
    """
    await lock_journal(tx, till, delivery.device)
    if not await tx.fetchval("SELECT true FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, till):
        raise NoSuchTill
    before = await head(tx, till, delivery.device)
    stored = await _stored(tx, till, delivery)
    fresh = [one for one in _distinct(delivery.records) if (one.seq, one.hash) not in stored]
    _refuse_gap(before.seq, fresh)
    now = await holder(tx, till)
    stale = now if now and (now.device, now.fence) != (delivery.device, delivery.fence) else None
    links = set(stored) | {(0, GENESIS), (before.seq, before.hash)}
    proofs = _prove(till, delivery.device, fresh, links, before.seq, by=await hands(tx, delivery.device, fresh))
    told = await _take_in(tx, till, proofs, stale)
    await _keep(tx, till, delivery, proofs, told)
    await alarms.sound(tx, till, delivery.device, {mark.code for proof in proofs for mark in _marks(proof)})
    new = {(one.seq, one.hash): _answer(one, told[one.seq, one.hash]) for one in fresh}
    return Received(
        await head(tx, till, delivery.device),
        [(stored | new)[one.seq, one.hash] for one in delivery.records],
        stale.label if stale else None,
        await recovery_epoch(tx),
    )


async def lock_journal(tx: Tx, till: UUID, device: UUID) -> None:
    """Lock a device's journal at a till until the commit, so that two pages of one device come one after the other."""
    await tx.fetchval("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"journal:{tx.tenant}:{till}:{device}")


async def recovery_epoch(read: Read) -> str:
    """Name the life that this database is in: another one after a restore, and then tills send everything again.

    Made of the cluster's identifier, its timeline (new after each recovery to a point in time or failover) and the
    database's own number (new where a dump was read into a new database).
    """
    return str(
        await read.fetchval(
            """SELECT (SELECT system_identifier FROM pg_control_system())::text || '-'
                      || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '-'
                      || (SELECT oid FROM pg_database WHERE datname = current_database())"""
        )
    )


async def _stored(tx: Tx, till: UUID, delivery: Delivery) -> dict[Link, Answer]:
    """Read what is stored under the delivery's numbers and the one before, with its answers."""
    rows = await tx.fetch(
        """SELECT seq, kind, record_id, at, payload, prev_hash, hash, status, answer FROM till_journal
            WHERE tenant_id = $1 AND till_id = $2 AND device_id = $3 AND seq BETWEEN $4 AND $5""",
        tx.tenant,
        till,
        delivery.device,
        delivery.records[0].seq - 1,
        delivery.records[-1].seq,
    )
    found = {}
    for row in rows:
        record = Record(
            row["seq"], row["kind"], str(row["record_id"]), row["at"], row["payload"], row["prev_hash"], row["hash"]
        )
        answer = json.loads(row["answer"])
        found[record.seq, record.hash] = Answer(
            record, _STATUS_AGAIN[row["status"]], answer["exceptions"], answer["result"]
        )
    return found


def _distinct(records: Sequence[Record]) -> list[Record]:
    return list({(record.seq, record.hash): record for record in records}.values())


def _refuse_gap(head_seq: int, fresh: Sequence[Record]) -> None:
    expected = head_seq + 1
    for record in fresh:
        if record.seq > expected:
            raise JournalGap(expected)
        expected = max(expected, record.seq + 1)


def _prove(
    till: UUID, device: UUID, fresh: Sequence[Record], links: set[Link], head_seq: int, *, by: Sequence[Hand]
) -> list[Proof]:
    """Prove that each record's hash is right and follows from one that is here, and that its number is new."""
    proofs = []
    for record, hand in zip(fresh, by, strict=True):
        linked = (record.seq - 1, record.prev_hash) in links
        intact = linked and hash_of(till, device, record) == record.hash
        proofs.append(Proof(record, intact, sound=intact and record.seq > head_seq, hand=hand))
        links.add((record.seq, record.hash))
        head_seq = max(head_seq, record.seq)
    return proofs


def _answer(record: Record, told: Told) -> Answer:
    return Answer(record, told.status, told.exceptions, told.result)


async def _take_in(tx: Tx, till: UUID, proofs: Sequence[Proof], stale: Holder | None) -> dict[Link, Told]:
    """Let the records have their effect, in order; sales of one cashier that follow each other as one set."""
    told: dict[Link, Told] = {}
    loose: list[Remark] = []
    late = [Remark("taken_over", {"label": stale.label})] if stale else []
    for (is_sale, actor), group in groupby(proofs, key=lambda proof: (proof.record.kind == "sale", proof.hand.actor)):
        of_group = list(group)
        marked = [(proof.record, [*late, *_marks(proof)]) for proof in of_group]
        signed = [proof.record for proof in of_group if proof.hand.signed]
        with acting(tx, actor):
            if is_sale:
                found = await take_sales(tx, till, marked, signed)
            else:
                found = [
                    await _act(tx, till, record, signed=record in signed, current=stale is None)
                    for record, _marks_of_it in marked
                ]
        for (one, marks), result in zip(marked, found, strict=True):
            told[one.seq, one.hash] = result if result.carries_marks else result.with_marks(marks)
            loose += [] if result.carries_marks else marks
            loose += [Remark("not_recorded", {**_where(one), "reason": result.reason})] if result.reason else []
    if loose:
        await remark(tx, till, loose)
    return told


async def _act(tx: Tx, till: UUID, record: Record, *, signed: bool, current: bool) -> Told:
    """Let a record that is no sale have its effect; what a rule forbids is undone and told."""
    try:
        async with tx.savepoint():
            done = await act(tx, till, record, signed=signed, current=current)
            return done if isinstance(done, Told) else Told("created", result=done)
    except ShiftOpen as taken:
        return Told("conflict", result=await refused_by(tx, till), reason=taken.sentence(), code=taken.code)
    except Invalid as wrong:
        sentences = [sentence for of_field in wrong.errors.values() for sentence in of_field]
        return Told("invalid", reason=" ".join(sentences), code=wrong.code)
    except DomainError as refused:
        status: Status = "conflict" if isinstance(refused, Conflict) or refused.status == 409 else "invalid"
        return Told(status, reason=refused.sentence(), code=refused.code)


def _marks(proof: Proof) -> list[Remark]:
    codes = [*proof.hand.marks, *([] if proof.sound else ["chain_broken"])]
    return [Remark(code, _where(proof.record)) for code in codes]


def _where(record: Record) -> dict[str, Any]:
    return {"seq": record.seq, "kind": record.kind, "id": record.id}


async def _keep(tx: Tx, till: UUID, delivery: Delivery, proofs: Sequence[Proof], told: Mapping[Link, Told]) -> None:
    if not proofs:
        return
    fresh = [proof.record for proof in proofs]
    answers = [told[one.seq, one.hash] for one in fresh]
    await tx.execute(
        """INSERT INTO till_journal (tenant_id, till_id, device_id, seq, kind, record_id, at, payload, prev_hash, hash,
                                     intact, fence, status, answer, received_at, signature, cashier_id)
           SELECT $1, $2, $3, u.seq, u.kind, u.record_id, u.at, u.payload, u.prev_hash, u.hash, u.intact, $4, u.status,
                  u.answer::jsonb, $5, u.signature, u.cashier_id
             FROM unnest($6::bigint[], $7::text[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[],
                         $13::boolean[], $14::text[], $15::text[], $16::text[], $17::uuid[])
                  AS u (seq, kind, record_id, at, payload, prev_hash, hash, intact, status, answer, signature,
                        cashier_id)""",
        tx.tenant,
        till,
        delivery.device,
        delivery.fence,
        tx.now,
        [one.seq for one in fresh],
        [one.kind for one in fresh],
        [UUID(one.id) for one in fresh],
        [one.at for one in fresh],
        [one.payload for one in fresh],
        [one.prev_hash for one in fresh],
        [one.hash for one in fresh],
        [proof.intact for proof in proofs],
        [one.status for one in answers],
        [json.dumps({"exceptions": list(one.exceptions), "result": one.result}) for one in answers],
        [one.signature for one in fresh],
        [proof.hand.actor.id if proof.hand.actor else None for proof in proofs],
    )
