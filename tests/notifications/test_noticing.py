"""What happens in the shop posts its notice: once, to the point, and nothing for what is too small to tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail import stock
from retail.cash.events import ShiftEnded
from retail.identity.events import DeviceRevokedNow
from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.notifications import expiring
from retail.notifications.kinds import KINDS
from retail.notifications.queries import Notification
from retail.notifications.words import say
from retail.runtime.jobs import enqueue
from retail.runtime.outbox import Event
from retail.stock import Arrival, Document, Move
from retail.stock.events import StockChanged, StockFellLow
from tests.support.shelves import follow_by, lot_in
from tests.support.told import posted, relay
from tests.support.working import work_off
from tests.support.world import Shop


async def emit(shop: Shop, *events: Event) -> None:
    async with shop.db.begin(shop.scope) as tx:
        for event in events:
            tx.emit(event)
    await relay(shop)


def ended(shop: Shop, variance: int) -> ShiftEnded:
    return ShiftEnded(new_id(), shop.store, shop.till, 1, 10_000, 10_000 + variance, variance, date(2026, 3, 4))


@pytest.mark.parametrize(("variance", "told"), [(0, 0), (100, 0), (-100, 0), (101, 1), (-2_500, 1)])
async def test_a_drawer_is_told_of_beyond_what_the_store_calls_small(shop: Shop, variance: int, told: int) -> None:
    event = ended(shop, variance)
    await emit(shop, event)
    await emit(shop, event)
    assert [kind for kind, _facts in await posted(shop)] == ["variance_found"] * told


async def test_what_ran_out_is_told_once_after_each_arrival_and_not_as_running_low(shop: Shop) -> None:
    product = shop.products[0].id

    async def move(quantity: int) -> None:
        if quantity > 0:
            document = Document(new_id(), shop.store, "", datetime.now(UTC))
            await shop.db.run(shop.scope, stock.receive, document, [Arrival(product, Decimal(quantity), Decimal(50))])
        else:
            sold = Move(
                new_id(), shop.store, product, "sale", Decimal(quantity), Decimal(50), "", new_id(), datetime.now(UTC)
            )
            await shop.db.run(shop.scope, stock.move, [sold])
        await relay(shop)

    for quantity in (9, -9, -1, -1):
        await move(quantity)
    assert [kind for kind, _facts in await posted(shop)] == ["stock_out"]
    for quantity in (20, -15, -9, -1):
        await move(quantity)
    assert sorted(kind for kind, _facts in await posted(shop)) == ["stock_low", "stock_out", "stock_out"]


async def test_what_never_came_is_low_and_not_sold_out(shop: Shop) -> None:
    await emit(shop, StockFellLow(shop.store, shop.products[0].id, Decimal(-1), Decimal(5)))
    level = {"product": str(shop.products[0].id), "on_hand": "-1", "available": "-1", "low": True}
    await emit(shop, StockChanged(shop.store, [level]))
    assert [kind for kind, _facts in await posted(shop)] == ["stock_low"]


async def test_a_device_that_is_unknown_posts_nothing(shop: Shop) -> None:
    await emit(shop, DeviceRevokedNow(new_id()))
    assert await posted(shop) == []


async def test_a_lot_is_told_of_a_week_before_it_expires_and_not_again(shop: Shop) -> None:
    await follow_by(shop, "lot")
    today = datetime.now(UTC).date()
    await lot_in(shop, "L-1", "3", today + timedelta(days=5))
    await lot_in(shop, "L-2", "3", today + timedelta(days=30))
    before = shop.db.clock
    clock = shop.db.clock = FixedClock(datetime.now(UTC))
    try:
        for _night in range(2):
            async with shop.db.begin(shop.scope) as tx:
                await enqueue(tx, expiring.JOB)
            await work_off(shop.db, shop.tenant.id)
            clock.advance(timedelta(hours=1))
    finally:
        shop.db.clock = before
    told = [facts for kind, facts in await posted(shop) if kind == "expiring"]
    assert [(one["lot"], one["on_hand"]) for one in told] == [("L-1", "3")]


FACTS: dict[str, dict[str, Any]] = {
    "stock_low": {"on_hand": "1", "reorder_point": "2"}, "big_refund": {"amount_minor": 5},
    "variance_found": {"variance_minor": -5, "till": "Till 1"},
    "backup_failed": {"day": "2026-03-04"}, "forecast_off": {"sold": "40", "expected": "12.5"},
    "purchase_waits": {"number": "PO-7", "supplier": "Mill & Sons", "amount_minor": 125_00},
    "expiring": {"lot": "L", "expires_on": "2026-03-04", "on_hand": "3"},
    "layaway_overdue": {"number": "L-12", "until": "2026-03-04"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_sentence_with_and_without_what_it_speaks_of(shop_facts: Any, kind: str) -> None:
    def one(product: str | None) -> Notification:
        at = datetime(2026, 3, 4, tzinfo=UTC)
        return Notification(new_id(), kind, new_id(), FACTS.get(kind, {}), at, None, product, product, None, None, None)

    for product in ("Bread", None):
        said = say(one(product), shop_facts)
        assert said.text.endswith(".")
        assert said.text != KINDS[kind].words
        assert bool(said.to) == bool(said.link)


@pytest.fixture
def shop_facts(shop: Shop) -> Any:
    return shop.tenant
