"""The worker's part: every night and on demand, what is bought together is worked out and replaces what was known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from retail.recommending.baskets import Baskets, past_baskets, window_of
from retail.recommending.operations import JOB, PORTION, Outcome, Row, begin, clear, keep, show
from retail.runtime.db import Database
from retail.runtime.jobs import job, progress
from retail.runtime.tenancy import Scope

if TYPE_CHECKING:
    from retail.recommending.reckoning import Neighbours

PATIENCE: Final = 300
_READ: Final = 30
"""How far the bar is when the sales are read."""
_RECKONED: Final = 60
_WHOLE: Final = 100


@job(JOB, tries=3, lease_seconds=120)
async def work_out(db: Database, scope: Scope) -> None:
    """Work out what is bought together; until the last row is written, everybody sees what was known before."""
    run = await db.run(scope, begin)
    await progress(0, _WHOLE)
    async with db.read(scope, seconds=PATIENCE) as read:
        days = await window_of(read)
        past = await past_baskets(read, days)
    await progress(_READ, _WHOLE)
    found = await asyncio.to_thread(_reckon, past)
    await progress(_RECKONED, _WHOLE)
    written = 0
    for rows in _portions(past, found):
        await db.run(scope, keep, run, rows)
        written += len(rows)
        await progress(_RECKONED + (_WHOLE - _RECKONED) * written // (len(found) + 1), _WHOLE)
    told = Outcome(days, found.method, found.all_baskets, found.left_out, found.products, len(found))
    await db.run(scope, show, run, told)
    while await db.run(scope, clear):
        pass
    await progress(_WHOLE, _WHOLE)


def _reckon(past: Baskets) -> Neighbours:
    import numpy as np  # noqa: PLC0415 - the worker alone has 60 MB for it; web processes know this job by name only

    from retail.recommending.reckoning import neighbours  # noqa: PLC0415 - the same

    return neighbours(
        np.frombuffer(past.basket, dtype=np.int64), np.frombuffer(past.item, dtype=np.int64), len(past.products)
    )


def _portions(past: Baskets, found: Neighbours) -> Iterator[Sequence[Row]]:
    """Give what was found as rows with the products' ids, PORTION by PORTION."""
    columns = (found.item, found.other, found.place, found.ranks(), found.score, found.together, found.baskets,
               found.other_baskets)  # fmt: skip
    for at in range(0, len(found), PORTION):
        part = zip(*(column[at : at + PORTION].tolist() for column in columns), strict=True)
        yield [Row(past.products[item], past.products[other], *rest) for item, other, *rest in part]
