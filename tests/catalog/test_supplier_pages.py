"""Pages of suppliers: made, found, shown with what they sell; terms set on a product; refusals at the field."""

from __future__ import annotations

import re
from decimal import Decimal

import httpx
import pytest

from retail.catalog.suppliers import operations
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE, VIEW_COSTS
from retail.kit.ids import new_id
from tests.support.vendors import a_supplier, sells
from tests.support.web import Site
from tests.support.world import Shop, open_shop


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/products"


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def error_of(page: str, id: str) -> str:
    found = re.search(rf'id="{id}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found.group(1) if found else ""


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}"\s+value="([^"]*)"', page)
    assert found, name
    return found.group(1)


async def test_a_supplier_is_added_found_changed_archived_and_brought_back(site: Site, shop: Shop) -> None:
    owner, at = await site.member(shop), f"{home(shop)}/suppliers"
    assert "No suppliers yet" in (await owner.get(at)).text
    data = {"name": "Nordmühle", "code": "NM", "currency": "EUR", "lead_days": "2", "min_order": "25.50",
            "website": "www.example.com", "email": "orders@example.com"}  # fmt: skip
    made = await owner.post(at, data=data)
    assert made.status_code == 303, plain(made)
    there = made.headers["location"]
    page = plain(await owner.get(there))
    for told in ("Nordmühle", "2 days", "€25.50", "orders@example.com"):
        assert told in page
    assert 'href="https://www.example.com"' in (await owner.get(there)).text
    assert "Nordmühle" in plain(await owner.get(f"{at}?q=nordmuhle"))
    assert "Nothing matches" in plain(await owner.get(f"{at}?q=hansa"))
    form = (await owner.get(f"{there}/edit")).text
    assert 'value="25.50"' in form
    changed = await owner.post(there, data=data | {"lead_days": "", "seen": hidden(form, "seen")})
    assert changed.status_code == 303
    assert "2 days" not in plain(await owner.get(there))
    assert (await owner.post(f"{there}/archival")).status_code == 303
    assert "Nordmühle" not in plain(await owner.get(at)).replace("Nordmühle is", "")
    assert "Nordmühle" in plain(await owner.get(f"{at}?show=archived"))
    refused = await owner.post(there, data=data | {"name": "Other"})
    assert (refused.status_code, "Bring it back first" in refused.text) == (409, True)
    assert (await owner.post(f"{there}/restoration")).status_code == 303
    assert "Nordmühle" in plain(await owner.get(at))


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": ""}, "f-name", "Fill this in."),
        ({"name": "Hansa"}, "f-name", "Another supplier has this already."),
        ({"code": "HAN"}, "f-code", "Another supplier has this already."),
        ({"email": "nobody"}, "f-email", "This is no e-mail address."),
        ({"website": "javascript:alert(1)"}, "f-website", "This is no web address."),
        ({"lead_days": "soon"}, "f-lead_days", "Type a whole number."),
        ({"lead_days": "400"}, "f-lead_days", "The most is 365."),
        ({"min_order": "-3"}, "f-min_order", "This can&#39;t be below zero."),
        ({"notes": "4111 1111 1111 1111"}, "f-notes", "Don&#39;t write down the number of a payment card"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    site: Site, shop: Shop, changes: dict[str, str], field: str, said: str
) -> None:
    owner = await site.member(shop)
    await a_supplier(shop, "Hansa", code="HAN")
    data = {"name": "New one", "currency": "EUR", "phone": "040 1"} | changes
    refused = await owner.post(f"{home(shop)}/suppliers", data=data)
    assert refused.status_code == 422
    assert error_of(refused.text, field).startswith(said), error_of(refused.text, field)
    assert 'value="040 1"' in refused.text, "nothing typed is lost"
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM supplier WHERE tenant_id = $1", read.tenant) == 1


async def test_who_saves_second_sees_what_is_stored_and_chooses(site: Site, shop: Shop) -> None:
    owner, id = await site.member(shop), await a_supplier(shop, phone="1")
    at = f"{home(shop)}/suppliers/{id}"
    form = (await owner.get(f"{at}/edit")).text
    opened = {"name": "Nordmühle", "currency": "EUR", "phone": "1", "seen": hidden(form, "seen")}
    opened |= {f"was.{name}": hidden(form, f"was.{name}") for name in ("name", "phone", "lead_days")}
    assert (await owner.post(at, data=opened | {"phone": "2"})).status_code == 303
    late = await owner.post(at, data=opened | {"phone": "3"})
    assert late.status_code == 422
    assert "1 → 2" in late.text
    again = await owner.post(at, data=opened | {"phone": "3", "seen": hidden(late.text, "seen")})
    assert again.status_code == 303


async def test_terms_are_set_from_the_product_and_from_the_supplier(site: Site, shop: Shop) -> None:
    owner, loaf = await site.member(shop), shop.products[0]
    one, two = await a_supplier(shop, "Mill", code="M1", lead_days=4), await a_supplier(shop, "Hansa", currency="CHF")
    product = f"{home(shop)}/{loaf.id}"
    assert "Nobody is named who sells it" in plain(await owner.get(product))
    wrong = await owner.get(f"{product}/suppliers/new?supplier=Nobody")
    assert (wrong.status_code, error_of(wrong.text, "f-supplier")[:11]) == (422, "No supplier")
    for named in ("m1", "MILL"):
        chosen = await owner.get(f"{product}/suppliers/new?supplier={named}")
        assert chosen.headers["location"].endswith(f"/products/{loaf.id}/suppliers/{one}")
    form = (await owner.get(chosen.headers["location"])).text
    assert "Empty: 4 days" in form
    data = {"supplier_sku": "B-800", "pack_quantity": "12", "cost": "1.6825", "min_order_quantity": "24",
            "lead_days": "", "preferred": "on", "seen": hidden(form, "seen"), "back": "product"}  # fmt: skip
    stored = await owner.post(chosen.headers["location"], data=data)
    assert stored.headers["location"].endswith(f"/products/{loaf.id}#suppliers")
    page = plain(await owner.get(product))
    assert "Mill preferred B-800 12 €1.6825 24 4 days" in page
    found = await owner.get(f"{home(shop)}/suppliers/{two}?find=sourdough")
    link = re.search(r'class="pick" href="([^"]*)"', found.text)
    assert link
    added = await owner.post(link[1].partition("?")[0], data={"cost": "2", "seen": "0", "back": "supplier"})
    assert added.headers["location"].endswith(f"/products/suppliers/{two}")
    assert "Sourdough loaf 800 g SKU-001 \u2013 \u2013 CHF2.00 \u2013 \u2013" in plain(
        await owner.get(f"{home(shop)}/suppliers/{two}")
    )
    assert (await owner.post(f"{product}/suppliers/{two}/preference")).status_code == 303
    assert "Hansa preferred" in plain(await owner.get(product))
    late = await owner.post(f"{product}/suppliers/{one}", data=data)
    assert (late.status_code, "Somebody has changed this" in late.text) == (422, True)
    assert (await owner.post(f"{product}/suppliers/{two}/removal")).status_code == 303
    assert "Hansa" not in plain(await owner.get(product))


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"pack_quantity": "0"}, "f-pack_quantity", "Type a quantity above zero"),
        ({"pack_quantity": "six"}, "f-pack_quantity", ""),
        ({"min_order_quantity": "-1"}, "f-min_order_quantity", "Type a quantity above zero"),
        ({"cost": "1e3"}, "f-cost", "Type an amount such as 1.25."),
        ({"cost": "1.123456789"}, "f-cost", "Use at most 8 decimals."),
        ({"lead_days": "1000"}, "f-lead_days", "The most is 365."),
    ],
)
async def test_wrong_terms_are_said_at_their_field(
    site: Site, shop: Shop, changes: dict[str, str], field: str, said: str
) -> None:
    owner, id = await site.member(shop), await a_supplier(shop)
    refused = await owner.post(f"{home(shop)}/{shop.products[0].id}/suppliers/{id}", data={"seen": "0"} | changes)
    assert refused.status_code == 422
    assert error_of(refused.text, field).startswith(said)
    assert error_of(refused.text, field)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM product_supplier WHERE tenant_id = $1", read.tenant) == 0


