"""The worker looks through past visits; what it finds is what everybody is shown, and moves are kept."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from retail.customers import operations as customers
from retail.identity.permissions import VIEW_CUSTOMERS, VIEW_DASHBOARD
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.privacy.erasure import erase_customer
from retail.runtime.jobs import enqueue
from retail.runtime.tenancy import Scope
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from retail.segments import jobs, moving, operations, queries
from retail.segments.queries import ORDERS, Wanted
from tests.segments.conftest import Trade, a_past
from tests.support.selling import open_counter
from tests.support.working import work_off
from tests.support.world import open_shop

TABLES = ("customer_standing", "segment_move", "segment_total", "segment_cohort", "segment_rhythm", "segment_flow")


async def kept(trade: Trade) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row that is kept, of whatever run, without the run's number."""
    found = {}
    async with trade.shop.db.read(trade.shop.scope) as read:
        for table in TABLES:
            rows = await read.fetch(f"SELECT to_jsonb(t) - 'run' AS told FROM {table} t WHERE t.tenant_id = $1",
                                    read.tenant)  # fmt: skip
            found[table] = sorted(row["told"] for row in rows)
    return found


async def test_customers_are_told_apart_by_what_they_did(traded: Trade) -> None:
    told = await traded.segments()
    by_kind = {kind: Counter(one for name, one in told.items() if name.startswith(kind)) for kind in ("V", "L", "N")}
    assert by_kind == {"V": {"vip": 20}, "L": {"lost": 20}, "N": {"new": 12}}
    assert {one for name, one in told.items() if name.startswith("Olga")} <= {"loyal", "active", "at_risk", "new"}
    now = await traded.state()
    assert (now.standing, now.customers, now.running, now.failed, now.done) == ("ready", 82, False, False, 100)
    assert now.risk_known
    assert now.worked_out_at is not None


async def test_each_customer_has_figures_that_can_be_added_up_by_hand(trade: Trade) -> None:
    await trade.sell(a_past())
    await trade.came("Anna", 50, 40, 20, 10, units=3)
    await trade.came("Anna", 10, units=1, hour=3)
    await trade.work_out()
    [anna] = await trade.listed(Wanted(text="anna"))
    price = trade.shop.products[0].price_minor
    assert (anna.visits, anna.sales, anna.spend_minor) == (4, 5, 13 * price)
    today = (await trade.state()).last_day
    assert today is not None
    assert (today - anna.last_on).days in {10, 11}
    assert (anna.last_on - anna.first_on).days == 40
    # Her own pauses are 10, 20 and 10 days; the business's count as three more.
    now = await trade.state()
    assert now.pause_days is not None
    assert abs(anna.interval_days - (3 * 10 + 3 * now.pause_days) / 6) <= 1
    assert (anna.next_on - anna.last_on).days == anna.interval_days


async def test_what_was_brought_back_is_taken_off_and_who_brought_all_back_spent_nothing(trade: Trade) -> None:
    await trade.sell(a_past())
    sold = (await trade.came("Anna", 5, units=4))[0].sale
    back = ReturnIn(new_id(), trade.shop.till, trade.counter.shift, {sold.lines[0].id: 4000}, (), new_id().bytes * 2)
    await trade.shop.db.run(trade.shop.scope, return_goods, sold.id, back)
    await trade.work_out()
    [anna] = await trade.listed(Wanted(text="anna"))
    assert (anna.visits, anna.sales, anna.spend_minor) == (1, 1, 0)


async def test_a_merged_customer_is_one_and_an_archived_one_is_left_out(traded: Trade) -> None:
    shop, people = traded.shop, traded.people
    await shop.db.run(shop.scope, customers.merge_customers, people["Lars 00"], people["Vera 00"])
    await shop.db.run(shop.scope, customers.archive_customer, people["Lars 01"])
    before = {one.name: one for one in await traded.listed()}
    await traded.work_out()
    after = {one.name: one for one in await traded.listed()}
    assert {"Lars 00", "Lars 01"} <= before.keys() - after.keys()
    assert after["Vera 00"].spend_minor == before["Vera 00"].spend_minor + before["Lars 00"].spend_minor


