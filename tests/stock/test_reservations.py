"""Reservations keep goods until their moment, and not a moment longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail import stock
from retail.kit.errors import Forbidden, IdempotencyConflict
from retail.kit.ids import new_id
from retail.runtime.db import Read
from retail.stock.reserving.errors import NotAvailable
from retail.stock.reserving.operations import Wish, prolong, release, release_due, reserve
from retail.stock.reserving.queries import reservation, standing
from retail.stock.reserving.rules import is_live
from tests.support.shelves import all_holds, invalid, stocked
from tests.support.stockroom import AT, count, moved, told
from tests.support.working import work_off
from tests.support.world import Shop

D = Decimal


def wish(shop: Shop, quantity: str, minutes: float = 60) -> Wish:
    until = shop.db.clock.now() + timedelta(minutes=minutes)
    return Wish(new_id(), shop.store, shop.products[0].id, D(quantity), until, "for Ada")


async def left(shop: Shop, later: timedelta = timedelta(0)) -> tuple[Decimal, Decimal, Decimal]:
    """Give on hand, reserved and available, as of now or later."""
    async with shop.db.read(shop.scope) as read:
        then = Read(read.conn, read.scope, read.now + later)
        found = (await standing(then, shop.store, [shop.products[0].id]))[shop.products[0].id]
        return found.on_hand, found.reserved, found.available


async def test_what_is_reserved_is_on_hand_and_not_available_until_its_moment(shop: Shop) -> None:
    await stocked(shop, "5")
    await shop.db.run(shop.scope, reserve, wish(shop, "3"))
    assert await left(shop) == (D(5), D(3), D(2))
    assert await left(shop, timedelta(minutes=59)) == (D(5), D(3), D(2))
    assert await left(shop, timedelta(minutes=61)) == (D(5), D(0), D(5)), "whether or not a job has run"
    with pytest.raises(NotAvailable, match="Only 2 available, 3 wanted; 3 are reserved"):
        await shop.db.run(shop.scope, reserve, wish(shop, "3"))
    assert await count(shop, "reservation") == 1
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-4")])
    assert await left(shop) == (D(1), D(3), D(-2)), "a paid sale is never refused"
    await all_holds(shop)


async def test_a_reservation_ends_by_release_by_use_or_by_time_and_stays_ended(shop: Shop) -> None:
    await stocked(shop, "5")
    first = await shop.db.run(shop.scope, reserve, wish(shop, "1"))
    second = await shop.db.run(shop.scope, reserve, wish(shop, "1"))
    await shop.db.run(shop.scope, release, first.id)
    assert (await shop.db.run(shop.scope, release, first.id, "used")).ending == "released"
    assert (await shop.db.run(shop.scope, release, second.id, "used")).ending == "used"
    assert await left(shop) == (D(5), D(0), D(5))
    with invalid("This reservation is over"):
        await shop.db.run(shop.scope, prolong, first.id, shop.db.clock.now() + timedelta(hours=2))
    assert len(await told(shop, "stock.reserved")) == 4


async def test_the_job_ends_what_is_due_and_nothing_else(shop: Shop) -> None:
    await stocked(shop, "5")
    due, kept = wish(shop, "1", 0.01), wish(shop, "2")
    await shop.db.run(shop.scope, reserve, due)
    await shop.db.run(shop.scope, reserve, kept)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE reservation SET expires_at = $2 WHERE id = $1", due.id, tx.now - timedelta(seconds=1))
        await tx.execute("UPDATE job SET run_after = $1 WHERE name = 'stock.release_reservations'", tx.now)
    await work_off(shop.db, shop.tenant.id)
    async with shop.db.read(shop.scope) as read:
        assert (await reservation(read, due.id)).ending == "expired"
        assert (await reservation(read, kept.id)).ending is None
    assert await shop.db.run(shop.scope, release_due) == 0


async def test_prolonging_keeps_the_goods_longer(shop: Shop) -> None:
    await stocked(shop, "5")
    made = await shop.db.run(shop.scope, reserve, wish(shop, "1"))
    await shop.db.run(shop.scope, prolong, made.id, made.expires_at + timedelta(hours=5))
    assert await left(shop, timedelta(hours=3)) == (D(5), D(1), D(4))


async def test_the_same_wish_again_is_one_reservation(shop: Shop) -> None:
    await stocked(shop, "5")
    one = wish(shop, "2")
    assert (await shop.db.run(shop.scope, reserve, one)).id == (await shop.db.run(shop.scope, reserve, one)).id
    assert await left(shop) == (D(5), D(2), D(3))
    with pytest.raises(IdempotencyConflict):
        await shop.db.run(shop.scope, reserve, replace(one, quantity=D(1)))


async def test_what_can_be_no_reservation_is_refused_at_its_field(shop: Shop) -> None:
    await stocked(shop, "5")
    with invalid("above zero"):
        await shop.db.run(shop.scope, reserve, wish(shop, "0"))
    with invalid("still to come"):
        await shop.db.run(shop.scope, reserve, wish(shop, "1", -1))
    with invalid("a year at most"):
        await shop.db.run(shop.scope, reserve, wish(shop, "1", 60 * 24 * 400))
    with pytest.raises(Forbidden):
        await shop.db.run(shop.as_role("viewer"), reserve, wish(shop, "1"))
    assert await count(shop, "reservation") == 0


moments = st.integers(-100, 100).map(lambda minutes: AT + timedelta(minutes=minutes))


@given(moments, st.none() | moments, moments)
def test_a_reservation_counts_only_before_its_moment_and_before_it_was_ended(
    expires: datetime, released: datetime | None, now: datetime
) -> None:
    assert is_live(expires, released, now) == (released is None and now < expires)
