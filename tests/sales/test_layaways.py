"""Kept goods: paid ahead as a liability, handed over once as agreed, cancelled with what is owed given back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from retail.kit.clock import business_day
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.privacy import on_file as forgetting
from retail.sales.checks import checks
from retail.sales.documents import Outcome
from retail.sales.journal import Received
from retail.sales.layaways import queries
from retail.sales.layaways.checks import checks as layaway_checks
from retail.sales.layaways.keeping import change_until, keep
from retail.sales.layaways.paying import take_payment
from retail.sales.layaways.queries import DUE_FIRST, LayawayFacts, Wanted
from retail.sales.layaways.reading import read_layaway, read_payment
from retail.sales.layaways.rules import Handed, KeptLine, Terms, as_agreed, in_few
from retail.sales.receipts.facts import receipt_of
from retail.sales.takings import added_up, takings
from retail.stock.reserving.errors import NotAvailable
from retail.stock.reserving.queries import reserved
from retail.tenants.settings_changes import change
from retail.value.checks import checks as value_checks
from tests.support.buyers import a_customer
from tests.support.database import Clone
from tests.support.device import Device
from tests.support.selling import AT, Counter, open_counter
from tests.support.shelves import stocked
from tests.support.world import Shop

TIMES = "\N{MULTIPLICATION SIGN}"
LINE = UUID("0199a000-0000-7000-8000-0000000000a1")


def new(shop: Shop, customer: UUID, **more: Any) -> dict[str, Any]:
    """Make what a till sends: three loaves at 4.20, 0.60 off in all."""
    loaf = shop.products[0]
    line = {
        "id": str(LINE), "product": str(loaf.id), "name": loaf.name, "quantity": 3000, "price": 420, "off": 60,
        "taxCode": "R", "discount": {"kind": "amount", "value": 60},
    }  # fmt: skip
    until = business_day(shop.db.clock.now(), "Europe/Berlin", 0) + timedelta(days=20)
    return {
        "id": str(new_id()), "basket": {"id": str(new_id()), "lines": [line], "discount": None},
        "customer": str(customer), "until": until.isoformat(), "total": 1200, "note": "calls first",
    } | more  # fmt: skip


async def kept(shop: Shop, **more: Any) -> LayawayFacts:
    """Keep three loaves of ten for Anna."""
    await stocked(shop, "10")
    body = new(shop, await a_customer(shop), **more)
    facts, created = await shop.db.run(shop.scope, keep, shop.till, read_layaway(body))
    assert created
    return facts


async def now(shop: Shop, id: UUID) -> LayawayFacts:
    async with shop.db.read(shop.scope) as read:
        return await queries.layaway(read, id)


async def promised(shop: Shop) -> Decimal:
    async with shop.db.read(shop.scope) as read:
        return (await reserved(read, shop.store, [shop.products[0].id]))[shop.products[0].id]


def payment(counter: Counter, layaway: UUID, amount: int, **more: Any) -> dict[str, Any]:
    """Make the JSON of a payment, in cash unless said otherwise."""
    body = {
        "id": str(new_id()), "kind": "payment", "till": str(counter.till), "shift": str(counter.shift),
        "number": counter.next, "occurred_at": AT.isoformat(), "customer": None, "lines": [], "total": amount,
        "layaway": str(layaway), "tenders": [{"type": "cash", "amount": amount, "change": 0}],
    } | more  # fmt: skip
    counter.next += 1
    return body


async def pay(shop: Shop, body: dict[str, Any]) -> Outcome:
    return await shop.db.run(shop.scope, take_payment, read_payment(body))


def hand_over(shop: Shop, counter: Counter, layaway: UUID, paid: int, rest: int, **line: Any) -> dict[str, Any]:
    """Make the sale that hands the loaves over."""
    loaf = {
        "id": str(LINE), "product": str(shop.products[0].id), "quantity": "3", "unit_price": 420, "discount": 60,
    }  # fmt: skip
    tenders: list[dict[str, Any]] = [{"type": "down_payment", "amount": paid, "layaway": str(layaway)}]
    tenders += [{"type": "cash", "amount": rest, "change": 0}] if rest else []
    return counter.sale(loaf | line, tenders=tenders, layaway=str(layaway), total=paid + rest)


async def booked(shop: Shop, source: UUID) -> dict[str, int]:
    """Give what a document posted, by purpose."""
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT a.purpose, sum(l.amount_minor)::bigint AS amount FROM journal_entry e
                 JOIN journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
                 JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
                WHERE e.tenant_id = $1 AND e.source_id = $2 GROUP BY 1 HAVING sum(l.amount_minor) <> 0""",
            read.tenant, source,
        )  # fmt: skip
    return {row["purpose"]: row["amount"] for row in rows}


