"""When a notification goes out on which channel: choices, quiet hours, digest. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from retail.notifications.kinds import CHANNELS, Channel, Kind

DAY_MINUTES: Final = 24 * 60
Choices = Mapping[tuple[str, Channel], bool]
"""What somebody chose by kind and channel; what isn't there is as the kind usually is."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody wants to be told. Minutes since midnight on the business's clock; None: never."""

    quiet_from: int | None = None
    quiet_until: int | None = None
    digest_at: int | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One channel's turn: from `at` on, alone or with whatever else waits for the digest."""

    channel: Channel
    at: datetime
    digest: bool = False


def wants(kind: Kind, channel: Channel, choices: Choices) -> bool:
    """Claim that somebody wants a kind on a channel."""
    return choices.get((kind.name, channel), channel in kind.usual)


def plan(kind: Kind, choices: Choices, habits: Habits, now: datetime, zone: ZoneInfo) -> list[Planned]:
    """Say on which further channels a notification of now goes out, and when.

    Quiet hours put off what isn't urgent to their end; a digest gathers e-mails alone. SMS needs a number.
    """
    found: list[Planned] = []
    for channel in CHANNELS[1:]:
        if not wants(kind, channel, choices) or (channel == "sms" and not habits.phone):
            continue
        if channel == "mail" and habits.digest_at is not None and not kind.urgent:
            found.append(Planned(channel, next_at(habits.digest_at, now, zone), digest=True))
        else:
            at = now if kind.urgent else after_quiet(habits, now, zone)
            found.append(Planned(channel, at))
    return found


def after_quiet(habits: Habits, now: datetime, zone: ZoneInfo) -> datetime:
    """Give now, or the end of the quiet hours that it lies in; their first minute is quiet, their last one isn't."""
    begin, end = habits.quiet_from, habits.quiet_until
    if begin is None or end is None:
        return now
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    quiet = begin <= minute < end if begin < end else minute >= begin or minute < end
    return next_at(end, now, zone) if quiet else now


def next_at(minute: int, now: datetime, zone: ZoneInfo) -> datetime:
    """Give the next moment after now at which the clock shows so many minutes since midnight."""
    today = now.astimezone(zone).date()
    found = _at(today, minute, zone)
    return found if found > now else _at(today + timedelta(days=1), minute, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(ZoneInfo("UTC"))
