"""What the figures of a time say: what fell, what grew that shouldn't, what runs out, what lies still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

OF_A_KIND: Final = 3
"""So many of one kind are told at most."""
_WEEK: Final = 7
_FOUR_WEEKS: Final = 28
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
    """Tell the categories and the products that fell most in money."""
    if not on.asked.compared:
        return
    fallen = [one for one in lines if one.before.revenue > 0 and one.key != "none" and one.change is not None]
    fallen.sort(key=lambda one: (one.counted.revenue - one.before.revenue, one.key))
    for one in fallen[:OF_A_KIND]:
        lost = one.before.revenue - one.counted.revenue
        if one.change is None or lost * _CLEAR < one.before.revenue:
            return
        query = {**on.asked.said, side: one.key, "from": str(on.asked.period.first), "to": str(on.asked.period.last)}
        query |= {"against": on.asked.against} if on.asked.against != "before" else {}
        yield Insight(
            f"{side}_fell",
            _("%(name)s brought %(amount)s less than before (%(change)s): %(time)s."),
            {"name": one.name, "amount": on.short(lost), "change": on.moved(one.change), "time": _time(on)},
            lost,
            f"/analytics/sales?{urlencode(query)}",
            f"/analytics/products?{urlencode(query)}" if side == "category" else f"/products/{one.key}",
            _("Look at its products") if side == "category" else _("Look at the product"),
            VIEW_DASHBOARD if side == "category" else VIEW_CATALOGUE,
        )


def _time(on: Sheet) -> str:
    """Say which days are meant, and which they are compared with."""
    asked = on.asked
    usual = asked.period.kind == "custom" and asked.period.days == _FOUR_WEEKS and asked.against == "before"
    return _("the last four weeks, beside the four before") if usual and asked.running else on.days


def _grown(on: Sheet, told: Course) -> Iterator[Insight]:
    """Tell discounts and refunds that grew, and a margin that shrank, by more than a tenth of themselves."""
    before, now = told.counted_before, told.counted_now
    if before is None:
        return
    period = on.asked.period
    discounts, refunds = _("Discounts grew by %(amount)s: %(time)s."), _("Refunds grew by %(amount)s: %(time)s.")
    for kind, more, was, words, show in (
        ("discounts", now.discount - before.discount, before.discount, discounts, {}),
        ("refunds", now.refunds - before.refunds, before.refunds, refunds, {"show": "return"}),
    ):
        if more > 0 and more * 10 > was:
            evidence = on.receipts(period.first, period.last, **show)
            facts = {"amount": on.short(more), "time": _time(on)}
            yield Insight(kind, words, facts, more, evidence, "/risk", _("Look for why"), SETTLE_EXCEPTIONS)
    if on.costs and (lost := _margin_lost(now, before)) > 0:
        yield Insight(
            "margin",
            _("The margin shrank: at the share of before there would be %(amount)s more: %(time)s."),
            {"amount": on.short(lost), "time": _time(on)},
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
    """Tell what is out of stock with what a day without it costs, and what runs out within two days with a week's."""
    windows = [window(one.id, one.timezone, one.day_cutoff_hour, on.asked.period, read.now) for one in on.asked.stores]
    prices = {
        one.key: mul_div(one.now.revenue, 1000, max(1, int(one.now.units * 1000))) for one in lines if one.now.units > 0
    }
    found = []
    for one in await panels.runs_out(read, windows) if windows else []:
        price = prices.get(str(one.product_id))
        if price is None or one.ware.per_day <= 0 or one.ware.on_hand > 2 * one.ware.per_day:
            continue
        a_day = mul_div(price, int(one.ware.per_day * 1000), 1000)
        found.append(_gone(one, on, a_day) if one.ware.on_hand <= 0 else _going(one, on, a_day * _WEEK))
    found.sort(key=lambda one: -one.at_stake)
    kinds = ("out_of_stock", "runs_out")
    return [one for kind in kinds for one in [each for each in found if each.kind == kind][:OF_A_KIND]]


def _gone(one: panels.Scarce, on: Sheet, a_day: int) -> Insight:
    words = _(
        "%(name)s in %(store)s is out of stock; at the pace of the last four weeks a day without it costs about "
        "%(amount)s of revenue."
    )
    return _short(
        "out_of_stock", words, {"name": one.product, "store": one.store, "amount": on.short(a_day)}, one, a_day
    )


def _going(one: panels.Scarce, on: Sheet, a_week: int) -> Insight:
    days = int(one.ware.on_hand / one.ware.per_day)
    day = writing.weekday(date.fromordinal(on.asked.today.toordinal()) + timedelta(days=days), on.facts.locale)
    words = _(
        "%(name)s in %(store)s runs out on %(day)s at the pace of the last four weeks; a week without it costs about "
        "%(amount)s of revenue."
    )
    facts = {"name": one.product, "store": one.store, "day": day, "amount": on.short(a_week)}
    return _short("runs_out", words, facts, one, a_week)


def _short(kind: str, words: str, facts: Mapping[str, str], one: panels.Scarce, at_stake: int) -> Insight:
    evidence = f"/products/{one.product_id}"
    return Insight(kind, words, facts, at_stake, evidence, "/stock/suggestions", _("Order it"), VIEW_STOCK)


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
