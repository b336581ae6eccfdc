"""A till whose opening was refused sells on: its cash belongs to the shift that is open, and the Z is right."""

from __future__ import annotations

from uuid import UUID

import pytest

from retail.cash import open_shift_on, z_report
from retail.kit.ids import new_id
from retail.sales import listing
from retail.sales.checks import checks
from retail.sales.closing import close
from retail.sales.inbox.operations import resolve_exception
from retail.sales.journal import Received
from tests.support.device import Device
from tests.support.selling import AT, open_counter
from tests.support.world import Shop

UNCOUNTED = "sales: a drawer counts every sale's cash, or somebody settled it"


@pytest.fixture
async def twice(shop: Shop) -> Device:
    """A device on which "Open shift" was tapped twice: it sells under the second, which the server refuses."""
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    device.counter.shift = new_id()
    device.open_shift()
    return device


def told(received: Received) -> list[tuple[str, list[str]]]:
    return [(one.status, [found["code"] for found in one.exceptions]) for one in received.answers]


async def open_now(shop: Shop) -> UUID:
    async with shop.db.read(shop.scope) as read:
        found = await open_shift_on(read, shop.till)
    assert found is not None
    return found.id


async def red(shop: Shop) -> dict[str, str]:
    async with shop.db.read(shop.scope) as read:
        return {check.name: check.detail for check in await checks(read) if not check.ok}


async def test_a_refused_opening_is_answered_with_the_shift_that_is_open(twice: Device) -> None:
    received = await twice.deliver()
    assert told(received) == [("created", []), ("conflict", ["shift_open"])]
    result = received.answers[1].result
    assert result is not None
    assert (UUID(result["id"]), result["opening_float"], result["opened_by"]) == (
        await open_now(twice.shop), 10_000, "Olga Owner",
    )  # fmt: skip
    again = await twice.deliver()
    assert (again.answers[1].status, again.answers[1].result) == ("conflict", result)


async def test_what_was_sold_and_moved_under_a_refused_shift_is_in_the_z_of_the_open_one(twice: Device) -> None:
    shop, refused = twice.shop, twice.counter.shift
    twice.sell((shop.products[0], 2))
    moved = {"id": str(new_id()), "shift": str(refused), "kind": "pay_out", "amount": 140, "reason": "Milk"}
    twice.write("cash_moved", moved)
    twice.write("drawer_opened", {"id": str(new_id()), "shift": str(refused), "reason": "Change"})
    twice.sell()
    received = await twice.deliver()
    codes = [[code for code in of if code != "stock_below_zero"] for _status, of in told(received)]
    assert codes == [[], ["shift_open"], ["other_shift"], [], [], ["other_shift"]]
    open_shift = await open_now(shop)
    z = await shop.db.run(shop.scope, close, open_shift, 11_120, None, AT)
    assert (z.expected_minor, z.variance_minor, z.report["sales"], z.report["total"]) == (11_120, 0, 2, 1260)
    assert z.report["drawer_openings"] == 1
    async with shop.db.read(shop.scope) as read:
        marked = (await listing.exceptions(read, code="other_shift", limit=9)).items
    assert [one.remark.facts["shift"] for one in marked] == [str(refused)] * 4
    assert marked[0].remark.sentence(str) == (
        "This names a shift that was never opened here, so the till's open shift counts its cash."
    )
    assert await red(shop) == {}


async def test_the_count_of_a_refused_shift_closes_the_open_one(twice: Device) -> None:
    shop = twice.shop
    twice.sell()
    twice.write("shift_closed", {"id": str(twice.counter.shift), "counted": 10_420})
    received = await twice.deliver()
    assert received.answers[-1].status == "created"
    report = received.answers[-1].result
    assert report is not None
    assert (report["expected"], report["variance"], report["sales"]) == (10_420, 0, 1)
    async with shop.db.read(shop.scope) as read:
        assert await open_shift_on(read, shop.till) is None


async def test_the_count_of_a_device_that_lost_its_till_does_not_end_its_successors_shift(shop: Shop) -> None:
    first, second = Device(shop, shop.till), Device(shop, shop.till)
    await first.claim()
    await second.claim(take_over=True)
    second.open_shift()
    await second.deliver()
    first.open_shift()
    first.write("shift_closed", {"id": str(first.counter.shift), "counted": 0})
    received = await first.deliver()
    assert [one.status for one in received.answers] == ["conflict", "invalid"]
    async with shop.db.read(shop.scope) as read:
        assert await open_shift_on(read, shop.till) is not None
        assert await z_report(read, second.counter.shift) is None


async def test_a_sale_of_another_tills_shift_or_of_none_is_in_no_drawer_and_a_check_finds_it(shop: Shop) -> None:
    here, there = await open_counter(shop), await open_counter(shop, shop.second_till)
    for shift in (None, str(there.shift)):
        outcome = await here.sell(shift=shift)
        assert outcome.sale is not None
        assert outcome.sale.shift is None
    card = await here.sell(shift=None, tenders=[{"type": "card", "amount": 420}])
    assert card.sale is not None
    found = (await red(shop))[UNCOUNTED]
    assert "420" in found
    assert str(card.sale.id) not in found
    async with shop.db.read(shop.scope) as read:
        marked = (await listing.exceptions(read, code="unknown_shift", limit=9)).items
    for one in marked:
        await shop.db.run(shop.scope, resolve_exception, one.id, "Counted into the safe")
    assert await red(shop) == {}


async def test_a_sale_of_an_unknown_shift_is_in_no_drawer_where_none_is_open(shop: Shop) -> None:
    till = await open_counter(shop)
    await shop.db.run(shop.scope, close, till.shift, 10_000, None, AT)
    outcome = await till.sell(shift=str(new_id()))
    assert outcome.sale is not None
    assert outcome.sale.shift is None
    assert "unknown_shift" in [one.code for one in outcome.sale.remarks]
    assert UNCOUNTED in await red(shop)
