"""Each night overdue kept goods are told of once, and stay reserved: nothing is forfeited by itself."""

from __future__ import annotations

from typing import Final

from retail.kit.clock import business_day
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope
from retail.sales.layaways.rules import label, reserved_until
from retail.stock.reserving.operations import prolong_of

JOB: Final = "layaways.overdue"
_OPEN: Final = """
SELECT l.id, l.number, l.store_id, l.until, l.told_at, s.timezone, s.day_cutoff_hour
  FROM layaway l JOIN store s ON s.tenant_id = $1 AND s.id = l.store_id
 WHERE l.tenant_id = $1 AND l.ended_at IS NULL AND l.until <= $2::timestamptz::date
 ORDER BY l.id FOR UPDATE OF l"""
_TOLD: Final = "UPDATE layaway SET told_at = $3 WHERE tenant_id = $1 AND id = $2"


@job(JOB, tries=3, lease_seconds=120)
async def look_for_overdue(db: Database, scope: Scope) -> None:
    """Post a notice for each that nobody fetched by its day, once, and keep their goods reserved."""
    await db.run(scope, _alone)


async def _alone(tx: Tx) -> None:
    await hold(tx)
    await tell_overdue(tx)


async def tell_overdue(tx: Tx) -> int:
    """Tell of those that are overdue and weren't told of; gives how many. Prolongs the reservations of all of them."""
    told = 0
    for row in await tx.fetch(_OPEN, tx.tenant, tx.now):
        today = business_day(tx.now, row["timezone"], row["day_cutoff_hour"])
        if row["until"] >= today:
            continue
        await prolong_of(tx, row["id"], reserved_until(today, row["timezone"]))
        if row["told_at"] is None:
            await tx.execute(_TOLD, tx.tenant, row["id"], tx.now)
            await post_notice(
                tx, "layaway_overdue", subject=row["id"], store=row["store_id"], key=f"{row['id']} {row['until']}",
                number=label(row["number"]), until=row["until"],
            )  # fmt: skip
            tx.audit("layaway.overdue", "layaway", row["id"], name=label(row["number"]), until=row["until"])
            told += 1
    return told
