"""The value of the stock and account Stock: what they differ by is explained to the cent, or the check says so."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from retail import stock
from retail.kit.ids import new_id
from retail.ledger import Entry, Posting, post
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue
from retail.runtime.tenancy import Scope
from retail.sales.past import id_at, record_past
from retail.sales.queries import stored_sales
from retail.stock import Arrival, Taken, reconciling
from retail.stock.checks import checks
from retail.stock.keeping import BEHIND, JOB, keep
from retail.stock.levels import worth
from retail.stock.reconciling import Gap, gaps
from retail.tenants.settings_changes import change
from tests.support.database import Clone
from tests.support.selling import open_counter
from tests.support.stockroom import AT, balances, document
from tests.support.web import Site, site
from tests.support.working import work_off
from tests.support.world import Shop

__all__ = ["site"]

D = Decimal


async def receive(shop: Shop, quantity: str, cost: str, product: int = 0) -> None:
    await shop.db.run(
        shop.scope, stock.receive, document(shop), [Arrival(shop.products[product].id, D(quantity), D(cost))]
    )


async def gap(shop: Shop) -> Gap:
    async with shop.db.read(shop.scope) as read:
        here = next(one for one in await gaps(read) if one.store == shop.store)
        assert here.value == (await worth(read, shop.store)).value_minor
    return here


async def test_sales_below_zero_and_a_receipt_after_them_are_explained(shop: Shop) -> None:
    counter, loaf = await open_counter(shop), shop.products[0]
    await receive(shop, "2", "100")
    await counter.sell((loaf, 5))
    below = await gap(shop)
    assert (below.value, below.books, below.below_zero, below.unexplained) == (0, -300, -300, 0)
    await receive(shop, "10", "150.5")  # 7 are left at 150.5; three left at 100, and cost 151.5 more than was thought
    after = await gap(shop)
    assert (after.value, after.books, after.below_zero) == (1054, 1053, 0)
    assert (after.costs, after.rounding, after.unexplained) == (0, -1, 0)
    assert (await balances(shop))["cost_difference"] == 152
    assert after.books == (await balances(shop))["stock"]
    async with shop.db.read(shop.scope) as read:
        assert all(one.ok for one in await checks(read))


async def test_goods_that_went_to_another_store_stay_in_the_books_of_the_first(shop: Shop) -> None:
    await receive(shop, "4", "100")
    await shop.db.run(
        shop.scope, stock.transfer, document(shop), shop.second_store, [Taken(shop.products[0].id, D("3"))]
    )
    async with shop.db.read(shop.scope) as read:
        found = {one.store: (one.value, one.books, one.moved, one.unexplained) for one in await gaps(read)}
    assert found[shop.store] == (100, 400, -300, 0)
    assert found[shop.second_store] == (300, 0, 300, 0)


async def test_what_nothing_explains_fails_the_check(shop: Shop) -> None:
    await receive(shop, "4", "100")
    postings = (Posting("stock", 250), Posting("opening", -250))
    entry = Entry(new_id(), shop.store, "stock_opening", new_id(), AT, date(2026, 11, 20), "EUR", "by hand", postings)
    await shop.db.run(shop.scope, post, [entry])
    async with shop.db.read(shop.scope) as read:
        wrong = [one for one in await checks(read) if not one.ok]
    assert [one.name for one in wrong] == [
        "stock: the books hold each store's stock at cost, but for what is explained"
    ]
    assert "not explained 250" in wrong[0].detail


async def kept(shop: Shop, later: timedelta = timedelta(hours=2)) -> None:
    """Let the night add up what is there now, as if it were two hours later."""
    async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
        await keep(Tx(tx.conn, tx.scope, tx.now + later))


async def read_rows(shop: Shop) -> int:
    """Count the moves and lines that the page's comparison takes in, and none that its plan passes over."""
    async with shop.db.read(shop.scope) as read:
        bound = await read.fetchval(reconciling._BOUND, read.tenant) or UUID(int=0)
        plan = json.loads(
            await read.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {reconciling._GAPS}", read.tenant, bound)
        )

    def rows(node: dict[str, Any]) -> int:
        own = node["Actual Rows"] * node["Actual Loops"]
        reads = node.get("Relation Name") in {"stock_move", "journal_line"}
        return (own if reads else 0) + sum(map(rows, node.get("Plans", [])))

    return int(rows(plan[0]["Plan"]))


