"""The JSON API of price lists: made, read, changed by version, archived, and their lines page by page."""

from __future__ import annotations

from typing import Any

import pytest

from retail.catalog.prices.reading import price_lists
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.world import Shop, open_shop


def happy_hour(shop: Shop, **facts: Any) -> dict[str, Any]:
    return {
        "name": "Happy hour", "includes_tax": True, "stores": [str(shop.store)], "group": "Staff", "priority": 5,
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "weekdays": [4, 5], "from_minute": 1020,
        "to_minute": 1140,
    } | facts  # fmt: skip


PLAIN = {
    "includes_tax": None, "stores": None, "group": None, "priority": 0, "starts_on": None, "ends_on": None,
    "weekdays": [0, 1, 2, 3, 4, 5, 6], "from_minute": None, "to_minute": None,
}  # fmt: skip


async def test_a_program_makes_reads_changes_and_archives_a_list(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/price-lists"
    key = {"Idempotency-Key": "k1"}
    made = await owner.post(api, json=happy_hour(shop), headers=key)
    assert made.status_code == 201, made.text
    assert (await owner.post(api, json=happy_hour(shop), headers=key)).json() == made.json()
    one = made.json()
    told = happy_hour(shop) | {"currency": "EUR", "products": 0, "active": True}
    assert {name: one[name] for name in told} == told
    at = f"{api}/{one['id']}"
    read = await owner.get(at)
    assert (read.json(), read.headers["etag"]) == (one, f'"{one["version"]}"')
    changed = await owner.patch(at, json={"name": "All day", "version": one["version"]} | dict.fromkeys(PLAIN))
    assert changed.status_code == 200, changed.text
    emptied = PLAIN | {"priority": 5, "weekdays": [4, 5]}
    assert {name: changed.json()[name] for name in emptied} == emptied, "null empties what can be empty"
    late = await owner.patch(at, json={"priority": 1, "version": one["version"]})
    now = changed.json()["version"]
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "version_changed", now)
    assert (await owner.delete(at)).status_code == 204
    assert (await owner.delete(at)).status_code == 204, "once more does nothing"
    assert (await owner.patch(at, json={"priority": 1})).status_code == 404
    assert (await owner.get(at)).json()["active"] is False
    assert (await owner.get(api)).json()["items"] == []
    assert [each["id"] for each in (await owner.get(f"{api}?archived=true")).json()["items"]] == [one["id"]]
    async with shop.db.read(shop.scope) as read_:
        rows = await read_.fetch("SELECT action, count(*) FROM audit_event WHERE action LIKE 'price_list%' GROUP BY 1")
    assert {row[0]: row[1] for row in rows} == {"price_list.put": 2, "price_list.archived": 1}


async def test_what_is_left_out_narrows_nothing_and_tills_get_the_price(site: Site, shop: Shop) -> None:
    owner, api, loaf = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1", shop.products[0]
    one = (await owner.post(f"{api}/price-lists", json={"name": "Plain"})).json()
    assert {name: one[name] for name in PLAIN} == PLAIN
    prices = {"prices": [{"product": str(loaf.id), "price": 399}]}
    assert (await owner.put(f"{api}/price-lists/{one['id']}/prices", json=prices)).json() == {"changed": 1}
    told = (await owner.get(f"{api}/products/{loaf.id}/prices")).json()["stores"]
    assert {each["price"] for each in told.values()} == {399}
    await owner.patch(f"{api}/price-lists/{one['id']}", json={"stores": [str(shop.second_store)]})
    told = (await owner.get(f"{api}/products/{loaf.id}/prices")).json()["stores"]
    assert (told[str(shop.store)]["price"], told[str(shop.second_store)]["price"]) == (420, 399)
    await owner.delete(f"{api}/price-lists/{one['id']}")
    told = (await owner.get(f"{api}/products/{loaf.id}/prices")).json()["stores"]
    assert {each["price"] for each in told.values()} == {420}


