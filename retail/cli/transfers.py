"""`countertop import` and `countertop export`: files in, with a report of refused rows, and tables out."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from retail.audit.operations import note
from retail.automation.cells import Ways
from retail.automation.exports.lists import LISTS, PACKED
from retail.automation.exports.making import Order, write_list
from retail.automation.exports.narrowing import narrowed
from retail.automation.imports.inline import take_in as take_file
from retail.automation.imports.queries import every_row
from retail.cli.businesses import business
from retail.imports import trade_import
from retail.imports.report import RefusedRows, refused_rows, report_path
from retail.imports.shop import SLUG, web_shop
from retail.imports.trade import COLUMNS as TRADE_COLUMNS
from retail.kit.errors import DomainError, Invalid
from retail.live import projections
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from retail.settings import Settings

Verbs = Any  # argparse gives the action that holds the verbs no public name

_COST_PERCENT: Final = 55
_PATIENCE: Final = 3600
_INTO: Final = {
    "products": ("sku",),
    "prices": ("sku",),
    "stock": ("sku",),
    "customers": ("name",),
    "sales": TRADE_COLUMNS,
}


class FileRefused(DomainError):
    """The file can't be read at all; nothing of it was taken in."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(*sentences)
        self.sentences = sentences

    def sentence(self) -> str:
        """Say what is wrong with it."""
        return " ".join(self.sentences)


def add_transfers(verbs: Verbs) -> None:
    """Add the verbs `import` and `export` to the command line."""
    into = verbs.add_parser("import", help="take a file in; refused rows are reported with line number and reason")
    kinds = into.add_subparsers(dest="what", required=True)
    for what, sentence in (
        ("products", "products (sku, name, price, tax_class, …): known SKUs are changed, new ones made"),
        ("prices", "prices (sku or barcode, price): of products that are there"),
        ("customers", "customers (name, phone, email, member_card, group, …): known ones are changed, new ones made"),
        ("stock", "counts (sku, store, quantity): what was counted becomes what is on hand"),
    ):
        kind = kinds.add_parser(what, help=sentence)
        kind.add_argument("file", type=Path, metavar="FILE", help="CSV, XLSX or JSON, plain or gzipped")
        kind.add_argument("--tenant", required=True, metavar="SLUG")
    sales = kinds.add_parser("sales", help="past trade in the form of the Online Retail data set")
    sales.add_argument("file", type=Path, metavar="FILE", help="CSV, plain or gzipped")
    sales.add_argument("--tenant", default=SLUG, metavar="SLUG", help=f"business, founded if missing ({SLUG})")
    sales.add_argument("--owner", default="", metavar="EMAIL", help="who owns it; an account is made if missing")
    sales.add_argument(
        "--cost",
        type=_percent,
        default=_COST_PERCENT,
        metavar="PERCENT",
        help=f"what goods are taken to cost, of their usual price: the file has no costs ({_COST_PERCENT})",
    )
    out = verbs.add_parser("export", help="write a table to the standard output")
    out.add_argument("what", choices=tuple(name for name in LISTS if name not in PACKED))
    out.add_argument("--tenant", required=True, metavar="SLUG")
    out.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
    out.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DATE", help="first business day")
    out.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DATE", help="last business day")


async def take_in(db: Database, asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Import a file, and say what became of it."""
    path = report_path(settings.data_dir, asked.file)
    try:
        with refused_rows(path, _INTO[asked.what]) as refused:
            await _take(db, asked, refused, console, settings)
    except Invalid as wrong:
        raise FileRefused([sentence for of_field in wrong.errors.values() for sentence in of_field]) from wrong
    _tell_refused(console, refused, path)
    return 0


async def _take(
    db: Database, asked: argparse.Namespace, refused: RefusedRows, console: Console, settings: Settings
) -> None:
    if asked.what == "sales":
        await _take_sales(db, asked, refused, console)
        return
    projections()  # registers the jobs that an import is made of
    scope = Scope.system((await business(db, asked.tenant)).id)
    run = await take_file(db, scope, settings, asked.file, asked.what)
    async with db.read(scope) as read:
        async for row in every_row(read, run.id, ["refused"]):
            refused.add(row.line, [row.name], " ".join(one.sentence for one in row.reasons))
    said = f"{run.new_count} made, {run.changed_count} changed, {run.same_count} as they were."
    _say(console, f"{run.row_count} rows read: {said}")


async def write_out(db: Database, asked: argparse.Namespace) -> int:
    """Export a table to the standard output, which may be closed before the end."""
    facts = await business(db, asked.tenant)
    taken = {"table": asked.what, "format": asked.format, "from": asked.first, "to": asked.last}
    await note(db, Scope.system(facts.id), "data.exported", "table", None, **taken)
    days = [(name, str(day)) for name, day in (("from", asked.first), ("to", asked.last)) if day]
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder, "list")
        async with db.read(Scope.system(facts.id), seconds=_PATIENCE) as read:
            where = await narrowed(read, asked.what, days)
            ways = Ways(facts.money, facts.timezone)
            await write_list(read, Order(LISTS[asked.what], asked.format, ways, where, costs=True), path)
        _pour(path)
    return 0


def _pour(path: Path) -> None:
    """Write a file to the standard output."""
    try:
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()
    except BrokenPipeError:  # `… | head` has seen enough
        sys.stderr.close()  # or Python complains once more when it ends


async def _take_sales(db: Database, asked: argparse.Namespace, refused: RefusedRows, console: Console) -> None:
    shop = await web_shop(db, asked.tenant, asked.owner)
    if shop.login:  # said first: a run that is cut off must not take the password with it
        email, password = shop.login
        _say(console, f"Sign in as {email}, {f'password {password}' if password else 'with the password as before'}.")
    with _bar(console) as progress:
        taken = await trade_import.import_trade(
            db, shop, asked.file, refused, cost_percent=asked.cost, progress=progress
        )
    _say(console, f"{taken.rows} rows read, {taken.refused} refused, {taken.articles} articles.")
    _say(
        console,
        f"Stored {taken.sales} sales, {taken.returns} returns, and {taken.unmatched} returns without a receipt; "
        f"{taken.before} documents were there already.",
    )
    _say(
        console,
        f"The file has neither costs nor taxes nor stock: goods are taken to cost {asked.cost} % of their usual price, "
        "amounts stand as they are, and shelves were filled before the first day.",
    )


def _tell_refused(console: Console, refused: RefusedRows, path: Path) -> None:
    if not refused.counts:
        return
    count = refused.counts.total()
    told = "1 row was refused; it is" if count == 1 else f"{count} rows were refused; they are"
    _say(console, f"{told} listed in {path}:")
    for reason, number in refused.counts.most_common(20):
        _say(console, f"  {number:>7}  {reason}")


def _say(console: Console, sentence: str) -> None:
    console.print(escape(sentence), highlight=False, soft_wrap=True)


@contextmanager
def _bar(console: Console) -> Iterator[trade_import.Progress]:
    columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} rows"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True) as bar:
        stage: list[TaskID] = []

        def begin(title: str, total: int | None) -> None:
            for task in stage:
                bar.remove_task(task)
            stage[:] = [bar.add_task(title, total=total)]

        yield trade_import.Progress(begin, lambda rows: bar.advance(stage[0], rows))


def _percent(text: str) -> int:
    percent = int(text)
    if not 0 <= percent <= 100:
        raise argparse.ArgumentTypeError("a percentage from 0 to 100")
    return percent
