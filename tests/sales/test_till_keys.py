"""Layouts of tiles: what they hold, their versions, who was faster, where they are used, and whose they are."""

from __future__ import annotations

import html
import json
import re
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Page, expect

from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.sales.keys import content, layouts
from retail.sales.keys.content import Pages
from retail.sales.keys.errors import LayoutArchived, LayoutChanged
from retail.sales.setup import setup
from tests.support.axe import violations
from tests.support.office import office
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["office", "site"]

BREAD = "0199f000-0000-7000-8000-000000000001"


def tile(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "article", "label": "", "ref": BREAD, **more}


def two_pages() -> Pages:
    folder = {"id": "f", "kind": "folder", "label": "Rolls", "tiles": [tile("x"), tile("y")]}
    return [{"id": "p", "name": "Bread", "tiles": [tile("a"), folder, tile("b")]}, {"id": "q", "name": "", "tiles": []}]


def ids(pages: Pages) -> list[str]:
    return [one["id"] for one in content.everything(pages)]


def test_moves_are_among_neighbours_and_stop_at_the_ends() -> None:
    assert ids(content.act(two_pages(), "up:b", "", str)) == ["p", "q", "a", "b", "f", "x", "y"]
    assert ids(content.act(two_pages(), "down:b", "", str)) == ids(two_pages())
    assert ids(content.act(two_pages(), "up:y", "", str)) == ["p", "q", "a", "f", "y", "x", "b"]
    assert ids(content.act(two_pages(), "down:p", "", str))[:2] == ["q", "p"]


def test_a_tile_is_put_before_another_one_and_a_folder_into_no_folder() -> None:
    assert ids(content.act(two_pages(), "before:b:x", "", str)) == ["p", "q", "a", "f", "b", "x", "y"]
    assert ids(content.act(two_pages(), "after:a:b", "", str)) == ["p", "q", "f", "x", "y", "b", "a"]
    assert ids(content.act(two_pages(), "before:f:y", "", str)) == ids(two_pages())
    assert ids(content.act(two_pages(), "before:gone:y", "", str)) == ids(two_pages())


def test_tiles_go_into_the_page_or_folder_that_is_meant_and_the_last_page_stays() -> None:
    made = content.act(two_pages(), f"article:{BREAD}", "f", lambda: "n")
    assert [one["id"] for one in made[0]["tiles"][1]["tiles"]] == ["x", "y", "n"]
    assert content.act(two_pages(), "folder", "q", lambda: "n")[1]["tiles"][0]["kind"] == "folder"
    assert content.act(two_pages(), "function:drawer", "gone", lambda: "n")[1]["tiles"][0]["ref"] == "drawer"
    one = content.act(two_pages(), "out:p", "", str)
    assert [page["id"] for page in content.act(one, "out:q", "", str)] == ["q"]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["up", "down", "out", "page", "folder", f"article:{BREAD}", "function:hold", "before"]),
        st.sampled_from("pqfabxy0123"), st.sampled_from("pqfabxy0123"),
    ), max_size=30,
)  # fmt: skip


@given(ACTS)
def test_whatever_is_pressed_leaves_a_layout_that_can_be_kept(acts: list[tuple[str, str, str]]) -> None:
    fresh, pages = count(), two_pages()
    for verb, one, other in acts:
        said = (
            f"before:{one}:{other}" if verb == "before" else f"{verb}:{one}" if verb in {"up", "down", "out"} else verb
        )
        pages = content.act(pages, said, other, lambda: str(next(fresh)))
        if len(pages) <= content.MOST_PAGES:
            assert content.read(content.write(pages)) == pages


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "null", "[1]", '[{"id":"p"}]', "x" * 70_000, json.dumps([{"id": "p", "name": 3, "tiles": []}]),
        json.dumps([{"id": "p", "name": "", "tiles": [tile("p")]}]),
        json.dumps([{"id": "p", "name": "", "tiles": [tile("a", ref="no")]}]),
        json.dumps([{"id": "p", "name": "", "tiles": [tile("a", kind="function", ref="erase")]}]),
        json.dumps([{"id": "p", "name": "", "tiles": [tile("a", colour="javascript:")]}]),
        json.dumps([{"id": "p", "name": "", "tiles": [
            {"id": "f", "kind": "folder", "tiles": [{"id": "g", "kind": "folder", "tiles": []}]},
        ]}]),
        json.dumps([{"id": "p", "name": "", "tiles": [tile(f"t{n}") for n in range(201)]}]),
    ],
)  # fmt: skip
def test_what_a_stranger_sends_is_no_layout(text: str) -> None:
    with pytest.raises(Invalid):
        content.read(text)


