"""The page Today as finished values: what each region shows, for the page, for a refetch and for a push alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.analytics import panels, queries, writing
from retail.analytics.curve import Point, points
from retail.analytics.pocket.doors import at_once
from retail.analytics.queries import Figures
from retail.analytics.reorder import runs_out_in
from retail.analytics.rules import Change, Period, PeriodKind, Totals, Window, change, change_of_share, period, window
from retail.analytics.sparks import Spark, spark
from retail.identity.permissions import VIEW_COSTS
from retail.kit.clock import business_day
from retail.kit.errors import NotFound
from retail.kit.money import major
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.tenants import queries as tenants
from retail.tenants.queries import StoreFacts

ALL: Final = "all"
SOON_DAYS: Final = 2
NOTHING: Final = "\u2013"
_LONG: Final = 10
PartOfDay = Literal["morning", "afternoon", "evening"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every region stands on: whose figures, of which stores, of which time."""

    facts: TenantFacts
    stores: Sequence[StoreFacts]
    chosen: UUID | None
    period: Period
    windows: Sequence[Window]
    now: datetime

    @property
    def topic(self) -> str:
        """Name the live topic of these stores."""
        return f"today:{self.chosen or ALL}"

    @property
    def margin_topic(self) -> str:
        """Name the live topic of their margin, which is for those who may see costs."""
        return f"margin:{self.chosen or ALL}"

    @property
    def today(self) -> date:
        """Give the business day that it is in these stores; the latest where they differ."""
        return max((one.today for one in self.windows), default=self.period.first)


async def ground(
    read: Read,
    facts: TenantFacts,
    *,
    store: UUID | None = None,
    kind: PeriodKind = "day",
    on: date | None = None,
    until: date | None = None,
) -> Ground:
    """Read the stores and place the period in each of them. Raises NotFound for an unknown store."""
    await queries.plan_for_any_business(read)
    stores = await tenants.stores(read)
    shown = [one for one in stores if store in (None, one.id)]
    if store and not shown:
        raise NotFound("store")
    days = [business_day(read.now, one.timezone, one.day_cutoff_hour) for one in shown]
    chosen = period(kind, max(days, default=read.now.date()), on, until)
    windows = [window(one.id, one.timezone, one.day_cutoff_hour, chosen, read.now) for one in shown]
    return Ground(facts, stores, store, chosen, windows, read.now)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that matters, written: its value, how it moved, and its line over the period."""

    value: str
    change: Change | None
    moved: str
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A point of the chart, written, for its table."""

    label: str
    now: int | None
    before: int
    sales: int | None


def head(on: Ground, open_tills: tuple[int, int]) -> dict[str, Any]:
    """Give what the top of the page says: the day, how many stores and tills are open, what is compared."""
    locale, last = on.facts.locale, on.period.last
    first = on.today if on.period.floats else on.period.first
    return {
        "period": on.period,
        "day": writing.long_day(first, locale),
        "ends": writing.long_day(last, locale),
        "part_of_day": part_of_day(on),
        "compared": compared_day(on),
        "open_stores": open_tills[0],
        "open_tills": open_tills[1],
    }


def part_of_day(on: Ground) -> PartOfDay:
    """Tell the time of day where the business is; a night still belongs to its evening."""
    hour = on.now.astimezone(ZoneInfo(on.facts.timezone)).hour
    return "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"


def compared_day(on: Ground) -> str:
    """Name the day that a single day is compared with."""
    return writing.long_day((on.today if on.period.floats else on.period.first) - on.period.back, on.facts.locale)


def kpis(on: Ground, figures: Figures) -> dict[str, Any]:
    """Give the tiles."""
    locale, money, now = on.facts.locale, on.facts.money, figures.total
    tile = _tiles(figures, _over(on, figures), locale)
    basket = now.average_basket
    values = {
        "revenue": writing.short_money(now.revenue, money, locale),
        "basket": NOTHING if basket is None else writing.short_money(basket, money, locale),
    }
    return {
        "period": on.period,
        "revenue": tile(values["revenue"], lambda one: one.revenue),
        "sales": tile("", lambda one: one.sales),
        "basket": tile(values["basket"], lambda one: one.average_basket),
        "figures": now,
        "compared": compared_day(on),
        "long": len(values["revenue"]) > _LONG,
        "pace": _pace(on, figures),
    }


def _pace(on: Ground, figures: Figures) -> str | None:
    """Write how many sales an hour brings today, over whole hours since the first sale; None before there is one."""
    if on.period.days > 1 or not on.period.floats:
        return None
    over = [one.now.sales for one in points(figures, on.period, on.windows) if one.now and not one.running]
    begun = next((place for place, sales in enumerate(over) if sales), len(over))
    hours = len(over) - begun
    return writing.tenths(sum(over[begun:]), hours, on.facts.locale) if hours else None


def margin(on: Ground, figures: Figures) -> dict[str, Any]:
    """Give the tile of the gross margin, with its amount: for those who may see costs."""
    share = figures.total.gross_margin
    value = NOTHING if share is None else writing.share(share, on.facts.locale)
    return {"tile": _margin_tile(value, figures, on), "amount": figures.total.margin}


