"""Jobs of imports, exports and reports; each may run twice, and changes nothing twice."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from retail.automation.exports.operations import EXPORT_JOB, make
from retail.automation.imports.checking import check
from retail.automation.imports.operations import CHECK_JOB, STORE_JOB
from retail.automation.imports.storing import store
from retail.automation.reports.schedules import DELIVER_JOB, SEND_JOB
from retail.automation.reports.sending import TRIES, begin_sending, deliver
from retail.runtime.db import Database
from retail.runtime.jobs import job
from retail.runtime.tenancy import Scope


@job(CHECK_JOB, tries=4, lease_seconds=120)
async def check_import(db: Database, scope: Scope, *, run: str) -> None:
    """Check an import's rows; a second run begins again."""
    await check(db, scope, UUID(run))


@job(STORE_JOB, tries=4, lease_seconds=120)
async def store_import(db: Database, scope: Scope, *, run: str) -> None:
    """Store an import; a second run goes on where the first one was cut off."""
    await store(db, scope, UUID(run))


@job(EXPORT_JOB, tries=3, lease_seconds=120)
async def make_export(db: Database, scope: Scope, *, run: str) -> None:
    """Make the file of a list."""
    await make(db, scope, UUID(run))


@job(SEND_JOB, tries=6, lease_seconds=60)
async def send_report(db: Database, scope: Scope, *, schedule: str, version: int, due: str) -> None:
    """Answer a moment at which a report is due."""
    await db.run(scope, begin_sending, UUID(schedule), version, datetime.fromisoformat(due))


@job(DELIVER_JOB, tries=TRIES + 1, lease_seconds=120)
async def deliver_report(db: Database, scope: Scope, *, delivery: str) -> None:
    """Make a report's file for one person, and write to them."""
    await deliver(db, scope, UUID(delivery))
