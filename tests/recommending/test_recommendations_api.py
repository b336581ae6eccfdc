"""The API of recommendations: neighbours with support and lift, add-ons of a basket, excludes to be repeated."""

from __future__ import annotations

import httpx
import pytest

from retail.identity.permissions import EDIT_CATALOGUE, SELL, VIEW_DASHBOARD
from retail.kit.ids import new_id
from tests.recommending.conftest import BREAD, CHOCOLATE, COLA, MILK, Trade
from tests.support.web import Site
from tests.support.world import open_shop


def at(trade: Trade, path: str) -> str:
    return f"/t/{trade.shop.tenant.slug}/api/v1{path}"


@pytest.fixture
async def owner(site: Site, traded: Trade) -> httpx.AsyncClient:
    return await site.member(traded.shop)


async def test_what_is_bought_with_a_product_has_its_support_and_its_lift(
    traded: Trade, owner: httpx.AsyncClient
) -> None:
    answer = (await owner.get(at(traded, f"/products/{traded.id(BREAD)}/also-bought"))).json()
    assert answer["worked_out_at"].endswith("Z")
    assert answer["next"] is None
    first, second = answer["items"]
    assert second == {
        "product": str(traded.id(MILK)), "sku": "SKU-002", "name": "Whole milk 1 l", "place": 2,
        "score": second["score"], "together": 5, "baskets": 10, "support": "0.5000", "lift": "0.94",
    }  # fmt: skip
    assert float(first["score"]) > float(second["score"]) > 0
    short = (await owner.get(at(traded, f"/products/{traded.id(BREAD)}/also-bought?limit=1"))).json()
    assert short["items"] == [first]
    assert (await owner.get(at(traded, f"/products/{new_id()}/also-bought"))).status_code == 404


async def test_add_ons_are_ranked_for_the_whole_basket(traded: Trade, owner: httpx.AsyncClient) -> None:
    basket = [("product", str(traded.id(place))) for place in (BREAD, COLA)]
    answer = (await owner.get(at(traded, "/recommendations/add-ons"), params=[*basket, ("limit", "1")])).json()
    [one] = answer["items"]
    assert one["product"] == str(traded.id(MILK))
    assert (one["sku"], one["name"], one["price"]) == ("SKU-002", "Whole milk 1 l", 135)
    assert one["because"] == str(traded.id(COLA))
    assert "together" not in one, "what was sold is nobody's business at a till"
    many = [("product", str(new_id())) for _ in range(101)]
    assert (await owner.get(at(traded, "/recommendations/add-ons"), params=many)).status_code == 422
    assert (await owner.get(at(traded, "/recommendations/add-ons"))).json()["items"] == []


async def test_an_exclude_is_made_once_and_taken_back_once(traded: Trade, owner: httpx.AsyncClient) -> None:
    path, id = at(traded, "/recommendations/excludes"), str(new_id())
    body = {"id": id, "product": str(traded.id(MILK)), "other": str(traded.id(BREAD))}
    made = await owner.post(path, json=body)
    assert (made.status_code, made.json()["id"]) == (201, id)
    again = await owner.post(path, json=body)
    turned = await owner.post(path, json={"product": body["other"], "other": body["product"]})
    assert (again.status_code, turned.status_code) == (200, 200)
    assert made.json() == again.json() == turned.json()
    other = await owner.post(path, json={**body, "other": str(traded.id(COLA))})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert [one["id"] for one in (await owner.get(path)).json()["items"]] == [id]
    found = (await owner.get(at(traded, f"/products/{traded.id(BREAD)}/also-bought"))).json()
    assert [one["product"] for one in found["items"]] == [str(traded.id(CHOCOLATE))]
    for _ in range(2):
        assert (await owner.delete(f"{path}/{id}")).status_code == 204
    assert (await owner.get(path)).json()["items"] == []


async def test_excludes_are_listed_page_by_page_and_by_product(traded: Trade, owner: httpx.AsyncClient) -> None:
    for pair in ((MILK, BREAD), (CHOCOLATE, COLA), (COLA, None)):
        await traded.exclude(*pair)
    path = at(traded, "/recommendations/excludes")
    first = (await owner.get(f"{path}?limit=2")).json()
    second = (await owner.get(f"{path}?limit=2&after={first['next']}")).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    of_cola = (await owner.get(f"{path}?product={traded.id(COLA)}")).json()["items"]
    assert [one["other"] is None for one in of_cola] == [True, False]
    assert (await owner.get(f"{path}?after=nonsense")).status_code == 422


async def test_another_business_is_as_one_that_does_not_exist(site: Site, traded: Trade) -> None:
    other = await open_shop(site.db)
    stranger = await site.member(other)
    made = await traded.exclude(MILK, BREAD)
    base = f"/t/{other.tenant.slug}/api/v1"
    assert (await stranger.get(f"{base}/products/{traded.id(BREAD)}/also-bought")).status_code == 404
    items = (await stranger.get(f"{base}/recommendations/add-ons?product={traded.id(BREAD)}")).json()["items"]
    assert items == []
    wanted = {"product": str(traded.id(BREAD))}
    assert (await stranger.post(f"{base}/recommendations/excludes", json=wanted)).status_code == 404
    await stranger.delete(f"{base}/recommendations/excludes/{made.id}")
    assert await traded.places(BREAD) == [CHOCOLATE]


@pytest.mark.parametrize(
    ("verb", "path", "right"),
    [
        ("GET", "/products/{}/also-bought", VIEW_DASHBOARD),
        ("GET", "/recommendations/add-ons", SELL),
        ("GET", "/recommendations/excludes", EDIT_CATALOGUE),
        ("POST", "/recommendations/excludes", EDIT_CATALOGUE),
        ("DELETE", "/recommendations/excludes/{}", EDIT_CATALOGUE),
    ],
)
async def test_each_asks_for_its_right(site: Site, traded: Trade, verb: str, path: str, right: str) -> None:
    rights = {VIEW_DASHBOARD, SELL, EDIT_CATALOGUE}
    address = at(traded, path.format(traded.id(BREAD)))
    without, holder = await site.holder(traded.shop, *(rights - {right})), await site.holder(traded.shop, right)
    body = {"json": {"product": str(traded.id(BREAD))}} if verb == "POST" else {}
    assert (await without.request(verb, address, **body)).status_code == 403
    assert (await holder.request(verb, address, **body)).status_code < 300
