"""What a section stands on: whose figures, which question, who asks; and how its values are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_interval, format_skeleton

from retail.analytics import writing
from retail.analytics.rules import Change, Totals
from retail.analytics.sections.asking import Question
from retail.analytics.sections.course import Point
from retail.kit.money import major
from retail.kit.text import _, dates_of
from retail.runtime.tenancy import TenantFacts


@dataclass(frozen=True, slots=True)
class Sheet:
    """The business, the question, and whether costs may be seen."""

    facts: TenantFacts
    asked: Question
    costs: bool

    def amount(self, minor: int) -> str:
        """Write an amount for a chart's data: a decimal text in major units."""
        return f"{major(minor, self.facts.money):f}"

    def short(self, minor: int) -> str:
        """Write an amount for people."""
        return writing.short_money(minor, self.facts.money, self.facts.locale)

    def point_label(self, point: Point) -> str:
        """Name a point on an axis."""
        if point.hour is not None:
            return writing.hour_label(point.hour, self.facts.locale)
        return self.day_label(point.day)

    def day_label(self, day: date) -> str:
        """Name a day, a week or a month by the day that it begins with."""
        if self.asked.grain == "month":
            written: str = format_skeleton("yMMM", day, locale=dates_of(self.facts.locale))
            return written
        return writing.day_label(day, self.asked.period.days, self.facts.locale)

    def share(self, thousandths: int) -> str:
        """Write a share that is given in thousandths."""
        return writing.share(Decimal(thousandths).scaleb(-3), self.facts.locale)

    def moved(self, change: Change) -> str:
        """Write how a figure moved."""
        return writing.moved(change, self.facts.locale)

    def signed(self, share: Decimal) -> str:
        """Write a share with its sign."""
        return self.moved(Change(share, "up" if share > 0 else "down" if share < 0 else "flat"))

    def behind(self, point: Point) -> str:
        """Give the address of the receipts behind a day, week or month of the course."""
        ends = {"day": 0, "week": 6 - point.day.weekday(), "month": 31}[self.asked.grain]
        last = point.day + timedelta(days=ends)
        if self.asked.grain == "month":
            last = last.replace(day=1) - timedelta(days=1)
        return self.receipts(max(point.day, self.asked.period.first), min(last, self.asked.period.last))

    def weekday(self, day: date) -> str:
        """Write a weekday."""
        return writing.weekday(day, self.facts.locale)

    def tip(self, *parts: str) -> str:
        """Write what a chart says under the pointer."""
        return " · ".join(part for part in parts if part)

    @property
    def days(self) -> str:
        """Say which days are shown, and which they are compared with."""
        period, before = self.asked.period, self.asked.before
        shown = self._span(period.first, period.last)
        if not self.asked.compared:
            return shown
        return _("%(days)s, beside %(before)s") % {"days": shown, "before": self._span(*before)}

    def _span(self, first: date, last: date) -> str:
        place = dates_of(self.facts.locale)
        written: str = format_interval(first, last, "yMMMd", locale=place) if first != last else ""
        return written or str(format_date(first, "medium", locale=place))

    def receipts(self, first: date, last: date, **more: str) -> str:
        """Give the address of the receipts behind a figure of these days, narrowed as the section is."""
        return f"/sales?{urlencode(self.narrowing() | {'from': first.isoformat(), 'to': last.isoformat()} | more)}"

    def narrowing(self) -> dict[str, str]:
        """Say what the section is narrowed to in the words of an address of receipts."""
        return self.asked.said


def pairs(totals: Sequence[Totals]) -> list[int]:
    """Give the revenues of some figures."""
    return [one.revenue for one in totals]


def said_against(asked: Question) -> str:
    """Say what a time is compared with."""
    if not asked.compared:
        return ""
    return _("the same weekdays a year before") if asked.against == "year" else _("the same weekdays before")


Rows = list[dict[str, Any]]
