"""A trial that goes on: an operator gives a business more days before its first invoice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from retail.billing.errors import NoTrial
from retail.billing.jobs import REMIND_JOB
from retail.billing.letters import AHEAD
from retail.billing.operations import hold_business
from retail.billing.queries import subscription_of
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue
from retail.tenants.life import settle
from retail.tenants.standing import HELD

MOST_DAYS: Final = 90


async def prolong(tx: Tx, days: int, reason: str) -> datetime:
    """Have a trial end so many days later, and give when; one that is over begins again today. Locks the business.

    The business stands as its bills decide at once, and its owners are reminded before the new end. Raises NoTrial.
    """
    await hold_business(tx)
    row = await tx.fetchrow("SELECT status, trial_ends_at FROM tenant WHERE id = $1", tx.tenant)
    known = await subscription_of(tx)
    if row is None or row["status"] in HELD or row["trial_ends_at"] is None or (known and known.period):
        raise NoTrial
    until: datetime = max(row["trial_ends_at"], tx.now) + timedelta(days=days)
    await tx.execute("UPDATE tenant SET trial_ends_at = $2 WHERE id = $1", tx.tenant, until)
    tx.audit("tenant.trial_prolonged", "tenant", tx.tenant, reason=reason, days=days, until=until)
    await enqueue(tx, REMIND_JOB, run_after=max(until - AHEAD, tx.now))
    await settle(tx)
    return until
