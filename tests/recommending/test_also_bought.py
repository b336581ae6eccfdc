"""The worker looks through past baskets, and what it finds is what everybody is shown, less what is excluded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from retail.catalog import operations as catalog
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import Forbidden, IdempotencyConflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.recommending import jobs, operations, queries
from retail.recommending.queries import State, Wanted
from retail.recommending.rules import Together
from retail.runtime.jobs import enqueue
from retail.runtime.tenancy import Actor, Right, Scope
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from tests.recommending.conftest import BANANAS, BREAD, CHOCOLATE, COLA, MILK, ROLL, Trade
from tests.support.selling import open_counter
from tests.support.working import work_off
from tests.support.world import open_shop


async def state(trade: Trade) -> State:
    async with trade.shop.db.read(trade.shop.scope) as read:
        return await queries.state(read)


async def kept(trade: Trade) -> list[tuple[int, ...]]:
    """Give every row that is kept, of whatever run, without the run's number."""
    async with trade.shop.db.read(trade.shop.scope) as read:
        rows = await read.fetch(
            """SELECT product_id, neighbour_id, place, rank, score_micros, together, baskets, neighbour_baskets
                 FROM also_bought WHERE tenant_id = $1 ORDER BY rank""",
            read.tenant,
        )
    return [(trade.place(row[0]), trade.place(row[1]), *tuple(row)[2:]) for row in rows]


async def test_products_of_the_same_baskets_are_neighbours_with_their_figures(traded: Trade) -> None:
    bread = await traded.with_product(BREAD)
    assert [(traded.place(one.product), one.figures) for one in bread] == [
        (CHOCOLATE, Together(4, 10, 4, 15)),
        (MILK, Together(5, 10, 8, 15)),
    ]
    assert [one.place for one in bread] == [1, 2]
    assert bread[1].figures.lift == Decimal("0.94")
    assert await traded.places(COLA) == [MILK]
    assert await traded.places(ROLL) == []
    now = await state(traded)
    assert (now.method, now.baskets, now.products, now.pairs) == ("cosine", 15, 4, 6)
    assert (now.running, now.failed, now.done) == (False, False, 100)
    assert now.worked_out_at is not None


async def test_returns_old_sales_and_things_without_a_product_are_left_out(trade: Trade) -> None:
    await trade.sell(*[(BREAD, MILK)] * 3, ago=timedelta(days=370))
    sold = await trade.sell(*[(BREAD, COLA)] * 4)
    await trade.sell(*[(MILK, COLA)] * 2)
    sale = sold[0].sale
    back = ReturnIn(new_id(), trade.shop.till, trade.counter.shift, {sale.lines[0].id: 1000}, (), new_id().bytes * 2)
    await trade.shop.db.run(trade.shop.scope, return_goods, sale.id, back)
    await trade.work_out()
    assert [row[:2] for row in await kept(trade)] == [(BREAD, COLA), (COLA, BREAD)]
    assert {row[5] for row in await kept(trade)} == {3}, "the bread of the fourth came back"
    assert (await state(trade)).baskets == 6


async def test_a_second_run_replaces_the_first_and_the_same_baskets_give_the_same_rows(traded: Trade) -> None:
    before = await kept(traded)
    await traded.work_out()
    assert await kept(traded) == before
    await traded.sell(*[(BREAD, BANANAS)] * 3)
    await traded.work_out()
    after = await kept(traded)
    assert len(after) == len(before) + 2
    assert {row[:2] for row in after} >= {(BREAD, BANANAS), (BANANAS, BREAD)}


