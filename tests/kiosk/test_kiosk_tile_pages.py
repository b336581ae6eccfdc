"""The layout that the office made: tabs, folders, functions, without a network, after a restart, by key, and live."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.support.axe import violations
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage

LOAF = "Sourdough loaf 800 g"


def article(fake: FakeTillServer, id: str, index: int, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "article", "label": "", "ref": fake.products[index].id, **more}


def function(id: str, ref: str) -> dict[str, Any]:
    return {"id": id, "kind": "function", "label": "", "ref": ref}


def lay_out(fake: FakeTillServer) -> None:
    """Two pages, one with a folder, an article that is gone and what only a newer till knows."""
    folder = {"id": "f1", "kind": "folder", "label": "Hot drinks", "hue": 25, "tiles": [article(fake, "a2", 1)]}
    gone = {"id": "a3", "kind": "article", "label": "Old roll", "ref": "0199f000-0000-7000-8000-00000000dead"}
    newer = {"id": "n1", "kind": "video", "label": "News", "ref": "x"}
    category = {"id": "c1", "kind": "category", "label": "", "ref": fake.catalogue(0)["categories"][0]["id"]}
    first = [article(fake, "a1", 0, label="Bread", hue=150), folder, gone, newer]
    fake.keys = {
        "id": "k", "name": "Bar", "version": 1, "pages": [
            {"id": "p1", "name": "Morning", "tiles": first},
            {"id": "p2", "name": "", "tiles": [function("x1", "discount"), function("x2", "receipts"), category]},
        ],
    }  # fmt: skip


def tab(till: TillPage, name: str) -> Locator:
    return till.page.get_by_role("group", name="Pages").get_by_role("button", name=name, exact=True)


def tile(till: TillPage, name: str) -> Locator:
    return till.page.locator(".own").get_by_role("button", name=name)


async def push(till: TillPage) -> None:
    """Tell the till what the office made, as the server does."""
    await till.page.evaluate("async () => (await import('/kiosk/till/hearing.js')).keepHearing()")
    await till.page.evaluate("async () => (await import('/kiosk/till/tile_pages.js')).mountPages()")
    till.fake.push("settings", "keys.changed", {})


@pytest.mark.shell
async def test_one_touch_sells_and_folders_open_and_close(selling: TillPage, fake: FakeTillServer) -> None:
    lay_out(fake)
    await push(selling)
    await expect(tab(selling, "Morning")).to_have_attribute("aria-pressed", "true")
    await tile(selling, "Bread").click()
    await selling.has_lines(f"1 {LOAF} €4.20")
    await tile(selling, "Hot drinks").click()
    await expect(tile(selling, "Bread")).to_have_count(0)
    await tile(selling, fake.products[1].name).click()
    await expect(selling.page.locator(".lines li")).to_have_count(2)
    assert await violations(selling.page) == []
    await tile(selling, "Back").click()
    await expect(tile(selling, "Bread")).to_be_visible()
    await expect(tile(selling, "Old roll")).to_be_disabled()
    await expect(tile(selling, "News")).to_have_count(0)


@pytest.mark.shell
async def test_tabs_functions_categories_and_all_articles(selling: TillPage, fake: FakeTillServer) -> None:
    lay_out(fake)
    await push(selling)
    await tab(selling, "Page 2").click()
    await tile(selling, "Receipts").click()
    await expect(selling.page.locator("#receipts, .receipts").first).to_be_visible()
    await selling.key("Escape")
    name = fake.catalogue(0)["categories"][0]["name"]
    await tile(selling, name).click()
    await expect(tab(selling, "All articles")).to_have_attribute("aria-pressed", "true")
    chips = selling.page.get_by_role("group", name="Categories")
    await expect(chips.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    await expect(selling.page.locator(".tiles:not(.own) .tile").first).to_be_visible()


@pytest.mark.shell
async def test_by_key_a_folder_opens_sells_and_closes(selling: TillPage, fake: FakeTillServer) -> None:
    lay_out(fake)
    await push(selling)
    await tile(selling, "Hot drinks").press("Enter")
    await expect(tile(selling, "Back")).to_be_focused()
    await selling.key("Tab")
    await selling.key("Enter")
    await expect(selling.page.locator(".lines li")).to_have_count(1)
    await selling.key("Escape")
    await expect(tile(selling, "Hot drinks")).to_be_focused()


@pytest.mark.shell
async def test_a_search_finds_everything_and_the_page_comes_back(selling: TillPage, fake: FakeTillServer) -> None:
    lay_out(fake)
    await push(selling)
    await expect(tile(selling, "Bread")).to_be_visible()
    await selling.page.get_by_role("searchbox").fill("milk")
    await expect(selling.page.locator(".tiles:not(.own) .tile").first).to_be_visible()
    await expect(tile(selling, "Bread")).to_have_count(0)
    await selling.page.get_by_role("searchbox").fill("")
    await expect(tile(selling, "Bread")).to_be_visible()


@pytest.mark.shell
async def test_it_is_there_without_a_network_and_after_a_restart(selling: TillPage, fake: FakeTillServer) -> None:
    lay_out(fake)
    await push(selling)
    await tab(selling, "Page 2").click()
    await expect(tile(selling, "Discount")).to_be_visible()
    await selling.works_offline()
    await selling.page.context.set_offline(True)
    await selling.page.reload()
    await expect(tab(selling, "Page 2")).to_have_attribute("aria-pressed", "true")
    await tab(selling, "Morning").click()
    await tile(selling, "Bread").click()
    await selling.has_lines(f"1 {LOAF} €4.20")


@pytest.mark.shell
async def test_what_is_set_anew_comes_live_and_without_a_layout_all_is_as_it_was(
    selling: TillPage, fake: FakeTillServer
) -> None:
    lay_out(fake)
    await push(selling)
    await expect(tile(selling, "Bread")).to_be_visible()
    assert fake.keys is not None
    fake.keys = {
        **fake.keys,
        "version": 2,
        "pages": [{"id": "p9", "name": "Evening", "tiles": [article(fake, "z", 2)]}],
    }
    fake.push("settings", "keys.changed", {})
    await expect(tile(selling, fake.products[2].name)).to_be_visible()
    fake.keys = None
    fake.push("settings", "keys.changed", {})
    await expect(selling.page.get_by_role("group", name="Pages")).to_have_count(0)
    await expect(selling.page.get_by_role("group", name="Categories")).to_be_visible()
    await expect(selling.page.locator(".tiles:not(.own) .tile").first).to_be_visible()
