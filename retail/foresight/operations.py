"""Keeping what a run forecast: nobody sees it before it is whole; the register of models keeps every run's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.foresight.drift import Standing
from retail.foresight.happenings import keep_responses
from retail.foresight.responses import Response
from retail.identity.permissions import MANAGE_SETTINGS
from retail.runtime.db import Tx
from retail.runtime.jobs import current_job, enqueue, hold
from retail.runtime.notices import post_notice

JOB: Final = "foresight.forecast"
NOTICE: Final = "forecast_drifted"
PORTION: Final = 500

_OPEN: Final = """
INSERT INTO forecast_state (tenant_id, begun, shown) VALUES ($1, 0, 0) ON CONFLICT (tenant_id) DO NOTHING
"""
_RUNNING: Final = """
SELECT j.id FROM forecast_state s
  JOIN job j ON j.tenant_id = s.tenant_id AND j.id = s.job_id AND j.finished_at IS NULL AND j.failed_at IS NULL
 WHERE s.tenant_id = $1 FOR NO KEY UPDATE OF s
"""
# Bounds may be missing, and an array of arrays has no gaps: so a portion is one JSON text.
_KEEP: Final = """
INSERT INTO forecast_series (tenant_id, run, level, measure, store_id, subject_id, rung, first_day, likely, low, high,
                             strong_day, strong_by, weak_day, weak_by, growth, closed)
SELECT $1, $2, $3, $4, u.store_id, u.subject_id, u.rung, $5, u.likely, u.low, u.high, u.strong_day, u.strong_by,
       u.weak_day, u.weak_by, u.growth, u.closed
  FROM jsonb_to_recordset($6::jsonb) AS u (store_id uuid, subject_id uuid, rung text, likely numeric[], low numeric[],
       high numeric[], strong_day smallint, strong_by numeric, weak_day smallint, weak_by numeric, growth numeric,
       closed date[])
"""
_REGISTER: Final = """
INSERT INTO forecast_model (tenant_id, run, level, measure, made_at, first_day, last_day, series, model, before, rounds,
                            better_in, days, wape, bias, mase, rmsse, cover, naive_wape, naive_rmsse, past_days,
                            past_wape, past_naive, past_cover, base_wape, counts_from, off_nights, drift, drifted_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
        $25, $26, $27, $28, $29)
"""
_SHOW: Final = "UPDATE forecast_state SET shown = $2, made_at = $3 WHERE tenant_id = $1 AND shown < $2"
_CLEAR: Final = """
DELETE FROM forecast_series WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
  SELECT f.ctid FROM forecast_series f
   WHERE f.tenant_id = $1 AND f.run < (SELECT shown FROM forecast_state WHERE tenant_id = $1) LIMIT $2))
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register: a level's model in a run, its data, and how it was judged; shares with four decimals.

    `past_…`: how the last nights' forecasts held up against what was sold, against `base` when the model was chosen.
    """

    level: str
    measure: str
    first: date
    last: date
    series: int
    model: str
    before: str
    rounds: int
    better_in: int
    days: int | None
    figures: Mapping[str, Decimal | None]
    now: Standing
    drift: str
    past_days: int | None
    past_wape: Decimal | None
    past_naive: Decimal | None
    past_cover: Decimal | None
    base: Decimal | None


FIGURES: Final = ("wape", "bias", "mase", "rmsse", "cover", "naive_wape", "naive_rmsse")


async def ask(tx: Tx) -> UUID:
    """Have everything forecast anew; gives the job, that of a run under way where there is one. Raises Forbidden."""
    tx.scope.require(MANAGE_SETTINGS)
    await tx.execute(_OPEN, tx.tenant)
    await tx.fetchval("SELECT begun FROM forecast_state WHERE tenant_id = $1 FOR NO KEY UPDATE", tx.tenant)
    running: UUID | None = await tx.fetchval(_RUNNING, tx.tenant)
    if running is not None:
        return running
    job = await enqueue(tx, JOB)
    await tx.execute("UPDATE forecast_state SET job_id = $2 WHERE tenant_id = $1", tx.tenant, job)
    tx.audit("forecasts.asked", "tenant", None)
    return job


async def begin(tx: Tx) -> int:
    """Begin a run in the running job; gives its number. Raises LostClaim."""
    await hold(tx)
    await tx.execute(_OPEN, tx.tenant)
    run: int = await tx.fetchval(
        "UPDATE forecast_state SET begun = begun + 1, job_id = $2 WHERE tenant_id = $1 RETURNING begun",
        tx.tenant,
        current_job(),
    )
    return run


async def keep(tx: Tx, run: int, of: tuple[str, str], first: date, rows: str) -> None:
    """Write a portion of a level's and measure's series, a JSON list; nobody sees it yet. Raises LostClaim."""
    await hold(tx)
    await tx.execute(_KEEP, tx.tenant, run, *of, first, rows)


async def show(tx: Tx, run: int, entries: Sequence[Entry], answers: Mapping[UUID, Response]) -> None:
    """Let a run count from now on, with how buyers answer prices; its models go into the register.

    Tells at the bell which levels drifted and were tried anew. Raises LostClaim.
    """
    await hold(tx)
    for one in entries:
        await tx.execute(
            _REGISTER, tx.tenant, run, one.level, one.measure, tx.now, one.first, one.last, one.series, one.model,
            one.before, one.rounds, one.better_in, one.days, *(one.figures[name] for name in FIGURES), one.past_days,
            one.past_wape, one.past_naive, one.past_cover, one.base, one.now.since, one.now.off_nights, one.drift,
            one.now.drifted_on,
        )  # fmt: skip
    await _tell(tx, run, [one for one in entries if one.drift])
    await keep_responses(tx, answers)
    await tx.execute(_SHOW, tx.tenant, run, tx.now)


async def _tell(tx: Tx, run: int, drifted: Sequence[Entry]) -> None:
    if not drifted:
        return
    levels = sorted({one.level for one in drifted})
    tx.audit("forecasts.drifted", "tenant", None, run=run, levels=levels)
    await post_notice(tx, NOTICE, key=str(run), levels=levels)


async def clear(tx: Tx) -> bool:
    """Forget a portion of the series of runs before the shown one; False where none is left. Raises LostClaim."""
    await hold(tx)
    tag = await tx.execute(_CLEAR, tx.tenant, PORTION)
    return tag != "DELETE 0"