async def test_who_may_not_see_costs_neither_sees_nor_changes_them(site: Site, shop: Shop) -> None:
    id = await a_supplier(shop)
    product = await sells(shop, id, cost=Decimal("123.45"))
    editor = await site.holder(shop, VIEW_CATALOGUE, EDIT_CATALOGUE)
    at = f"{home(shop)}/{product}/suppliers/{id}"
    for page in (at, f"{home(shop)}/suppliers/{id}", f"{home(shop)}/{product}"):
        assert "1.2345" not in (await editor.get(page)).text, page
    form = (await editor.get(at)).text
    assert (
        await editor.post(at, data={"pack_quantity": "6", "cost": "9", "seen": hidden(form, "seen")})
    ).status_code == 303
    async with shop.db.read(shop.scope) as read:
        row = await read.fetchrow("SELECT cost, pack_quantity FROM product_supplier WHERE tenant_id = $1", read.tenant)
    assert row is not None
    assert tuple(row) == (Decimal("123.450000"), Decimal(6))
    seer = await site.holder(shop, VIEW_CATALOGUE, VIEW_COSTS)
    assert "1.2345" in (await seer.get(f"{home(shop)}/{product}")).text


async def test_looking_is_not_changing_and_strangers_find_nothing(site: Site, shop: Shop) -> None:
    id = await a_supplier(shop)
    product = await sells(shop, id)
    viewer, stranger = await site.holder(shop, VIEW_CATALOGUE), await site.member(await open_shop(site.db))
    at = f"{home(shop)}/suppliers/{id}"
    assert (await viewer.get(at)).status_code == 200
    assert "Archive" not in plain(await viewer.get(at))
    for path in (f"{at}/archival", at, f"{home(shop)}/{product}/suppliers/{id}/removal"):
        assert (await viewer.post(path, data={"name": "x", "currency": "EUR"})).status_code == 403
        assert (await stranger.post(path, data={"name": "x", "currency": "EUR"})).status_code == 404
    owner = await site.member(shop)
    for path in (f"{home(shop)}/suppliers/{new_id()}", f"{home(shop)}/{product}/suppliers/{new_id()}",
                 f"{home(shop)}/{new_id()}/suppliers/{id}"):  # fmt: skip
        assert (await owner.get(path)).status_code == 404
    await shop.db.run(shop.scope, operations.archive_supplier, id)
    refused = await owner.post(f"{home(shop)}/{product}/suppliers/{id}", data={"seen": "1"})
    assert (refused.status_code, "Bring it back first" in refused.text) == (409, True)
