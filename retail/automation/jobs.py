"""Jobs of imports and exports; each may run twice, and changes nothing twice."""

from __future__ import annotations

from uuid import UUID

from retail.automation.exports.operations import EXPORT_JOB, make
from retail.automation.imports.checking import check
from retail.automation.imports.operations import CHECK_JOB, STORE_JOB
from retail.automation.imports.storing import store
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
