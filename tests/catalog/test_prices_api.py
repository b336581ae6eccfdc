"""The JSON API of prices: what a program sets, asks, plans and takes back; refusals change nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from retail.catalog.prices.lists import put_list
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.windows import Window
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.world import Shop, open_shop


async def test_a_program_sets_a_lists_prices_and_asks_what_holds_and_why(site: Site, shop: Shop) -> None:
    owner, api, loaf = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1", shop.products[0]
    of = PriceList(new_id(), "Altstadt", "EUR", None, frozenset({shop.store}), None, Window(), 3)
    await shop.db.run(shop.scope, put_list, of)
    body: dict[str, Any] = {"prices": [{"product": str(loaf.id), "price": 399}]}
    assert (await owner.put(f"{api}/price-lists/{of.id}/prices", json=body)).json() == {"changed": 1}
    assert (await owner.put(f"{api}/price-lists/{of.id}/prices", json=body)).json() == {"changed": 0}
    told = (await owner.get(f"{api}/products/{loaf.id}/prices")).json()["stores"]
    assert (told[str(shop.store)]["price"], told[str(shop.store)]["list"]) == (399, str(of.id))
    assert told[str(shop.second_store)]["lists"][0]["verdict"] == "other_store"
    listed = (await owner.get(f"{api}/price-lists")).json()["items"][0]
    assert (listed["name"], listed["products"], listed["stores"]) == ("Altstadt", 1, [str(shop.store)])
    for wrong in ({"product": str(new_id()), "price": 1}, {"product": str(loaf.id), "price": -1}):
        refused = await owner.put(f"{api}/price-lists/{of.id}/prices", json={"prices": [wrong]})
        assert refused.status_code == 422
    stranger = await site.member(await open_shop(site.db))
    assert (await stranger.put(f"{api}/price-lists/{of.id}/prices", json=body)).status_code == 404
    viewer = await site.member(shop, "viewer")
    assert (await viewer.put(f"{api}/price-lists/{of.id}/prices", json=body)).status_code == 403


async def test_a_program_plans_a_price_and_takes_it_back(site: Site, shop: Shop) -> None:
    owner, api, loaf = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1", shop.products[0]
    at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await owner.post(f"{api}/products/{loaf.id}/prices", json={"price": 450, "at": at, "reason": "Flour"})
    assert made.status_code == 201
    waiting = (await owner.get(f"{api}/price-changes?waiting=true")).json()["items"]
    assert [(one["id"], one["before"], one["price"]) for one in waiting] == [(made.json()["id"], 420, 450)]
    assert (await owner.delete(f"{api}/price-changes/{made.json()['id']}")).status_code == 204
    assert (await owner.get(f"{api}/price-changes?waiting=true")).json()["items"] == []
    late = await owner.post(f"{api}/products/{loaf.id}/prices", json={"price": 450, "at": "2020-01-01T00:00:00Z"})
    assert late.status_code == 422
    assert (await owner.post(f"{api}/products/{loaf.id}/prices", json={"price": 450})).status_code == 201
    assert (await owner.get(f"{api}/products/{loaf.id}")).json()["price"] == 450
