"""Labels as a PDF: pages of a format, drawn from their compositions, with the typeface inside."""

from __future__ import annotations

from collections.abc import Sequence

from fpdf import FPDF

from retail.catalog.labels.composing import Dark, Line, Mark
from retail.catalog.labels.formats import Box, Format
from retail.catalog.labels.typeface import BOLD, POINT, REGULAR

_FACE = "label"


def print_labels(labels: Sequence[Sequence[Mark]], paper: Format, start: int, title: str) -> bytes:
    """Draw labels one after the other, the first at the place `start` (from 0) of the first page.

    Takes some milliseconds for each label: call it in a thread.
    """
    pdf = FPDF(orientation="portrait", unit="mm", format=(paper.page_width, paper.page_height))
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_title(title)
    pdf.set_creator("Countertop")
    pdf.add_font(_FACE, "", REGULAR)
    pdf.add_font(_FACE, "B", BOLD)
    pdf.set_text_shaping(use_shaping_engine=True)
    for place, marks in enumerate(labels, start):
        if place % paper.per_page == 0 or place == start:
            pdf.add_page()
        _draw(pdf, marks, paper.box(place % paper.per_page))
    return bytes(pdf.output())


def _draw(pdf: FPDF, marks: Sequence[Mark], box: Box) -> None:
    for mark in marks:
        if isinstance(mark, Dark):
            pdf.rect(box.x + mark.x, box.y + mark.y, mark.width, mark.height, style="F")
        else:
            _write(pdf, mark, box)


def _write(pdf: FPDF, line: Line, box: Box) -> None:
    pdf.set_font(_FACE, "B" if line.bold else "", line.points)
    # a cell without height sets its baseline 0.3 of the letters' size below its top
    pdf.set_xy(box.x + line.x, box.y + line.baseline - 0.3 * line.points * POINT)
    pdf.cell(line.width, 0, line.text, align=line.align)
