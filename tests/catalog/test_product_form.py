"""A product's form: refused, it comes back in its own place with everything typed and a sentence at each field."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Browser, Page

from retail.catalog import queries
from tests.support.house import eventually, free_port
from tests.support.web import Site, enrol
from tests.support.world import Shop

HTMX = {"HX-Request": "true"}


def typed(shop: Shop, **changes: str) -> dict[str, str]:
    return {"name": "Green tea", "sku": "TEA-1", "price": "2.49", "tax_class": str(shop.reduced), "unit": "each"} | {
        **changes
    }


@pytest.mark.parametrize("path", ["/products", "/products/{first}"])
async def test_htmx_gets_the_refused_form_alone_and_a_plain_browser_the_page(site: Site, shop: Shop, path: str) -> None:
    owner = await site.member(shop)
    address = f"/t/{shop.tenant.slug}" + path.format(first=shop.products[0].id)
    wrong = typed(shop, price="two", name="Typed & kept")
    partial = await owner.post(address, data=wrong, headers=HTMX)
    page = await owner.post(address, data=wrong)
    assert (partial.status_code, page.status_code) == (422, 422)
    assert partial.text.strip().startswith('<form id="product-form"')
    assert "<aside" not in partial.text
    assert page.text.count("<aside") == 1
    for answer in (partial, page):
        assert f'action="{address}"' in answer.text
        assert 'value="Typed &amp; kept"' in answer.text
        assert 'id="f-price-error"' in answer.text
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, shop.products[0].id)).name == "Sourdough loaf 800 g"


@asynccontextmanager
async def signed_in(site: Site, shop: Shop, browser: Browser) -> AsyncIterator[Page]:
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(site.app, port=port, lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    origin = f"http://127.0.0.1:{port}"
    context = await browser.new_context(base_url=origin)
    await context.add_cookies([{"name": "s", "value": secret, "url": origin}])
    await eventually(lambda: server.started)
    try:
        yield await context.new_page()
    finally:
        await context.close()
        server.should_exit = True
        await serving


@pytest.mark.parametrize("path", ["/products/new", "/products/{first}/edit"])
async def test_in_a_browser_the_refused_form_stays_in_its_place(
    site: Site, shop: Shop, browser: Browser, path: str
) -> None:
    async with signed_in(site, shop, browser) as page:
        await page.goto(f"/t/{shop.tenant.slug}" + path.format(first=shop.products[0].id))
        await page.fill("#f-name", "Typed and kept")
        await page.fill("#f-sku", "TEA-77")
        await page.select_option("#f-tax_class", str(shop.reduced))
        await page.fill("#f-price", "two")
        await page.fill("#f-barcodes", "4006381333932")
        await page.click("#product-form button.primary")
        await page.wait_for_selector("#f-price-error")
        assert await page.locator("aside.side").count() == 1
        assert await page.locator("#product-form").count() == 1
        assert await page.locator("#f-barcodes-error").count() == 1
        assert await page.evaluate("document.activeElement.id") == "f-price"
        assert await page.input_value("#f-name") == "Typed and kept"
        assert await page.input_value("#f-price") == "two"
        assert await page.input_value("#f-tax_class") == str(shop.reduced)
        await page.fill("#f-price", "2.49")
        await page.fill("#f-barcodes", "")
        await page.click("#product-form button.primary")
        await page.wait_for_url("**/products")
    async with shop.db.read(shop.scope) as read:
        found = await queries.products(read, queries.Wanted(sku="TEA-77"), limit=2, after=None)
    assert [(one.name, one.price_minor) for one in found.items] == [("Typed and kept", 249)]
