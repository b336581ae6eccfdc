"""Lots and pieces that come back at a till: those of the receipt, and a word about any other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from retail.sales.documents import StoredSale
from retail.sales.return_finding import Sought, receipts
from tests.sales.test_till_returns import back_of, codes, of_line, take
from tests.support.selling import Counter, open_counter
from tests.support.shelves import fold, follow_by, lot_in, lots_of, pieces_in, pieces_of
from tests.support.world import Shop


async def sold_of(counter: Counter, *lines: dict[str, Any]) -> StoredSale:
    product = counter.shop.products[0].id
    outcome = await counter.sell(*({"product": str(product), "unit_price": 420} | one for one in lines))
    assert outcome.sale is not None
    await fold(counter.shop)
    return outcome.sale


async def told(shop: Shop, sale: UUID) -> list[dict[str, Any]]:
    async with shop.db.read(shop.scope) as read:
        [found] = await receipts(read, shop.till, Sought(sale=sale))
    return [{name: line[name] for name in ("lots", "serials") if name in line} for line in found["lines"]]


async def test_the_pieces_that_a_return_names_are_those_that_come_back(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ("A", "B", "C"))
    counter = await open_counter(shop)
    sold = await sold_of(counter, {"quantity": "3", "serials": ["A", "B", "C"]})
    assert await told(shop, sold.id) == [{"serials": ["A", "B", "C"]}]
    worth = sold.lines[0].unit_price
    made = await take(shop, back_of(counter, sold, of_line(sold, 0, 1, worth, serials=["B"])))
    await fold(shop)
    assert codes(made) == []
    assert {number: state for number, (state, _store) in (await pieces_of(shop)).items()} == {
        "A": "sold", "B": "returned", "C": "sold",
    }  # fmt: skip
    assert await told(shop, sold.id) == [{"serials": ["A", "C"]}]
    broken = of_line(sold, 0, 1, worth, serials=["C"], condition="waste", returned_before_milli=1000)
    made = await take(shop, back_of(counter, sold, broken, number=2))
    await fold(shop)
    assert codes(made) == []
    assert (await pieces_of(shop))["C"][0] == "scrapped"


async def test_a_piece_that_was_not_sold_with_it_is_stored_and_told_of(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ("A", "B", "C"))
    counter = await open_counter(shop)
    sold = await sold_of(counter, {"quantity": "2", "serials": ["A", "B"]})
    worth = sold.lines[0].unit_price
    made = await take(shop, back_of(counter, sold, of_line(sold, 0, 1, worth, serials=["X"])))
    [odd] = made.remarks
    assert (odd.code, odd.facts["said"], odd.facts["sold"]) == ("wrong_piece_back", "X", "A, B")
    await take(shop, back_of(counter, sold, of_line(sold, 0, 1, worth, serials=["A"]), number=2))
    again = await take(shop, back_of(counter, sold, of_line(sold, 0, 1, worth, serials=["A"]), number=3))
    assert "wrong_piece_back" in codes(again), "it is back already"


async def test_a_lot_comes_back_to_itself_and_another_one_is_told_of(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "L1", "5", None)
    await lot_in(shop, "L2", "5", None)
    counter = await open_counter(shop)
    sold = await sold_of(counter, {"quantity": "2", "lot": "L1"}, {"quantity": "1", "lot": "L2"})
    assert await told(shop, sold.id) == [{"lots": ["L1", "L2"]}] * 2
    worth = sold.lines[0].unit_price
    made = await take(shop, back_of(counter, sold, of_line(sold, 0, 1, worth, lot="L1")))
    await fold(shop)
    assert codes(made) == []
    assert await lots_of(shop) == {"L1": "4", "L2": "4"}
    other = of_line(sold, 0, 1, worth, lot="L9", returned_before_milli=1000)
    made = await take(shop, back_of(counter, sold, other, number=2))
    await fold(shop)
    assert (codes(made), made.remarks[0].facts["sold"]) == (["wrong_piece_back"], "L1, L2")
    assert await lots_of(shop) == {"L1": "4", "L2": "4", "L9": "1"}, "what was said came back"


async def test_what_was_sold_without_a_number_asks_nothing(shop: Shop) -> None:
    counter = await open_counter(shop)
    plain = await sold_of(counter, {"quantity": "1"})
    assert await told(shop, plain.id) == [{}]
    await follow_by(shop, "serial")
    made = await take(shop, back_of(counter, plain, of_line(plain, 0, 1, plain.lines[0].unit_price, serials=["Z"])))
    assert "wrong_piece_back" not in codes(made)