async def failed(shop: Shop) -> list[str]:
    """Give what the checks find."""
    async with shop.db.read(shop.scope) as read:
        found = [*await checks(read), *await value_checks(read), *await layaway_checks(read)]
    return [f"{one.name}: {one.detail}" for one in found if not one.ok]


def codes(outcome: Outcome) -> list[str]:
    assert outcome.sale is not None
    return [one.code for one in outcome.sale.remarks if one.code not in {"clock_skew", "number_gap"}]


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


async def test_keeping_reserves_the_goods_and_has_a_number_of_its_store(shop: Shop) -> None:
    first = await kept(shop)
    assert (first.label, first.state, first.paid, first.due, first.overdue) == ("L-1", "open", 0, 1200, False)
    assert (first.what, first.customer_name) == (f"3 {TIMES} {shop.products[0].name}", "Anna Berg")
    assert await promised(shop) == 3
    second, _created = await shop.db.run(shop.scope, keep, shop.till, read_layaway(new(shop, first.customer)))
    assert (second.label, await promised(shop)) == ("L-2", 6)


async def test_the_same_again_is_the_same_and_another_body_a_conflict(shop: Shop) -> None:
    await stocked(shop, "10")
    body = new(shop, await a_customer(shop))
    first, created = await shop.db.run(shop.scope, keep, shop.till, read_layaway(body))
    again, once_more = await shop.db.run(shop.scope, keep, shop.till, read_layaway(body))
    assert (created, once_more, first.id) == (True, False, again.id)
    with pytest.raises(IdempotencyConflict):
        await shop.db.run(shop.scope, keep, shop.till, read_layaway(body | {"total": 1300}))
    assert await promised(shop) == 3


async def test_what_is_not_there_is_not_kept(shop: Shop) -> None:
    await stocked(shop, "2")
    body = new(shop, await a_customer(shop))
    with pytest.raises(NotAvailable):
        await shop.db.run(shop.scope, keep, shop.till, read_layaway(body))
    async with shop.db.read(shop.scope) as read:
        assert (await queries.layaways(read, Wanted(), limit=5)).items == []


@pytest.mark.parametrize(
    "wrong", [{"until": "2020-01-01"}, {"until": "soon"}, {"total": 0}, {"customer": str(new_id())}]
)
async def test_what_is_wrong_is_said_at_its_field(shop: Shop, wrong: dict[str, Any]) -> None:
    await stocked(shop, "10")
    body = new(shop, await a_customer(shop)) | wrong
    with pytest.raises(Invalid) as refused:
        await shop.db.run(shop.scope, keep, shop.till, read_layaway(body))
    assert list(refused.value.errors) == list(wrong)
    assert await promised(shop) == 0


async def test_a_payment_is_a_liability_and_no_revenue(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    body = payment(counter, one.id, 500)
    made, again = await pay(shop, body), await pay(shop, body)
    assert (made.status, again.status, codes(made)) == ("created", "replayed", [])
    assert made.sale is not None
    assert (made.sale.kind, made.sale.total, made.sale.tax, made.sale.down) == ("payment", 0, 0, 500)
    assert await booked(shop, made.id) == {"cash": 500, "down_payments": -500}
    assert ((await now(shop, one.id)).paid, (await now(shop, one.id)).due) == (500, 700)
    assert await failed(shop) == []


async def test_handing_over_uses_the_payments_up_and_is_the_revenue(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 500))
    body = hand_over(shop, counter, one.id, 500, 700)
    sold = (await counter.send(body))[0]
    assert (sold.status, codes(sold)) == ("created", [])
    assert (await counter.send(body))[0].status == "replayed"
    books = await booked(shop, sold.id)
    assert (books["down_payments"], books["cash"], books["revenue"] + books["tax"]) == (500, 700, -1200)
    after = await now(shop, one.id)
    assert (after.state, after.ended_id, after.balance, after.paid) == ("fetched", sold.id, 0, 500)
    assert await promised(shop) == 0
    assert await failed(shop) == []


async def test_what_was_agreed_raises_no_remark_though_the_catalogue_changed(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 1200))
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET price_minor = 990 WHERE id = $1", shop.products[0].id)
    assert codes((await counter.send(hand_over(shop, counter, one.id, 1200, 0)))[0]) == []


async def test_another_price_than_agreed_is_told(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 1140))
    sold = (await counter.send(hand_over(shop, counter, one.id, 1140, 0, unit_price=400)))[0]
    assert "price_changed" in codes(sold)


async def test_a_second_hand_over_is_told_and_takes_nothing_more(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 1200))
    await counter.send(hand_over(shop, counter, one.id, 1200, 0))
    second = (await counter.send(hand_over(shop, counter, one.id, 1200, 0)))[0]
    assert second.status == "created"
    assert {"layaway_over", "value_short"} <= set(codes(second))
    assert (await booked(shop, second.id))["tender_difference"] == 1200
    assert await failed(shop) == []


