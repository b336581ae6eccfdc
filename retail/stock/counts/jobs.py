"""The job that posts what a large count found, in the name of whoever finished it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal
from uuid import UUID

from retail.runtime.db import Database
from retail.runtime.jobs import job
from retail.runtime.portions import Bar, walk
from retail.runtime.tenancy import Actor, Scope
from retail.stock.counts import queries
from retail.stock.counts.posting import FINISH_JOB, end, left_to_post, post_portion


@job(FINISH_JOB, lease_seconds=120)
async def finish_count(
    db: Database, scope: Scope, *, count: str, kind: Literal["person", "token", "device", "system"], actor: str
) -> None:
    """Post a settled count's differences, portion by portion, then say that it is finished."""
    id = UUID(count)
    async with db.read(scope) as read:
        of, left = await queries.count(read, id), await left_to_post(read, id)
    mine = replace(scope, actor=Actor(kind, UUID(actor) if actor else None, of.finished_by_name or scope.actor.name))
    await walk(db, mine, partial(post_portion, id=id), Bar(0, left, left))
    await db.run(mine, end, id)
