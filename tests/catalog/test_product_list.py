"""The list of products: its orders page by page, what it says to a wrong address, and many rows changed at once."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import httpx
import pytest
from playwright.async_api import Page, expect

from retail.catalog import queries
from retail.catalog.bulk import Change, Pick, change_products
from retail.catalog.operations import Draft, archive_product, put_products
from retail.catalog.snapshot import snapshot
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.world import Shop, open_shop

LISTS = ("products", "stock", "stock/moves", "sales", "exceptions", "shifts", "ledger/entries")


def named(text: str) -> list[str]:
    """Give the names of a page's products, from top to bottom."""
    return [unescape(name) for name in re.findall(r'aria-label="Select ([^"]+)"', text) if name != "all on this page"]


async def in_order(shop: Shop, asked: str, limit: int = 2) -> list[str]:
    """Read a list page by page."""
    order = queries.ORDERS.named(asked)
    assert order is not None
    found: list[str] = []
    after = None
    while True:
        async with shop.db.read(shop.scope) as read:
            page = await queries.products(read, queries.Wanted(), limit=limit, after=after, order=order)
        assert len(page.items) <= limit
        found += [one.name for one in page.items]
        after = page.next
        if after is None:
            return found


async def versions(shop: Shop) -> dict[str, queries.ProductFacts]:
    async with shop.db.read(shop.scope) as read:
        page = await queries.products(
            read, queries.Wanted(ids=frozenset(ware.id for ware in shop.products)), limit=50, after=None
        )
    return {one.name: one for one in page.items}


async def audited(shop: Shop, action: str) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(
            await read.fetchval(
                "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = $2", read.tenant, action
            )
        )


