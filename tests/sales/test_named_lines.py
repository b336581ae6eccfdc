"""A line of a sale may say which lot and which pieces were sold; a return brings them back to where they belong."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from retail.kit.ids import new_id
from retail.sales.reading import parse_json, read_return
from retail.sales.returns import return_goods
from retail.stock.rules import Named, names_in, trace_of
from tests.support.selling import as_sale, line_json, open_counter
from tests.support.shelves import all_holds, fold, follow_by, lot_in, lots_of, pieces_in, pieces_of
from tests.support.world import Shop


def line(shop: Shop, quantity: int, product: int = 0, **named: Any) -> dict[str, Any]:
    return line_json((shop.products[product], quantity)) | named


async def bring_back(shop: Shop, till: Any, sale: Any, at: int, quantity: int, **named: Any) -> None:
    wanted = {"line": str(sale.lines[at].id), "quantity": str(quantity), **named}
    body = {"id": str(new_id()), "till": str(till.till), "lines": [wanted], "tenders": None}
    back = read_return(parse_json(json.dumps(body)))
    await shop.db.run(shop.scope, return_goods, sale.id, back)
    await fold(shop)


async def test_a_line_names_its_lot_and_what_comes_back_goes_there_again(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "SOON", "5", date(2027, 1, 1))
    await lot_in(shop, "LATER", "5", date(2027, 2, 1))
    till = await open_counter(shop)
    sold = await till.sell(line(shop, 2, lot="LATER"))
    await fold(shop)
    assert await lots_of(shop) == {"LATER": "3", "SOON": "5"}
    await bring_back(shop, till, sold.sale, 0, 1)
    assert await lots_of(shop) == {"LATER": "4", "SOON": "5"}
    await bring_back(shop, till, sold.sale, 0, 1, lot="SOON")
    assert await lots_of(shop) == {"LATER": "4", "SOON": "6"}
    await all_holds(shop)


async def test_a_line_names_its_pieces_and_they_are_sold_and_brought_back(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2", "A3"])
    till = await open_counter(shop)
    sold = await till.sell(line(shop, 2, serials=["A1", "A3"]))
    await fold(shop)
    assert {number: state for number, (state, _store) in (await pieces_of(shop)).items()} == {
        "A1": "sold", "A2": "in_stock", "A3": "sold",
    }  # fmt: skip
    await bring_back(shop, till, sold.sale, 0, 1, serials=["A3"])
    await bring_back(shop, till, sold.sale, 0, 1, serials=["A1"])
    assert [state for state, _store in (await pieces_of(shop)).values()] == ["returned", "in_stock", "returned"]
    await all_holds(shop)


async def test_all_pieces_of_a_line_come_back_without_being_named_again(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2"])
    till = await open_counter(shop)
    sold = await till.sell(line(shop, 2, serials=["A1", "A2"]))
    await bring_back(shop, till, sold.sale, 0, 2)
    assert [state for state, _store in (await pieces_of(shop)).values()] == ["returned", "returned"]
    await all_holds(shop)


def test_whatever_stands_where_a_lot_or_a_number_should_a_paid_sale_is_read(shop: Shop) -> None:
    body = {"id": str(new_id()), "till": str(shop.till), "number": 1, "occurred_at": "2026-11-20T12:00:00Z"}
    given = {"serials": ["A1", 7, "A1", "", " B\n ", "x" * 99], "lot": "L\n1"}
    body |= {"lines": [line(shop, 3, **given)], "tenders": [], "total": 0}
    [read] = as_sale(body).lines
    assert read.named == Named("L 1", ("A1", "B", "x" * 60))
    body |= {"lines": [line(shop, 1, serials="A1")]}
    assert as_sale(body).lines[0].named == Named()


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=9), unique=True), st.integers(0, 12))
def test_a_move_carries_as_many_numbers_as_it_has_pieces(numbers: list[str], pieces: int) -> None:
    assert names_in(trace_of(Named(serials=tuple(numbers)), pieces * 1000)) == numbers[:pieces]
    assert trace_of(Named("L1", tuple(numbers)), 0) == "L1"
