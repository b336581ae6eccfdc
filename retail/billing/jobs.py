"""The jobs of billing: the hourly run, the letter with an invoice, and what follows a move."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.billing.letters import send_invoice, tell_ahead, tell_step
from retail.billing.run import run
from retail.runtime.db import Database
from retail.runtime.jobs import job
from retail.runtime.tenancy import Scope
from retail.settings import settings_of_process

RUN_JOB: Final = "billing.run"
FOLLOW_JOB: Final = "billing.follow"
SEND_JOB: Final = "billing.send"
REMIND_JOB: Final = "billing.remind"


@job(RUN_JOB, tries=3, lease_seconds=300)
async def run_hourly(db: Database, _scope: Scope) -> None:
    """Invoice and move all businesses that are due."""
    await run(db, settings_of_process().seller)


@job(FOLLOW_JOB, tries=6, lease_seconds=60)
async def follow(db: Database, scope: Scope, *, step: str) -> None:
    """Put a move of the hourly run on the business's own trail, and tell its owners by mail."""
    await db.run(scope, tell_step, UUID(step), settings_of_process().base_url)


@job(REMIND_JOB, tries=6, lease_seconds=60)
async def remind(db: Database, scope: Scope, *, invoice: str = "") -> None:
    """Tell the owners three days before what comes if an invoice stays unpaid, or the trial ends without a plan."""
    wanted = UUID(invoice) if invoice else None
    await db.run(scope, tell_ahead, wanted, settings_of_process().base_url)


@job(SEND_JOB, tries=6, lease_seconds=60)
async def send(db: Database, scope: Scope, *, invoice: str) -> None:
    """Tell the owners by mail that an invoice is there."""
    await db.run(scope, send_invoice, UUID(invoice), settings_of_process().base_url)
