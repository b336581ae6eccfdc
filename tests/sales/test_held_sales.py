"""Sales on hold: every till of the store sees them, one gets each, and none ends without a record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.identity.permissions import ROLES
from retail.kit.clock import FixedClock
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Scope
from retail.sales import held_jobs
from retail.sales.errors import HeldByAnother, HeldGone
from retail.sales.held import Waiting, recall, waiting
from retail.sales.held_reading import read_held
from retail.sales.members import Reader
from retail.sales.voids import voids
from retail.tenants.settings_changes import change
from tests.support.device import Device
from tests.support.selling import AT
from tests.support.world import Shop, open_shop


def basket(shop: Shop, **more: Any) -> dict[str, Any]:
    """Make what a till sends when two loaves are put aside."""
    loaf = shop.products[0]
    line = {
        "id": str(new_id()), "product": str(loaf.id), "name": loaf.name, "unit": "each", "decimals": 0,
        "quantity": 2000, "price": 420, "taxCode": "R", "taxRate": 70_000,
        "discount": None, "base": 420, "note": "sliced",
    }  # fmt: skip
    return {"id": str(new_id()), "lines": [line], "items": 2, "total": 840} | more


@pytest.fixture
async def first(shop: Shop) -> Device:
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    return device


@pytest.fixture
async def second(shop: Shop) -> Device:
    device = Device(shop, shop.second_till)
    await device.claim()
    device.open_shift()
    return device


def clerk(shop: Shop, name: str = "Ben") -> Scope:
    return Scope(shop.scope.tenant, Actor("person", new_id(), name), ROLES["clerk"], "clerk")


async def held(device: Device, **more: Any) -> UUID:
    """Put a basket aside at a till; give its id."""
    body = basket(device.shop, **more)
    device.write("sale_held", body)
    await device.deliver()
    return UUID(body["id"])


async def seen(shop: Shop, till: UUID) -> list[Waiting]:
    async with shop.db.read(shop.scope) as read:
        return await waiting(read, till)


async def brought(shop: Shop, till: UUID, id: UUID, by: Scope | None = None, *, take_over: bool = False) -> UUID:
    """Recall at a till; give the id that the basket has there."""
    own = new_id()
    await shop.db.run(by or shop.scope, recall, till, id, new_id(), own, take_over=take_over)
    return own


async def exceptions(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT code, facts FROM sync_exception WHERE tenant_id = $1 AND code LIKE 'held%' ORDER BY id", read.tenant
        )
    return [(row["code"], json.loads(row["facts"])) for row in rows]


async def how(shop: Shop, id: UUID) -> tuple[str | None, UUID | None]:
    async with shop.db.read(shop.scope) as read:
        row = await read.fetchrow(
            "SELECT ended_how, ended_id FROM held_sale WHERE tenant_id = $1 AND id = $2", read.tenant, id
        )
    assert row is not None
    return row["ended_how"], row["ended_id"]


def sale_of(device: Device, id: UUID) -> dict[str, Any]:
    return device.counter.sale((device.shop.products[0], 2), id=str(id))


async def test_what_one_till_puts_aside_another_of_the_store_lists_and_recalls(
    shop: Shop, first: Device, second: Device
) -> None:
    id = await held(first)
    there = (await seen(shop, shop.second_till))[0]
    assert (there.id, there.owner_name, there.till_code, there.items, there.total_minor, there.names) == (
        id, "Olga Owner", "T1", 2, 840, ["Sourdough loaf 800 g"]
    )  # fmt: skip
    request, own = new_id(), new_id()
    got = await shop.db.run(shop.scope, recall, shop.second_till, id, request, own, take_over=False)
    assert [(line["quantity"], line["note"]) for line in got["lines"]] == [(2000, "sliced")]
    assert await shop.db.run(shop.scope, recall, shop.second_till, id, request, own, take_over=False) == got
    assert await seen(shop, shop.till) == []
    assert [one.recalled_as for one in await seen(shop, shop.second_till)] == [own]  # it may have crashed since
    second.write("sale", sale_of(second, own))
    assert "held" not in str((await second.deliver()).answers[-1].exceptions)
    assert await how(shop, id) == ("sold", own)
    assert await seen(shop, shop.second_till) == []


async def test_another_store_neither_sees_nor_gets_it(shop: Shop, first: Device) -> None:
    from retail.tenants import operations as tenants

    other = new_id()
    await shop.db.run(shop.scope, tenants.set_up_till, tenants.NewTill(other, shop.second_store, "H1", "Hafen 1"))
    id = await held(first)
    assert await seen(shop, other) == []
    with pytest.raises(HeldGone):
        await brought(shop, other, id, take_over=True)
    assert len(await seen(shop, shop.till)) == 1


async def test_somebody_elses_is_taken_over_only_when_that_is_said(shop: Shop, first: Device) -> None:
    id, ben = await held(first), clerk(shop)
    with pytest.raises(HeldByAnother, match="Olga Owner"):
        await brought(shop, shop.second_till, id, ben)
    assert len(await seen(shop, shop.till)) == 1
    await brought(shop, shop.second_till, id, ben, take_over=True)
    with pytest.raises(HeldGone) as gone:
        await brought(shop, shop.till, id, take_over=True)
    assert gone.value.sentence() == "Ben went on with this sale at T2."
    async with shop.db.read(shop.scope) as read:
        told = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND action LIKE 'sales.%held%' ORDER BY at, id",
            read.tenant,
        )
    assert [row["action"] for row in told] == ["sales.held", "sales.held_taken_over"]


async def test_recalled_without_a_network_while_another_till_has_it_both_sales_stay_and_are_told_of(
    shop: Shop, first: Device, second: Device
) -> None:
    id = await held(first)
    own = await brought(shop, shop.second_till, id)
    first.write("sale_recalled", {"id": str(new_id()), "held": str(id)})
    told = (await first.deliver()).answers[-1]
    assert told.status == "created"
    assert await exceptions(shop) == [("held_recalled_twice", {"name": "Olga Owner", "till": "T2"})]
    second.write("sale", sale_of(second, own))
    await second.deliver()
    first.write("sale", sale_of(first, id))
    last = (await first.deliver()).answers[-1]
    assert [one["code"] for one in last.exceptions if one["code"].startswith("held")] == ["held_sold_twice"]
    assert (await exceptions(shop))[1:] == [("held_sold_twice", {"number": 1, "till": "T2"})]
    assert await how(shop, id) == ("sold", own)
    again = (await first.deliver()).answers[-1]  # nothing is told a second time
    assert again.status == "replayed"
    assert len(await exceptions(shop)) == 2


async def test_its_own_till_brings_it_back_without_a_network_and_puts_it_aside_again(
    shop: Shop, first: Device, second: Device
) -> None:
    body = basket(shop)
    id = UUID(body["id"])
    first.write("sale_held", body)
    first.write("sale_recalled", {"id": str(new_id()), "held": str(id)})
    await first.deliver()
    assert [one.recalled_as for one in await seen(shop, shop.till)] == [id]
    assert await seen(shop, shop.second_till) == []
    first.write("sale_held", {**body, "total": 900}, str(new_id()))
    await first.deliver()
    assert [one.total_minor for one in await seen(shop, shop.second_till)] == [900]
    own = await brought(shop, shop.second_till, id)
    second.write("sale_held", {**body, "id": str(own), "total": 950})
    await second.deliver()
    assert [(one.id, one.total_minor) for one in await seen(shop, shop.till)] == [(own, 950)]
    assert await how(shop, id) == ("held_again", own)
    assert await exceptions(shop) == []


async def test_cancelling_it_ends_it_with_its_void(shop: Shop, first: Device) -> None:
    id = await held(first)
    void = new_id()
    line = {"line": str(new_id()), "product": None, "name": "Loaf", "quantity_milli": 2000, "unit_price": 420}
    first.write("sale_voided", {"id": str(void), "basket": str(id), "lines": [line], "amount": 840})
    assert (await first.deliver()).answers[-1].status == "created"
    assert await how(shop, id) == ("voided", void)
    assert await seen(shop, shop.till) == []


async def test_what_nobody_comes_back_for_is_cancelled_after_its_days_as_a_void(
    shop: Shop, first: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await held(first)
    system = Scope.system(shop.scope.tenant)
    clock = FixedClock(AT + timedelta(hours=10))  # 23:31 of the same day in Berlin
    monkeypatch.setattr(shop.db, "clock", clock)
    await shop.db.run(system, held_jobs.cancel_forgotten)
    assert await how(shop, id) == (None, None)
    await shop.db.run(shop.scope, change, {"held_days": 1}, shop.store)
    clock.advance(timedelta(hours=12))
    await shop.db.run(system, held_jobs.cancel_forgotten)
    assert await how(shop, id) == (None, None)
    clock.advance(timedelta(days=1))
    await shop.db.run(system, held_jobs.cancel_forgotten)
    await shop.db.run(system, held_jobs.cancel_forgotten)
    assert (await how(shop, id))[0] == "expired"
    async with shop.db.read(shop.scope) as read:
        listed = (await voids(read, store=None, kind="", limit=10, after=None)).items
    assert [(one.kind, one.reason, one.amount_minor, one.cashier_name) for one in listed] == [
        ("sale", "Left on hold", 840, "Countertop")
    ]


async def test_another_business_sees_nothing_of_it(shop: Shop, first: Device) -> None:
    id, other = await held(first), await open_shop(shop.db)
    assert await seen(other, other.till) == []
    with pytest.raises(HeldGone):
        await brought(other, other.till, id, take_over=True)


@pytest.mark.parametrize(
    "broken",
    [
        {"lines": []}, {"lines": "x"}, {"items": -1}, {"total": "840"}, {"id": "x"},
        {"discount": {"kind": "all", "value": 1}},
        {"coupons": [{"code": "A"}]}, {"customer": "Lena"},
    ],
)  # fmt: skip
def test_what_is_no_basket_is_refused(broken: dict[str, Any]) -> None:
    line = {"id": str(new_id()), "product": "", "name": "Bag", "unit": "each", "decimals": 0,
            "quantity": 1000, "price": 5, "taxCode": "S", "taxRate": 0, "discount": None}  # fmt: skip
    good = {"id": str(new_id()), "lines": [line], "items": 1, "total": 5}
    assert read_held(Reader(good), AT).basket["lines"][0]["name"] == "Bag"
    with pytest.raises(Invalid):
        read_held(Reader(good | broken), AT)


FLAT = st.sampled_from([None, True, -1, 0, 5, 10**20, "", "x", "\ud800", 1.5])
JSON = FLAT | st.lists(FLAT, max_size=2) | st.dictionaries(st.sampled_from(["kind", "value", "id"]), FLAT, max_size=2)
MEMBERS = ("id", "product", "name", "quantity", "price", "discount", "choices", "serials", "note", "parent", "evil")


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON), st.dictionaries(st.sampled_from(["coupons", "age", "x"]), JSON))
def test_whatever_a_till_sends_only_known_members_are_kept(line: dict[str, Any], more: dict[str, Any]) -> None:
    whole = {"id": str(new_id()), "product": "", "name": "Bag", "unit": "each", "decimals": 0,
             "quantity": 1000, "price": 5, "taxCode": "S", "taxRate": 0, "discount": None}  # fmt: skip
    body = {"id": str(new_id()), "lines": [whole | line], "items": 1, "total": 5} | more
    try:
        kept = read_held(Reader(body), AT).basket
    except Invalid:
        return
    assert set(kept) <= {"lines", "discount", "coupons", "customer", "position", "age"}
    assert "evil" not in kept["lines"][0]


async def test_a_note_is_listed_changed_while_it_waits_and_goes_along(
    shop: Shop, first: Device, second: Device
) -> None:
    body = basket(shop, note="red bag")
    first.write("sale_held", body)
    await first.deliver()
    before = (await seen(shop, shop.second_till))[0]
    assert before.note == "red bag"
    first.write("sale_held", body | {"note": "blue bag", "noted": True})
    await first.deliver()
    after = (await seen(shop, shop.second_till))[0]
    assert (after.note, after.held_at, after.owner_id) == ("blue bag", before.held_at, before.owner_id)
    got = await shop.db.run(clerk(shop), recall, shop.second_till, UUID(body["id"]), new_id(), new_id(), take_over=True)
    assert got["note"] == "blue bag"
    first.write("sale_held", body | {"note": "too late", "noted": True})
    await first.deliver()
    assert await seen(shop, shop.till) == []
    assert [one.note for one in await seen(shop, shop.second_till)] == ["blue bag"]


def test_a_note_is_cut_and_holds_no_cards_number() -> None:
    line = {
        "id": str(new_id()), "product": "", "name": "Loaf", "unit": "each", "decimals": 0, "quantity": 1000,
        "price": 420, "taxCode": "R", "taxRate": 70_000, "discount": None,
    }  # fmt: skip
    body = {"id": str(new_id()), "lines": [line], "items": 1, "total": 420}
    assert read_held(Reader(body | {"note": "n" * 120}), AT).basket["note"] == "n" * 120
    assert read_held(Reader(body | {"note": "n" * 130}), AT).basket["note"] == "n" * 120
    assert read_held(Reader(body | {"note": "4111 1111 1111 1111"}), AT).basket["note"] == "411111******1111"
    with pytest.raises(Invalid):
        read_held(Reader(body | {"note": 7}), AT)
