"""Pieces with serial numbers leave the stockroom by their numbers, so that none stays listed that is gone."""

from __future__ import annotations

from typing import Any

import pytest

from retail import stock
from retail.kit.ids import new_id
from retail.stock import Taken
from retail.stock.serials.operations import find_here
from tests.support.shelves import all_holds, fold, follow_by, invalid, lots_of, pieces_in, pieces_of, stocked
from tests.support.stockroom import D, count, document, moved, on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def test_programs_say_which_pieces_leave(shop: Shop, site: Site) -> None:
    product = await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2", "A3", "A4"])
    owner = await site.member(shop)

    async def post(kind: str, quantity: str, *serials: str, **more: str) -> Any:
        body = {"store": str(shop.store), "product": str(product), "kind": kind, "quantity": quantity, "reason": "why"}
        return await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body | more | {"serials": list(serials)})

    over = {"to_store": str(shop.second_store)}
    refused = [
        (await post("waste", "1"), "Say which piece it is: scan 1 more serial number."),
        (await post("adjustment", "-2", "A1"), "Say which piece it is: scan 1 more serial number."),
        (await post("transfer", "2", **over), "Say which pieces they are: scan 2 more serial numbers."),
        (await post("waste", "1", "A1", "A2"), "There are more serial numbers than pieces."),
        (await post("waste", "2", "A1", "A1"), "Each number may be there once."),
        (await post("receipt", "1", "A9"), "get their numbers on the page Serial numbers"),
        (await post("adjustment", "1", "A9"), "get their numbers on the page Serial numbers"),
    ]
    for answer, sentence in refused:
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["serials"]), answer.text
        assert sentence in answer.json()["errors"]["serials"][0]
    unknown = await post("waste", "1", "ZZ")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "wrong_piece")
    assert await pieces_of(shop) == dict.fromkeys(("A1", "A2", "A3", "A4"), ("in_stock", shop.store))
    assert await on_hand(shop) == D(4)
    for done in (
        await post("waste", "1", "A1"),
        await post("adjustment", "-1", "A2"),
        await post("transfer", "1", "A3", **over),
    ):
        assert done.status_code == 201, done.text
    await fold(shop)
    assert await pieces_of(shop) == {
        "A1": ("scrapped", shop.store),
        "A2": ("scrapped", shop.store),
        "A3": ("in_stock", shop.second_store),
        "A4": ("in_stock", shop.store),
    }
    assert (await on_hand(shop), await on_hand(shop, 0, shop.second_store)) == (D(1), D(1))
    assert (await lots_of(shop), await lots_of(shop, shop.second_store)) == ({}, {}), "nothing is without a number"
    await all_holds(shop)


async def test_the_same_document_again_takes_no_piece_twice(shop: Shop) -> None:
    product = await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2"])
    loss = document(shop, "broken")
    first = await shop.db.run(shop.scope, stock.waste, loss, [Taken(product, D(1), "A1")])
    again = await shop.db.run(shop.scope, stock.waste, loss, [Taken(product, D(1), "A1")])
    assert [one.id for one in again] == [one.id for one in first]
    assert await count(shop, "serial_event") == 3
    await fold(shop)
    await all_holds(shop)


async def test_what_never_had_a_number_leaves_without_one(shop: Shop) -> None:
    await stocked(shop, "2")
    product = await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    await shop.db.run(shop.scope, stock.waste, document(shop, "broken"), [Taken(product, D(1))])
    await fold(shop)
    with invalid("Say which piece it is: scan 1 more serial number."):
        await shop.db.run(shop.scope, stock.waste, document(shop, "broken"), [Taken(product, D(2))])
    await shop.db.run(shop.scope, find_here, document(shop), product, "A2")
    with invalid("Say which piece it is"):
        await shop.db.run(shop.scope, stock.waste, document(shop, "broken"), [Taken(product, D(1))])
    assert await on_hand(shop) == D(2)
    await all_holds(shop)


async def test_a_sale_is_taken_without_a_number(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-1")])
    assert await on_hand(shop) == D(0)


async def test_move_stock_asks_for_the_numbers(shop: Shop, site: Site) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2"])
    owner = await site.member(shop)
    page = await owner.get(f"{home(shop)}/stock/moves/new?code=SKU-001&kind=waste")
    assert 'name="serials"' in page.text
    assert 'name="serials"' in (await owner.get(f"{home(shop)}/stock/moves/product?code=SKU-001")).text
    assert 'name="serials"' not in (await owner.get(f"{home(shop)}/stock/moves/new?code=SKU-002")).text
    form = {"kind": "waste", "store": str(shop.store), "code": "SKU-001", "quantity": "1", "reason": "broken"}
    bare = await owner.post(f"{home(shop)}/stock/moves", data=form)
    assert (bare.status_code, "Say which piece it is" in bare.text) == (422, True)
    wrong = await owner.post(f"{home(shop)}/stock/moves", data=form | {"serials": "ZZ"})
    assert (wrong.status_code, "with the number ZZ" in wrong.text, ">ZZ</textarea>" in wrong.text) == (409, True, True)
    assert (await owner.post(f"{home(shop)}/stock/moves", data=form | {"serials": "A1\r\n"})).status_code == 303
    assert (await pieces_of(shop))["A1"][0] == "scrapped"


@pytest.mark.parametrize(("tracking", "page"), [("serial", "/stock/serials/new"), ("lot", "/stock/lots/new")])
async def test_move_stock_leads_to_where_followed_goods_are_received(
    shop: Shop, site: Site, tracking: str, page: str
) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/stock/moves/new?code=SKU-001"
    way = f'href="{home(shop)}{page}?code=SKU-001"'
    assert way not in (await owner.get(at)).text
    await follow_by(shop, tracking)
    assert way in (await owner.get(at)).text


async def test_write_off_asks_for_the_numbers(shop: Shop, site: Site) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2"])
    owner = await site.member(shop)
    page = await owner.get(f"{home(shop)}/stock/waste/new?code=SKU-001")
    assert 'name="serials"' in page.text
    assert 'name="serials"' not in (await owner.get(f"{home(shop)}/stock/waste/new")).text
    reasons = page.text.split('name="reason"')[1]
    reason = reasons[: reasons.index("</select>")].split('<option value="')[2][:36]
    form = {"id": str(new_id()), "store": str(shop.store), "code": "SKU-001", "quantity": "1", "reason": reason}
    bare = await owner.post(f"{home(shop)}/stock/waste", data=form)
    assert (bare.status_code, "Say which piece it is" in bare.text, 'name="serials"' in bare.text) == (422, True, True)
    assert (await owner.post(f"{home(shop)}/stock/waste", data=form | {"serials": "A2"})).status_code == 303
    assert {number: state for number, (state, _store) in (await pieces_of(shop)).items()} == {
        "A1": "in_stock",
        "A2": "scrapped",
    }


async def test_numbers_that_are_known_are_told_at_the_field_that_has_them(shop: Shop, site: Site) -> None:
    product = await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    owner = await site.member(shop)
    body = {"store": str(shop.store), "product": str(product), "serials": ["A1"]}
    answer = await owner.post(f"{home(shop)}/api/v1/stock/serials", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == {
        "serials": ["The number A1 is known already. Take it off the list, or look it up."]
    }
