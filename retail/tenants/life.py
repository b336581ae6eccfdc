"""The life of a business: trial, active, frozen, closing, closed; which step follows which, and what is still allowed.

    trial -> active -> frozen -> active        billing's steps
    trial | active | frozen -> closing -> closed -> (deleted)
    closing | closed -> trial | active         reopened within the grace

From `frozen` on nothing is changed any more but what must never be lost: shifts that are open are counted and closed,
tills deliver what they sold, and everybody can read and take their data out.
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

TRIAL: Final = "trial"
ACTIVE: Final = "active"
FROZEN: Final = "frozen"
CLOSING: Final = "closing"
CLOSED: Final = "closed"
DELETED: Final = "deleted"
TRIAL_LASTS: Final = timedelta(days=14)
GRACE: Final = timedelta(days=30)
"""How long a closed business can be read, and opened again, before it is deleted."""

_STEPS: Final = {
    TRIAL: {ACTIVE, FROZEN, CLOSING},
    ACTIVE: {FROZEN, CLOSING},
    FROZEN: {TRIAL, ACTIVE, CLOSING},
    CLOSING: {TRIAL, ACTIVE, CLOSED},
    CLOSED: {TRIAL, ACTIVE},
}
STILL: Final = frozenset({FROZEN, CLOSING, CLOSED})
"""In these nothing is changed any more."""

# What a business that stands still lets through: money that lies in drawers is counted, sales that were made come in,
# people sign in and out, data goes out, and people talk: with each other, and with whoever runs the system.
_LET_THROUGH: Final = re.compile(
    r"/(?:api/v1/)?(?:tills/[^/]+/(?:claims|journal)|shifts/[^/]+/closure|exports(?:/.*)?|device(?:/.*)?"
    r"|auth/(?:token|refresh|logout)|messages(?:/.*)?|news/[^/]+/confirmation)/?"
)


@dataclass(frozen=True, slots=True)
class Life:
    """How a business stands."""

    status: str
    trial_ends_at: datetime | None = None
    closed_at: datetime | None = None
    delete_after: datetime | None = None

    @property
    def still(self) -> bool:
        """Claim that nothing is changed any more."""
        return self.status in STILL

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
        if self.status_of_business == FROZEN:
            return _("This business is frozen: look, export, and close open shifts. Ask its owner to have it opened.")
        return _("This business is closed: look and export. Ask support to open it again.")


def may_follow(before: str, after: str) -> bool:
    """Claim that a business may go from one status to the other."""
    return after in _STEPS.get(before, ())


def is_let_through(path: str) -> bool:
    """Claim that a change (path without the tenant's prefix) is taken from a business that stands still."""
    return _LET_THROUGH.fullmatch(path) is not None


def after_reopening(trial_ends_at: datetime | None, now: datetime) -> str:
    """Give the status of a business that is opened again: its trial goes on if it hasn't ended."""
    return TRIAL if trial_ends_at is not None and trial_ends_at > now else ACTIVE


def status_words(status: str) -> str:
    """Say a status."""
    words = {
        TRIAL: _("on trial"),
        ACTIVE: _("active"),
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


async def step(tx: Tx, after: str, /, **facts: object) -> str:
    """Take a business to another status; gives the one before. Locks its row. Raises WrongStep.

    A closed one is deleted after the grace; every open page and socket looks again at what it may do.
    """
    row = await tx.fetchrow("SELECT status, trial_ends_at FROM tenant WHERE id = $1 FOR UPDATE", tx.tenant)
    before = str(row["status"]) if row else DELETED
    if not may_follow(before, after):
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
    tx.emit(AccessChanged(None))
    return before
