"""Draw the charts' shapes with Altair and compile them to Vega, into static/charts/: `make charts`.

The product itself never imports Altair: a shape is compiled once, here, and its rows come separately, as data. A test
compiles again and compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import altair as alt
import vl_convert

from scripts import chart_shapes as shapes
from scripts import customer_shapes
from scripts.chart_shapes import SHORT

CHARTS = Path(__file__).resolve().parents[1] / "static" / "charts"
FONT = "Inter Variable, Inter, system-ui, sans-serif"


def revenue() -> alt.LayerChart:
    """Show a line of now over an area of before; `now` and `before` are decimal texts.

    A row's `running` says that its hour or day isn't over: that stretch is dashed, from the last one that is (`tail`).
    """
    base = (
        alt.Chart(alt.NamedData("live"))
        .transform_calculate(amount="datum.now === null ? null : toNumber(datum.now)", past="toNumber(datum.before)")
        .encode(
            x=alt.X(
                "label:O",
                sort=alt.EncodingSortField("place", op="min", order="ascending"),
                axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True, domain=False, ticks=False, labelPadding=10),
                scale=alt.Scale(type="point", padding=0.25),
            ),
            tooltip=alt.Tooltip("tip:N"),
        )
    )
    axis = alt.Axis(title=None, labelExpr=SHORT, tickCount=4, domain=False, ticks=False, labelPadding=8)
    before = base.mark_area(
        interpolate="monotone", color="var(--accent-soft)", line={"color": "var(--edge)", "strokeWidth": 1.25}
    ).encode(y=alt.Y("past:Q", axis=axis))
    known = base.transform_filter("datum.amount !== null").encode(y=alt.Y("amount:Q", axis=axis))
    over = known.transform_filter("!datum.running").mark_line(
        interpolate="monotone", color="var(--c1)", strokeWidth=3, strokeCap="round"
    )
    running = known.transform_filter("datum.tail").mark_line(color="var(--c1)", strokeWidth=2, strokeDash=[3, 4])
    touched = known.mark_point(filled=True, color="var(--c1)", size=300, opacity=0.01)
    end = known.transform_filter("datum.tail").mark_point(
        filled=True, color="var(--c1)", size=70, stroke="var(--surface)", strokeWidth=2, opacity=1
    )
    return alt.layer(before, running, over, touched, end).properties(width=600, height=240)


def sold() -> alt.LayerChart:
    """Show a bar for how many were sold in each stretch of time; `units` is a decimal text."""
    base = (
        alt.Chart(alt.NamedData("live"))
        .transform_calculate(many="toNumber(datum.units)")
        .encode(
            x=alt.X(
                "label:O",
                sort=alt.EncodingSortField("place", op="min", order="ascending"),
                axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True, domain=False, ticks=False, labelPadding=10),
                scale=alt.Scale(type="band", paddingInner=0.3),
            ),
            tooltip=alt.Tooltip("tip:N"),
        )
    )
    axis = alt.Axis(title=None, labelExpr=SHORT, tickCount=4, domain=False, ticks=False, labelPadding=8)
    bars = base.mark_bar(color="var(--c1)", cornerRadiusEnd=3).encode(y=alt.Y("many:Q", axis=axis))
    return alt.layer(bars).properties(width=600, height=180)


SHAPES: dict[str, Callable[[], alt.LayerChart]] = {
    shape.__name__: shape
    for shape in (
        revenue, sold, shapes.ranked, shapes.heat, shapes.calendar, shapes.donut, shapes.stacked, shapes.shares,
        shapes.waterfall, shapes.pareto, shapes.bubbles, shapes.growing, shapes.changes, shapes.boxes, shapes.slopes,
        shapes.averaged, shapes.dumbbells, shapes.band, customer_shapes.moved, customer_shapes.cohorts,
    )
}  # fmt: skip


def compiled(name: str) -> str:
    """Give a shape's Vega spec as the JSON text that is kept."""
    shape = SHAPES[name]().configure(
        font=FONT,
        background="transparent",
        padding=4,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor="var(--ink-3)", labelFontSize=12, gridColor="var(--grid)", gridOpacity=0.8, grid=True
        ),
        axisX=alt.AxisConfig(grid=False),
    )
    vega = vl_convert.vegalite_to_vega(shape.to_dict(), vl_version="6.4")
    return json.dumps(vega, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every shape."""
    CHARTS.mkdir(exist_ok=True)
    for name in SHAPES:
        (CHARTS / f"{name}.json").write_text(compiled(name))


if __name__ == "__main__":
    main()
