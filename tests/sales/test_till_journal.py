"""A till's journal arrives once, in order, proved; and no record of money is ever refused for the chain's sake."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from retail.cash import open_shift_on
from retail.cash.standards import REASONS
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.sales import listing
from retail.sales.chain import GENESIS, Record, hash_of
from retail.sales.errors import JournalGap, NoSuchTill, TillInUse
from retail.sales.journal import Received, receive
from retail.sales.payloads import read_delivery
from retail.sales.setup import setup
from retail.tenants.settings_changes import change
from tests.support.device import Device
from tests.support.world import Shop, open_shop

RISK = {
    f"{rule}_{member}": value
    for rule, least, minutes in (("void", 2, 60), ("no_sale", 4, 60), ("refund", 1, 30), ("override", 6, 60))
    for member, value in (("outcome", "alert"), ("least", least), ("minutes", minutes))
}
"""What loss prevention does unless somebody has set it."""


def statuses(received: Received) -> list[str]:
    return [one.status for one in received.answers]


def codes(received: Received) -> list[list[str]]:
    return [
        [found["code"] for found in one.exceptions if found["code"] != "stock_below_zero"] for one in received.answers
    ]


async def sales_of(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", read.tenant))


@pytest.fixture
async def device(shop: Shop) -> Device:
    """A device that has claimed the first till."""
    made = Device(shop, shop.till)
    await made.claim()
    return made


def test_the_hash_is_over_length_prefixed_bytes() -> None:
    till, device = UUID(int=1), UUID(int=2)
    record = Record(7, "sale", "0199", "2026-11-20T12:31:07Z", '{"name":"Käse"}', GENESIS, "")
    text = (
        "CTJ1\x1f36:00000000-0000-0000-0000-000000000001\x1f36:00000000-0000-0000-0000-000000000002\x1f1:7\x1f4:sale"
        '\x1f4:0199\x1f20:2026-11-20T12:31:07Z\x1f16:{"name":"Käse"}\x1f64:' + "0" * 64
    )
    assert hash_of(till, device, record) == hashlib.sha256(text.encode()).hexdigest()
    assert hash_of(till, device, replace(record, payload="\ud800")) == hash_of(
        till, device, replace(record, payload="\ufffd")
    )


def test_the_worked_example_of_the_page_is_true() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "till-journal.md").read_text()
    texts = re.findall(r"^    (CTJ1␟.*)$", page, re.MULTILINE)
    hashes = re.findall(r"^    ([0-9a-f]{64})$", page, re.MULTILINE)
    assert [hashlib.sha256(text.replace("␟", "\x1f").encode()).hexdigest() for text in texts] == hashes
    till, device = UUID("0199a000-0000-7000-8000-0000000000a1"), UUID("0199a000-0000-7000-8000-0000000000d1")
    fields = [part.split(":", 1)[1] for part in texts[1].split("␟")[1:]]
    assert hash_of(till, device, Record(2, *fields[3:], "")) == hashes[1]
    assert [len(text.replace("␟", "\x1f").encode()) for text in texts] == [311, 355]


async def test_a_day_at_the_till_arrives_in_one_delivery(device: Device) -> None:
    shift = str(device.counter.shift)
    device.open_shift()
    device.sell((device.shop.products[0], 2))
    device.write(
        "cash_moved", {"id": str(new_id()), "shift": shift, "kind": "pay_out", "amount": 140, "reason": "Milk"}
    )
    device.sell()
    device.write("drawer_opened", {"id": str(new_id()), "shift": shift, "reason": "Change"})
    device.write("shift_closed", {"id": shift, "counted": 11_100, "denominations": {"100": 111}})
    received = await device.deliver()
    assert statuses(received) == ["created"] * 6
    assert codes(received) == [[]] * 6
    report = received.answers[-1].result
    assert report is not None
    assert (report["expected"], report["counted"], report["variance"]) == (11_120, 11_100, -20)
    assert (report["sales"], report["total"], report["first_number"], report["last_number"]) == (2, 1260, 1, 2)
    assert (received.head.seq, received.head.hash) == (6, device.records[-1].hash)
    again = await device.deliver()
    assert statuses(again) == ["replayed"] * 6
    assert [one.result for one in again.answers] == [one.result for one in received.answers]
    assert [list(one.exceptions) for one in again.answers] == [list(one.exceptions) for one in received.answers]
    assert await sales_of(device.shop) == 2


async def test_an_overlap_takes_in_only_what_is_new(device: Device) -> None:
    device.open_shift()
    device.sell()
    await device.deliver()
    device.sell()
    received = await device.deliver(*device.records[1:])
    assert statuses(received) == ["replayed", "created"]
    assert await sales_of(device.shop) == 2


async def test_a_gap_is_refused_and_says_what_is_missing(device: Device) -> None:
    device.open_shift()
    device.sell()
    device.sell()
    for records in (device.records[1:], [device.records[0], device.records[2]]):
        with pytest.raises(JournalGap) as gap:
            await device.deliver(*records)
    assert gap.value.facts() == {"expected_seq": 2}
    assert await sales_of(device.shop) == 0


async def test_a_changed_record_breaks_the_chain_and_is_taken_in_all_the_same(device: Device) -> None:
    device.open_shift()
    good = device.sell()
    device.records[-1] = replace(good, payload=good.payload.replace('"quantity": "1"', '"quantity": "01"'))
    device.sell()
    received = await device.deliver()
    assert statuses(received) == ["created"] * 3
    assert codes(received) == [[], ["chain_broken"], []]
    assert await sales_of(device.shop) == 2


async def test_a_copied_device_forks_and_both_branches_are_kept(device: Device) -> None:
    device.open_shift()
    device.sell()
    await device.deliver()
    trunk = list(device.records)
    device.sell()
    await device.deliver()
    device.records = trunk
    forked = device.sell(number=device.counter.next)
    later = device.sell()
    received = await device.deliver(forked, later)
    assert statuses(received) == ["created", "created"]
    assert codes(received)[0][-1] == "chain_broken"
    assert received.head.hash == later.hash
    assert await sales_of(device.shop) == 4


async def test_a_taken_over_device_delivers_and_is_told(device: Device) -> None:
    shop = device.shop
    device.open_shift()
    device.sell()
    await device.deliver()
    device.sell()
    other = Device(shop, shop.till)
    with pytest.raises(TillInUse) as used:
        await other.claim()
    assert used.value.facts()["label"] == f"Device {device.id.hex[-4:]}"
    claim = await other.claim(take_over=True)
    assert (claim.fence, claim.head.seq, claim.next_number) == (2, 0, 2)
    assert claim.shift is not None
    assert claim.shift.id == device.counter.shift
    received = await device.deliver()
    assert statuses(received) == ["replayed", "replayed", "created"]
    assert codes(received) == [[], [], ["taken_over"]]
    assert received.taken_over_by == f"Device {other.id.hex[-4:]}"
    back = await device.claim(take_over=True)
    assert (back.fence, back.head.seq) == (3, 3)


async def test_a_claim_again_keeps_the_fence_and_says_where_the_journal_goes_on(device: Device) -> None:
    device.open_shift()
    record = device.sell()
    await device.deliver()
    claim = await device.claim()
    assert (claim.fence, claim.head.seq, claim.head.hash, claim.next_number) == (1, 2, record.hash, 2)
    with pytest.raises(NoSuchTill):
        await Device(device.shop, new_id()).claim()


@pytest.mark.parametrize("far_off", [2002, 2**31, 10**12])
async def test_a_number_far_off_is_stored_and_does_not_lead_the_till_away(device: Device, far_off: int) -> None:
    device.open_shift()
    device.sell()
    device.sell()
    await device.deliver()
    stray = device.counter.sale(number=far_off)
    (outcome,) = await device.counter.send(stray)
    assert outcome.sale is not None
    assert "number_gap" in [one.code for one in outcome.sale.remarks]
    assert (await device.claim()).next_number == 3
    near = device.counter.sale(number=4)
    await device.counter.send(near)
    assert (await device.claim()).next_number == 5


async def test_a_till_that_went_on_from_a_number_far_off_stays_there_and_is_never_refused(device: Device) -> None:
    device.open_shift()
    device.sell(number=10**12)
    received = await device.deliver()
    assert statuses(received) == ["created", "created"]
    for number in (10**12 + 1, 10**12 + 2):
        assert (await device.claim()).next_number == number
        device.sell(number=number)
        assert statuses(await device.deliver())[-1] == "created"


async def test_a_till_without_a_journal_goes_on_after_its_series(device: Device) -> None:
    counter = device.counter
    await counter.send(*(counter.sale(number=number) for number in (1, 2, 3, 900, 10**12 - 1, 10**12)))
    assert (await device.claim()).next_number == 901


async def test_records_that_break_a_rule_are_kept_and_told(device: Device) -> None:
    shop = device.shop
    device.open_shift()
    device.write("sale", "{not json", id=str(new_id()))
    device.write("sale", device.counter.sale() | {"tenders": []})
    device.write(
        "cash_moved", {"id": str(new_id()), "shift": str(new_id()), "kind": "gift", "amount": 5, "reason": "x"}
    )
    device.write("shift_opened", {"id": str(new_id()), "till": str(shop.till), "opening_float": 1})
    device.write("printed", {"id": str(new_id())})
    device.write("shift_closed", {"id": str(device.counter.shift), "counted": -1})
    good = device.sell()
    received = await device.deliver()
    assert statuses(received) == [
        "created",
        "invalid",
        "invalid",
        "invalid",
        "conflict",
        "invalid",
        "invalid",
        "created",
    ]
    assert received.answers[-1].record == good
    assert [found[:1] for found in codes(received)[1:7]] == [
        ["invalid"], ["invalid"], ["invalid"], ["shift_open"], ["invalid"], ["invalid"],
    ]  # fmt: skip
    async with shop.db.read(shop.scope) as read:
        looked = (await listing.exceptions(read, code="not_recorded", limit=20)).items
        assert await open_shift_on(read, shop.till) is not None
    assert sorted(one.remark.facts["seq"] for one in looked) == [2, 3, 4, 5, 6, 7]
    assert statuses(await device.deliver())[1:3] == ["invalid", "invalid"]


async def test_more_cash_than_the_drawer_held_is_stored_as_it_happened_and_told(device: Device) -> None:
    device.open_shift(10_000)
    shift = str(device.counter.shift)
    for amount in (10_000, 1):
        device.write(
            "cash_moved", {"id": str(new_id()), "shift": shift, "kind": "drop", "amount": amount, "reason": "Bank"}
        )
    assert statuses(await device.deliver()) == ["created"] * 3
    async with device.shop.db.read(device.shop.scope) as read:
        (looked,) = (await listing.exceptions(read, code="drawer_short", limit=5)).items
    assert looked.remark.facts["amount"] == 1
    assert looked.remark.sentence(str) == "1 left the drawer (Bank), which was more than it held. Count the drawer."


async def test_a_sale_under_a_used_id_with_other_content_is_a_conflict_somebody_hears_of(device: Device) -> None:
    device.open_shift()
    record = device.sell()
    body = json.loads(record.payload) | {"customer": "x"}
    device.write("sale", body)
    received = await device.deliver()
    assert statuses(received) == ["created", "created", "conflict"]
    async with device.shop.db.read(device.shop.scope) as read:
        (looked,) = (await listing.exceptions(read, code="not_recorded", limit=5)).items
    assert looked.remark.facts["id"] == record.id


async def test_a_sale_that_came_by_another_way_is_a_replay(device: Device) -> None:
    device.open_shift()
    await device.deliver()
    record = device.sell()
    await device.counter.send(json.loads(record.payload))
    assert statuses(await device.deliver(record)) == ["replayed"]
    assert await sales_of(device.shop) == 1


async def test_the_journal_of_an_unknown_till_is_refused(shop: Shop) -> None:
    device = Device(shop, new_id())
    device.open_shift()
    with pytest.raises(NoSuchTill):
        await device.deliver()


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0}, {"seq": 2**63}, {"seq": "1"}, {"kind": "Sale"}, {"id": "x"}, {"hash": "0" * 63},
        {"prev_hash": None}, {"payload": None}, {"payload": {}}, {"at": 5},
    ],
    ids=str,
)  # fmt: skip
async def test_an_envelope_that_is_none_is_refused(device: Device, change: dict[str, object]) -> None:
    record = device.open_shift()
    fields = {name: getattr(record, name) for name in ("seq", "kind", "id", "at", "payload", "prev_hash", "hash")}
    with pytest.raises(Invalid):
        read_delivery({"device": str(device.id), "fence": 1, "records": [fields | change]})
    with pytest.raises(Invalid):
        read_delivery({"device": str(device.id), "fence": 1, "records": []})


async def test_a_payload_that_no_database_holds_is_kept_as_well_as_can_be(device: Device) -> None:
    device.open_shift()
    device.write("sale", "\0", id=str(new_id()))
    received = await device.deliver()
    assert statuses(received) == ["created", "invalid"]
    assert codes(received)[1] == ["chain_broken", "invalid"]


async def test_setup_tells_a_till_what_it_needs(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        told = await setup(read, shop.till)
    assert (told["tenant"]["currency"], told["tenant"]["exponent"], told["tenant"]["cash_unit"]) == ("EUR", 2, 1)
    assert (told["store"]["timezone"], told["till"]["code"], told["cashier"]["name"]) == (
        "Europe/Berlin",
        "T1",
        "Olga Owner",
    )
    assert len(told["recovery_epoch"].split("-")) == 3


async def test_setup_tells_a_till_the_settings_as_they_count_in_its_store(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        before = (await setup(read, shop.till))["settings"]
    assert before == {
        "idle_lock_minutes": 5, "offline_hours": 72, "offline_sales": 500, "negative_stock": "allow",
        "named_goods": "reason", "language": "",
        "offline_sale_minor": 0, "offline_total_minor": 0, "drawer_most_minor": 0, "float_left_minor": 0,
        "reasons": {key: [] for key in REASONS},
        "coupons_offline": "refuse", "customer_card_prefix": "",
        **{f"offline_{kind}_then": "stop" for kind in ("hours", "sales", "sale", "total")},
        "risk": RISK, "allotment_then": "manager",
    }  # fmt: skip
    await shop.db.run(shop.scope, change, {"offline_hours": 24, "offline_total_most": 3000, "idle_lock_minutes": 9})
    await shop.db.run(shop.scope, change, {"idle_lock_minutes": 2, "offline_sale_most": 150}, shop.store)
    await shop.db.run(shop.scope, change, {"till_language": "fr"}, shop.store)
    cash = {"drawer_most": 300, "float_left": 150, "reasons_safe": " To the safe \n\nCoins"}
    await shop.db.run(shop.scope, change, cash, shop.store)
    async with shop.db.read(shop.scope) as read:
        after = (await setup(read, shop.till))["settings"]
    assert after == {
        "idle_lock_minutes": 2, "offline_hours": 24, "offline_sales": 500, "negative_stock": "allow",
        "named_goods": "reason", "language": "fr",
        "offline_sale_minor": 15_000, "offline_total_minor": 300_000, "drawer_most_minor": 30_000,
        "float_left_minor": 15_000,
        "reasons": {key: ["To the safe", "Coins"] if key in {"float", "drop"} else [] for key in REASONS},
        "coupons_offline": "refuse", "customer_card_prefix": "",
        **{f"offline_{kind}_then": "stop" for kind in ("hours", "sales", "sale", "total")},
        "risk": RISK, "allotment_then": "manager",
    }  # fmt: skip


async def test_a_hundred_records_are_one_set(device: Device) -> None:
    device.open_shift()
    for _ in range(99):
        device.sell()
    received = await device.deliver()
    assert statuses(received) == ["created"] * 100
    assert await sales_of(device.shop) == 99


async def test_a_delivery_for_another_shops_till_is_refused(shop: Shop, device: Device) -> None:
    stranger = await open_shop(shop.db)
    device.open_shift()
    with pytest.raises(NoSuchTill):
        await shop.db.run(
            stranger.scope,
            receive,
            shop.till,
            read_delivery(
                {
                    "device": str(device.id),
                    "fence": 1,
                    "records": [
                        {name: getattr(device.records[0], name) for name in Record.__dataclass_fields__},
                    ],
                }
            ),
        )


async def test_a_malformed_quantity_is_invalid_and_kept_and_unknown_members_are_passed_over(device: Device) -> None:
    shop = device.shop
    device.open_shift()
    device.sell({"product": str(shop.products[0].id), "quantity": "1", "unit_price": 420, "shelf": 7})
    good = device.records[-1]
    payload = json.loads(good.payload)
    payload |= {"id": str(new_id()), "number": payload["number"] + 1}
    payload["lines"][0]["quantity"] = "1e3"
    device.write("sale", payload)
    received = await device.deliver()
    assert statuses(received) == ["created", "created", "invalid"]
    assert codes(received)[1] == []
    async with shop.db.read(shop.scope) as read:
        looked = [one.remark for one in (await listing.exceptions(read, limit=10)).items]
        kept = await read.fetchval("SELECT count(*) FROM till_journal WHERE tenant_id = $1", read.tenant)
    (told,) = [one for one in looked if one.code == "not_recorded"]
    assert "lines.0.quantity" in told.facts["reason"]
    assert (await sales_of(shop), kept) == (1, 3)
