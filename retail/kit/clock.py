"""Time as the shop sees it: an injected clock, and the business day a moment belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Anything that tells the time; tests hand in a fixed one instead of patching."""

    def now(self) -> datetime:
        """Tell the present moment as an aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Tell the present moment in UTC."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        """Tell the moment it was set to."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the hands forward."""
        self.at += by


def business_day(at: datetime, timezone: str, cutoff_hour: int = 0) -> date:
    """Name the store day of a moment: the day rolls over at `cutoff_hour` local time, not at midnight."""
    local = at.astimezone(ZoneInfo(timezone))
    return (local - timedelta(days=1)).date() if local.hour < cutoff_hour else local.date()


def local_hour(at: datetime, timezone: str) -> int:
    """Tell the hour (0 to 23) on the store's own clock."""
    return at.astimezone(ZoneInfo(timezone)).hour
