"""What the operator's overview shows, read in a few statements over all businesses; counts and sums, no names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from retail.runtime.db import Database, Unit
from retail.runtime.faults import NEW_FOR
from retail.tenants.queries import NEAR

MINUTES: Final = 60
"""How far the line of sales per minute goes back."""
_MINUTE: Final = timedelta(minutes=1)
_SETTLED: Final = 2 * _MINUTE
"""A minute that ended so long ago counts no more sales: no relay's transaction takes as long."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What was sold today in one currency, on each shop's own day; returns are taken off `revenue_minor`."""

    currency: str
    sales: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are; `online`: tills that were heard of in the last two minutes."""

    stores: int
    tills: int
    products: int
    alerts: int
    people: int
    online: int


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits: events for the relay, jobs and letters that are due; what failed, and how much of it in an hour."""

    outbox: int
    jobs: int
    failed: int
    set_aside: int
    mail: int
    errors: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation, whether it works, and what is said of it; nothing goes without a `required` one."""

    name: str
    ok: bool
    required: bool
    detail: str = ""


Parts = Callable[[], Awaitable[Sequence[Part]]]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it at one moment; `minutes` are the sales of each of the last 60 minutes and of the one that runs.

    `new_errors`: kinds of our own errors that were met first in the last 24 hours and are open.
    """

    at: datetime
    minutes: tuple[int, ...]
    takings: tuple[Taking, ...]
    standings: dict[str, int]
    size: Size
    queues: Queues
    parts: tuple[Part, ...] = ()
    new_errors: int = 0

    @property
    def sales(self) -> int:
        """Count the sales of today, in whatever currency."""
        return sum(one.sales for one in self.takings)

    @property
    def per_minute(self) -> int:
        """Give the sales of the last sixty seconds: the minute that runs, and as much of the one before as is left."""
        left = 60 - self.at.second
        return self.minutes[-1] + (self.minutes[-2] * left + 30) // 60

    @property
    def businesses(self) -> int:
        """Count the businesses that are there."""
        return sum(self.standings.values())


@dataclass(slots=True)
class Reader:
    """Reads the overview; remembers the minutes that are over, so that they are read once."""

    db: Database
    parts: Parts | None = None
    _known: dict[datetime, int] = field(default_factory=dict)

    async def __call__(self) -> Overview:
        """Read it. Raises Busy."""
        async with self.db.platform() as unit:
            now = unit.now
            minutes = await self._minutes(unit, now)
            takings = await unit.fetch("SELECT * FROM auth_takings($1) ORDER BY revenue_minor DESC, currency", now)
            standings = await unit.fetch("SELECT status, businesses FROM auth_standings()")
            size = await unit.fetchrow("SELECT * FROM auth_size($1)", now - NEAR)
            queues = await unit.fetchrow("SELECT * FROM auth_queues($1)", now)
            new_errors = await unit.fetchval("SELECT auth_new_faults($1)", now - NEW_FOR)
        if size is None or queues is None:
            raise LookupError("a function of one row gave none")
        return Overview(
            now,
            minutes,
            tuple(Taking(**dict(row)) for row in takings),
            {row["status"]: row["businesses"] for row in standings},
            Size(**dict(size)),
            Queues(**dict(queues)),
            tuple(await self.parts()) if self.parts else (),
            int(new_errors),
        )

    async def _minutes(self, unit: Unit, now: datetime) -> tuple[int, ...]:
        running = now.replace(second=0, microsecond=0)
        wanted = [running - _MINUTE * back for back in range(MINUTES, -1, -1)]
        since = next((minute for minute in wanted if minute not in self._known), running)
        rows = await unit.fetch("SELECT minute, sales FROM auth_pulse($1)", since)
        found = self._known | {row["minute"]: int(row["sales"]) for row in rows}
        self._known = {minute: found.get(minute, 0) for minute in wanted if minute < now - _SETTLED}
        return tuple(found.get(minute, 0) for minute in wanted)
