"""What if, as a page and a socket ask it: the levers that were set, and the answer in figures and sentences.

The rules are those of supposing.py; nothing here is fitted, so an answer costs a few reads of rows that are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from urllib.parse import urlencode

from retail.analytics import writing
from retail.foresight.asking import PATH, Wanted
from retail.foresight.happenings import response
from retail.foresight.plainly import plain_of
from retail.foresight.supposing import (
    CLOSED,
    GROWTHS,
    LEADS,
    OFFS,
    PRICES,
    Cover,
    Levers,
    Line,
    Plain,
    Supposed,
    cover,
    suppose,
)
from retail.foresight.supposing_words import cover_words, response_words
from retail.foresight.words import amount_words
from retail.identity.permissions import VIEW_STOCK
from retail.kit.ids import new_id
from retail.kit.money import major
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.asked import Asked
from retail.stock.reordering.queries import needs
from retail.stock.reordering.rules import LEAD_DAYS

_THOUSANDTH: Final = Decimal("0.001")


class Asking(Asked):
    """The levers of an address or a message; what is wrong with them is told apart from what is wrong with the page."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        super().__init__(PATH, asked)
        self.key = str(new_id())
        """The id of the scenario that this may become: sent twice, it is kept once."""
        closed = (self.day(f"closed{place}", required=False) for place in range(1, CLOSED + 1))
        off_from, off_to = self.period("off_from", "off_to")
        self.levers = Levers(
            price=self._percent("price", PRICES),
            off=self._percent("off", OFFS),
            off_from=off_from,
            off_to=off_to,
            closed=tuple(day for day in closed if day is not None),
            growth=self._percent("growth", GROWTHS),
            lead=self._percent("lead", LEADS) if self.typed("lead") else None,
        )

    @property
    def all(self) -> str:
        """Give the whole address as it was asked, of the page too."""
        return urlencode([(name, value) for name, value in self._form.items() if isinstance(value, str) and value])

    def _percent(self, name: str, bounds: tuple[int, int]) -> int:
        least, most = bounds
        value = self.whole(name, required=False, least=least, most=most)
        return value if least <= value <= most else 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum over the days: as it is forecast, as it would be, within which bounds, and by how much that differs."""

    label: str
    plain: str
    then: str
    bounds: str
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """The answer: sums, days, sentences, and the rows of its chart; `made` is what a scenario keeps."""

    figures: list[Figure]
    days: list[dict[str, str]]
    sentences: list[str]
    rows: list[dict[str, Any]]
    changed: bool
    plain: Plain
    made: Supposed
    elasticity: float


async def answer(read: Read, facts: TenantFacts, wanted: Wanted, asking: Asking) -> Told | None:
    """Say what would be; None where nothing is forecast."""
    plain = await plain_of(read, wanted)
    if plain is None:
        return None
    levers = asking.levers
    answering = await response(read, wanted.category, wanted.product)
    made = suppose(plain, levers, answering)
    said = response_words(answering, facts.locale, wide=wanted.product is None)
    said += cover_words(await covers(read, wanted, plain, made, levers), facts.locale)
    return Told(
        _figures(facts, plain, made),
        _days(facts, wanted, plain, made, levers.closed),
        said,
        chart_rows(facts, wanted.measure, plain.first, of_measure(wanted, plain).likely, of_measure(wanted, made)),
        levers.changes_something,
        plain,
        made,
        answering.elasticity,
    )


async def covers(
    read: Read, wanted: Wanted, plain: Plain, made: Supposed, levers: Levers
) -> tuple[Cover, Cover, int] | None:
    """Say how long the goods of a product in a store last, plainly and as supposed, with which days of lead time."""
    if wanted.product is None or wanted.store is None or not read.scope.may_in(VIEW_STOCK, wanted.store):
        return None
    need = (await needs(read, wanted.product)).get(wanted.store)
    if need is None:
        return None
    usual = LEAD_DAYS if need.lead_days is None else need.lead_days
    lead = usual if levers.lead is None else levers.lead
    there = float(need.available)
    return cover(plain.units, plain.first, there, usual), cover(made.units, made.first, there, lead), lead


def of_measure(wanted: Wanted, made: Plain | Supposed) -> Line:
    """Give the line of the measure that the page shows."""
    return made.units if wanted.measure == "units" else made.revenue


def _figures(facts: TenantFacts, plain: Plain, made: Supposed) -> list[Figure]:
    sides = [(_("Revenue"), "revenue", plain.revenue, made.revenue), (_("Units"), "units", plain.units, made.units)]
    margin = plain.margin(plain.revenue, plain.units)
    if margin is not None and made.margin is not None:
        sides.append((_("Margin"), "revenue", margin, made.margin))
    return [_figure(facts, *side) for side in sides]


def _figure(facts: TenantFacts, label: str, measure: str, plain: Line, then: Line) -> Figure:
    def written(value: float) -> str:
        return amount_words(facts, measure, exact(value))

    bounds = ""
    if then.least is not None and then.most is not None:
        bounds = f"{written(then.least)} \u2013 {written(then.most)}"
    by = exact(then.total) - exact(plain.total)
    share = f" ({writing.share(by / abs(exact(plain.total)), facts.locale)})" if by and plain.total else ""
    sign = "+" if by > 0 else ""
    return Figure(label, written(plain.total), written(then.total), bounds, f"{sign}{written(float(by))}{share}")


def _days(
    facts: TenantFacts, wanted: Wanted, plain: Plain, made: Supposed, closed: Sequence[date]
) -> list[dict[str, str]]:
    was, line = of_measure(wanted, plain), of_measure(wanted, made)

    def written(side: list[float] | None, at: int) -> str:
        return amount_words(facts, wanted.measure, exact(side[at])) if side is not None else ""

    return [
        {
            "day": writing.long_day(day, facts.locale),
            "plain": _("closed") if day in plain.closed else written(was.likely, at),
            "then": _("closed") if day in plain.closed or day in closed else written(line.likely, at),
            "low": written(line.low, at),
            "high": written(line.high, at),
        }
        for at, day in enumerate(plain.first + timedelta(days=at) for at in range(len(line.likely)))
    ]


def chart_rows(
    facts: TenantFacts, measure: str, first: date, line: Sequence[float | Decimal | None], then: Line
) -> list[dict[str, Any]]:
    """Give the rows of the chart: `line` as the line, what would be as the dashes with their band."""

    def number(value: float | Decimal) -> str:
        minor = int(exact(value).to_integral_value(ROUND_HALF_UP))
        return f"{exact(value):f}" if measure == "units" else f"{major(minor, facts.money):f}"

    rows = []
    for at, value in enumerate(then.likely):
        day, usual = first + timedelta(days=at), line[at] if at < len(line) else None
        rows.append(
            {
                "place": at,
                "label": writing.day_label(day, 31, facts.locale),
                "now": None if usual is None else number(usual),
                "likely": number(value),
                "low": number(then.low[at]) if then.low is not None else None,
                "high": number(then.high[at]) if then.high is not None else None,
                "tip": f"{writing.long_day(day, facts.locale)} \u00b7 {amount_words(facts, measure, exact(value))}",
            }
        )
    return rows


def exact(value: float | Decimal) -> Decimal:
    """Write an estimate down with three places."""
    return Decimal(repr(float(value))).quantize(_THOUSANDTH, ROUND_HALF_UP)