async def test_what_is_paid_stays_paid_though_it_was_too_much_or_too_late(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    over = await pay(shop, payment(counter, one.id, 1300))
    assert (over.status, codes(over)) == ("created", ["down_payment_unexpected"])
    sold = (await counter.send(hand_over(shop, counter, one.id, 1200, 0)))[0]
    assert codes(sold) == ["down_payment_unexpected"]
    late = await pay(shop, payment(counter, one.id, 50))
    assert (late.status, codes(late), (await now(shop, one.id)).balance) == (
        "created",
        ["down_payment_unexpected"],
        150,
    )
    assert await failed(shop) == []


async def test_a_payment_on_nothing_is_a_payment_difference(shop: Shop, counter: Counter) -> None:
    made = await pay(shop, payment(counter, new_id(), 400))
    assert (made.status, codes(made)) == ("created", ["down_payment_unexpected"])
    assert await booked(shop, made.id) == {"cash": 400, "tender_difference": -400}
    assert await failed(shop) == []


async def test_cancelling_gives_back_less_the_fee(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 500))
    back = await pay(
        shop,
        payment(counter, one.id, -450, cancels=True, fee=50, tenders=[{"type": "cash", "amount": -450, "change": 0}]),
    )
    assert (back.status, codes(back)) == ("created", [])
    assert await booked(shop, back.id) == {"cash": -450, "down_payments": 450}
    after = await now(shop, one.id)
    assert (after.state, after.balance, after.fee, after.ended_id) == ("cancelled", 0, 50, back.id)
    async with shop.db.read(shop.scope) as read:
        kept_as_income = await read.fetchval(
            """SELECT -sum(l.amount_minor)::bigint FROM journal_line l JOIN account a ON a.tenant_id = $1
                  AND a.id = l.account_id AND a.purpose = 'kept_down_payments' WHERE l.tenant_id = $1""",
            read.tenant,
        )
    assert (kept_as_income, await promised(shop)) == (50, 0)
    assert await failed(shop) == []


async def test_cancelling_onto_store_credit(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 500))
    credit = [{"type": "store_credit", "amount": -500, "change": 0}]
    back = await pay(shop, payment(counter, one.id, -500, cancels=True, tenders=credit))
    assert (codes(back), await booked(shop, back.id)) == ([], {"store_credit": -500, "down_payments": 500})
    assert await failed(shop) == []


async def test_what_nobody_paid_is_cancelled_without_money(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    back = await pay(shop, payment(counter, one.id, 0, cancels=True, tenders=[]))
    assert (back.status, (await now(shop, one.id)).state, await promised(shop)) == ("created", "cancelled", 0)
    assert await failed(shop) == []


async def test_more_given_back_than_was_paid_is_told(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 300))
    back = await pay(
        shop, payment(counter, one.id, -500, cancels=True, tenders=[{"type": "cash", "amount": 500, "change": 0}])
    )
    assert codes(back) == ["down_payment_unexpected"]
    assert await booked(shop, back.id) == {"cash": -500, "down_payments": 300, "tender_difference": 200}
    assert await failed(shop) == []


async def test_the_journal_takes_a_day_of_it_in_order(shop: Shop) -> None:
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    one, counter = await kept(shop), device.counter
    first = counter.sale()
    paid = payment(counter, one.id, 500)
    handed = hand_over(shop, counter, one.id, 500, 700)
    for body in (first, paid, handed):
        device.write("sale", body)
    received: Received = await device.deliver()
    answers = [one for one in received.answers if one.record.kind == "sale"]
    assert [one.status for one in answers] == ["created"] * 3
    assert [one.result["number"] for one in answers if one.result] == [1, 2, 3]
    assert [one["code"] for each in answers for one in each.exceptions if one["code"] == "number_gap"] == []
    assert (await now(shop, one.id)).state == "fetched"
    assert await failed(shop) == []


async def test_lists_find_by_number_name_article_and_receipt(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    made = await pay(shop, payment(counter, one.id, 500))
    assert made.sale is not None
    async with shop.db.read(shop.scope) as read:
        code = await read.fetchval("SELECT code FROM till WHERE id = $1", shop.till)

        async def found(text: str) -> int:
            page = await queries.layaways(read, Wanted(text, "open", shop.store), limit=5, order=DUE_FIRST)
            return len(page.items)

        for text in ("", "L-1", "l-1", "1", "berg", shop.products[0].name[:4], f"{code}-000001"):
            assert await found(text) == 1, text
        assert await found("nobody") == 0
        assert len((await queries.layaways(read, Wanted(state="overdue"), limit=5)).items) == 0
        paid = await queries.payments(read, one.id)
    assert [(each.kind, each.amount) for each in paid] == [("payment", 500)]


async def test_another_day_keeps_the_goods_reserved(shop: Shop) -> None:
    one = await kept(shop)
    later = one.until + timedelta(days=30)
    await shop.db.run(shop.scope, change_until, one.id, later)
    assert (await now(shop, one.id)).until == later
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, change_until, one.id, one.until - timedelta(days=400))


