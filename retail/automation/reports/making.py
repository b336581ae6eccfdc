"""Making the file of a report: a table for spreadsheets, or a PDF with the business's name and mark."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, cast

from retail.automation.exports.making import Tell
from retail.automation.files.writing import Form, Sink, sink
from retail.automation.reports.sheet import Column, Row, Sheet, Sums
from retail.automation.reports.words import days_words, shown, written
from retail.kit.errors import NotFound
from retail.kit.text import _, use_language
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.uploads import Shelf

Out = Literal["pdf", "xlsx", "csv"]
OUT: Final[tuple[Out, ...]] = ("pdf", "xlsx", "csv")
ON_PAPER: Final = 2_000
"""So many rows a PDF has at most; a longer report says where the others are."""
_PORTION: Final = 500
_SIDE: Final = 256
_HOUSE: Final = Path(__file__).resolve().parents[3]
_TEMPLATES: Final = _HOUSE / "templates" / "documents"
_FONTS: Final = _HOUSE / "static" / "vendor" / "dejavu-fonts-ttf@2.37.3"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a file says beside its table: its title, whose it is, when it was made, and where the mark lies."""

    title: str
    facts: TenantFacts
    at: datetime
    shelf: Shelf | None = None


async def write_report(sheet: Sheet, form: Out, paper: Paper, path: Path, tell: Tell) -> int:
    """Write a report's file, its totals last; gives how many rows it has. `tell` hears how far it is."""
    with use_language(paper.facts.locale):
        if form == "pdf":
            return await _write_pdf(sheet, paper, path, tell)
        return await _write_table(sheet, form, paper, path, tell)


async def _write_table(sheet: Sheet, form: Out, paper: Paper, path: Path, tell: Tell) -> int:
    numbers = frozenset(at for at, one in enumerate(sheet.columns) if one.number and one.kind != "change")
    file = await asyncio.to_thread(sink, path, cast("Form", form), [one.label for one in sheet.columns], numbers)
    sums, waiting = Sums(sheet.columns), []
    try:
        async for row in sheet.rows():
            sums.add(row)
            waiting.append(_cells(row.values, sheet.columns, paper.facts))
            if len(waiting) >= _PORTION:
                await asyncio.to_thread(_add, file, waiting)
                waiting = []
                await tell(sums.count)
        totals = sheet.totals if sheet.totals is not None else sums.totals
        if sums.count and any(one is not None for one in totals):
            waiting.append(_total_cells(totals, sheet.columns, paper.facts))
        await asyncio.to_thread(_add, file, waiting)
    finally:
        await asyncio.to_thread(file.close)
    return sums.count


def _add(file: Sink, rows: Sequence[Sequence[object]]) -> None:
    for row in rows:
        file.add(row)


def _cells(values: Sequence[Any], columns: Sequence[Column], facts: TenantFacts) -> list[str]:
    return [written(value, column.kind, facts) for value, column in zip(values, columns, strict=True)]


def _total_cells(totals: Sequence[Any], columns: Sequence[Column], facts: TenantFacts) -> list[str]:
    cells = _cells(totals, columns, facts)
    return [_("Total"), *cells[1:]] if cells[0] == "" else cells


async def _write_pdf(sheet: Sheet, paper: Paper, path: Path, tell: Tell) -> int:
    sums = Sums(sheet.columns)
    rows: list[Row] = []
    async for row in sheet.rows():
        sums.add(row)
        if len(rows) < ON_PAPER:
            rows.append(row)
        if sums.count % _PORTION == 0:
            await tell(sums.count)
    totals = sheet.totals if sheet.totals is not None else sums.totals
    told = _told(sheet, rows, totals if sums.count else [], sums.count, paper)
    await asyncio.to_thread(_compile, told, paper, path)
    return sums.count


def _told(sheet: Sheet, rows: Sequence[Row], totals: Sequence[Any], count: int, paper: Paper) -> dict[str, Any]:
    facts = paper.facts
    kinds = [one.kind for one in sheet.columns]
    summed = [shown(one, kind, facts) if one is not None else "" for one, kind in zip(totals, kinds, strict=False)]
    cut = _("These are the first %(some)d of %(all)d rows. All of them are in the files for spreadsheets.")
    return {
        "title": paper.title,
        "business": facts.name,
        "language": facts.locale.partition("-")[0].partition("_")[0],
        "note": days_words(sheet.first, sheet.last, facts),
        "heads": [one.label for one in sheet.columns],
        "numbers": [one.number for one in sheet.columns],
        "rows": [[shown(one, kind, facts) for one, kind in zip(row.values, kinds, strict=True)] for row in rows],
        "totals": [summed[0] or _("Total"), *summed[1:]] if any(summed) else [],
        "empty": _("Nothing in this time."),
        "cut": cut % {"some": len(rows), "all": count} if count > len(rows) else "",
        "footer": _("Made %(when)s") % {"when": shown(paper.at, "moment", facts)},
    }


def _compile(told: Mapping[str, Any], paper: Paper, path: Path) -> None:
    """Set the PDF in a folder of its own, where nothing lies but the template and the business's mark."""
    import typst  # noqa: PLC0415 - 30 MB of compiler, which most processes never need

    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        room = Path(folder)
        shutil.copy(_TEMPLATES / "report.typ", room / "report.typ")
        typst.compile(
            str(room / "report.typ"),
            output=str(path),
            format="pdf",
            root=folder,
            font_paths=[str(_FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps({**told, "logo": _mark(paper.shelf, room)}, ensure_ascii=False)},
            timestamp=int(paper.at.timestamp()),
        )


def _mark(shelf: Shelf | None, room: Path) -> str:
    """Lay the business's mark beside the template; '' where there is none."""
    name = shelf.name_of("logo") if shelf else None
    if shelf is None or name is None:
        return ""
    try:
        (room / "logo.webp").write_bytes(shelf.read(name, _SIDE))
    except NotFound:
        return ""
    return "logo.webp"
