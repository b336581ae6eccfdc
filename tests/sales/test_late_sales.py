"""Shifts added up behind the tills, counted blind by the journal, and supplemented with what comes late."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg
import pytest

from retail.cash import queries, z_report
from retail.cash.checks import checks as cash_checks
from retail.cash.evidence import causes
from retail.cash.sealing import seals
from retail.cash.supplements import supplements
from retail.kit.ids import new_id
from retail.ledger import queries as ledger
from retail.live import projections
from retail.runtime.db import Tx
from retail.runtime.outbox import decode
from retail.runtime.tenancy import Scope
from retail.sales.checks import checks
from retail.sales.closing import close, shown_report, so_far
from retail.sales.events import SaleCompleted
from retail.sales.jobs import keep_takings
from retail.sales.takings import added_up, takings
from retail.tenants.settings_changes import change
from tests.support.database import Clone
from tests.support.device import Device
from tests.support.selling import AT, Counter, open_counter
from tests.support.world import Shop

CARD = [{"type": "card", "amount": 420}]


async def hear(shop: Shop, most: int = 1000) -> int:
    """Let the worker hear of the oldest sales, as the relay does; gives how many."""
    async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
        return await _hear(tx, most)


async def _hear(tx: Tx, most: int) -> int:
    rows = await tx.fetch(
        """DELETE FROM outbox o USING (SELECT id FROM outbox WHERE tenant_id = $1 ORDER BY id LIMIT $2) w
            WHERE o.tenant_id = $1 AND o.id = w.id RETURNING o.name, o.body""",
        tx.tenant,
        most,
    )
    sold = [event for row in rows if isinstance(event := decode(row["name"], row["body"]), SaleCompleted)]
    await keep_takings(tx, sold)
    return len(sold)


async def red(shop: Shop) -> dict[str, str]:
    async with shop.db.read(shop.scope) as read:
        return {one.name: one.detail for one in [*await checks(read), *await cash_checks(read)] if not one.ok}


async def both_ways(shop: Shop, shift: UUID) -> bool:
    async with shop.db.read(shop.scope) as read:
        return await takings(read, shift) == await added_up(read, shift)


def test_the_relay_knows_the_fold() -> None:
    assert keep_takings in projections()[SaleCompleted]


async def test_what_is_folded_and_what_waits_are_together_what_was_sold(shop: Shop) -> None:
    till = await open_counter(shop)
    for turn in range(6):
        await till.sell((shop.products[0], 2), tenders=None if turn % 2 else [{"type": "card", "amount": 840}])
        await till.sell()
        if turn in {1, 3}:
            assert await hear(shop, 3) <= 3
        assert await both_ways(shop, till.shift)
    while await hear(shop):
        pass
    await till.sell()
    assert await both_ways(shop, till.shift)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT documents FROM shift_rollup WHERE shift_id = $1", till.shift) == 12
        report = await so_far(read, await queries.shift(read, till.shift))
    assert (report["sales"], [one["name"] for one in report["cashiers"]]) == (13, ["Olga Owner"])
    z = await shop.db.run(shop.scope, close, till.shift, 10_000, None, AT)
    assert {name: z.report[name] for name in report} == report
    assert await red(shop) == {}


async def test_an_event_that_was_lost_costs_time_and_no_money(shop: Shop) -> None:
    till = await open_counter(shop)
    await till.sell()
    await hear(shop)
    await till.sell()
    async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
        await tx.execute("DELETE FROM outbox WHERE tenant_id = $1", tx.tenant)
    async with shop.db.read(shop.scope) as read:
        assert (await takings(read, till.shift)).sales == 2


async def test_a_till_counts_blind_and_is_told_to_count_once_more_and_nothing_else(shop: Shop) -> None:
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    device.sell()
    shift = str(device.counter.shift)
    for counted in (9_000, 9_500, 9_700):
        device.write("shift_counted", {"id": str(new_id()), "shift": shift, "counted": counted})
    device.write("shift_closed", {"id": shift, "counted": 9_700, "left": 99_999, "denominations": {"100": 97}})
    answers = (await device.deliver()).answers
    assert [one.result for one in answers[2:5]] == [
        {"attempt": 1, "recount": True}, {"attempt": 2, "recount": False}, {"attempt": 3, "recount": False},
    ]  # fmt: skip
    report = answers[5].result
    assert report is not None
    assert (report["variance"], report["left"]) == (-720, 9_700)
    assert [one["counted"] for one in report["counts"]] == [9_000, 9_500, 9_700]


async def test_within_the_tolerance_a_first_count_closes(shop: Shop) -> None:
    await shop.db.run(shop.scope, change, {"variance_tolerance": 50}, shop.store)
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    device.write(
        "shift_counted", {"id": str(new_id()), "shift": str(device.counter.shift), "counted": 9_950,
                          "denominations": {"100": 7}},
    )  # fmt: skip
    answers = (await device.deliver()).answers
    assert answers[1].result == {"attempt": 1, "recount": False}, "pieces that don't add up are left out"


async def test_where_managers_alone_see_the_variance_a_clerks_till_hears_nothing_of_it(shop: Shop) -> None:
    await shop.db.run(shop.scope, change, {"variance_shown": "managers"})
    till = await open_counter(shop)
    await till.sell()
    z = await shop.db.run(shop.scope, close, till.shift, 10_000, None, AT)
    async with shop.db.read(shop.scope) as read:
        clerk = await shown_report(read, shop.as_role("clerk"), z, shop.store)
        manager = await shown_report(read, shop.as_role("manager"), z, shop.store)
    assert {"expected", "variance", "total", "tenders", "cash_net"} & set(clerk) == set()
    assert (clerk["counted"], manager["variance"]) == (10_000, -420)


async def late_day(shop: Shop) -> Counter:
    """A shift that sold one bread and was counted with the money of another one that nobody had told of."""
    till = await open_counter(shop)
    await till.sell()
    await shop.db.run(shop.scope, close, till.shift, 10_840, None, AT)
    await hear(shop)
    return till


async def test_late_sales_get_numbered_supplements_and_explain_what_was_over(shop: Shop) -> None:
    till = await late_day(shop)
    async with shop.db.read(shop.scope) as read:
        before = await z_report(read, till.shift)
        assert [one.code for one in (await causes(read, shop.tenant, [till.shift]))[till.shift]] == []
    outcome = await till.sell()
    assert outcome.sale is not None
    assert outcome.sale.after_close
    await hear(shop)
    await till.send(till.sale(tenders=CARD), till.sale(tenders=CARD))
    await hear(shop)
    await hear(shop)
    async with shop.db.read(shop.scope) as read:
        found = await supplements(read, till.shift)
        assert await z_report(read, till.shift) == before, "the Z is as it was printed"
        assert await causes(read, shop.tenant, [till.shift]) == {}, "nothing is left to explain"
        sealed = await seals(read, till.shift)
        cash = {one.purpose: one.balance_minor for one in await ledger.accounts(read)}
    assert [(one.number, one.report["sales"], one.cash_minor, one.report["variance"]) for one in found] == [
        (1, 1, 420, 0), (2, 2, 0, 0),
    ]  # fmt: skip
    assert [found[0].report["first_number"], found[1].report["last_number"]] == [2, 4]
    assert [sealed[at].grand_total_minor for at in (0, 1, 2)] == [420, 840, 1_680]
    assert [sealed[1].prev_hash, sealed[2].prev_hash] == [sealed[0].hash, sealed[1].hash]
    assert (cash["cash"], cash["over_short"], cash["safe"]) == (0, 0, 840)
    assert await red(shop) == {}


async def test_workers_at_once_put_each_late_sale_into_one_supplement(shop: Shop) -> None:
    till = await late_day(shop)
    await till.send(*(till.sale() for _ in range(6)))

    async def one() -> None:
        try:
            await hear(shop, 2)
        except asyncpg.DeadlockDetectedError:
            await hear(shop, 2)

    await asyncio.gather(*(one() for _ in range(4)))
    while await hear(shop):
        pass
    async with shop.db.read(shop.scope) as read:
        found = await supplements(read, till.shift)
        listed = await read.fetchval("SELECT count(*) FROM z_supplement_sale WHERE shift_id = $1", till.shift)
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert (sum(one.report["sales"] for one in found), listed) == (6, 6)
    assert await red(shop) == {}


@pytest.mark.parametrize("statement", [
    "UPDATE z_report SET report = jsonb_set(report, '{total}', '1')",
    "UPDATE z_supplement SET report = jsonb_set(report, '{sales}', '9')",
    "DELETE FROM till_seal WHERE position = 1",
])  # fmt: skip
async def test_who_gets_past_the_walls_is_found_out(shop: Shop, clone: Clone, statement: str) -> None:
    till = await late_day(shop)
    await till.sell()
    await hear(shop)
    conn = await asyncpg.connect(clone.admin_url)
    try:
        own = f"tenant_id = '{shop.tenant.id}'"
        await conn.execute(f"{statement} {'AND' if 'WHERE' in statement else 'WHERE'} {own}")
    finally:
        await conn.close()
    assert "cash: the tills' papers are as they were sealed, one after the other" in await red(shop)
