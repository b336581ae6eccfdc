"""What comes back is what was sold, pays back what was paid, and is told once."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail.cash import NoSuchShift, ShiftClosed
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.sales.closing import close, takings
from retail.sales.documents import Outcome
from retail.sales.errors import NoSuchSale, NotReturnable, OverReturned
from retail.sales.reading import parse_json, read_return
from retail.sales.returns import return_goods
from retail.stock import on_hand
from tests.support.selling import AT, Counter, open_counter
from tests.support.world import Shop, open_shop


def back(till: Counter, *lines: tuple[UUID, str], **changes: Any) -> Any:
    body = {
        "id": str(new_id()),
        "till": str(till.till),
        "shift": str(till.shift),
        "lines": [{"line": str(line), "quantity": quantity} for line, quantity in lines],
    }
    return read_return(parse_json(json.dumps(body | changes)))


async def bring(till: Counter, sale: UUID, *lines: tuple[UUID, str], **changes: Any) -> Outcome:
    return await till.shop.db.run(till.shop.scope, return_goods, sale, back(till, *lines, **changes))


async def test_three_pieces_brought_back_one_by_one_give_back_exactly_what_was_paid(shop: Shop) -> None:
    till = await open_counter(shop)
    line = {"product": str(shop.products[0].id), "quantity": "3", "unit_price": 400, "discount": 200}
    sold = await till.sell(line)
    assert sold.sale is not None
    bought = sold.sale.lines[0].id
    pieces = [await bring(till, sold.id, (bought, "1")) for _ in range(3)]
    figures = [
        (one.sale.total, one.sale.tax, one.sale.cost, one.sale.number, one.sale.tenders[0].amount)
        for one in pieces
        if one.sale
    ]
    # pricing.md, section 6: 3.33, 3.34, 3.33 with tax 0.22, 0.21, 0.22
    assert [one[:2] for one in figures] == [(-333, -22), (-334, -21), (-333, -22)]
    assert sum(one[2] for one in figures) == -sold.sale.cost
    assert [one[3:] for one in figures] == [(1, -333), (2, -334), (3, -333)]
    async with shop.db.read(shop.scope) as read:
        assert (await on_hand(read, shop.store, [shop.products[0].id]))[shop.products[0].id] == 0
        assert (await takings(read, till.shift)).cash_net_minor == 0


async def test_more_than_is_left_is_refused_and_nothing_changes(shop: Shop) -> None:
    till = await open_counter(shop)
    sold = await till.sell((shop.products[5], "1.5"))
    assert sold.sale is not None
    bought = sold.sale.lines[0].id
    await bring(till, sold.id, (bought, "1.2"))
    with pytest.raises(OverReturned) as refused:
        await bring(till, sold.id, (bought, "0.301"))
    assert (refused.value.left, refused.value.code, refused.value.status) == (Decimal("0.300"), "over_return", 409)
    await bring(till, sold.id, (bought, "0.3"))
    with pytest.raises(OverReturned):
        await bring(till, sold.id, (bought, "0.001"))
    async with shop.db.read(shop.scope) as read:
        assert (
            await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1 AND kind = 'return'", read.tenant) == 2
        )


async def test_a_return_that_comes_twice_pays_once(shop: Shop) -> None:
    till = await open_counter(shop)
    sold = await till.sell((shop.products[0], 2))
    assert sold.sale is not None
    wanted = back(till, (sold.sale.lines[0].id, "1"))
    first = await shop.db.run(shop.scope, return_goods, sold.id, wanted)
    await shop.db.run(shop.scope, close, till.shift, 10_420, None, AT)
    again = await shop.db.run(shop.scope, return_goods, sold.id, wanted)
    assert (first.status, again.status) == ("created", "replayed")
    assert first.sale == again.sale
    other = back(till, (sold.sale.lines[0].id, "2"), id=str(wanted.id))
    with pytest.raises(IdempotencyConflict):
        await shop.db.run(shop.scope, return_goods, sold.id, other)


async def test_what_cannot_come_back_is_refused(shop: Shop) -> None:
    till = await open_counter(shop)
    sold = await till.sell((shop.products[0], 2))
    assert sold.sale is not None
    bought = sold.sale.lines[0].id
    with pytest.raises(NoSuchSale):
        await bring(till, new_id(), (bought, "1"))
    with pytest.raises(Invalid):
        await bring(till, sold.id, (new_id(), "1"))
    with pytest.raises(NoSuchShift):
        await bring(till, sold.id, (bought, "1"), shift=str(new_id()))
    with pytest.raises(Invalid) as short:
        await bring(till, sold.id, (bought, "1"), tenders=[{"type": "cash", "amount": 421}])
    assert list(short.value.errors) == ["tenders"]
    for wrong in ("0", "-1", "x"):
        with pytest.raises(Invalid):
            back(till, (bought, wrong))
    returned = await bring(till, sold.id, (bought, "1"))
    assert returned.sale is not None
    with pytest.raises(NotReturnable):
        await bring(till, returned.id, (returned.sale.lines[0].id, "1"))
    await shop.db.run(shop.scope, close, till.shift, 0, None, AT)
    with pytest.raises(ShiftClosed):
        await bring(till, sold.id, (bought, "1"))


async def test_a_return_to_another_till_by_card_puts_goods_and_money_there(shop: Shop) -> None:
    till = await open_counter(shop)
    other = await open_counter(shop, shop.second_till)
    sold = await till.sell((shop.products[0], 2), (shop.products[3], 1))
    assert sold.sale is not None
    line, cola = sold.sale.lines
    done = await bring(
        other, sold.id, (line.id, "2"), (cola.id, "1"), shift=None, tenders=[{"type": "card", "amount": 950}]
    )
    assert done.sale is not None
    assert (done.sale.total, done.sale.till, done.sale.shift) == (-950, other.till, other.shift)
    assert [(one.original_line, one.tax, one.cost) for one in done.sale.lines] == [
        (line.id, -line.tax, -line.cost),
        (cola.id, -cola.tax, -cola.cost),
    ]
    assert [(one.type, one.amount) for one in done.sale.tenders] == [("card", -950)]
    async with shop.db.read(shop.scope) as read:
        zero = await read.fetch(
            """SELECT a.purpose, sum(l.amount_minor)::bigint AS amount FROM journal_line l
                 JOIN journal_entry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
                 JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
                WHERE l.tenant_id = $1 AND e.kind IN ('sale', 'return') GROUP BY 1 HAVING sum(l.amount_minor) <> 0""",
            read.tenant,
        )
        assert {row["purpose"]: row["amount"] for row in zero} == {"cash": 950, "card": -950}


@pytest.mark.parametrize("amount", [400, 421, 0])
async def test_what_is_paid_out_is_what_the_goods_have_cost(shop: Shop, amount: int) -> None:
    till = await open_counter(shop)
    sold = await till.sell()
    assert sold.sale is not None
    bought = sold.sale.lines[0].id
    with pytest.raises(Invalid) as refused:
        await bring(till, sold.id, (bought, "1"), tenders=[{"type": "cash", "amount": amount}])
    assert refused.value.errors == {
        "tenders": ["The refund is €4.20. What is paid out must come to exactly that."],
    }
    done = await bring(
        till, sold.id, (bought, "1"), tenders=[{"type": "cash", "amount": 300}, {"type": "voucher", "amount": 120}]
    )
    assert done.sale is not None
    assert [one.code for one in done.sale.remarks] == ["unknown_tender"]


async def test_coins_paid_back_in_pieces_are_the_coins_that_were_taken(db: Database) -> None:
    shop = await open_shop(db, currency="CHF", cash_unit_minor=5, timezone="Europe/Zurich")
    till = await open_counter(shop)
    line = {"product": str(shop.products[0].id), "quantity": "3", "unit_price": 333}
    sold = await till.sell(line, tenders=[{"type": "cash", "amount": 1000}])
    assert sold.sale is not None
    assert (sold.sale.total, sold.sale.cash_rounding) == (999, 1)
    paid = []
    for _ in range(3):
        done = await bring(till, sold.id, (sold.sale.lines[0].id, "1"))
        assert done.sale is not None
        assert (done.sale.total, done.sale.remarks) == (-333, ())
        paid.append(done.sale.tenders[0].amount)
    assert all(one % 5 == 0 for one in paid)
    assert sum(paid) == -1000


async def test_the_z_report_nets_returns(shop: Shop) -> None:
    till = await open_counter(shop)
    sold = await till.sell((shop.products[0], 3), tenders=[{"type": "cash", "amount": 2000, "change": 740}])
    await till.sell((shop.products[3], 1), tenders=[{"type": "card", "amount": 110}])
    assert sold.sale is not None
    await bring(till, sold.id, (sold.sale.lines[0].id, "1"))
    z = await shop.db.run(shop.scope, close, till.shift, 10_800, {"500": 21, "100": 3}, AT)
    assert (z.expected_minor, z.counted_minor, z.variance_minor) == (10_840, 10_800, -40)
    assert {
        name: z.report[name] for name in ("sales", "returns", "total", "refunds", "first_number", "last_number")
    } == {
        "sales": 2,
        "returns": 1,
        "total": 950,
        "refunds": 420,
        "first_number": 1,
        "last_number": 2,
    }
    assert z.report["tenders"] == {"card": 110, "cash": 840}
    assert [(tax["code"], tax["tax"]) for tax in z.report["taxes"]] == [("S", 18), ("R", 55)]


async def test_what_is_sold_by_the_piece_comes_back_in_whole_pieces(shop: Shop) -> None:
    till = await open_counter(shop)
    bread, fruit = shop.products[0], shop.products[5]
    sold = await till.sell((bread, "2.5"), (fruit, "1"), {"name": "Ribbon", "quantity": "1", "unit_price": 100})
    assert sold.sale is not None
    loaf, bananas, ribbon = (line.id for line in sold.sale.lines)
    with pytest.raises(Invalid) as refused:
        await bring(till, sold.id, (bananas, "0.25"), (loaf, "0.5"))
    said = ["Sourdough loaf 800 g is sold by the piece. Type a whole number."]
    assert refused.value.errors == {"lines.1.quantity": said}
    assert (await bring(till, sold.id, (bananas, "0.25"), (ribbon, "0.5"), (loaf, "2"))).status == "created"
    assert (await bring(till, sold.id, (loaf, "0.5"))).status == "created"
