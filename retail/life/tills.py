"""The end of a till: it is retired with a record of what it ended with, and never sells again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.cash import open_shift_on
from retail.identity.displays import end_displays
from retail.kit.errors import Conflict
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.sales.claims import Holder, holder
from retail.sales.events import TillTakenOver
from retail.tenants.places import lock_till
from retail.tenants.queries import NEAR

REASON_MOST: Final = 300
_FIGURES: Final = """
SELECT (SELECT coalesce(max(number), 0) FROM sale
         WHERE tenant_id = $1 AND till_id = $2 AND kind <> 'return') AS last_number,
       (SELECT count(*) FROM sale WHERE tenant_id = $1 AND till_id = $2 AND kind = 'sale') AS sales,
       (SELECT count(*) FROM sale WHERE tenant_id = $1 AND till_id = $2 AND kind = 'return') AS returns,
       (SELECT coalesce(sum(total_minor), 0) FROM sale WHERE tenant_id = $1 AND till_id = $2) AS total_minor,
       (SELECT count(*) FROM shift WHERE tenant_id = $1 AND till_id = $2) AS shifts
"""
_JOURNALS: Final = """
SELECT DISTINCT ON (device_id) device_id, seq, hash FROM till_journal
 WHERE tenant_id = $1 AND till_id = $2 ORDER BY device_id, seq DESC, received_at DESC
"""


class ShiftStillOpen(Conflict):
    """A till with an open shift can't be retired."""

    code = "shift_still_open"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("A shift is open at this till. Count and close it first, then retire the till.")


class MayHoldSales(Conflict):
    """The device that has the till hasn't been heard of: it may hold sales that were never sent."""

    code = "may_hold_sales"

    def __init__(self, label: str, since: datetime) -> None:
        super().__init__(label, since)
        self.label, self.since = label, since

    def sentence(self) -> str:
        """Say how to bring them in."""
        return _(
            "%(device)s has this till and isn't connected, so it may hold sales that were not sent yet. Open the till"
            " there until it says that everything is sent; or say below that the device is lost."
        ) % {"device": self.label}


class AlreadyRetired(Conflict):
    """The till was retired before."""

    code = "already_retired"

    def sentence(self) -> str:
        """Say so."""
        return _("This till is retired already.")


@dataclass(frozen=True, slots=True)
class TillClosing:
    """What a till ended with. `journals`: each device's last record, by its id, as [number, hash]."""

    till_id: UUID
    closed_at: datetime
    closed_by_name: str
    reason: str
    device_lost: bool
    last_number: int
    sales: int
    returns: int
    total_minor: int
    shifts: int
    journals: dict[str, list[object]]


async def retire_till(tx: Tx, till: UUID, version: int, reason: str, *, device_lost: bool = False) -> TillClosing:
    """Retire a till and write down what it ended with; the device that has it loses it. Locks the till.

    `device_lost`: whoever decides this knows that unsent sales on the device will never come, or come late (then they
    are taken in and flagged all the same). Raises NotFound, Edited, AlreadyRetired, ShiftStillOpen, MayHoldSales.
    """
    known = await lock_till(tx, till, version)
    if known["retired_at"] is not None:
        raise AlreadyRetired
    if await open_shift_on(tx, till) is not None:
        raise ShiftStillOpen
    has_it = await holder(tx, till)
    if has_it is not None and not device_lost:
        await _refuse_unheard(tx, till, has_it)
    figures = await tx.fetchrow(_FIGURES, tx.tenant, till)
    journals = {str(row["device_id"]): [row["seq"], row["hash"]] for row in await tx.fetch(_JOURNALS, tx.tenant, till)}
    lost = device_lost and has_it is not None
    await tx.execute(
        """INSERT INTO till_closing (tenant_id, till_id, closed_at, closed_by, closed_by_name, reason, device_lost,
                                     last_number, sales, returns, total_minor, shifts, journals)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)""",
        tx.tenant, till, tx.now, tx.actor.id, tx.actor.name, reason, lost, *(figures or ()), json.dumps(journals),
    )  # fmt: skip
    await tx.execute(
        "UPDATE till SET retired_at = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        till,
        tx.now,
    )
    await end_displays(tx, till)
    if has_it is not None:
        await _take_away(tx, till, has_it)
    closing = await closing_of(tx, till)
    assert closing is not None  # noqa: S101 - it was written a moment ago
    tx.audit(
        "till.retired", "till", till, reason=reason, device_lost=lost, last_number=closing.last_number,
        sales=closing.sales, total_minor=closing.total_minor,
    )  # fmt: skip
    return closing


async def closing_of(read: Read, till: UUID) -> TillClosing | None:
    """Give what a till ended with; None while it is in use."""
    row = await read.fetchrow(
        """SELECT till_id, closed_at, closed_by_name, reason, device_lost, last_number, sales, returns, total_minor,
                  shifts, journals FROM till_closing WHERE tenant_id = $1 AND till_id = $2""",
        read.tenant,
        till,
    )
    return TillClosing(**{**dict(row), "journals": json.loads(row["journals"])}) if row else None


async def _refuse_unheard(tx: Tx, till: UUID, has_it: Holder) -> None:
    """Refuse where the device isn't connected: one that is sends what it has at once. Raises MayHoldSales."""
    heard = await tx.fetchval(
        """SELECT greatest(claimed_at, seen_at) FROM till_claim
            WHERE tenant_id = $1 AND till_id = $2 AND released_at IS NULL""",
        tx.tenant,
        till,
    )
    if tx.now - heard >= NEAR:
        raise MayHoldSales(has_it.label, heard)


async def _take_away(tx: Tx, till: UUID, has_it: Holder) -> None:
    await tx.execute(
        "UPDATE till_claim SET released_at = $3 WHERE tenant_id = $1 AND till_id = $2 AND released_at IS NULL",
        tx.tenant,
        till,
        tx.now,
    )
    tx.emit(TillTakenOver(till, has_it.fence + 1, _("the office, which retired it")))
