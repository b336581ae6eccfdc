"""The shapes of the sections' charts, as Altair draws them; scripts/draw_charts.py compiles them.

Every shape takes the rows of the data set "live" and its colours from the page's own variables. Numbers come as decimal
texts.
"""

from __future__ import annotations

import altair as alt

# A name in lines of some 20 letters, broken between words: on a phone a long one takes half of the width, or is cut.
LINES = "split(trim(replace(datum.label, regexp('(.{1,20})(\\\\s+|$)', 'g'), '$1\\n')), '\\n')"
SHORT = "datum.value === 0 ? '0' : format(datum.value, '~s')"


def _named(label: str = "label", *, angle: int = 0, kind: str = "band", padding: float = 0.3) -> alt.X:
    scale = alt.Scale(type="band", paddingInner=padding) if kind == "band" else alt.Scale(type="point", padding=0.25)
    return alt.X(
        f"{label}:O",
        sort=alt.EncodingSortField("place", op="min", order="ascending"),
        axis=alt.Axis(
            title=None,
            labelAngle=angle,
            labelOverlap=True,
            labelSeparation=6,
            domain=False,
            ticks=False,
            labelPadding=10,
        ),
        scale=scale,
    )


def _rows(**numbers: str) -> alt.Chart:
    """Take the rows; each number comes as a decimal text, so that none of its digits is lost on the way."""
    chart = alt.Chart(alt.NamedData("live"))
    for name, field in numbers.items():
        chart = chart.transform_calculate(
            **{name: f"datum.{field} === null || !isValid(datum.{field}) ? null : toNumber(datum.{field})"}
        )
    return chart


def _amounts(field: str, **more: object) -> alt.Y:
    axis = alt.Axis(title=None, labelExpr=SHORT, tickCount=4, domain=False, ticks=False, labelPadding=8)
    return alt.Y(f"{field}:Q", axis=axis, **more)


_TIP = alt.Tooltip("tip:N")
_RANGE = [f"var(--c{place})" for place in range(1, 7)]


def _kinds(legend: str = "bottom") -> alt.Color:
    return alt.Color(
        "kind:N",
        sort=alt.EncodingSortField("kind_place", op="min", order="ascending"),
        scale=alt.Scale(range=_RANGE),
        legend=alt.Legend(title=None, orient=legend, labelColor="var(--ink-2)", symbolType="square"),
    )


def band() -> alt.LayerChart:
    """Show what was sold as a line, and what is likely as a dashed one within its bounds."""
    base = _rows(amount="now", likely_amount="likely", least="low", most="high").encode(
        x=_named(kind="point"), tooltip=_TIP
    )
    ahead = base.transform_filter("datum.likely_amount !== null")
    bounds = (
        ahead.transform_filter("datum.least !== null")
        .mark_area(color="var(--c2)", opacity=0.18, interpolate="monotone")
        .encode(y=_amounts("least"), y2=alt.Y2("most:Q"))
    )
    likely = ahead.mark_line(color="var(--c2)", strokeWidth=2.5, strokeDash=[5, 4], interpolate="monotone").encode(
        y=_amounts("likely_amount")
    )
    sold = (
        base.transform_filter("datum.amount !== null")
        .mark_line(color="var(--c1)", strokeWidth=2.5, interpolate="monotone")
        .encode(y=_amounts("amount"))
    )
    touched = ahead.mark_point(filled=True, color="var(--c2)", size=200, opacity=0.01).encode(
        y=_amounts("likely_amount")
    )
    return alt.layer(bounds, likely, sold, touched).properties(width=600, height=300)


def ranked() -> alt.LayerChart:
    """Show a bar for each line, the largest on top, with a tick for what it was before."""
    base = _rows(amount="now", past="before").encode(
        y=alt.Y(
            "label:N",
            sort=alt.EncodingSortField("place", op="min", order="ascending"),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, labelLimit=150, grid=False),
            scale=alt.Scale(paddingInner=0.35),
        ),
        tooltip=_TIP,
    )
    axis = alt.Axis(title=None, labelExpr=SHORT, tickCount=4, domain=False, ticks=False, labelPadding=8, grid=True)
    bars = base.mark_bar(color="var(--c1)", cornerRadiusEnd=3).encode(x=alt.X("amount:Q", axis=axis))
    past = (
        base.transform_filter("datum.past !== null")
        .mark_tick(color="var(--ink)", thickness=2, opacity=0.75)
        .encode(x=alt.X("past:Q", axis=axis))
    )
    return alt.layer(bars, past).properties(width=600, height=260)


