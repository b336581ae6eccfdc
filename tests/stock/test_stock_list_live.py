"""The list of stock follows live: rows, what is only low, and the figures above, with what is ticked and typed."""

from __future__ import annotations

from playwright.async_api import Page, Route, expect

from retail import stock
from retail.stock.jobs import fold_moves
from tests.support.office import office
from tests.support.shelves import stocked
from tests.support.stockroom import moved
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]

HEARD = "(name) => document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail: {}, bubbles: true }))"


async def sell(shop: Shop, quantity: str, product: int = 0) -> None:
    await shop.db.run(shop.scope, stock.move, [moved(shop, f"-{quantity}", product)])
    await shop.db.run(shop.scope, fold_moves, ())


async def begin(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = NULL WHERE tenant_id = $1", tx.tenant)
        await tx.execute("UPDATE product SET reorder_point = 5 WHERE id = $1", shop.products[0].id)
    for product in (0, 1):
        await stocked(shop, "9", product)


async def test_a_sale_changes_its_row_and_the_figures_and_nothing_that_somebody_did(
    shop: Shop, site: Site, office: Page
) -> None:
    await begin(shop)
    await office.set_viewport_size({"width": 1280, "height": 600})
    await office.goto(f"/t/{shop.tenant.slug}/stock?store={shop.store}")
    row = office.locator(f"#level-{shop.store}-{shop.products[0].id}")
    other = office.locator(f"#level-{shop.store}-{shop.products[1].id}")
    await expect(row).to_contain_text("9")
    await expect(office.locator("#stock-low")).to_have_text("0")
    await other.get_by_role("checkbox").check()
    await office.get_by_role("button", name="Reorder point").click()
    point = office.get_by_label("Reorder at")
    await point.fill("7")
    await office.evaluate("scrollTo(0, 120)")
    top = await office.evaluate("scrollY")
    await sell(shop, "4")
    await office.evaluate(HEARD, "stock.changed")
    await expect(row.locator("[data-fresh]")).to_have_text("5")
    await expect(row.get_by_text("Low", exact=True)).to_be_visible()
    await expect(office.locator("#stock-low")).to_have_text("1")
    await expect(other.get_by_role("checkbox")).to_be_checked()
    await expect(point).to_have_value("7")
    await expect(point).to_be_focused()
    assert await office.evaluate("scrollY") == top
    assert await office.locator("[data-bulk-count]").inner_text() == "1"


async def test_what_was_asked_for_with_other_filters_is_not_shown_once_they_are_changed(
    shop: Shop, site: Site, office: Page
) -> None:
    await begin(shop)
    await office.goto(f"/t/{shop.tenant.slug}/stock?store={shop.store}")
    held: list[Route] = []

    async def late(route: Route) -> None:
        if "low=1" in route.request.url:
            await route.continue_()
        else:
            held.append(route)

    await office.route("**/stock?*", late)
    await office.evaluate(HEARD, "stock.changed")
    await office.get_by_label("Only low").check()
    rows = office.locator("#stock tbody tr")
    await expect(rows).to_have_count(0)
    for route in held:
        await route.continue_()
    await office.wait_for_timeout(1500)
    assert held
    await expect(rows).to_have_count(0)


async def test_what_crosses_its_point_comes_into_the_list_of_what_is_low_as_it_is_asked_for(
    shop: Shop, site: Site, office: Page
) -> None:
    await begin(shop)
    await office.goto(f"/t/{shop.tenant.slug}/stock?store={shop.store}")
    await office.get_by_label("Only low").check()
    row = office.locator(f"#level-{shop.store}-{shop.products[0].id}")
    await expect(row).to_have_count(0)
    await sell(shop, "6")
    await office.evaluate(HEARD, "stock.changed")
    await expect(row.locator("[data-fresh]")).to_have_text("3")
    await expect(office.locator("#stock tbody tr")).to_have_count(1)
    await stocked(shop, "9")
    await office.evaluate(HEARD, "stock.changed")
    await expect(row).to_have_count(0)