def _over(on: Ground, figures: Figures) -> list[Totals]:
    """Give the figures over time; what still runs is left out, since it looks like a fall."""
    return [one.now for one in points(figures, on.period, on.windows) if one.now and not one.running]


def _tiles(
    figures: Figures, over_time: Sequence[Totals], locale: str
) -> Callable[[str, Callable[[Totals], int | None]], Tile]:
    def tile(value: str, of: Callable[[Totals], int | None]) -> Tile:
        change_ = change(of(figures.counted_now), of(figures.counted_before))
        moved = writing.moved(change_, locale) if change_ else ""
        return Tile(value, change_, moved, spark([of(one) for one in over_time]))

    return tile


def _margin_tile(value: str, figures: Figures, on: Ground) -> Tile:
    change_ = change_of_share(figures.counted_now.gross_margin, figures.counted_before.gross_margin)
    shares = [one.gross_margin for one in _over(on, figures)]
    line = spark([None if one is None else int(one.scaleb(4)) for one in shares])
    return Tile(value, change_, writing.moved(change_, on.facts.locale) if change_ else "", line)


def hours(on: Ground, figures: Figures) -> dict[str, Any]:
    """Give the chart's points as a table."""
    return {
        "period": on.period,
        "slots": [
            Slot(
                _label(point, on),
                point.now.revenue if point.now else None,
                point.before.revenue,
                point.now.sales if point.now else None,
            )
            for point in points(figures, on.period, on.windows)
        ],
        "compared": compared_day(on),
    }


def chart_rows(on: Ground, figures: Figures) -> list[dict[str, Any]]:
    """Give the chart's points as its data. Amounts are decimal texts in major units, which the chart reads exactly."""
    money, locale = on.facts.money, on.facts.locale

    def amount(sums: Totals | None) -> str | None:
        return None if sums is None else f"{major(sums.revenue, money):f}"

    over = [point for point in points(figures, on.period, on.windows) if point.now and not point.running]
    last = over[-1].place if over else None
    return [
        {
            "place": point.place,
            "label": _label(point, on),
            "now": amount(point.now),
            "before": amount(point.before),
            "running": point.running,
            "tail": point.running or point.place == last,
            "tip": " · ".join(
                [
                    _label(point, on),
                    *([writing.short_money(point.now.revenue, money, locale)] if point.now else []),
                    f"({writing.short_money(point.before.revenue, money, locale)})",
                ]
            ),
        }
        for point in points(figures, on.period, on.windows)
    ]


def _label(point: Point, on: Ground) -> str:
    if point.hour is not None:
        return writing.hour_label(point.hour, on.facts.locale)
    return writing.day_label(point.day, on.period.days, on.facts.locale)


def feed(on: Ground, sold: Sequence[panels.FedSale]) -> dict[str, Any]:
    """Give the latest sales, each with the time on its store's clock."""
    zones = {one.store: one.timezone for one in on.windows}
    rows = [(sale, writing.clock(sale.occurred_at, zones[sale.store_id], on.facts.locale)) for sale in sold]
    return {"sold": rows, "period": on.period, "one_store": on.chosen is not None}


def runs_out(on: Ground, scarce: Sequence[panels.Scarce]) -> dict[str, Any]:
    """Give what runs out, with the day it does and what to order."""
    todays = {one.store: one.today for one in on.windows}
    rows = []
    for one in scarce:
        days = runs_out_in(one.ware)
        if days is None:
            continue
        day = date.fromordinal(todays[one.store_id].toordinal() + days)
        rows.append(
            {
                "one": one,
                "days": days,
                "tone": "bad" if days == 0 else "warn" if days <= SOON_DAYS else "",
                "day": writing.weekday(day, on.facts.locale)
                if days < 7
                else writing.day_label(day, 31, on.facts.locale),
                "per_day": round(one.ware.per_day, 1),
                "suggested": one.order,
            }
        )
    return {"rows": rows, "one_store": on.chosen is not None}


async def regions(read: Read, on: Ground) -> dict[str, Any]:
    """Read all regions of the page: their contexts by name; `margin` is None for whoever may not see costs."""
    figures = await queries.figures(read, on.period, on.windows)
    return {
        "head": head(on, await panels.open_tills(read, on.windows)),
        "kpis": kpis(on, figures),
        "margin": margin(on, figures) if read.scope.holds(VIEW_COSTS) else None,
        "hours": hours(on, figures),
        "feed": feed(on, await panels.feed(read, on.windows)),
        **await watch(read, on),
        "nothing_sold": not (figures.now or figures.before),
    }


async def watch(read: Read, on: Ground) -> dict[str, Any]:
    """Read the regions that follow stock and drawers and not each sale."""
    known = await panels.worth_knowing(read, on.windows)
    return {
        "runs_out": runs_out(on, await panels.runs_out(read, on.windows)),
        "worth": {"known": known, "one_store": on.chosen is not None},
        "at_once": await at_once(read, on.windows, next((one.amount for one in known if one.kind == "low"), 0)),
    }
