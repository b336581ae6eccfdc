"""Card money is a fact before its sale is: attempts arrive with the journal, and what doesn't fit is told."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from retail.catalog.prices.exchange import put_rate
from retail.kit.ids import new_id
from retail.payments.queries import listed, paid
from retail.sales.checks import checks
from retail.sales.late_payments import tell_of_lost
from tests.support.device import Device
from tests.support.selling import Counter, open_counter
from tests.support.world import Shop


@pytest.fixture
async def device(shop: Shop) -> Device:
    made = Device(shop, shop.till)
    await made.claim()
    return made


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


def started(device: Device, sale: str, amount: int, **more: Any) -> str:
    attempt = str(new_id())
    device.write(
        "payment_started",
        {
            "id": attempt, "sale": sale, "shift": str(device.counter.shift), "type": "card", "terminal": "simulator",
            "amount": amount, **more,
        },
    )  # fmt: skip
    return attempt


def settled(device: Device, attempt: str, outcome: str, amount: int = 420, source: str = "terminal") -> None:
    device.write(
        "payment_settled",
        {
            "id": str(new_id()), "attempt": attempt, "outcome": outcome, "source": source, "amount": amount,
            "reference": "S-1",
        },
    )  # fmt: skip


def card(attempt: str | None, amount: int, **more: Any) -> dict[str, Any]:
    return {"type": "card", "amount": amount, "change": 0, "attempt": attempt, **more}


async def told(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT code FROM sync_exception WHERE tenant_id = $1 AND code <> 'stock_below_zero'
                ORDER BY created_at, code""",
            read.tenant,
        )
    return [row["code"] for row in rows]


