"""A drawer from its float to its count: one open shift per till, every cent posted, repeats are harmless."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from retail import cash
from retail.cash import NoSuchShift, ShiftClosed, ShiftOpen, Takings
from retail.cash.checks import checks
from retail.cash.errors import TillRetired
from retail.cash.listing import drawer_events, shifts
from retail.cash.queries import cash_moves, drawer_openings
from retail.cash.rules import counted_from, denominations_of
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.ledger import Entry, Posting, post
from retail.ledger import queries as ledger
from retail.runtime.db import Database
from tests.support.world import Shop, open_shop

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TAKINGS = Takings(
    sales=3,
    returns=1,
    total_minor=2350,
    tax_minor=200,
    first_number=17,
    last_number=19,
    cash_net_minor=1500,
    by_tender={"cash": 1500, "card": 850},
    refunds_minor=135,
    cash_rounding_minor=0,
    taxes=[{"code": "R", "rate_micros": 70_000, "base": 2150, "tax": 200}],
    discounts_minor=50,
)


async def opened(shop: Shop, till: uuid.UUID | None = None, float_minor: int = 10_000) -> uuid.UUID:
    id = new_id()
    await shop.db.run(shop.scope, cash.open_shift, id, till or shop.till, float_minor, AT)
    return id


async def balances(shop: Shop) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        return {str(one.purpose): one.balance_minor for one in await ledger.accounts(read) if one.balance_minor}


async def rows(shop: Shop, table: str) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(await read.fetchval(f"SELECT count(*) FROM {table}"))


async def actions(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        found = await read.fetch("SELECT action FROM audit_event WHERE action LIKE 'cash.%' ORDER BY id")
    return [row["action"] for row in found]


async def test_a_shift_from_its_float_to_its_count(shop: Shop) -> None:
    id = await opened(shop)
    run = shop.db.run
    await run(shop.scope, cash.move_cash, new_id(), id, "pay_in", 500, "Change from the bank", AT)
    await run(shop.scope, cash.move_cash, new_id(), id, "pay_out", 300, "Milk for the staff", AT)
    await run(shop.scope, cash.move_cash, new_id(), id, "drop", 5000, "Too much in the drawer", AT)
    await run(shop.scope, cash.open_drawer, new_id(), id, "Change for a customer", AT)
    z = await run(shop.scope, cash.close_shift, id, 6650, {"5000": 1, "500": 3, "50": 3}, AT, TAKINGS)
    assert (z.expected_minor, z.counted_minor, z.variance_minor) == (6700, 6650, -50)
    async with shop.db.read(shop.scope) as read:
        stored = await cash.z_report(read, id)
        assert await cash.open_shift_on(read, shop.till) is None
        assert await drawer_openings(read, id) == 1
        assert [one.reason for one in await drawer_events(read, id)] == ["Change for a customer"]
        assert [one.kind for one in await cash_moves(read, id)] == ["pay_in", "pay_out", "drop"]
        assert [one for one in await checks(read) if not one.ok] == []
    assert stored == z
    assert {
        name: z.report[name] for name in ("number", "first_number", "last_number", "sales", "returns", "total")
    } == {
        "number": 1,
        "first_number": 17,
        "last_number": 19,
        "sales": 3,
        "returns": 1,
        "total": 2350,
    }
    assert (z.report["tenders"], z.report["drawer_openings"]) == ({"cash": 1500, "card": 850}, 1)
    assert (z.report["pay_in"], z.report["pay_out"], z.report["drop"]) == (500, 300, 5000)
    # The sales' own entries are posted by sales: 1500 of cash are missing from the drawer here.
    assert await balances(shop) == {
        "cash": -1500,
        "safe": -10_000 + 5000 + 6650,
        "cash_received": -500,
        "cash_paid_out": 300,
        "over_short": 50,
    }
    assert await actions(shop) == ["cash.shift_opened", *["cash.moved"] * 3, "cash.drawer_opened", "cash.shift_closed"]


async def test_a_till_has_one_open_shift_and_says_whose(shop: Shop) -> None:
    first = await opened(shop)
    with pytest.raises(ShiftOpen) as refused:
        await opened(shop)
    assert (refused.value.code, refused.value.status, refused.value.shift) == ("shift_open", 409, first)
    assert "Olga Owner" in str(refused.value)
    await opened(shop, shop.second_till)
    assert await rows(shop, "shift") == 2


async def test_shifts_of_a_till_are_numbered_one_after_the_other(shop: Shop) -> None:
    for number in (1, 2, 3):
        id = await opened(shop, float_minor=0)
        z = await shop.db.run(shop.scope, cash.close_shift, id, 0, None, AT, Takings())
        assert z.report["number"] == number
    assert await rows(shop, "journal_entry") == 0, "nothing was in the drawer, nothing is posted"


async def test_a_shift_before_the_cutoff_belongs_to_the_day_before(shop: Shop) -> None:
    early = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)  # 03:30 in Berlin; the day begins at 4
    shift = await shop.db.run(shop.scope, cash.open_shift, new_id(), shop.till, 0, early)
    assert shift.business_date == date(2026, 11, 20)


async def test_sending_the_same_again_gives_the_first_result(shop: Shop) -> None:
    run, id, move, event = shop.db.run, new_id(), new_id(), new_id()
    first = await run(shop.scope, cash.open_shift, id, shop.till, 10_000, AT)
    assert await run(shop.scope, cash.open_shift, id, shop.till, 10_000, AT) == first
    moved = await run(shop.scope, cash.move_cash, move, id, "drop", 100, "Safe", AT)
    assert await run(shop.scope, cash.move_cash, move, id, "drop", 100, "Safe", AT) == moved
    await run(shop.scope, cash.open_drawer, event, id, "Change", AT)
    await run(shop.scope, cash.open_drawer, event, id, "Change", AT)
    z = await run(shop.scope, cash.close_shift, id, 9900, None, AT, Takings())
    assert await run(shop.scope, cash.close_shift, id, 9900, None, AT, Takings()) == z
    assert await run(shop.scope, cash.move_cash, move, id, "drop", 100, "Safe", AT) == moved, "even after the close"
    assert (await rows(shop, "cash_move"), await rows(shop, "drawer_event"), await rows(shop, "z_report")) == (1, 1, 1)
    assert await balances(shop) == {}, "float out, drop and count back: the safe is as before"


async def test_the_same_id_with_other_content_is_refused(shop: Shop) -> None:
    run, move = shop.db.run, new_id()
    id = await opened(shop)
    with pytest.raises(IdempotencyConflict):
        await run(shop.scope, cash.open_shift, id, shop.till, 9_999, AT)
    await run(shop.scope, cash.move_cash, move, id, "drop", 100, "Safe", AT)
    with pytest.raises(IdempotencyConflict):
        await run(shop.scope, cash.move_cash, move, id, "drop", 101, "Safe", AT)
    assert await rows(shop, "cash_move") == 1


async def test_a_closed_shift_takes_no_more_cash(shop: Shop) -> None:
    id = await opened(shop)
    await shop.db.run(shop.scope, cash.close_shift, id, 10_000, None, AT, Takings())
    for verb, args in (
        (cash.move_cash, (new_id(), id, "pay_in", 5, "Late", AT)),
        (cash.open_drawer, (new_id(), id, "Late", AT)),
        (cash.close_shift, (id, 9_000, None, AT, Takings())),
    ):
        with pytest.raises(ShiftClosed):
            await shop.db.run(shop.scope, verb, *args)  # type: ignore[arg-type]
    assert (await rows(shop, "cash_move"), await rows(shop, "drawer_event"), await balances(shop)) == (0, 0, {})


Call = Callable[[Shop, uuid.UUID], Awaitable[Any]]
NONSENSE: dict[str, Call] = {
    "a float below zero": lambda shop, id: shop.db.run(shop.scope, cash.open_shift, new_id(), shop.second_till, -1, AT),
    "an amount of zero": lambda shop, id: shop.db.run(shop.scope, cash.move_cash, new_id(), id, "drop", 0, "x", AT),
    "an unknown kind": lambda shop, id: shop.db.run(shop.scope, cash.move_cash, new_id(), id, "gift", 5, "x", AT),
    "no reason": lambda shop, id: shop.db.run(shop.scope, cash.move_cash, new_id(), id, "drop", 5, "  ", AT),
    "a drawer opened for nothing": lambda shop, id: shop.db.run(shop.scope, cash.open_drawer, new_id(), id, " ", AT),
    "a count below zero": lambda shop, id: shop.db.run(shop.scope, cash.close_shift, id, -1, None, AT, Takings()),
    "coins that don't add up": lambda shop, id: shop.db.run(
        shop.scope, cash.close_shift, id, 10_000, {"5000": 1}, AT, Takings()
    ),
}


@pytest.mark.parametrize("what", NONSENSE)
async def test_nonsense_is_refused_and_changes_nothing(shop: Shop, what: str) -> None:
    id = await opened(shop)
    with pytest.raises(Invalid) as refused:
        await NONSENSE[what](shop, id)
    assert all(sentence.endswith(".") for found in refused.value.errors.values() for sentence in found)
    assert (await rows(shop, "shift"), await rows(shop, "cash_move"), await rows(shop, "z_report")) == (1, 0, 0)


async def test_what_is_not_there_is_not_found(shop: Shop, db: Database) -> None:
    other = await open_shop(db)
    foreign = await opened(other)
    for id in (new_id(), foreign):
        with pytest.raises(NoSuchShift):
            await shop.db.run(shop.scope, cash.move_cash, new_id(), id, "drop", 5, "x", AT)
        with pytest.raises(NoSuchShift):
            await shop.db.run(shop.scope, cash.close_shift, id, 0, None, AT, Takings())
    with pytest.raises(Invalid, match="correct the marked"):
        await opened(shop, other.till)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE till SET retired_at = now() WHERE id = $1", shop.second_till)
    with pytest.raises(TillRetired):
        await opened(shop, shop.second_till)


async def test_nobody_edits_cash_moves_or_z_reports(shop: Shop) -> None:
    id = await opened(shop)
    await shop.db.run(shop.scope, cash.move_cash, new_id(), id, "drop", 100, "Safe", AT)
    await shop.db.run(shop.scope, cash.close_shift, id, 9_900, None, AT, Takings())
    for table in ("cash_move", "z_report", "drawer_event"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET tenant_id = tenant_id"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with shop.db.begin(shop.scope) as tx:
                    await tx.execute(statement)


async def test_lists_narrow_by_store_and_state_and_page_without_gaps(shop: Shop) -> None:
    for number in range(5):
        id = await opened(shop, float_minor=100)
        await shop.db.run(shop.scope, cash.close_shift, id, 100 + (number == 2), None, AT, Takings())
    still_open = await opened(shop, shop.second_till)
    async with shop.db.read(shop.scope) as read:
        seen, after = [], None
        while True:
            page = await shifts(read, limit=2, after=after)
            seen += [one.shift.id for one in page.items]
            if (after := page.next) is None:
                break
        opened_now = await shifts(read, state="open", limit=50)
        differs = await shifts(read, state="differs", limit=50)
        elsewhere = await shifts(read, store=shop.second_store, limit=50)
    assert len(seen) == len(set(seen)) == 6
    assert [one.shift.id for one in opened_now.items] == [still_open]
    assert [one.variance_minor for one in differs.items] == [1]
    assert elsewhere.items == []


async def test_the_checks_name_a_report_that_its_moves_deny(shop: Shop) -> None:
    id = await opened(shop)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE shift SET closed_at = now() WHERE id = $1", id)
        await tx.execute(
            """INSERT INTO z_report (tenant_id, shift_id, counted_minor, expected_minor, variance_minor, report,
                                     closed_at, closed_by_name) VALUES ($1, $2, 9000, 9000, 0, $3, now(), 'x')""",
            tx.tenant,
            id,
            json.dumps({"cash_net": 0}),
        )
        await tx.execute(
            """INSERT INTO cash_move (tenant_id, id, shift_id, kind, amount_minor, reason, actor_name, occurred_at,
                                      created_at) VALUES ($1, $2, $3, 'drop', 1, 'unposted', 'x', now(), now())""",
            tx.tenant,
            new_id(),
            id,
        )
    async with shop.db.read(shop.scope) as read:
        first, second, *_others = await checks(read)
    assert first.detail == f"shift {id}: the report expects 9000, its moves 9999"
    assert (first.ok, second.ok) == (False, False)


def test_a_count_by_denomination_adds_up_and_is_listed_from_the_largest() -> None:
    assert counted_from({"5000": 2, "200": 3, "1": 7}) == 10_607
    assert denominations_of({"200": 3, "5000": 2, "1": 0}) == [(5000, 2, 10_000), (200, 3, 600)]
    assert denominations_of(None) == []


async def test_the_day_that_the_documentation_works_out(shop: Shop) -> None:
    """docs/algorithms/books.md: float, sale with two rates and cash rounding, return, pay-out, drop, a short count."""
    id, run = await opened(shop), shop.db.run

    def sold(kind: str, **amounts: int) -> Entry:
        lines = tuple(Posting(purpose, amount) for purpose, amount in amounts.items())
        return Entry(new_id(), shop.store, kind, new_id(), AT, date(2026, 11, 20), "EUR", "", lines)

    sale = sold("sale", cash=260, revenue=-234, tax=-28, rounding=2, cogs=114, stock=-114)
    await run(shop.scope, post, [sale, sold("return", cash=-110, revenue=92, tax=18, cogs=-42, stock=42)])
    await run(shop.scope, cash.move_cash, new_id(), id, "pay_out", 350, "Milk", AT)
    await run(shop.scope, cash.move_cash, new_id(), id, "drop", 5000, "Safe", AT)
    z = await run(shop.scope, cash.close_shift, id, 4790, None, AT, Takings(sales=1, returns=1, cash_net_minor=150))
    assert (z.expected_minor, z.variance_minor) == (4800, -10)
    assert await balances(shop) == {
        "safe": -210,
        "stock": -72,
        "tax": -10,
        "revenue": -142,
        "cogs": 72,
        "cash_paid_out": 350,
        "over_short": 10,
        "rounding": 2,
    }
