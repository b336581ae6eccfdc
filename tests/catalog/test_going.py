"""The box behind Ctrl+K knows the pages behind the navigation's, and keeps an Enter until the answer is there."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, Route, expect

from retail.analytics.going import ALSO, lines
from retail.identity.permissions import VIEW_CATALOGUE, VIEW_COSTS, VIEW_STOCK
from retail.routes import TENANT
from retail.runtime.web.routing import GuardedRoute
from tests.support.web import Site
from tests.support.world import Shop, open_shop


def hrefs(text: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)"', text)


def test_every_page_is_there_and_asks_for_just_what_its_route_asks_for() -> None:
    doors = {one.path: one for one in TENANT if isinstance(one, GuardedRoute) and "GET" in (one.methods or ())}
    listed = [line for _inside, line in lines()]
    for href, label, _icon, permission in listed:
        assert (href, permission) == (href, doors[href].permission), label
        assert doors[href].also == ALSO.get(href, ""), label
    assert len({href for href, *_rest in listed}) == len(listed)


async def test_everybody_gets_the_pages_that_they_may_open(site: Site, shop: Shop) -> None:
    home = f"/t/{shop.tenant.slug}"
    owner = await site.member(shop)
    every = hrefs((await owner.get(f"{home}/pages")).text)
    assert every == [home + href for _inside, (href, *_rest) in lines()]
    for href in ("/stock/counts", "/stock/transfers", "/products/imports", "/products/prices", "/settings/history"):
        assert home + href in every
    keeper = await site.holder(shop, VIEW_STOCK)
    found = hrefs((await keeper.get(f"{home}/pages")).text)
    assert f"{home}/stock/counts" in found
    assert not {f"{home}{href}" for href in ("/stock/counts/new", "/stock/valuation", "/products/prices")} & set(found)
    costs = await site.holder(shop, VIEW_STOCK, VIEW_COSTS)
    assert f"{home}/stock/valuation" in hrefs((await costs.get(f"{home}/pages")).text)
    stranger = await site.member(await open_shop(site.db))
    assert (await stranger.get(f"{home}/pages")).status_code == 404


async def test_all_pages_that_are_listed_open(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    for href in hrefs((await owner.get(f"{home}/pages")).text):
        answer = await owner.get(href)
        assert answer.status_code in {200, 303}, (href, answer.status_code)


async def test_in_a_browser_pages_behind_the_navigation_are_found_by_their_name(shop: Shop, office: Page) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products")
    await office.keyboard.press("Control+K")
    pages = office.locator("#palette-pages a.palette-item:visible")
    await expect(office.locator("#palette-pages").get_by_role("option", name="Stock", exact=True)).to_be_visible()
    await expect(pages.filter(has_text="Transfers")).to_have_count(0)  # without letters
    await office.keyboard.type("transf")
    await expect(pages.first).to_have_text("Transfers Stock")
    await expect(pages.first).to_have_attribute("aria-selected", "true")
    await office.keyboard.press("Enter")
    await office.wait_for_url("**/stock/transfers")


async def test_enter_before_the_answer_opens_the_first_result_when_it_comes(shop: Shop, office: Page) -> None:
    let, asked = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await let.wait()
        await route.continue_()

    await office.route("**/search?q=*", hold)
    await office.goto(f"/t/{shop.tenant.slug}/products")
    await office.keyboard.press("Control+K")
    await office.keyboard.type("choc")
    await office.keyboard.press("Enter")
    await asyncio.wait_for(asked.wait(), 20)
    assert office.url.endswith("/products")
    let.set()
    await office.wait_for_url(f"**/products/{shop.products[2].id}")


async def test_enter_is_forgotten_with_other_letters_and_never_opens_what_earlier_letters_found(
    shop: Shop, office: Page
) -> None:
    let, asked = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await let.wait()
        await route.continue_()

    await office.goto(f"/t/{shop.tenant.slug}/products")
    await office.keyboard.press("Control+K")
    await office.keyboard.type("choc")
    option = office.locator("#palette-found a.palette-item")
    await expect(option).to_contain_text("Dark chocolate")
    await office.route("**/search?q=*", hold)
    await office.locator("#palette-input").fill("cola")
    await office.keyboard.press("Enter")
    await asyncio.wait_for(asked.wait(), 20)
    await office.keyboard.type(" 330")  # Enter was for "cola"
    let.set()
    await expect(option).to_have_count(1)
    await expect(option.first).to_contain_text("Cola 330 ml")
    await expect(option).to_have_attribute("aria-selected", "true")
    assert office.url.endswith("/products")
    await office.keyboard.press("Enter")
    await office.wait_for_url(f"**/products/{shop.products[3].id}")


async def test_who_may_not_see_the_catalogue_still_goes_to_pages(site: Site, shop: Shop) -> None:
    keeper = await site.holder(shop, VIEW_STOCK)
    page = (await keeper.get(f"/t/{shop.tenant.slug}/stock/counts")).text
    assert "data-pages=" in page
    assert "data-search=" not in page
    looker = await site.holder(shop, VIEW_CATALOGUE)
    assert "data-search=" in (await looker.get(f"/t/{shop.tenant.slug}/products")).text
