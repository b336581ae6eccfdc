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
from retail.analytics.sections.reading import figures
from retail.foresight import queries
from retail.foresight.asking import PATH, Wanted
from retail.foresight.happenings import response
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
from retail.identity.permissions import VIEW_COSTS, VIEW_STOCK
from retail.kit.ids import new_id
from retail.kit.money import major
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.asked import Asked
from retail.stock.reordering.queries import needs
from retail.stock.reordering.rules import LEAD_DAYS

RATES_DAYS: Final = 91
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


async def plain_of(read: Read, wanted: Wanted) -> Plain | None:
    """Read the kept forecast of a subject, its usual price, cost and tax; None where there is none."""
    at = (wanted.store, wanted.category, wanted.product)
    units = await queries.series(read, "units", *at)
    if units is None:
        return None
    money = None if wanted.product else await queries.series(read, "revenue", *at)
    last = units.first - timedelta(days=1)
    sums = await figures(read, wanted.narrowed, (), last - timedelta(days=RATES_DAYS - 1), last)
    sold = sums.get(())
    pieces = float(sold.units) if sold else 0.0
    each = sold.revenue / pieces if sold and pieces > 0 else 0.0
    line = _line(units, wanted.days)
    costs = sold is not None and pieces > 0 and sold.cost > 0 and read.scope.holds(VIEW_COSTS)
    return Plain(
        units.first,
        _line(money, wanted.days) if money else _times(line, each),
        line,
        sold.cost / pieces if sold and costs else None,
        sold.tax / sold.revenue if sold and sold.revenue > 0 else 0.0,
    )


def _line(of: queries.Series, days: int) -> Line:
    likely, low, high = ([float(one) for one in side[:days]] if side else None for side in (of.likely, of.low, of.high))
    return Line(likely or [], low, high)


def _times(line: Line, each: float) -> Line:
    likely, low, high = ([one * each for one in side] if side is not None else None for side in _sides(line))
    return Line(likely or [], low, high)


def _sides(line: Line) -> tuple[list[float] | None, ...]:
    return line.likely, line.low, line.high


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
        _days(facts, wanted, plain, made),
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


def _days(facts: TenantFacts, wanted: Wanted, plain: Plain, made: Supposed) -> list[dict[str, str]]:
    was, line = of_measure(wanted, plain), of_measure(wanted, made)

    def written(side: list[float] | None, at: int) -> str:
        return amount_words(facts, wanted.measure, exact(side[at])) if side is not None else ""

    return [
        {
            "day": writing.long_day(plain.first + timedelta(days=at), facts.locale),
            "plain": written(was.likely, at),
            "then": written(line.likely, at),
            "low": written(line.low, at),
            "high": written(line.high, at),
        }
        for at in range(len(line.likely))
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
