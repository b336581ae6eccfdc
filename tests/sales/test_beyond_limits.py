"""What a till sold without a network beyond what it may is found when it arrives, whatever the till says, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.identity.permissions import SELL_BEYOND, TEMPLATES
from retail.kit.clock import FixedClock
from retail.runtime.tenancy import Actor, Scope
from retail.sales import listing
from retail.sales.beyond import Limits, Waiting, reached
from retail.sales.claims import note_contact
from retail.tenants.settings_changes import change
from tests.sales.test_sale_approvals import offline
from tests.support.enrolled import Keys, SigningDevice, enrol
from tests.support.selling import AT
from tests.support.web import enrol as take_on
from tests.support.world import Shop

HOUR = timedelta(hours=1)
STOP = dict.fromkeys(("hours", "sales", "sale", "total"), "stop")


@pytest.fixture
def clock(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[FixedClock]:
    """The shop's clock, which stands until it is moved."""
    made = FixedClock(AT)
    monkeypatch.setattr(shop.db, "clock", made)
    yield made
    monkeypatch.undo()


@pytest.fixture
async def device(shop: Shop, clock: FixedClock) -> SigningDevice:
    """An enrolled device that has claimed the first till at AT, and whose shift is here."""
    keys = Keys()
    made = SigningDevice(shop, shop.till, keys, await enrol(shop.db, shop, keys))
    await made.claim()
    made.open_shift()
    assert await arrive(made) == [[]]
    return made


async def arrive(device: SigningDevice) -> list[list[str]]:
    """Deliver what is new, as the device itself; gives what was remarked on each, but for stock."""
    shop, known = device.shop, await delivered(device)
    scope = Scope(shop.tenant.id, Actor("device", device.id, "Tablet"), frozenset({"sell"}), device=device.id)
    device.shop = replace(shop, scope=scope)
    try:
        await shop.db.run(scope, note_contact, [device.till])
        received = await device.deliver(*device.records[known:])
    finally:
        device.shop = shop
    return [
        [one["facts"].get("beyond", one["code"]) for one in answer.exceptions if one["code"] != "stock_below_zero"]
        for answer in received.answers
    ]


async def delivered(device: SigningDevice) -> int:
    async with device.shop.db.read(device.shop.scope) as read:
        return int(
            await read.fetchval(
                "SELECT count(*) FROM till_journal WHERE tenant_id = $1 AND device_id = $2", read.tenant, device.id
            )
        )


def sell(device: SigningDevice, at: datetime, **more: Any) -> None:
    device.write("sale", device.counter.sale(occurred_at=at.isoformat(), **more))


async def set_limits(shop: Shop, **limits: Any) -> None:
    await shop.db.run(shop.scope, change, {f"offline_{name}": value for name, value in limits.items()})


async def test_within_the_limits_and_online_nothing_is_said(device: SigningDevice, clock: FixedClock) -> None:
    sell(device, clock.at)
    assert await arrive(device) == [[]]
    clock.advance(70 * HOUR)
    sell(device, clock.at - HOUR)
    assert await arrive(device) == [[]]


async def test_the_first_sale_past_the_longest_time_is_told_and_all_are_kept(
    device: SigningDevice, clock: FixedClock
) -> None:
    begun = clock.at
    clock.advance(100 * HOUR)
    for hours in (1, 71.9, 72.1, 80, 99):
        sell(device, begun + hours * HOUR)
    assert await arrive(device) == [[], [], ["hours"], [], []]
    async with device.shop.db.read(device.shop.scope) as read:
        (told,) = [
            one for one in (await listing.exceptions(read, limit=20)).items if one.remark.code == "beyond_offline_limit"
        ]
        kept = await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", read.tenant)
    assert told.remark.facts == {"beyond": "hours", "reached": 72, "limit": 72}
    assert told.remark.sentence(str) == (
        "Sold without a network beyond what is allowed (hours without contact: 72; at most 72)."
    )
    assert kept == 5


async def test_a_till_that_was_heard_of_in_between_was_not_away(device: SigningDevice, clock: FixedClock) -> None:
    clock.advance(71 * HOUR)
    await device.shop.db.run(device.shop.scope, note_contact, [device.till])
    clock.advance(5 * HOUR)
    sell(device, clock.at - HOUR)
    assert await arrive(device) == [[]]


