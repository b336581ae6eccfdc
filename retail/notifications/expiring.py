"""What expires within a week is told of, once per lot and store, in the night."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope
from retail.stock.lots.queries import DAYS_AHEAD, lots
from retail.tenants.queries import this_tenant

JOB: Final = "notifications.expiring"
_PAGE: Final = 200


@job(JOB, tries=3)
async def look_for_expiring(db: Database, scope: Scope) -> None:
    """Post a notice for each lot that expires within the next days, or has expired, and is still there."""
    await db.run(scope, _post)


async def _post(tx: Tx) -> None:
    await hold(tx)
    today = tx.now.astimezone(ZoneInfo((await this_tenant(tx)).timezone)).date()
    after: str | None = ""
    while after is not None:
        page = await lots(tx, until=today + timedelta(days=DAYS_AHEAD), limit=_PAGE, after=after or None)
        after = page.next
        for lot in page.items:
            await post_notice(
                tx, "expiring", subject=lot.product, store=lot.store, key=f"{lot.id} {lot.store}", lot=lot.code,
                expires_on=lot.expires_on, on_hand=quantity_text(to_milli(lot.on_hand)),
            )  # fmt: skip
