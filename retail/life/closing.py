"""Closing a business: asked for with a reason and a day, exported first, then to be read for 30 days, then deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.kit.errors import Conflict, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import enqueue
from retail.tenants.life import CLOSED, CLOSING, GRACE, dues_of, life_of, settle, step
from retail.tenants.queries import this_tenant
from retail.tenants.standing import HELD, decide

CLOSE_JOB: Final = "business.close"
ERASE_JOB: Final = "business.erase"
UNPAID_JOB: Final = "billing.close"
UNPAID: Final = "Unpaid for 90 days"
REASON_MOST: Final = 500


class AlreadyClosing(Conflict):
    """Its closing was asked for already."""

    code = "already_closing"

    def sentence(self) -> str:
        """Say so."""
        return _("The closing of this business was asked for already. Withdraw it first to choose another day.")


class NothingToReopen(Conflict):
    """The business is open, and no closing waits."""

    code = "nothing_to_reopen"

    def sentence(self) -> str:
        """Say so."""
        return _("This business is open, and no closing of it waits.")


@dataclass(frozen=True, slots=True)
class Closing:
    """One closing: asked for, begun on its day, and perhaps taken back."""

    id: UUID
    reason: str
    due_on: date
    asked_at: datetime
    asked_by_name: str
    begun_at: datetime | None
    reopened_at: datetime | None
    reopened_by_name: str | None
    reopen_reason: str | None


_LISTED: Final = """
SELECT id, reason, due_on, asked_at, asked_by_name, begun_at, reopened_at, reopened_by_name, reopen_reason
  FROM tenant_closing WHERE tenant_id = $1"""


async def ask_to_close(tx: Tx, reason: str, due_on: date, timezone: str) -> UUID:
    """Have the business close when the day begins on its clock; today or before: now. Raises AlreadyClosing."""
    id = new_id()
    made = await tx.fetchval(
        """INSERT INTO tenant_closing (tenant_id, id, reason, due_on, asked_at, asked_by, asked_by_name)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (tenant_id) WHERE reopened_at IS NULL DO NOTHING RETURNING id""",
        tx.tenant, id, reason, due_on, tx.now, tx.actor.id, tx.actor.name,
    )  # fmt: skip
    if made is None:
        raise AlreadyClosing
    due = max(tx.now, datetime.combine(due_on, time(), ZoneInfo(timezone)))
    tx.audit("tenant.closing_asked", "tenant", tx.tenant, closing=id, reason=reason, due_on=due_on)
    if due <= tx.now:
        await begin_closing(tx, id)
    await enqueue(tx, CLOSE_JOB, {"closing": str(id)}, due)
    return id


async def ask_to_close_unpaid(tx: Tx) -> None:
    """Have the business close now if its bills still say so. Locks it."""
    held = await tx.fetchval("SELECT status FROM tenant WHERE id = $1 FOR NO KEY UPDATE", tx.tenant)
    if decide(await dues_of(tx, tx.tenant), tx.now, held).status != CLOSED or held in HELD:
        return
    facts = await this_tenant(tx)
    today = tx.now.astimezone(ZoneInfo(facts.timezone)).date()
    try:
        await ask_to_close(tx, UNPAID, today, facts.timezone)
    except AlreadyClosing:
        return


async def begin_closing(tx: Tx, id: UUID) -> bool:
    """Let the business stand still, on the closing's day; claims that it is (still) to be closed. Locks the closing."""
    known = await _lock(tx, id)
    if known.reopened_at is not None:
        return False
    if known.begun_at is None:
        await step(tx, CLOSING, closing=id, reason=known.reason)
        await tx.execute(
            "UPDATE tenant_closing SET begun_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, tx.now
        )
    return True


async def finish_closing(tx: Tx, id: UUID, export: UUID) -> datetime | None:
    """Close the business, whose export is there; gives when it is deleted, None where it was reopened meanwhile.

    Asked twice, it is closed once. Queues its deletion.
    """
    known = await _lock(tx, id)
    life = await life_of(tx, tx.tenant)
    if known.reopened_at is not None or life is None:
        return None
    if life.status != CLOSED:
        await step(tx, CLOSED, closing=id, reason=known.reason, export=export)
        await enqueue(tx, ERASE_JOB, {"closing": str(id)}, tx.now + GRACE)
    return tx.now + GRACE


async def reopen(tx: Tx, reason: str) -> None:
    """Take a closing back: one that waits for its day, or the closed business itself within its grace.

    Raises NothingToReopen.
    """
    row = await tx.fetchrow(f"{_LISTED} AND reopened_at IS NULL FOR UPDATE", tx.tenant)
    if row is None:
        raise NothingToReopen
    life = await life_of(tx, tx.tenant)
    await tx.execute(
        """UPDATE tenant_closing SET reopened_at = $3, reopened_by_name = $4, reopen_reason = $5
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, row["id"], tx.now, tx.actor.name, reason,
    )  # fmt: skip
    if life is not None and life.status in {CLOSING, CLOSED} and row["begun_at"] is not None:
        await settle(tx, lift=True, closing=row["id"], reason=reason)
    else:
        tx.audit("tenant.closing_withdrawn", "tenant", tx.tenant, closing=row["id"], reason=reason)


async def closings(read: Read) -> list[Closing]:
    """List the closings that were ever asked for, newest first."""
    rows = await read.fetch(f"{_LISTED} ORDER BY asked_at DESC, id DESC", read.tenant)
    return [Closing(**row) for row in rows]


async def _lock(tx: Tx, id: UUID) -> Closing:
    row = await tx.fetchrow(f"{_LISTED} AND id = $2 FOR UPDATE", tx.tenant, id)
    if row is None:
        raise NotFound("closing")
    return Closing(**row)