async def test_the_terms_are_the_businesss(shop: Shop) -> None:
    await shop.db.run(shop.scope, change, {"layaway_fee": 10}, None)
    terms = Terms.of({"layaway_least": 20, "layaway_days": 30, "layaway_fee": 10})
    assert (terms.least(1199), terms.fee(505), terms.fee(-5)) == (240, 51, 0)


def test_discounts_count_as_agreed_line_by_line_or_together() -> None:
    a, b = new_id(), new_id()
    said = [KeptLine(a, None, 1000, 500, 50), KeptLine(b, None, 1000, 500, 0)]
    silent = [KeptLine(a, None, 1000, 500, None), KeptLine(b, None, 1000, 500, None)]
    right = [Handed(a, None, 1000, 500, 50), Handed(b, None, 1000, 500, 0)]
    more = [Handed(a, None, 1000, 500, 80), Handed(b, None, 1000, 500, 0)]
    assert as_agreed(said, right, 950) == as_agreed(silent, right, 950) == {a, b}
    assert as_agreed(said, more, 950) == as_agreed(silent, more, 950) == {b}
    assert as_agreed(said, [Handed(a, None, 2000, 500, 50)], 950) == frozenset()


def test_what_is_kept_is_said_in_a_few_words() -> None:
    some = [("3", "Oak chair"), ("1", "Table"), ("2", "Lamp"), ("1", "Rug")]
    assert in_few(some) == f"3 {TIMES} Oak chair, Table, 2 {TIMES} Lamp, …"


async def test_a_shift_counts_the_cash_and_has_payments_apart(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 500))
    await counter.sell()
    async with shop.db.read(shop.scope) as read:
        summed, folded = await added_up(read, counter.shift), await takings(read, counter.shift)
    assert summed == folded
    assert (summed.payments, summed.down_payments_minor, summed.sales, summed.total_minor) == (1, 500, 1, 420)
    assert (summed.cash_net_minor, summed.by_tender, summed.last_number) == (920, {"cash": 920}, 2)


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ("UPDATE sale SET down_minor = 499 WHERE kind = 'payment' AND tenant_id = $1", "each account holds"),
        (
            "UPDATE layaway SET ended_at = now(), ended_how = 'fetched', ended_by_name = 'x' WHERE tenant_id = $1",
            "nothing is reserved",
        ),
    ],
)
async def test_what_is_wrong_turns_a_check_red(
    shop: Shop, counter: Counter, clone: Clone, planted: str, name: str
) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 500))
    conn = await asyncpg.connect(clone.admin_url)
    try:
        assert await conn.execute(planted, shop.tenant.id) == "UPDATE 1"
    finally:
        await conn.close()
    assert any(name in each for each in await failed(shop))


async def test_a_receipt_says_what_is_paid_and_due(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 300))
    second = await pay(shop, payment(counter, one.id, 400))
    async with shop.db.read(shop.scope) as read:
        facts = (await receipt_of(read, second.id)).facts
    assert facts["layaway"] == {
        "number": "L-1", "total": 1200, "paid": 700, "due": 500, "until": one.until.isoformat(), "fee": 0,
        "cancels": False,
    }  # fmt: skip
    assert [(line["amount"], line["off"]) for line in facts["lines"]] == [(1260, 60)]
    assert (facts["kind"], facts["total"], facts["taxes"]) == ("payment", 400, [])


async def test_change_for_too_much_paid_ahead_leaves_the_drawer(shop: Shop, counter: Counter) -> None:
    one = await kept(shop)
    await pay(shop, payment(counter, one.id, 1300))
    body = hand_over(shop, counter, one.id, 1200, 0)
    body["tenders"] = [{"type": "down_payment", "amount": 1300, "change": 100, "layaway": str(one.id)}]
    sold = (await counter.send(body))[0]
    assert codes(sold) == []
    books = await booked(shop, sold.id)
    assert (books["down_payments"], books["cash"], (await now(shop, one.id)).balance) == (1300, -100, 0)
    assert await failed(shop) == []


async def test_who_is_erased_is_named_nowhere_and_their_goods_are_kept_on(shop: Shop) -> None:
    one = await kept(shop)
    async with shop.db.read(shop.scope) as read:
        filed = await forgetting.on_file(read, str(one.customer))
    await shop.db.run(shop.scope, forgetting.forget_on_file, filed, "erased-0001")
    after = await now(shop, one.id)
    assert (after.customer_name, after.note, after.state) == ("", "", "open")