async def test_rows_are_written_in_portions_and_seen_only_when_all_are_there(
    traded: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[int, list[int]] = {}
    real = jobs.progress

    async def watched(done: int, total: int) -> None:
        await real(done, total)
        seen[done] = await traded.places(BREAD)

    before = await traded.places(BREAD)
    await traded.sell(*[(BREAD, BANANAS)] * 6)
    monkeypatch.setattr(jobs, "progress", watched)
    monkeypatch.setattr(jobs, "PORTION", 3)
    await traded.work_out()
    assert [places for done, places in seen.items() if done < 100] == [before] * 6
    assert sorted(seen) == [0, 30, 60, 73, 86, 95, 100]
    assert BANANAS in seen[100]


async def test_a_run_that_broke_off_leaves_what_was_shown_and_the_next_one_clears_up(
    traded: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await traded.places(BREAD)

    async def breaks(*_what: object) -> bool:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(jobs, "show", breaks)
    job = await traded.shop.db.run(traded.shop.scope, jobs.ask)
    await work_off(traded.shop.db, traded.shop.tenant.id)
    assert await traded.places(BREAD) == before
    assert len(await kept(traded)) == 12
    monkeypatch.undo()
    async with traded.shop.db.begin(traded.shop.scope) as tx:
        await tx.execute("UPDATE job SET run_after = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, job, tx.now)
    await work_off(traded.shop.db, traded.shop.tenant.id)
    assert len(await kept(traded)) == 6
    assert (await state(traded)).running is False


@pytest.mark.parametrize("at", [60, 70])
async def test_of_two_runs_at_once_the_later_one_is_shown_and_nothing_is_left_of_the_other(
    traded: Trade, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """When one run has reckoned and writes, another one begins and ends."""
    shop, real, inner = traded.shop, jobs.progress, [at]

    async def overtaken(done: int, total: int) -> None:
        await real(done, total)
        if inner and done >= inner[0]:
            inner.clear()
            await traded.sell(*[(BREAD, BANANAS)] * 9)
            async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
                await enqueue(tx, operations.JOB)
            await work_off(shop.db, shop.tenant.id)

    monkeypatch.setattr(jobs, "progress", overtaken)
    await traded.work_out()
    assert BANANAS in await traded.places(BREAD), "the run that began later saw more"
    rows = await kept(traded)
    assert len({row[:2] for row in rows}) == len(rows)


async def test_whoever_asks_twice_waits_for_one_run(traded: Trade) -> None:
    shop = traded.shop
    first = await shop.db.run(shop.scope, jobs.ask)
    assert (await state(traded)).running
    assert await shop.db.run(shop.scope, jobs.ask) == first
    assert await work_off(shop.db, shop.tenant.id) >= 1
    assert await shop.db.run(shop.scope, jobs.ask) != first


async def test_an_excluded_pair_is_suggested_in_neither_direction_until_it_is_taken_back(traded: Trade) -> None:
    made = await traded.exclude(MILK, BREAD)
    assert await traded.places(BREAD) == [CHOCOLATE]
    assert await traded.places(MILK) == [COLA]
    assert await traded.add_ons(BREAD) == [CHOCOLATE]
    assert await traded.add_ons(COLA, BREAD) == [CHOCOLATE], "milk goes with cola, and never with bread"
    assert (await traded.exclude(BREAD, MILK)).id == made.id
    assert await traded.shop.db.run(traded.shop.scope, operations.take_back, made.id)
    assert not await traded.shop.db.run(traded.shop.scope, operations.take_back, made.id)
    assert await traded.places(BREAD) == [CHOCOLATE, MILK]


async def test_an_excluded_product_is_suggested_nowhere_and_still_says_what_goes_with_it(traded: Trade) -> None:
    made = await traded.exclude(MILK)
    assert (await traded.places(BREAD), await traded.places(COLA)) == ([CHOCOLATE], [])
    assert await traded.places(MILK) == [COLA, BREAD]
    assert await traded.add_ons(COLA) == []
    async with traded.shop.db.read(traded.shop.scope) as read:
        page = await queries.pairs(read, Wanted(), limit=50)
    listed = {(traded.place(one.product), traded.place(one.other.product)) for one in page.items}
    assert {pair for pair in listed if MILK in pair} == {(MILK, BREAD), (MILK, COLA)}
    await traded.shop.db.run(traded.shop.scope, operations.take_back, made.id)
    assert await traded.places(COLA) == [MILK]


async def test_what_is_off_sale_is_not_shown_and_is_there_again_when_it_is_back(traded: Trade) -> None:
    shop = traded.shop
    async with shop.db.begin(shop.scope) as tx:
        await catalog.archive_product(tx, traded.id(MILK))
    assert (await traded.places(BREAD), await traded.add_ons(COLA)) == ([CHOCOLATE], [])
    async with shop.db.begin(shop.scope) as tx:
        await catalog.restore_product(tx, traded.id(MILK))
    assert await traded.places(BREAD) == [CHOCOLATE, MILK]


async def test_add_ons_sum_what_the_basket_speaks_for_and_leave_out_what_is_in_it(traded: Trade) -> None:
    assert await traded.add_ons(BREAD) == [CHOCOLATE, MILK]
    assert await traded.add_ons(BREAD, COLA) == [MILK, CHOCOLATE], "cola speaks for milk too"
    assert await traded.add_ons(BREAD, MILK, COLA, CHOCOLATE) == []
    assert await traded.add_ons(BREAD, COLA, limit=1) == [MILK]
    assert await traded.add_ons(BREAD, BREAD) == await traded.add_ons(BREAD)
    assert await traded.add_ons() == []


async def test_each_pair_is_listed_once_page_after_page_in_either_order(traded: Trade) -> None:
    async with traded.shop.db.read(traded.shop.scope) as read:
        for order in queries.ORDERS:
            whole = (await queries.pairs(read, Wanted(), limit=50, order=order)).items
            found, after = [], None
            while True:
                page = await queries.pairs(read, Wanted(), limit=1, after=after, order=order)
                found += page.items
                after = page.next
                if after is None:
                    break
            assert found == whole
            assert len({frozenset((one.product, one.other.product)) for one in whole}) == len(whole) == 3
        assert [one.other.figures.together for one in whole] == [5, 4, 3]
        assert len((await queries.pairs(read, Wanted(text="cola 330"), limit=50)).items) == 1
        assert len((await queries.pairs(read, Wanted(least=4), limit=50)).items) == 2
        assert len((await queries.pairs(read, Wanted(category=traded.shop.category), limit=50)).items) == 3
        assert (await queries.pairs(read, Wanted(category=new_id()), limit=50)).items == []


async def test_another_business_has_neither_the_pairs_nor_the_excludes(traded: Trade) -> None:
    other = await open_shop(traded.shop.db)
    theirs = Trade(other, await open_counter(other))
    made = await traded.exclude(MILK, BREAD)
    async with other.db.read(other.scope) as read:
        assert (await queries.state(read)).worked_out_at is None
        assert await queries.also_bought(read, traded.id(BREAD)) == []
        assert await queries.add_ons(read, [traded.id(BREAD)], 10) == []
        assert (await queries.excludes(read, limit=50)).items == []
    assert not await other.db.run(other.scope, operations.take_back, made.id)
    with pytest.raises(NotFound):
        await other.db.run(other.scope, operations.exclude, theirs.id(MILK), traded.id(BREAD))
    await theirs.work_out()
    assert await traded.places(BREAD) == [CHOCOLATE]


async def test_a_product_is_excluded_only_with_another_one_that_there_is(traded: Trade) -> None:
    shop = traded.shop
    with pytest.raises(Invalid):
        await traded.exclude(MILK, MILK)
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, operations.exclude, traded.id(MILK), new_id())
    made = await traded.exclude(MILK, BREAD)
    with pytest.raises(IdempotencyConflict):
        await shop.db.run(shop.scope, operations.exclude, traded.id(MILK), traded.id(COLA), made.id)
    async with shop.db.read(shop.scope) as read:
        assert [one.id for one in (await queries.excludes(read, limit=50)).items] == [made.id]


@pytest.mark.parametrize("act", ["ask", "exclude", "take_back"])
async def test_who_may_not_change_the_catalogue_changes_nothing(traded: Trade, act: str) -> None:
    made = await traded.exclude(MILK, BREAD)
    clerk = traded.shop.as_role("clerk")
    arguments: dict[str, tuple[UUID, ...]] = {
        "ask": (), "exclude": (traded.id(MILK), traded.id(COLA)), "take_back": (made.id,),
    }  # fmt: skip
    with pytest.raises(Forbidden):
        await traded.shop.db.run(clerk, getattr(jobs if act == "ask" else operations, act), *arguments[act])
    async with traded.shop.db.read(traded.shop.scope) as read:
        assert [one.id for one in (await queries.excludes(read, limit=50)).items] == [made.id]
        assert not (await queries.state(read)).running


async def test_figures_of_all_stores_are_for_who_sees_all_of_them(traded: Trade) -> None:
    shop = traded.shop
    one_store = Scope(
        shop.tenant.id, Actor("person", new_id(), "Mia"), frozenset({VIEW_DASHBOARD}), "manager",
        store_rights={shop.store: {VIEW_DASHBOARD: Right()}}, stores=frozenset({shop.store}),
    )  # fmt: skip
    async with shop.db.read(one_store) as read:
        for refused in (queries.also_bought(read, traded.id(BREAD)), queries.pairs(read, Wanted(), limit=5)):
            with pytest.raises(Forbidden):
                await refused
