"""What a product costs the business is one figure: on the list, its page, in files, and for margins."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from retail import stock
from retail.automation.cells import Ways
from retail.automation.exports.lists import LISTS
from retail.automation.exports.making import Order, write_list
from retail.catalog.costs import cost_of, costs
from retail.catalog.operations import Draft, put_products
from retail.catalog.prices.reckoning import Rule
from retail.catalog.prices.surveying import Choice, Line, Plan, survey
from retail.catalog.products.traits import Part, Traits
from retail.kit.ids import new_id
from retail.stock import Arrival, Document, Move
from retail.tenants.settings_changes import change
from tests.support.web import Site
from tests.support.world import Shop

D = Decimal
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


async def bring(shop: Shop, place: int, quantity: str, cost: str, *, second: bool = False) -> None:
    """Receive some of a product at a cost in minor units."""
    document = Document(new_id(), shop.second_store if second else shop.store, "", AT)
    await shop.db.run(shop.scope, stock.receive, document, [Arrival(shop.products[place].id, D(quantity), D(cost))])


async def take(shop: Shop, place: int, quantity: str, *, second: bool = False) -> None:
    """Sell some of a product."""
    store = shop.second_store if second else shop.store
    async with shop.db.begin(shop.scope) as tx:
        one = Move(new_id(), store, shop.products[place].id, "sale", -D(quantity), D(1), "", None, tx.now)
        await stock.move(tx, [one])
        await stock.fold(tx)


async def cost(shop: Shop, place: int) -> Decimal:
    async with shop.db.read(shop.scope) as read:
        return await cost_of(read, shop.products[place].id)


async def in_file(shop: Shop, name: str, path: Path) -> dict[str, dict[str, str]]:
    async with shop.db.read(shop.scope) as read:
        ways = Ways(shop.tenant.money, "UTC")
        await write_list(read, Order(LISTS[name], "csv", ways, None, costs=True), path)
    content = await asyncio.to_thread(path.read_text)
    return {row["sku"]: row for row in csv.DictReader(io.StringIO(content))}


async def surveyed(shop: Shop, rule: Rule) -> dict[str, Line]:
    async with shop.db.read(shop.scope) as read:
        return {line.sku: line for line in (await survey(read, Plan(rule, Choice()))).lines}


async def test_stores_count_by_what_lies_there_and_else_by_what_was_known_last(shop: Shop) -> None:
    assert await cost(shop, 0) == D(168), "typed, for nothing ever came"
    await bring(shop, 0, "10", "400")
    await bring(shop, 0, "4", "300", second=True)
    assert await cost(shop, 0) == D("371.428571")
    await take(shop, 0, "10")
    assert await cost(shop, 0) == D(300), "a store without any has no say"
    await take(shop, 0, "5", second=True)
    assert await cost(shop, 0) == D(300), "what was known last"
    await take(shop, 0, "1")
    assert await cost(shop, 0) == D(400), "of the store that moved last"


async def test_every_page_and_file_says_the_same_cost(shop: Shop, site: Site, tmp_path: Path) -> None:
    await bring(shop, 0, "10", "400")
    await bring(shop, 0, "4", "300", second=True)
    base, id = f"/t/{shop.tenant.slug}/products", shop.products[0].id
    owner = await site.member(shop)
    assert re.search(r'data-label="Cost">€3\.71<', (await owner.get(base, params={"q": "SKU-001"})).text)
    assert re.search(r"<dt>Unit cost</dt><dd[^>]*>€3\.71<", (await owner.get(f"{base}/{id}")).text)
    for name in ("products", "prices"):
        row = (await in_file(shop, name, tmp_path / name))["SKU-001"]
        assert (row["unit_cost"], row["average_cost"]) == ("1.68", "3.71428571"), name
    line = (await surveyed(shop, Rule("exact", 1070)))["SKU-001"]
    assert line.margin_after == 6286, "10.00 without tax, of which 3.71428571 were paid"
    line = (await surveyed(shop, Rule("margin", 5000)))["SKU-001"]
    assert line.after.price_minor == 795, "3.71428571 * 2 * 1.07, up to the next cent"


async def test_who_may_not_see_costs_sees_none(shop: Shop, site: Site) -> None:
    await bring(shop, 0, "10", "400")
    clerk = await site.member(shop, "clerk")
    base = f"/t/{shop.tenant.slug}/products"
    for path in (base, f"{base}/{shop.products[0].id}"):
        assert "€4.00" not in (await clerk.get(path)).text


async def test_a_cost_nobody_typed_is_the_stores(shop: Shop, tmp_path: Path) -> None:
    ware = Draft(new_id(), "REVB", "Untyped", shop.standard, 1200)
    await shop.db.run(shop.scope, put_products, [ware])
    document = Document(new_id(), shop.store, "", AT)
    assert (await in_file(shop, "products", tmp_path / "a"))["REVB"]["average_cost"] == ""
    await shop.db.run(shop.scope, stock.receive, document, [Arrival(ware.id, D(3), D("250"))])
    row = (await in_file(shop, "products", tmp_path / "b"))["REVB"]
    assert (row["unit_cost"], row["average_cost"]) == ("0", "2.5")


def kit(shop: Shop, sku: str, parts: dict[UUID, int], typed: str = "0") -> Draft:
    traits = Traits("kit", tuple(Part(part, D(many)) for part, many in parts.items()))
    return Draft(new_id(), sku, sku, shop.standard, 3000, unit_cost=D(typed), traits=traits)


async def test_a_kit_costs_what_its_parts_do_however_deep(shop: Shop, site: Site, tmp_path: Path) -> None:
    await bring(shop, 0, "10", "400")
    await bring(shop, 0, "4", "300", second=True)
    unknown = Draft(new_id(), "UNKNOWN", "Unknown", shop.standard, 100)
    pack = kit(shop, "PACK", {shop.products[0].id: 2, shop.products[3].id: 1}, typed="1")
    crate = kit(shop, "CRATE", {pack.id: 3, shop.products[3].id: 1})
    odd = kit(shop, "ODD", {unknown.id: 1, shop.products[0].id: 1}, typed="77")
    await shop.db.run(shop.scope, put_products, [unknown, pack])
    await shop.db.run(shop.scope, put_products, [crate, odd])
    async with shop.db.read(shop.scope) as read:
        known = await costs(read, [pack.id, crate.id, odd.id])
    assert known == {pack.id: D("784.857142"), crate.id: D("2396.571426"), odd.id: D(77)}
    row = (await in_file(shop, "products", tmp_path / "kits"))["CRATE"]
    assert (row["unit_cost"], row["average_cost"]) == ("0", "23.96571426")
    assert (await surveyed(shop, Rule("exact", 11900)))["CRATE"].margin_after == 7603
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    assert re.search(r'data-label="Cost">€7\.85<', (await owner.get(f"{base}/products", params={"q": "PACK"})).text)
    assert re.search(r"<dt>Unit cost</dt><dd[^>]*>€23\.97<", (await owner.get(f"{base}/products/{crate.id}")).text)
    shown = (await owner.get(f"{base}/stock", params={"q": "PACK"})).text
    assert re.findall(r'data-label="Unit cost">€([0-9.]+)<', shown) == ["8.42", "6.42"], "by what each store paid"


async def test_the_page_of_a_late_cost_says_what_is_revalued_by_each_method(shop: Shop, site: Site) -> None:
    await bring(shop, 0, "10", "200")
    async with shop.db.read(shop.scope) as read:
        move = await read.fetchval("SELECT id FROM stock_move WHERE tenant_id = $1", read.tenant)
    owner, path = await site.member(shop), f"/t/{shop.tenant.slug}/stock/moves/{move}/cost"
    assert "all that is on hand counts as part of this receipt, up to the quantity received" in (
        await owner.get(path)
    ).text  # fmt: skip
    await shop.db.run(shop.scope, change, {"costing": "fifo"})
    assert "What is left of this receipt is revalued today" in (await owner.get(path)).text
