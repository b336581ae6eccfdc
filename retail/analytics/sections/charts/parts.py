"""Rows of the charts of parts: the largest of a side, parts of a whole, parts over time, from price to margin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from retail.analytics import writing
from retail.analytics.rules import Totals
from retail.analytics.sections.breakdown import Broken, Line, breakdown, key_text
from retail.analytics.sections.course import course
from retail.analytics.sections.reading import figures
from retail.analytics.sections.sheet import Rows, Sheet
from retail.kit.money import mul_div
from retail.kit.text import _
from retail.runtime.db import Read

Draw = Callable[[Read, Sheet], Awaitable[Rows]]

_RANKED: Final = 10
_KINDS: Final = 5
_WHOLE: Final = 1000


def ranked(side: Broken) -> Draw:
    """Draw the largest of a side as bars, with what they were before."""

    async def rows(read: Read, on: Sheet) -> Rows:
        return ranked_rows(on, await breakdown(read, on.asked, side, most=_RANKED))

    return rows


def ranked_rows(on: Sheet, lines: Sequence[Line]) -> Rows:
    """Lay lines out for the chart of bars."""
    compared = on.asked.compared
    return [
        {
            "place": place,
            "label": one.name,
            "now": on.amount(one.now.revenue),
            "before": on.amount(one.before.revenue) if compared else None,
            "tip": on.tip(one.name, on.short(one.now.revenue), f"({on.short(one.before.revenue)})" if compared else ""),
        }
        for place, one in enumerate(lines)
    ]


async def waterfall(read: Read, on: Sheet) -> Rows:
    """Draw how full prices become what is left."""
    return waterfall_rows(on, (await course(read, on.asked)).total)


def waterfall_rows(on: Sheet, sums: Totals) -> Rows:
    """Lay out how the prices of the shelf become what is left: discounts, tax and the goods' cost taken off."""
    shelf = sums.revenue + sums.refunds + sums.discount
    steps = [(_("At full price"), 0, shelf, "whole")]
    at = shelf
    for name, less in (
        (_("Discounts"), sums.discount),
        (_("Refunds"), sums.refunds),
        (_("Tax"), sums.tax),
        (_("Cost of goods"), sums.cost),
    ):
        steps.append((name, at, at - less, "less"))
        at -= less
    steps.append((_("Margin"), 0, at, "left"))
    return [
        {
            "place": place,
            "label": name,
            "from": on.amount(begin),
            "to": on.amount(end),
            "tone": tone,
            "tip": on.tip(name, on.short(end - begin)),
        }
        for place, (name, begin, end, tone) in enumerate(steps)
    ]


def parts(side: Broken) -> Draw:
    """Draw the largest of a side and all others as parts of a whole."""

    async def rows(read: Read, on: Sheet) -> Rows:
        lines = [one for one in await breakdown(read, on.asked, side) if one.now.revenue > 0]
        rest = sum(one.now.revenue for one in lines[_KINDS:])
        kinds = [(one.name, one.now.revenue) for one in lines[:_KINDS]]
        if rest:
            kinds.append((_("Others"), rest))
        return [
            {
                "kind": name,
                "kind_place": place,
                "now": on.amount(amount),
                "tip": on.tip(name, on.short(amount)),
            }
            for place, (name, amount) in enumerate(kinds)
        ]

    return rows


def over_time(side: Broken) -> Draw:
    """Lay out the largest of a side over time, the others together."""

    async def rows(read: Read, on: Sheet) -> Rows:
        asked = on.asked
        at = "hour" if asked.period.days == 1 else asked.grain
        sums = await figures(read, asked.narrowed, (at, side), asked.period.first, asked.period.last)  # type: ignore[arg-type]
        names = [(one.key, one.name) for one in await breakdown(read, asked, side, most=_KINDS)]
        return over_time_rows(on, sums, names)

    return rows


def over_time_rows(on: Sheet, sums: Mapping[tuple[Any, ...], Totals], names: Sequence[tuple[str, str]]) -> Rows:
    """Lay parts over time out: a row for each time and each of the largest, and one for the others."""
    times = sorted({key[0] for key in sums})
    known = dict(names)
    rows = []
    for place, time in enumerate(times):
        label = writing.hour_label(time, on.facts.locale) if isinstance(time, int) else on.day_label(time)
        parts = {key_text(key[1]): one.revenue for key, one in sums.items() if key[0] == time}
        rest = sum(amount for key, amount in parts.items() if key not in known)
        for kind_place, (key, name) in enumerate([*names, *([("", _("Others"))] if rest else [])]):
            amount = max(0, rest if key == "" else parts.get(key, 0))
            rows.append(
                {
                    "place": place,
                    "label": label,
                    "kind": name,
                    "kind_place": kind_place,
                    "now": on.amount(amount),
                    "tip": on.tip(label, name, on.short(amount)),
                }
            )
    return rows


def changes(side: Broken) -> Draw:
    """Draw by what share the revenue of the largest of a side moved."""

    async def rows(read: Read, on: Sheet) -> Rows:
        lines = [one for one in await breakdown(read, on.asked, side, most=_RANKED) if one.change]
        return [
            {
                "place": place,
                "label": one.name,
                "by": f"{one.change.by:f}",
                "tip": on.tip(one.name, writing.moved(one.change, on.facts.locale)),
            }
            for place, one in enumerate(lines)
            if one.change
        ]

    return rows


def slopes(side: Broken) -> Draw:
    """Draw how the shares of the largest of a side went from before to now."""

    async def rows(read: Read, on: Sheet) -> Rows:
        lines = await breakdown(read, on.asked, side)
        whole = {False: sum(one.before.revenue for one in lines), True: sum(one.now.revenue for one in lines)}
        return [
            {
                "place": int(now),
                "when": _("Now") if now else _("Before"),
                "kind": one.name,
                "kind_place": kind_place,
                "share": f"0.{_share(one, now, whole[now]):03d}" if _share(one, now, whole[now]) < _WHOLE else "1",
                "tip": on.tip(one.name, on.share(_share(one, now, whole[now]))),
            }
            for kind_place, one in enumerate(lines[:_KINDS])
            for now in (False, True)
        ]

    return rows


def _share(one: Line, now: bool, whole: int) -> int:  # noqa: FBT001 - which of the two sides
    sums = one.now if now else one.before
    return max(0, mul_div(sums.revenue, _WHOLE, whole)) if whole > 0 else 0