async def test_the_same_visits_give_the_same_rows_and_nobody_moves_by_looking_again(traded: Trade) -> None:
    before = await kept(traded)
    assert all(before.values())
    await traded.work_out()
    assert await kept(traded) == before


async def test_who_is_seen_for_the_first_time_has_a_past_of_moves(traded: Trade) -> None:
    steps = [(one.was, one.became) for one in reversed(await traded.moves("Lars 00"))]
    assert steps
    assert steps[-1][1] == "lost"
    for (_was, became), (was, _became) in pairwise(steps):
        assert was == became, "each move begins where the one before ended"
    first = await traded.moves("Nora 00")
    assert [(one.was, one.became) for one in first][-1:] == [(None, "new")]


async def test_who_comes_again_moves_and_a_second_look_on_the_same_day_keeps_where_they_came_from(
    traded: Trade,
) -> None:
    assert (await traded.segments())["Lars 00"] == "lost"
    gone = len(await traded.moves("Lars 00"))
    await traded.came("Lars 00", 0, units=2, hour=0)
    await traded.work_out()
    became = (await traded.segments())["Lars 00"]
    assert became != "lost"
    [now, *rest] = await traded.moves("Lars 00")
    assert (now.was, now.became, len(rest)) == ("lost", became, gone)
    for _again in range(2):
        await traded.came("Lars 00", 0, units=40, hour=0)
        await traded.work_out()
    [now, *rest] = await traded.moves("Lars 00")
    assert (now.was, now.became, len(rest)) == ("lost", (await traded.segments())["Lars 00"], gone)


async def test_who_is_back_where_they_were_on_the_same_day_has_not_moved(traded: Trade) -> None:
    before = [(one.moved_on, one.was, one.became) for one in await traded.moves("Lars 00")]
    who, today = traded.people["Lars 00"], (await traded.state()).last_day
    async with traded.shop.db.begin(traded.shop.scope) as tx:  # a run earlier today saw more than there is now
        await tx.execute(
            "UPDATE customer_standing SET segment = 'active' WHERE tenant_id = $1 AND customer_id = $2", tx.tenant, who
        )
        await tx.execute(
            "INSERT INTO segment_move (tenant_id, customer_id, moved_on, was, became) VALUES ($1, $2, $3, $4, $5)",
            tx.tenant, who, today, "lost", "active",
        )  # fmt: skip
    assert len(await traded.moves("Lars 00")) == len(before) + 1
    await traded.work_out()
    assert [(one.moved_on, one.was, one.became) for one in await traded.moves("Lars 00")] == before


async def test_a_month_counts_somebody_once_from_where_they_began_to_where_they_ended(traded: Trade) -> None:
    shop, who = traded.shop, traded.people["Olga 00"]
    today = (await traded.state()).last_day
    assert today is not None
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("DELETE FROM segment_move WHERE tenant_id = $1", tx.tenant)
        await tx.execute("DELETE FROM customer_standing WHERE tenant_id = $1", tx.tenant)  # a first look, once more
        for day, was, became in ((1, "active", "at_risk"), (2, "at_risk", "lost"), (3, "lost", "loyal")):
            await tx.execute(
                "INSERT INTO segment_move (tenant_id, customer_id, moved_on, was, became) VALUES ($1, $2, $3, $4, $5)",
                tx.tenant, who, month.replace(day=day), was, became,
            )  # fmt: skip
    await traded.work_out()
    moved = [one for one in await traded.moves() if one.moved_on.replace(day=1) == month]
    wanted: Counter[tuple[str | None, str]] = Counter()
    for name in {one.name for one in moved}:
        own = [one for one in moved if one.name == name][::-1]
        if own[0].was != own[-1].became:
            wanted[own[0].was, own[-1].became] += 1
    async with shop.db.read(shop.scope) as read:
        found = await moving.flows(read, month)
        assert {(one.was, one.became): one.customers for one in found} == wanted
        assert await moving.flows(read, date(2001, 1, 1)) == []
        months = await moving.months(read)
    assert months == sorted(months, reverse=True)
    assert {one.replace(day=1) for one in (row.moved_on for row in await traded.moves())} >= set(months)


