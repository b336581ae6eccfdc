"""The worker's part: every night and on demand, what is bought together is worked out and replaces what was known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from retail.identity.permissions import EDIT_CATALOGUE
from retail.recommending.baskets import Baskets, past_baskets, window_of
from retail.recommending.operations import JOB, OPEN, PORTION, Outcome, Row, begin, clear, keep, show
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import enqueue, job, progress
from retail.runtime.tenancy import Scope

if TYPE_CHECKING:
    from retail.recommending.reckoning import Neighbours

PATIENCE: Final = 300
_READ: Final = 30
"""How far the bar is when the sales are read."""
_RECKONED: Final = 60
_WHOLE: Final = 100
_RUNNING: Final = """
SELECT j.id FROM also_bought_state s
  JOIN job j ON j.tenant_id = s.tenant_id AND j.id = s.job_id AND j.finished_at IS NULL AND j.failed_at IS NULL
 WHERE s.tenant_id = $1 FOR NO KEY UPDATE OF s
"""


async def ask(tx: Tx) -> UUID:
    """Have the worker work everything out anew; gives the job, that of a run under way where there is one.

    Locks the business's state. Raises Forbidden.
    """
    tx.scope.require(EDIT_CATALOGUE)
    await tx.execute(OPEN, tx.tenant)
    await tx.fetchval("SELECT begun FROM also_bought_state WHERE tenant_id = $1 FOR NO KEY UPDATE", tx.tenant)
    running: UUID | None = await tx.fetchval(_RUNNING, tx.tenant)
    if running is not None:
        return running
    job = await enqueue(tx, JOB)
    await tx.execute("UPDATE also_bought_state SET job_id = $2 WHERE tenant_id = $1", tx.tenant, job)
    tx.audit("recommendations.asked", "catalogue", None)
    return job


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
