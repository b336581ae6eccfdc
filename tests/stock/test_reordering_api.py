"""The JSON API of reordering: rules put by version, listed by pages, and suggestions with their reasons."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail.identity.permissions import MOVE_STOCK, VIEW_STOCK
from retail.kit.ids import new_id
from tests.support.days import today
from tests.support.shelves import stocked
from tests.support.vendors import a_supplier, sells
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

EMPTY = dict.fromkeys(("reorder_point", "safety_stock", "target", "lead_days", "pack_quantity", "minimum_order"))


async def paced(shop: Shop, place: int, units: str) -> None:
    """Let a product have sold so much in the last 28 days."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "INSERT INTO product_pace (tenant_id, store_id, product_id, as_of, days, units)"
            " VALUES ($1, $2, $3, $4, 28, $5)",
            tx.tenant,
            shop.store,
            shop.products[place].id,
            tx.now.date(),
            Decimal(units),
        )


async def kept(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        counted: int = await read.fetchval("SELECT count(*) FROM stock_rule WHERE tenant_id = $1", read.tenant)
        return counted


async def test_a_rule_is_put_by_version_read_listed_and_removed(site: Site, shop: Shop) -> None:
    owner, api, loaf = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/rules", shop.products[0]
    at = f"{api}/{loaf.id}/stores/{shop.store}"
    nothing = {"product": str(loaf.id), "store": str(shop.store), "version": 0} | EMPTY
    read = await owner.get(at)
    assert (read.json(), read.headers["etag"]) == (nothing, '"0"')
    body = {
        "reorder_point": "6", "safety_stock": "2", "target": "20", "lead_days": 4, "pack_quantity": "6",
        "minimum_order": "12",
    }  # fmt: skip
    put = await owner.put(at, json=body | {"version": 0})
    assert (put.status_code, put.json(), put.headers["etag"]) == (200, nothing | body | {"version": 1}, '"1"')
    late = await owner.put(at, json=body | {"target": "30", "version": 0})
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "version_changed", 1)
    tagged = await owner.put(at, json=body | {"target": "30"}, headers={"If-Match": '"7"'})
    assert (tagged.status_code, tagged.json()["code"]) == (412, "not_matched")
    for_all = await owner.put(f"{api}/{loaf.id}", json={"lead_days": 9})
    assert for_all.json() == {"product": str(loaf.id), "store": None, "version": 1} | EMPTY | {"lead_days": 9}
    assert (await owner.get(f"{api}/{loaf.id}")).json() == for_all.json()
    milk = shop.products[1]
    other = await owner.put(f"{api}/{milk.id}/stores/{shop.second_store}", json={"target": "8", "reorder_point": "8"})
    assert other.status_code == 200
    named = {"sku": "SKU-001", "name": loaf.name}
    first = (await owner.get(f"{api}?limit=2")).json()
    assert first["items"] == [for_all.json() | named, put.json() | named]
    then = (await owner.get(f"{api}?limit=2&after={first['next']}")).json()
    assert ([one["product"] for one in then["items"]], then["next"]) == ([str(milk.id)], None)
    assert [one["store"] for one in (await owner.get(f"{api}?store={shop.store}")).json()["items"]] == [str(shop.store)]
    assert len((await owner.get(f"{api}?product={loaf.id}")).json()["items"]) == 2
    assert list((await owner.get(f"{api}?after=nonsense")).json()["errors"]) == ["after"]
    gone = await owner.put(at, json={"version": 1})
    assert (gone.json(), await kept(shop)) == (nothing, 2)
    async with shop.db.read(shop.scope) as read_:
        told = await read_.fetchval("SELECT count(*) FROM audit_event WHERE action = 'stock.rule_set'")
    assert told == 4


async def test_of_programs_that_put_the_first_rule_at_once_one_is_taken(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/rules/{shop.products[0].id}"
    puts = [owner.put(api, json={"target": str(target), "version": 0}) for target in range(5, 9)]
    assert sorted(one.status_code for one in await asyncio.gather(*puts)) == [200, 409, 409, 409]
    taken = await asyncio.gather(*(owner.put(api, json={"target": str(target)}) for target in range(15, 19)))
    assert [one.status_code for one in taken] == [200] * 4, "who never looked is taken at their word"
    assert (await kept(shop), (await owner.get(api)).json()["version"]) == (1, 5)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reorder_point": "-1"}, "reorder_point"),
        ({"reorder_point": 1.5}, "reorder_point"),
        ({"reorder_point": "1e3"}, "reorder_point"),
        ({"safety_stock": "0.0001"}, "safety_stock"),
        ({"target": "100000000000"}, "target"),
        ({"reorder_point": "6", "target": "5"}, "target"),
        ({"lead_days": 366}, "lead_days"),
        ({"lead_days": -1}, "lead_days"),
        ({"lead_days": "3"}, "lead_days"),
        ({"pack_quantity": "0"}, "pack_quantity"),
        ({"minimum_order": "0"}, "minimum_order"),
        ({"version": "1"}, "version"),
        ({"lead": 3}, "lead"),
    ],
)
async def test_a_wrong_rule_is_refused_at_the_field(site: Site, shop: Shop, body: dict[str, Any], field: str) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/rules/{shop.products[0].id}"
    refused = await owner.put(f"{api}/stores/{shop.store}", json=body)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert await kept(shop) == 0