async def test_what_segments_add_up_to_is_what_their_customers_add_up_to(traded: Trade) -> None:
    listed = await traded.listed()
    async with traded.shop.db.read(traded.shop.scope) as read:
        totals = await queries.totals(read)
    for segment, total in totals.items():
        of = [one for one in listed if one.segment == segment]
        assert (total.customers, total.spend_minor) == (len(of), sum(one.spend_minor for one in of))
        assert total.at_high == sum((one.risk or 0) >= 600 for one in of)
    assert sum(one.customers for one in totals.values()) == len(listed) == 82


async def test_few_customers_and_a_short_history_are_told_in_words_and_not_in_numbers(trade: Trade) -> None:
    await trade.came("Anna", 100, 50)
    await trade.work_out()
    assert ((await trade.state()).standing, await trade.listed()) == ("few", [])
    other = await open_shop(trade.shop.db)
    young = Trade(other, await open_counter(other))
    await young.sell([(f"Ben {number}", number % 20, 1) for number in range(40)])
    await young.work_out()
    assert ((await young.state()).standing, await young.listed()) == ("short", [])


async def test_cohorts_begin_with_everybody_and_never_have_more(traded: Trade) -> None:
    async with traded.shop.db.read(traded.shop.scope) as read:
        found = await queries.cohorts(read)
        hours = await queries.rhythm(read)
    assert sum(one.customers for one in found if one.later == 0) == 82
    assert all(one.came == one.customers for one in found if one.later == 0)
    assert all(0 <= one.came <= one.customers for one in found)
    assert sum(one.sales for one in hours) == len(a_past())


