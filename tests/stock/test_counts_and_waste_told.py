"""Counts that say what is not theirs and tell nobody what they hide, waste that takes the expired first, and titles."""

from __future__ import annotations

import re
from datetime import date

from playwright.async_api import Page, expect

from retail import stock
from retail.kit.ids import new_id
from retail.stock import Taken
from retail.stock.counts.operations import NewArea, NewCount, start
from tests.support.office import office
from tests.support.shelves import all_holds, follow_by, lot_in, lots_of, stocked
from tests.support.stockroom import AT, D, count, document
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def test_waste_takes_what_has_expired_first(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "OLD", "3", date(2020, 1, 1))
    await lot_in(shop, "NEW", "5", date(2090, 1, 1))
    await lot_in(shop, "SOON", "5", date(2080, 1, 1))
    lost = [Taken(shop.products[0].id, D(4))]
    await shop.db.run(shop.scope, stock.waste, document(shop, "mould", AT), lost)
    assert await lots_of(shop) == {"NEW": "5", "SOON": "4"}
    await all_holds(shop)


async def test_what_is_corrected_still_leaves_the_expired_for_last(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "OLD", "3", date(2020, 1, 1))
    await lot_in(shop, "NEW", "5", date(2090, 1, 1))
    await shop.db.run(shop.scope, stock.adjust, document(shop, "lost", AT), [Taken(shop.products[0].id, D(-4))])
    assert await lots_of(shop) == {"NEW": "1", "OLD": "3"}


async def test_a_count_of_a_group_takes_others_only_on_purpose(shop: Shop, site: Site) -> None:
    other = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "INSERT INTO category (tenant_id, id, name, hue, position) VALUES ($1, $2, 'Drinks', 200, 2)",
            tx.tenant, other,
        )  # fmt: skip
        await tx.execute("UPDATE product SET category_id = $1 WHERE id = $2", other, shop.products[3].id)
    await stocked(shop, "10", 0)
    await stocked(shop, "10", 3)
    counting, area = new_id(), new_id()
    new = NewCount(counting, shop.store, "Drinks", [NewArea(area, "Floor", True)], "some", category=other)
    await shop.db.run(shop.scope, start, new)
    owner = await site.member(shop)
    at = f"{home(shop)}/stock/counts/{counting}/entries"
    inside = {"area": str(area), "code": shop.products[3].sku, "quantity": "3", "mode": "set"}
    assert (await owner.post(at, data=inside)).status_code == 303
    outside = inside | {"code": shop.products[0].sku}
    page = await owner.post(at, data=outside, headers={"HX-Request": "true"})
    assert (page.status_code, "Not in this count&#39;s group." in page.text) == (422, True)
    assert 'name="beyond"' in page.text
    assert await count(shop, "stock_count_entry") == 1
    assert (await owner.post(at, data=outside | {"beyond": "on"})).status_code == 303
    assert (await owner.post(at, data=outside)).status_code == 303, "it is on the list now"


async def test_a_blind_count_is_blind_for_a_manager_until_it_is_finished(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    counting, area = new_id(), new_id()
    new = NewCount(counting, shop.store, "Friday", [NewArea(area, "Floor", True)], blind=True)
    await shop.db.run(shop.scope, start, new)
    owner = await site.member(shop)
    page, api = (f"{home(shop)}/{of}stock/counts/{counting}" for of in ("", "api/v1/"))
    entry = {"area": str(area), "code": shop.products[0].sku, "quantity": "7", "mode": "set"}
    assert (await owner.post(f"{page}/entries", data=entry)).status_code == 303
    for path in (page, f"{page}?show=differing"):
        shown = (await owner.get(path)).text
        assert [word in shown for word in ("Should be", "Difference", "Differing", "At cost")] == [False] * 4
    line = (await owner.get(f"{api}/lines")).json()["items"][0]
    assert (line["counted"], line["expected"], line["variance"], line["value"]) == ("7", None, None, None)
    assert (await owner.post(f"{page}/closure", data={})).status_code == 303
    assert "Should be" in (await owner.get(page)).text
    assert (await owner.get(f"{api}/lines")).json()["items"][0]["variance"] == "-3"


async def test_each_page_of_stock_has_a_title_of_its_own(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    names = ("overview", "counts", "suggestions", "transfers", "waste", "lots", "serials", "places", "reservations")
    titles, heads = [], []
    for name in ("", *names, "allotments", "valuation", "insights"):
        page = (await owner.get(f"{home(shop)}/stock/{name}".rstrip("/"))).text
        title, head = (
            re.search(r"<title>(.*?)</title>", page, re.DOTALL),
            re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL),
        )
        assert title
        assert head
        titles.append(title[1].strip())
        heads.append(head[1].strip())
    assert len(set(titles)) == len(titles), titles
    assert len(set(heads)) == len(heads), heads


async def test_a_list_of_waste_counts_pieces_without_a_word_for_them(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    await shop.db.run(shop.scope, stock.waste, document(shop, "mould"), [Taken(shop.products[0].id, D(3))])
    owner = await site.member(shop)
    page = (await owner.get(f"{home(shop)}/stock/waste?days=365")).text
    assert "3 Sourdough loaf 800 g" in page
    assert "each Sourdough" not in page


async def test_the_open_tab_is_in_sight_on_a_phone(shop: Shop, office: Page) -> None:
    await office.set_viewport_size({"width": 390, "height": 800})
    await office.goto(f"/t/{shop.tenant.slug}/stock/allotments")
    await expect(office.locator(".tabs > [aria-current]")).to_be_in_viewport(ratio=0.9)