async def test_numbers_and_sums_count_what_waited_over_several_deliveries(
    device: SigningDevice, clock: FixedClock
) -> None:
    shop = device.shop
    await set_limits(shop, sales=10, total_most=21)
    begun = clock.at
    clock.advance(5 * HOUR)
    for minutes in range(3):
        sell(device, begun + HOUR + timedelta(minutes=minutes))
    assert await arrive(device) == [[], [], []]
    for minutes in range(3, 12):
        sell(device, begun + HOUR + timedelta(minutes=minutes))
    assert await arrive(device) == [[], [], ["total"], [], [], [], [], ["sales"], []]


async def test_a_sale_that_is_too_large_is_told_each_time_but_not_where_the_till_was_online(
    device: SigningDevice, clock: FixedClock
) -> None:
    shop = device.shop
    await set_limits(shop, sale_most=5)
    bread = shop.products[0]
    device.write("sale", device.counter.sale((bread, 2), occurred_at=clock.at.isoformat()))
    assert await arrive(device) == [[]]
    clock.advance(HOUR)
    for quantity in (1, 2, 3):
        body = device.counter.sale((bread, quantity), occurred_at=(clock.at - HOUR / 2).isoformat())
        device.write("sale", body)
    assert await arrive(device) == [[], ["sale"], ["sale"]]


@pytest.mark.parametrize(("then", "approved", "told"), [
    ("manager", True, []), ("manager", False, ["sale"]), ("stop", True, ["sale"]), ("warn", False, ["sale"]),
])  # fmt: skip
async def test_where_a_manager_is_to_be_asked_their_word_is_enough(
    device: SigningDevice, clock: FixedClock, then: str, *, approved: bool, told: list[str]
) -> None:
    shop = device.shop
    await set_limits(shop, sale_most=5, sale_then=then)
    device.cashier, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    manager, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    at = clock.at
    clock.advance(HOUR)
    said = at.isoformat()
    proof = offline(manager, permission="sell_beyond", amount=None, asked_at=said, granted_at=said)
    sell_two = device.counter.sale((shop.products[0], 2), occurred_at=said)
    device.write("sale", sell_two | ({"approvals": [proof]} if approved else {}))
    assert await arrive(device) == [told]


async def test_a_manager_sells_on_where_managers_are_asked(device: SigningDevice, clock: FixedClock) -> None:
    shop = device.shop
    await set_limits(shop, sale_most=5, sale_then="manager")
    device.cashier, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    at = clock.at
    clock.advance(HOUR)
    device.write("sale", device.counter.sale((shop.products[0], 2), occurred_at=at.isoformat()))
    assert await arrive(device) == [[]]


async def test_every_role_that_may_cancel_a_sale_may_sell_on_or_ask_to(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT role_key, state FROM role_right WHERE tenant_id = $1 AND permission = $2", read.tenant, SELL_BEYOND
        )
    assert {row["role_key"]: row["state"] for row in rows} == {
        "owner": "allowed", "manager": "allowed", "clerk": "approval",
    }  # fmt: skip
    assert TEMPLATES["clerk"][SELL_BEYOND].state == "approval"


@given(
    hours=st.integers(0, 200), sales=st.integers(0, 50), most=st.integers(0, 5000), total=st.integers(0, 50_000),
    age=st.integers(0, 400), waiting=st.integers(0, 60), minor=st.integers(0, 60_000), of=st.integers(1, 10_000),
)  # fmt: skip
def test_no_limit_of_zero_is_ever_reached_and_a_smaller_one_is_reached_no_later(  # noqa: PLR0917
    hours: int, sales: int, most: int, total: int, age: int, waiting: int, minor: int, of: int
) -> None:
    told = reached(Limits(hours, sales, most, total, STOP), AT, of, Waiting(waiting, minor, AT - age * HOUR))
    kinds = {kind for kind, _much, _most in told}
    assert all(limit and much >= limit for _kind, much, limit in told)
    assert kinds <= {
        kind for kind, limit in (("hours", hours), ("sales", sales), ("sale", most), ("total", total)) if limit
    }
    halved = Limits(hours // 2 or hours, sales // 2 or sales, most // 2 or most, total // 2 or total, STOP)
    assert kinds <= {kind for kind, *_ in reached(halved, AT, of, Waiting(waiting, minor, AT - age * HOUR))}
    online = reached(Limits(hours, 0, 0, 0, STOP), AT, of, Waiting(waiting, minor, None))
    assert online == []
