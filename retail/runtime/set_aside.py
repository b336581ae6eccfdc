"""Events that a reaction can't digest: kept where people see them, so that one of them never holds up a shop."""

from __future__ import annotations

import json
import logging
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import current_job, hold, job
from retail.runtime.notices import NoticePosted, post_notice
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)

JOB = "outbox.put_back"


async def set_aside(tx: Tx, id: UUID, name: str, body: str, error: Exception) -> None:
    """Keep an event as a job that failed for good, with a notice, an audit record and a log line.

    jobs.try_again() on that job puts the event back into the outbox once its reaction is mended.
    """
    logger.error("Event %s (%s) is set aside.", id, name, exc_info=error)
    kept = new_id()
    await tx.execute(
        """INSERT INTO job (tenant_id, id, name, args, created_at, run_after, attempts, error, failed_at)
           VALUES ($1, $2, $3, $4, $5, $5, 1, $6, $5)""",
        tx.tenant,
        kept,
        JOB,
        json.dumps({"event": name, "body": body}),
        tx.now,
        f"{type(error).__name__}: {error}"[:4000],
    )
    tx.audit("event.set_aside", "job", kept, event=name)
    if name != NoticePosted.name:  # a notice that can't be told would ring for itself for ever
        await post_notice(tx, "event_set_aside", subject=kept, event=name)


@job(JOB)
async def put_back(db: Database, scope: Scope, *, event: str, body: str) -> None:
    """Tell an event again that was set aside."""
    async with db.begin(scope) as tx:
        await hold(tx)
        await tx.execute(
            """INSERT INTO outbox (tenant_id, id, name, body, created_at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (tenant_id, id) DO NOTHING""",
            tx.tenant,
            current_job(),
            event,
            body,
            tx.now,
        )
