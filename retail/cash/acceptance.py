"""A manager's word on a variance: which cause they take for it, and a note. It changes no figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.cash import queries
from retail.cash.causes import CODES
from retail.kit.errors import Conflict, IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Read, Tx

NOTE_MOST: Final = 500


class StillOpen(Conflict):
    """A shift without a Z report has no variance."""

    code = "shift_still_open"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This shift is still open. Count and close it first, then look at what is over or short.")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted a variance, for which cause (a code of causes.CODES) and as which sentence it was listed."""

    id: UUID
    shift: UUID
    cause: str
    sentence: str
    note: str
    actor_name: str
    accepted_at: datetime


async def accept_variance(  # noqa: PLR0917 - an acceptance has these facts
    tx: Tx, id: UUID, shift: UUID, cause: str, sentence: str, note: str
) -> Acceptance:
    """Accept a variance for a cause; the same id again gives the first result, a later one is added.

    For the cause "other" the note is needed. Raises NoSuchShift, StillOpen, Invalid, IdempotencyConflict.
    """
    note = note.strip()
    errors: dict[str, list[str]] = {}
    if cause not in CODES:
        errors["cause"] = [_("Pick one of the causes, or “Something else”.")]
    if len(note) > NOTE_MOST:
        errors["note"] = [_("Use at most 500 letters.")]
    elif cause == "other" and not note:
        errors["note"] = [_("Say in a few words what it was.")]
    if errors:
        raise Invalid(errors)
    await queries.shift(tx, shift)
    if await queries.z_report(tx, shift) is None:
        raise StillOpen
    stored = await tx.fetchval(
        """INSERT INTO variance_acceptance (tenant_id, id, shift_id, cause, sentence, note, actor_id, actor_name,
                                            accepted_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id""",
        tx.tenant,
        id,
        shift,
        cause,
        sentence[:500],
        note,
        tx.actor.id,
        tx.actor.name,
        tx.now,
    )
    if stored is None:
        before = await _find(tx, id)
        if before is None or (before.shift, before.cause, before.note) != (shift, cause, note):
            raise IdempotencyConflict
        return before
    tx.audit("cash.variance_accepted", "shift", shift, cause=cause, note=note)
    return Acceptance(id, shift, cause, sentence[:500], note, tx.actor.name, tx.now)


_LISTED: Final = """
SELECT id, shift_id, cause, sentence, note, actor_name, accepted_at FROM variance_acceptance
 WHERE tenant_id = $1 AND """


async def acceptances(read: Read, shifts: Sequence[UUID]) -> list[Acceptance]:
    """List what was accepted for shifts, the newest first."""
    rows = await read.fetch(
        _LISTED + "shift_id = ANY($2::uuid[]) ORDER BY accepted_at DESC, id DESC", read.tenant, list(shifts)
    )
    return [Acceptance(*row) for row in rows]


async def _find(read: Read, id: UUID) -> Acceptance | None:
    row = await read.fetchrow(_LISTED + "id = $2", read.tenant, id)
    return Acceptance(*row) if row else None
