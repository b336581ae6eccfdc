"""The life of a business: how it may stand, which step follows which, and what is still allowed in each.

    trial, active, past_due, grace, read_only, suspended    as its bills decide (standing.py), in any order
    trial … suspended -> frozen -> as its bills decide      an operator's hold
    trial … frozen -> closing -> closed -> (deleted)        closing; reopened within the grace, as its bills decide

What stands still does so in grades: from `grace` on the back office is read-only, from `read_only` on no shift begins,
from `suspended` on nothing is changed any more but what must never be lost: shifts that are open are counted and
closed, tills deliver what they sold, bills are paid, and everybody can read and take their data out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.errors import Conflict, Forbidden
from retail.kit.text import _
from retail.runtime.db import Tx, Unit
from retail.runtime.realtime.access import AccessChanged
from retail.tenants.events import BusinessMoved
from retail.tenants.standing import (
    ACTIVE,
    CLOSED,
    CLOSING,
    FROZEN,
    GRACE_DAYS,
    PAST_DUE,
    READ_ONLY,
    SUSPENDED,
    TRIAL,
    Dues,
    Standing,
    decide,
    held_at,
)

__all__ = [
    "ACTIVE", "BY_BILLS", "CLOSED", "CLOSING", "DELETED", "FROZEN", "GRACE", "GRACE_DAYS", "NO_SHIFTS", "OFFICE_STILL",
    "PAST_DUE", "READ_ONLY", "STILL", "SUSPENDED", "TRIAL", "Life", "StandsStill", "WrongStep",
    "dues_of", "is_let_through", "life_of", "may_follow", "settle", "status_words", "step",
]  # fmt: skip

DELETED: Final = "deleted"
GRACE: Final = timedelta(days=30)
"""How long a closed business can be read, and opened again, before it is deleted."""

BY_BILLS: Final = frozenset({TRIAL, ACTIVE, PAST_DUE, GRACE_DAYS, READ_ONLY, SUSPENDED})
"""In these a business stands as its bills decide."""
_STEPS: Final = {
    **dict.fromkeys(BY_BILLS, BY_BILLS | {FROZEN, CLOSING}),
    FROZEN: BY_BILLS | {CLOSING},
    CLOSING: BY_BILLS | {CLOSED},
    CLOSED: BY_BILLS,
}
STILL: Final = frozenset({SUSPENDED, FROZEN, CLOSING, CLOSED})
"""In these nothing is changed any more."""
NO_SHIFTS: Final = STILL | {READ_ONLY}
"""In these no shift begins; one that is open goes on, and is counted and closed."""
OFFICE_STILL: Final = NO_SHIFTS | {GRACE_DAYS}
"""In these the back office is read-only."""

# What a business that stands still lets through: money that lies in drawers is counted, sales that were made come in,
# bills are paid, people sign in and out, data goes out, and people talk, with each other and with whoever runs the
# system, and read what they are told.
_LET_THROUGH: Final = re.compile(
    r"/(?:api/v1/)?(?:tills/[^/]+/(?:claims|journal)|shifts/[^/]+/closure|exports(?:/.*)?|products/exports(?:/.*)?"
    r"|(?:customers|people)/[^/]+/data|device(?:/.*)?"
    r"|billing(?:/.*)?|auth/(?:token|refresh|logout)|messages(?:/.*)?|news/[^/]+/confirmation"
    r"|notices/(?:[^/]+/)?reading)/?"
)
# What tills ask for while they sell, and what others decide for them meanwhile.
_TILL_WORK: Final = re.compile(
    r"/api/v1/(?:tills/[^/]+/.+|shifts(?:/.*)?|sales(?:/.*)?|coupons/check|approvals(?:/.*)?)|/approvals(?:/.*)?"
)


@dataclass(frozen=True, slots=True)
class Life:
    """How a business stands."""

    status: str
    trial_ends_at: datetime | None = None
    closed_at: datetime | None = None
    delete_after: datetime | None = None
    owed_since: datetime | None = None
    """From when on something is owed; known only where its bills have consequences already."""

    @property
    def still(self) -> bool:
        """Claim that nothing is changed any more."""
        return self.status in STILL

    @property
    def begins_no_shift(self) -> bool:
        """Claim that no shift begins."""
        return self.status in NO_SHIFTS

    @property
    def standing(self) -> Standing:
        """Give what holds now, and what comes next."""
        return held_at(self.status, self.owed_since)

    def takes(self, path: str) -> bool:
        """Claim that a change at a path (without the tenant's prefix) is taken while it stands so."""
        if self.status not in OFFICE_STILL:
            return True
        at_the_till = not self.still and _TILL_WORK.fullmatch(path) is not None
        return at_the_till or is_let_through(path)

    @property
    def words(self) -> str:
        """Say it."""
        return status_words(self.status)


class WrongStep(Conflict):
    """A business can't go from how it stands to what was asked for."""

    code = "wrong_step"

    def __init__(self, before: str, after: str) -> None:
        super().__init__(before, after)
        self.before, self.after = before, after

    def sentence(self) -> str:
        """Say how it stands."""
        return _("This business is %(status)s, so that isn't possible now. Load the page again.") % {
            "status": status_words(self.before)
        }


class StandsStill(Forbidden):
    """Something was to be changed in a business that stands still."""

    code = "stands_still"

    def __init__(self, status: str) -> None:
        super().__init__()
        self.status_of_business = status

    def sentence(self) -> str:
        """Say what still works."""
        if self.status_of_business in BY_BILLS:
            return _(
                "A bill of this business is unpaid, so the back office can be read but not changed. Its owner can pay"
                " under Subscription; everything works again at once."
            )
        if self.status_of_business == FROZEN:
            return _(
                "This business is frozen: look, export, and close open shifts. Its owner can ask support to open it."
            )
        return _("This business is closed: look and export. Ask support to open it again.")


def may_follow(before: str, after: str) -> bool:
    """Claim that a business may go from one status to the other."""
    return after in _STEPS.get(before, ())


def is_let_through(path: str) -> bool:
    """Claim that a change (path without the tenant's prefix) is taken from a business that stands still."""
    return _LET_THROUGH.fullmatch(path) is not None


def step_words(status: str) -> str:
    """Say what a standing that bills decide means for the people of a business."""
    return {
        TRIAL: _("Everything can be tried out."),
        ACTIVE: _("Everything works."),
        PAST_DUE: _("A bill is unpaid. Everything still works."),
        GRACE_DAYS: _("The back office can be read, but not changed. Tills sell as always."),
        READ_ONLY: _("No new shift can be opened. Shifts that are open go on to their end."),
        SUSPENDED: _("Everything can be read and exported, nothing can be changed. Open shifts can be closed."),
        CLOSED: _("Everything is exported, then the business is closed."),
    }[status]


def status_words(status: str) -> str:
    """Say a status."""
    words = {
        TRIAL: _("on trial"),
        ACTIVE: _("active"),
        PAST_DUE: _("past due"),
        GRACE_DAYS: _("in grace"),
        READ_ONLY: _("read-only"),
        SUSPENDED: _("suspended"),
        FROZEN: _("frozen"),
        CLOSING: _("closing"),
        CLOSED: _("closed"),
        DELETED: _("deleted"),
    }
    return words[status]


async def life_of(unit: Unit, tenant: UUID) -> Life | None:
    """Tell how a business stands, before its transaction is opened too; None where there is none."""
    row = await unit.fetchrow("SELECT * FROM auth_tenant_status($1)", tenant)
    return Life(**row) if row else None


async def dues_of(unit: Unit, tenant: UUID) -> Dues:
    """Read what a business owes. Where it decides something, hold the business's row first."""
    row = await unit.fetchrow("SELECT * FROM auth_billing_dues($1)", [tenant])
    return Dues(row["trial_ends_at"], row["subscribed"], row["unpaid_since"]) if row else Dues()


async def settle(tx: Tx, *, lift: bool = False, **facts: object) -> Standing:
    """Have the business stand as its bills decide, at once. Locks its row.

    One that an operator holds, or that is closing or closed, stays so unless that is what is lifted. Emits
    BusinessMoved and AccessChanged where it moved.
    """
    before = await tx.fetchval("SELECT status FROM tenant WHERE id = $1 FOR NO KEY UPDATE", tx.tenant)
    found = decide(await dues_of(tx, tx.tenant), tx.now, None if lift else before)
    after = SUSPENDED if found.status == CLOSED and before != CLOSED else found.status  # closing begins by itself
    if after != before:
        await step(tx, after, **facts)
    return found


async def step(tx: Tx, after: str, /, **facts: object) -> str:
    """Take a business to another status; gives the one before. Locks its row. Raises WrongStep.

    A closed one is deleted after the grace; every open page, till and socket looks again at what it may do.
    """
    row = await tx.fetchrow("SELECT status FROM tenant WHERE id = $1 FOR UPDATE", tx.tenant)
    before = str(row["status"]) if row else DELETED
    if before == after or not may_follow(before, after):
        raise WrongStep(before, after)
    closed = tx.now if after == CLOSED else None
    await tx.execute(
        "UPDATE tenant SET status = $2, closed_at = $3, delete_after = $4 WHERE id = $1",
        tx.tenant,
        after,
        closed,
        closed + GRACE if closed else None,
    )
    tx.audit(f"tenant.{after}", "tenant", tx.tenant, before=before, after=after, **facts)
    tx.emit(BusinessMoved(before, after))
    tx.emit(AccessChanged(None))
    return before
