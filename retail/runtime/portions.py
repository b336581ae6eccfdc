"""Long work in portions: each in a transaction that proves the job still ours, with a bar that tells of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, progress
from retail.runtime.tenancy import Scope

Step = Callable[..., Awaitable[tuple[UUID | None, int]]]
"""Works on the portion of things `after` one; gives the last of them (None: there are no more), and how many."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The stretch of a job's bar that a walk fills: from `begin` to `end` of `total`."""

    begin: int
    end: int
    total: int


async def walk(db: Database, scope: Scope, step: Step, bar: Bar) -> None:
    """Take step after step, each in a transaction of its own that proves the job still ours, and say how far it is."""
    after: UUID | None = None
    done = bar.begin
    while True:
        after, seen = await db.run(scope, _held, partial(step, after=after))
        done += seen
        await progress(min(done, bar.end), bar.total)
        if after is None:
            return


async def _held(tx: Tx, step: Step) -> tuple[UUID | None, int]:
    await hold(tx)
    return await step(tx)