async def test_the_page_goes_on_from_the_nights_sums_and_reads_no_more_with_the_years(shop: Shop) -> None:
    counter, loaf = await open_counter(shop), shop.products[0]
    await receive(shop, "7", "100.123456")
    for _ in range(20):
        await counter.sell((loaf, "0.500"))
    before = await gap(shop)
    assert await read_rows(shop) >= 40
    await kept(shop)
    assert (await gap(shop), await read_rows(shop)) == (before, 0)
    await kept(shop, timedelta(0))  # what is younger than an hour is left to the next night
    assert (await gap(shop), await read_rows(shop) >= 40) == (before, True)


async def test_what_is_written_after_the_night_is_added_to_its_sums(shop: Shop) -> None:
    counter, loaf = await open_counter(shop), shop.products[0]
    await receive(shop, "37", "100.123456")
    for _ in range(20):
        await counter.sell((loaf, 1))
    async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
        await keep(Tx(tx.conn, tx.scope, tx.now + BEHIND))
    await asyncio.sleep(0.002)  # ids count milliseconds, and the bound is this one
    await counter.sell((loaf, 3))
    await shop.db.run(shop.scope, stock.transfer, document(shop), shop.second_store, [Taken(loaf.id, D("2"))])
    async with shop.db.read(shop.scope) as read:
        shown, true = await gaps(read), await gaps(read, everything=True)
        assert all(check.ok for check in await checks(read))
    assert shown == true


async def test_sums_that_are_wrong_are_told_and_right_again_after_the_night(shop: Shop, clone: Clone) -> None:
    await receive(shop, "7", "100")
    await kept(shop)
    admin = await asyncpg.connect(clone.admin_url)
    await admin.execute("UPDATE stock_worth SET books_minor = 1 + books_minor WHERE tenant_id = $1", shop.tenant.id)
    await admin.close()

    async def red() -> list[str]:
        async with shop.db.read(shop.scope) as read:
            return [check.name for check in await checks(read) if not check.ok]

    assert await red() == ["stock: the page's comparison with the books is that of all moves"]
    await shop.db.run(Scope.system(shop.tenant.id), enqueue, JOB)
    assert await work_off(shop.db, shop.tenant.id) == 1
    assert await red() == []


async def test_the_past_throws_the_sums_away(shop: Shop) -> None:
    counter, loaf = await open_counter(shop), shop.products[0]
    await receive(shop, "7", "100")
    await counter.sell((loaf, 3))
    await kept(shop)
    sold = await counter.sell((loaf, 2))
    at = datetime(2025, 1, 2, 9, tzinfo=UTC)
    async with shop.db.begin(shop.scope) as tx:
        (known,) = await stored_sales(tx, [sold.id])
        lines = tuple(replace(line, id=new_id()) for line in known.lines)
        old = replace(known, id=id_at(at, 77), number=900, lines=lines, occurred_at=at, received_at=at)
        assert await record_past(tx, [old]) == [old]
    async with shop.db.read(shop.scope) as read:
        shown, true = await gaps(read), await gaps(read, everything=True)
        assert await read.fetchval("SELECT count(*) FROM stock_worth WHERE tenant_id = $1", read.tenant) == 0
    assert shown == true


async def test_both_pages_lead_to_the_difference_in_words_with_its_amount(shop: Shop, site: Site) -> None:
    counter, home = await open_counter(shop), f"/t/{shop.tenant.slug}"
    await receive(shop, "2", "100")
    await counter.sell((shop.products[0], 5))
    owner = await site.member(shop)
    for page in ("/stock", "/ledger"):
        assert f'hx-get="{home}/stock/books"' in (await owner.get(home + page)).text
    part = await owner.get(f"{home}/stock/books", headers={"HX-Request": "true"})
    assert "is €3.00 below the value at cost" in part.text
    assert "<html" not in part.text
    assert "at today's average cost" in part.text.replace("&#39;", "'")
    await shop.db.run(shop.scope, change, {"costing": "fifo"})
    assert "at what the deliveries cost that are still on it" in (await owner.get(f"{home}/stock/books")).text
    assert "Sold below zero, not received yet" in (await owner.get(f"{home}/stock/books")).text
    clerk = await site.member(shop, "clerk")
    assert (await clerk.get(f"{home}/stock/books")).status_code == 403
