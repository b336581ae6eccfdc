"""Nothing that was paid is refused: what is off is stored with the sale, typed, until a person settles it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail.catalog.operations import archive_product
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.sales import listing
from retail.sales.closing import close
from retail.sales.documents import Outcome
from retail.sales.errors import NoSuchException
from retail.sales.inbox.operations import resolve_exception
from retail.sales.inbox.suggestions import suggestion
from retail.sales.remark_words import label
from retail.sales.remarks import CODES, Remark
from retail.stock import Move, move, on_hand
from retail.stock.rules import Counted, Document
from retail.stock.stockroom import count
from tests.support.selling import AT, Counter, open_counter
from tests.support.world import Shop


@pytest.fixture
async def till(shop: Shop) -> Counter:
    """A till in a shop whose shelves are full."""
    async with shop.db.begin(shop.scope) as tx:
        await move(
            tx,
            [
                Move(new_id(), shop.store, ware.id, "opening", Decimal(100), ware.unit_cost, "", None, AT)
                for ware in shop.products
            ],
        )
    return await open_counter(shop)


def codes(outcome: Outcome) -> list[str]:
    assert outcome.status == "created"
    assert outcome.sale is not None
    return [one.code for one in outcome.sale.remarks]


def facts(outcome: Outcome) -> dict[str, Any]:
    assert outcome.sale is not None
    (remark,) = outcome.sale.remarks
    return dict(remark.facts)


async def test_a_clean_sale_has_no_exception(till: Counter) -> None:
    assert codes(await till.sell()) == []
    assert codes(await till.sell((till.shop.products[1], 100))) == []


async def test_another_price_is_charged_as_said_and_told(till: Counter) -> None:
    ware = till.shop.products[0]
    outcome = await till.sell({"product": str(ware.id), "quantity": "1", "unit_price": 399})
    assert codes(outcome) == ["price_changed"]
    assert (facts(outcome)["charged"], facts(outcome)["listed"]) == (399, 420)
    assert outcome.sale is not None
    assert outcome.sale.total == 399
    assert outcome.sale.remarks[0].sentence(str) == "Sourdough loaf 800 g was sold at 399; the price list says 420."


async def test_an_override_with_its_reason_and_the_lists_price_is_no_other_price(till: Counter) -> None:
    own = {"product": str(till.shop.products[0].id), "quantity": "1", "unit_price": 399, "list_price": 420}
    assert codes(await till.sell(own, why="Damaged")) == []
    assert codes(await till.sell(own)) == ["price_changed"]
    assert codes(await till.sell(own | {"list_price": 500}, why="Damaged")) == ["price_changed"]


async def test_an_unknown_product_is_sold_by_its_name_at_the_highest_tax(till: Counter) -> None:
    ghost = str(new_id())
    outcome = await till.sell({"product": ghost, "name": "Old stock", "quantity": "2", "unit_price": 100})
    assert codes(outcome) == ["unknown_product"]
    assert facts(outcome)["product"] == ghost
    assert outcome.sale is not None
    (line,) = outcome.sale.lines
    assert (line.product, line.name, line.rate_micros, line.tax, line.cost) == (None, "Old stock", 190_000, 32, 0)


async def test_an_unknown_product_without_a_name_gets_that_of_its_sku_or_none_but_never_an_id(till: Counter) -> None:
    ghost = {"product": str(new_id()), "quantity": "1", "unit_price": 100}
    for line, name in ((ghost, "Unknown article"), (ghost | {"sku": "OLD-7"}, "OLD-7")):
        outcome = await till.sell(line)
        assert codes(outcome) == ["unknown_product"]
        assert facts(outcome)["name"] == name
        assert outcome.sale is not None
        assert outcome.sale.lines[0].name == name


async def test_a_way_to_pay_that_nobody_knows_is_stored_as_sent_and_told(till: Counter) -> None:
    outcome = await till.sell(tenders=[{"type": "voucher", "amount": 400}, {"type": "cash", "amount": 20}])
    assert codes(outcome) == ["unknown_tender"]
    assert facts(outcome) == {"type": "voucher"}
    assert outcome.sale is not None
    assert [one.type for one in outcome.sale.tenders] == ["voucher", "cash"]


async def test_a_line_with_only_a_name_is_an_open_item_under_the_tax_it_names(till: Counter) -> None:
    outcome = await till.sell({"name": "Basket of fruit", "quantity": "1", "unit_price": 1070, "tax_code": "R"})
    assert codes(outcome) == []
    assert outcome.sale is not None
    assert (outcome.sale.lines[0].name, outcome.sale.tax) == ("Basket of fruit", 70)


async def test_an_archived_product_is_told(till: Counter) -> None:
    async with till.shop.db.begin(till.shop.scope) as tx:
        await archive_product(tx, till.shop.products[0].id)
    assert codes(await till.sell()) == ["product_archived"]


async def test_a_part_of_what_is_sold_by_the_piece_is_taken_in_and_told(till: Counter) -> None:
    loaf, bananas = till.shop.products[0], till.shop.products[5]
    parted = await till.sell((loaf, "0.5"))
    assert codes(parted) == ["part_of_piece"]
    assert parted.sale is not None
    assert (parted.sale.lines[0].quantity_milli, parted.sale.total) == (500, 210)
    assert facts(parted) == {
        "line": str(parted.sale.lines[0].id), "product": str(loaf.id), "name": loaf.name, "quantity": "0.5",
    }  # fmt: skip
    assert "0.5 of Sourdough loaf" in parted.sale.remarks[0].sentence(str)
    assert suggestion("part_of_piece").look == "product"
    assert codes(await till.sell((loaf, 2), (bananas, "0.762"))) == []


async def test_a_sale_after_closing_stays_with_its_shift(till: Counter) -> None:
    shop = till.shop
    await till.sell()
    z = await shop.db.run(shop.scope, close, till.shift, 10_420, None, AT)
    outcome = await till.sell()
    assert codes(outcome) == ["shift_closed"]
    assert outcome.sale is not None
    assert (outcome.sale.shift, outcome.sale.after_close) == (till.shift, True)
    assert (z.report["sales"], z.report["total"], z.expected_minor) == (1, 420, 10_420)


async def test_a_shift_nobody_knows_is_told_and_left_out(till: Counter) -> None:
    other = await open_counter(till.shop, till.shop.second_till)
    for shift in (None, str(other.shift)):
        outcome = await till.sell(shift=shift)
        assert codes(outcome) == ["unknown_shift"]
        assert outcome.sale is not None
        assert outcome.sale.shift is None


async def test_another_total_is_told_and_the_books_explain_it(till: Counter) -> None:
    outcome = await till.sell(total=500, tenders=[{"type": "cash", "amount": 500}])
    assert codes(outcome) == ["total_mismatch"]
    assert facts(outcome) == {"claimed": 500, "computed": 420}
    assert outcome.sale is not None
    assert (outcome.sale.total, outcome.sale.claimed_total) == (420, 500)


async def test_too_much_paid_is_told(till: Counter) -> None:
    outcome = await till.sell(tenders=[{"type": "cash", "amount": 1000, "change": 570}])
    assert codes(outcome) == ["tender_mismatch"]
    assert facts(outcome) == {"paid": 430, "due": 420}


async def test_a_number_that_is_taken_is_kept_beside_the_first(till: Counter) -> None:
    sales = [await till.sell(number=1) for _ in range(3)]
    assert [codes(one) for one in sales] == [[], ["number_taken"], ["number_taken"]]
    assert [one.sale.number_clash for one in sales if one.sale] == [0, 1, 2]


async def test_a_missing_number_is_told_once_and_not_within_a_set(till: Counter) -> None:
    assert codes(await till.sell(number=3)) == ["number_gap"]
    outcomes = await till.send(till.sale(number=6), till.sale(number=5), till.sale(number=4))
    assert [codes(one) for one in outcomes] == [[], [], []]


async def test_stock_below_zero_is_told_once_until_it_is_settled(till: Counter) -> None:
    shop, milk = till.shop, till.shop.products[1]
    assert codes(await till.sell((milk, 99))) == []
    outcome = await till.sell((milk, 3))
    assert codes(outcome) == ["stock_below_zero"]
    assert facts(outcome)["on_hand"] == "-2"
    assert codes(await till.sell(milk)) == []
    async with shop.db.read(shop.scope) as read:
        (looked,) = (await listing.exceptions(read, limit=10)).items
    await shop.db.run(shop.scope, resolve_exception, looked.id, "counted")
    assert codes(await till.sell(milk)) == ["stock_below_zero"]


async def test_goods_that_have_just_arrived_count_before_they_are_folded(till: Counter) -> None:
    assert codes(await till.sell((till.shop.products[2], 100))) == []


async def test_a_clock_that_is_ahead_is_told_and_opens_no_future_day(till: Counter) -> None:
    ahead = datetime.now(UTC) + timedelta(days=400)
    outcome = await till.sell(occurred_at=ahead.isoformat())
    assert codes(outcome) == ["clock_skew"]
    assert outcome.sale is not None
    assert outcome.sale.occurred_at == ahead
    assert outcome.sale.business_date <= datetime.now(UTC).date() + timedelta(days=1)
    soon = datetime.now(UTC) + timedelta(minutes=9)
    assert codes(await till.sell(occurred_at=soon.isoformat())) == []


async def test_a_clock_of_the_far_past_is_told_and_opens_no_day_of_the_past(till: Counter) -> None:
    for told in ("1970-01-01T00:00:09Z", "0001-01-02T00:00:00Z", "9999-12-29T00:00:00Z"):
        outcome = await till.sell(occurred_at=told)
        assert codes(outcome) == ["clock_skew"]
        assert outcome.sale is not None
        assert abs((outcome.sale.business_date - datetime.now(UTC).date()).days) <= 1
        assert "clock is wrong" in outcome.sale.remarks[0].sentence(str)
    assert codes(await till.sell(occurred_at="2000-01-01T00:00:00Z")) == []


async def test_a_count_is_not_undone_by_a_sale_whose_clock_is_ahead(till: Counter) -> None:
    shop, bread = till.shop, till.shop.products[0]
    ahead = datetime.now(UTC) + timedelta(hours=3)
    await till.sell((bread, 4), occurred_at=ahead.isoformat())
    document = Document(new_id(), shop.store, "", datetime.now(UTC))
    await shop.db.run(shop.scope, count, document, [Counted(bread.id, Decimal(95))])
    async with shop.db.read(shop.scope) as read:
        assert await on_hand(read, shop.store, [bread.id]) == {bread.id: Decimal(95)}
        latest = await read.fetchval("SELECT max(occurred_at) FROM stock_move WHERE tenant_id = $1", read.tenant)
    assert latest <= datetime.now(UTC)


async def test_a_line_id_used_twice_loses_no_goods(till: Counter) -> None:
    line = {"id": str(new_id()), "product": str(till.shop.products[0].id), "quantity": "1", "unit_price": 420}
    one, two = await till.sell(line, dict(line)), await till.sell(dict(line))
    assert one.sale is not None
    assert two.sale is not None
    assert [len(one.sale.lines), len(two.sale.lines), one.sale.total] == [2, 1, 840]


async def test_settling_needs_a_note_and_happens_once(till: Counter) -> None:
    shop = till.shop
    await till.sell(number=9)
    async with shop.db.read(shop.scope) as read:
        (looked,) = (await listing.exceptions(read, limit=10)).items
        assert await listing.waiting(read) == 1
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, resolve_exception, looked.id, " ")
    await shop.db.run(shop.scope, resolve_exception, looked.id, "Receipt was void")
    await shop.db.run(shop.scope, resolve_exception, looked.id, "again")
    async with shop.db.read(shop.scope) as read:
        assert (await listing.exceptions(read, limit=10)).items == []
        (settled,) = (await listing.exceptions(read, settled=True, limit=10)).items
    assert (settled.resolution, settled.resolved_by) == ("Receipt was void", "Olga Owner")
    with pytest.raises(NoSuchException):
        await shop.db.run(shop.scope, resolve_exception, UUID(int=1), "x")


async def test_a_discount_above_its_line_is_cut_and_told(till: Counter) -> None:
    bread = till.shop.products[0]
    line = {"product": str(bread.id), "quantity": "1", "unit_price": 420, "discount": 500}
    outcome = await till.sell(line, total=0, tenders=[])
    assert codes(outcome) == ["discount_cut"]
    assert (facts(outcome)["asked"], facts(outcome)["taken"]) == (500, 420)
    assert outcome.sale is not None
    assert (outcome.sale.total, outcome.sale.discount) == (0, 420)


async def test_change_for_a_card_is_told(till: Counter) -> None:
    outcome = await till.sell(tenders=[{"type": "card", "amount": 771, "change": 351}])
    assert codes(outcome) == ["change_not_cash"]
    assert facts(outcome) == {"type": "card", "amount": 771, "change": 351, "booked": 420}
    assert outcome.sale is not None
    assert (outcome.sale.tenders[0].amount, outcome.sale.tenders[0].change) == (771, 351)


async def test_a_name_is_kept_whole_and_one_beyond_all_use_is_cut_and_told(till: Counter) -> None:
    line = {"name": "x" * 1000, "quantity": "1", "unit_price": 100}
    whole = await till.sell(line)
    assert codes(whole) == []
    cut = await till.sell(line | {"name": "y" * 5000})
    assert codes(cut) == ["text_cut"]
    assert facts(cut) == {"field": "lines.0.name", "text": "y" * 60, "length": 5000, "most": 1000}
    assert whole.sale is not None
    assert cut.sale is not None
    assert (whole.sale.lines[0].name, cut.sale.lines[0].name) == ("x" * 1000, "y" * 1000)
    assert "5000 characters; the first 1000 are kept" in cut.sale.remarks[0].sentence(str)


async def test_characters_that_no_database_holds_are_replaced_and_told(till: Counter) -> None:
    outcome = await till.sell({"name": "a\0b\ud800", "quantity": "1", "unit_price": 100}, customer="Jo\0" * 100)
    assert codes(outcome) == ["text_replaced", "text_replaced", "text_cut"]
    assert outcome.sale is not None
    assert outcome.sale.lines[0].name == "a\ufffdb\ufffd"
    told = {one.facts["field"]: one.facts.get("text") for one in outcome.sale.remarks}
    assert told == {"customer": None, "lines.0.name": "a\ufffdb\ufffd"}
    sentences = " ".join(one.sentence(str) for one in outcome.sale.remarks)
    assert "“Customer” came with 300 characters; the first 200 are kept." in sentences
    assert "Jo" not in sentences


async def test_without_a_clock_of_the_shop_a_wrong_time_is_told_in_utc(till: Counter) -> None:
    outcome = await till.sell(occurred_at="2031-01-01T00:00:00Z")
    assert outcome.sale is not None
    assert "it says 2031-01-01 00:00 UTC." in outcome.sale.remarks[0].sentence(str)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_name_and_a_sentence(code: str) -> None:
    known = {
        "name": "Milk", "charged": 1, "listed": 2, "claimed": 3, "computed": 4, "paid": 5, "due": 6, "number": 7,
        "on_hand": "-1", "type": "voucher", "amount": 8, "occurred_at": "now", "label": "iPad", "reason": "why",
        "cashier": "Anna", "permission": "discount", "limit": 5, "change": 9, "booked": 10, "asked": 11, "taken": 12,
        "field": "customer", "length": 13, "most": 14, "age": 18,
        "currency": "USD", "coupon": "SUM", "means": "gift_card",
        "beyond": "hours", "reached": 73, "share": 14, "sold": 15, "till": "T2", "others": "T1-000004",
        "said": "A1", "quantity": "0.5", "kept": "2", "layaway": "L-12",
    }  # fmt: skip
    assert label(code) != code
    assert Remark(code, known).sentence(str) != code
    assert "%(" not in Remark(code, known).sentence(str)
