"""`countertop import` and `countertop export`: files in, with a report of refused rows, and tables out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from retail.analytics.exports import TABLES, export, of_days
from retail.audit.operations import note
from retail.cli.businesses import business
from retail.imports import counts, products, trade_import
from retail.imports.report import RefusedRows, refused_rows, report_path
from retail.imports.shop import SLUG, web_shop
from retail.imports.trade import COLUMNS as TRADE_COLUMNS
from retail.kit.errors import DomainError, Invalid
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from retail.settings import Settings

Verbs = Any  # argparse gives the action that holds the verbs no public name

_COST_PERCENT: Final = 55
_INTO: Final = {"products": products.COLUMNS, "stock": counts.COLUMNS, "sales": TRADE_COLUMNS}


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
        ("stock", "counts (sku, store, quantity): what was counted becomes what is on hand"),
    ):
        kind = kinds.add_parser(what, help=sentence)
        kind.add_argument("file", type=Path, metavar="FILE", help="CSV, plain or gzipped")
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
    out.add_argument("what", choices=tuple(TABLES))
    out.add_argument("--tenant", required=True, metavar="SLUG")
    out.add_argument("--format", choices=("csv", "json"), default="csv")
    out.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DATE", help="first business day")
    out.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DATE", help="last business day")


async def take_in(db: Database, asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Import a file, and say what became of it."""
    path = report_path(settings.data_dir, asked.file)
    try:
        with refused_rows(path, _INTO[asked.what]) as refused:
            await _take(db, asked, refused, console)
    except Invalid as wrong:
        raise FileRefused([sentence for of_field in wrong.errors.values() for sentence in of_field]) from wrong
    _tell_refused(console, refused, path)
    return 0


async def _take(db: Database, asked: argparse.Namespace, refused: RefusedRows, console: Console) -> None:
    if asked.what == "sales":
        await _take_sales(db, asked, refused, console)
        return
    scope = Scope.system((await business(db, asked.tenant)).id)
    if asked.what == "products":
        report = await db.run(scope, products.import_product_file, asked.file, refused)
        _say(console, f"{report.created} products made, {report.updated} changed.")
    else:
        counted = await db.run(scope, counts.import_counts, asked.file, refused)
        _say(console, f"{counted} products counted.")


async def write_out(db: Database, asked: argparse.Namespace) -> int:
    """Export a table to the standard output, which may be closed before the end."""
    facts = await business(db, asked.tenant)
    taken = {"table": asked.what, "format": asked.format, "from": asked.first, "to": asked.last}
    await note(db, Scope.system(facts.id), "data.exported", "table", None, **taken)
    async with db.read(Scope.system(facts.id)) as read:
        table = TABLES[asked.what]
        pieces = export(read, table, asked.format, facts.money, of_days(read, table, asked.first, asked.last))
        try:
            async for piece in pieces:
                sys.stdout.write(piece)
            sys.stdout.flush()
        except BrokenPipeError:  # `… | head` has seen enough
            sys.stderr.close()  # or Python complains once more when it ends
    return 0


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
    _say(console, f"{refused.counts.total()} rows were refused; they are listed in {path}:")
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
