"""A form that is sent twice, by a double click or by going back, does its work once."""

from __future__ import annotations

import asyncio
import re
from contextvars import Context
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from retail.catalog import queries
from retail.catalog.editing import save_category
from retail.catalog.prices import batches
from retail.catalog.products.modifiers import Group, Modifier, put_group
from retail.catalog.queries import CategoryFacts
from retail.catalog.suppliers.operations import change_supplier
from retail.catalog.suppliers.rules import Supplier
from retail.customers.operations import change_customer
from retail.customers.rules import Customer
from retail.kit.errors import ChangedMeanwhile
from retail.kit.ids import new_id
from retail.runtime.db import Read
from tests.support.buyers import a_customer
from tests.support.vendors import a_supplier
from tests.support.web import Site
from tests.support.world import Shop


async def opened(owner: httpx.AsyncClient, address: str) -> str:
    found = re.search(r'name="id" value="([0-9a-f-]{36})"', (await owner.get(address)).text)
    assert found is not None, address
    return found[1]


def tea(shop: Shop, id: str, **changes: str) -> dict[str, str]:
    form = {"id": id, "name": "Green tea", "price": "2.49", "tax_class": str(shop.reduced), "unit": "each"}
    return form | {"kind": "goods", "tags": "hot, green", "barcodes": "", "unit_cost": "1.10"} | changes


async def teas(shop: Shop) -> list[tuple[str, int]]:
    async with shop.db.read(shop.scope) as read:
        found = await queries.products(read, queries.Wanted(text="tea"), limit=9, after=None)
    return [(one.name, one.price_minor) for one in found.items]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
async def test_a_new_product_that_is_saved_twice_is_one(site: Site, shop: Shop, headers: dict[str, str]) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    form = tea(shop, await opened(owner, f"{home}/new"))
    clicks = [owner.post(home, data=form, headers=headers) for _ in range(2)]
    first, second = await asyncio.gather(*clicks)
    assert first.status_code == second.status_code != 422
    back = await owner.post(home, data=form, headers=headers)
    assert back.status_code == first.status_code
    assert await teas(shop) == [("Green tea", 249)]


