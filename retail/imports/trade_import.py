"""Past trade taken in: looked through once, then stored invoice by invoice, a few thousand lines to a transaction.

A run that is cut off, even killed, goes on when it is started again: documents have ids made of their invoice
numbers, and what is stored already is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final
from uuid import UUID

from retail.analytics import rebuild
from retail.imports.files import opened
from retail.imports.invoices import Documents, Invoice
from retail.imports.report import RefusedRows
from retail.imports.shop import WebShop
from retail.imports.stocking import fill_shelves, put_articles, shelf
from retail.imports.survey import Survey, Tick, fingerprint, survey, taken_rows
from retail.imports.trade import Judge
from retail.imports.working import Desk
from retail.runtime.db import Database, Tx
from retail.sales.documents import StoredSale
from retail.sales.operations import lock_numbers
from retail.sales.past import record_past
from retail.sales.queries import stored_sales
from retail.stock import fold

LINES_AT_ONCE: Final = 3_000


@dataclass(slots=True)
class Taken:
    """What an import did. `before` are documents that were there already, `unmatched` those without a receipt."""

    rows: int = 0
    refused: int = 0
    articles: int = 0
    sales: int = 0
    returns: int = 0
    unmatched: int = 0
    before: int = 0


@dataclass(slots=True)
class _Batch:
    sales: list[StoredSale] = field(default_factory=list)
    returns: list[Invoice] = field(default_factory=list)
    lines: int = 0
    rows: int = 0
    before: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told how far it is: `begin(title, total)` starts a stage, `tick(n)` goes on in it."""

    begin: Callable[[str, int | None], None]
    tick: Tick


async def import_trade(
    db: Database, shop: WebShop, path: Path, refused: RefusedRows, *, cost_percent: int, progress: Progress
) -> Taken:
    """Take a file of past trade in. Raises Invalid for a file that can't be read at all."""
    progress.begin("Reading the file", None)
    found = await asyncio.to_thread(survey, path, _judge(shop), refused, progress.tick)
    wares = await db.run(shop.scope, put_articles, shop, found, cost_percent)
    await db.run(shop.scope, fill_shelves, shop, found, wares, await asyncio.to_thread(fingerprint, path))
    taken = Taken(found.rows, found.rows - found.taken, len(found.articles))
    desk = Desk(shop, wares, shelf(wares), db.clock.now())
    progress.begin("Storing sales", found.rows)
    await _store(db, desk, partial(_batches, path, found, desk, await _known(db, shop)), taken, progress.tick)
    progress.begin("Adding up", None)
    await _finish(db, shop, path.name, taken)
    return taken


def _judge(shop: WebShop) -> Judge:
    return Judge(shop.tenant.money, shop.store.timezone)


async def _known(db: Database, shop: WebShop) -> set[UUID]:
    async with db.read(shop.scope) as read:
        rows = await read.fetch("SELECT id FROM sale WHERE tenant_id = $1 AND till_id = $2", read.tenant, shop.till)
    return {row["id"] for row in rows}


async def _store(db: Database, desk: Desk, batches: Callable[[], Iterator[_Batch]], taken: Taken, tick: Tick) -> None:
    """Store batch after batch; the next one is worked out by a thread while the database writes."""
    loop = asyncio.get_running_loop()
    with closing(batches()) as made:  # type: ignore[type-var]
        upcoming = loop.run_in_executor(None, next, made, None)
        while (batch := await upcoming) is not None:
            upcoming = loop.run_in_executor(None, next, made, None)
            try:
                new = await db.run(desk.shop.scope, _write, desk, batch)
            except BaseException:
                await asyncio.wait([upcoming])  # a generator that runs can't be closed
                raise
            _count(taken, batch, new)
            tick(batch.rows)


def _batches(path: Path, found: Survey, desk: Desk, known: set[UUID]) -> Iterator[_Batch]:
    batch, read = _Batch(), 0
    with opened(path) as text:
        for at, one in Documents(found.given_back).of(taken_rows(text, _judge(desk.shop))):
            batch.rows, read = batch.rows + at - read, at
            if one.id in known:
                batch.before += 1
            elif one.original is None:
                batch.sales.append(desk.sale(one, 1))  # numbered when it is written
                batch.lines += one.size
            else:
                batch.returns.append(one)
                batch.lines += 3 * one.size
            if batch.lines >= LINES_AT_ONCE:
                yield batch
                batch = _Batch()
    batch.rows += found.rows - read
    yield batch


async def _write(tx: Tx, desk: Desk, batch: _Batch) -> list[StoredSale]:
    """Store a batch under the till's next numbers; the file's own number is kept as the payment's reference."""
    await lock_numbers(tx, desk.shop.till)
    numbers = {kind: count(await _last_number(tx, desk, kind) + 1) for kind in ("sale", "return")}
    new = await record_past(tx, [replace(sale, number=next(numbers["sale"])) for sale in batch.sales])
    wanted = list({one.original: None for one in batch.returns if one.original})
    originals = {sale.id: sale for sale in await stored_sales(tx, wanted)} if wanted else {}
    made = [
        desk.back(one, originals[one.original], next(numbers["return"]))
        for one in batch.returns
        if one.original in originals
    ]
    return new + await record_past(tx, made)


async def _last_number(tx: Tx, desk: Desk, kind: str) -> int:
    last = await tx.fetchval(
        "SELECT max(number) FROM sale WHERE tenant_id = $1 AND till_id = $2 AND kind = $3",
        tx.tenant,
        desk.shop.till,
        kind,
    )
    return last or 0


def _count(taken: Taken, batch: _Batch, new: list[StoredSale]) -> None:
    returns = sum(sale.kind == "return" for sale in new)
    unmatched = sum(sale.kind == "sale" and sale.units_milli < 0 for sale in new)
    taken.returns += returns
    taken.unmatched += unmatched
    taken.sales += len(new) - returns - unmatched
    taken.before += batch.before


async def _finish(db: Database, shop: WebShop, name: str, taken: Taken) -> None:
    """Fold the stock, rebuild the rollups, leave the audit trail; harmless when done again."""
    more = True
    while more:
        _changed, more = await db.run(shop.scope, fold)
    if taken.sales + taken.returns + taken.unmatched or await _is_behind(db, shop):
        await db.run(shop.scope, rebuild)
    await db.run(shop.scope, _leave_trail, name, taken)


async def _is_behind(db: Database, shop: WebShop) -> bool:
    """Claim that sales are stored which the rollups lack: an earlier run was cut off just before the end."""
    async with db.read(shop.scope) as read:
        row = await read.fetchrow(
            """SELECT (SELECT count(*) FROM sale WHERE tenant_id = $1) AS stored,
                      (SELECT coalesce(sum(sales + refunds), 0) FROM sales_hour WHERE tenant_id = $1) AS rolled_up""",
            read.tenant,
        )
    return row is None or row["stored"] != row["rolled_up"]


async def _leave_trail(tx: Tx, name: str, taken: Taken) -> None:
    facts = {"sales": taken.sales, "returns": taken.returns, "refused": taken.refused, "before": taken.before}
    tx.audit("import.sales", "file", None, file=name, **facts)