async def booked(shop: Shop, sale: UUID) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT a.purpose, sum(l.amount_minor)::bigint AS amount FROM journal_entry e
                 JOIN journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
                 JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
                WHERE e.tenant_id = $1 AND e.source_id = $2 GROUP BY 1""",
            read.tenant,
            sale,
        )
        failed = [one for one in await checks(read) if not one.ok]
    assert failed == []
    return {row["purpose"]: row["amount"] for row in rows if row["purpose"] not in {"cogs", "stock", "revenue", "tax"}}


async def test_an_approved_attempt_and_its_sale_leave_nothing_to_look_at(shop: Shop, device: Device) -> None:
    device.open_shift()
    body = device.counter.sale(tenders=[])
    attempt = started(device, body["id"], 420)
    settled(device, attempt, "approved")
    device.write("sale", body | {"tenders": [card(attempt, 420)]})
    received = await device.deliver()
    assert {one.status for one in received.answers} == {"created"}
    await shop.db.run(shop.scope, tell_of_lost, UUID(attempt))
    assert await told(shop) == []
    async with shop.db.read(shop.scope) as read:
        (row,) = (await listed(read, store=shop.store, outcome="approved", limit=10, after=None)).items
        assert (await listed(read, store=None, outcome="declined", limit=10, after=None)).items == []
        (stored,) = await read.fetch("SELECT attempt_id, reference FROM tender WHERE tenant_id = $1", read.tenant)
    assert (row.id, row.number, row.amount_minor, row.paid.state) == (UUID(attempt), 1, 420, "approved")
    assert stored["attempt_id"] == UUID(attempt)
    assert await booked(shop, UUID(body["id"])) == {"card": 420}


async def test_the_same_records_again_change_nothing(shop: Shop, device: Device) -> None:
    device.open_shift()
    attempt = started(device, str(new_id()), 420)
    settled(device, attempt, "unknown")
    settled(device, attempt, "approved", source="inquiry")
    await device.deliver()
    assert {one.status for one in (await device.deliver()).answers} == {"replayed"}
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM payment_step WHERE tenant_id = $1", read.tenant) == 2
        found = (await paid(read, [UUID(attempt)]))[UUID(attempt)]
    assert (found.state, found.approved_minor, found.by_hand) == ("approved", 420, False)


async def test_money_that_was_taken_without_a_sale_is_told_once(shop: Shop, device: Device) -> None:
    device.open_shift()
    attempt = started(device, str(new_id()), 420)
    settled(device, attempt, "approved")
    await device.deliver()
    await shop.db.run(shop.scope, tell_of_lost, UUID(attempt))
    await shop.db.run(shop.scope, tell_of_lost, UUID(attempt))
    assert await told(shop) == ["payment_without_sale"]


@pytest.mark.parametrize("outcome", ["declined", "cancelled", "unknown", None])
async def test_a_sale_whose_card_was_not_approved_is_stored_and_told(
    shop: Shop, device: Device, outcome: str | None
) -> None:
    device.open_shift()
    body = device.counter.sale(tenders=[])
    attempt = started(device, body["id"], 420)
    if outcome:
        settled(device, attempt, outcome)
    device.write("sale", body | {"tenders": [card(attempt, 420)]})
    assert {one.status for one in (await device.deliver()).answers} == {"created"}
    await shop.db.run(shop.scope, tell_of_lost, UUID(attempt))
    assert await told(shop) == ["payment_not_settled"]


async def test_another_amount_than_was_approved_is_told(shop: Shop, device: Device) -> None:
    device.open_shift()
    body = device.counter.sale(tenders=[])
    attempt = started(device, body["id"], 420)
    settled(device, attempt, "approved", 400)
    device.write("sale", body | {"tenders": [card(attempt, 420)]})
    await device.deliver()
    assert await told(shop) == ["payment_not_settled"]


async def test_a_record_that_is_none_is_kept_and_told(shop: Shop, device: Device) -> None:
    device.open_shift()
    device.write("payment_started", {"id": str(new_id()), "sale": str(new_id()), "type": "card", "amount": 0})
    device.write("payment_settled", {"id": str(new_id()), "attempt": str(new_id()), "outcome": "maybe"})
    received = await device.deliver()
    assert [one.status for one in received.answers] == ["created", "invalid", "invalid"]
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM payment_attempt WHERE tenant_id = $1", read.tenant) == 0


async def test_a_tip_is_owed_to_the_staff_and_no_revenue(shop: Shop, counter: Counter) -> None:
    outcome = await counter.sell(tenders=[card(None, 470, tip=50)])
    assert outcome.sale is not None
    assert [one.code for one in outcome.sale.remarks if one.code != "stock_below_zero"] == []
    assert await booked(shop, outcome.id) == {"card": 470, "tips": -50}


async def test_a_tip_out_of_cash_stays_in_the_drawer(shop: Shop, counter: Counter) -> None:
    outcome = await counter.sell(tenders=[{"type": "cash", "amount": 500, "change": 30, "tip": 50}])
    assert await booked(shop, outcome.id) == {"cash": 470, "tips": -50}


async def test_notes_of_another_currency_are_booked_apart_and_change_comes_from_the_drawer(
    shop: Shop, counter: Counter
) -> None:
    await shop.db.run(shop.scope, put_rate, "USD", date(2026, 1, 1), 920_000_000)
    notes = {
        "type": "foreign_cash", "amount": 920, "change": 0, "currency": "USD", "foreign_amount": 1000,
        "rate_billionths": 920_000_000,
    }  # fmt: skip
    outcome = await counter.sell(tenders=[notes, {"type": "cash", "amount": 0, "change": 500}])
    assert outcome.sale is not None
    assert [one.code for one in outcome.sale.remarks if one.code != "stock_below_zero"] == []
    assert await booked(shop, outcome.id) == {"foreign_cash": 920, "cash": -500}
    async with shop.db.read(shop.scope) as read:
        row = await read.fetchrow(
            "SELECT currency, foreign_minor, rate_billionths FROM tender WHERE tenant_id = $1 AND position = 1",
            read.tenant,
        )
    assert row is not None
    assert tuple(row) == ("USD", 1000, 920_000_000)


async def test_another_rate_than_the_days_is_told(shop: Shop, counter: Counter) -> None:
    await shop.db.run(shop.scope, put_rate, "USD", date(2026, 1, 1), 900_000_000)
    notes = {
        "type": "foreign_cash", "amount": 920, "change": 0, "currency": "USD", "foreign_amount": 1000,
        "rate_billionths": 920_000_000,
    }  # fmt: skip
    await counter.sell(tenders=[notes, {"type": "cash", "amount": 0, "change": 500}])
    assert await told(shop) == ["rate_differs"]
