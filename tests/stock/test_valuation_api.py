"""The JSON API of the stock's value: of any moment that is over, by store and product by product."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

import pytest

from retail import stock
from retail.identity.permissions import VIEW_COSTS, VIEW_STOCK
from retail.kit.ids import new_id
from retail.stock import Arrival
from retail.stock.rules import Document
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

NOW = datetime.now(UTC).replace(microsecond=0)


async def took(  # noqa: PLR0917 - an arrival has these facts
    shop: Shop, hours: float, quantity: str, cost: str, place: int = 0, store: UUID | None = None
) -> None:
    document = Document(new_id(), store or shop.store, "delivery", NOW - timedelta(hours=hours))
    arrival = Arrival(shop.products[place].id, Decimal(quantity), Decimal(cost))
    await shop.db.run(shop.scope, stock.receive, document, [arrival])
    await shop.db.run(shop.scope, stock.fold)


def moment(hours: float) -> str:
    return quote((NOW - timedelta(hours=hours)).isoformat())


async def test_the_value_of_a_moment_by_store_beside_the_books(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/valuation"
    await took(shop, 72, "4", "100")
    await took(shop, 24, "4", "200")
    await took(shop, 24, "3", "50", 1, shop.second_store)
    rest = {"below_zero": 0, "rounding": 0, "moved": 0, "unexplained": 0}
    altstadt = {"store": str(shop.store), "store_name": "Altstadt"} | rest
    hafen = {"store": str(shop.second_store), "store_name": "Hafen"} | rest
    then = (await owner.get(f"{api}?at={moment(48)}")).json()
    assert then == {
        "at": then["at"], "value": 400, "on_the_way": 0, "unsettled": 0, "next": None,
        "items": [
            altstadt | {"products": 1, "value": 400, "books": 400}, hafen | {"products": 0, "value": 0, "books": 0}
        ],
    }  # fmt: skip
    assert datetime.fromisoformat(then["at"]) == NOW - timedelta(hours=48)
    assert (await owner.get(f"{api}?at={moment(80)}")).json()["value"] == 0
    now = (await owner.get(api)).json()
    assert (now["value"], [one["value"] for one in now["items"]]) == (1350, [1200, 150])
    one = (await owner.get(f"{api}?store={shop.second_store}")).json()
    assert (one["value"], one["items"]) == (150, [hafen | {"products": 1, "value": 150, "books": 150}])
    assert (await owner.get(f"{api}?at={(NOW - timedelta(hours=48)).strftime('%Y-%m-%dT%H:%M:%SZ')}")).json() == then


async def test_products_go_on_page_by_page_at_the_moment_that_they_began_with(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/valuation/products"
    await took(shop, 72, "4", "100")
    await took(shop, 72, "2.5", "95", 5)
    await took(shop, 72, "2", "50", 1, shop.second_store)
    await took(shop, 24, "2", "50", 1)
    first = (await owner.get(f"{api}?at={moment(48)}&limit=2")).json()
    loaf, bananas = shop.products[0], shop.products[5]
    assert first["items"] == [
        {
            "product": str(loaf.id), "sku": loaf.sku, "name": loaf.name, "unit": "each", "store": str(shop.store),
            "store_name": "Altstadt", "on_hand": "4", "unit_cost": "100.000000", "value": 400,
        },
        {
            "product": str(bananas.id), "sku": bananas.sku, "name": bananas.name, "unit": "kg",
            "store": str(shop.store), "store_name": "Altstadt", "on_hand": "2.5", "unit_cost": "95.000000",
            "value": 238,
        },
    ]  # fmt: skip
    for more in (f"{api}?limit=2", f"{api}?limit=2&at={moment(48)}"):
        then = (await owner.get(f"{more}&after={first['next']}")).json()
        assert (then["at"], then["next"]) == (first["at"], None)
        assert [(one["store_name"], one["value"]) for one in then["items"]] == [("Hafen", 100)]
    assert [one["value"] for one in (await owner.get(api)).json()["items"]] == [400, 238, 100, 100]
    assert len((await owner.get(f"{api}?store={shop.second_store}")).json()["items"]) == 1
    for wrong in (f"after={first['next']}&at={moment(47)}", "after=nonsense", f"after={first['next'][:-4]}"):
        refused = await owner.get(f"{api}?limit=2&{wrong}")
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["after"]), wrong


@pytest.mark.parametrize(
    "at",
    [
        "soon", "2026-01-31T18:00:00", "2026-01-31", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00",
        "1899-12-31T23:59:59Z",
    ],
)  # fmt: skip
async def test_a_moment_that_is_none_or_to_come_is_refused(site: Site, shop: Shop, at: str) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/valuation"
    for address in (api, f"{api}/products"):
        refused = await owner.get(f"{address}?at={at}")
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["at"])


async def test_it_takes_both_rights_and_stays_with_its_business(site: Site, shop: Shop) -> None:
    await took(shop, 72, "4", "100")
    there = await open_shop(site.db)
    stranger = await site.member(there)
    both = await site.holder(shop, VIEW_STOCK, VIEW_COSTS)
    for end in ("", "/products"):
        ours, theirs = (f"/t/{one.tenant.slug}/api/v1/stock/valuation{end}" for one in (shop, there))
        assert (await both.get(ours)).status_code == 200
        for right in (VIEW_STOCK, VIEW_COSTS):
            assert (await (await site.holder(shop, right)).get(ours)).status_code == 403
        assert (await stranger.get(ours)).status_code == 404
        assert (await stranger.get(f"{theirs}?store={shop.store}")).status_code == 404
        assert {one["value"] for one in (await stranger.get(theirs)).json()["items"]} <= {0}
