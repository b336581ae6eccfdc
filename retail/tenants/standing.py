"""How a business stands with its bills: one pure function decides it, for every page, job and payment alike.

    trial -> active -> past_due -> grace -> read_only -> suspended -> closed

What is owed since when is the only thing that counts: the end of a trial that nobody subscribed after, or the day on
which the oldest unpaid invoice fell due. Where nothing is owed any more, the business is active at once. Worked tables:
docs/algorithms/billing.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

TRIAL: Final = "trial"
ACTIVE: Final = "active"
PAST_DUE: Final = "past_due"
GRACE_DAYS: Final = "grace"
READ_ONLY: Final = "read_only"
SUSPENDED: Final = "suspended"
FROZEN: Final = "frozen"
CLOSING: Final = "closing"
CLOSED: Final = "closed"

STEPS: Final = (
    (timedelta(0), PAST_DUE),
    (timedelta(days=7), GRACE_DAYS),
    (timedelta(days=14), READ_ONLY),
    (timedelta(days=28), SUSPENDED),
    (timedelta(days=90), CLOSED),
)
"""How long after the day from which something is owed each step comes; the order is the order of severity."""

HELD: Final = frozenset({FROZEN, CLOSING, CLOSED})
"""An operator's freeze and a closing are not billing's to end: no bill moves a business out of them."""


@dataclass(frozen=True, slots=True)
class Dues:
    """What there is to know of a business's bills.

    `unpaid_since`: when the oldest invoice that isn't paid in full fell due, or will. `subscribed`: it has chosen a
    plan, so the end of its trial is no debt but the day of its first invoice.
    """

    trial_ends_at: datetime | None = None
    subscribed: bool = False
    unpaid_since: datetime | None = None

    @property
    def owed_since(self) -> datetime | None:
        """Give from when on something is owed, perhaps a moment to come; None where nothing is."""
        ended = None if self.subscribed else self.trial_ends_at
        moments = [moment for moment in (self.unpaid_since, ended) if moment is not None]
        return min(moments, default=None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a business stands, and what comes next if nothing is paid; `next` None: nothing comes."""

    status: str
    owed_since: datetime | None = None
    next: str | None = None
    next_at: datetime | None = None


def decide(dues: Dues, now: datetime, held: str | None = None) -> Standing:
    """Decide how a business stands at a moment. `held`: the status that it is held in by others than its bills."""
    owed = dues.owed_since
    if held in HELD:
        return Standing(held, owed)
    on_trial = dues.trial_ends_at is not None and now < dues.trial_ends_at
    if owed is None or now < owed:
        coming = [(owed, PAST_DUE)] if owed is not None else []
        if on_trial and dues.subscribed and dues.trial_ends_at is not None:
            coming.append((dues.trial_ends_at, ACTIVE))
        at, following = min(coming, key=lambda one: one[0], default=(None, None))
        return Standing(TRIAL if on_trial else ACTIVE, owed, following, at)
    reached = sum(owed + after <= now for after, _status in STEPS)
    status = STEPS[reached - 1][1]
    if reached == len(STEPS):
        return Standing(status, owed)
    after, following = STEPS[reached]
    return Standing(status, owed, following, owed + after)


def held_at(status: str, owed_since: datetime | None) -> Standing:
    """Give what follows a status that holds: for the banner, which says what is so and not what is about to be."""
    names = [name for _after, name in STEPS]
    if status not in names or owed_since is None or status == names[-1]:
        return Standing(status, owed_since)
    after, following = STEPS[names.index(status) + 1]
    return Standing(status, owed_since, following, owed_since + after)
