"""A paid sale is stored exactly once, worked out again to the last unit, with all its effects."""

from __future__ import annotations

import asyncio
import json
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.outbox import Event, decode
from retail.sales.documents import Outcome
from retail.sales.events import completed
from retail.sales.operations import complete_batch, complete_sales
from retail.sales.queries import stored_sale
from retail.sales.reading import body_hash, parse_json
from retail.sales.sale_json import sale_json
from retail.stock import on_hand
from tests.support.selling import AT, Counter, as_sale, open_counter
from tests.support.world import Shop, open_shop

COUNTED = ("sale", "sale_line", "sale_tax", "tender", "stock_move", "journal_entry", "journal_line", "sync_exception")


async def counts(shop: Shop) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        return {
            table: await read.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", read.tenant)
            for table in COUNTED
        }


async def books(shop: Shop, source: str) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT a.purpose, l.amount_minor FROM journal_entry e
                 JOIN journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
                 JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
                WHERE e.tenant_id = $1 AND e.source_id = $2""",
            read.tenant,
            UUID(source),
        )
    return {row["purpose"]: row["amount_minor"] for row in rows}


async def test_a_sale_comes_back_with_tax_per_line_and_per_rate(shop: Shop) -> None:
    till = await open_counter(shop)
    bread, milk, _, cola, *_ = shop.products
    body = till.sale(
        (bread, 1),
        {"product": str(milk.id), "quantity": "3", "unit_price": 135, "discount": 135},
        (cola, 2),
        tenders=[{"type": "cash", "amount": 1000, "change": 90}],
    )
    assert body["total"] == 910
    (outcome,) = await till.send(body)
    assert outcome.sale is not None
    answer = sale_json(outcome.sale, str)
    assert outcome.status == "created"
    assert [(line["net"], line["tax"], line["total"]) for line in answer["lines"]] == [
        (393, 27, 420),
        (252, 18, 270),
        (185, 35, 220),
    ]
    assert answer["taxes"] == [
        {"code": "R", "rate_micros": 70_000, "base": 645, "tax": 45},
        {"code": "S", "rate_micros": 190_000, "base": 185, "tax": 35},
    ]
    assert (answer["subtotal"], answer["tax"], answer["total"], answer["discount"]) == (830, 80, 910, 135)
    assert (answer["business_date"], answer["occurred_at"]) == ("2026-11-20", "2026-11-20T12:31:07Z")
    assert outcome.sale.local_hour == 13


async def test_a_sale_posts_money_tax_and_cost_and_moves_stock(shop: Shop) -> None:
    till = await open_counter(shop)
    bread, _, _, cola, *_ = shop.products
    outcome = await till.sell(
        (bread, 2),
        (cola, 3),
        tenders=[{"type": "card", "amount": 500}, {"type": "cash", "amount": 700, "change": 30}],
    )
    # 8.40 with 7 % and 3.30 with 19 %: tax 55 + 53; cost 2 x 168 and 3 x 42
    assert await books(shop, str(outcome.id)) == {
        "cash": 670,
        "card": 500,
        "revenue": -1062,
        "tax": -108,
        "cogs": 462,
        "stock": -462,
    }
    async with shop.db.read(shop.scope) as read:
        left = await on_hand(read, shop.store, [bread.id, cola.id])
    assert left == {bread.id: Decimal(-2), cola.id: Decimal(-3)}


async def test_a_repeat_gives_the_first_answer_and_changes_nothing(shop: Shop) -> None:
    till = await open_counter(shop)
    body = till.sale((shop.products[5], "0.762"))
    (first,) = await till.send(body)
    before = await counts(shop)
    (again,) = await till.send(dict(reversed(body.items())))
    assert again.status == "replayed"
    assert first.sale is not None
    assert again.sale is not None
    assert sale_json(again.sale, str) == sale_json(first.sale, str)
    assert await counts(shop) == before


async def test_the_same_id_with_another_body_is_a_conflict_and_changes_nothing(shop: Shop) -> None:
    till = await open_counter(shop)
    body = till.sale()
    await till.send(body)
    before = await counts(shop)
    (other,) = await till.send(body | {"customer": "somebody"})
    assert (other.status, other.sale) == ("conflict", None)
    assert await counts(shop) == before


async def test_forty_senders_of_one_sale_make_one_sale(shop: Shop) -> None:
    till = await open_counter(shop)
    body = till.sale(*shop.products)
    outcomes = await asyncio.gather(*(till.send(body) for _ in range(40)))
    assert sorted(one.status for (one,) in outcomes) == ["created"] + ["replayed"] * 39
    assert len({json.dumps(sale_json(one.sale, str)) for (one,) in outcomes if one.sale}) == 1
    found = await counts(shop)
    assert (found["sale"], found["sale_line"], found["stock_move"]) == (1, 6, 6)
    assert found["journal_entry"] == 2  # the float and the sale


async def test_a_batch_stores_what_single_sales_would(db: Database) -> None:
    shops = [await open_shop(db), await open_shop(db)]
    answers = []
    for shop, together in zip(shops, (True, False), strict=True):
        till = await open_counter(shop)
        bodies = _mixture(till, random.Random(7))
        if together:
            outcomes = await till.send(*bodies)
        else:
            outcomes = [outcome for body in bodies for outcome in await till.send(body)]
        answers.append([_comparable(one) for one in outcomes])
    assert answers[0] == answers[1]
    assert {"created"} == {one["status"] for one in answers[0]}
    assert (await counts(shops[0])) == (await counts(shops[1]))


async def test_bad_items_of_a_batch_do_not_harm_the_others(shop: Shop) -> None:
    till = await open_counter(shop)
    good, other = till.sale(), till.sale()
    unpaid = till.sale(tenders=[{"type": "cash", "amount": 1}])
    lost = till.sale() | {"till": str(new_id())}
    later = till.sale()
    outcomes = await till.send(good, unpaid, good, lost, other, good | {"customer": "x"}, later)
    assert [one.status for one in outcomes] == [
        "created",
        "invalid",
        "replayed",
        "invalid",
        "created",
        "conflict",
        "created",
    ]
    assert outcomes[1].errors == {"tenders": ["What was paid does not cover the total."]}
    assert outcomes[3].errors == {"till": ["We don't know this till."]}
    assert (await counts(shop))["sale"] == 3
    assert outcomes[6].sale is not None
    assert [one.code for one in outcomes[6].sale.remarks] == ["number_gap"]


async def test_a_sale_that_the_database_refuses_is_found_and_the_others_are_stored(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retail.sales import rows

    till = await open_counter(shop)
    bodies = [till.sale() for _ in range(7)]
    culprit = UUID(bodies[4]["id"])
    monkeypatch.setattr(rows, "_tax", lambda sale, _tax: (sale.id, None if sale.id == culprit else "x", 1, 1, 1, None))
    outcomes = await shop.db.run(shop.scope, complete_batch, [as_sale(body) for body in bodies])
    assert [one.status for one in outcomes] == ["created"] * 4 + ["invalid"] + ["created"] * 2
    assert (await counts(shop))["sale"] == 6


async def test_totals_equal_an_independent_calculation_with_fractions(shop: Shop) -> None:
    till = await open_counter(shop)
    dice = random.Random(11)
    bodies = _mixture(till, dice, sales=40)
    for body, outcome in zip(bodies, await till.send(*bodies), strict=True):
        rates = {str(ware.id): ware.rate_micros for ware in shop.products}
        charged: dict[int, int] = {}
        for line in body["lines"]:
            exact = Fraction(line["quantity"]) * line["unit_price"]
            amount = int(exact + Fraction(1, 2))  # all positive: half up is half away from zero
            charged[rates[line["product"]]] = charged.get(rates[line["product"]], 0) + amount - line["discount"]
        tax = {rate: int(Fraction(sum_) * rate / (1_000_000 + rate) + Fraction(1, 2)) for rate, sum_ in charged.items()}
        assert outcome.sale is not None
        assert outcome.sale.total == sum(charged.values())
        assert {one.rate_micros: one.tax for one in outcome.sale.taxes} == tax
        assert outcome.sale.tax == sum(tax.values())


async def test_prices_without_tax_get_it_added(db: Database) -> None:
    shop = await open_shop(db, currency="USD", prices_include_tax=False, timezone="America/New_York")
    till = await open_counter(shop)
    body = till.sale((shop.products[3], 3), total=393, tenders=[{"type": "card", "amount": 393}])
    (outcome,) = await till.send(body)
    assert outcome.sale is not None
    assert (outcome.sale.subtotal, outcome.sale.tax, outcome.sale.total) == (330, 63, 393)
    assert {one.code for one in outcome.sale.remarks} == {"stock_below_zero"}
    assert outcome.sale.local_hour == 7


async def test_coins_round_what_is_paid_in_cash_and_the_books_say_so(db: Database) -> None:
    shop = await open_shop(db, currency="CHF", cash_unit_minor=5, timezone="Europe/Zurich")
    till = await open_counter(shop)
    line = {"product": str(shop.products[0].id), "quantity": "1", "unit_price": 422}
    said = await till.sell(line, tenders=[{"type": "cash", "amount": 500, "change": 80}], cash_rounding=-2)
    silent = await till.sell(line | {"id": str(new_id())}, tenders=[{"type": "cash", "amount": 420}])
    for outcome in (said, silent):
        assert outcome.sale is not None
        assert (outcome.sale.total, outcome.sale.cash_rounding) == (422, -2)
        assert "tender_mismatch" not in [one.code for one in outcome.sale.remarks]
        assert (await books(shop, str(outcome.id)))["rounding"] == 2


async def test_a_sale_read_back_is_the_sale_that_was_answered(shop: Shop) -> None:
    till = await open_counter(shop)
    for outcome in await till.send(*_mixture(till, random.Random(3), sales=10)):
        async with shop.db.read(shop.scope) as read:
            assert await stored_sale(read, outcome.id) == outcome.sale


async def test_another_tenants_till_is_unknown(shop: Shop, db: Database) -> None:
    stranger = await open_shop(db)
    till = await open_counter(shop)
    (outcome,) = await db.run(stranger.scope, complete_sales, [as_sale(till.sale())])
    assert (outcome.status, outcome.errors) == ("invalid", {"till": ["We don't know this till."]})
    assert (await counts(stranger))["sale"] == 0


async def test_a_midnight_sale_belongs_to_the_business_day_before_the_cut_off(shop: Shop) -> None:
    till = await open_counter(shop)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET day_cutoff_hour = 4 WHERE tenant_id = $1 AND id = $2", tx.tenant, shop.store)
    outcome = await till.sell(occurred_at="2026-11-20T02:59:59Z")
    later = await till.sell(occurred_at="2026-11-20T03:00:00Z")
    assert outcome.sale is not None
    assert later.sale is not None
    assert (outcome.sale.business_date.day, later.sale.business_date.day) == (19, 20)


async def test_the_event_says_what_was_sold_and_reads_back_as_it_was(shop: Shop) -> None:
    till = await open_counter(shop)
    outcome = await till.sell((shop.products[0], 2), {"name": "Flowers", "quantity": "1", "unit_price": 119})
    assert outcome.sale is not None
    event = completed(outcome.sale)
    assert decode(event.name, event.to_json()) == event
    assert Event.to_json(event) == event.to_json()
    assert (event.total_minor, event.tax_minor, event.cost_minor, event.units, event.tenders) == (
        959,
        74,
        336,
        3,
        "cash",
    )
    assert event.products == [
        {
            "product": str(shop.products[0].id),
            "quantity": "2.000",
            "revenue_minor": 785,
            "tax_minor": 55,
            "cost_minor": 336,
        }
    ]


def test_the_hash_of_a_body_is_of_its_content_and_not_of_its_spelling() -> None:
    one = parse_json('{"b": [1, 2.50], "a": "é"}')
    other = parse_json('{ "a":"\\u00e9","b":[1,2.50] }')
    assert body_hash(one) == body_hash(other)
    assert body_hash(one) != body_hash(parse_json('{"b": [1, 2.51], "a": "é"}'))


def _mixture(till: Counter, dice: random.Random, sales: int = 12) -> list[dict[str, Any]]:
    bodies = []
    for _ in range(sales):
        lines = []
        for ware in dice.sample(till.shop.products, dice.randint(1, 5)):
            quantity = f"{dice.randint(1, 3000) / 1000:.3f}" if ware.name == "Bananas" else str(dice.randint(1, 4))
            price = dice.choice([ware.price_minor, ware.price_minor, dice.randint(1, 999)])
            amount = int(Fraction(quantity) * price + Fraction(1, 2))
            discount = dice.choice([0, 0, dice.randint(0, amount)])
            lines.append({"product": str(ware.id), "quantity": quantity, "unit_price": price, "discount": discount})
        bodies.append(till.sale(*lines))
    return bodies


def _comparable(outcome: Outcome) -> dict[str, Any]:
    assert outcome.sale is not None
    answer = sale_json(outcome.sale, str)
    return {
        "status": outcome.status,
        "number": answer["number"],
        "totals": (answer["subtotal"], answer["tax"], answer["total"], answer["discount"]),
        "lines": [(line["name"], line["quantity"], line["net"], line["tax"]) for line in answer["lines"]],
        "exceptions": [(one["code"], one["facts"].get("name")) for one in answer["exceptions"]],
        "cost": outcome.sale.cost,
        "at": outcome.sale.occurred_at == AT,
    }