async def made(shop: Shop, name: str = "Bar", pages: Pages | None = None) -> UUID:
    id = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await layouts.create(tx, id, name)
        if pages is not None:
            await layouts.save(tx, id, name, pages, 1)
    return id


async def told(shop: Shop, till: UUID) -> dict[str, Any] | None:
    async with shop.db.read(shop.scope) as read:
        keys: dict[str, Any] | None = (await setup(read, till))["keys"]
        return keys


async def test_every_save_is_a_version_and_who_was_slower_must_choose(shop: Shop) -> None:
    id = await made(shop)
    async with shop.db.begin(shop.scope) as tx:
        assert await layouts.save(tx, id, "Bar", two_pages(), 1) == 2
    with pytest.raises(LayoutChanged) as slower:
        async with shop.db.begin(shop.scope) as tx:
            await layouts.save(tx, id, "Counter", two_pages(), 1)
    assert (slower.value.version, slower.value.by) == (2, "Olga Owner")
    async with shop.db.begin(shop.scope) as tx:
        assert await layouts.save(tx, id, "Bar", two_pages(), 1) == 2  # the same again: nothing is lost
        assert await layouts.save(tx, id, "Counter", two_pages(), 2) == 3
    async with shop.db.read(shop.scope) as read:
        kept = [(one.version, one.name, one.saved_by) for one in await layouts.versions(read, id)]
        assert kept == [(3, "Counter", "Olga Owner"), (2, "Bar", "Olga Owner"), (1, "Bar", "Olga Owner")]
        assert (await layouts.pages_of(read, id, 1))[0]["tiles"] == []


async def test_the_narrowest_place_wins_and_an_archived_layout_is_shown_nowhere(shop: Shop) -> None:
    wide, of_store, of_till = await made(shop, "Wide"), await made(shop, "Store"), await made(shop, "Till")
    assert await told(shop, shop.till) is None
    for id, place in ((wide, shop.tenant.id), (of_store, shop.store), (of_till, shop.till)):
        async with shop.db.begin(shop.scope) as tx:
            await layouts.use_at(tx, id, place)
    assert [(await told(shop, till) or {})["name"] for till in (shop.till, shop.second_till)] == ["Till", "Store"]
    async with shop.db.begin(shop.scope) as tx:
        await layouts.leave(tx, of_till, shop.till)
        await layouts.archive(tx, of_store)
    assert (await told(shop, shop.till) or {})["name"] == "Wide"
    with pytest.raises(LayoutArchived):
        async with shop.db.begin(shop.scope) as tx:
            await layouts.use_at(tx, of_store, shop.store)


async def test_a_till_gets_hues_and_copies_are_their_own(shop: Shop) -> None:
    pages = [{"id": "p", "name": "Drinks", "tiles": [tile("a", colour="blue", ref=str(shop.products[0].id))]}]
    id, copy = await made(shop, "Bar", pages), new_id()
    async with shop.db.begin(shop.scope) as tx:
        await layouts.create(tx, copy, "Bar 2", id)
        await layouts.use_at(tx, copy, shop.store)
        await layouts.save(tx, id, "Bar", [{"id": "p", "name": "Other", "tiles": []}], 2)
    keys = await told(shop, shop.till) or {}
    assert (keys["pages"][0]["name"], keys["pages"][0]["tiles"][0]["hue"]) == ("Drinks", 255)


async def test_another_business_finds_none_of_it(shop: Shop) -> None:
    id, other = await made(shop), await open_shop(shop.db)
    with pytest.raises(NotFound):
        async with other.db.begin(other.scope) as tx:
            await layouts.archive(tx, id)
    mine = await made(other)
    with pytest.raises(NotFound):
        async with other.db.begin(other.scope) as tx:
            await layouts.use_at(tx, mine, shop.till)
    async with other.db.read(other.scope) as read:
        assert [one.id for one in await layouts.layouts(read)] == [mine]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1).replace("&#34;", '"').replace("&quot;", '"')


