"""Rows of a report's chart: of its first measure by its first side, as static/charts reads them."""

from __future__ import annotations

from typing import Any, Final

from retail.automation.reports.sheet import Column, Sheet
from retail.automation.reports.words import shown
from retail.kit.money import major
from retail.kit.text import _
from retail.runtime.tenancy import TenantFacts

SHAPES: Final = {"line": "revenue", "bars": "ranked", "parts": "donut"}
"""What each chart is drawn by."""
_BARS: Final = 10
_PARTS: Final = 5
_POINTS: Final = 400


def chart_of(typed: str, sheet: Sheet) -> str:
    """Choose the chart: the one that is asked for, else what fits; '' for none."""
    if typed == "none" or not sheet.drawn or sheet.measure is None:
        return ""
    if typed == "parts" and not sheet.measure.adds:
        return "bars"  # means and shares are no parts of a whole
    fits = "line" if sheet.columns[0].kind in {"day", "week", "month"} else "bars"
    return typed or fits


def drawn(sheet: Sheet, kind: str, facts: TenantFacts) -> list[dict[str, Any]]:
    """Lay rows out for a chart; amounts are decimal texts in major units."""
    if sheet.measure is None:
        return []
    first = sheet.columns[0].kind
    points = [(shown(row.values[0], first, facts), row.values[1]) for row in sheet.drawn if row.values[1] is not None]
    if kind == "bars":
        points = points[:_BARS]
    elif kind == "parts":
        points = _parts(points)
    elif kind == "line":
        points = points[-_POINTS:]
    return [_point(sheet.measure, place, one, facts, last=place == len(points) - 1) for place, one in enumerate(points)]


def _parts(points: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Keep the largest, and put all others together: parts of a chart are the whole."""
    above = sorted((one for one in points if one[1] > 0), key=lambda one: -one[1])
    rest = sum(value for _label, value in above[_PARTS:])
    return [*above[:_PARTS], *([(_("Others"), rest)] if rest else [])]


def _point(measure: Column, place: int, of: tuple[str, Any], facts: TenantFacts, *, last: bool) -> dict[str, Any]:
    label, value = of
    return {
        "place": place,
        "label": label,
        "kind": label,
        "kind_place": place,
        "now": f"{major(value, facts.money):f}" if measure.kind == "money" else str(value),
        "before": None,
        "running": False,
        "tail": last,
        "tip": f"{label} \u00b7 {shown(value, measure.kind, facts)}",
    }
