"""The JSON API of families: made of options with their variants, renamed by version, added to, left again."""

from __future__ import annotations

from typing import Any

import pytest

from retail.catalog.products.families import families
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.world import Shop, open_shop

RED_S = {"Size": "S", "Colour": "Red"}


def variant(shop: Shop, **facts: Any) -> dict[str, Any]:
    return {"options": RED_S, "price": 1250, "tax_class": str(shop.standard)} | facts


def shirts(shop: Shop, **facts: Any) -> dict[str, Any]:
    new = [
        variant(shop, sku="TS-S-RED", barcodes=["4006381333931"]),
        variant(shop, sku="TS-M-RED", price=1400, options={"Colour": "Red", "Size": "M"}, tags=["summer"]),
    ]
    return {"name": "T-shirt", "options": ["Size", "Colour"], "variants": new} | facts


async def products(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        counted: int = await read.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", read.tenant)
        return counted


async def test_a_program_makes_a_family_and_reads_it_back(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    key = {"Idempotency-Key": "k1"}
    made = await owner.post(f"{api}/families", json=shirts(shop), headers=key)
    assert made.status_code == 201, made.text
    assert (await owner.post(f"{api}/families", json=shirts(shop), headers=key)).json() == made.json()
    one = made.json()
    small, medium = one["variants"]
    assert small == {
        "product": small["product"], "sku": "TS-S-RED", "name": "T-shirt S / Red", "price": 1250,
        "barcode": "4006381333931", "options": RED_S, "active": True,
    }  # fmt: skip
    assert (medium["name"], medium["barcode"], list(medium["options"])) == ("T-shirt M / Red", None, ["Size", "Colour"])
    at = f"{api}/families/{one['id']}"
    read = await owner.get(at)
    assert (read.json(), read.headers["etag"]) == (one, f'"{one["version"]}"')
    told = (await owner.get(f"{api}/products/{medium['product']}")).json()
    assert (told["family"], told["options"], told["tags"]) == (one["id"], {"Size": "M", "Colour": "Red"}, ["summer"])
    assert (await owner.get(f"{api}/products?sku=SKU-001")).json()["items"][0]["options"] == {}
    assert (await owner.get(f"{api}/families")).json() == {
        "items": [
            {
                "id": one["id"], "name": "T-shirt", "options": ["Size", "Colour"], "variants": 2, "least_price": 1250,
                "most_price": 1400, "version": one["version"],
            }
        ],
        "next": None,
    }  # fmt: skip


async def test_the_list_goes_on_page_by_page_and_is_narrowed(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/families"
    for name in ("cap", "Apron", "Boots, brown"):
        assert (await owner.post(api, json={"name": name, "options": ["Size"]})).status_code == 201
    first = (await owner.get(f"{api}?limit=2")).json()
    then = (await owner.get(f"{api}?limit=2&after={first['next']}")).json()
    assert [one["name"] for one in (*first["items"], *then["items"])] == ["Apron", "Boots, brown", "cap"]
    assert (then["next"], then["items"][0]["least_price"]) == (None, None)
    assert [one["name"] for one in (await owner.get(f"{api}?q=BROWN+boots")).json()["items"]] == ["Boots, brown"]
    assert list((await owner.get(f"{api}?after=nonsense")).json()["errors"]) == ["after"]


async def test_a_name_is_changed_by_version_and_an_empty_family_goes(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/families"
    one = (await owner.post(api, json=shirts(shop))).json()
    at = f"{api}/{one['id']}"
    changed = await owner.patch(at, json={"name": "Tee", "version": one["version"]})
    assert (changed.status_code, changed.json()["name"], changed.json()["variants"]) == (200, "Tee", one["variants"])
    late = await owner.patch(at, json={"name": "Shirt", "version": one["version"]})
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (
        409, "version_changed", changed.json()["version"],
    )  # fmt: skip
    await owner.post(api, json={"name": "Caps", "options": ["Size"]})
    taken = await owner.patch(at, json={"name": "Caps"})
    assert (taken.status_code, taken.json()["code"]) == (409, "family_taken")
    used = await owner.delete(at)
    assert (used.status_code, used.json()["code"], used.json()["variants"]) == (409, "family_in_use", 2)
    for each in one["variants"]:
        assert (await owner.delete(f"{at}/variants/{each['product']}")).status_code == 204
    assert (await owner.get(at)).json()["variants"] == []
    assert (await owner.delete(at)).status_code == 204
    assert (await owner.get(at)).status_code == 404
    assert await products(shop) == 8, "the products stay"


async def test_variants_are_added_taken_in_and_given_other_values(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    at = f"{api}/families/{(await owner.post(f'{api}/families', json=shirts(shop))).json()['id']}"
    new = variant(
        shop, options={"Size": "L", "Colour": "Red"}, sku="TS-L", name="Large tee", category=str(shop.category)
    )
    added = await owner.post(f"{at}/variants", json=new)
    assert added.status_code == 201, added.text
    assert (added.json()["name"], added.json()["options"]) == ("Large tee", {"Size": "L", "Colour": "Red"})
    again = await owner.post(f"{at}/variants", json=new | {"sku": "TS-L2"})
    assert (again.status_code, again.json()["code"]) == (409, "variant_taken")
    loaf = shop.products[0].id
    joined = await owner.put(f"{at}/variants/{loaf}", json={"options": {"Size": "XL", "Colour": "Red"}})
    assert (joined.status_code, joined.json()["sku"]) == (200, "SKU-001")
    same = await owner.put(f"{at}/variants/{loaf}", json={"options": RED_S})
    assert (same.status_code, same.json()["code"]) == (409, "variant_taken")
    moved = await owner.put(f"{at}/variants/{loaf}", json={"options": {"Size": "XXL", "Colour": "Red"}})
    assert moved.json()["options"]["Size"] == "XXL"
    half = await owner.put(f"{at}/variants/{loaf}", json={"options": {"Size": "XL"}})
    assert (half.status_code, list(half.json()["errors"])) == (422, ["options"])
    assert (await owner.put(f"{at}/variants/{new_id()}", json={"options": RED_S})).status_code == 404
    assert (await owner.get(at)).json()["variants"][0]["sku"] == "SKU-001"
    assert (await owner.delete(f"{at}/variants/{shop.products[1].id}")).status_code == 404
    async with shop.db.read(shop.scope) as read:
        told = await read.fetch("SELECT action, count(*) FROM audit_event WHERE action LIKE '%family%' GROUP BY 1")
    assert {row[0]: row[1] for row in told} == {"family.put": 2, "product.joined_family": 2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"options": []}, "options"),
        ({"options": ["A", "B", "C", "D"]}, "options"),
        ({"options": ["Size", "size"], "variants": []}, "options"),
        ({"options": ["Size:", "Colour"]}, "options.0"),
        ({"options": ["Size", "Cut"]}, "variants.0.options"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_a_wrong_family_is_refused_at_the_field(
    site: Site, shop: Shop, change: dict[str, Any], field: str
) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/families"
    refused = await owner.post(api, json=shirts(shop, **change))
    assert refused.status_code == 422, refused.text
    assert next(iter(refused.json()["errors"])) == field
    async with shop.db.read(shop.scope) as read:
        assert await families(read) == []
    assert await products(shop) == 6


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"options": {"Size": "S"}}, "options"),
        ({"options": {"Size": "S", "Colour": "Red", "Cut": "Slim"}}, "options"),
        ({"options": {"Size": "S|M", "Colour": "Red"}}, "options.Size"),
        ({"options": {"Size": "S" * 31, "Colour": "Red"}}, "options.Size"),
        ({"price": "12.50"}, "price"),
        ({"price": -1}, "price"),
        ({"tax_class": str(new_id())}, "tax_class"),
        ({"category": str(new_id())}, "category"),
        ({"unit": "barrel"}, "unit"),
        ({"barcodes": ["4006381333932"]}, "barcodes"),
        ({"kind": "dream"}, "kind"),
        ({"family": "x"}, "family"),
    ],
)
async def test_a_wrong_variant_is_refused_at_the_field_alone_and_among_others(
    site: Site, shop: Shop, change: dict[str, Any], field: str
) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/families"
    empty = shirts(shop, variants=[])
    id = (await owner.post(api, json=empty)).json()["id"]
    alone = await owner.post(f"{api}/{id}/variants", json=variant(shop, **change))
    assert (alone.status_code, list(alone.json()["errors"])) == (422, [field])
    both = empty | {"name": "Other", "variants": [variant(shop), variant(shop, **change)]}
    among = await owner.post(api, json=both)
    assert (among.status_code, list(among.json()["errors"])) == (422, [f"variants.1.{field}"])
    assert (await products(shop), len((await owner.get(api)).json()["items"])) == (6, 1)


async def test_ids_that_are_there_are_not_overwritten(site: Site, shop: Shop) -> None:
    owner, api, loaf = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/families", str(shop.products[0].id)
    twice = [variant(shop, id=str(new_id())), variant(shop, options={"Size": "M", "Colour": "Red"})]
    twice[1]["id"] = twice[0]["id"]
    for wanted, field in ((twice, "variants.1.id"), ([variant(shop, id=loaf)], "variants.0.id")):
        refused = await owner.post(api, json=shirts(shop, variants=wanted))
        assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    made = (await owner.post(api, json=shirts(shop))).json()
    again = await owner.post(api, json=shirts(shop, name="Other", id=made["id"], variants=[]))
    assert (again.status_code, list(again.json()["errors"])) == (422, ["id"])
    assert (await owner.get(f"{api}/{made['id']}")).json() == made


async def test_costs_are_set_by_those_who_see_them_and_nothing_by_others(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/families"
    made = (await owner.post(base, json=shirts(shop))).json()
    editor = await site.holder(shop, VIEW_CATALOGUE, EDIT_CATALOGUE)
    new = variant(shop, options={"Size": "L", "Colour": "Red"}, unit_cost="600")
    assert (await editor.post(f"{base}/{made['id']}/variants", json=new)).status_code == 403
    assert (await owner.post(f"{base}/{made['id']}/variants", json=new)).status_code == 201
    there = await open_shop(site.db)
    stranger, viewer = await site.member(there), await site.member(shop, "viewer")
    first = made["variants"][0]["product"]
    for caller, of, expected in ((stranger, there, 404), (viewer, shop, 403)):
        api = f"/t/{of.tenant.slug}/api/v1/families"
        at = f"{api}/{made['id']}"
        assert (await caller.patch(at, json={"name": "x"})).status_code == expected
        assert (await caller.delete(at)).status_code == expected
        assert (await caller.post(f"{at}/variants", json=variant(of))).status_code == expected
        assert (await caller.put(f"{at}/variants/{first}", json={"options": RED_S})).status_code == expected
        assert (await caller.delete(f"{at}/variants/{first}")).status_code == expected
    assert (await stranger.get(f"/t/{there.tenant.slug}/api/v1/families/{made['id']}")).status_code == 404
    assert len((await viewer.get(f"{base}/{made['id']}")).json()["variants"]) == 3
