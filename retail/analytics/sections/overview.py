"""The section Overview: tiles, the course of revenue, where it leans, what brings most, and what happened last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, Literal, cast

from retail.analytics import panels, writing
from retail.analytics.rules import Change, Totals, change, change_of_share, window
from retail.analytics.sections.asking import Question
from retail.analytics.sections.breakdown import breakdown
from retail.analytics.sections.charts.parts import waterfall_rows
from retail.analytics.sections.course import Course, course
from retail.analytics.sections.insights.gathering import insights
from retail.analytics.sections.insights.insight import MOST
from retail.analytics.sections.reading import figures
from retail.analytics.sections.sheet import Sheet, said_against
from retail.analytics.sections.trend import SPANS, Trend, trend
from retail.analytics.sparks import Spark, spark
from retail.analytics.today import NOTHING
from retail.kit.quantity import format_quantity
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked

_TOP: Final = 8
Wanted = Literal["more", "less", "neither"]


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure, written, with how it moved, its line, and the receipts behind it."""

    key: str
    label: str
    value: str
    change: Change | None
    moved: str
    spark: Spark | None
    href: str
    note: str = ""
    wanted: Wanted = "more"

    @property
    def tone(self) -> str:
        """Say whether it moved as one would like: good, poor, or flat where it is neither."""
        if self.change is None or self.wanted == "neither" or self.change.direction == "flat":
            return "flat"
        return "good" if (self.change.direction == "up") == (self.wanted == "more") else "poor"


async def shown(read: Read, on: Sheet, _asked: Asked) -> dict[str, Any]:
    """Read what the section shows. Raises TooLong."""
    told = await course(read, on.asked)
    narrow = on.asked.narrowed.sides
    products, categories = [await breakdown(read, on.asked, side) for side in ("product", "category")]
    return {
        "tiles": tiles(on, told),
        "points": told.points,
        "against": said_against(on.asked),
        "trends": await leaning(read, on),
        "insights": (await insights(read, on, told, categories, products))[:MOST],
        "top_products": products[:_TOP],
        "top_categories": categories[:_TOP],
        "waterfall": waterfall_rows(on, told.total),
        "feed": await _feed(read, on) if not narrow else None,
        "nothing": not told.total.sales and not told.total.returns and told.total.revenue == 0,
    }


def tiles(on: Sheet, told: Course) -> list[Tile]:
    """Give the tiles; sales, baskets and refunds only where whole sales are looked at, margins to who may see costs."""
    of_wares = bool(on.asked.narrowed.sides & {"product", "category"})
    period = on.asked.period
    receipts = on.receipts(period.first, period.last)
    over = [point.now for point in told.points if point.now and not point.running]
    sums, now, before = told.total, told.counted_now, told.counted_before

    def tile(key: str, label: str, value: str, of: Callable[[Totals], int | None], **more: str) -> Tile:
        moved = change(of(now), of(before)) if before is not None else None
        href = more.pop("href", receipts)
        wanted = cast("Wanted", more.pop("wanted", "more"))
        line, note = spark([of(one) for one in over]), more.pop("note", "")
        return Tile(key, label, value, moved, _moved(on, moved), line, href, note, wanted)

    net = {"note": _("After refunds")}
    found = [tile("revenue", _("Revenue"), on.short(sums.revenue), lambda one: one.revenue, **net)]
    if not of_wares:
        basket = sums.average_basket
        found += [
            tile("sales", _("Sales"), format_quantity(Decimal(sums.sales), on.facts.locale), lambda one: one.sales),
            tile(
                "basket",
                _("Average basket"),
                NOTHING if basket is None else on.short(basket),
                lambda one: one.average_basket,
            ),
        ]
    found.append(
        tile(
            "units",
            _("Units"),
            format_quantity(sums.units.quantize(Decimal(1)), on.facts.locale),
            lambda one: round(one.units),
        )
    )
    if on.costs:
        found.append(_margin(on, told, receipts, over))
    if not of_wares:
        found.append(
            tile(
                "refunds", _("Refunds"), on.short(sums.refunds), lambda one: one.refunds,
                href=on.receipts(period.first, period.last, show="return"), wanted="less",
            )
        )  # fmt: skip
    return [
        *found,
        tile("tax", _("Tax"), on.short(sums.tax), lambda one: one.tax, wanted="neither"),
        tile("discounts", _("Discounts"), on.short(sums.discount), lambda one: one.discount, wanted="neither"),
    ]


def _margin(on: Sheet, told: Course, receipts: str, over: Sequence[Totals]) -> Tile:
    share = told.total.gross_margin
    before = told.counted_before
    moved = change_of_share(told.counted_now.gross_margin, before.gross_margin) if before is not None else None
    return Tile(
        "margin",
        _("Gross margin"),
        NOTHING if share is None else writing.share(share, on.facts.locale),
        moved,
        _moved(on, moved),
        spark([one.margin for one in over]),
        receipts,
        on.short(told.total.margin),
    )


def _moved(on: Sheet, moved: Change | None) -> str:
    return writing.moved(moved, on.facts.locale) if moved else ""


async def leaning(read: Read, on: Sheet) -> list[dict[str, Any]]:
    """Say where revenue leans over 7, 30 and 90 days up to the last day of the time that is over."""
    last = on.asked.over
    first = last - timedelta(days=max(SPANS) - 1)
    sums = await figures(read, on.asked.narrowed, ("day",), first, last)
    known = min((day for (day,) in sums), default=last)
    days = [first + timedelta(days=place) for place in range(max(SPANS))]
    revenues = [sums.get((day,), Totals()).revenue for day in days if day >= known]
    found = [trend(revenues, days) for days in SPANS]
    return [{"trend": one, "sentence": sentence(on, one)} for one in found if one is not None]


def sentence(on: Sheet, one: Trend) -> str:
    """Say a trend in words."""
    words = {"days": one.days, "a_day": on.short(abs(one.a_day))}
    if one.lean == "unclear" or one.by is None:
        return _("Over %(days)d days: no clear direction.") % words
    if one.lean == "steady":
        return _("Over %(days)d days: steady.") % words
    words["by"] = on.share(abs(round(one.by * 1000)))
    if one.lean == "up":
        return _("Over %(days)d days: up by %(by)s, each day brings about %(a_day)s more than the one before.") % words
    return _("Over %(days)d days: down by %(by)s, each day brings about %(a_day)s less than the one before.") % words


async def _feed(read: Read, on: Sheet) -> dict[str, Any]:
    """Give the latest receipts of the time."""
    windows = [window(one.id, one.timezone, one.day_cutoff_hour, on.asked.period, read.now) for one in on.asked.stores]
    zones = {one.id: one.timezone for one in on.asked.stores}
    rows = [
        (sale, writing.clock(sale.occurred_at, zones[sale.store_id], on.facts.locale))
        for sale in await panels.feed(read, windows)
    ]
    return {"sold": rows[:_TOP], "period": on.asked.period, "one_store": len(on.asked.stores) == 1}


__all__ = ["Question", "Tile", "leaning", "sentence", "shown", "tiles"]
