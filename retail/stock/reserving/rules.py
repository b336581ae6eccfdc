"""How much may be promised, and until when; pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

LONGEST: Final = timedelta(days=366)
ENDINGS: Final = ("released", "used")
"""How a person or a program ends a reservation; time ends it as "expired"."""


def is_live(expires_at: datetime, released_at: datetime | None, now: datetime) -> bool:
    """Claim that a reservation still keeps its goods: a moment after its time it doesn't, whether or not a job ran."""
    return released_at is None and expires_at > now


def available(sellable: Decimal, reserved: Decimal) -> Decimal:
    """Give what may be promised to somebody else; below zero where more was promised or sold than is there.

    `sellable`: what is on hand and doesn't lie in a blocked place.
    """
    return sellable - reserved
