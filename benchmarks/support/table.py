"""Tables and the few figures that they are made of."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

# The width is fixed, so that a table in a log looks like one on a screen.
console = Console(width=int(os.environ.get("COLUMNS", "120")), highlight=False)


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value that this share (0 to 1) of the values does not exceed; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def median(values: Iterable[float]) -> float:
    """Give the middle value; NaN of nothing."""
    listed = list(values)
    return statistics.median(listed) if listed else float("nan")


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, note: str = "") -> None:
    """Print a table: the first column is what was measured, the others are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", caption=note, caption_justify="left")
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*(_text(value) for value in row))
    console.print(table)


def verdict(name: str, *, met: bool, measured: str, target: str) -> None:
    """Say in one line whether a target was met."""
    console.print(f"{'met   ' if met else 'MISSED'}  {name}: {measured} (target {target})")


def _text(value: object) -> str:
    if isinstance(value, float):
        return "-" if value != value else f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"  # noqa: PLR0124
    return f"{value:,}" if isinstance(value, int) else str(value)