def heat() -> alt.LayerChart:
    """Show hours across and weekdays down; the more was sold, the stronger."""
    base = _rows(amount="now").encode(
        x=_named("hour", padding=0.06),
        y=alt.Y(
            "day:O",
            sort=alt.EncodingSortField("day_place", op="min", order="ascending"),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, grid=False),
            scale=alt.Scale(paddingInner=0.06),
        ),
        tooltip=_TIP,
    )
    cells = base.mark_rect(color="var(--c1)", cornerRadius=3).encode(
        opacity=alt.Opacity("amount:Q", scale=alt.Scale(range=[0.07, 1]), legend=None)
    )
    return alt.layer(cells).properties(width=600, height=240)


def calendar() -> alt.LayerChart:
    """Show weeks across and weekdays down, one cell a day."""
    base = _rows(amount="now").encode(
        x=_named("week", padding=0.1),
        y=alt.Y(
            "day:O",
            sort=alt.EncodingSortField("day_place", op="min", order="ascending"),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, grid=False),
            scale=alt.Scale(paddingInner=0.1),
        ),
        tooltip=_TIP,
    )
    cells = base.mark_rect(color="var(--c2)", cornerRadius=2).encode(
        opacity=alt.Opacity("amount:Q", scale=alt.Scale(range=[0.07, 1]), legend=None)
    )
    return alt.layer(cells).properties(width=600, height=180)


def donut() -> alt.LayerChart:
    """Show parts of a whole as a ring."""
    base = _rows(amount="now").encode(
        theta=alt.Theta("amount:Q", stack=True),
        order=alt.Order("kind_place:Q"),
        color=_kinds("right"),
        tooltip=_TIP,
    )
    ring = base.mark_arc(innerRadius=alt.expr("min(width, height) / 4"), stroke="var(--surface)", strokeWidth=2)
    return alt.layer(ring).properties(width=360, height=240)


def stacked() -> alt.LayerChart:
    """Show parts over time, each on top of the others."""
    base = _rows(amount="now").encode(
        x=_named(kind="point"), color=_kinds(), order=alt.Order("kind_place:Q"), tooltip=_TIP
    )
    areas = base.mark_area(interpolate="monotone", opacity=0.85).encode(y=_amounts("amount", stack="zero"))
    return alt.layer(areas).properties(width=600, height=260)


def shares() -> alt.LayerChart:
    """Show parts of each stretch of time as shares of it: bars of the same height."""
    base = _rows(amount="now").encode(
        x=_named(padding=0.15), color=_kinds(), order=alt.Order("kind_place:Q"), tooltip=_TIP
    )
    axis = alt.Axis(title=None, format=".0%", tickCount=4, domain=False, ticks=False, labelPadding=8)
    bars = base.mark_bar().encode(y=alt.Y("amount:Q", stack="normalize", axis=axis))
    return alt.layer(bars).properties(width=600, height=220)


def waterfall() -> alt.LayerChart:
    """Show how an amount becomes another one: each bar begins where the one before ends."""
    base = _rows(low="from", high="to").encode(x=_named(padding=0.25), tooltip=_TIP)
    bars = base.mark_bar(cornerRadius=2).encode(
        y=_amounts("low"),
        y2=alt.Y2("high:Q"),
        color=alt.Color(
            "tone:N",
            scale=alt.Scale(domain=["whole", "less", "left"], range=["var(--c1)", "var(--c4)", "var(--c2)"]),
            legend=None,
        ),
    )
    return alt.layer(bars).properties(width=600, height=240)


def pareto() -> alt.LayerChart:
    """Show products by what they brought, with the line of what they and all before them brought together."""
    base = _rows(amount="now", together="share").encode(x=_named(padding=0.1, angle=-45), tooltip=_TIP)
    bars = base.mark_bar(color="var(--c1)", cornerRadiusEnd=2).encode(y=_amounts("amount"))
    axis = alt.Axis(title=None, format=".0%", tickCount=4, domain=False, ticks=False, labelPadding=8, grid=False)
    line = base.mark_line(color="var(--c3)", strokeWidth=2.5, interpolate="monotone", point=False).encode(
        y=alt.Y("together:Q", axis=axis, scale=alt.Scale(domain=[0, 1]))
    )
    return alt.layer(bars, line).resolve_scale(y="independent").properties(width=600, height=260)


def bubbles() -> alt.LayerChart:
    """Show products by how fast they sell and what share of the price is left, as large as what they bring."""
    base = _rows(pace="pace", margin="margin", amount="now").encode(
        x=alt.X(
            "pace:Q",
            scale=alt.Scale(type="symlog"),
            axis=alt.Axis(titleColor="var(--ink-2)", title=None, tickCount=6, domain=False, ticks=False, grid=True),
        ),
        y=alt.Y("margin:Q", axis=alt.Axis(title=None, format=".0%", tickCount=5, domain=False, ticks=False)),
        tooltip=_TIP,
    )
    dots = base.mark_point(filled=True, color="var(--c1)", opacity=0.55, stroke="var(--surface)", strokeWidth=1).encode(
        size=alt.Size("amount:Q", scale=alt.Scale(range=[30, 900]), legend=None)
    )
    return alt.layer(dots).properties(width=600, height=300)