async def test_the_point_of_all_stores_stands_on_the_product(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/rules/{shop.products[0].id}"
    refused = await owner.put(api, json={"reorder_point": "3"})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["reorder_point"])
    assert await kept(shop) == 0


async def test_suggestions_say_how_much_from_whom_and_when_it_runs_out(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    loaf, milk = shop.products[0], shop.products[1]
    await stocked(shop, "2")
    await stocked(shop, "4", 1)
    await paced(shop, 0, "42")
    mill = await a_supplier(shop, "Mill", lead_days=2)
    await sells(shop, mill, 0, cost=Decimal("99.5"), pack_quantity=Decimal(6))
    rule = {"reorder_point": "3", "safety_stock": "3", "lead_days": 2, "pack_quantity": "6", "minimum_order": "30"}
    assert (await owner.put(f"{api}/stock/rules/{loaf.id}/stores/{shop.store}", json=rule)).status_code == 200
    days = {today(shop)}
    answer = (await owner.get(f"{api}/stock/suggestions")).json()
    days.add(today(shop))
    assert answer["items"][0].pop("runs_out_on") in {(day + timedelta(days=1)).isoformat() for day in days}
    assert answer["items"][0] == {
        "product": str(loaf.id), "sku": "SKU-001", "name": loaf.name, "unit": "each", "store": str(shop.store),
        "store_name": "Altstadt", "on_hand": "2", "reserved": "0", "incoming": "0", "per_day": "1.5", "point": "3",
        "reach": "27", "order": "30", "packs": 5, "pack_quantity": "6", "raised_to_minimum": True,
        "expected": None, "expected_days": None, "safety": "3", "service_percent": None, "gone_percent": None,
        "gone_by": None,
        "why": "2 left, reorder at 3. Fills up to 27: what sells in the lead time and two weeks, and the safety stock. "
        "5 packs of 6. The supplier's minimum is 30.",
        "supplier": str(mill), "supplier_name": "Mill",
        "unit_cost": "99.500000", "cost": 2985, "in_budget": None,
    }  # fmt: skip
    second = answer["items"][1]
    assert (second["product"], second["order"], second["runs_out_on"], second["supplier"], second["packs"]) == (
        str(milk.id), "2", None, None, None,
    )  # fmt: skip
    assert (len(answer["items"]), answer["next"]) == (2, None)
    first = (await owner.get(f"{api}/stock/suggestions?limit=1")).json()
    await stocked(shop, "50")  # what stood on the first page is there again
    then = (await owner.get(f"{api}/stock/suggestions?limit=1&after={first['next']}")).json()
    assert ([one["product"] for one in then["items"]], then["next"]) == ([str(milk.id)], None)
    for narrowed, found in (
        (f"store={shop.store}", 1), (f"store={shop.second_store}", 0), (f"product={loaf.id}", 0), ("q=milk", 1),
        (f"supplier={mill}", 0),
    ):  # fmt: skip
        assert len((await owner.get(f"{api}/stock/suggestions?{narrowed}")).json()["items"]) == found, narrowed
    for wrong in ("nonsense", first["next"][:-3]):
        refused = await owner.get(f"{api}/stock/suggestions?after={wrong}")
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["after"])


async def test_costs_are_for_those_who_may_see_them(site: Site, shop: Shop) -> None:
    await stocked(shop, "2")
    looker = await site.holder(shop, VIEW_STOCK)
    (one,) = (await looker.get(f"/t/{shop.tenant.slug}/api/v1/stock/suggestions")).json()["items"]
    assert (one["unit_cost"], one["cost"], one["order"]) == (None, None, "4")


async def test_other_businesses_and_those_without_the_right_change_nothing(site: Site, shop: Shop) -> None:
    there = await open_shop(site.db)
    stranger, viewer = await site.member(there), await site.member(shop, "viewer")
    mover = await site.holder(shop, VIEW_STOCK, MOVE_STOCK)
    loaf, supplier = shop.products[0].id, await a_supplier(shop)
    ours, theirs = (f"/t/{one.tenant.slug}/api/v1/stock" for one in (shop, there))
    own = there.products[0].id
    for path in (
        f"rules/{loaf}", f"rules/{own}/stores/{shop.store}", f"rules/{loaf}/stores/{there.store}",
        f"rules?product={loaf}", f"rules?store={shop.store}", f"suggestions?product={loaf}",
        f"suggestions?store={shop.store}", f"suggestions?supplier={supplier}",
    ):  # fmt: skip
        assert (await stranger.get(f"{theirs}/{path}")).status_code == 404, path
        if "?" not in path:
            assert (await stranger.put(f"{theirs}/{path}", json={"target": "9"})).status_code == 404, path
    for path in (f"rules/{loaf}", f"rules/{loaf}/stores/{shop.store}"):
        assert (await viewer.put(f"{ours}/{path}", json={"target": "9"})).status_code == 403
        assert (await viewer.get(f"{ours}/{path}")).status_code == 200
    assert (await mover.put(f"{ours}/rules/{loaf}", json={"target": "9"})).status_code == 403, "of all stores"
    assert await kept(shop) == await kept(there) == 0
    assert (await mover.put(f"{ours}/rules/{loaf}/stores/{shop.store}", json={"target": "9"})).status_code == 200
    assert (await viewer.get(f"{ours}/rules/{new_id()}")).status_code == 404
