"""The list of revaluations: what stock became worth beyond its moves, for whoever may see costs."""

from __future__ import annotations

from playwright.async_api import Page

from retail.stock.costing.corrections import correct_cost
from retail.stock.costing.revaluations import revaluations
from tests.stock.test_costing import receive
from tests.support.office import office
from tests.support.stockroom import D
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]


async def test_revaluations_are_listed_found_and_go_out(shop: Shop, site: Site) -> None:
    for product in (0, 1):
        move = await receive(shop, "10", "50", product)
        await shop.db.run(shop.scope, correct_cost, move, D("52.5"), "the bill came")
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/revaluations"
    first, second = shop.products[0], shop.products[1]
    page = (await owner.get(at)).text
    assert page.count("the bill came") == 2
    assert page.index(second.name) < page.index(first.name), "the newest first"
    assert "Cost corrected" in page
    assert "€0.25" in page
    found = (await owner.get(at, params={"q": first.sku})).text
    assert (first.name in found, second.name in found) == (True, False)
    rows = (await owner.get(f"{at}/export", params={"q": first.sku, "format": "json"})).json()
    assert [(row["sku"], row["cause"], row["value"], row["reason"]) for row in rows] == [
        (first.sku, "corrected", "0.25", "the bill came")
    ]
    assert f"{at}?q={first.sku}" in (await owner.get(f"/t/{shop.tenant.slug}/stock/{first.id}")).text
    async with shop.db.read(shop.scope) as read:
        one = await revaluations(read, limit=1)
        rest = await revaluations(read, limit=1, after=one.next)
        of = await revaluations(read, product=first.id, store=shop.store, limit=5)
    assert [row.product for row in (*one.items, *rest.items)] == [second.id, first.id]
    assert [row.product for row in of.items] == [first.id]


async def test_when_and_what_of_a_move_lie_beside_each_other_on_a_phone(shop: Shop, office: Page) -> None:
    await receive(shop, "10", "50")
    await office.set_viewport_size({"width": 320, "height": 844})
    await office.goto(f"/t/{shop.tenant.slug}/stock/{shop.products[0].id}")
    cells = office.locator("tr", has_text="Correct the cost").locator("td")
    end = """one => {
      const it = document.createRange();
      it.selectNodeContents(one);
      return it.getBoundingClientRect().right;
    }"""
    when = await cells.nth(0).evaluate(end)
    what = await cells.nth(1).evaluate("one => one.getBoundingClientRect().left")
    assert when <= what


async def test_who_may_not_see_costs_sees_no_revaluations(shop: Shop, site: Site) -> None:
    move = await receive(shop, "10", "50")
    await shop.db.run(shop.scope, correct_cost, move, D(60), "the bill came")
    clerk, home = await site.member(shop, "clerk"), f"/t/{shop.tenant.slug}/stock"
    assert (await clerk.get(f"{home}/revaluations")).status_code == 403
    assert (await clerk.get(f"{home}/revaluations/export?format=json")).status_code == 403
    assert "Revaluations" not in (await clerk.get(f"{home}/{shop.products[0].id}")).text