async def test_every_order_goes_through_all_pages_both_ways(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:  # the same price, and without a category
        await put_products(tx, [Draft(new_id(), f"A-{n}", f"Ale {n}", shop.standard, 110) for n in range(3)])
    wares = [(ware.name, ware.price_minor, ware.sku) for ware in shop.products]
    wares += [(f"Ale {n}", 110, f"A-{n}") for n in range(3)]
    names = sorted((name for name, _price, _sku in wares), key=str.lower)
    assert await in_order(shop, "name") == names
    assert await in_order(shop, "-name") == names[::-1]
    by_sku = [name for name, _price, _sku in sorted(wares, key=lambda one: one[2])]
    assert await in_order(shop, "sku") == by_sku
    prices = {name: price for name, price, _sku in wares}
    for asked, turned in (("price", False), ("-price", True)):
        found = await in_order(shop, asked)
        assert sorted(found) == sorted(names)
        assert [prices[name] for name in found] == sorted(prices.values(), reverse=turned)
    by_category = await in_order(shop, "category")
    assert by_category[:3] == ["Ale 0", "Ale 1", "Ale 2"]
    assert (await in_order(shop, "-category"))[-3:] == ["Ale 2", "Ale 1", "Ale 0"]


async def test_a_page_link_of_another_order_or_a_forged_one_is_refused(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        page = await queries.products(read, queries.Wanted(), limit=2, after=None)
        with pytest.raises(Invalid):
            await queries.products(read, queries.Wanted(), limit=2, after=page.next, order=queries.ORDERS["price"])
        from retail.kit.paging import encode_cursor

        for price in (str(2**63), "x", "1.5"):
            forged = encode_cursor("-price", price, str(new_id()))
            with pytest.raises(Invalid):
                await queries.products(read, queries.Wanted(), limit=2, after=forged, order=queries.ORDERS["price"])
        forged = encode_cursor("name", "a\x00b", str(new_id()))
        with pytest.raises(Invalid):
            await queries.products(read, queries.Wanted(), limit=2, after=forged)


async def test_the_headings_sort_and_say_so(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    usual = (await owner.get(home)).text
    assert 'aria-sort="ascending"' in usual
    assert f'href="{home}?sort=-name"' in usual
    assert f'href="{home}?sort=-price"' in usual
    dear = await owner.get(f"{home}?sort=-price&q=o")
    assert named(dear.text)[:2] == ["Sourdough loaf 800 g", "Kitchen roll x4"]
    assert 'aria-sort="descending"' in dear.text
    assert f'href="{home}?q=o&amp;sort=price"' in dear.text
    assert f'href="{home}?q=o"' in dear.text, "the usual order needs no word in the address"
    unknown = await owner.get(f"{home}?sort=unit_cost")
    assert (unknown.status_code, named(unknown.text)) == (422, [])
    assert "This list can&#39;t be sorted that way." in unknown.text


@pytest.mark.parametrize(
    ("path", "query", "sentence"),
    [
        ("sales", "from=zzz", "Pick a date."),
        ("sales", "from=2026-11-20&to=2026-11-19", "The last day can&#39;t be before the first."),
        ("sales", "show=everything", "Pick one of the choices."),
        ("sales", "till=x", "Pick one from the list."),
        ("sales", "sort=cashier", "This list can&#39;t be sorted that way."),
        ("products", "category=zzz", "Pick one from the list."),
        ("products", "show=zzz", "Pick one of the choices."),
        ("products", "q=" + "x" * 101, "Use at most 100 characters."),
        ("stock", "low=2", "Pick one of the choices."),
        ("stock", "store=0196e0a0-0000-7000-8000-000000000000", "Pick one from the list."),
        ("stock/moves", "kind=zzz", "Pick one of the choices."),
        ("exceptions", "code=zzz", "Pick one of the choices."),
        ("shifts", "state=zzz", "Pick one of the choices."),
        ("shifts", "store=zzz", "Pick one from the list."),
        ("ledger", "to=2026-13-01", "Pick a date."),
        ("ledger/entries", "kind=zzz", "Pick one of the choices."),
        ("people", "sort=zzz", "This list can&#39;t be sorted that way."),
        ("tills", "sort=zzz", "This list can&#39;t be sorted that way."),
        ("stores", "sort=zzz", "This list can&#39;t be sorted that way."),
        *((path, "after=zzz", "This page link is not valid") for path in LISTS),
    ],
)
async def test_a_wrong_filter_is_said_at_its_field_and_kept(
    site: Site, shop: Shop, path: str, query: str, sentence: str
) -> None:
    owner = await site.member(shop)
    answer = await owner.get(f"/t/{shop.tenant.slug}/{path}?{query}")
    assert answer.status_code == 422
    assert answer.text.count(sentence) == 1
    assert answer.text.count("Nothing is shown yet") == 1
    typed = query.rpartition("=")[2]
    if path not in {"people", "tills", "stores"} and not query.startswith(("after", "low", "sort")):
        assert f'value="{typed}"' in answer.text


async def test_ticked_products_change_together_and_each_is_audited(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    seen = await versions(shop)
    picks = [f"{one.id}@{one.version}" for one in list(seen.values())[:3]]
    answer = await owner.post(f"{home}/changes", data={"act": "archive", "ids": picks, "back": "sort=-price"})
    assert (answer.status_code, toasted(answer)) == (200, "3 products are off sale.")
    assert len(named(answer.text)) == 3
    assert 'aria-sort="descending"' in answer.text, "the list comes back as it was asked for"
    after = await versions(shop)
    assert sum(one.archived_at is not None for one in after.values()) == 3
    assert len({one.version for one in after.values()}) == 2, "one version for all that changed"
    assert await audited(shop, "product.archived") == 3
    gone = [f"{one.id}@{one.version}" for one in after.values() if one.archived_at]
    answer = await owner.post(f"{home}/changes", data={"act": "restore", "ids": gone[0], "back": "show=archived"})
    assert toasted(answer) == "1 product is on sale again."
    async with shop.db.read(shop.scope) as read:
        told = await snapshot(read, max(one.version for one in after.values()))
    assert told["products"]["active"] == [1], "the tills hear of it"


async def test_category_and_tax_class_are_set(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    ids = [f"{one.id}@{one.version}" for one in (await versions(shop)).values()]
    answer = await owner.post(f"{home}/changes", data={"act": "category", "ids": ids, "new_category": ""})
    assert toasted(answer) == "6 products have the new category."
    now = await versions(shop)
    assert {one.category for one in now.values()} == {None}
    ids = [f"{one.id}@{one.version}" for one in now.values()]
    data = {"act": "tax_class", "ids": ids, "new_tax_class": str(shop.standard)}
    assert toasted(await owner.post(f"{home}/changes", data=data)) == "6 products have the new tax class."
    assert {one.rate_micros for one in (await versions(shop)).values()} == {190_000}
    other = await open_shop(shop.db)
    for wrong, sentence in (
        ({"act": "tax_class", "ids": ids, "new_tax_class": ""}, "Fill this in."),
        ({"act": "tax_class", "ids": ids, "new_tax_class": str(other.standard)}, "Pick one from the list."),
        ({"act": "category", "ids": ids, "new_category": str(other.category)}, "Pick one from the list."),
        ({"act": "destroy", "ids": ids}, "Pick one of the choices."),
        ({"act": "archive", "ids": ["x", f"{new_id()}@{2**64}"]}, "Tick at least one row first."),
    ):
        answer = await owner.post(f"{home}/changes", data=wrong)
        assert (answer.status_code, toasted(answer)) == (422, sentence)
    assert {one.archived_at for one in (await versions(shop)).values()} == {None}


async def test_a_row_that_somebody_else_changed_is_left_alone_and_named(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    seen = await versions(shop)
    milk, cola = seen["Whole milk 1 l"], seen["Cola 330 ml"]
    stale = Pick(milk.id, milk.version)
    done = await shop.db.run(shop.scope, change_products, [stale], Change("reorder_point", Decimal(9)))
    assert (done.products, done.passed_over) == (1, frozenset())
    data = {"act": "archive", "ids": [f"{milk.id}@{milk.version}", f"{cola.id}@{cola.version}"]}
    answer = await owner.post(f"{home}/changes", data=data)
    assert answer.status_code == 409
    assert toasted(answer) == "1 product is off sale; 1 was changed by somebody else meanwhile: look at it again."
    row = answer.text[answer.text.index(f'id="product-{milk.id}"') :]
    row = row[: row.index("</tr>")]
    assert "Changed meanwhile" in row
    assert "checked" in row
    now = await versions(shop)
    assert f"{milk.id}@{now['Whole milk 1 l'].version}" in row, "a second press is meant for what is seen now"
    assert answer.text.count("Changed meanwhile") == 1
    assert (now["Whole milk 1 l"].archived_at, now["Whole milk 1 l"].reorder_point) == (None, Decimal(9))
    assert now["Cola 330 ml"].archived_at is not None
    before = max(one.version for one in now.values())
    nothing = await shop.db.run(shop.scope, change_products, [stale, Pick(new_id(), 1)], Change("archive"))
    assert (nothing.products, len(nothing.passed_over)) == (0, 2)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT version FROM catalogue_head WHERE tenant_id = $1", read.tenant) == before


async def test_who_may_only_look_can_export_and_nothing_else(site: Site, shop: Shop) -> None:
    viewer, other = await site.member(shop, "viewer"), await site.member(await open_shop(site.db))
    home = f"/t/{shop.tenant.slug}/products"
    page = (await viewer.get(home)).text
    assert 'formaction="' + home + '/export"' in page
    assert "Take off sale" not in page
    one = next(iter((await versions(shop)).values()))
    data = {"act": "archive", "ids": f"{one.id}@{one.version}"}
    assert (await viewer.post(f"{home}/changes", data=data)).status_code == 403
    assert (await other.post(f"{home}/changes", data=data)).status_code == 404
    async with shop.db.begin(shop.scope) as tx:
        await archive_product(tx, one.id)
    assert (await versions(shop))[one.name].version == one.version + 1, "only this changed it"


async def test_in_a_browser_rows_are_ticked_by_key_and_press_and_changed(shop: Shop, office: Page) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products")
    boxes = office.locator('input[name="ids"]')
    bar = office.locator("#bulk")
    await expect(bar).to_be_hidden()
    await boxes.nth(0).focus()
    await office.keyboard.press("Space")
    await expect(bar).to_contain_text("1 selected")
    await office.keyboard.press("Enter")
    await expect(boxes).to_have_count(6)  # Enter on a box sends nothing
    await boxes.nth(2).click(modifiers=["Shift"])
    await expect(bar).to_contain_text("3 selected")
    head = office.get_by_role("checkbox", name="Select all on this page")
    assert await head.evaluate("box => box.indeterminate")
    await head.click()
    await expect(bar).to_contain_text("6 selected")
    await office.get_by_role("button", name="Clear the selection").click()
    await expect(bar).to_be_hidden()
    await boxes.nth(1).check()
    await office.get_by_role("button", name="Take off sale").click()
    await expect(office.locator("#toasts")).to_contain_text("1 product is off sale.")
    await expect(boxes).to_have_count(5)
    await expect(bar).to_be_hidden()
    await boxes.nth(0).check()
    await office.get_by_role("button", name="Tax class").click()
    await office.get_by_label("Tax them as").select_option(label="Standard 19 %")
    await office.get_by_role("button", name="Apply").click()
    await expect(office.locator("#toasts")).to_contain_text("1 product has its new tax class.")
    await expect(office.locator("#bulk-tax_class")).to_be_hidden()


async def test_on_a_phone_filters_fold_behind_one_button_that_counts_them(shop: Shop, office: Page) -> None:
    await office.set_viewport_size({"width": 390, "height": 844})
    home = f"/t/{shop.tenant.slug}"
    for path in LISTS:
        await office.goto(f"{home}/{path}")
        button = office.locator("summary", has_text="Filters")
        await expect(button).to_be_visible()
        assert not await office.locator(".filters-body").is_visible(), path
    await office.goto(f"{home}/products?category={shop.category}")
    count = office.locator("summary .count")
    await expect(count).to_contain_text("1")
    await office.locator("summary", has_text="Filters").click()
    await office.get_by_label("Show", exact=True).select_option(label="Off sale")
    await expect(count).to_contain_text("2")
    await expect(office.locator(".filters-body")).to_be_visible()
    await office.get_by_label("Show", exact=True).select_option(label="On sale")
    await office.get_by_label("Sort by").select_option(label="Price ↓")
    await expect(office.locator('input[name="ids"]').first).to_have_attribute(
        "aria-label", "Select Sourdough loaf 800 g"
    )
    assert "sort=-price" in office.url


def toasted(answer: httpx.Response) -> str:
    import json

    return str(json.loads(answer.headers["hx-trigger"])["toast"]["text"])
