"""Reading forecasts: one series with its bounds, how its level was judged, what was sold before, the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.analytics.sections.asking import Narrowed
from retail.analytics.sections.reading import figures
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.runtime.db import Read

_SERIES: Final = """
SELECT f.first_day, f.likely, f.low, f.high, f.rung, f.strong_day, f.strong_by, f.weak_day, f.weak_by, f.growth,
       f.closed
  FROM forecast_state s
  JOIN forecast_series f ON f.tenant_id = $1 AND f.run = s.shown AND f.level = $2 AND f.measure = $3
   AND f.store_id = $4 AND f.subject_id = $5
 WHERE s.tenant_id = $1
"""
_STATE: Final = """
SELECT s.shown, s.made_at, j.id AS job, j.done, j.total, j.failed_at IS NOT NULL AS failed,
       j.id IS NOT NULL AND j.finished_at IS NULL AND j.failed_at IS NULL AS running
  FROM forecast_state s LEFT JOIN job j ON j.tenant_id = $1 AND j.id = s.job_id WHERE s.tenant_id = $1
"""
_REGISTER: Final = """
SELECT m.run, m.level, m.measure, m.made_at, m.first_day, m.last_day, m.series, m.model, m.before, m.rounds,
       m.better_in, m.days, m.wape, m.bias, m.mase, m.rmsse, m.cover, m.naive_wape, m.naive_rmsse, m.past_days,
       m.past_wape, m.past_naive, m.past_cover, m.base_wape, m.drift, m.drifted_on
  FROM forecast_model m
"""


@dataclass(frozen=True, slots=True)
class Series:
    """A series' forecast from `first` on, a value a day (minor units, or units); bounds are the middle 80 %.

    `strong` and `weak` are a weekday (1 is Monday) and how far it is from the mean day; `growth` against a year before.
    """

    first: date
    likely: Sequence[Decimal]
    low: Sequence[Decimal] | None
    high: Sequence[Decimal] | None
    rung: str
    strong: tuple[int, Decimal] | None
    weak: tuple[int, Decimal] | None
    growth: Decimal | None
    closed: frozenset[date]
    """Days on which the shop is taken for closed."""


@dataclass(frozen=True, slots=True)
class State:
    """When forecasts were made last, and how far a run is that is under way."""

    made_at: datetime | None = None
    shown: int = 0
    done: int = 0
    total: int = 0
    failed: bool = False
    running: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A line of the register of models.

    `past_…`: how forecasts of the last days held up, None where too few are over. `base_wape`: the error when the model
    was chosen. `drift`: what this run found too far off ("error", "cover", "both"), "" where nothing.
    """

    run: int
    level: str
    measure: str
    made_at: datetime
    first_day: date
    last_day: date
    series: int
    model: str
    before: str
    rounds: int
    better_in: int
    days: int | None
    wape: Decimal | None
    bias: Decimal | None
    mase: Decimal | None
    rmsse: Decimal | None
    cover: Decimal | None
    naive_wape: Decimal | None
    naive_rmsse: Decimal | None
    past_days: int | None = None
    past_wape: Decimal | None = None
    past_naive: Decimal | None = None
    past_cover: Decimal | None = None
    base_wape: Decimal | None = None
    drift: str = ""
    drifted_on: date | None = None


async def state(read: Read) -> State:
    """Tell when forecasts were made, and whether they are being made."""
    row = await read.fetchrow(_STATE, read.tenant)
    if row is None:
        return State()
    return State(
        row["made_at"], row["shown"], row["done"] or 0, row["total"] or 0, bool(row["failed"]), bool(row["running"])
    )


async def series(
    read: Read, measure: str, store: UUID | None, category: UUID | None, product: UUID | None
) -> Series | None:
    """Give the forecast of a product in a store, a category, a store or all; None where there is none."""
    level = "product" if product else "category" if category else "store" if store else "total"
    row = await read.fetchrow(
        _SERIES, read.tenant, level, measure, store or NOBODY, product or category or NOBODY
    )  # fmt: skip
    if row is None:
        return None
    strong = (row["strong_day"], row["strong_by"]) if row["strong_day"] else None
    weak = (row["weak_day"], row["weak_by"]) if row["weak_day"] else None
    return Series(
        row["first_day"], row["likely"], row["low"], row["high"], row["rung"], strong, weak, row["growth"],
        frozenset(row["closed"]),
    )  # fmt: skip


async def judged(read: Read, level: str, measure: str) -> Judgement | None:
    """Give how the shown forecasts of a level were judged."""
    row = await read.fetchrow(
        f"""{_REGISTER} JOIN forecast_state s ON s.tenant_id = $1 AND s.shown = m.run
             WHERE m.tenant_id = $1 AND m.level = $2 AND m.measure = $3""",
        read.tenant,
        level,
        measure,
    )
    return Judgement(*row) if row else None


async def last_drift(read: Read, level: str, measure: str) -> Judgement | None:
    """Give the last run in which a level had drifted and was tried anew."""
    row = await read.fetchrow(
        f"""{_REGISTER} WHERE m.tenant_id = $1 AND m.level = $2 AND m.measure = $3 AND m.drift <> ''
             ORDER BY m.run DESC LIMIT 1""",
        read.tenant,
        level,
        measure,
    )
    return Judgement(*row) if row else None


async def register(read: Read, *, limit: int, after: str | None = None) -> Page[Judgement]:
    """List the models of all runs, the newest first. Raises Invalid for a foreign cursor."""
    begin = int(decode_cursor(after, int)[0]) if after else None
    rows = await read.fetch(
        f"""{_REGISTER} WHERE m.tenant_id = $1 AND ($2::bigint IS NULL OR m.run < $2)
             AND m.run >= coalesce($2, (SELECT max(x.run) + 1 FROM forecast_model x WHERE x.tenant_id = $1)) - $3::int
             ORDER BY m.run DESC, m.level, m.measure""",  # noqa: S608 - a constant
        read.tenant,
        begin,
        limit,
    )
    found = [Judgement(*row) for row in rows]
    last = found[-1].run if found else 0
    more = await read.fetchval(
        "SELECT EXISTS (SELECT FROM forecast_model WHERE tenant_id = $1 AND run < $2)", read.tenant, last
    )
    return Page(found, encode_cursor(last) if found and more else None)


async def sold(read: Read, measure: str, narrowed: Narrowed, last: date, days: int) -> list[tuple[date, Decimal]]:
    """Give what was sold on the days up to `last`, as forecasts count it: returns of other days aside."""
    first = last - timedelta(days=days - 1)
    sums = await figures(read, narrowed, ("day",), first, last)
    found = []
    for at in range(days):
        day = first + timedelta(days=at)
        one = sums.get((day,))
        amount = Decimal(0) if one is None else one.units if measure == "units" else Decimal(one.revenue + one.refunds)
        found.append((day, amount))
    return found
