"""Ctrl+K finds products and receipts of one's own shop, as far as one's rights go."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from retail.identity.permissions import VIEW_CATALOGUE
from tests.support.selling import open_counter
from tests.support.web import Site
from tests.support.world import Shop, open_shop


def links(text: str) -> list[str]:
    found = re.findall(r'<a role="option"\s+class="palette-item"\s+tabindex="-1"\s+href="([^"]+)"', text)
    assert len(found) == text.count("<a ")
    return found


async def test_products_are_found_by_name_sku_and_barcode(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}"
    milk = shop.products[1]
    for typed in ("whole mi", milk.sku, milk.barcode):
        answer = await owner.get(f"{home}/search", params={"q": typed})
        assert links(answer.text) == [f"{home}/products/{milk.id}"]
        assert "<html" not in answer.text
    assert links((await owner.get(f"{home}/search", params={"q": "s"})).text) == []
    assert links((await owner.get(f"{home}/search", params={"q": "no such\x00thing"})).text) == []
    assert (await owner.get(f"{home}/search")).status_code == 200
    clerk = await site.member(shop, "clerk")
    answer = await clerk.get(f"{home}/search", params={"q": "whole"})
    assert links(answer.text) == [f"{home}/products/{milk.id}"]


async def test_at_most_eight_are_shown(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}"
    for number in range(9):
        body = {"sku": f"TEA-{number}", "name": f"Tea {number}", "price": 100, "tax_class": str(shop.reduced)}
        assert (await owner.post(f"{home}/api/v1/products", json=body)).status_code == 201
    assert len(links((await owner.get(f"{home}/search", params={"q": "tea"})).text)) == 8


async def test_receipts_are_found_by_their_number_by_those_who_may_see_sales(site: Site, shop: Shop) -> None:
    till = await open_counter(shop)
    body = till.sale(number=11070)
    await till.send(body)
    home = f"/t/{shop.tenant.slug}"
    viewer = await site.member(shop, "viewer")
    for typed in ("11070", "T1-11070", "t1-011070"):
        answer = await viewer.get(f"{home}/search", params={"q": typed})
        assert links(answer.text) == [f"{home}/sales/{body['id']}"]
        assert "T1-011070" in answer.text
    for typed in ("T2-11070", "T1-R11070", "11071"):
        assert links((await viewer.get(f"{home}/search", params={"q": typed})).text) == []
    stranger = await site.member(await open_shop(site.db))
    assert (await stranger.get(f"{home}/search", params={"q": "11070"})).status_code == 404
    looker = await site.holder(shop, VIEW_CATALOGUE)
    assert links((await looker.get(f"{home}/search", params={"q": "11070"})).text) == []


async def test_in_a_browser_the_letters_lead_to_the_product(shop: Shop, office: Page) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products")
    await office.keyboard.press("Control+K")
    await office.keyboard.type("choc")
    option = office.locator("#palette-found a.palette-item")
    await expect(option).to_have_count(1)
    await expect(option).to_have_attribute("aria-selected", "true")
    await office.keyboard.press("Enter")
    await office.wait_for_url(f"**/products/{shop.products[2].id}")


async def test_names_that_begin_so_come_first_then_words_that_do(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}"
    names = [*(f"Advent Calendar {at}" for at in range(9)), "Bathroom scale", "Test Ale strong 0.5 l", "Ale, pale"]
    for at, name in enumerate(names):
        body = {"sku": f"R-{at}", "name": name, "price": 100, "tax_class": str(shop.reduced)}
        assert (await owner.post(f"{home}/api/v1/products", json=body)).status_code == 201
    found = (await owner.get(f"{home}/search", params={"q": "ale"})).text
    places = [found.index(name) for name in ("Ale, pale", "Test Ale strong", "Advent Calendar 0")]
    assert places == sorted(places)
    assert len(links(found)) == 8
    moved = (await owner.get(f"{home}/stock/moves/products", params={"code": "ale"})).text
    assert moved.index("Ale, pale") < moved.index("Test Ale strong") < moved.index("Advent Calendar 0")
