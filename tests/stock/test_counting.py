"""Counts in the database: people count while the shop sells; refusals leave nothing changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from retail import stock
from retail.identity.approval_errors import ApprovalNeeded
from retail.identity.approvals import answer, ask
from retail.kit.errors import Conflict, Forbidden, Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.tenancy import Scope
from retail.stock import Arrival
from retail.stock.checks import checks
from retail.stock.counts import finishing, queries
from retail.stock.counts.errors import CountAgain, CountOver, NothingCounted
from retail.stock.counts.operations import NewArea, NewCount, NewEntry, cancel, count_again, record, start
from retail.stock.errors import StoreIsClosed
from tests.support.selling import open_counter
from tests.support.stockroom import AT, D, balances, count, document, moved, on_hand
from tests.support.world import Shop, open_shop

FLOOR, CELLAR = new_id(), new_id()


async def stocked(shop: Shop, *quantities: str, cost: str = "50") -> None:
    goods = [Arrival(ware.id, D(many), D(cost)) for ware, many in zip(shop.products, quantities, strict=False)]
    await shop.db.run(shop.scope, stock.receive, document(shop), goods)


def new_count(shop: Shop, **changes: object) -> NewCount:
    areas = (NewArea(new_id(), "Floor"), NewArea(new_id(), "Cellar", sells=False))
    return replace(NewCount(new_id(), shop.store, "Friday", areas), **changes)  # type: ignore[arg-type]


async def begun(shop: Shop, **changes: object) -> NewCount:
    new = new_count(shop, **changes)
    await shop.db.run(shop.scope, start, new)
    return new


def entry(shop: Shop, of: NewCount, quantity: str, product: int = 0, *, area: int = 0, mode: str = "set") -> NewEntry:
    return NewEntry(new_id(), shop.products[product].id, of.areas[area].id, D(quantity), mode)


async def found(shop: Shop, of: NewCount, quantity: str, product: int = 0) -> None:
    await shop.db.run(shop.scope, record, of.id, [entry(shop, of, quantity, product)])


async def finished(shop: Shop, of: NewCount, scope: Scope | None = None, approval: UUID | None = None) -> None:
    await shop.db.run(scope or shop.scope, finishing.finish, of.id, approval)


async def untouched(shop: Shop, of: NewCount, entries: int, moves: int) -> None:
    assert await count(shop, "stock_count_entry") == entries
    assert await count(shop, "stock_move WHERE kind = 'count'") == moves
    async with shop.db.read(shop.scope) as read:
        assert (await queries.count(read, of.id)).state == "open"


async def test_a_count_corrects_the_stock_and_posts_the_difference_with_the_count_as_its_cause(shop: Shop) -> None:
    await stocked(shop, "10", "4", "6")
    of = await begun(shop)
    await found(shop, of, "8")
    await found(shop, of, "5", product=1)
    await found(shop, of, "6", product=2)
    await finished(shop, of)
    assert [await on_hand(shop, at) for at in range(3)] == [D(8), D(5), D(6)]
    assert (await balances(shop))["stock_difference"] == 50
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT quantity FROM stock_move WHERE source_id = $1 ORDER BY quantity", of.id)
        done = await queries.count(read, of.id)
        lines = {one.name: one.outcome for one in await queries.lines(read, done)}
        assert [one for one in await checks(read) if not one.ok] == []
    assert [row["quantity"] for row in rows] == [D(-2), D(1)]
    assert (done.state, done.variance_minor, done.gross_minor, done.products, done.counted) == (
        "finished",
        -50,
        150,
        3,
        3,
    )
    loaf = lines["Sourdough loaf 800 g"]
    assert loaf is not None
    assert (loaf.counted, loaf.expected, loaf.value_minor) == (D(8), D(10), -100)


async def test_what_is_sold_during_the_count_stays_sold(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    await found(shop, of, "9")  # one is missing
    async with shop.db.read(shop.scope) as read:
        after = read.now
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-2", at=after + timedelta(seconds=1))])
    await asyncio.sleep(0)
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-3", at=AT)])  # of before, and arrives late
    await finished(shop, of)
    async with shop.db.read(shop.scope) as read:
        (line,) = [one for one in await queries.lines(read, await queries.count(read, of.id)) if one.outcome]
    assert line.outcome is not None
    assert (line.outcome.counted, line.outcome.expected) in {(D(9), D(7)), (D(9), D(5))}
    assert await on_hand(shop) in {D(7), D(9)}


async def test_several_people_count_at_once_and_nobody_waits_for_another(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    scans = [[entry(shop, of, "1", area=at % 2, mode="add")] for at in range(12)]
    await asyncio.gather(*(shop.db.run(shop.as_role("clerk"), record, of.id, one) for one in scans))
    await shop.db.run(shop.scope, record, of.id, scans[0])  # sent twice
    async with shop.db.read(shop.scope) as read:
        (line,) = [one for one in await queries.lines(read, await queries.count(read, of.id)) if one.outcome]
        people = await read.fetchval("SELECT count(DISTINCT actor_id) FROM stock_count_entry")
    assert line.outcome is not None
    assert (line.outcome.counted, people) == (D(12), 12)


async def test_entries_are_never_edited(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    await found(shop, of, "9")
    for statement in ("UPDATE stock_count_entry SET quantity = 1", "DELETE FROM stock_count_entry"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with shop.db.begin(shop.scope) as tx:
                await tx.execute(statement)


async def test_a_large_difference_is_counted_a_second_time_first(shop: Shop) -> None:
    await stocked(shop, "10", "10")
    of = await begun(shop, recount_minor=100)
    await found(shop, of, "7")
    await found(shop, of, "9", product=1)
    with pytest.raises(CountAgain, match=r"1 product differs by more than €1\.00"):
        await finished(shop, of)
    await untouched(shop, of, 2, 0)
    assert await shop.db.run(shop.scope, count_again, of.id, [shop.products[0].id]) == 1
    assert await shop.db.run(shop.scope, count_again, of.id, [shop.products[0].id]) == 0, "once is enough"
    await found(shop, of, "6")
    await finished(shop, of)
    assert (await on_hand(shop), await on_hand(shop, 1)) == (D(6), D(9))


async def test_whoever_may_not_finish_alone_asks_and_the_approval_is_for_these_differences(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    await found(shop, of, "8")
    clerk = shop.as_role("clerk")
    with pytest.raises(ApprovalNeeded):
        await finished(shop, of, clerk)
    await untouched(shop, of, 1, 0)

    async def granted() -> UUID:
        id = new_id()
        async with shop.db.begin(clerk) as tx:
            await ask(tx, id, await finishing.wanted(tx, await queries.count(tx, of.id)))
        async with shop.db.begin(shop.scope) as tx:
            await answer(tx, id, granted=True)
        return id

    first = await granted()
    await found(shop, of, "7")
    with pytest.raises(ApprovalNeeded) as changed:
        await finished(shop, of, clerk, first)
    assert changed.value.why == "changed"
    await untouched(shop, of, 2, 0)
    await finished(shop, of, clerk, await granted())
    assert await on_hand(shop) == D(7)


async def test_what_nobody_counted_stays_or_is_gone_as_the_count_says(shop: Shop) -> None:
    await stocked(shop, "10", "4")
    kept = await begun(shop)
    await found(shop, kept, "10")
    await finished(shop, kept)
    assert await on_hand(shop, 1) == D(4)
    gone = await begun(shop, uncounted="zero")
    await found(shop, gone, "10")
    await finished(shop, gone)
    assert await on_hand(shop, 1) == D(0)


async def test_a_cycle_counts_the_classes_it_names(shop: Shop) -> None:
    await stocked(shop, "10", "10", "10")
    async with shop.db.begin(shop.scope) as tx:
        for ware, revenue in zip(shop.products, (8000, 1500, 500), strict=False):
            await tx.execute(
                """INSERT INTO product_day (tenant_id, store_id, product_id, business_date, sales, units,
                                            revenue_minor, tax_minor, cost_minor)
                   VALUES ($1, $2, $3, $4, 1, 1, $5, 0, 1)""",
                tx.tenant,
                shop.store,
                ware.id,
                tx.now.date() - timedelta(days=1),
                revenue,
            )
    for classes, names in ((("A",), 1), (("B", "C"), 2)):
        of = await begun(shop, kind="cycle", classes=classes)
        async with shop.db.read(shop.scope) as read:
            assert (await queries.count(read, of.id)).products == names


async def test_a_store_that_never_had_anything_is_counted_first(shop: Shop) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, start, new_count(shop, kind="cycle", classes=("A",)))
    assert set(wrong.value.errors) == {"kind"}
    of = await begun(shop)
    await found(shop, of, "3")
    await finished(shop, of)
    assert await on_hand(shop) == D(3)


async def test_what_is_not_on_the_list_joins_it(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    await found(shop, of, "3", product=4)
    await finished(shop, of)
    assert (await on_hand(shop, 4), await on_hand(shop)) == (D(3), D(10))


async def test_a_count_that_is_over_takes_nothing(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    with pytest.raises(NothingCounted):
        await finished(shop, of)
    await found(shop, of, "9")
    await finished(shop, of)
    given_up = await begun(shop)
    await shop.db.run(shop.scope, cancel, given_up.id)
    for over, said in ((of, "“Friday” is finished already"), (given_up, "“Friday” was cancelled")):
        with pytest.raises(CountOver, match=said):
            await found(shop, over, "5")
        with pytest.raises(CountOver):
            await finished(shop, over)
        with pytest.raises(CountOver):
            await shop.db.run(shop.scope, cancel, over.id)
    assert (await count(shop, "stock_count_entry"), await on_hand(shop)) == (1, D(9))


async def test_a_closed_store_a_foreign_one_and_none_are_refused(shop: Shop) -> None:
    await stocked(shop, "10")
    other = await open_shop(shop.db)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", shop.second_store)
    with pytest.raises(StoreIsClosed, match="Hafen is closed"):
        await shop.db.run(shop.scope, start, new_count(shop, store=shop.second_store))
    for store in (other.store, new_id()):
        with pytest.raises(NotFound):
            await shop.db.run(shop.scope, start, new_count(shop, store=store))
    with pytest.raises(Forbidden):
        await shop.db.run(shop.as_role("viewer"), start, new_count(shop))
    mine = await begun(shop)
    with pytest.raises(NotFound):
        await shop.db.run(other.scope, record, mine.id, [entry(shop, mine, "5")])
    assert (await count(shop, "stock_count"), await count(shop, "stock_count_entry")) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "cycle"}, "classes"),
        ({"kind": "some"}, "category"),
        ({"areas": ()}, "areas"),
        ({"areas": (NewArea(new_id(), "Floor"), NewArea(new_id(), "floor "))}, "areas"),
        ({"recount_minor": -1}, "recount"),
    ],
)
async def test_a_count_that_can_not_be_is_refused_at_its_field(
    shop: Shop, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, start, new_count(shop, **changes))
    assert set(wrong.value.errors) == {field}
    assert await count(shop, "stock_count") == 0


async def test_an_entry_that_can_not_be_is_refused(shop: Shop) -> None:
    await stocked(shop, "10")
    of = await begun(shop)
    whole = entry(shop, of, "5")
    for wrong in (
        replace(whole, quantity=D(-1)),
        replace(whole, quantity=D(0), mode="add"),
        replace(whole, area=new_id()),
        replace(whole, mode="guess"),
    ):
        with pytest.raises(Invalid):
            await shop.db.run(shop.scope, record, of.id, [whole, wrong])
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, record, of.id, [whole, replace(whole, product=new_id())])
    assert await count(shop, "stock_count_entry") == 0


async def test_the_same_start_is_the_same_count(shop: Shop) -> None:
    await stocked(shop, "10")
    new = await begun(shop)
    assert await shop.db.run(shop.scope, start, new) == new.id
    with pytest.raises(Conflict):
        await shop.db.run(shop.scope, start, replace(new, name="Monday"))
    assert await count(shop, "stock_count") == 1


async def test_a_sale_in_the_middle_of_finishing_is_sold(shop: Shop) -> None:
    await stocked(shop, "10")
    counter = await open_counter(shop)
    of = await begun(shop)
    await found(shop, of, "10")
    await asyncio.gather(finished(shop, of), counter.sell((shop.products[0], 1)))
    assert await on_hand(shop) in {D(9), D(10)}
