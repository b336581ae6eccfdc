"""Pages and API of stock: filters in the address, forms that lose nothing, answers that repeat safely."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from retail import stock
from retail.kit.ids import new_id
from retail.stock import Arrival, Document, Move
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

D = Decimal
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


async def receive(shop: Shop, product: int, quantity: str, cost: str = "50") -> None:
    document = Document(new_id(), shop.store, "delivery", AT)
    arrivals = [Arrival(shop.products[product].id, D(quantity), D(cost))]
    await shop.db.run(shop.scope, stock.receive, document, arrivals)
    await shop.db.run(shop.scope, stock.fold)


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def test_the_list_shows_what_is_there_and_filters_from_the_address(shop: Shop, site: Site) -> None:
    await receive(shop, 0, "12")
    await receive(shop, 1, "3")
    owner = await site.member(shop)
    page = await owner.get(f"{home(shop)}/stock")
    assert page.status_code == 200
    assert "Sourdough loaf 800 g" in page.text
    assert f'id="low-stock-{shop.store}"' in page.text
    assert f"topic=stock%3A{shop.store}" in page.text
    low = await owner.get(f"{home(shop)}/stock?low=1&store={shop.store}")
    assert "Whole milk 1 l" in low.text
    assert "Sourdough" not in low.text
    nothing = await owner.get(f"{home(shop)}/stock?q=zebra")
    assert "Nothing matches" in nothing.text
    wrong = await owner.get(f"{home(shop)}/stock?store=nonsense")
    assert (wrong.status_code, wrong.text.count("Pick one from the list.")) == (422, 1)


async def test_the_low_list_alone_is_the_one_of_the_page(shop: Shop, site: Site) -> None:
    await receive(shop, 1, "3")
    owner = await site.member(shop)
    page = await owner.get(f"{home(shop)}/stock?store={shop.store}")
    partial = await owner.get(f"{home(shop)}/stock/low?store={shop.store}")
    assert partial.text.startswith(f'<div id="low-stock-{shop.store}"')
    assert "".join(partial.text.split()) in "".join(page.text.split())
    assert "3 pcs left" in partial.text
    everywhere = await owner.get(f"{home(shop)}/stock/low")
    assert (everywhere.status_code, everywhere.headers["location"]) == (303, f"{home(shop)}/stock?low=1")


async def test_a_move_is_recorded_by_sku_and_by_barcode_and_its_history_is_shown(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    ware = shop.products[0]
    form = {
        "kind": "receipt",
        "store": str(shop.store),
        "code": ware.barcode,
        "quantity": "999",
        "unit_cost": "0,4567",
    }
    answer = await owner.post(f"{home(shop)}/stock/moves", data={"id": str(new_id()), **form})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{home(shop)}/stock/{ware.id}")
    waste = {"kind": "waste", "store": str(shop.store), "code": ware.sku, "quantity": "123", "reason": "mould"}
    assert (await owner.post(f"{home(shop)}/stock/moves", data=waste)).status_code == 303
    page = await owner.get(f"{home(shop)}/stock/{ware.id}")
    assert "mould" in page.text
    assert "876" in page.text
    moves = await owner.get(f"{home(shop)}/stock/moves?kind=waste")
    assert "mould" in moves.text
    async with shop.db.read(shop.scope) as read:
        assert (await stock.unit_costs(read, shop.store, [ware.id]))[ware.id] == D("45.67")


async def test_a_form_sent_twice_moves_stock_once(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    form = {
        "id": str(new_id()),
        "kind": "receipt",
        "store": str(shop.store),
        "code": shop.products[0].sku,
        "quantity": "10",
    }
    for _ in range(2):
        assert (await owner.post(f"{home(shop)}/stock/moves", data=form)).status_code == 303
    async with shop.db.read(shop.scope) as read:
        assert list((await stock.on_hand(read, shop.store, [shop.products[0].id])).values()) == [D(10)]


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"code": "nope"}, 422, "No product has this SKU or barcode."),
        ({"quantity": "x"}, 422, "Type a quantity with at most three decimals"),
        ({"quantity": "0"}, 422, "Type a quantity above zero."),
        ({"kind": "waste", "reason": ""}, 422, "Fill this in."),
        ({"kind": "waste", "reason": "broken"}, 409, "Only 0 on hand, 7 wanted."),
        ({"kind": "transfer"}, 422, "Fill this in."),
        ({"unit_cost": "-1"}, 422, "Type what one unit costs"),
    ],
)
async def test_a_refused_form_comes_back_with_all_that_was_typed(
    shop: Shop, site: Site, changes: dict[str, str], status: int, sentence: str
) -> None:
    owner = await site.member(shop)
    form = {"kind": "receipt", "store": str(shop.store), "code": shop.products[0].sku, "quantity": "7"}
    answer = await owner.post(f"{home(shop)}/stock/moves", data=form | changes)
    assert answer.status_code == status
    assert sentence in answer.text.replace("&#39;", "'")
    typed = (form | changes)["code"]
    assert f'value="{typed}"' in answer.text
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM stock_move") == 0


async def test_the_api_tells_one_level_and_lists_them_all(shop: Shop, site: Site) -> None:
    await receive(shop, 5, "0.762")
    owner = await site.member(shop)
    one = (await owner.get(f"{home(shop)}/api/v1/stock?store={shop.store}&product={shop.products[5].id}")).json()
    assert {name: one[name] for name in ("product", "store", "on_hand", "reserved", "available", "low")} == {
        "product": str(shop.products[5].id),
        "store": str(shop.store),
        "on_hand": "0.762",
        "reserved": "0",
        "available": "0.762",
        "low": True,
    }
    assert one["items"][0]["on_hand"] == "0.762"
    first = (await owner.get(f"{home(shop)}/api/v1/stock?limit=5")).json()
    rest = (await owner.get(f"{home(shop)}/api/v1/stock?limit=500&after={first['next']}")).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (5, 7, None)
    assert (await owner.get(f"{home(shop)}/api/v1/stock?after=xyz")).status_code == 422


async def test_a_move_over_the_api_repeats_safely_and_refuses_another_body(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    body = {"store": str(shop.store), "product": str(shop.products[0].id), "kind": "receipt", "quantity": "10"}
    address, key = f"{home(shop)}/api/v1/stock/moves", {"Idempotency-Key": str(new_id())}
    first = await owner.post(address, json=body | {"unit_cost": "84.3333"}, headers=key)
    again = await owner.post(address, json=body | {"unit_cost": "84.3333"}, headers=key)
    other = await owner.post(address, json=body | {"unit_cost": "85"}, headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert other.json()["code"] == "idempotency_conflict"
    assert (first.json()["quantity"], first.json()["on_hand"], first.json()["unit_cost"]) == ("10", "10", "84.333300")
    listed = (await owner.get(f"{address}?product={shop.products[0].id}")).json()
    assert [one["quantity"] for one in listed["items"]] == ["10"]


async def test_a_move_sent_again_under_its_id_is_answered_200(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    body = {"id": str(new_id()), "store": str(shop.store), "product": str(shop.products[0].id), "kind": "count"}
    first, again = [
        await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body | {"quantity": "0"}) for _attempt in range(2)
    ]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_a_transfer_over_the_api_answers_both_its_moves(shop: Shop, site: Site) -> None:
    await receive(shop, 0, "10")
    owner = await site.member(shop)
    body = {"store": str(shop.store), "product": str(shop.products[0].id), "kind": "transfer", "quantity": "4"}
    address = f"{home(shop)}/api/v1/stock/moves"
    lost = await owner.post(address, json=body)
    assert (lost.status_code, list(lost.json()["errors"])) == (422, ["to_store"])
    sent = await owner.post(address, json=body | {"to_store": str(shop.second_store)})
    assert sent.status_code == 201
    assert sorted(one["quantity"] for one in sent.json()["moves"]) == ["-4", "4"]
    assert (sent.json()["quantity"], sent.json()["on_hand"]) == ("-4", "6")
    too_many = await owner.post(address, json=body | {"to_store": str(shop.second_store), "quantity": "7"})
    assert (too_many.status_code, too_many.json()["code"]) == (409, "not_enough_stock")


async def test_another_businesss_product_is_not_found(shop: Shop, site: Site) -> None:
    other = await open_shop(shop.db)
    owner = await site.member(shop)
    body = {"store": str(shop.store), "product": str(other.products[0].id), "kind": "count", "quantity": "1"}
    assert (await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body)).status_code == 404
    assert (await owner.get(f"{home(shop)}/stock/{other.products[0].id}")).status_code == 404
    assert (await owner.get(f"{home(shop)}/api/v1/stock?product={other.products[0].id}")).json()["items"] == []


async def test_a_clerk_sees_stock_and_moves_none(shop: Shop, site: Site) -> None:
    clerk = await site.member(shop, "clerk")
    page = await clerk.get(f"{home(shop)}/stock")
    assert page.status_code == 200
    assert "Move stock" not in page.text
    assert (await clerk.get(f"{home(shop)}/stock/moves/new")).status_code == 403
    body = {"store": str(shop.store), "product": str(shop.products[0].id), "kind": "count", "quantity": "1"}
    assert (await clerk.post(f"{home(shop)}/api/v1/stock/moves", json=body)).status_code == 403


async def test_a_sale_below_zero_is_shown_as_it_is(shop: Shop, site: Site) -> None:
    sold = Move(new_id(), shop.store, shop.products[3].id, "sale", D(-2), D(42), "", new_id(), AT)
    await shop.db.run(shop.scope, stock.move, [sold])
    owner = await site.member(shop)
    one = (await owner.get(f"{home(shop)}/api/v1/stock?store={shop.store}&product={shop.products[3].id}")).json()
    assert (one["on_hand"], one["low"], one["value"]) == ("-2", True, 0)


async def test_the_form_finds_a_product_by_its_name_sku_or_barcode_and_says_what_is_there(
    shop: Shop, site: Site
) -> None:
    await receive(shop, 0, "12")
    owner = await site.member(shop)
    ware = shop.products[0]
    address = f"{home(shop)}/stock/moves/product"
    for asked in (f"code={ware.barcode}", f"code={ware.sku}", "code=sourdough", f"code=milk&pick={ware.sku}"):
        picked = (await owner.get(f"{address}?{asked}&quantity=7")).text
        assert f'<input type="hidden" name="code" value="{ware.sku}">' in picked, asked
        assert 'Altstadt <b class="num">12</b>' in picked
        assert 'Hafen <b class="num">0</b>' in picked
        assert 'value="7"' in picked
    several = (await owner.get(f"{address}?code=o")).text
    assert several.count('name="pick"') == len([one for one in shop.products if "o" in f"{one.name}{one.sku}"])
    assert 'name="code"' in several
    listed = (await owner.get(f"{home(shop)}/stock/moves/products?code=sourdough")).text
    assert listed.count('name="pick"') == 1
    nothing = (await owner.get(f"{address}?code=zebra")).text
    assert "No product on sale has this name" in nothing
    assert 'value="zebra"' in nothing
    page = (await owner.get(f"{home(shop)}/stock/moves/new?code={ware.sku}&kind=waste&store={shop.store}")).text
    assert f'<input type="hidden" name="code" value="{ware.sku}">' in page
    assert f'href="{home(shop)}/stock/moves/new?kind=waste&amp;store={shop.store}"' in page
    clerk = await site.member(shop, "clerk")
    for path in ("product", "products"):
        assert (await clerk.get(f"{home(shop)}/stock/moves/{path}?code=milk")).status_code == 403


@pytest.mark.parametrize("figure", ["1e3", "\u0663", "1_0", "1 000", "+1"])
async def test_a_move_is_written_in_plain_digits(shop: Shop, site: Site, figure: str) -> None:
    owner = await site.member(shop)
    body = {"store": str(shop.store), "product": str(shop.products[0].id), "kind": "receipt", "quantity": "1"}
    form = {"kind": "receipt", "store": str(shop.store), "code": shop.products[0].sku, "quantity": "1"}
    for field in ("quantity", "unit_cost"):
        told = await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body | {field: figure})
        assert (told.status_code, list(told.json()["errors"])) == (422, [field])
        page = await owner.post(f"{home(shop)}/stock/moves", data=form | {field: figure})
        assert (page.status_code, f'id="f-{field}-error"' in page.text) == (422, True)
    assert (await owner.get(f"{home(shop)}/api/v1/stock/moves")).json()["items"] == []
