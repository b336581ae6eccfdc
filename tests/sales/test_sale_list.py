"""The list of sales: its orders, and sales that come while somebody reads it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from playwright.async_api import Page, expect

from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.paging import encode_cursor
from retail.runtime.web.asked import Asked
from retail.sales import listing
from retail.sales.list_pages import wanted_in
from retail.tenants import queries as tenants
from tests.support.office import office
from tests.support.selling import AT, Counter, open_counter
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["office", "site"]


@pytest.fixture
async def till(shop: Shop) -> Counter:
    """An open till."""
    return await open_counter(shop)


async def totals(shop: Shop, asked: str) -> list[int]:
    """Read the list two by two."""
    order = listing.ORDERS.named(asked)
    assert order is not None
    found: list[int] = []
    after = None
    while True:
        async with shop.db.read(shop.scope) as read:
            page = await listing.sales(read, listing.Wanted(), limit=2, after=after, order=order)
        found += [one.total_minor for one in page.items]
        after = page.next
        if after is None:
            return found


def news_of(text: str) -> str:
    """Give the address that a list asks for its news."""
    found = re.search(r'hx-get="([^"]*/sales/news[^"]*)"', text)
    assert found
    return unescape(found[1])


async def test_sales_sort_by_time_and_total_through_all_pages(till: Counter) -> None:
    for minutes, quantity in enumerate((3, 1, 2, 2, 5)):
        at = (AT + timedelta(minutes=minutes)).isoformat()
        await till.send(till.sale((till.shop.products[0], quantity), occurred_at=at))
    assert await totals(till.shop, "-when") == [2100, 840, 840, 420, 1260]
    assert await totals(till.shop, "when") == [1260, 420, 840, 840, 2100]
    assert await totals(till.shop, "-total") == [2100, 1260, 840, 840, 420]
    assert await totals(till.shop, "total") == [420, 840, 840, 1260, 2100]


async def test_each_order_of_sales_is_an_index_read_from_one_end(till: Counter) -> None:
    await till.sell()
    for order in listing.ORDERS:
        for way in (order, order.turned):
            async with till.shop.db.read(till.shop.scope) as read:
                for other in ("seqscan", "bitmapscan", "sort"):  # with a handful of sales anything is cheap
                    await read.conn.execute(f"SET LOCAL enable_{other} = off")
                joined = "JOIN sale_risk r ON r.tenant_id = s.tenant_id AND r.sale_id = s.id"
                plan = await read.fetch(
                    f"""EXPLAIN SELECT s.id FROM sale s {joined if order.name == "risk" else ""}
                         WHERE s.tenant_id = $1 ORDER BY {way.sql} LIMIT 50""",
                    read.tenant,
                )
            text = "\n".join(row[0] for row in plan)
            assert "Sort" not in text, text
            assert {"when": "sale_newest", "total": "sale_total", "risk": "sale_risk_listed"}[order.name] in text


async def test_news_are_the_sales_of_the_list_that_came_since(site: Site, till: Counter) -> None:
    shop, home = till.shop, f"/t/{till.shop.tenant.slug}"
    await till.sell()
    owner = await site.member(shop)
    everything = news_of((await owner.get(f"{home}/sales")).text)
    returns = news_of((await owner.get(f"{home}/sales?show=return")).text)
    elsewhere = news_of((await owner.get(f"{home}/sales?store={shop.second_store}")).text)
    assert "new sale" not in (await owner.get(everything)).text
    await till.send(till.sale(), till.sale(), till.sale())
    assert "3 new sales" in (await owner.get(everything)).text
    for excluded in (returns, elsewhere):
        answer = await owner.get(excluded)
        assert (answer.status_code, answer.text.strip()) == (200, "")
    again = news_of((await owner.get(f"{home}/sales")).text)
    assert "new sale" not in (await owner.get(again)).text
    for unlive in ("?sort=-total", "?sort=when", "?from=zzz"):
        assert "/sales/news" not in (await owner.get(f"{home}/sales{unlive}")).text
    assert (await owner.get(f"{home}/sales/news")).text.strip() == ""
    assert (await owner.get(f"{home}/sales/news?since=zzz")).status_code == 422
    stranger = await site.member(await open_shop(site.db))
    assert (await stranger.get(everything)).status_code == 404


async def test_only_what_belongs_on_the_first_page_is_news(till: Counter) -> None:
    for minutes in range(3):
        await till.send(till.sale(occurred_at=(AT + timedelta(minutes=minutes)).isoformat()))
    async with till.shop.db.read(till.shop.scope) as read:
        mark = listing.seen(await listing.sales(read, listing.Wanted(), limit=2), read.now)
    await till.send(till.sale(occurred_at=(AT - timedelta(hours=1)).isoformat()))  # a till that was offline
    await till.send(till.sale(occurred_at=(AT + timedelta(minutes=1, seconds=30)).isoformat()))
    async with till.shop.db.read(till.shop.scope) as read:
        assert await listing.news(read, listing.Wanted(), mark) == 1
        for forged in (
            encode_cursor("2026-11-20", "", "", ""),
            encode_cursor(AT.isoformat(), "", "", "x"),
            encode_cursor(AT.isoformat(), "yesterday", str(new_id()), ""),
            "zzz",
        ):
            with pytest.raises(Invalid):
                await listing.news(read, listing.Wanted(), forged)


async def test_the_address_is_read_once_for_list_news_and_export(till: Counter) -> None:
    async with till.shop.db.read(till.shop.scope) as read:
        stores, tills = await tenants.stores(read), await tenants.tills(read)
    asked = Asked("/sales", {"q": "T1-R3", "from": "2026-11-19", "to": "2026-11-20", "store": str(till.shop.store)})
    wanted = wanted_in(asked, stores, tills, None)
    assert (wanted.number, wanted.till, wanted.kind, wanted.store) == (3, till.till, "return", till.shop.store)
    assert (asked.active, asked.narrowed, asked.errors) == (3, True, {})
    assert asked.address(after="x").endswith("&after=x")


async def test_a_new_sale_comes_to_who_looks_at_the_top_and_waits_for_who_reads_on(till: Counter, office: Page) -> None:
    shop = till.shop
    for _ in range(40):
        await till.sell()
    await office.goto(f"/t/{shop.tenant.slug}/sales")
    rows, news = office.locator("#sales tbody tr"), office.locator("#sales-news a")
    await expect(rows).to_have_count(40)
    tell = "document.body.dispatchEvent(new CustomEvent('live:sale.completed', {bubbles: true}))"
    sold = await till.sell()
    await office.evaluate(tell)
    await expect(rows.first).to_have_id(f"sale-{sold.id}")
    await expect(news).to_have_count(0)
    await office.locator('input[name="ids"]').nth(3).check()  # somebody is at work in the list
    await till.sell()
    await office.evaluate(tell)
    await expect(news).to_contain_text("1 new sale")
    await expect(rows.first).to_have_id(f"sale-{sold.id}")
    await office.locator('input[name="ids"]').nth(3).uncheck()
    await rows.nth(30).scroll_into_view_if_needed()
    await office.evaluate("scrollBy(0, 400)")
    await till.sell()
    before = await rows.nth(30).bounding_box()
    await office.evaluate(tell)
    await expect(news).to_contain_text("2 new sales")
    assert await rows.nth(30).bounding_box() == before
    await news.click()
    await expect(rows).to_have_count(43)
    await expect(news).to_have_count(0)
    assert await office.evaluate("scrollY") == 0


async def test_days_the_wrong_way_round_are_said_while_somebody_picks_them(till: Counter, office: Page) -> None:
    await till.sell()
    await office.goto(f"/t/{till.shop.tenant.slug}/sales")
    await office.get_by_label("From").fill("2026-11-20")
    await expect(office.locator("#sales tbody tr")).to_have_count(1)
    await office.get_by_label("To", exact=True).fill("2026-11-19")
    await expect(office.locator("#f-to-error")).to_have_text("The last day can't be before the first.")
    await expect(office.locator("#sales tbody tr")).to_have_count(0)
    await expect(office.get_by_label("To", exact=True)).to_have_value("2026-11-19")
    await office.get_by_label("To", exact=True).fill("2026-11-20")
    await expect(office.locator("#sales tbody tr")).to_have_count(1)
    await expect(office.locator("#f-to-error")).to_have_count(0)


async def test_a_filter_that_excludes_the_sale_shows_nothing(till: Counter, office: Page) -> None:
    await till.sell()
    await office.goto(f"/t/{till.shop.tenant.slug}/sales?show=return")
    await till.sell()
    async with office.expect_response("**/sales/news*") as answered:
        await office.evaluate("document.body.dispatchEvent(new CustomEvent('live:sale.completed', {bubbles: true}))")
    assert (await answered.value).status == 200
    await expect(office.locator("#sales-news a")).to_have_count(0)
    await expect(office.locator("#sales tbody tr")).to_have_count(0)
