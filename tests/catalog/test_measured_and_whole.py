"""What a product is counted in stays once it has moved; pieces stay whole; kits, minus prices and labels are said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retail.catalog.operations import Draft, put_products
from retail.catalog.products.traits import Part, Traits
from retail.catalog.rules import barcode_problem
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.stock.reordering.operations import NewRule, set_rule
from tests.support.shelves import stocked
from tests.support.stockroom import D, count
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def refused(shop: Shop, draft: Draft) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, put_products, [draft])
    return dict(wrong.value.errors)


def form(shop: Shop, product: int, **others: str) -> dict[str, str]:
    ware = shop.products[product]
    plain = {"name": ware.name, "sku": ware.sku, "price": "1.10", "tax_class": str(shop.standard), "unit": "each"}
    return plain | {"kind": "goods", "barcodes": ware.barcode} | others


async def test_the_unit_stays_once_stock_has_moved(shop: Shop, site: Site) -> None:
    await stocked(shop, "62", 3)
    owner = await site.member(shop)
    cola, milk = shop.products[3], shop.products[1]
    page = await owner.post(f"{home(shop)}/products/{cola.id}", data=form(shop, 3, unit="kg"))
    assert (page.status_code, "Its stock has moved, so it stays sold by what it is." in page.text) == (422, True)
    free = Draft(milk.id, milk.sku, milk.name, shop.reduced, 135, unit="l", decimals=3)
    await shop.db.run(shop.scope, put_products, [free])
    async with shop.db.read(shop.scope) as read:
        units = await read.fetch("SELECT unit FROM product WHERE id = ANY ($1) ORDER BY sku", [milk.id, cola.id])
    assert [row["unit"] for row in units] == ["l", "each"]


async def test_what_is_measured_has_no_serial_numbers(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    page = await owner.post(
        f"{home(shop)}/products/{shop.products[3].id}", data=form(shop, 3, unit="kg", tracking="serial")
    )
    assert (page.status_code, "Serial numbers are for whole pieces." in page.text) == (422, True)


async def test_pieces_stay_whole_in_kits_and_reorder_points(shop: Shop) -> None:
    cola, bananas = shop.products[3], shop.products[5]
    kit = Draft(new_id(), "KIT", "Kit", shop.standard, 500)
    cut = Traits("kit", (Part(cola.id, Decimal("2.5")),))
    said = await refused(shop, Draft(kit.id, "KIT", "Kit", shop.standard, 500, traits=cut))
    assert said == {"parts": ["SKU-004 is counted in whole pieces. Type a whole number of it."]}
    weighed = Traits("kit", (Part(cola.id, D(2)), Part(bananas.id, Decimal("0.5"))))
    await shop.db.run(shop.scope, put_products, [Draft(kit.id, "KIT", "Kit", shop.standard, 500, traits=weighed)])
    said = await refused(shop, Draft(cola.id, cola.sku, cola.name, shop.standard, 110, reorder_point=D("1.5")))
    assert said == {"reorder_point": ["This product is counted in whole pieces. Type a whole number."]}
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, set_rule, NewRule(cola.id, shop.store, reorder_point=D("1.5"), target=D(6)))
    assert list(wrong.value.errors) == ["reorder_point"]
    await shop.db.run(shop.scope, set_rule, NewRule(bananas.id, shop.store, reorder_point=D("1.5"), target=D(6)))
    assert await count(shop, "stock_rule") == 1


async def test_taking_a_part_off_sale_names_its_kits(shop: Shop, site: Site) -> None:
    cola = shop.products[3]
    owner = await site.member(shop)
    alone = await owner.get(f"{home(shop)}/products/{cola.id}/edit")
    assert "It is in the kit" not in alone.text
    held = Traits("kit", (Part(cola.id, D(6)),))
    await shop.db.run(shop.scope, put_products, [Draft(new_id(), "P", "Party", shop.standard, 5, traits=held)])
    page = await owner.get(f"{home(shop)}/products/{cola.id}/edit")
    assert "It is in the kit Party, which stays on sale and still takes it from stock." in page.text


async def test_a_minus_price_of_a_choice_has_to_be_meant(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    choices = f"{home(shop)}/products/choices"
    group = {"name": "Size", "least": "0", "most": "1", "modifiers": "A -5\nB"}
    page = await owner.post(choices, data=group)
    assert (page.status_code, "A would take something off the price." in page.text) == (422, True)
    assert 'name="takes_off"' in page.text
    assert await count(shop, "modifier") == 0
    assert (await owner.post(choices, data=group | {"takes_off": "on"})).status_code == 303
    async with shop.db.read(shop.scope) as read:
        id, price = await read.fetchrow("SELECT group_id, price_minor FROM modifier WHERE name = 'A'")
    assert price == -500
    again = await owner.post(f"{choices}/{id}", data=group | {"modifiers": "A -5\nC"})
    assert again.status_code == 303  # what stands there already is meant


async def test_a_code_of_the_shops_own_is_long_enough_and_said(shop: Shop, site: Site) -> None:
    assert [bool(barcode_problem(code)) for code in ("0", "123", "1234", "12345", "AB12")] == [
        True, True, False, False, False
    ]  # fmt: skip
    owner = await site.member(shop)
    cola = shop.products[3]
    page = await owner.post(f"{home(shop)}/products/{cola.id}", data=form(shop, 3, barcodes="0"))
    assert (page.status_code, "Barcode 0 is too short: use at least 4 digits or letters." in page.text) == (422, True)
    assert (
        await owner.post(f"{home(shop)}/products/{cola.id}", data=form(shop, 3, barcodes="12345"))
    ).status_code == 303
    page = await owner.get(f"{home(shop)}/products/{cola.id}/edit")
    assert "No standard barcode: kept as your own label: 12345." in page.text


async def test_pieces_stay_whole_for_many_at_once(shop: Shop, site: Site) -> None:
    await stocked(shop, "4", 3)
    owner = await site.member(shop)
    cola = shop.products[3]
    async with shop.db.read(shop.scope) as read:
        version = await read.fetchval("SELECT version FROM product WHERE id = $1", cola.id)
    path = f"{home(shop)}/stock/reorder-points"
    ticked = {"ids": f"{cola.id}@{version}", "new_reorder_point": "1.5", "back": ""}
    refused = await owner.post(path, data=ticked)
    assert (refused.status_code, "whole pieces" in refused.headers["hx-trigger"]) == (422, True)
    assert (await owner.post(path, data=ticked | {"new_reorder_point": "2"})).status_code == 200
