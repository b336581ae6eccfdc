"""Rows of the charts of products: what the best bring together, pace against margin, and what new prices did."""

from __future__ import annotations

from typing import Final

from retail.analytics.sections.breakdown import breakdown
from retail.analytics.sections.effects import price_effects
from retail.analytics.sections.sheet import Rows, Sheet
from retail.kit.money import mul_div
from retail.runtime.db import Read

_PARETO: Final = 30
_BUBBLES: Final = 150
_MILLI: Final = 1000
_SHOWN: Final = 12


async def pareto(read: Read, on: Sheet) -> Rows:
    """Give the products that bring most, each with what it and all before it bring of the whole."""
    lines = [one for one in await breakdown(read, on.asked, "product") if one.now.revenue > 0]
    whole, so_far, rows = sum(one.now.revenue for one in lines), 0, []
    for place, one in enumerate(lines[:_PARETO]):
        so_far += one.now.revenue
        share = mul_div(so_far, _MILLI, whole)
        rows.append(
            {
                "place": place,
                "label": one.name,
                "now": on.amount(one.now.revenue),
                "share": f"{share // _MILLI}.{share % _MILLI:03d}",
                "tip": on.tip(one.name, on.short(one.now.revenue), on.share(share)),
            }
        )
    return rows


async def bubbles(read: Read, on: Sheet) -> Rows:
    """Give the products that bring most by units a day and margin."""
    days = max(1, (min(on.asked.period.last, on.asked.today) - on.asked.period.first).days + 1)
    lines = [
        one
        for one in await breakdown(read, on.asked, "product", most=_BUBBLES)
        if one.now.units > 0 and one.now.revenue > 0 and one.now.gross_margin is not None
    ]
    return [
        {
            "pace": f"{one.now.units / days:.3f}",
            "margin": f"{one.now.gross_margin:f}",
            "now": on.amount(one.now.revenue),
            "tip": on.tip(one.name, on.short(one.now.revenue)),
        }
        for one in lines
    ]


async def effects(read: Read, on: Sheet) -> Rows:
    """Give what changed prices did to the units sold a day."""
    return [
        {
            "place": place,
            "label": one.name,
            "before": f"{one.before:.3f}",
            "now": f"{one.after:.3f}",
            "tip": on.tip(one.name, f"{one.before:.1f} → {one.after:.1f}"),
        }
        for place, one in enumerate((await price_effects(read, on.asked))[:_SHOWN])
    ]
