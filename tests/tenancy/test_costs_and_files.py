"""What goods cost is seen by who may see costs, and files are taken out by who may: every role at every such route."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from retail.analytics.channels import CHANNELS
from retail.analytics.jobs import PROJECTIONS
from retail.app import create_app
from retail.audit import EXPORT
from retail.identity.grants import NewGrant, give_grant
from retail.identity.permissions import (
    EDIT_CATALOGUE,
    MOVE_STOCK,
    TEMPLATES,
    VIEW_AUDIT,
    VIEW_BOOKS,
    VIEW_CATALOGUE,
    VIEW_COSTS,
    VIEW_DASHBOARD,
    VIEW_SALES,
    VIEW_STOCK,
)
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.realtime.guests import hearing
from retail.runtime.relay import Relay
from retail.runtime.tenancy import Scope
from retail.runtime.web.routing import GuardedRoute
from retail.settings import Settings
from tests.support.crawl import addresses
from tests.support.selling import open_counter
from tests.support.web import Site, enrol, role_with
from tests.support.world import Shop

SEES = (VIEW_CATALOGUE, VIEW_STOCK, VIEW_SALES, VIEW_BOOKS, VIEW_AUDIT, VIEW_DASHBOARD)
COST = Decimal("7777.77")
SHOWN = re.compile(r"77\.78|7777\.77|Gross margin|Value at cost|Unit cost|>Cost<")
NULLS = {"unit_cost", "value", "cost", "margin", "gross_margin"}
PAGES = ["/products", "/products/{product}/edit", "/stock", "/stock/{product}", "/stock/moves", "/", "/today/regions"]
JSON = [
    "/products", "/products/{product}", "/stock", "/stock?store={store}&product={product}", "/stock/moves",
    "/analytics/kpis?from=2026-01-01", "/analytics/sales?group=product&from=2026-01-01",
]  # fmt: skip
FILES = [
    "/products/export", "/sales/export", "/stock/export", "/audit/export", "/api/v1/audit/export",
    "/api/v1/exports/journal?format=csv",
]  # fmt: skip
COLUMNS = {
    "/products/export": {"unit_cost", "average_cost"},
    "/stock/export": {"unit_cost"},
    "/sales/export": set[str](),
}


class Floor:
    """A shop that has bought and sold one product whose cost is unmistakable."""

    def __init__(self, site: Site, shop: Shop) -> None:
        self.site, self.shop = site, shop
        self.product = shop.products[0].id

    def path(self, path: str) -> str:
        return f"/t/{self.shop.tenant.slug}" + path.format(product=self.product, store=self.shop.store)

    async def who(self, *permissions: str) -> httpx.AsyncClient:
        return await self.site.holder(self.shop, *permissions)


async def nobody_listens(*_what: object) -> None:
    """Take what was relayed."""


@pytest.fixture
async def floor(site: Site, shop: Shop) -> Floor:
    made = Floor(site, shop)
    owner = await site.member(shop)
    api = made.path("/api/v1")
    change = {"unit_cost": str(COST)}
    assert (await owner.patch(f"{api}/products/{made.product}", json=change)).status_code == 200
    move = {
        "store": str(shop.store),
        "product": str(made.product),
        "kind": "receipt",
        "quantity": "5",
        "unit_cost": str(COST),
    }
    assert (await owner.post(f"{api}/stock/moves", json=move)).status_code == 201
    counter = await open_counter(shop)
    await counter.sell(shop.products[0])
    relay = Relay(shop.db, Switchboard([]), {event: (done,) for event, done in PROJECTIONS.items()}, nobody_listens)
    while await relay.relay(shop.tenant.id):
        pass
    return made


def costs_in(found: Any) -> list[Any]:
    """Give every value that tells a cost, wherever it stands."""
    if isinstance(found, dict):
        own = [value for name, value in found.items() if name in NULLS and value is not None]
        return own + [one for value in found.values() for one in costs_in(value)]
    return [one for value in found for one in costs_in(value)] if isinstance(found, list) else []


async def test_pages_show_costs_to_who_may_see_them_alone(floor: Floor) -> None:
    with_, without = await floor.who(*SEES, EDIT_CATALOGUE, VIEW_COSTS), await floor.who(*SEES, EDIT_CATALOGUE)
    told = set()
    for page in PAGES:
        allowed, cut = await with_.get(floor.path(page)), await without.get(floor.path(page))
        assert (allowed.status_code, cut.status_code) == (200, 200), page
        assert SHOWN.findall(cut.text) == [], page
        if SHOWN.search(allowed.text):
            told.add(page)
    assert told == set(PAGES), "each of these shows one to who may see it"


async def test_the_api_tells_costs_to_who_may_see_them_alone(floor: Floor) -> None:
    with_, without = await floor.who(*SEES, VIEW_COSTS), await floor.who(*SEES)
    for path in JSON:
        allowed, cut = [await who.get(floor.path(f"/api/v1{path}")) for who in (with_, without)]
        assert (allowed.status_code, cut.status_code) == (200, 200), path
        assert costs_in(allowed.json()), path
        assert costs_in(cut.json()) == [], path
        assert cut.json().keys() == allowed.json().keys()


async def test_who_may_not_see_a_cost_sets_none_and_leaves_the_one_there_is(floor: Floor) -> None:
    keeper = await floor.who(*SEES, EDIT_CATALOGUE, MOVE_STOCK)
    api = floor.path(f"/api/v1/products/{floor.product}")
    refused = await keeper.patch(api, json={"unit_cost": "1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    answer = await keeper.patch(api, json={"name": "Loaf of rye", "unit_cost": None})
    assert (answer.status_code, answer.json()["unit_cost"]) == (200, None)
    page = (await keeper.get(floor.path(f"/products/{floor.product}/edit"))).text
    form = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    typed = form | {"name": "Rye", "tax_class": str(floor.shop.reduced), "unit": "each", "unit_cost": "0.01"}
    saved = await keeper.post(floor.path(f"/products/{floor.product}"), data=typed)
    assert saved.status_code == 303, saved.text
    async with floor.site.db.read(floor.shop.scope) as read:
        row = await read.fetchrow("SELECT name, unit_cost FROM product WHERE id = $1", floor.product)
    assert row is not None
    assert (row["name"], row["unit_cost"]) == ("Rye", COST)
    delivery = {"store": str(floor.shop.store), "product": str(floor.product), "kind": "receipt", "quantity": "1"}
    made = await keeper.post(floor.path("/api/v1/stock/moves"), json=delivery | {"unit_cost": "95"})
    assert made.status_code == 201
    assert costs_in(made.json()) == []


async def test_files_are_taken_out_with_the_right_alone_and_without_costs_where_those_are_not_seen(
    floor: Floor,
) -> None:
    looks, takes, both = (
        await floor.who(*SEES),
        await floor.who(*SEES, EXPORT),
        await floor.who(*SEES, EXPORT, VIEW_COSTS),
    )
    only = await floor.who(EXPORT)
    for path in FILES:
        for who in (looks, only):
            assert (await who.get(floor.path(path))).status_code == 403, path
        answers = {name: await who.get(floor.path(path)) for name, who in (("cut", takes), ("whole", both))}
        assert {one.status_code for one in answers.values()} == {200}, path
        if path in COLUMNS:
            cut, whole = (set(next(csv.reader(io.StringIO(one.text.lstrip("\ufeff"))))) for one in answers.values())
            assert whole - cut == COLUMNS[path], path
            assert "77.7777" not in answers["cut"].text
    for page in ("/products", "/sales", "/stock", "/ledger", "/audit", "/audit/proof"):
        links = re.compile(r'href="[^"]*/export')
        assert not links.search((await looks.get(floor.path(page))).text), page
        assert links.search((await takes.get(floor.path(page))).text), page


@pytest.mark.parametrize("role", TEMPLATES)
async def test_the_first_roles_see_and_take_what_the_table_says(floor: Floor, role: str) -> None:
    who, rights = await floor.site.member(floor.shop, role), TEMPLATES[role]
    shown = await who.get(floor.path("/api/v1/products"))
    assert bool(costs_in(shown.json())) is (VIEW_COSTS in rights)
    for path, needs in zip(
        FILES, (VIEW_CATALOGUE, VIEW_SALES, VIEW_STOCK, VIEW_AUDIT, VIEW_AUDIT, VIEW_BOOKS), strict=True
    ):
        status = (await who.get(floor.path(path))).status_code
        assert status == (200 if {needs, EXPORT} <= set(rights) else 403), path


async def test_both_rights_in_different_stores_show_neither_store(site: Site, floor: Floor) -> None:
    shop = floor.shop
    sees = await role_with(site.db, shop.tenant.id, VIEW_SALES, VIEW_STOCK)
    takes = await role_with(site.db, shop.tenant.id, EXPORT, VIEW_COSTS)
    person, _, secret = await enrol(site.db, shop.tenant.id, await role_with(site.db, shop.tenant.id))
    async with site.db.begin(Scope.system(shop.tenant.id)) as tx:
        member = await tx.fetchval("UPDATE membership SET everywhere = false WHERE person_id = $1 RETURNING id", person)
        await give_grant(tx, member, NewGrant(sees, shop.store))
        await give_grant(tx, member, NewGrant(takes, shop.second_store))
    browser = site.visitor(secret)
    levels = await browser.get(floor.path("/api/v1/stock"))
    assert levels.json()["items"]
    assert costs_in(levels.json()) == []
    file = await browser.get(floor.path("/stock/export"))
    assert len(file.text.strip().splitlines()) == 1, "the heading, and no row of a store in which one right is lacking"


def test_margins_are_live_for_who_may_see_costs() -> None:
    tenant = UUID(int=1)
    board, topics = Switchboard(CHANNELS), ["today:all", "margin:all", f"margin:{UUID(int=2)}"]
    looks = Scope(tenant, Scope.system(tenant).actor, frozenset({VIEW_DASHBOARD}))
    sees = Scope(tenant, looks.actor, frozenset({VIEW_DASHBOARD, VIEW_COSTS}))
    assert list(hearing(board, looks, topics)) == ["today:all"]
    assert list(hearing(board, sees, topics)) == topics
    of_today = {region.partial.template for region in board.regions("today:all")}
    assert "analytics/today/_margin.html" not in of_today


def test_every_file_of_lists_asks_for_the_right_to_export() -> None:
    app = create_app(Settings(environment="test"))
    files = [one.path for one in addresses(app.routes) if re.search(r"export(\.csv)?$|/exports/journal$", one.path)]
    routes = [
        route for mount in app.routes for route in getattr(mount, "routes", []) if isinstance(route, GuardedRoute)
    ]
    asking = {f"/t/{{slug}}{route.path}" for route in routes if EXPORT in route.also.split()}
    of_businesses = {path for path in files if path.startswith("/t/") and "/api/" not in path}
    assert of_businesses == asking, "the operator's lists have the operator's own right"
