"""The shapes of the charts of customers, as Altair draws them; scripts/draw_charts.py compiles them.

Every shape takes the rows of the data set "live" and its colours from the page's own variables.
"""

from __future__ import annotations

import altair as alt

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


def cohorts() -> alt.LayerChart:
    """Show which share of each month's first buyers came in each month later; `label` is the share in words."""
    rows = alt.Chart(alt.NamedData("live")).transform_calculate(part="toNumber(datum.share)")
    base = rows.encode(
        x=alt.X("later:O", axis=alt.Axis(title=None, labelAngle=0, domain=False, ticks=False, orient="top")),
        y=alt.Y(
            "month:O",
            sort=alt.EncodingSortField("place", op="min", order="ascending"),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, grid=False),
        ),
        tooltip=alt.Tooltip("tip:N"),
    )
    shade = alt.Scale(domain=[0, 1], range=[0.04, 0.75], clamp=True)
    cells = base.mark_rect(color="var(--c1)", cornerRadius=2, stroke="var(--surface)", strokeWidth=2).encode(
        opacity=alt.Opacity("part:Q", scale=shade, legend=None)
    )
    # On a phone the figures would overlap: there the table below has them.
    words = base.mark_text(color="var(--ink)", fontSize=alt.ExprRef("width < 480 ? 0 : 12")).encode(text="label:N")
    return alt.layer(cells, words).properties(width=600, height=360)
