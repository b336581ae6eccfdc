"""The JSON API of suppliers: listed by pages, made, changed by version, archived; and who sells a product."""

from __future__ import annotations

from typing import Any

import pytest

from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.ids import new_id
from tests.support.vendors import a_supplier, sells
from tests.support.web import Site
from tests.support.world import Shop, open_shop


async def test_a_program_makes_reads_changes_and_archives_a_supplier(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/suppliers"
    new = {"name": "Mill", "code": "M1", "lead_days": 3, "min_order": 2500, "email": "a@example.com"}
    made = await owner.post(api, json=new, headers={"Idempotency-Key": "k1"})
    assert made.status_code == 201, made.text
    assert (await owner.post(api, json=new, headers={"Idempotency-Key": "k1"})).json() == made.json()
    one = made.json()
    assert {name: one[name] for name in (*new, "currency", "version", "active", "products")} == {
        **new, "currency": "EUR", "version": 1, "active": True, "products": 0,
    }  # fmt: skip
    at = f"{api}/{one['id']}"
    assert (await owner.get(at)).headers["etag"] == '"1"'
    changed = await owner.patch(at, json={"lead_days": None, "phone": "040", "version": 1})
    assert (changed.json()["lead_days"], changed.json()["phone"], changed.json()["code"]) == (None, "040", "M1")
    late = await owner.patch(at, json={"phone": "041", "version": 1})
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "version_changed", 2)
    assert (await owner.delete(at)).status_code == 204
    assert (await owner.patch(at, json={"phone": "041"})).json()["code"] == "supplier_archived"
    assert (await owner.get(api)).json()["items"] == []
    assert [each["active"] for each in (await owner.get(f"{api}?archived=true")).json()["items"]] == [False]
    assert (await owner.post(f"{at}/restoration")).json()["active"] is True


async def test_the_list_goes_on_page_by_page_and_by_change(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/suppliers"
    for name in "CAB":
        await a_supplier(shop, name)
    first = (await owner.get(f"{api}?limit=2")).json()
    then = (await owner.get(f"{api}?limit=2&after={first['next']}")).json()
    assert [one["name"] for one in (*first["items"], *then["items"])] == ["A", "B", "C"]
    assert then["next"] is None
    since = (await owner.get(f"{api}?updated_since=2000-01-01T00:00:00Z")).json()
    assert [one["name"] for one in since["items"]] == ["C", "A", "B"]
    assert (await owner.get(f"{api}?after=nonsense")).status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "Hansa"}, "name"),
        ({"name": "x", "currency": "XXX"}, "currency"),
        ({"name": "x", "lead_days": 366}, "lead_days"),
        ({"name": "x", "lead_days": "3"}, "lead_days"),
        ({"name": "x", "min_order": 1.5}, "min_order"),
        ({"name": "x", "email": "x"}, "email"),
        ({"name": "x", "unknown": 1}, "unknown"),
    ],
)
async def test_wrong_suppliers_are_refused_at_the_field(
    site: Site, shop: Shop, body: dict[str, Any], field: str
) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/suppliers"
    await a_supplier(shop, "Hansa")
    refused = await owner.post(api, json=body)
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == [field]
    assert len((await owner.get(api)).json()["items"]) == 1


async def test_a_program_says_who_sells_a_product_and_on_which_terms(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    id, product = await a_supplier(shop, lead_days=4), shop.products[0].id
    at = f"{api}/products/{product}/suppliers"
    body = {"supplier_sku": "B-8", "pack_quantity": "6", "cost": "168.25", "min_order_quantity": "12", "lead_days": 2}
    put = await owner.put(f"{at}/{id}", json=body | {"version": 0})
    assert put.status_code == 200, put.text
    told = put.json()
    assert {name: told[name] for name in (*body, "preferred", "version", "currency")} == {
        "supplier_sku": "B-8", "pack_quantity": "6.000", "cost": "168.250000", "min_order_quantity": "12.000",
        "lead_days": 2, "preferred": True, "version": 1, "currency": "EUR",
    }  # fmt: skip
    assert (await owner.get(at)).json() == {"items": [told], "next": None}
    assert (await owner.get(f"{api}/suppliers/{id}/products")).json()["items"] == [told]
    again = await owner.put(f"{at}/{id}", json=body | {"version": 0})
    assert (again.status_code, again.json()["version"]) == (409, 1)
    by_tag = await owner.put(f"{at}/{id}", json=body | {"lead_days": 3}, headers={"If-Match": '"7"'})
    assert by_tag.status_code == 412
    assert (await owner.put(f"{at}/{id}", json={"preferred": False, "version": 1})).json()["cost"] is None
    for wrong in ({"pack_quantity": "0"}, {"cost": "-1"}, {"cost": 1.5}, {"lead_days": -1}, {"preferred": "yes"}):
        refused = await owner.put(f"{at}/{id}", json=wrong)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, list(wrong))
    assert (await owner.delete(f"{at}/{id}")).status_code == 204
    assert (await owner.delete(f"{at}/{id}")).status_code == 404
    assert (await owner.put(f"{at}/{new_id()}", json={})).status_code == 404


async def test_costs_are_for_those_who_may_see_them(site: Site, shop: Shop) -> None:
    id = await a_supplier(shop)
    product = await sells(shop, id, cost=5)
    editor = await site.holder(shop, VIEW_CATALOGUE, EDIT_CATALOGUE)
    at = f"/t/{shop.tenant.slug}/api/v1/products/{product}/suppliers"
    assert (await editor.get(at)).json()["items"][0]["cost"] is None
    assert (await editor.put(f"{at}/{id}", json={"cost": "1"})).status_code == 403
    assert (await editor.put(f"{at}/{id}", json={"supplier_sku": "X"})).status_code == 200
    owner = await site.member(shop)
    assert (await owner.get(at)).json()["items"][0]["cost"] == "5.000000", "what one can't see one can't take out"


async def test_other_businesses_and_mere_viewers_change_nothing(site: Site, shop: Shop) -> None:
    id = await a_supplier(shop)
    product = await sells(shop, id)
    there = await open_shop(site.db)
    stranger, viewer = await site.member(there), await site.member(shop, "viewer")
    for caller, base, expected in ((stranger, there, 404), (viewer, shop, 403)):
        api = f"/t/{base.tenant.slug}/api/v1"
        assert (await caller.patch(f"{api}/suppliers/{id}", json={"name": "x"})).status_code == expected
        assert (await caller.delete(f"{api}/suppliers/{id}")).status_code == expected
        assert (await caller.put(f"{api}/products/{product}/suppliers/{id}", json={})).status_code == expected
