"""The list of products finds by letters, tags and codes, puts slips right, narrows by every filter, and keeps views."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from retail.catalog import operations, queries
from retail.catalog.lists.columns import column_names, told
from retail.catalog.lists.words import meant
from retail.catalog.operations import Draft, archive_product, put_products
from retail.catalog.products.traits import Traits
from retail.kit.ids import new_id
from tests.support.shelves import stocked
from tests.support.web import Site
from tests.support.world import Shop, open_shop


async def found(shop: Shop, **wanted: object) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        page = await queries.products(read, queries.Wanted(**wanted), limit=50, after=None)  # type: ignore[arg-type]
    return [one.name for one in page.items]


async def add(shop: Shop, name: str, price: int = 100, **traits: object) -> Draft:
    made = Draft(new_id(), f"N-{new_id().hex[-8:]}", name, shop.standard, price, traits=Traits(**traits))  # type: ignore[arg-type]
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, [made])
    return made


async def test_letters_without_their_marks_find_names_tags_and_parts_of_skus(shop: Shop) -> None:
    made = await add(shop, "Crème brûlée", tags=("Süßes", "Paris"))
    for text in ("creme", "CRÈME brulee", "rème", "sußes", "suesses paris", made.sku[:6].lower()):
        expected = [] if text == "suesses paris" else ["Crème brûlée"]
        assert await found(shop, text=text) == expected, text
    assert await found(shop, text=shop.products[1].barcode) == ["Whole milk 1 l"]
    assert await found(shop, text=f"milk {shop.products[1].barcode}") == ["Whole milk 1 l"]
    assert await found(shop, text="milk 4000000000068") == []
    async with shop.db.begin(shop.scope) as tx:
        await archive_product(tx, made.id)
    assert await found(shop, text="creme") == []
    assert await found(shop, text="creme", archived=True) == ["Crème brûlée"]


async def test_one_slip_is_put_right_and_said(site: Site, shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        for typed, right in (
            ("choclate", "chocolate"),
            ("chocalate dark", "chocolate dark"),
            ("ohcolate", None),
            ("choocl", "chocolate"),
            ("mlik", "milk"),
            ("sourdouhg", "sourdough"),
            ("zzzzzz", None),
            ("1l", None),
        ):
            assert await meant(read, typed) == right, typed
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    page = (await owner.get(home, params={"q": "bannanas"})).text
    assert "Nothing is called “bannanas”. These match “bananas”." in unescape(page)
    assert 'aria-label="Select Bananas"' in page
    assert "Change all that the list shows" not in page, "what was typed matches nothing"
    other = await open_shop(shop.db)
    stranger = (await (await site.member(other)).get(f"/t/{other.tenant.slug}/products", params={"q": "zzananas"})).text
    assert "Nothing matches" in stranger


async def test_every_filter_narrows_and_they_narrow_together(site: Site, shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        now = read.now
    await add(shop, "Gift", kind="service", tags=("Gift",))
    await add(shop, "Ice", 300, available_from=now + timedelta(days=3), tags=("summer", "gift"))
    await stocked(shop, "2")
    names = sorted(ware.name for ware in shop.products)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"

    async def listed(**asked: str) -> list[str]:
        page = (await owner.get(home, params=asked)).text
        return sorted(unescape(one) for one in re.findall(r'aria-label="Select ([^"]+)"', page))[: 9 if page else 0]

    def without_all(found: list[str]) -> list[str]:
        return [one for one in found if one != "all on this page"]

    assert without_all(await listed(kind="service")) == ["Gift"]
    assert without_all(await listed(show="scheduled")) == ["Ice"]
    assert "Ice" not in await listed(show="sold")
    assert without_all(await listed(tag="gift")) == ["Gift", "Ice"], "a tag is found however it is written"
    assert without_all(await listed(tag="gif")) == [], "and only as a whole"
    assert without_all(await listed(tag="gift", price_from="2")) == ["Ice"]
    assert without_all(await listed(price_from="1.99", price_to="2,45")) == ["Bananas", "Dark chocolate 70 %"]
    assert without_all(await listed(tax=str(shop.standard))) == ["Cola 330 ml", "Gift", "Ice", "Kitchen roll x4"]
    assert without_all(await listed(no_picture="1")) == sorted([*names, "Gift", "Ice"])
    assert without_all(await listed(low="1")) == [shop.products[0].name]
    wrong = await owner.get(home, params={"price_from": "5", "price_to": "4"})
    assert wrong.status_code == 422
    assert "This can&#39;t be below the lowest price." in wrong.text
    exported = (await owner.get(f"{home}/export", params={"kind": "service"})).text
    assert "Gift" in exported
    assert "Ice" not in exported, "a file has what the list has"


@pytest.mark.parametrize("name", sorted(column_names()))
async def test_a_chosen_column_is_shown_and_no_other(site: Site, shop: Shop, name: str) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    page = (await owner.get(home, params={"columns": name})).text
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page, re.S)
    heads = [re.sub(r'<span class="head-said">.*?</span>', "", one, flags=re.S) for one in heads]  # on phones
    words = [re.sub(r"<[^>]+>", "", one).strip() for one in heads]
    assert [one for one in words if one] == ["Product", column_names()[name]]


async def test_columns_are_kept_in_the_address_and_who_sees_no_costs_is_offered_none(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    answer = await owner.get(home, params={"column": ["", "price", "stock"], "q": "o", "sort": "-price"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{home}?q=o&sort=-price&columns=stock.price")
    assert told(["sku", "category", "tax", "barcodes", "cost", "price"], column_names()) == ""
    assert told([], column_names()) == "none"
    clerk = await site.member(shop, "clerk")
    assert (await clerk.get(home, params={"columns": "cost"})).status_code == 422
    assert 'value="cost"' not in (await clerk.get(home)).text
    assert (await owner.get(home, params={"columns": "sku.nothing"})).status_code == 422


async def test_a_view_is_kept_shown_shared_and_removed(site: Site, shop: Shop) -> None:
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    stranger = await site.member(await open_shop(shop.db))
    home = f"/t/{shop.tenant.slug}/products"
    kept = {"name": "Dear things", "query": "sort=-price&q=o&after=abc&category="}
    answer = await owner.post(f"{home}/views", data=kept)
    assert answer.headers["location"] == f"{home}?q=o&sort=-price"
    page = (await owner.get(f"{home}?q=o&sort=-price")).text
    assert re.search(r'aria-current="true">Dear things', page)
    assert "Dear things" not in (await clerk.get(home)).text, "one's own until it is shared"
    again = await owner.post(f"{home}/views", data=kept)
    assert again.status_code == 422
    assert "You have a view of this name. Pick another one." in again.text
    async with shop.db.read(shop.scope) as read:
        id = await read.fetchval("SELECT id FROM saved_view WHERE tenant_id = $1", read.tenant)
    assert (await clerk.post(f"{home}/views/{id}", data={"name": "Mine", "shared": "on"})).status_code == 404
    await owner.post(f"{home}/views/{id}", data={"name": "Costly", "shared": "on"})
    assert "Costly" in (await clerk.get(home)).text
    assert (await clerk.post(f"{home}/views/{id}/removal")).status_code == 404
    assert (await stranger.post(f"{home}/views/{id}/removal")).status_code == 404
    manager = await site.member(shop, "manager")
    assert (await manager.post(f"{home}/views/{id}/removal")).status_code == 303
    await owner.get(home)  # which tells that it was saved
    assert "Costly" not in (await owner.get(home)).text
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND subject_kind = 'view' ORDER BY id", read.tenant
        )
    assert [row[0] for row in rows] == ["view.saved", "view.changed", "view.removed"]


async def test_the_box_finds_the_exact_code_first(site: Site, shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        draft = Draft(new_id(), "A-1", f"Case of {shop.products[0].sku}", shop.standard, 100)
        await operations.put_products(tx, [draft, replace(draft, id=new_id(), sku="A-2", name="aa SKU-001")])
    owner = await site.member(shop)
    answer = (await owner.get(f"/t/{shop.tenant.slug}/search", params={"q": "sku-001"})).text
    assert [unescape(one) for one in re.findall(r'class="grow truncate">([^<]+?) <', answer)] == [
        "Sourdough loaf 800 g", "aa SKU-001", "Case of SKU-001",
    ]  # fmt: skip
    slip = (await owner.get(f"/t/{shop.tenant.slug}/search", params={"q": "chocolatte"})).text
    assert "Dark chocolate" in slip
    assert json.dumps(slip).count("palette-item") == 1
