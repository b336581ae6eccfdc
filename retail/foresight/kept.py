"""Keeping forecasts as they were made, to see later how they held up."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.foresight.drift import AHEAD_KEPT, WINDOW_DAYS, Kept, Series, Standing, Watch, watch
from retail.foresight.history import History, Subject
from retail.foresight.operations import PORTION
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import hold

if TYPE_CHECKING:
    from retail.foresight.reckoning import Made

Of = tuple[str, str]
"""A level and a measure."""
KeptOf = Mapping[Of, Mapping[Subject, list[Kept]]]

_LOOKED_AT: Final = WINDOW_DAYS + AHEAD_KEPT
_REMEMBER: Final = """
INSERT INTO forecast_past (tenant_id, level, measure, store_id, subject_id, first_day, model, likely, low, high, naive)
SELECT $1, $2, $3, u.store_id, u.subject_id, $4, $5, u.likely, u.low, u.high, u.naive
  FROM jsonb_to_recordset($6::jsonb) AS u (store_id uuid, subject_id uuid, likely bigint[], low bigint[],
       high bigint[], naive bigint[])
    ON CONFLICT (tenant_id, level, measure, store_id, subject_id, first_day) DO UPDATE
   SET model = excluded.model, likely = excluded.likely, low = excluded.low, high = excluded.high,
       naive = excluded.naive
"""
_KEPT: Final = """
SELECT level, measure, store_id, subject_id, first_day, model, likely, low, high, naive FROM forecast_past
 WHERE tenant_id = $1 AND first_day BETWEEN $2 AND $3 ORDER BY first_day
"""
_FORGET: Final = """
DELETE FROM forecast_past WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
  SELECT f.ctid FROM forecast_past f WHERE f.tenant_id = $1 AND f.first_day < $2 LIMIT $3))
"""
_STANDINGS: Final = """
SELECT level, measure, model, last_day, base_wape, counts_from, off_nights, drifted_on FROM forecast_model
 WHERE tenant_id = $1 AND run = (SELECT max(run) FROM forecast_model WHERE tenant_id = $1)
"""


async def standings(read: Read) -> dict[Of, Standing]:
    """Give how each level stood after the last run."""
    return {
        (row["level"], row["measure"]): Standing(
            row["model"], row["last_day"], None if row["base_wape"] is None else float(row["base_wape"]),
            row["counts_from"], row["off_nights"], row["drifted_on"],
        )
        for row in await read.fetch(_STANDINGS, read.tenant)
    }  # fmt: skip


async def kept(read: Read, last: date) -> KeptOf:
    """Give what was said of the four weeks up to a day, in the nights before each of them."""
    found: dict[Of, dict[Subject, list[Kept]]] = defaultdict(lambda: defaultdict(list))
    for row in await read.fetch(_KEPT, read.tenant, last - timedelta(days=_LOOKED_AT - 2), last):
        one = Kept(row["first_day"], row["model"], row["likely"], row["low"], row["high"], row["naive"])
        found[row["level"], row["measure"]][row["store_id"], row["subject_id"]].append(one)
    return found


def watched(past: History, before: Mapping[Of, Standing], said: KeptOf) -> dict[Of, Watch]:
    """Judge every level that was forecast in the last run by what has been sold since."""
    everywhere: set[date] = set().union(*past.opened.values()) if past.opened else set()
    opened: dict[UUID, set[date]] = {**past.opened, NOBODY: everywhere}
    found: dict[Of, Watch] = {}
    for sold in past.sold:
        of: Of = (sold.level, sold.measure)
        if of in before:
            series = [
                Series(sold.amounts[subject], opened.get(subject[0], set()), nights)
                for subject, nights in said.get(of, {}).items()
                if subject in sold.amounts
            ]
            found[of] = watch(series, before[of], past.last)
    return found


def remembered(made: Made) -> list[str]:
    """Write what is to be kept of a level as JSON lists that one transaction each takes; none of products."""
    if made.level == "product":
        return []
    rows: list[dict[str, Any]] = [
        {
            "store_id": str(one.subject[0]), "subject_id": str(one.subject[1]), "likely": _milli(one.likely),
            "low": _milli(one.low), "high": _milli(one.high), "naive": _milli(made.naive[at]),
        }
        for at, one in enumerate(made.told)
    ]  # fmt: skip
    return [json.dumps(rows[at : at + PORTION]) for at in range(0, len(rows), PORTION)]


async def remember(tx: Tx, of: Of, first: date, model: str, rows: str) -> None:
    """Keep a portion of a level's forecasts as they are made. Raises LostClaim."""
    await hold(tx)
    await tx.execute(_REMEMBER, tx.tenant, *of, first, model, rows)


async def forget(tx: Tx, last: date) -> bool:
    """Forget a portion of what no window looks at any more; False where none is left. Raises LostClaim."""
    await hold(tx)
    tag = await tx.execute(_FORGET, tx.tenant, last - timedelta(days=_LOOKED_AT), PORTION)
    return tag != "DELETE 0"


def _milli(line: list[float] | None) -> list[int] | None:
    return None if line is None else [round(value * 1000) for value in line[:AHEAD_KEPT]]