async def press(owner: httpx.AsyncClient, address: str, page: str, act: str, **more: str) -> httpx.Response:
    kept = {"draft": hidden(page, "draft"), "seen": hidden(page, "seen"), "name": "Bar"}
    return await owner.post(address, data={**kept, **more, "act": act})


async def test_the_editor_keeps_nothing_before_save_and_shows_who_was_faster(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/tills/layouts"
    made = await owner.post(home, data={"name": "Bar"})
    assert made.status_code == 303
    address = made.headers["location"]
    first = (await owner.get(address)).text
    found = (await press(owner, address, first, "find", q="sourdough")).text
    assert "Add “Sourdough loaf 800 g”" in found
    drawn = (await press(owner, address, found, f"article:{shop.products[0].id}")).text
    drawn = (await press(owner, address, drawn, "category", category=str(shop.category))).text
    assert "Move Groceries up" in drawn
    assert "Move Groceries up" not in (await owner.get(address)).text
    assert (await press(owner, address, drawn, "save")).status_code == 303
    late = await press(owner, address, first, "save", name="Mine")
    assert late.status_code == 409
    assert "saved version 2 of this layout" in late.text
    assert (await press(owner, address, late.text, "over", name="Mine")).status_code == 303
    assert "Version 3" in (await owner.get(address)).text
    assert (await press(owner, address, first, "function", function="erase")).status_code == 422
    assert (await owner.post(f"{address}/places", data={"use": str(shop.till)})).status_code == 303
    assert (await told(shop, shop.till) or {})["name"] == "Mine"
    assert "Till 1" in (await owner.get(home)).text
    assert (await (await site.member(shop, "clerk")).get(home)).status_code == 403


async def test_the_list_has_pages_a_search_and_goes_out_as_a_file(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/tills/layouts"
    assert "No layouts yet" in (await owner.get(home)).text
    for number in range(21):
        last = await made(shop, f"Counter {number:02d}")
    await shop.db.run(shop.scope, layouts.use_at, last, shop.till)
    first = (await owner.get(home)).text
    assert "Counter 19</b>" in first
    assert "Counter 20</b>" not in first
    onward = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert onward
    second = (await owner.get(html.unescape(onward[1]))).text
    assert "Counter 20</b>" in second
    assert "Counter 19</b>" not in second
    by_till = (await owner.get(f"{home}?q=till 1")).text
    assert "Counter 20</b>" in by_till
    assert "Counter 19</b>" not in by_till
    assert "No layout is called so" in (await owner.get(f"{home}?q=kiosk")).text
    assert (await owner.get(f"{home}?after=nonsense")).status_code == 422
    rows = (await owner.get(f"{home}/export?format=csv&q=counter 20")).text.splitlines()
    assert rows[0].lstrip("\ufeff").split(",")[:3] == ["name", "used_by", "version"]
    assert len(rows) == 2
    assert "Till 1" in rows[1]


async def test_the_pages_read_well_and_work_by_key(office: Page, shop: Shop) -> None:
    id = await made(shop, "Bar", [{"id": "p", "name": "Drinks", "tiles": [
        tile("a", ref=str(shop.products[3].id)), tile("b", ref=str(shop.products[1].id)), tile("c"),
    ]}])  # fmt: skip
    home = f"/t/{shop.tenant.slug}/tills/layouts"
    await office.goto(home)
    await expect(office.get_by_role("link", name="Bar")).to_be_visible()
    assert await violations(office) == []
    await office.goto(f"{home}/{id}")
    await expect(office.get_by_text("gone", exact=True)).to_be_visible()
    await office.get_by_role("button", name="Move Whole milk 1 l up").press("Enter")
    await expect(office.locator(".key-name b").first).to_have_text("Whole milk 1 l")
    grip, last = office.locator(".key-grip").first, office.locator(".key-row").last
    box, end = await grip.bounding_box(), await last.bounding_box()
    assert box is not None
    assert end is not None
    await office.mouse.move(box["x"] + 5, box["y"] + 5)
    await office.mouse.down()
    await office.mouse.move(end["x"] + 5, end["y"] + end["height"] - 3, steps=4)
    await office.mouse.up()
    await expect(office.locator(".key-name b").last).to_have_text("Whole milk 1 l")
    assert await violations(office) == []
    await office.get_by_role("button", name="Save layout").click()
    await expect(office.get_by_text("Version 3, saved by")).to_be_visible()
