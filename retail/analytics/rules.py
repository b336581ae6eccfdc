"""What figures mean and how two times are compared: docs/algorithms/rollups.md, sections 3 and 4; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from retail.kit.clock import business_day, local_hour
from retail.kit.money import mul_div

PeriodKind = Literal["day", "week", "month", "custom"]
Direction = Literal["up", "down", "flat"]

MOST_DAYS: Final = 732
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Totals:
    """What was sold, less what came back; minor units. `revenue` is as charged, `tax` is the part of it that is tax."""

    sales: int = 0
    units: Decimal = Decimal(0)
    revenue: int = 0
    tax: int = 0
    cost: int = 0
    returns: int = 0
    refunds: int = 0
    discount: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def average_basket(self) -> int | None:
        """Give what a sale came to on average, returns aside; None without sales."""
        return mul_div(self.revenue + self.refunds, 1, self.sales) if self.sales else None

    @property
    def margin(self) -> int:
        """Give what is left of the revenue without tax once the goods are paid."""
        return self.revenue - self.tax - self.cost

    @property
    def gross_margin(self) -> Decimal | None:
        """Give the margin as a share of the revenue without tax, with four decimals; None where that isn't above 0."""
        net = self.revenue - self.tax
        return Decimal(mul_div(self.margin, 10_000, net)).scaleb(-4) if net > 0 else None


def total(parts: Iterable[Totals]) -> Totals:
    """Add figures up."""
    return sum(parts, Totals())


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved: `by` is a share (0.082), or the difference of two shares where `points`; good news or not."""

    by: Decimal
    direction: Direction
    points: bool = False

    @property
    def good(self) -> bool:
        """Claim that it did not get worse; every figure that is compared is better when it is more."""
        return self.direction != "down"


def change(now: int | None, before: int | None) -> Change | None:
    """Compare two amounts or counts, to a thousandth; None where there is nothing above zero to compare with."""
    if now is None or before is None or before <= 0:
        return None
    return _change(Decimal(mul_div(now - before, 1000, before)).scaleb(-3))


def change_of_share(now: Decimal | None, before: Decimal | None) -> Change | None:
    """Compare two shares in points: 0.314 after 0.320 is -0.006."""
    if now is None or before is None:
        return None
    return _change(Decimal(mul_div(int((now - before).scaleb(4)), 1, 10)).scaleb(-3), points=True)


def _change(by: Decimal, *, points: bool = False) -> Change:
    return Change(by, "up" if by > 0 else "down" if by < 0 else "flat", points)


@dataclass(frozen=True, slots=True)
class Period:
    """Some business days, `first` to `last`. `floats`: the day of today, in each store its own."""

    kind: PeriodKind
    first: date
    last: date
    floats: bool = False

    @property
    def days(self) -> int:
        """Count the days."""
        return (self.last - self.first).days + 1

    @property
    def back(self) -> timedelta:
        """Tell how far back lies what it is compared with: the same weekdays, in as few weeks as don't overlap."""
        return timedelta(days=-(-self.days // _WEEK) * _WEEK)


def period(kind: PeriodKind, today: date, on: date | None = None, until: date | None = None) -> Period:
    """Make the period of a kind that `on` lies in; custom is from `on` to `until`. Weeks start on Monday.

    Days out of order are put in order; a custom period has at most 732 days, the first ones.
    """
    day = on or today
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=_WEEK - 1))
    if kind == "month":
        first = day.replace(day=1)
        return Period(kind, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    if kind == "custom":
        first, last = sorted((day, until or day))
        return Period(kind, first, min(last, first + timedelta(days=MOST_DAYS - 1)))
    return Period("day", day, day, floats=on is None or on == today)


@dataclass(frozen=True, slots=True)
class Window:
    """A period as one store lives it. `reached` hours of `today` are finished; a day's hours count from its cut-off."""

    store: UUID
    timezone: str
    cutoff: int
    first: date
    last: date
    today: date
    reached: int

    def place(self, hour: int) -> int:
        """Tell the place of an hour within the business day, 0 to 23."""
        return (hour - self.cutoff) % _HOURS


_HOURS: Final = 24


def window(store: UUID, timezone: str, cutoff: int, period: Period, now: datetime) -> Window:
    """Place a period on a store's own calendar and clock."""
    today = business_day(now, timezone, cutoff)
    first, last = (today, today) if period.floats else (period.first, period.last)
    return Window(store, timezone, cutoff, first, last, today, (local_hour(now, timezone) - cutoff) % _HOURS)
