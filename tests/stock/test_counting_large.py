"""Counts of which more differs than a request waits for: a job posts them, and what is sold meanwhile stays sold."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest
from httpx import AsyncClient

import retail.stock.jobs  # noqa: F401 - as every process of the product has them
from retail import stock
from retail.catalog.operations import Draft, put_products
from retail.identity.permissions import COUNT_STOCK
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.ledger import origins
from retail.ledger.queries import Period, entries, entry
from retail.runtime.tx import Unit
from retail.stock import Arrival
from retail.stock.checks import checks
from retail.stock.counts import finishing, queries
from retail.stock.counts.errors import CountOver
from retail.stock.counts.operations import NewArea, NewCount, NewEntry, cancel, record, start
from retail.stock.counts.posting import PORTION, post_portion
from retail.stock.counts.queries import CountFacts
from tests.support.stockroom import D, balances, count, document, moved, on_hand
from tests.support.web import Site, site
from tests.support.working import work_off
from tests.support.world import Shop

__all__ = ["site"]

MANY: Final = PORTION + 200
COUNTED: Final = MANY + 10


async def counted(shop: Shop, *, blind: bool = False) -> UUID:
    """Fill a store with more products than one portion, and count one too few of nearly all of them."""
    ids = [new_id() for _ in range(COUNTED)]
    drafts = [Draft(id, f"BULK-{at:05}", f"Bulk {at:05}", shop.reduced, 1_000) for at, id in enumerate(ids)]
    await shop.db.run(shop.scope, put_products, drafts)
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(id, D(5), D(50)) for id in ids])
    floor = NewArea(new_id(), "Floor")
    of = NewCount(new_id(), shop.store, "Year's end", (floor,), blind=blind)
    await shop.db.run(shop.scope, start, of)
    found = [NewEntry(new_id(), id, floor.id, D(4 if at < MANY else 5), "set") for at, id in enumerate(ids)]
    await shop.db.run(shop.scope, record, of.id, found)
    return of.id


async def facts(shop: Shop, id: UUID) -> CountFacts:
    async with shop.db.read(shop.scope) as read:
        return await queries.count(read, id)


async def all_is_well(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        assert [one for one in await checks(read) if not one.ok] == []


async def test_a_job_posts_what_differs_and_one_that_was_cut_off_goes_on_where_it_stopped(shop: Shop) -> None:
    id = await counted(shop)
    done = await shop.db.run(shop.scope, finishing.finish, id)
    assert (done.state, done.variance_minor) == ("finishing", None)
    assert await count(shop, "stock_move WHERE kind = 'count'") == 0, "the request only settles what was found"
    for change in (lambda: shop.db.run(shop.scope, cancel, id), lambda: shop.db.run(shop.scope, record, id, [])):
        with pytest.raises(CountOver):
            await change()
    async with shop.db.begin(shop.scope) as tx:  # what a worker did before it fell
        last, many = await post_portion(tx, id)
    assert (last is not None, many) == (True, PORTION)
    await all_is_well(shop)
    assert (await shop.db.run(shop.scope, finishing.finish, id)).state == "finishing", "once more is the same"
    assert await work_off(shop.db, shop.tenant.id) >= 1
    done = await facts(shop, id)
    assert (done.state, done.variance_minor, done.gross_minor) == ("finished", -50 * MANY, 50 * MANY)
    assert await count(shop, f"stock_move WHERE kind = 'count' AND source_id = '{id}'") == MANY, "each once"
    assert (await balances(shop))["stock_difference"] == 50 * MANY
    await all_is_well(shop)
    async with shop.db.read(shop.scope) as read:
        here = await entries(read, Period(None, None), kind="stock_count", limit=10)
        told = [await origins.origin(read, await entry(read, one.id)) for one in here.items]
        names = {row[0] for row in await read.fetch("SELECT DISTINCT actor_name FROM stock_move WHERE kind = 'count'")}
    assert [one and len(one.goods) + one.further for one in told] == [MANY, MANY], "both name the count's goods"
    assert names == {shop.scope.actor.name}, "it is posted in the name of whoever finished it"


async def test_its_page_says_how_far_it_is_and_a_job_that_gave_up_is_taken_up_again(shop: Shop, site: Site) -> None:
    id = await counted(shop, blind=True)
    owner: AsyncClient = await site.member(shop)
    here = f"/t/{shop.tenant.slug}/stock/counts/{id}"
    sent = await owner.post(f"{here}/closure", data={})
    assert (sent.status_code, sent.headers["location"].split("?")[0]) == (303, here)
    waiting = (await owner.get(here)).text
    assert "every 1s" in waiting
    assert "The stock becomes what was counted" in waiting
    assert "€" not in waiting.split("<main")[1], "it is still blind"
    listed = await owner.get(f"/t/{shop.tenant.slug}/stock/counts?state=finishing")
    assert "Being finished" in listed.text
    assert "Year&#39;s end" in listed.text
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE job SET failed_at = now() WHERE tenant_id = $1 AND failed_at IS NULL", tx.tenant)
    failed = (await owner.get(here)).text
    assert "Finishing stopped" in failed
    assert "every 1s" not in failed
    assert (await owner.post(f"{here}/closure", data={})).status_code == 303
    await work_off(shop.db, shop.tenant.id)
    done = (await owner.get(here)).text
    assert "Finished" in done
    assert (await facts(shop, id)).state == "finished"


async def test_programs_are_told_that_it_goes_on_behind_the_answer(shop: Shop, site: Site) -> None:
    id = await counted(shop)
    program = await site.member(shop)
    here = f"/t/{shop.tenant.slug}/api/v1/stock/counts/{id}"
    sent = await program.post(f"{here}/closure", json={})
    assert (sent.status_code, sent.json()["state"], sent.json()["variance"]) == (202, "finishing", None)
    await work_off(shop.db, shop.tenant.id)
    done = (await program.get(here)).json()
    assert (done["state"], done["variance"]) == ("finished", -50 * MANY)


async def test_who_may_not_finish_takes_no_job_up_again(shop: Shop) -> None:
    id = await counted(shop)
    await shop.db.run(shop.scope, finishing.finish, id)
    with pytest.raises(Forbidden):
        await shop.db.run(shop.as_role("viewer"), finishing.finish, id)
    assert COUNT_STOCK not in shop.as_role("viewer").permissions


async def test_a_sale_between_any_two_statements_of_finishing_stays_sold(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = [Arrival(shop.products[0].id, D(100), D(50))]
    await shop.db.run(shop.scope, stock.receive, document(shop), goods)
    floor = NewArea(new_id(), "Floor")
    of = NewCount(new_id(), shop.store, "Friday", (floor,))
    await shop.db.run(shop.scope, start, of)
    ninety = NewEntry(new_id(), shop.products[0].id, floor.id, D(90), "set")
    await shop.db.run(shop.scope, record, of.id, [ninety])
    outside, sold, plain = contextvars.copy_context(), 0, Unit.fetch

    async def fetch(self: Unit, sql: str, *args: object) -> Any:
        nonlocal sold
        rows = await plain(self, sql, *args)
        with monkeypatch.context() as aside:
            aside.setattr(Unit, "fetch", plain)
            one = moved(shop, "-1", at=datetime.now(UTC) + timedelta(hours=1))  # becomes now
            selling = shop.db.run(shop.scope, stock.move, [one])
            await asyncio.get_running_loop().create_task(selling, context=outside.copy())
        sold += 1
        return rows

    monkeypatch.setattr(Unit, "fetch", fetch)
    await shop.db.run(shop.scope, finishing.finish, of.id)
    monkeypatch.undo()
    assert sold > 3
    assert await on_hand(shop) == D(90) - sold
    assert (await balances(shop))["stock_difference"] == 500
    async with shop.db.read(shop.scope) as read:
        (line,) = [one for one in await queries.lines(read, await queries.count(read, of.id)) if one.outcome]
    assert line.outcome is not None
    assert line.outcome.variance == Decimal(-10)
