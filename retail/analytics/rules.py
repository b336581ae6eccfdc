"""What figures mean and how two times are compared: docs/algorithms/rollups.md, sections 3 and 4; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

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
class OnHand:
    """What a store has of a product, and what it sells of it per day."""

    on_hand: Decimal
    per_day: Decimal
    reorder_point: Decimal | None
    decimals: int


COVER_DAYS: Final = 14


def runs_out_in(ware: OnHand) -> int | None:
    """Tell in how many whole days it is gone: 0 is today, None never."""
    if ware.on_hand <= 0:
        return 0
    return int(ware.on_hand / ware.per_day) if ware.per_day > 0 else None


def suggested_order(ware: OnHand) -> Decimal:
    """Suggest what covers 14 days of demand and the reorder point, less what is there; rounded up to what is sold."""
    wanted = ware.per_day * COVER_DAYS + (ware.reorder_point or 0) - max(ware.on_hand, Decimal(0))
    if wanted <= 0:
        return Decimal(0)
    step = Decimal(1) if ware.decimals == 0 else Decimal("0.1")
    return -(-wanted // step) * step
