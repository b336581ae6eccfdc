"""What the figures of a time say: what fell, what grew that shouldn't, what runs out, what lies still."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from retail.analytics import panels, writing
from retail.analytics.rules import Totals, window
from retail.analytics.sections.breakdown import Line
from retail.analytics.sections.course import Course
from retail.analytics.sections.insights.insight import Insight
from retail.analytics.sections.sheet import Sheet
from retail.identity.permissions import (
    EDIT_CATALOGUE,
    SETTLE_EXCEPTIONS,
    VIEW_CATALOGUE,
    VIEW_DASHBOARD,
    VIEW_STOCK,
)
from retail.kit.money import mul_div
from retail.kit.text import _
from retail.runtime.db import Read
from retail.stock.insights import dead_in_short

_WEEK: Final = 7
_CLEAR: Final = 20
"""A line that fell by less than a twentieth isn't told."""


async def told_by_figures(
    read: Read, on: Sheet, told: Course, categories: Sequence[Line], products: Sequence[Line]
) -> list[Insight]:
    """Tell what the figures of the time say, in no order."""
    return [
        *_fallen(on, "category", categories),
        *_fallen(on, "product", products),
        *_grown(on, told),
        *await _runs_out(read, on, products),
        *await _dead(read, on),
    ]


def _fallen(on: Sheet, side: str, lines: Sequence[Line]) -> Iterator[Insight]:
    """Tell the category and the product that fell most in money."""
    fallen = [one for one in lines if one.before.revenue > 0 and one.key != "none"]
    worst = min(fallen, key=lambda one: (one.counted.revenue - one.before.revenue, one.key), default=None)
    if not on.asked.compared or worst is None or worst.change is None:
        return
    lost = worst.before.revenue - worst.counted.revenue
    if lost * _CLEAR < worst.before.revenue:
        return
    query = {**on.asked.said, side: worst.key, "from": str(on.asked.period.first), "to": str(on.asked.period.last)}
    yield Insight(
        f"{side}_fell",
        _("%(name)s brought %(amount)s less than before (%(change)s)."),
        {"name": worst.name, "amount": on.short(lost), "change": on.moved(worst.change)},
        lost,
        f"/analytics/sales?{urlencode(query)}",
        f"/analytics/products?{urlencode(query)}" if side == "category" else f"/products/{worst.key}",
        _("Look at its products") if side == "category" else _("Look at the product"),
        VIEW_DASHBOARD if side == "category" else VIEW_CATALOGUE,
    )


def _grown(on: Sheet, told: Course) -> Iterator[Insight]:
    """Tell discounts and refunds that grew, and a margin that shrank, by more than a tenth of themselves."""
    before, now = told.counted_before, told.counted_now
    if before is None:
        return
    period = on.asked.period
    for kind, more, was, words, show in (
        ("discounts", now.discount - before.discount, before.discount, _("Discounts grew by %(amount)s."), {}),
        ("refunds", now.refunds - before.refunds, before.refunds, _("Refunds grew by %(amount)s."), {"show": "return"}),
    ):
        if more > 0 and more * 10 > was:
            evidence = on.receipts(period.first, period.last, **show)
            facts = {"amount": on.short(more)}
            yield Insight(kind, words, facts, more, evidence, "/risk", _("Look for why"), SETTLE_EXCEPTIONS)
    if on.costs and (lost := _margin_lost(now, before)) > 0:
        yield Insight(
            "margin",
            _("The margin shrank: at the share of before there would be %(amount)s more."),
            {"amount": on.short(lost)},
            lost,
            on.receipts(period.first, period.last),
            "/analytics/products",
            _("Compare products"),
            VIEW_DASHBOARD,
        )


def _margin_lost(now: Totals, before: Totals) -> int:
    """Give what would be left more at the share of before, where that is more than a point."""
    net, was = now.revenue - now.tax, before.revenue - before.tax
    if net <= 0 or was <= 0:
        return 0
    lost = mul_div(before.margin, net, was) - now.margin
    return lost if lost * 100 > net else 0


async def _runs_out(read: Read, on: Sheet, lines: Sequence[Line]) -> list[Insight]:
    """Tell what runs out within two days, with what a week without it would cost."""
    windows = [window(one.id, one.timezone, one.day_cutoff_hour, on.asked.period, read.now) for one in on.asked.stores]
    prices = {
        one.key: mul_div(one.now.revenue, 1000, max(1, int(one.now.units * 1000))) for one in lines if one.now.units > 0
    }
    found = []
    for one in await panels.runs_out(read, windows) if windows else []:
        price = prices.get(str(one.product_id))
        if price is None or one.ware.per_day <= 0 or one.ware.on_hand > 2 * one.ware.per_day:
            continue
        a_week = mul_div(price, int(one.ware.per_day * _WEEK * 1000), 1000)
        days = max(0, int(one.ware.on_hand / one.ware.per_day))
        day = writing.weekday(date.fromordinal(on.asked.today.toordinal()) + timedelta(days=days), on.facts.locale)
        found.append(
            Insight(
                "runs_out",
                _("%(name)s in %(store)s runs out on %(day)s; a week without it costs about %(amount)s of revenue."),
                {"name": one.product, "store": one.store, "day": day, "amount": on.short(a_week)},
                a_week,
                f"/products/{one.product_id}",
                "/stock/suggestions",
                _("Order it"),
                VIEW_STOCK,
            )
        )
    return sorted(found, key=lambda one: -one.at_stake)[:2]


async def _dead(read: Read, on: Sheet) -> list[Insight]:
    """Tell what lay still for 90 days, to who may see costs."""
    store = on.asked.narrowed.stores[0] if on.asked.narrowed.stores and len(on.asked.narrowed.stores) == 1 else None
    if not on.costs or (on.asked.narrowed.stores is not None and store is None):
        return []
    worth = (await dead_in_short(read, store, 1)).value
    words, facts = _("Goods that cost %(amount)s lay still for 90 days."), {"amount": on.short(worth)}
    offer, evidence = _("Make an offer of them"), "/stock/insights?view=dead"
    one = Insight("dead", words, facts, worth, evidence, "/promotions/new", offer, EDIT_CATALOGUE)
    return [one] if worth else []
