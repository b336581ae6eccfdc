"""Building the demo: one transaction, so that an interrupted build leaves nothing, and a started one all or nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from retail.analytics import rebuild
from retail.console.jobs import recount_days
from retail.demo.drawers import fill_safe, store_cash, store_shifts
from retail.demo.history import SEED, Day, Size, Trade, arrived
from retail.demo.kept import keep_some
from retail.demo.offers import run_offers
from retail.demo.premises import CUTOFF_HOUR, SLUG, TIMEZONE, Premises, found, new_tenant
from retail.demo.sellers import take_on_sellers
from retail.identity.policy import SignInPolicy, set_sign_in_policy
from retail.kit.clock import business_day
from retail.kit.ids import new_id
from retail.ledger import post
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Scope, TenantFacts
from retail.sales.past import in_the_past, record_past
from retail.stock import Document, fold, move, open_stock
from retail.tenants.queries import tenant_by_slug

PATIENT: Final = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "60000",
}
"""Server settings for long work: nothing that runs for minutes is cut off."""

_SAFE_MINOR: Final = 250_000
_DAYS_AT_ONCE: Final = 10
_DAYS_ONE_BY_ONE: Final = 10

Tick = Callable[[int], None]


async def seed(db: Database, console: Console, size: Size | None = None) -> None:
    """Build the demo's business, unless it is there already; told with a progress bar on the console."""
    size = size or Size()
    async with db.platform() as unit:
        if await tenant_by_slug(unit, SLUG):
            return
    console.print("Building a business to try: a year of trade. This takes about a minute, once.")
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Days of trade", total=size.days + 1)
        facts = new_tenant()
        await db.run(Scope.system(facts.id), build, facts, size, lambda days: bar.advance(task, days))


async def build(tx: Tx, facts: TenantFacts, size: Size, tick: Tick) -> None:
    """Found the business and let it trade until now; the next days are worked out while the last are stored."""
    premises = await found(tx, facts, size.stores)
    await take_on_sellers(tx, premises)
    await set_sign_in_policy(tx, SignInPolicy("off"))  # the printed logins have one step, and nothing to protect
    await run_offers(tx, premises)
    today = business_day(tx.now, TIMEZONE, CUTOFF_HOUR)
    trades = [Trade(premises, place, size, tx.now, today) for place in range(len(premises.shops))]
    chance = random.Random(SEED)  # noqa: S311 - a demo, not a secret
    for trade in trades:
        await _stock(tx, premises, trade, chance)
    chunks = _chunks(trades, size)
    loop = asyncio.get_running_loop()
    upcoming = loop.run_in_executor(None, next, chunks, None)
    while (chunk := await upcoming) is not None:
        upcoming = loop.run_in_executor(None, next, chunks, None)
        await _store(tx, premises, chunk, chance)
        tick(len({day.day for day in chunk}))
    more = True
    while more:
        _changed, more = await fold(tx, most=10**6)
    await keep_some(tx, premises)
    await rebuild(tx)
    await recount_days(tx)


def _chunks(trades: list[Trade], size: Size) -> Iterator[list[Day]]:
    """Put days of all stores together: many while they are old, each alone at the end."""
    chunk: list[Day] = []
    for number, days in enumerate(zip(*[trade.days() for trade in trades], strict=True)):
        chunk += days
        if number >= size.days - _DAYS_ONE_BY_ONE or number % _DAYS_AT_ONCE == _DAYS_AT_ONCE - 1:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _stock(tx: Tx, premises: Premises, trade: Trade, chance: random.Random) -> None:
    at = datetime.combine(trade.first, datetime.min.time(), tx.now.tzinfo) - timedelta(hours=6)
    await fill_safe(tx, trade.shop, _SAFE_MINOR, at, premises.tenant.currency, chance)
    quiet = in_the_past(tx, premises.staff.manager, at)
    await open_stock(quiet, Document(new_id(), trade.shop.id, "First stock", at), trade.shelves.open())


async def _store(tx: Tx, premises: Premises, chunk: list[Day], chance: random.Random) -> None:
    drawers = [drawer for day in chunk for drawer in day.drawers]
    papers = [paper for day in chunk for paper in day.papers]
    sales = [sale for day in chunk for sale in day.sales]
    moments = [sale.occurred_at for sale in sales] + [drawer.shift.opened_at for drawer in drawers]
    last = max(moments, default=tx.now)
    office = in_the_past(tx, premises.staff.manager, last)
    await move(office, [one for paper in papers for one in paper.moves])
    await post(office, [paper.entry for paper in papers])
    if drawers:
        await store_shifts(tx, drawers)
        await record_past(tx, arrived(sales, last))
        await store_cash(tx, drawers, premises.tenant.currency, chance)
