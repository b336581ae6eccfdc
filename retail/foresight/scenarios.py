"""What somebody supposed, kept under a name: to be opened again, and compared with what happened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.foresight import queries
from retail.foresight.asking import Wanted
from retail.foresight.history import last_day
from retail.foresight.supposing import Levers, Line
from retail.foresight.what_if import exact
from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.errors import IdempotencyConflict, NotFound
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row, Tx
from retail.tenants.queries import stores

NAME_LENGTH: Final = 80

_KEEP: Final = """
INSERT INTO forecast_scenario (tenant_id, id, name, level, measure, store_id, subject_id, levers, elasticity, first_day,
                               plain, likely, low, high, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (tenant_id, id) DO NOTHING
"""
_LISTED: Final = """
SELECT c.id, c.name, c.level, c.measure, c.store_id, c.subject_id, c.levers, c.elasticity, c.first_day, c.plain,
       c.likely, c.low, c.high, c.created_at, c.archived_at,
       coalesce(s.name, '') AS store, coalesce(g.name, p.name, '') AS subject
  FROM forecast_scenario c
  LEFT JOIN store s ON s.tenant_id = $1 AND s.id = c.store_id
  LEFT JOIN category g ON g.tenant_id = $1 AND g.id = c.subject_id
  LEFT JOIN product p ON p.tenant_id = $1 AND p.id = c.subject_id
 WHERE c.tenant_id = $1{where} ORDER BY c.id DESC LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is to be kept: of which forecast, under which levers, and the values of its measure a day."""

    id: UUID
    name: str
    wanted: Wanted
    levers: Levers
    elasticity: float
    first: date
    plain: Sequence[float]
    line: Line


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kept one; `store` and `subject` are names, "" for all."""

    id: UUID
    name: str
    level: str
    measure: str
    store_id: UUID
    subject_id: UUID
    levers: Levers
    elasticity: Decimal
    first_day: date
    plain: Sequence[Decimal]
    likely: Sequence[Decimal]
    low: Sequence[Decimal] | None
    high: Sequence[Decimal] | None
    created_at: datetime
    archived_at: datetime | None
    store: str
    subject: str

    @property
    def last_day(self) -> date:
        """Give the last day that it speaks of."""
        return self.first_day + timedelta(days=len(self.plain) - 1)

    @property
    def plain_total(self) -> Decimal:
        """Add up what was forecast."""
        return sum(self.plain, Decimal(0))

    @property
    def total(self) -> Decimal:
        """Add up what was supposed."""
        return sum(self.likely, Decimal(0))

    @property
    def wanted(self) -> Wanted:
        """Say which forecast it is of."""
        subject = None if self.subject_id == NOBODY else self.subject_id
        return Wanted(
            self.measure,
            len(self.plain),
            None if self.store_id == NOBODY else self.store_id,
            subject if self.level == "category" else None,
            subject if self.level == "product" else None,
        )


async def keep(tx: Tx, of: Supposition) -> UUID:
    """Keep a supposition under its own id; once more it is what it was. Raises Forbidden, IdempotencyConflict."""
    tx.scope.require(EDIT_CATALOGUE)
    at = of.wanted
    low, high = ([exact(one) for one in side] if side is not None else None for side in (of.line.low, of.line.high))
    tag = await tx.execute(
        _KEEP, tx.tenant, of.id, of.name, at.level, at.measure, at.store or NOBODY, at.product or at.category or NOBODY,
        json.dumps(of.levers.kept()), exact(of.elasticity), of.first, [exact(one) for one in of.plain],
        [exact(one) for one in of.line.likely], low, high, tx.now,
    )  # fmt: skip
    if tag != "INSERT 0 1":
        before = await scenario(tx, of.id)
        if (before.name, before.levers, before.wanted.level) != (of.name, of.levers, at.level):
            raise IdempotencyConflict
        return of.id
    tx.audit("scenario.kept", "scenario", of.id, name=of.name, terms=of.levers.kept())
    return of.id


async def archive(tx: Tx, id: UUID) -> None:
    """Put a scenario away; once more does nothing. Raises Forbidden, NotFound."""
    tx.scope.require(EDIT_CATALOGUE)
    found = await scenario(tx, id)
    tag = await tx.execute(
        "UPDATE forecast_scenario SET archived_at = $3 WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL",
        tx.tenant,
        id,
        tx.now,
    )
    if tag == "UPDATE 1":
        tx.audit("scenario.archived", "scenario", id, name=found.name)


async def scenario(read: Read, id: UUID) -> Scenario:
    """Give one scenario. Raises NotFound."""
    where = Conditions(read.tenant)
    where.add("c.id = {}", id)
    rows = await read.fetch(_LISTED.format(where=where.sql, limit=1), *where.args)
    if not rows:
        raise NotFound("scenario")
    return _of(rows[0])


async def scenarios(read: Read, *, archived: bool, limit: int, after: str | None = None) -> Page[Scenario]:
    """List scenarios, the newest first; those put away apart. Raises Invalid for a foreign cursor."""
    where = Conditions(read.tenant)
    where.add("(c.archived_at IS NOT NULL) = {}", archived)
    if after is not None:
        where.add("c.id < {}", UUID(str(decode_cursor(after, str)[0])))
    rows = await read.fetch(_LISTED.format(where=where.sql, limit=limit + 1), *where.args)
    shown = [_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor(str(shown[-1].id)) if len(rows) > limit else None)


def _of(row: Row) -> Scenario:
    return Scenario(**(dict(row) | {"levers": Levers.from_kept(json.loads(row["levers"]))}))


async def happened(read: Read, of: Scenario) -> dict[date, Decimal]:
    """Give what was sold on those of its days that are over."""
    places = [one for one in await stores(read) if one.archived_at is None]
    last = min(last_day(read, places), of.last_day)
    days = (last - of.first_day).days + 1
    if days < 1:
        return {}
    return dict(await queries.sold(read, of.measure, of.wanted.narrowed, last, days))