async def test_a_refused_form_keeps_its_id(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    id = await opened(owner, f"{home}/new")
    refused = await owner.post(home, data=tea(shop, id, price="two"))
    assert (refused.status_code, f'name="id" value="{id}"' in refused.text) == (422, True)


async def test_going_back_and_saving_something_else_changes_what_was_made(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    id = await opened(owner, f"{home}/new")
    assert (await owner.post(home, data=tea(shop, id))).status_code == 303
    other = await owner.post(home, data=tea(shop, id, name="Black tea"))
    assert other.status_code == 422
    assert "This form has made the product already" in other.text
    assert 'value="Black tea"' in other.text, "nothing typed is lost"
    assert f'action="{home}/{id}"' in other.text
    assert await teas(shop) == [("Green tea", 249)]
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', other.text)
    sku = re.search(r'name="sku"\s+type="text"\s+value="([^"]+)"', other.text)
    assert seen is not None
    assert sku is not None
    saved = await owner.post(f"{home}/{id}", data=tea(shop, id, name="Black tea", seen=seen[1], sku=sku[1]))
    assert saved.status_code == 303
    assert await teas(shop) == [("Black tea", 249)]


async def test_the_id_of_a_product_that_is_there_overwrites_nothing(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    loaf = shop.products[0]
    assert (await owner.post(home, data=tea(shop, str(loaf.id)))).status_code == 422
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, loaf.id)).name == "Sourdough loaf 800 g"


async def test_many_prices_change_once_for_a_double_click(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/prices/batches"
    form = {"id": await opened(owner, f"{home}/new"), "kind": "percent", "value": "10"}
    shown = await owner.post(home, data=form)
    mark = re.search(r'name="seen"\s+value="([^"]+)"', shown.text)
    assert mark is not None
    assert f'value="{form["id"]}"' in shown.text
    done = await asyncio.gather(*(owner.post(home, data=form | {"seen": mark[1]}) for _ in range(2)))
    assert {one.headers["location"] for one in done} == {f"{home}/{form['id']}"}
    assert (await owner.post(home, data=form | {"seen": mark[1]})).status_code == 303
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM price_batch WHERE tenant_id = $1", read.tenant) == 1


async def test_the_later_of_two_clicks_reads_what_the_first_has_changed_and_is_a_repeat(
    site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/prices/batches"
    form = {"id": await opened(owner, f"{home}/new"), "kind": "percent", "value": "10"}
    shown = await owner.post(home, data=form)
    form["seen"] = re.findall(r'name="seen"\s+value="([^"]+)"', shown.text)[0]
    known, first = batches.is_begun, list[httpx.Response]()

    async def overtaken(read: Read, id: UUID) -> bool:
        found = await known(read, id)
        if not first:
            monkeypatch.setattr(batches, "is_begun", known)
            first.append(await asyncio.create_task(owner.post(home, data=form), context=Context()))
        return found

    monkeypatch.setattr(batches, "is_begun", overtaken)
    second = await owner.post(home, data=form)
    assert [(one.status_code, one.headers.get("location")) for one in (*first, second)] == [
        (303, f"{home}/{form['id']}")
    ] * 2


async def test_a_product_that_is_saved_twice_was_changed_by_nobody_else(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    id = await opened(owner, f"{home}/new")
    assert (await owner.post(home, data=tea(shop, id))).status_code == 303
    page = (await owner.get(f"{home}/{id}/edit")).text
    seen = re.findall(r'name="seen" value="([0-9a-f]+)"', page)[0]
    sku = re.findall(r'name="sku"\s+type="text"\s+value="([^"]+)"', page)[0]
    form = tea(shop, id, seen=seen, sku=sku, name="Black tea", price="2.79", barcodes="4006381333931")
    assert [(await owner.post(f"{home}/{id}", data=form)).status_code for _click in range(2)] == [303, 303]
    for other in ({"price": "2.89"}, {"barcodes": ""}, {"tags": ""}):
        assert (await owner.post(f"{home}/{id}", data=form | other)).status_code == 422
    assert await teas(shop) == [("Black tea", 279)]


async def test_a_tax_that_is_saved_twice_was_changed_by_nobody_else(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/taxes/{shop.standard}"
    seen = re.findall(r'name="seen" value="([0-9a-f]+)"', (await owner.get(f"{home}/edit")).text)[0]
    form = {"seen": seen, "name": "Full", "rate": "20", "sure": "on"}
    assert [(await owner.post(home, data=form)).status_code for _click in range(2)] == [303, 303]
    assert (await owner.post(home, data=form | {"name": "Other"})).status_code == 422


async def test_terms_that_are_saved_twice_were_changed_by_nobody_else(site: Site, shop: Shop) -> None:
    owner, maker = await site.member(shop), await a_supplier(shop)
    at = f"/t/{shop.tenant.slug}/products/{shop.products[0].id}/suppliers/{maker}"
    form = {"seen": "0", "supplier_sku": "B-8", "cost": "0.80"}
    assert [(await owner.post(at, data=form)).status_code for _click in range(2)] == [303, 303]
    assert (await owner.post(at, data=form | {"cost": "0.90"})).status_code == 422


async def test_what_is_stored_already_is_saved_whatever_was_seen(shop: Shop) -> None:
    maker = await a_supplier(shop)
    changes = [
        (save_category, CategoryFacts(shop.category, "Bread", 20, 1, None), "older"),
        (put_group, Group(new_id(), "Size", 0, 1, (Modifier(new_id(), "Large", 50),)), "older"),
        (change_supplier, maker, Supplier("Mill", "EUR", email="mill@example.com"), 99),
        (change_customer, await a_customer(shop), Customer("Bea"), 99),
    ]
    for operation, *wanted, seen in changes:
        await shop.db.run(shop.scope, operation, *wanted, *([None] if seen == 99 else [""]))
        await shop.db.run(shop.scope, operation, *wanted, seen)
        with pytest.raises(ChangedMeanwhile):
            await shop.db.run(shop.scope, operation, *wanted[:-1], replace(wanted[-1], name="Other"), seen)


async def test_a_price_and_an_exemption_are_set_once(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    prices, exemptions = f"{home}/{shop.products[0].id}/prices", f"{home}/taxes/exemptions"
    forms = {prices: {"price": "9.99", "reason": "dearer"}}
    await a_customer(shop, "Museum", member_card="MUSEUM-1")
    forms[exemptions] = {"customer": "MUSEUM-1", "reason": "A-1", "starts_on": "2026-01-01"}
    for address, form in forms.items():
        form["id"] = await opened(owner, address)
        for _ in range(2):
            assert (await owner.post(address, data=form)).status_code == 303, address
    async with shop.db.read(shop.scope) as read:
        changes = await read.fetchval(
            "SELECT count(*) FROM price_change WHERE tenant_id = $1 AND reason = 'dearer'", read.tenant
        )
        assert changes == 1
        assert await read.fetchval("SELECT count(*) FROM tax_exemption WHERE tenant_id = $1", read.tenant) == 1
