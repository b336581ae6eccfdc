"""Unusual days as people see them: the list, one of them, and what somebody found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page
from retail.kit.text import _
from retail.risk.errors import AlertSettled
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx
from retail.runtime.ordering import Key, Order
from retail.vigilance.looking import tuned_for

STATES: Final = ("open", "confirmed", "dismissed")
VERDICTS: Final = ("confirmed", "dismissed")
_NOTE_MOST: Final = 500

_LISTED: Final = """
SELECT u.id, u.store_id AS store, s.name AS store_name, u.business_date AS day, u.hour, u.sold_minor AS sold,
       u.expected_minor AS expected, u.low_minor AS low, u.high_minor AS high, u.z, u.severity, u.found_at,
       v.verdict, v.note, v.actor_name AS decided_by, v.decided_at
  FROM unusual_day u
  LEFT JOIN store s ON s.tenant_id = u.tenant_id AND s.id = u.store_id
  LEFT JOIN unusual_verdict v ON v.tenant_id = u.tenant_id AND v.unusual_id = u.id
 WHERE u.tenant_id = $1"""
_NEWEST: Final = Order("when", (Key("u.business_date", "day", date), Key("u.id", "id", UUID)), descending=True)


@dataclass(frozen=True, slots=True)
class Unusual:
    """A day of a store, or of all together (no name), with what somebody said to it; amounts in minor units."""

    id: UUID
    store: UUID
    store_name: str | None
    day: date
    hour: int
    sold: int
    expected: int
    low: int
    high: int
    z: Decimal
    severity: str
    found_at: datetime
    verdict: str | None
    note: str | None
    decided_by: str | None
    decided_at: datetime | None

    @property
    def state(self) -> str:
        """Give `open`, or what was said."""
        return self.verdict or "open"

    @property
    def below(self) -> bool:
        """Claim that too little was sold."""
        return self.z < 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which days."""

    store: UUID | None = None
    state: str = ""


async def unusual_days(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[Unusual]:
    """List unusual days, newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant)
    if wanted.store is not None:
        where.add("u.store_id = {}", wanted.store)
    if wanted.state == "open":
        where.add("v.unusual_id IS NULL")
    elif wanted.state:
        where.add("v.verdict = {}", wanted.state)
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_LISTED}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([Unusual(**dict(row)) for row in rows[:limit]], _NEWEST.following(rows, limit))


async def unusual_day(read: Read, id: UUID) -> Unusual:
    """Give one. Raises NotFound."""
    row = await read.fetchrow(_LISTED + " AND u.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("unusual_day")
    return Unusual(**dict(row))


async def settle_day(tx: Tx, id: UUID, verdict: str, note: str) -> Unusual:
    """Say what an unusual day was; the same said again changes nothing. Raises NotFound, AlertSettled, Invalid."""
    note = note.strip()
    errors: dict[str, list[str]] = {}
    if verdict not in VERDICTS:
        errors["verdict"] = [_("Say whether it was confirmed or dismissed.")]
    if not 1 <= len(note) <= _NOTE_MOST:
        errors["note"] = [_("Say in a few words what you found, at most 500 letters.")]
    if errors:
        raise Invalid(errors)
    day = await unusual_day(tx, id)
    before = (await tuned_for(tx, day.store)).threshold
    stored = await tx.fetchval(
        """INSERT INTO unusual_verdict (tenant_id, unusual_id, verdict, note, actor_id, actor_name, decided_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING unusual_id""",
        tx.tenant, id, verdict, note, tx.actor.id, tx.actor.name, tx.now,
    )  # fmt: skip
    if stored is not None:
        after = (await tuned_for(tx, day.store)).threshold
        tx.audit("sales.unusual_settled", "unusual_day", id, verdict=verdict, note=note, before=str(before),
                 after=str(after))  # fmt: skip
    now = await unusual_day(tx, id)
    if now.verdict != verdict:
        raise AlertSettled
    return now
