"""Writes that nobody waits for: one statement for all, seen by whatever comes next, undone with what they belong to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.ids import new_id
from retail.ledger import Entry, Posting, post
from retail.runtime.db import Tx, Writing
from retail.runtime.line import together
from retail.stock import Move, move
from retail.stock.tables import StockMove
from tests.support.world import Shop

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Counted:
    """A connection that notes what is sent over it."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self.sent: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    async def execute(self, sql: str, *args: object, **limits: Any) -> Any:
        self.sent.append(sql)
        return await self._conn.execute(sql, *args, **limits)


def receipt(shop: Shop, quantity: str = "3") -> Move:
    return Move(new_id(), shop.store, shop.products[0].id, "receipt", Decimal(quantity), Decimal(1), "", None, AT)


def entry(shop: Shop) -> Entry:
    postings = (Posting("cash", 500), Posting("revenue", -500))
    return Entry(new_id(), shop.store, "sale", new_id(), AT, date(2026, 3, 2), "EUR", "", postings)


async def stored(shop: Shop) -> tuple[int, int, int]:
    async with shop.db.read(shop.scope) as read:
        return tuple(
            [
                await read.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", read.tenant)
                for table in ("stock_move", "stock_delta", "journal_entry")
            ]
        )


async def test_moves_postings_events_and_audit_go_out_as_one_statement(shop: Shop) -> None:
    before = await stored(shop)
    async with shop.db.begin(shop.scope) as tx:
        counted = Counted(tx.conn.connection)
        tx.conn.connection = counted  # type: ignore[assignment]
        await move(tx, [receipt(shop)])
        await post(tx, [entry(shop)])
        tx.audit("stock.received", "product", shop.products[0].id, quantity="3")
        assert counted.sent == []
    all_at_once, commit = counted.sent
    assert commit == "COMMIT"
    for table in ("stock_move", "stock_delta", "journal_entry", "journal_line", "outbox", "audit_event"):
        assert f"INSERT INTO {table} " in all_at_once
    assert await stored(shop) == tuple(count + 1 for count in before)


@pytest.mark.parametrize("way", ["sql", "piccolo"])
async def test_what_reads_next_sees_them(shop: Shop, way: str) -> None:
    moves = [receipt(shop), receipt(shop, "2")]
    async with shop.db.begin(shop.scope) as tx:
        for one in moves:  # the same writing twice: one after the other
            await move(tx, [one])
        found: list[Any]
        if way == "sql":
            found = await tx.fetch("SELECT id FROM stock_move WHERE tenant_id = $1", tx.tenant)
        else:
            found = await StockMove.select(StockMove.id).where(StockMove.tenant_id == tx.tenant)
    assert {one.id for one in moves} <= {row["id"] for row in found}


async def held(tx: Tx, shop: Shop) -> None:
    await move(tx, [receipt(shop)])


async def test_they_are_undone_with_the_savepoint_that_they_were_written_in(shop: Shop) -> None:
    before = await stored(shop)
    async with shop.db.begin(shop.scope) as tx:
        await held(tx, shop)
        with pytest.raises(LookupError):  # noqa: PT012 - what raises stands behind what is undone
            async with tx.savepoint():
                await held(tx, shop)
                raise LookupError
        await held(tx, shop)
    assert await stored(shop) == (before[0] + 2, before[1] + 2, before[2])


async def test_what_a_savepoint_wrote_fails_inside_of_it(shop: Shop) -> None:
    one = receipt(shop)
    before = await stored(shop)
    async with shop.db.begin(shop.scope) as tx:
        await move(tx, [one])
        with pytest.raises(asyncpg.UniqueViolationError):
            async with tx.savepoint():
                await move(tx, [one])
        await post(tx, [entry(shop)])
    assert await stored(shop) == (before[0] + 1, before[1] + 1, before[2] + 1)


async def test_a_unit_of_work_that_raises_writes_none_of_them(shop: Shop) -> None:
    before = await stored(shop)
    with pytest.raises(LookupError):  # noqa: PT012 - what raises stands behind what is undone
        async with shop.db.begin(shop.scope) as tx:
            await held(tx, shop)
            raise LookupError
    assert await stored(shop) == before


def refused(error: asyncpg.PostgresError) -> KeyError | None:
    return KeyError("full") if isinstance(error, asyncpg.UniqueViolationError) else None


async def test_what_the_database_refuses_keeps_the_name_that_its_writer_gives_it(shop: Shop) -> None:
    before = await stored(shop)
    again = Writing((("again", "INSERT INTO tax_class SELECT * FROM tax_class WHERE tenant_id = $1 LIMIT 1"),))
    with pytest.raises(KeyError, match="full"):  # noqa: PT012 - it is raised where the unit of work ends
        async with shop.db.begin(shop.scope) as tx:
            await move(tx, [receipt(shop)])
            await tx.write(again, tx.tenant, explain=refused)
    assert await stored(shop) == before


@given(st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=4), min_size=1, max_size=6))
def test_every_place_is_moved_behind_the_arguments_before_it(writings: list[list[int]]) -> None:
    made = tuple(
        Writing(tuple((f"w{n}_{at}", f"SELECT ${place}") for at, place in enumerate(places)))
        for n, places in enumerate(writings)
    )
    expected, before = [], 0
    for places in writings:
        expected += [f"SELECT ${place + before}" for place in places]
        before += max(places)
    sql = together(made)
    found = [part.rpartition("SELECT")[2] for part in sql.replace(")", "\n").splitlines() if "SELECT" in part]
    assert [f"SELECT{one}" for one in found] == expected
