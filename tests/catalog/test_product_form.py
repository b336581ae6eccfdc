"""A product's form: refused, it comes back in its own place with everything typed and a sentence at each field."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from playwright.async_api import Page, expect

from retail.catalog import queries
from retail.catalog.editing import save_product, stamp_of
from retail.catalog.operations import Draft
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
    await office.wait_for_url(re.compile(r"/products/[0-9a-f-]{36}$"))
    async with shop.db.read(shop.scope) as read:
        found = await queries.products(read, queries.Wanted(sku="TEA-77"), limit=2, after=None)
    assert [(one.name, one.price_minor) for one in found.items] == [("Typed and kept", 249)]


async def test_in_a_browser_a_folded_part_says_how_much_is_filled_in(shop: Shop, office: Page) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products/new")
    folds = office.locator("details.fold")
    words, till = folds.filter(has_text="Words about it"), folds.filter(has_text="At the till")
    assert await words.locator("[data-filled]").is_hidden()
    assert not await office.locator("details.fold[open]").count()
    await words.locator("summary").click()
    await office.fill("#f-tags", "hot")
    await office.select_option("#f-tracking", "lot")
    await words.locator("summary").click()
    await expect(words.locator("[data-filled]")).to_have_text("2 filled in")
    await till.locator("summary").click()
    await office.fill("#f-min_age", "old")
    await till.locator("summary").click()
    await office.fill("#f-name", "Tea")
    await office.fill("#f-price", "2.49")
    await office.select_option("#f-tax_class", str(shop.reduced))
    await office.click("#product-form button.primary")
    await office.wait_for_selector("#f-min_age-error")
    assert await office.locator("#f-min_age").is_visible(), "what is wrong is not folded away"
    await expect(words.locator("[data-filled]")).to_have_text("2 filled in")


async def test_every_folded_part_with_something_wrong_opens(shop: Shop, office: Page) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products/new")
    folds = office.locator("details.fold")
    await folds.first.locator("summary").click()
    await office.fill("#f-min_age", "old")
    await folds.first.locator("summary").click()
    await folds.last.locator("summary").click()
    await office.fill("#f-traits", "no value")
    await folds.last.locator("summary").click()
    await expect(office.locator("details.fold[open]")).to_have_count(0)
    await office.fill("#f-name", "Tea")
    await office.fill("#f-price", "two")
    await office.select_option("#f-tax_class", str(shop.reduced))
    await office.click("#product-form button.primary")
    await office.wait_for_selector("#f-price-error")
    assert await office.evaluate("document.activeElement.id") == "f-price"
    for wrong in ("#f-min_age-error", "#f-traits-error"):
        await expect(office.locator(wrong)).to_be_visible()


async def test_an_age_of_many_digits_is_refused_at_its_field_and_not_cut_while_it_is_typed(
    site: Site, shop: Shop
) -> None:
    owner = await site.member(shop)
    refused = await owner.post(
        f"/t/{shop.tenant.slug}/products", data=typed(shop, name="Gin", kind="goods", min_age="9999")
    )
    assert (refused.status_code, "The most is 99." in refused.text) == (422, True)
    field = re.search(r'<input[^>]*name="min_age"[^>]*>', refused.text)
    assert field is not None
    assert 'maxlength="2"' not in field[0]


async def seen_in(owner: httpx.AsyncClient, address: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', (await owner.get(f"{address}/edit")).text)
    assert found is not None
    return found[1]


async def test_of_two_tabs_the_second_save_is_refused_and_keeps_what_was_typed(site: Site, shop: Shop) -> None:
    owner, bread = await site.member(shop), shop.products[0].id
    address = f"/t/{shop.tenant.slug}/products/{bread}"
    first = typed(shop, name="First tab", seen=await seen_in(owner, address))
    second = typed(shop, name="Second tab", seen=await seen_in(owner, address))
    assert (await owner.post(address, data=first)).status_code == 303
    for headers in ({}, HTMX):
        refused = await owner.post(address, data=second, headers=headers)
        assert refused.status_code == 422
        assert "Somebody has changed this since you opened it" in refused.text
        assert 'value="Second tab"' in refused.text
        assert ('hx-swap-oob="innerHTML:.page-note">Last changed ' in refused.text) is (headers is HTMX)
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, bread)).name == "First tab"
    aware = second | {"seen": await seen_in(owner, address)}
    assert aware["seen"] in refused.text
    assert (await owner.post(address, data=aware)).status_code == 303
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, bread)).name == "Second tab"


async def test_what_the_other_changed_is_marked_with_who_and_nothing_else_is(site: Site, shop: Shop) -> None:
    owner, manager, bread = await site.member(shop), await site.member(shop, "manager"), shop.products[0].id
    address = f"/t/{shop.tenant.slug}/products/{bread}"
    opened = (await owner.get(f"{address}/edit")).text
    was = dict(re.findall(r'name="(was\.[a-z_]+)" value="([^"]*)"', opened))
    held = {name.removeprefix("was."): value for name, value in was.items()}
    first = held | {"price": "17.77", "tax_class": str(shop.standard), "seen": await seen_in(owner, address)}
    assert held["tax_class"] != str(shop.standard)
    assert (await manager.post(address, data=first)).status_code == 303
    second = was | held | {"name": "Rye loaf", "seen": await seen_in_page(opened)}
    late = await owner.post(address, data=second)
    assert late.status_code == 422
    async with shop.db.read(shop.scope) as read:
        who = await read.fetchval(
            "SELECT actor_name FROM audit_event WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id DESC LIMIT 1",
            read.tenant,
            bread,
        )
    marked = dict(re.findall(r'id="f-(\w+)-stored">.*?<span>(.*?)</span>', late.text, re.DOTALL))
    assert marked.keys() == {"price", "tax_class"}
    assert marked["price"] == f"{who}: 4.20 → 17.77"
    assert marked["tax_class"].startswith(f"{who}: ")
    assert str(shop.standard) not in marked["tax_class"], "classes have names"
    assert 'value="Rye loaf"' in late.text
    assert 'value="17.77"' in late.text


async def seen_in_page(text: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("kind", ["categories", "taxes"])
async def test_of_two_tabs_of_a_category_or_tax_the_second_is_refused(site: Site, shop: Shop, kind: str) -> None:
    owner = await site.member(shop)
    id = shop.category if kind == "categories" else shop.reduced
    address = f"/t/{shop.tenant.slug}/products/{kind}/{id}"
    form = {"hue": "25", "position": "1", "rate": "7", "seen": await seen_in(owner, address)}
    assert (await owner.post(address, data=form | {"name": "First tab"})).status_code == 303
    refused = await owner.post(address, data=form | {"name": "Second tab"})
    assert refused.status_code == 422
    assert "Somebody has changed this since you opened it" in refused.text
    assert 'value="Second tab"' in refused.text
    assert "First tab" in (await owner.get(address.rpartition("/")[0])).text
    again = form | {"name": "Second tab", "seen": await seen_in(owner, address)}
    assert again["seen"] in refused.text
    assert (await owner.post(address, data=again)).status_code == 303


async def test_of_two_saves_at_once_one_is_kept(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        bread = await queries.product(read, shop.products[0].id)
    drafts = [Draft(bread.id, bread.sku, name, bread.tax_class, bread.price_minor) for name in ("One", "Two", "Three")]
    saves = [shop.db.run(shop.scope, save_product, draft, stamp_of(bread)) for draft in drafts]
    done = await asyncio.gather(*saves, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["ChangedMeanwhile", "ChangedMeanwhile", "NoneType"]


@pytest.mark.parametrize("figure", ["\u0663", "1 000", "1e3", "1.\u0663"])
async def test_a_price_and_a_cost_are_written_in_plain_digits(site: Site, shop: Shop, figure: str) -> None:
    owner = await site.member(shop)
    for field in ("price", "unit_cost", "reorder_point"):
        refused = await owner.post(f"/t/{shop.tenant.slug}/products", data=typed(shop, **{field: figure}))
        assert (refused.status_code, f'id="f-{field}-error"' in refused.text) == (422, True), field
    async with shop.db.read(shop.scope) as read:
        assert (await queries.products(read, queries.Wanted(sku="TEA-1"), limit=2, after=None)).items == []


async def test_the_most_that_a_price_may_be_is_said_in_the_currency(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    refused = await owner.post(f"/t/{shop.tenant.slug}/products", data=typed(shop, price="5000000"))
    assert refused.status_code == 422
    assert "The most is €1,000,000.00." in refused.text


async def test_an_address_that_a_form_was_sent_to_leads_back_to_its_page(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    bread = shop.products[0].id
    for path, page in {
        "/products/changes/made": "/products/changes",
        f"/products/categories/{shop.category}": f"/products/categories/{shop.category}/edit",
        f"/products/taxes/{shop.reduced}": f"/products/taxes/{shop.reduced}/edit",
    }.items():
        led = await owner.get(home + path)
        assert (led.status_code, led.headers["location"]) == (303, home + page)
        assert (await owner.get(home + page)).status_code == 200
    for nothing in ("/products/xyz", f"/products/{bread}x", f"/products/{shop.tenant.id}"):
        assert (await owner.get(home + nothing)).status_code == 404


async def test_a_new_product_is_shown_with_the_way_to_another(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    made = await owner.post(home, data=typed(shop))
    async with shop.db.read(shop.scope) as read:
        (tea,) = (await queries.products(read, queries.Wanted(sku="TEA-1"), limit=2, after=None)).items
    assert (made.status_code, made.headers["location"]) == (303, f"{home}/{tea.id}")
    page = await owner.get(f"{home}/{tea.id}")
    assert "Green tea is saved." in page.text
    assert f'href="{home}/new">Add another</a>' in page.text
    assert "Add another" not in (await owner.get(f"{home}/{tea.id}")).text
    changed = typed(shop, price="2.59", seen=await seen_in(owner, f"{home}/{tea.id}"))
    await owner.post(f"{home}/{tea.id}", data=changed)
    page = await owner.get(f"{home}/{tea.id}")
    assert ("Green tea is saved." in page.text, "Add another" in page.text) == (True, False)


async def test_a_cost_below_zero_is_called_that_and_attributes_are_read_as_in_files(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    refused = await owner.post(home, data=typed(shop, unit_cost="-1"))
    assert (refused.status_code, "be below zero." in refused.text) == (422, True)
    written = "Origin=Italy\nRoast: dark=very\nOpens=12:30"
    made = await owner.post(home, data=typed(shop, kind="goods", traits=written))
    assert made.status_code == 303
    form = (await owner.get(f"{made.headers['location'].partition('?')[0]}/edit")).text
    for line in ("Origin: Italy", "Roast: dark=very", "Opens: 12:30"):
        assert line in form, line
