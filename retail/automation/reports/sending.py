"""The worker's part of sending reports: a moment becomes deliveries, a delivery a file, the file a mail with a link.

Each is one job, so a moment is answered once, and one person's trouble is nobody else's (docs/algorithms/reports.md).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.automation.exports.operations import NewRun, make, note_run
from retail.automation.reports.asking import pairs_of
from retail.automation.reports.bases import base_of
from retail.automation.reports.files import PREFIX
from retail.automation.reports.operations import own_pairs, seeing_scope
from retail.automation.reports.queries import ReportFacts
from retail.automation.reports.rules import last_due, next_due
from retail.automation.reports.schedules import deliveries, schedule, wait_for
from retail.identity.approval_queries import scope_of_person
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import DomainError, Forbidden, Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import current_job, hold
from retail.runtime.mail import BadAddress, MailLimitReached, compose, queue
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope
from retail.settings import settings_of_process
from retail.tenants.queries import this_tenant

logger = logging.getLogger(__name__)

TRIES: Final = 3
_LOCKED: Final = """
SELECT d.id, d.schedule_id, d.due_at, d.person_id, d.form, d.state, d.tries, d.run_id
  FROM report_delivery d WHERE d.tenant_id = $1 AND d.id = $2 FOR UPDATE
"""
_REPORT: Final = """
SELECT r.id, r.base, r.name, r.query, r.shared, r.person_id, r.created_at, r.updated_at, r.archived_at, '' AS by,
       0::bigint AS schedules
  FROM report r WHERE r.tenant_id = $1 AND r.id = $2
"""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A delivery that this run makes: its file."""

    id: UUID
    run: UUID


async def begin_sending(tx: Tx, id: UUID, version: int, due: datetime) -> None:
    """Answer a due moment once: for the last moment that was due by now, and wait for the next. Raises LostClaim."""
    await hold(tx)
    await tx.fetchval("SELECT id FROM report_schedule WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id)
    found = await schedule(tx, id)
    if found.version != version or found.next_at is None or found.next_at > due:
        return  # changed, paused or ended meanwhile, or answered by a run before this one
    moment, following = max(due, last_due(found.timing, tx.now)), next_due(found.timing, tx.now)
    await tx.execute(
        "UPDATE report_schedule SET next_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, following
    )
    await wait_for(tx, id, version, following)
    await deliveries(tx, found, moment)
    tx.audit("report.sent", "schedule", id, report=found.report_id, due=moment.isoformat())


async def deliver(db: Database, scope: Scope, id: UUID) -> None:
    """Make one file, with the eyes of whoever gets it, and write to them; tried three times, then told as failed."""
    claimed = await db.run(scope, _claim, id)
    if claimed is None:
        return
    try:
        await make(db, scope, claimed.run)
        await db.run(scope, _write_to, id)
    except (Invalid, NotFound, MailLimitReached, BadAddress) as known:
        logger.warning("A report was not sent: %s", known)
        await db.run(scope, _fail, id, _why(known))


async def _claim(tx: Tx, id: UUID) -> _Claimed | None:
    """Take a delivery on; None where it is settled, or was tried too often."""
    await hold(tx)
    row = await tx.fetchrow(_LOCKED, tx.tenant, id)
    if row is None or row["state"] != "waiting":
        return None
    if row["tries"] >= TRIES:
        await _fail(tx, id, "tries")
        return None
    await tx.execute("UPDATE report_delivery SET tries = tries + 1 WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    if row["run_id"] is not None:
        return _Claimed(id, row["run_id"])
    found, seeing = await _report_of(tx, row["schedule_id"]), await scope_of_person(tx, row["person_id"])
    if seeing is None or found.archived_at is not None:
        await _settle(tx, id, "refused", "left" if seeing is None else "archived")
        return None
    try:
        seeing = seeing_scope(seeing, base_of(found.base).rights)
    except Forbidden:
        await _settle(tx, id, "refused", "rights")
        return None
    return _Claimed(id, await _order(tx, row, found, seeing))


async def _order(tx: Tx, row: Any, found: ReportFacts, seeing: Scope) -> UUID:  # noqa: ANN401 - a row of deliveries
    """Write down the file, in the name of whoever gets it: nobody else fetches it, and it shows what they may see."""
    kept = [*pairs_of(found.query), *own_pairs(found.name, row["due_at"])]
    new = NewRun(
        new_id(), f"{PREFIX}{found.base}", row["form"], kept, seeing.holds(VIEW_COSTS), seeing.stores, current_job(),
        row["person_id"],
    )  # fmt: skip
    await note_run(tx, new, seeing.actor.name)
    await tx.execute(
        "UPDATE report_delivery SET run_id = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, row["id"], new.id
    )
    tx.audit("data.exported", "table", None, table=new.name, format=new.form, export=new.id)
    return new.id


async def _write_to(tx: Tx, id: UUID) -> None:
    """Write the mail with the file's link. Raises MailLimitReached, BadAddress."""
    await hold(tx)
    row = await tx.fetchrow(_LOCKED, tx.tenant, id)
    if row is None or row["state"] != "waiting":
        return
    to = await tx.fetchval(
        "SELECT email FROM membership WHERE tenant_id = $1 AND person_id = $2 AND ended_at IS NULL",
        tx.tenant, row["person_id"],
    )  # fmt: skip
    if to is None:
        await _settle(tx, id, "refused", "left")
        return
    facts, found = await this_tenant(tx), await _report_of(tx, row["schedule_id"])
    link = f"{settings_of_process().base_url}/t/{facts.slug}/products/exports/{row['run_id']}"
    await queue(tx, compose("report", to, tenant=facts, link=link, report=found.name, form=row["form"].upper()))
    await _settle(tx, id, "sent", "")


async def _report_of(tx: Tx, schedule_id: UUID) -> ReportFacts:
    found = await schedule(tx, schedule_id)
    row = await tx.fetchrow(_REPORT, tx.tenant, found.report_id)
    if row is None:
        raise NotFound("report")
    return ReportFacts(**row)


async def _settle(tx: Tx, id: UUID, state: str, why: str) -> None:
    await tx.execute(
        """UPDATE report_delivery SET state = $3, why = $4, settled_at = $5
            WHERE tenant_id = $1 AND id = $2 AND state = 'waiting'""",
        tx.tenant, id, state, why, tx.now,
    )  # fmt: skip


async def _fail(tx: Tx, id: UUID, why: str) -> None:
    """Say in the log that it failed, and tell whoever made the schedule."""
    await _settle(tx, id, "failed", why)
    row = await tx.fetchrow(_LOCKED, tx.tenant, id)
    if row is not None:
        of, found = await schedule(tx, row["schedule_id"]), await _report_of(tx, row["schedule_id"])
        await post_notice(
            tx, "report_unsent", subject=found.id, people=[of.person_id], key=str(id), report=found.name, why=why
        )


def _why(known: DomainError | BadAddress) -> str:
    if isinstance(known, MailLimitReached):
        return "mail_limit"
    return "address" if isinstance(known, BadAddress) else "asked"
