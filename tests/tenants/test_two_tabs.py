"""The same thing edited in two tabs: the later save shows what is stored, and writes only what its tab touched."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from playwright.async_api import Page

from tests.support.office import office
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]


async def drawn(owner: httpx.AsyncClient, page: str, action: str) -> dict[str, str]:
    """Read the form of a page that goes to `action`, as a browser would send it."""
    return sent((await owner.get(page)).text, action)


def sent(page: str, action: str) -> dict[str, str]:
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, action
    values = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        held = {name: html.unescape(value) for name, value in re.findall(r'\b([\w-]+)="([^"]*)"', tag)}
        if held.get("type") != "checkbox" or re.search(r"\schecked\b", tag):
            values[held["name"]] = held.get("value", "")
    for name, inside in re.findall(r'<textarea[^>]*\bname="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL):
        values[name] = html.unescape(inside)
    for name, inside in re.findall(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)"\s+selected', inside)
        values[name] = html.unescape(chosen[1]) if chosen else ""
    return values


def forms(shop: Shop) -> dict[str, tuple[str, str, str, str, str]]:
    """Name each form's page, where it is sent, the field that both tabs change, and the one that the first tab does."""
    home, bread = f"/t/{shop.tenant.slug}", f"/products/{shop.products[0].id}"
    return {
        "product": (f"{bread}/edit", bread, "name", "price", "9.99"),
        "category": (f"/products/categories/{shop.category}/edit", f"/products/categories/{shop.category}", "name",
                     "position", "77"),
        "tax": (f"/products/taxes/{shop.reduced}/edit", f"/products/taxes/{shop.reduced}", "name", "rate", "8"),
        "store": (f"/stores/{shop.store}", f"/stores/{shop.store}", "store_name", "address", "New street 7"),
        "till": (f"/tills/{shop.till}", f"/tills/{shop.till}", "name", "code", "T77"),
        "role": ("/roles", "/roles/table", "l.clerk.refund", "r.clerk.view_books", "allowed"),
    } | {"home": (home, "", "", "", "")}  # fmt: skip


@pytest.mark.parametrize("kind", ["product", "category", "tax", "store", "till", "role"])
async def test_the_second_tab_keeps_what_the_first_one_changed(site: Site, shop: Shop, kind: str) -> None:
    owner = await site.member(shop)
    home = forms(shop)["home"][0]
    page, to, both, first_only, value = forms(shop)[kind]
    action, shared = f"{home}{to}", {"sure": "on"} if kind == "tax" else {}
    mine = "61.25" if kind == "role" else "Second tab"
    theirs = "33.75" if kind == "role" else "First tab"
    first = await drawn(owner, home + page, action)
    second = dict(first)
    assert first[first_only] != value
    kept = await owner.post(action, data=first | shared | {both: theirs, first_only: value})
    assert kept.status_code == 303, kept.text
    refused = await owner.post(action, data=second | shared | {both: mine})
    assert refused.status_code in {409, 422}
    assert "Somebody has changed this since you opened it" in refused.text
    stored = re.findall(r'<p class="stored".*?</p>', refused.text, re.DOTALL)
    assert len(stored) == 2  # beside what both changed and what only the other did, and nothing else
    assert sum(theirs in one for one in stored) == 1
    again = sent(refused.text, action)
    assert (again[both], again[first_only]) == (mine, value)
    assert (await owner.post(action, data=again | shared)).status_code == 303
    now = await drawn(owner, home + page, action)
    assert (now[both], now[first_only]) == (mine, value)


async def test_in_a_browser_the_banner_of_a_refused_save_is_in_sight_and_has_the_focus(
    site: Site, shop: Shop, office: Page
) -> None:
    owner = await site.member(shop)
    action = f"/t/{shop.tenant.slug}/products/{shop.products[0].id}"
    await office.set_viewport_size({"width": 900, "height": 500})
    await office.goto(f"{action}/edit")
    other = await drawn(owner, f"{action}/edit", action)
    assert (await owner.post(action, data=other | {"name": "First tab", "price": "9.99"})).status_code == 303
    await office.fill("#f-name", "Second tab")
    await office.locator("#product-form button.primary").scroll_into_view_if_needed()
    await office.click("#product-form button.primary")
    await office.wait_for_selector("#f-name-stored")
    assert "First tab" in await office.inner_text("#f-name-stored")
    assert await office.evaluate("document.activeElement.matches('[data-wrong]')")
    box = await office.locator("[data-wrong]").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 500 - box["height"]
    assert await office.input_value("#f-price") == "9.99"
