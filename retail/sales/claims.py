"""One device sells at a till at a time: a claim names it, and each takeover raises the fence that its sales carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.cash import Shift, open_shift_on
from retail.identity.device_errors import DeviceRequired, OtherTill
from retail.identity.device_queries import policy
from retail.kit.ids import new_id
from retail.runtime.audit_record import changed
from retail.runtime.db import Database, Read, Row, Tx
from retail.runtime.tenancy import Scope
from retail.sales.chain import GENESIS
from retail.sales.errors import NoSuchTill, TillInUse
from retail.sales.events import TillTakenOver
from retail.sales.reading import MAX_NUMBER
from retail.tenants.life import StandsStill, life_of

SERIES_JUMP: Final = 1000
TOPIC: Final = "till:"
AWAY: Final = timedelta(minutes=10)
"""Not heard of for so long, a till was away: while its page is open it is heard of every few minutes."""

# From the last number of the journals on; where there is none, from the first number of all. The first jump that is
# too wide ends the series.
_SERIES: Final = """
WITH own AS (
  SELECT coalesce((SELECT s.number FROM sale s
                    WHERE s.tenant_id = $1 AND s.till_id = $2 AND s.kind <> 'return' AND s.number <= $3
                      AND EXISTS (SELECT FROM till_journal j
                                   WHERE j.tenant_id = $1 AND j.record_id = s.id AND j.till_id = $2
                                     AND j.kind = 'sale' AND j.status IN ('created', 'replayed'))
                    ORDER BY s.number DESC LIMIT 1), 0) AS number),
numbered AS (
  SELECT s.number, lag(s.number, 1, o.number) OVER (ORDER BY s.number) AS before
    FROM own o
    JOIN sale s ON s.tenant_id = $1 AND s.till_id = $2 AND s.kind <> 'return' AND s.number > o.number)
SELECT coalesce((SELECT min(n.before) FROM numbered n WHERE n.number - n.before > $4),
                (SELECT max(n.number) FROM numbered n), (SELECT o.number FROM own o))
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record of a device's journal that the server has; seq 0 and 64 zeros before the first."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A device's claim on a till, and where its journal and the till's numbers go on."""

    fence: int
    head: Head
    next_number: int
    shift: Shift | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Which device has a till now."""

    device: UUID
    fence: int
    label: str
    since: datetime


async def claim_till(tx: Tx, till: UUID, device: UUID, label: str, *, take_over: bool) -> Claim:
    """Claim a till for a device. The device that has it keeps its claim; another one must take over.

    Locks the till's row. Raises NoSuchTill, TillInUse, DeviceRequired, OtherTill, StandsStill. Emits TillTakenOver
    where somebody lost the till.
    """
    if tx.scope.device is None and (await policy(tx)).required:
        raise DeviceRequired
    if tx.scope.device not in {None, device}:
        raise OtherTill
    found = await tx.fetchval(
        "SELECT id FROM till WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL FOR NO KEY UPDATE", tx.tenant, till
    )
    if found is None:
        raise NoSuchTill
    life = await life_of(tx, tx.tenant)
    if life is not None and life.begins_no_shift and await open_shift_on(tx, till) is None:
        raise StandsStill(life.status)  # what is open is counted and closed; nothing new begins
    now = await holder(tx, till)
    if now is not None and now.device != device and not take_over:
        raise TillInUse(now.label, now.since)
    fence = now.fence if now and now.device == device else await _raise_fence(tx, till, device, label, now)
    await note_contact(tx, [till])
    return Claim(fence, await head(tx, till, device), await next_number(tx, till), await open_shift_on(tx, till))


async def holder(read: Read, till: UUID) -> Holder | None:
    """Tell which device has a till, or None."""
    row = await read.fetchrow(
        """SELECT device_id, fence, label, claimed_at FROM till_claim
            WHERE tenant_id = $1 AND till_id = $2 AND released_at IS NULL""",
        read.tenant,
        till,
    )
    return Holder(*row) if row else None


async def note_contact(tx: Tx, tills: Sequence[UUID]) -> None:
    """Note that the devices that have these tills are there just now; where they were away, from when till when."""
    await tx.execute(
        """UPDATE till_claim
              SET (away_since, back_at) = (SELECT n.since, n.back
                    FROM (VALUES (away_since, back_at, false), (greatest(seen_at, claimed_at), $3::timestamptz, true))
                         AS n (since, back, away)
                   WHERE n.away = (greatest(seen_at, claimed_at) < $3::timestamptz - $4::interval)),
                  seen_at = $3
            WHERE tenant_id = $1 AND till_id = ANY($2::uuid[]) AND released_at IS NULL""",
        tx.tenant,
        list(tills),
        tx.now,
        AWAY,
    )


async def note_listeners(db: Database, scope: Scope, topics: Sequence[str]) -> None:
    """Note contact with the tills whose own topics a socket listens to: only a till's device does. Raises Busy."""
    tills = [found for topic in topics if topic.startswith(TOPIC) and (found := _till_in(topic))]
    if tills:
        await db.run(scope, note_contact, tills)


def _till_in(topic: str) -> UUID | None:
    try:
        return UUID(topic.removeprefix(TOPIC))
    except ValueError:
        return None


async def head(read: Read, till: UUID, device: UUID) -> Head:
    """Tell the head of a device's journal; where it forked, of the branch that was written last."""
    row: Row | None = await read.fetchrow(
        """SELECT seq, hash FROM till_journal WHERE tenant_id = $1 AND till_id = $2 AND device_id = $3
            ORDER BY seq DESC, received_at DESC LIMIT 1""",
        read.tenant,
        till,
        device,
    )
    return Head(row["seq"], row["hash"]) if row else Head(0, GENESIS)


async def next_number(read: Read, till: UUID) -> int:
    """Tell the receipt number that follows a till's own series.

    The series is what the till's journals brought, and what stands less than SERIES_JUMP after it; a number that is
    further off, as a program may send it, is a sale like any other but no place to go on from.
    """
    return int(await read.fetchval(_SERIES, read.tenant, till, MAX_NUMBER, SERIES_JUMP)) + 1


async def _raise_fence(tx: Tx, till: UUID, device: UUID, label: str, before: Holder | None) -> int:
    await tx.execute(
        "UPDATE till_claim SET released_at = $3 WHERE tenant_id = $1 AND till_id = $2 AND released_at IS NULL",
        tx.tenant,
        till,
        tx.now,
    )
    fence = int(
        await tx.fetchval(
            """INSERT INTO till_claim (tenant_id, id, till_id, device_id, fence, label, claimed_by, claimed_at)
               SELECT $1, $2, $3, $4, coalesce(max(fence), 0) + 1, $5, $6, $7
                 FROM till_claim WHERE tenant_id = $1 AND till_id = $3 RETURNING fence""",
            tx.tenant,
            new_id(),
            till,
            device,
            label,
            tx.actor.name,
            tx.now,
        )
    )
    told = changed(
        {"device": before.device, "fence": before.fence, "label": before.label} if before else {},
        {"device": device, "fence": fence, "label": label},
    )
    tx.audit(
        "sales.till_claimed",
        "till",
        till,
        device=device,
        fence=fence,
        label=label,
        took_over=before is not None,
        **told,
    )
    if before is not None:
        tx.emit(TillTakenOver(till, fence, label))
    return fence
