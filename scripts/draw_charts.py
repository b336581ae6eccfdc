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

CHARTS = Path(__file__).resolve().parents[1] / "static" / "charts"
_SHORT = "datum.value === 0 ? '0' : format(datum.value, '~s')"
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
    axis = alt.Axis(title=None, labelExpr=_SHORT, tickCount=4, domain=False, ticks=False, labelPadding=8)
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
    axis = alt.Axis(title=None, labelExpr=_SHORT, tickCount=4, domain=False, ticks=False, labelPadding=8)
    bars = base.mark_bar(color="var(--c1)", cornerRadiusEnd=3).encode(y=alt.Y("many:Q", axis=axis))
    return alt.layer(bars).properties(width=600, height=180)


_SOURCES = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c5)", "var(--c4)", "var(--c6)", "var(--ink)"]
"""Of customers: VIP, loyal, active, new, at risk, lost, and a first purchase."""


def moved() -> alt.LayerChart:
    """Show who moved into each segment, by where they came from; rows hold every source for every segment.

    `order` is the place of the source, so that its colour stays the same; `many` is how many.
    """
    bars = (
        alt.Chart(alt.NamedData("live"))
        .mark_bar(cornerRadius=2, stroke="var(--surface)", strokeWidth=1)
        .encode(
            y=alt.Y(
                "to:N",
                sort=alt.EncodingSortField("place", op="min", order="ascending"),
                axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, grid=False),
                scale=alt.Scale(type="band", paddingInner=0.35),
            ),
            x=alt.X("many:Q", axis=alt.Axis(title=None, tickCount=5, tickMinStep=1, domain=False, ticks=False)),
            color=alt.Color(
                "was:N",
                sort=alt.EncodingSortField("order", op="min", order="ascending"),
                scale=alt.Scale(range=_SOURCES),
                legend=alt.Legend(
                    title=None,
                    orient="top",
                    columns=4,
                    labelColor="var(--ink-2)",
                    labelFontSize=12,
                ),
            ),
            order=alt.Order("order:Q"),
            tooltip=alt.Tooltip("tip:N"),
        )
    )
    return alt.layer(bars).properties(width=600, height=260)


def _heat(x: alt.X, y: alt.Y) -> alt.Chart:
    """Give a heat map of `share`, 0 to 1: the more, the stronger the one colour, in light and dark."""
    return (
        alt.Chart(alt.NamedData("live"))
        .mark_rect(color="var(--c1)", cornerRadius=2, stroke="var(--surface)", strokeWidth=2)
        .encode(
            x=x,
            y=y,
            opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.06, 1], clamp=True), legend=None),
            tooltip=alt.Tooltip("tip:N"),
        )
    )


def hours() -> alt.LayerChart:
    """Show the hours of the week as a heat map; `place` orders the days."""
    x = alt.X("hour:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True, domain=False, ticks=False))
    y = alt.Y(
        "day:O",
        sort=alt.EncodingSortField("place", op="min", order="ascending"),
        axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, grid=False),
    )
    return alt.layer(_heat(x, y)).properties(width=600, height=220)


def cohorts() -> alt.LayerChart:
    """Show which share of each month's first buyers came in each month later; `label` is the share in words."""
    x = alt.X("later:O", axis=alt.Axis(title=None, labelAngle=0, domain=False, ticks=False, orient="top"))
    y = alt.Y(
        "month:O",
        sort=alt.EncodingSortField("place", op="min", order="ascending"),
        axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, grid=False),
    )
    heat = _heat(x, y).encode(
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.75], clamp=True), legend=None)
    )
    words = (
        alt.Chart(alt.NamedData("live"))
        .mark_text(color="var(--ink)", fontSize=alt.ExprRef("width < 480 ? 0 : 12"))  # on a phone they would overlap
        .encode(x=x, y=y, text="label:N", tooltip=alt.Tooltip("tip:N"))
    )
    return alt.layer(heat, words).properties(width=600, height=360)


SHAPES: dict[str, Callable[[], alt.LayerChart]] = {
    "revenue": revenue, "sold": sold, "moved": moved, "hours": hours, "cohorts": cohorts,
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
