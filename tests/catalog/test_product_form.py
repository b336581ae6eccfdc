"""A product's form: refused, it comes back in its own place with everything typed and a sentence at each field."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from retail.catalog import queries
from tests.support.web import Site
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


@pytest.mark.parametrize("path", ["/products/new", "/products/{first}/edit"])
async def test_in_a_browser_the_refused_form_stays_in_its_place(shop: Shop, office: Page, path: str) -> None:
    await office.goto(f"/t/{shop.tenant.slug}" + path.format(first=shop.products[0].id))
    await office.fill("#f-name", "Typed and kept")
    await office.fill("#f-sku", "TEA-77")
    await office.select_option("#f-tax_class", str(shop.reduced))
    await office.fill("#f-price", "two")
    await office.fill("#f-barcodes", "4006381333932")
    await office.click("#product-form button.primary")
    await office.wait_for_selector("#f-price-error")
    assert await office.locator("aside.side").count() == 1
    assert await office.locator("#product-form").count() == 1
    assert await office.locator("#f-barcodes-error").count() == 1
    assert await office.evaluate("document.activeElement.id") == "f-price"
    assert await office.input_value("#f-name") == "Typed and kept"
    assert await office.input_value("#f-price") == "two"
    assert await office.input_value("#f-tax_class") == str(shop.reduced)
    await office.fill("#f-price", "2.49")
    await office.fill("#f-barcodes", "")
    await office.click("#product-form button.primary")
    await office.wait_for_url("**/products")
    async with shop.db.read(shop.scope) as read:
        found = await queries.products(read, queries.Wanted(sku="TEA-77"), limit=2, after=None)
    assert [(one.name, one.price_minor) for one in found.items] == [("Typed and kept", 249)]
