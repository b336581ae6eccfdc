"""A label as a picture for the page: the same composition as on paper, in SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from retail.catalog.labels.composing import Dark, Line, Mark
from retail.catalog.labels.formats import Format
from retail.catalog.labels.typeface import POINT, runs_right_to_left, width_of

_ANCHORS = {"L": "start", "C": "middle", "R": "end"}


def picture(marks: Sequence[Mark], paper: Format) -> str:
    """Draw one label with its edge."""
    drawn = "".join(_rect(mark) if isinstance(mark, Dark) else _text(mark) for mark in marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {paper.width:g} {paper.height:g}" '
        f'width="{paper.width:g}mm" height="{paper.height:g}mm">'
        f'<rect width="{paper.width:g}" height="{paper.height:g}" rx="1.5" fill="#fff"/>{drawn}</svg>'
    )


def _rect(mark: Dark) -> str:
    return (
        f'<rect x="{mark.x:.3f}" y="{mark.y:.3f}" width="{mark.width:.3f}" height="{mark.height:.3f}" '
        'shape-rendering="crispEdges"/>'
    )


def _text(line: Line) -> str:
    wide = width_of(line.text, line.points, bold=line.bold)
    x = {"L": line.x, "C": line.x + line.width / 2, "R": line.x + line.width}[line.align]
    anchor = _ANCHORS[line.align]
    if runs_right_to_left(line.text):  # its start is at the right
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
    return (
        f'<text x="{x:.3f}" y="{line.baseline:.3f}" font-size="{line.points * POINT:.3f}" text-anchor="{anchor}" '
        f'font-family="DejaVu Sans Condensed, Inter, sans-serif"{_bold(line)}{_direction(line)} '
        f'textLength="{wide:.3f}" lengthAdjust="spacingAndGlyphs">{escape(line.text)}</text>'
    )


def _bold(line: Line) -> str:
    return ' font-weight="700"' if line.bold else ""


def _direction(line: Line) -> str:
    return ' direction="rtl"' if runs_right_to_left(line.text) else ""