def growing() -> alt.LayerChart:
    """Show what came together since the first day, beside the time before."""
    base = _rows(amount="now", past="before").encode(x=_named(kind="point"), tooltip=_TIP)
    past = base.mark_line(interpolate="step-after", color="var(--edge)", strokeWidth=2).encode(y=_amounts("past"))
    now = (
        base.transform_filter("datum.amount !== null")
        .mark_line(interpolate="step-after", color="var(--c1)", strokeWidth=2.5)
        .encode(y=_amounts("amount"))
    )
    return alt.layer(past, now).properties(width=600, height=220)


def changes() -> alt.LayerChart:
    """Show how lines moved: a stick from nothing to the change, with a head."""
    base = _rows(by="by").encode(
        y=alt.Y(
            "label:N",
            sort=alt.EncodingSortField("place", op="min", order="ascending"),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8, labelLimit=150, grid=False),
        ),
        tooltip=_TIP,
    )
    axis = alt.Axis(title=None, format="+.0%", tickCount=5, domain=False, ticks=False, labelPadding=8, grid=True)
    tone = alt.condition("datum.by < 0", alt.value("var(--c4)"), alt.value("var(--c2)"))
    sticks = base.mark_rule(strokeWidth=2).encode(x=alt.X("by:Q", axis=axis), x2=alt.datum(0), color=tone)
    heads = base.mark_point(filled=True, size=110, opacity=1).encode(x=alt.X("by:Q", axis=axis), color=tone)
    return alt.layer(sticks, heads).properties(width=600, height=240)


def boxes() -> alt.LayerChart:
    """Show how the days of each weekday spread: the middle half as a box, its middle as a line, the ends as a stick."""
    base = _rows(least="least", low="low", middle="middle", high="high", most="most").encode(
        x=_named(padding=0.45), tooltip=_TIP
    )
    sticks = base.mark_rule(color="var(--ink-3)").encode(y=_amounts("least"), y2=alt.Y2("most:Q"))
    box = base.mark_bar(color="var(--c1)", opacity=0.75, cornerRadius=2).encode(y=_amounts("low"), y2=alt.Y2("high:Q"))
    middle = base.mark_tick(color="var(--surface)", thickness=2.5, bandSize=26).encode(y=_amounts("middle"))
    return alt.layer(sticks, box, middle).properties(width=600, height=220)


def slopes() -> alt.LayerChart:
    """Show how shares of several went from before to now: a line each, with its name at the end."""
    base = _rows(part="share").encode(
        x=alt.X(
            "when:O",
            sort=alt.EncodingSortField("place", op="min", order="ascending"),
            axis=alt.Axis(title=None, labelAngle=0, domain=False, ticks=False, labelPadding=8),
            scale=alt.Scale(type="point", padding=0.6),
        ),
        tooltip=_TIP,
    )
    axis = alt.Axis(title=None, format=".0%", tickCount=4, domain=False, ticks=False, labelPadding=8)
    lines = base.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=60, filled=True)).encode(
        y=alt.Y("part:Q", axis=axis), color=_kinds("right")
    )
    return alt.layer(lines).properties(width=480, height=260)


def averaged() -> alt.LayerChart:
    """Show each day as a dot, and the mean of the seven days up to it as a line."""
    base = _rows(amount="now", mean="mean").encode(x=_named(kind="point"), tooltip=_TIP)
    dots = base.mark_point(filled=True, color="var(--c1)", size=28, opacity=0.45).encode(y=_amounts("amount"))
    line = (
        base.transform_filter("datum.mean !== null")
        .mark_line(color="var(--c3)", strokeWidth=2.5, interpolate="monotone")
        .encode(y=_amounts("mean"))
    )
    return alt.layer(dots, line).properties(width=600, height=220)


def dumbbells() -> alt.LayerChart:
    """Show two values of each line, before and after something, with the stretch between them."""
    base = _rows(then="before", after="now").encode(
        y=alt.Y(
            "label:N",
            sort=alt.EncodingSortField("place", op="min", order="ascending"),
            axis=alt.Axis(
                title=None, domain=False, ticks=False, labelPadding=8, labelLimit=150, grid=False, labelExpr=LINES
            ),
        ),
        tooltip=_TIP,
    )
    axis = alt.Axis(title=None, tickCount=5, domain=False, ticks=False, labelPadding=8, grid=True)
    between = base.mark_rule(color="var(--edge)", strokeWidth=3).encode(
        x=alt.X("then:Q", axis=axis), x2=alt.X2("after:Q")
    )
    first = base.mark_point(filled=True, color="var(--ink-3)", size=90, opacity=1).encode(x=alt.X("then:Q", axis=axis))
    last = base.mark_point(filled=True, color="var(--c1)", size=120, opacity=1).encode(x=alt.X("after:Q", axis=axis))
    return alt.layer(between, first, last).properties(width=600, height=240)
