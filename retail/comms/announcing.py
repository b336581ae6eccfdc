"""Announcements as the operator makes them: to whom, from when until when; taken back; and who has confirmed.

They belong to no business (docs/decisions/0025): the functions of m0073 are the only way to them. What an operator
does is a Tx of the platform, so that it and its record on the platform's trail are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.comms.cursors import before, following
from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime.db import Database, Tx, Unit

IMPORTANCES: Final = ("info", "important", "urgent")
AUDIENCES: Final = ("all", "plan", "country", "tenant")
TITLE_MOST: Final = 120
BODY_MOST: Final = 4000
TARGETS_MOST: Final = 500
_NAMES: Final = """id, title, body, importance, must_confirm, audience, targets, starts_at, ends_at, created_at,
  created_by_name, withdrawn_at, withdrawn_by_name, confirmed"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An announcement as an operator wrote it; `targets` are keys of plans, codes of countries or businesses' ids."""

    id: UUID
    title: str
    body: str
    importance: str
    must_confirm: bool
    audience: str
    targets: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement as the operator sees it; `confirmed` counts people, `businesses` and `people` whom it reaches."""

    id: UUID
    title: str
    body: str
    importance: str
    must_confirm: bool
    audience: str
    targets: list[str]
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    created_by_name: str | None
    withdrawn_at: datetime | None
    withdrawn_by_name: str | None
    confirmed: int
    businesses: int = 0
    people: int = 0

    def state(self, now: datetime) -> str:
        """Say how it stands: withdrawn, over, planned or on."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.ends_at is not None and self.ends_at <= now:
            return "over"
        return "planned" if self.starts_at > now else "on"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Somebody who confirmed an announcement, and whether at a till."""

    tenant_id: UUID
    slug: str
    business: str
    person_id: UUID
    person_name: str | None
    at_till: bool
    confirmed_at: datetime


async def announce(tx: Tx, draft: Draft) -> None:
    """Tell businesses something, at once or at its time; the same id again changes nothing. `tx` is the platform's.

    Raises Invalid.
    """
    _check(draft, tx.now)
    made = await tx.fetchval(
        "SELECT auth_announce($1, $2, $3, $4, $5, $6, $7::text[], $8, $9, $10, $11)",
        draft.id, draft.title, draft.body, draft.importance, draft.must_confirm, draft.audience, list(draft.targets),
        draft.starts_at, draft.ends_at, tx.now, tx.actor.id,
    )  # fmt: skip
    if made is None:
        return
    tx.audit(
        "announcement.made", "announcement", draft.id, audience=draft.audience, targets=list(draft.targets),
        importance=draft.importance, must_confirm=draft.must_confirm, starts_at=draft.starts_at, ends_at=draft.ends_at,
    )  # fmt: skip
    await ring(tx)


async def withdraw(tx: Tx, id: UUID) -> None:
    """Take an announcement back: it is gone from every screen. `tx` is the platform's. Raises NotFound."""
    await announced(tx, id)
    if await tx.fetchval("SELECT auth_withdraw_announcement($1, $2, $3)", id, tx.now, tx.actor.id) is not None:
        tx.audit("announcement.withdrawn", "announcement", id)
        await ring(tx)


async def ring(unit: Unit) -> int:
    """Have businesses told what has begun or ended by now; gives how many were. One statement, for any number."""
    return int(await unit.fetchval("SELECT auth_ring_announcements($1)", unit.now))


async def ring_due(db: Database) -> None:
    """Tell what has become due; a worker does so every few seconds, and any number of them may."""
    async with db.platform() as unit:
        await ring(unit)


async def announcements(unit: Unit, *, after: str | None = None, limit: int = 50) -> Page[Announced]:
    """List all, newest first. Raises Invalid for a cursor that is none."""
    behind = before(after)[1]
    rows = await unit.fetch(f"SELECT {_NAMES} FROM auth_announcements($1, $2)", behind, limit + 1)  # noqa: S608
    found = [Announced(**dict(row)) for row in rows[:limit]]
    return Page(found, following(found[-1].created_at, found[-1].id) if len(rows) > limit else None)


async def announced(unit: Unit, id: UUID) -> Announced:
    """Give one. Raises NotFound."""
    row = await unit.fetchrow(f"SELECT {_NAMES}, businesses, people FROM auth_announcement($1)", id)  # noqa: S608
    if row is None:
        raise NotFound("announcement")
    return Announced(**dict(row))


async def confirmations(unit: Unit, id: UUID, *, after: str | None = None, limit: int = 50) -> Page[Confirmed]:
    """List who confirmed an announcement, the last first. Raises Invalid for a cursor that is none."""
    rows = await unit.fetch("SELECT * FROM auth_announcement_receipts($1, $2, $3, $4)", id, *before(after), limit + 1)
    found = [Confirmed(**dict(row)) for row in rows[:limit]]
    return Page(found, following(found[-1].confirmed_at, found[-1].person_id) if len(rows) > limit else None)


def _check(draft: Draft, now: datetime) -> None:
    errors: dict[str, list[str]] = {}
    if not 1 <= len(draft.title) <= TITLE_MOST:
        errors["title"] = [_("Write a title of at most %(most)d characters.") % {"most": TITLE_MOST}]
    if not 1 <= len(draft.body) <= BODY_MOST:
        errors["body"] = [_("Write a text of at most %(most)d characters.") % {"most": BODY_MOST}]
    if draft.importance not in IMPORTANCES:
        errors["importance"] = [_("Pick one of the choices.")]
    if draft.audience not in AUDIENCES:
        errors["audience"] = [_("Pick one of the choices.")]
    elif (draft.audience == "all") == bool(draft.targets) or len(draft.targets) > TARGETS_MOST:
        errors["targets"] = [_("Say whom it is for.")]
    if draft.ends_at is not None and draft.ends_at <= max(draft.starts_at, now):
        errors["ends_at"] = [_("It must end after it begins, and not in the past.")]
    if errors:
        raise Invalid(errors)