async def test_lists_and_their_lines_go_on_page_by_page(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/price-lists"
    for name, priority in (("C", 1), ("A", 2), ("B", 1)):
        assert (await owner.post(api, json={"name": name, "priority": priority})).status_code == 201
    first = (await owner.get(f"{api}?limit=2")).json()
    then = (await owner.get(f"{api}?limit=2&after={first['next']}")).json()
    assert [one["name"] for one in (*first["items"], *then["items"])] == ["A", "B", "C"]
    assert then["next"] is None
    at, milk, loaf = f"{api}/{first['items'][0]['id']}/prices", shop.products[1], shop.products[0]
    wanted = [(milk, 100, "10"), (milk, 120, "0"), (loaf, 400, "2.5")]
    body = {"prices": [{"product": str(p.id), "price": price, "min_quantity": least} for p, price, least in wanted]}
    assert (await owner.put(at, json=body)).json() == {"changed": 3}
    first = (await owner.get(f"{at}?limit=2")).json()
    then = (await owner.get(f"{at}?limit=2&after={first['next']}")).json()
    assert first["items"] == [
        {
            "product": str(loaf.id), "sku": "SKU-001", "name": loaf.name, "own_price": 420, "min_quantity": "2.5",
            "price": 400,
        },
        {
            "product": str(milk.id), "sku": "SKU-002", "name": milk.name, "own_price": 135, "min_quantity": "0",
            "price": 120,
        },
    ]  # fmt: skip
    assert ([(one["min_quantity"], one["price"]) for one in then["items"]], then["next"]) == ([("10", 100)], None)
    assert [one["price"] for one in (await owner.get(f"{at}?q=LOAF")).json()["items"]] == [400]
    for address in (api, at):
        assert list((await owner.get(f"{address}?after=nonsense")).json()["errors"]) == ["after"]
    assert (await owner.get(f"{api}/{new_id()}/prices")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "There"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"currency": "eur"}, "currency"),
        ({"currency": "CHF"}, "currency"),
        ({"includes_tax": "yes"}, "includes_tax"),
        ({"stores": []}, "stores"),
        ({"stores": [str(new_id())]}, "stores"),
        ({"group": "x" * 41}, "group"),
        ({"priority": 1000}, "priority"),
        ({"priority": "5"}, "priority"),
        ({"priority": -1}, "priority"),
        ({"ends_on": "2025-12-31"}, "ends_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays.0"),
        ({"from_minute": None}, "from_minute"),
        ({"to_minute": None}, "to_minute"),
        ({"to_minute": 1020}, "to_minute"),
        ({"from_minute": 1440}, "from_minute"),
        ({"to_minute": 1441}, "to_minute"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_a_wrong_list_is_refused_at_the_field_new_and_changed(
    site: Site, shop: Shop, change: dict[str, Any], field: str
) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/price-lists"
    await owner.post(api, json={"name": "There"})
    one = (await owner.post(api, json=happy_hour(shop))).json()
    for refused in (
        await owner.post(api, json=happy_hour(shop, name="New") | change),
        await owner.patch(f"{api}/{one['id']}", json=change),
    ):
        assert refused.status_code == 422, refused.text
        assert list(refused.json()["errors"]) == [field]
    assert (await owner.get(f"{api}/{one['id']}")).json() == one
    async with shop.db.read(shop.scope) as read:
        assert len(await price_lists(read)) == 2


async def test_an_id_that_is_there_is_not_overwritten_even_archived(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/price-lists"
    one = (await owner.post(api, json={"name": "A", "id": str(new_id())})).json()
    for _time in range(2):
        again = await owner.post(api, json={"name": "B", "id": one["id"]})
        assert (again.status_code, list(again.json()["errors"])) == (422, ["id"])
        await owner.delete(f"{api}/{one['id']}")
    assert (await owner.get(f"{api}/{one['id']}")).json()["name"] == "A"


async def test_other_businesses_and_mere_viewers_change_nothing(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/price-lists"
    one = (await owner.post(base, json=happy_hour(shop))).json()
    there = await open_shop(site.db)
    stranger, viewer = await site.member(there), await site.member(shop, "viewer")
    for caller, of, expected in ((stranger, there, 404), (viewer, shop, 403)):
        at = f"/t/{of.tenant.slug}/api/v1/price-lists/{one['id']}"
        assert (await caller.patch(at, json={"name": "x"})).status_code == expected
        assert (await caller.delete(at)).status_code == expected
    at = f"/t/{there.tenant.slug}/api/v1/price-lists"
    assert (await stranger.get(f"{at}/{one['id']}")).status_code == 404
    assert (await stranger.get(f"{at}/{one['id']}/prices")).status_code == 404
    foreign = await stranger.post(at, json={"name": "x", "stores": [str(shop.store)]})
    assert (foreign.status_code, list(foreign.json()["errors"])) == (422, ["stores"])
    assert (await viewer.post(base, json={"name": "x"})).status_code == 403
    assert (await viewer.get(f"{base}/{one['id']}")).json() == one
