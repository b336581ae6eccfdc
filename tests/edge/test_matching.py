"""Changes by programs that say what they saw: refused where somebody was faster; without a version taken as ever."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from retail.api import create_api
from tests.support.buyers import a_customer
from tests.support.vendors import a_supplier
from tests.support.web import Site, enrol
from tests.support.world import Shop

# method, path, a first change, a second one -> every one of them takes `version` and If-Match
CHANGES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "product": ("PATCH", {"name": "Tea, green"}, {"name": "Tea, black"}),
    "category": ("PATCH", {"hue": 25}, {"hue": 26}),
    "tax class": ("PATCH", {"name": "Normal"}, {"name": "Usual"}),
    "customer": ("PATCH", {"note": "one"}, {"note": "two"}),
    "supplier": ("PATCH", {"phone": "040 1"}, {"phone": "040 2"}),
    "family": ("PATCH", {"name": "Tea"}, {"name": "Teas"}),
    "price list": ("PATCH", {"priority": 1}, {"priority": 2}),
    "rule of reordering": ("PUT", {"target": "9"}, {"target": "8"}),
    "role": ("PATCH", {"name": "Floor"}, {"name": "Front"}),
    "rights": ("PUT", {"rights": {"sell": {"state": "allowed"}}}, {"rights": {}}),
    "place": ("PUT", {"role": "viewer"}, {"role": "manager"}),
}

# address, and what makes one there
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "family": ("families", {"name": "Tees", "options": ["Size"]}),
    "price list": ("price-lists", {"name": "Autumn"}),
}


class Place:
    """The address of one thing, and how its version is read."""

    def __init__(self, owner: httpx.AsyncClient, path: str, listed: str, id: str) -> None:
        self.owner, self.path, self.listed, self.id = owner, path, listed, id

    async def version(self) -> Any:
        found = (await self.owner.get(self.listed)).json()
        items = found.get("items", [found]) if isinstance(found, dict) else found
        names = ("id", "key", "product")
        return next(one["version"] for one in items if self.id in {str(one.get(name)) for name in names})


async def place(site: Site, shop: Shop, kind: str) -> Place:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    if kind == "place":
        person, _, _ = await enrol(site.db, shop.tenant.id, "clerk")
        async with site.db.read(shop.scope) as read:
            id = await read.fetchval(
                "SELECT id FROM membership WHERE tenant_id = $1 AND person_id = $2", read.tenant, person
            )
        return Place(owner, f"{api}/people/{id}/place", f"{api}/people", str(id))
    if kind == "supplier":
        id = str(await a_supplier(shop))
        return Place(owner, f"{api}/suppliers/{id}", f"{api}/suppliers", id)
    if kind == "customer":
        id = str(await a_customer(shop))
        return Place(owner, f"{api}/customers/{id}", f"{api}/customers", id)
    if kind in MADE:
        path, new = MADE[kind]
        id = (await owner.post(f"{api}/{path}", json=new)).json()["id"]
        return Place(owner, f"{api}/{path}/{id}", f"{api}/{path}", id)
    path, listed, named = {
        "product": (f"products/{shop.products[0].id}", "products", str(shop.products[0].id)),
        "category": (f"categories/{shop.category}", "categories", str(shop.category)),
        "tax class": (f"tax-classes/{shop.standard}", "tax-classes", str(shop.standard)),
        "rule of reordering": (*[f"stock/rules/{shop.products[0].id}"] * 2, str(shop.products[0].id)),
        "role": ("roles/clerk", "roles", "clerk"),
        "rights": ("roles/clerk/rights", "roles", "clerk"),
    }[kind]
    return Place(owner, f"{api}/{path}", f"{api}/{listed}", named)


@pytest.mark.parametrize("kind", CHANGES)
async def test_of_two_programs_that_saw_the_same_the_second_is_told(site: Site, shop: Shop, kind: str) -> None:
    at = await place(site, shop, kind)
    method, first, second = CHANGES[kind]
    seen = await at.version()
    done = await at.owner.request(method, at.path, json=first, headers={"If-Match": f'"{seen}"'})
    assert done.status_code == 200, done.text
    now = await at.version()
    assert now != seen

    late = await at.owner.request(method, at.path, json=second, headers={"If-Match": f'"{seen}"'})
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (412, "not_matched", now)
    weak = await at.owner.request(method, at.path, json=second, headers={"If-Match": f'W/"{now}"'})
    assert weak.status_code == 412
    by_body = await at.owner.request(method, at.path, json=second | {"version": seen})
    assert by_body.status_code == 409
    assert await at.version() == now, "nothing was changed"

    for passes in ({"If-Match": f'"{seen}", "{now}"'}, {"If-Match": "*"}, {}):
        assert (await at.owner.request(method, at.path, json=first, headers=passes)).status_code == 200
    assert (await at.owner.request(method, at.path, json=second | {"version": await at.version()})).status_code == 200


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if kind != "place"])
async def test_an_answer_carries_the_tag_that_the_next_change_names(site: Site, shop: Shop, kind: str) -> None:
    at = await place(site, shop, kind)
    method, first, second = CHANGES[kind]
    answer = await at.owner.request(method, at.path, json=first)
    tag = answer.headers["etag"]
    assert tag == f'"{await at.version()}"'
    again = await at.owner.request(method, at.path, json=second, headers={"If-Match": tag})
    assert again.status_code == 200


# Its end is final, which a second one is told; of two moments until when it lasts the later word counts.
NEEDS_NONE = {"/stock/reservations/{id}"}


def test_every_patch_takes_a_version() -> None:
    api: FastAPI = create_api()
    patches = [route for route in api.routes if isinstance(route, APIRoute) and "PATCH" in route.methods]
    assert len(patches) >= 4
    for route in (one for one in patches if one.path not in NEEDS_NONE):
        (body,) = route.dependant.body_params
        assert "version" in body.field_info.annotation.model_fields, route.path  # type: ignore[union-attr]


async def test_a_role_is_not_renamed_over_somebody_elses_change(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/roles/clerk"
    page = (await owner.get(home)).text
    version = page.split('name="version" value="')[1].split('"')[0]
    assert (await owner.post(f"{home}/name", data={"name": "Floor", "version": version})).status_code == 303
    late = await owner.post(f"{home}/name", data={"name": "Front", "version": version})
    assert late.status_code == 409
    assert "Stored now: Floor" in late.text
    assert "Somebody has changed this since you opened it" in late.text
    now = late.text.split('name="version" value="')[1].split('"')[0]
    assert (await owner.post(f"{home}/name", data={"name": "Front", "version": now})).status_code == 303
