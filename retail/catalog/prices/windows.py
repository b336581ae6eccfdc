"""When a price list holds: days, weekdays and hours on the clock of the store's wall; pure.

docs/algorithms/prices.md, section 2. A window that runs past midnight belongs to the day on which it opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EVERY_DAY: Final = 0b111_1111
"""All weekdays as bits: Monday is 1, Sunday 64."""
DAY_MINUTES: Final = 24 * 60
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_LOOK_DAYS: Final = 9
"""A pattern of weekdays and hours opens or closes within this many days, or never."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `starts_on` to `ends_on` (both inside), on `weekdays`, from one minute of the day to another.

    None is without a bound. `to_minute` is outside; at or below `from_minute` it lies on the next day.
    """

    starts_on: date | None = None
    ends_on: date | None = None
    weekdays: int = EVERY_DAY
    from_minute: int | None = None
    to_minute: int | None = None

    @property
    def always(self) -> bool:
        """Whether it never turns."""
        return self == Window()

    def is_open(self, local: datetime) -> bool:
        """Tell whether the list holds at a moment on the store's own clock."""
        today, minute = local.date(), local.hour * 60 + local.minute
        if self.from_minute is None or self.to_minute is None:
            return self._opens_on(today)
        if self.from_minute < self.to_minute:
            return self.from_minute <= minute < self.to_minute and self._opens_on(today)
        if minute >= self.from_minute:
            return self._opens_on(today)
        return minute < self.to_minute and self._opens_on(today - _DAY)

    def _opens_on(self, day: date) -> bool:
        if self.starts_on is not None and day < self.starts_on:
            return False
        if self.ends_on is not None and day > self.ends_on:
            return False
        return bool(self.weekdays >> day.weekday() & 1)


def next_turn(window: Window, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Give the first moment after `after` (UTC) at which the window opens or closes; None where it never does again."""
    if window.always:
        return None
    state = window.is_open(after.astimezone(zone))
    for moment in sorted(_candidates(window, zone, after)):
        if moment > after and window.is_open(moment.astimezone(zone)) != state:
            return moment
    return None


def turns(window: Window, zone: ZoneInfo, after: datetime, most: int) -> Iterator[datetime]:
    """Give the next moments at which the window opens or closes, at most so many."""
    moment: datetime | None = after
    for _ in range(most):
        moment = next_turn(window, zone, moment) if moment is not None else None
        if moment is None:
            return
        yield moment


def _candidates(window: Window, zone: ZoneInfo, after: datetime) -> set[datetime]:
    """Give every moment at which it could turn, near `after` and near its first and last day; a turn is among them."""
    today = after.astimezone(zone).date()
    first = max(today, window.starts_on - _DAY) if window.starts_on else today
    days = {first + n * _DAY for n in range(-1, _LOOK_DAYS)}
    if window.ends_on is not None and window.ends_on >= today:
        days |= {window.ends_on + n * _DAY for n in range(3)}
    minutes = {0} | {minute for minute in (window.from_minute, window.to_minute) if minute is not None}
    return {moment for day in days for moment in _moments(day, minutes, zone)}


def _moments(day: date, minutes: set[int], zone: ZoneInfo) -> Iterator[datetime]:
    """Give a day's minutes as moments, and the moment at which its clock is put forward or back."""
    for minute in minutes:
        for fold in (0, 1):  # an hour that the clock shows twice has each of its minutes twice
            yield at_minute(day, minute, zone, fold)
    begin, end = at_minute(day, 0, zone), at_minute(day + _DAY, 0, zone)
    if begin.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
        yield _clock_change(begin, end, zone)


def _clock_change(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    before = begin.astimezone(zone).utcoffset()
    low, high = 0, (end - begin) // _MINUTE
    while high - low > 1:
        middle = (low + high) // 2
        if (begin + middle * _MINUTE).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return begin + high * _MINUTE


def at_minute(day: date, minute: int, zone: ZoneInfo, fold: int = 0) -> datetime:
    """Give the moment (UTC) at which the store's clock shows a minute of a day; 1440 is the next day's midnight."""
    extra, rest = divmod(minute, DAY_MINUTES)
    local = datetime.combine(day + extra * _DAY, time(rest // 60, rest % 60, fold=fold), zone)
    return local.astimezone(UTC)
