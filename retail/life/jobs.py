"""The jobs of a business's end: export, closing on the day, deletion after the grace. Each may run twice."""

from __future__ import annotations

import asyncio
import logging
import shutil
from datetime import datetime
from typing import Final
from uuid import UUID

from babel.dates import format_date

from retail.audit.anchors import outside_of_process
from retail.audit.operations import platform_scope
from retail.identity.entry_mail import owners
from retail.kit.quantity import locale_of
from retail.life import archive
from retail.life.closing import (
    CLOSE_JOB,
    ERASE_JOB,
    UNPAID_JOB,
    ask_to_close_unpaid,
    begin_closing,
    closings,
    finish_closing,
)
from retail.life.exports import (
    JOB,
    KEPT,
    begin_export,
    exports,
    file_of,
    finish_export,
    folder_of,
)
from retail.privacy.erased import Line, note_outside
from retail.runtime.audit_record import moment
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import current_job, job, progress
from retail.runtime.mail import BadAddress, compose, queue
from retail.runtime.tenancy import SYSTEM, Scope
from retail.runtime.web.uploads import Shelf
from retail.settings import settings_of_process
from retail.tenants.life import CLOSED, GRACE, life_of
from retail.tenants.queries import this_tenant

ROWS_AT_ONCE: Final = 2_000
log = logging.getLogger(__name__)


@job(JOB, tries=4, lease_seconds=300)
async def export_business(db: Database, scope: Scope, *, export: str) -> None:
    """Make an export that was asked for."""
    await _make(db, scope, UUID(export))


@job(CLOSE_JOB, tries=6, lease_seconds=300)
async def close_business(db: Database, scope: Scope, *, closing: str) -> None:
    """Close a business on its day: it stands still, is exported, and only then is closed; its owners are told."""
    id = UUID(closing)
    if not await db.run(scope, begin_closing, id):
        return
    await db.run(scope, begin_export, id, current_job())  # the export of a closing has the closing's id
    await _make(db, scope, id)
    await db.run(scope, _close_and_tell, id)


@job(UNPAID_JOB, tries=6, lease_seconds=60)
async def close_unpaid(db: Database, scope: Scope) -> None:
    """Begin to close a business that has owed for so long, unless it has paid meanwhile or is closing already."""
    await db.run(scope, ask_to_close_unpaid)


@job(ERASE_JOB, tries=6, lease_seconds=120)
async def erase_business(db: Database, scope: Scope, *, closing: str) -> None:
    """Delete a closed business past its grace, piece by piece; where it was reopened meanwhile, nothing."""
    async with db.read(scope) as read:
        still_meant = any(str(one.id) == closing and one.reopened_at is None for one in await closings(read))
        life = await life_of(read, scope.tenant)
    if not still_meant or life is None or life.status != CLOSED:
        return
    await erase(db, scope.tenant)


async def erase(db: Database, tenant: UUID) -> dict[str, int]:
    """Delete all rows of a closed business, then the business; gives how many rows of which table went.

    The database's own function refuses for any other business. The platform's trail has the counts, and that none is
    left, in the transaction of the last row. Once it has begun, the list outside of the database says so.
    """
    gone: dict[str, int] = {}
    scope = platform_scope(SYSTEM)
    while "tenant" not in gone:
        async with db.begin(scope) as tx:
            row = await tx.fetchrow("SELECT * FROM auth_erase_tenant($1, $2)", tenant, ROWS_AT_ONCE)
            relation, count = (row["relation"], row["gone"]) if row else ("tenant", 0)
            gone[relation] = gone.get(relation, 0) + count
            if relation == "tenant":
                tx.audit("tenant.erased", "tenant", tenant, rows=gone, left_over=0)
        if len(gone) == 1:
            await note_outside(Line(tenant, tenant, "business", "", "", moment(tx.now)))
    settings = settings_of_process()
    for folder in (folder_of(settings, tenant), settings.data_dir / "files" / str(tenant)):
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    log.info("business %s is deleted: %d rows", tenant, sum(gone.values()))
    return gone


async def erase_again(db: Database, line: Line) -> bool:
    """Delete a business that was deleted once and that a restored backup has brought back; claims that it was there."""

    async def close(tx: Tx) -> bool:
        gone_at = datetime.fromisoformat(line.at)
        tag = await tx.execute(
            "UPDATE tenant SET status = $2, closed_at = $3, delete_after = $4 WHERE id = $1",
            tx.tenant, CLOSED, gone_at - GRACE, gone_at,
        )  # fmt: skip
        return tag == "UPDATE 1"

    there = await db.run(Scope.system(line.business), close)
    if there:
        await erase(db, line.business)
    return there


async def _make(db: Database, scope: Scope, id: UUID) -> None:
    settings = settings_of_process()
    path = file_of(settings, scope.tenant, id)
    beside = archive.Beside(Shelf(settings, scope.tenant), outside_of_process())
    made = await archive.make_archive(db, scope, path, beside, progress)
    await db.run(scope, finish_export, id, made)
    await _forget_older(db, scope)


async def _forget_older(db: Database, scope: Scope) -> None:
    async with db.read(scope) as read:
        finished = [one.id for one in await exports(read) if one.finished_at is not None]
    for id in finished[KEPT:]:
        await asyncio.to_thread(file_of(settings_of_process(), scope.tenant, id).unlink, missing_ok=True)


async def _close_and_tell(tx: Tx, id: UUID) -> None:
    until = await finish_closing(tx, id, id)
    if until is None:
        return
    facts = await this_tenant(tx)
    for email in await owners(tx):
        try:
            letter = compose(
                "business_closed",
                email,
                tenant=facts,
                link=f"{settings_of_process().base_url}/t/{facts.slug}/exports",
                essential=True,
                until=format_date(until, "long", locale=locale_of(facts.locale)),
            )
        except BadAddress:
            continue
        await queue(tx, letter)
