"""The worker's part: every night and on demand everything is forecast anew, level by level."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from retail.foresight.drift import Standing, standing_after
from retail.foresight.happenings import happenings
from retail.foresight.history import History, history
from retail.foresight.kept import KeptOf, forget, kept, remember, remembered, standings, watched
from retail.foresight.operations import FIGURES, JOB, PORTION, Entry, begin, clear, keep, show
from retail.foresight.projected import portions, project, settle
from retail.foresight.responses import Response, responses
from retail.runtime.db import Database
from retail.runtime.jobs import job, progress
from retail.runtime.tenancy import Scope

if TYPE_CHECKING:
    from retail.foresight.reckoning import Made

PATIENCE: Final = 300
_SMALLEST: Final = Decimal("0.0001")
_MOST: Final = Decimal(9999)


@job(JOB, tries=3, lease_seconds=300)
async def forecast(db: Database, scope: Scope) -> None:
    """Forecast revenue and units of every level; until the last is written, everybody sees what was known before."""
    run = await db.run(scope, begin)
    async with db.read(scope, seconds=PATIENCE) as read:
        past, before = await history(read), await standings(read)
        said = await kept(read, past.last) if past else {}
        happened = await happenings(read, past.first, past.last) if past else []
    entries: list[Entry] = []
    answers = {subject: one.as_kept() for subject, one in responses(happened).items()}
    if past is not None:
        steps, begins = len(past.sold) + 1, past.last + timedelta(days=1)
        await progress(0, steps)
        levels = await asyncio.to_thread(_begin, past, before, answers, said)
        while (made := await asyncio.to_thread(next, levels, None)) is not None:
            for rows in _portions(made):
                await db.run(scope, keep, run, (made.level, made.measure), begins, json.dumps(rows))
            for portion in portions(made.projected):
                await db.run(scope, project, run, begins, portion)
            for line in remembered(made):
                await db.run(scope, remember, (made.level, made.measure), begins, made.choice.model, line)
            answers |= made.taught
            entries.append(_entry(past, made, before.get((made.level, made.measure))))
            await progress(len(entries), steps)
    await db.run(scope, show, run, entries, answers)
    while await db.run(scope, clear) or await db.run(scope, settle, run):
        pass
    while past is not None and await db.run(scope, forget, past.last):
        pass


def _begin(
    past: History,
    before: Mapping[tuple[str, str], Standing],
    answers: Mapping[UUID, Response],
    said: KeptOf,
) -> Iterator[Made]:
    from retail.foresight.reckoning import reckon  # noqa: PLC0415 - scikit-learn is loaded by the worker alone

    return reckon(past, {of: one.model for of, one in before.items()}, answers, watched(past, before, said))


def _portions(made: Made) -> Iterator[list[dict[str, Any]]]:
    for at in range(0, len(made.told), PORTION):
        yield [
            {
                "store_id": str(one.subject[0]), "subject_id": str(one.subject[1]), "rung": one.rung,
                "likely": one.likely, "low": one.low, "high": one.high,
                "strong_day": one.strong[0] if one.strong else None, "strong_by": one.strong[1] if one.strong else None,
                "weak_day": one.weak[0] if one.weak else None, "weak_by": one.weak[1] if one.weak else None,
                "growth": one.growth, "closed": [str(day) for day in one.closed],
            }
            for one in made.told[at : at + PORTION]
        ]  # fmt: skip


def _entry(past: History, made: Made, before: Standing | None) -> Entry:
    judged, choice, found = made.judged, made.choice, made.watch.held
    now = standing_after(before, made.watch, choice.model, judged.wape if judged else None, past.last)
    figures = {name: _decimal(getattr(judged, name)) if judged else None for name in FIGURES}
    return Entry(
        made.level, made.measure, past.first, past.last, len(made.told), choice.model, choice.before, choice.rounds,
        choice.better_in, judged.days if judged else None, figures, now, made.watch.drift,
        None if found is None else found.days,
        _decimal(found.wape if found else None), _decimal(found.naive if found else None),
        _decimal(found.cover if found else None), _decimal(now.base),
    )  # fmt: skip


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else min(_MOST, Decimal(repr(value)).quantize(_SMALLEST))