async def test_rows_are_seen_only_when_all_are_there_and_a_run_that_broke_off_leaves_what_was_shown(
    traded: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await traded.segments()

    async def breaks(*_what: object) -> bool:
        raise RuntimeError("the lights went out")

    await traded.came("Lars 00", 0, hour=0)
    monkeypatch.setattr(jobs, "show", breaks)
    monkeypatch.setattr(jobs, "PORTION", 30)
    await traded.work_out()
    assert await traded.segments() == before
    assert len((await kept(traded))["customer_standing"]) == 2 * len(before)
    monkeypatch.undo()
    async with traded.shop.db.begin(traded.shop.scope) as tx:
        await tx.execute("UPDATE job SET run_after = $2 WHERE tenant_id = $1 AND failed_at IS NULL", tx.tenant, tx.now)
    await work_off(traded.shop.db, traded.shop.tenant.id)
    assert len((await kept(traded))["customer_standing"]) == len(before)
    assert (await traded.segments())["Lars 00"] != "lost"


async def test_of_two_runs_at_once_the_later_one_is_shown(traded: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, real, inner = traded.shop, jobs.progress, [60]

    async def overtaken(done: int, total: int) -> None:
        await real(done, total)
        if inner and done >= inner[0]:
            inner.clear()
            await traded.came("Lars 00", 0, hour=0)
            async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
                await enqueue(tx, operations.JOB)
            await work_off(shop.db, shop.tenant.id)

    monkeypatch.setattr(jobs, "progress", overtaken)
    await traded.work_out()
    assert (await traded.segments())["Lars 00"] != "lost", "the run that began later saw more"
    assert len((await kept(traded))["customer_standing"]) == 82


async def erase(traded: Trade, name: str) -> str:
    """Erase somebody; gives their id."""
    shop, who = traded.shop, str(traded.people[name])
    await shop.db.run(shop.scope, erase_customer, who)
    await work_off(shop.db, shop.tenant.id)
    return who


@pytest.mark.usefixtures("kept_outside")
async def test_erasing_takes_standing_and_moves_with_it(traded: Trade) -> None:
    who = str(traded.people["Lars 00"])
    assert any(who in row for rows in (await kept(traded)).values() for row in rows)
    assert await erase(traded, "Lars 00") == who
    assert not any(who in row for rows in (await kept(traded)).values() for row in rows)


@pytest.mark.usefixtures("kept_outside")
async def test_who_is_erased_while_a_run_reckons_gets_no_row(traded: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    real, waiting = jobs.progress, ["Vera 00"]

    async def meanwhile(done: int, total: int) -> None:
        await real(done, total)
        if waiting and done:  # the visits are read
            await erase(traded, waiting.pop())

    monkeypatch.setattr(jobs, "progress", meanwhile)
    await traded.work_out()
    who = str(traded.people["Vera 00"])
    assert not waiting
    assert not any(who in row for rows in (await kept(traded)).values() for row in rows)
    assert "Vera 01" in await traded.segments()


async def test_another_business_sees_nothing_of_it(traded: Trade) -> None:
    other = await open_shop(traded.shop.db)
    theirs = Trade(other, await open_counter(other))
    assert await theirs.listed() == []
    assert await theirs.moves() == []
    async with other.db.read(other.scope) as read:
        assert await queries.standing_of(read, traded.people["Vera 00"]) is None
        assert (await queries.totals(read), await queries.cohorts(read), await queries.rhythm(read)) == ({}, [], [])
    before = await kept(traded)
    await theirs.work_out()
    assert await kept(traded) == before


async def test_lists_go_on_page_by_page_in_every_order(traded: Trade) -> None:
    async with traded.shop.db.read(traded.shop.scope) as read:
        for order in [way for one in ORDERS for way in (one, one.turned)]:
            whole = (await queries.customers(read, Wanted(), limit=500, order=order)).items
            found, after = [], None
            while True:
                page = await queries.customers(read, Wanted(), limit=17, after=after, order=order)
                found += page.items
                after = page.next
                if after is None:
                    break
            assert found == whole
        whole_moves = (await moving.moves(read, limit=500)).items
        first = await moving.moves(read, limit=40)
        second = await moving.moves(read, limit=40, after=first.next)
        assert [*first.items, *second.items] == list(whole_moves[:80])


async def test_lists_are_narrowed_by_segment_risk_and_words(traded: Trade) -> None:
    everybody = await traded.listed()
    assert {one.segment for one in await traded.listed(Wanted(segment="vip"))} == {"vip"}
    high = await traded.listed(Wanted(risk="high"))
    assert {one.customer for one in high} == {one.customer for one in everybody if (one.risk or 0) >= 600}
    assert {one.name for one in await traded.listed(Wanted(text="vera 01"))} == {"Vera 01"}


async def test_figures_are_for_who_sees_all_stores(traded: Trade) -> None:
    rights = frozenset({VIEW_DASHBOARD, VIEW_CUSTOMERS})
    some = Scope(traded.shop.tenant.id, traded.shop.scope.actor, rights, stores=frozenset({traded.shop.store}))
    async with traded.shop.db.read(some) as read:
        with pytest.raises(Forbidden):
            await queries.customers(read, Wanted(), limit=5)
        for ask in (queries.totals, queries.cohorts, queries.rhythm, moving.months):
            with pytest.raises(Forbidden):
                await ask(read)
        with pytest.raises(Forbidden):
            await moving.moves(read, limit=5)
        with pytest.raises(Forbidden):
            await queries.standing_of(read, traded.people["Vera 00"])


async def test_whoever_asks_twice_waits_for_one_run_and_must_be_allowed_to(trade: Trade) -> None:
    shop = trade.shop
    first = await shop.db.run(shop.scope, jobs.ask)
    assert (await trade.state()).running
    assert await shop.db.run(shop.scope, jobs.ask) == first
    assert await work_off(shop.db, shop.tenant.id) >= 1
    assert await shop.db.run(shop.scope, jobs.ask) != first
    looker = Scope(shop.tenant.id, shop.scope.actor, frozenset({VIEW_DASHBOARD, VIEW_CUSTOMERS}))
    with pytest.raises(Forbidden):
        await shop.db.run(looker, jobs.ask)
