"""Programs that send products: the kinds are strict, a refusal is a sentence, and nobody overwrites unseen changes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.web import Site
from tests.support.world import Shop


def body(shop: Shop, **changes: Any) -> dict[str, Any]:
    return {"sku": "TEA-1", "name": "Green tea", "price": 249, "tax_class": str(shop.reduced)} | changes


@pytest.fixture
async def owner(site: Site, shop: Shop) -> httpx.AsyncClient:
    return await site.member(shop)


@pytest.fixture
def products(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/api/v1/products"


@pytest.mark.parametrize("price", ["1.00", "100", 1.0, 2.49, True, None, [1]])
async def test_a_price_is_a_whole_number_of_minor_units_and_nothing_else(
    owner: httpx.AsyncClient, shop: Shop, products: str, price: object
) -> None:
    refused = await owner.post(products, json=body(shop, price=price))
    assert refused.status_code == 422
    if price is not None:
        assert refused.json()["errors"] == {"price": ["Send a whole number, not a text or a decimal."]}
        changed = await owner.patch(f"{products}/{shop.products[0].id}", json={"price": price})
        assert changed.json()["errors"] == {"price": ["Send a whole number, not a text or a decimal."]}
    assert (await owner.get(products, params={"sku": "TEA-1"})).json()["items"] == []
    assert (await owner.get(f"{products}/{shop.products[0].id}")).json()["price"] == 420


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"price": -1}, "The number must lie between 0 and 100000000."),
        ({"price": 100_000_001}, "The number must lie between 0 and 100000000."),
        ({"unit_cost": 1.25}, 'Send a decimal as a string such as "1.25".'),
        ({"unit": "dozen"}, "The unit must be one of each, kg, l, m, m2, h."),
        ({"tracking": "foo"}, "Pick none, lot or serial."),
        ({"kind": "foo"}, "Pick goods, a service or a kit."),
        ({"content": {"amount": "1", "unit": "foo"}}, "Use one of the units g, kg, ml, cl, l, cm, m, m2, each."),
    ],
)
async def test_a_refusal_says_what_to_send(
    owner: httpx.AsyncClient, shop: Shop, products: str, sent: dict[str, object], sentence: str
) -> None:
    refused = await owner.post(products, json=body(shop, **sent))
    assert (refused.status_code, refused.json()["errors"]) == (422, {field: [sentence] for field in sent})


@pytest.mark.parametrize(("field", "value"), [("favourite", "yes"), ("name", "  "), ("sku", " "), ("sku", 5)])
async def test_other_fields_are_strict_too(
    owner: httpx.AsyncClient, shop: Shop, products: str, field: str, value: object
) -> None:
    refused = await owner.post(products, json=body(shop, **{field: value}))
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Tea\nGreen"), ("name", "Tea\u2028" + "Green"), ("sku", "T\x00A"), ("sku", "T\tA"), ("tags", ["a\nb"])],
)
async def test_what_stands_in_a_line_has_no_line_breaks_or_controls(
    owner: httpx.AsyncClient, shop: Shop, products: str, field: str, value: object
) -> None:
    refused = await owner.post(products, json=body(shop, **{field: value}))
    (errors,) = refused.json()["errors"].items()
    assert (refused.status_code, errors[0].split(".")[0]) == (422, field)
    assert errors[1] == ["Write it in one line, without line breaks, tabs or other signs that nobody sees."]
    kept = await owner.post(products, json=body(shop, name="Tea\u00a0 \U0001f469\u200d\U0001f373\n"))
    assert (kept.status_code, kept.json()["name"]) == (201, "Tea\u00a0 \U0001f469\u200d\U0001f373")


async def test_a_barcode_that_a_spreadsheet_shortened_is_refused(
    owner: httpx.AsyncClient, shop: Shop, products: str
) -> None:
    refused = await owner.post(products, json=body(shop, barcodes=["4.00638E+12"]))
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["barcodes"])
    assert "shortened" in refused.json()["errors"]["barcodes"][0]


async def test_decimals_come_and_go_as_strings(owner: httpx.AsyncClient, shop: Shop, products: str) -> None:
    made = await owner.post(products, json=body(shop, unit_cost="98.5", reorder_point="2.5", unit="kg"))
    assert made.status_code == 201
    assert (made.json()["unit_cost"], made.json()["reorder_point"]) == ("98.500000", "2.500")


async def test_a_change_for_a_version_that_is_gone_is_a_conflict(
    owner: httpx.AsyncClient, shop: Shop, products: str
) -> None:
    one = f"{products}/{shop.products[0].id}"
    read_at = (await owner.get(one)).json()["version"]
    first = await owner.patch(one, json={"price": 430, "version": read_at})
    assert (first.status_code, first.json()["price"]) == (200, 430)
    second = await owner.patch(one, json={"price": 440, "version": read_at})
    assert (second.status_code, second.json()["code"]) == (409, "product_changed")
    assert second.json()["version"] == first.json()["version"]
    assert (await owner.get(one)).json()["price"] == 430
    assert (await owner.patch(one, json={"price": 440})).json()["price"] == 440
    assert (await owner.patch(one, json={"price": 450, "version": "1"})).status_code == 422


async def test_a_product_comes_back_on_sale_by_program_and_from_its_own_page(
    owner: httpx.AsyncClient, shop: Shop, products: str
) -> None:
    loaf, home = shop.products[0].id, f"/t/{shop.tenant.slug}/products/{shop.products[0].id}"
    assert "Put back on sale" not in (await owner.get(home)).text
    for way in (f"{products}/{loaf}/restoration", f"{home}/restoration"):
        assert (await owner.delete(f"{products}/{loaf}")).status_code == 204
        assert (await owner.get(f"{products}/{loaf}")).json()["active"] is False
        for page in (home, f"{home}/edit"):
            assert f'action="{home}/restoration"' in (await owner.get(page)).text, page
        back = await owner.post(way)
        assert back.status_code in {200, 303}
        found = (await owner.get(f"{products}/{loaf}")).json()
        assert found["active"] is True
        again = await owner.post(way)
        assert again.status_code == back.status_code
        assert (await owner.get(f"{products}/{loaf}")).json()["version"] == found["version"], "once more does nothing"
    async with shop.db.read(shop.scope) as read:
        count = await read.fetchval(
            "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = 'product.restored'", read.tenant
        )
    assert count == 2
    assert (await owner.post(f"{products}/{shop.reduced}/restoration")).status_code == 404
