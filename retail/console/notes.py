"""What operators note about a business: dated, with their name, for operators alone, and never in what it exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.db import Tx, Unit
from retail.runtime.ordering import moment_in

MOST: Final = 2000
A_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Note:
    """A note about a business; its author's name is None once their account is erased."""

    id: UUID
    at: datetime
    author_name: str | None
    body: str


async def notes(unit: Unit, business: UUID, *, after: str | None = None, limit: int = A_PAGE) -> Page[Note]:
    """Give a page of the notes about a business, newest first. Raises Invalid."""
    before: datetime | None = None
    behind: UUID | None = None
    if after:
        at, id = decode_cursor(after, str, str)
        try:
            before, behind = moment_in(str(at)), UUID(str(id))
        except ValueError as wrong:
            raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from wrong
    rows = await unit.fetch("SELECT * FROM auth_business_notes($1, $2, $3, $4)", business, before, behind, limit + 1)
    found = [Note(**dict(row)) for row in rows[:limit]]
    last = found[-1] if len(rows) > limit else None
    return Page(found, encode_cursor(last.at.isoformat(), str(last.id)) if last else None)


async def add(tx: Tx, business: UUID, id: UUID, body: str) -> None:
    """Note something about a business, once however often it is sent. Raises NotFound."""
    if tx.actor.id is None:
        raise NotFound("tenant")
    made = await tx.fetchval("SELECT auth_note_business($1, $2, $3, $4, $5)", id, business, tx.now, tx.actor.id, body)
    if made is not None:
        tx.audit("tenant.noted", "tenant", business, note=id)
