"""Settling exceptions, one or many: as suggested or with a note; and opening one again, with what it booked undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.identity.permissions import SETTLE_EXCEPTIONS
from retail.kit.errors import DomainError, Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.sales.errors import NoSuchException
from retail.sales.events import ExceptionReopened, ExceptionResolved
from retail.sales.inbox.fixes import book, book_back, can_fix
from retail.sales.inbox.suggesting import FIXES, SEEN
from retail.sales.inbox.suggestions import suggestion
from retail.sales.listing import Looked, exceptions_named

MOST_AT_ONCE: Final = 100
NOTE_MOST: Final = 500
_LOCK: Final = """
SELECT id FROM sync_exception
 WHERE tenant_id = $1 AND id = ANY($2::uuid[])
   AND CASE WHEN resolved_at IS NULL THEN 'open' ELSE 'settled' END = $3
 ORDER BY id FOR NO KEY UPDATE
"""
_SETTLE: Final = """
UPDATE sync_exception SET resolved_at = $3, resolved_by = $4, resolution = $5, fix = $6, fix_id = $7
 WHERE tenant_id = $1 AND id = $2
"""
_REOPEN: Final = """
UPDATE sync_exception SET resolved_at = NULL, resolved_by = NULL, resolution = NULL, fix = NULL, fix_id = NULL
 WHERE tenant_id = $1 AND id = $2
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of it: which are settled now, and for those that aren't why, in a sentence each."""

    done: tuple[UUID, ...]
    refused: dict[UUID, str]


async def settle(tx: Tx, exceptions: Sequence[UUID], *, note: str = "", suggested: bool = False) -> Settled:
    """Settle exceptions, at most MOST_AT_ONCE: with a note, or `suggested`, each as its kind suggests.

    One whose fix is refused stays open and harms no other; one that is settled already is left as it was.
    Locks the exceptions by id, then what each fix locks, in the order of places and products.
    Raises Invalid. Emits ExceptionResolved.
    """
    note = note.strip()
    if not suggested and not 1 <= len(note) <= NOTE_MOST:
        raise Invalid({"note": [_("Say in a few words what you found, at most 500 letters.")]})
    if len(exceptions) > MOST_AT_ONCE:
        raise Invalid({"": [_("Settle at most %(most)d at once.") % {"most": MOST_AT_ONCE}]})
    locked = [row["id"] for row in await tx.fetch(_LOCK, tx.tenant, list(exceptions), "open")]
    done, refused = [], {}
    for looked in await exceptions_named(tx, locked):
        try:
            async with tx.savepoint():
                await _settle(tx, looked, note, suggested=suggested)
        except DomainError as why:
            refused[looked.id] = why.sentence()
        else:
            done.append(looked.id)
    return Settled(tuple(done), refused)


async def resolve_exception(tx: Tx, exception: UUID, note: str) -> None:
    """Settle one exception with a person's note; as settle(). Raises NoSuchException, Invalid, Forbidden."""
    settled = await settle(tx, [exception], note=note)
    if not settled.done and not await exceptions_named(tx, [exception]):
        raise NoSuchException


async def _settle(tx: Tx, looked: Looked, note: str, *, suggested: bool) -> None:
    if looked.store is None:
        tx.scope.require(SETTLE_EXCEPTIONS)
    else:
        tx.scope.require_in(SETTLE_EXCEPTIONS, looked.store)
    code, fix, document = looked.remark.code, None, None
    if suggested:
        asked = suggestion(code)
        note = asked.note
        if asked.fix != SEEN:
            document = await book(tx, looked, asked.fix)
            fix = asked.fix
    await tx.execute(_SETTLE, tx.tenant, looked.id, tx.now, tx.actor.name, note, fix, document)
    told = {"fix": fix, "document": document} if document else {}
    tx.audit("sales.exception_resolved", "exception", looked.id, code=code, note=note, **told)
    tx.emit(ExceptionResolved(looked.id, code, looked.store))


async def reopen(tx: Tx, exception: UUID) -> None:
    """Open a settled exception again; what settling it had booked is booked back. One that is open stays so.

    Raises NoSuchException, DomainError where it can't be booked back any more. Emits ExceptionReopened.
    """
    locked = await tx.fetch(_LOCK, tx.tenant, [exception], "settled")
    found = await exceptions_named(tx, [exception])
    if not found:
        raise NoSuchException
    if not locked:
        return
    looked = found[0]
    if looked.store is not None:
        tx.scope.require_in(SETTLE_EXCEPTIONS, looked.store)
    if looked.fix in FIXES and looked.fix_id is not None:
        await book_back(tx, looked, looked.fix, looked.fix_id)
    await tx.execute(_REOPEN, tx.tenant, exception)
    tx.audit("sales.exception_reopened", "exception", exception, code=looked.remark.code, note=looked.resolution)
    tx.emit(ExceptionReopened(exception, looked.remark.code, looked.store))


def pressable(looked: Looked) -> bool:
    """Claim that the suggestion of an exception can be done with one press: it books nothing, or has what it needs."""
    fix = suggestion(looked.remark.code).fix
    return fix == SEEN or can_fix(looked, fix)
