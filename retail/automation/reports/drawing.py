"""Rows of a report's chart: of its first measure by its first side, as static/charts reads them."""

from __future__ import annotations

from typing import Any, Final

from retail.automation.reports.sheet import Column, Row, Sheet
from retail.automation.reports.words import shown
from retail.kit.money import major
from retail.runtime.tenancy import TenantFacts

SHAPES: Final = {"line": "revenue", "bars": "ranked", "parts": "donut"}
"""What each chart is drawn by."""
_BARS: Final = 10
_PARTS: Final = 6


def chart_of(typed: str, sheet: Sheet) -> str:
    """Choose the chart: the one that is asked for, else what fits; '' for none."""
    if typed == "none" or not sheet.drawn or len(sheet.columns) <= sheet.measure:
        return ""
    fits = "line" if sheet.columns[0].kind in {"day", "week", "month"} else "bars"
    return typed or fits


def drawn(sheet: Sheet, kind: str, facts: TenantFacts) -> list[dict[str, Any]]:
    """Lay the first rows out for a chart; amounts are decimal texts in major units."""
    rows = [row for row in sheet.drawn if row.values[sheet.measure] is not None]
    rows = (
        rows[:_BARS]
        if kind == "bars"
        else [one for one in rows if _size(one, sheet) > 0][:_PARTS]
        if kind == "parts"
        else rows
    )
    return [_one(sheet, row, place, facts, last=place == len(rows) - 1) for place, row in enumerate(rows)]


def _size(row: Row, sheet: Sheet) -> Any:  # noqa: ANN401 - any measure's own kind
    return row.values[sheet.measure]


def _one(sheet: Sheet, row: Row, place: int, facts: TenantFacts, *, last: bool) -> dict[str, Any]:
    measure = sheet.columns[sheet.measure]
    label = " · ".join(
        shown(value, column.kind, facts)
        for value, column in zip(row.values, sheet.columns[: sheet.measure], strict=False)
    )
    value = row.values[sheet.measure]
    return {
        "place": place,
        "label": label,
        "kind": label,
        "kind_place": place,
        "now": _plain(value, measure, facts),
        "before": None,
        "running": False,
        "tail": last,
        "tip": f"{label} · {shown(value, measure.kind, facts)}",
    }


def _plain(value: Any, column: Column, facts: TenantFacts) -> str:  # noqa: ANN401 - any measure's own kind
    return f"{major(value, facts.money):f}" if column.kind == "money" else str(value)
