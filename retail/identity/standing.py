"""How a session or token stands: what it was proved with, when last, and whether a second factor is overdue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.identity.rules import SESSION_IDLE
from retail.runtime.db import Row

# A sale that was made is taken whatever else is asked of the person: the till's journal is let through.
_JOURNAL: Final = re.compile(r"/t/[^/]+/api/v1/tills/[^/]+/journal")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the proof that somebody came with."""

    session: UUID | None = None
    factors: frozenset[str] = frozenset()
    confirmed_at: datetime | None = None
    at_till: bool = False
    language: str = ""
    second_factor: bool = False
    second_factor_by: datetime | None = None
    """Until when a second factor has to be set up; None where it is there or not asked for."""

    def is_overdue(self, path: str, now: datetime) -> bool:
        """Claim that a page of a business must wait until a second factor is set up."""
        due = self.second_factor_by
        return due is not None and due <= now and not _JOURNAL.fullmatch(path)


def standing_of_session(row: Row, now: datetime) -> Standing | None:
    """Read how a session stands; None where it has rested too long for one that has opened no till."""
    if not row["at_till"] and row["seen_at"] <= now - SESSION_IDLE:
        return None
    return Standing(
        row["session_id"],
        frozenset(row["factors"]),
        row["confirmed_at"],
        row["at_till"],
        row["language"] or "",
        bool(row["second_factor"]),
        None if "oidc_second" in row["factors"] else second_factor_by(row, now),
    )


def standing_of_token(row: Row, now: datetime) -> Standing:
    """Read how a token stands that a person signed in for: as fresh as that sign-in."""
    return Standing(confirmed_at=row["signed_in_at"], second_factor_by=second_factor_by(row, now))


def second_factor_by(row: Row, now: datetime) -> datetime | None:
    """Tell until when a second factor has to be there: some days after the very first sign-in."""
    if row["second_factor"] or not row["required"]:
        return None
    since: datetime = row["first_in"] or now
    return since + timedelta(days=row["grace_days"])
