"""The hourly run over all businesses: periods that ended are invoiced, then every business stands as its bills decide.

Set-based: the number of statements grows with the thousands of businesses that change, never with the businesses. What
it decides it decides behind the rows' locks, from what is stored then; who is being changed by somebody else is left to
them, and to the next hour.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from retail.billing.drafts import Subscription, renewal
from retail.billing.issuing import issue
from retail.billing.plans import plans
from retail.kit.clock import business_day
from retail.kit.ids import new_id
from retail.runtime.db import Database, Unit
from retail.seller import Seller
from retail.tenants.standing import CLOSED, HELD, SUSPENDED, Dues, Standing, decide

AT_ONCE: Final = 1_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did."""

    invoiced: int
    moved: int
    closing: int


async def run(db: Database, seller: Seller) -> Ran:
    """Invoice and move all businesses that are due. May run beside another one, and twice."""
    invoiced = await _invoice_all(db, seller)
    async with db.platform() as unit:
        known = await unit.fetch("SELECT * FROM auth_billing_dues_of_all()")
        due = _due(known, unit.now)
        closing = await _close(unit, _over(known, unit.now))
    moved = 0
    whose = sorted(due)
    for first in range(0, len(whose), AT_ONCE):
        async with db.platform() as unit:
            moved += await _move(unit, whose[first : first + AT_ONCE])
    logger.info("billing: %d invoices issued, %d businesses moved, %d to be closed", invoiced, moved, closing)
    return Ran(invoiced, moved, closing)


async def _invoice_all(db: Database, seller: Seller) -> int:
    """Invoice the periods that have ended where each business is: there a day begins, not in London."""
    made, behind = 0, UUID(int=0)
    while True:
        async with db.platform() as unit:
            today = unit.now.astimezone(UTC).date()
            rows = await unit.fetch(
                "SELECT * FROM auth_billing_renewals($1, $2, $3, $4)", today, unit.now, behind, AT_ONCE
            )
            known = await plans(unit)
            days = [(row, business_day(unit.now, row["timezone"])) for row in rows]
            drafts = [
                renewal(_subscription(row), known, seller, day, unit.now)
                for row, day in days
                if row["period_end"] is None or row["period_end"] <= day
            ]
            made += len(await issue(unit, drafts))
        if len(rows) < AT_ONCE:
            return made
        behind = rows[-1]["tenant_id"]


async def _move(unit: Unit, some: Sequence[UUID]) -> int:
    held = [row[0] for row in await unit.fetch("SELECT * FROM auth_billing_lock($1)", some)]
    due = _due(await unit.fetch("SELECT * FROM auth_billing_dues($1)", held), unit.now)
    if not due:
        return 0
    whose = sorted(due)
    moves = [due[tenant] for tenant in whose]
    news = [new_id() for _ in range(2 * len(whose))]
    rows = await unit.fetch(
        "SELECT * FROM auth_billing_move($1, $2, $3, $4, $5, $6, $7)",
        whose,
        [before for before, _standing in moves],
        [_status(standing) for _before, standing in moves],
        [standing.owed_since for _before, standing in moves],
        [new_id() for _ in whose],
        news,
        unit.now,
    )
    return len(rows)


async def _close(unit: Unit, whose: Sequence[UUID]) -> int:
    """Have the last step begun, once a day until it is: what it does is above billing, in the life of a business."""
    ids = [new_id() for _ in whose]
    return len(await unit.fetch("SELECT * FROM auth_billing_close($1, $2, $3)", whose, ids, unit.now)) if whose else 0


def _over(rows: Sequence[Any], now: datetime) -> list[UUID]:
    """Give the businesses whose last step has come."""
    return [
        row["tenant_id"]
        for row in rows
        if row["status"] not in HELD
        and decide(Dues(row["trial_ends_at"], row["subscribed"], row["unpaid_since"]), now).status == CLOSED
    ]


def _due(rows: Sequence[Any], now: datetime) -> dict[UUID, tuple[str, Standing]]:
    """Give the businesses that stand otherwise than their bills decide, with how they do and how they should."""
    found = {}
    for row in rows:
        before = row["status"]
        if before in HELD:
            continue
        standing = decide(Dues(row["trial_ends_at"], row["subscribed"], row["unpaid_since"]), now)
        if _status(standing) != before:
            found[row["tenant_id"]] = (before, standing)
    return found


def _status(standing: Standing) -> str:
    """Give the status to be stored: a closing begins with an export, and until then it is suspended."""
    return SUSPENDED if standing.status == CLOSED else standing.status


def _subscription(row: Any) -> Subscription:  # noqa: ANN401 - a database row
    return Subscription(**{name: row[name] for name in Subscription.__slots__})
