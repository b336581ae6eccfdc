"""The office's pages of people and rights in a real Chromium: nothing is cut off on a phone, what is asked is asked."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from retail.identity.operations import NewMember, add_member
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from tests.identity.test_sign_in_browser import Visit, visit
from tests.support.web import PASSWORD_HASH, enrol

__all__ = ["visit"]

SMALL = {"width": 360, "height": 740}
SQUEEZED = """() => [...document.querySelectorAll("td[data-label]")].filter((cell) => {
  const label = getComputedStyle(cell, "::before");
  return parseFloat(label.width) < 0.35 * parseFloat(label.fontSize) * cell.dataset.label.length;
}).map((cell) => cell.dataset.label)"""
PANEL = """() => { const { left, right } = document.querySelector(".page-head .menu-panel").getBoundingClientRect();
  return [left, right, innerWidth, document.documentElement.scrollWidth]; }"""
PLACE = """() => { const here = document.querySelector(".side [aria-current]").getBoundingClientRect();
  return here.top >= 0 && here.bottom <= innerHeight; }"""


async def in_office(visit: Visit, db: Database) -> str:
    """Sign an owner in; gives where the business's pages begin."""
    _, email, _ = await enrol(db, visit.shop.tenant.id, "owner")
    await visit.sign_in(email)
    base = f"/t/{visit.shop.tenant.slug}"
    await visit.page.wait_for_url(f"**{base}/")
    return base


@pytest.mark.parametrize("path", ["/people", "/audit", "/stores"])
async def test_rows_and_menus_of_a_list_fit_on_a_small_phone(visit: Visit, db: Database, path: str) -> None:
    base = await in_office(visit, db)
    member = NewMember("a.rather.long.address.of.carla@shop.example", "Carla", "clerk", PASSWORD_HASH)
    await db.run(Scope.system(visit.shop.tenant.id), add_member, member)
    await visit.page.set_viewport_size(SMALL)
    await visit.go(base + path)
    assert await visit.page.evaluate(SQUEEZED) == []
    await visit.page.locator(".page-head .menu > summary").click()
    left, right, width, whole = await visit.page.evaluate(PANEL)
    assert left >= 0
    assert right <= width == whole
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.locator(".page-head .menu[open]")).to_have_count(0)
    await visit.page.set_viewport_size({"width": 1280, "height": 800})
    await visit.page.locator(".page-head .menu > summary").click()
    left, right, width, whole = await visit.page.evaluate(PANEL)
    assert right <= width == whole
    assert visit.said == []


async def test_the_navigation_shows_where_somebody_is_however_far_down(visit: Visit, db: Database) -> None:
    base = await in_office(visit, db)
    await visit.page.set_viewport_size({"width": 1280, "height": 640})
    for path in ("/", "/people", "/privacy", "/settings"):
        await visit.go(base + path)
        await visit.page.wait_for_function(PLACE)


async def test_erasing_a_customer_asks_first_and_gathering_does_not(visit: Visit, db: Database) -> None:
    base = await in_office(visit, db)
    page = visit.page
    await visit.go(f"{base}/privacy")
    await page.get_by_label("Reference of the customer").fill("C-4711")
    await page.get_by_role("button", name="Erase").click()
    await expect(page.get_by_role("heading", name="Erase the customer's data?")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(page.locator("#erasures")).to_contain_text("Nobody yet.")
    await page.get_by_role("button", name="Gather the data").click()
    await expect(page.locator("#data-exports li b")).to_have_count(1)
    await page.get_by_label("Reference of the customer").fill("C-4711")
    await page.get_by_role("button", name="Erase").click()
    await page.locator("dialog[open]").get_by_role("button", name="Erase").click()
    await expect(page.get_by_text("No sale bears this reference.")).to_be_visible()  # it was asked for, and answered


async def test_a_new_token_asks_for_permissions_only_where_they_are_picked_and_is_copied(
    visit: Visit, db: Database
) -> None:
    base = await in_office(visit, db)
    page = visit.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await visit.go(f"{base}/tokens/new")
    await expect(page.get_by_label("Sell at a till")).to_be_hidden()
    await page.get_by_label("Only the ticked ones").check()
    await page.get_by_label("Sell at a till").check()
    await page.get_by_label("Name", exact=True).fill("Web shop")
    await page.get_by_label("Role", exact=True).select_option("clerk")
    await page.get_by_role("button", name="Make the token").click()
    await page.get_by_role("button", name="Copy", exact=True).click()
    await expect(page.get_by_text("Copied.")).to_be_visible()
    token = await page.locator("#token").inner_text()
    assert await page.evaluate("navigator.clipboard.readText()") == token


async def test_the_picture_of_a_code_can_be_scanned_in_the_dark(visit: Visit, db: Database) -> None:
    base = await in_office(visit, db)
    page = visit.page
    await page.emulate_media(color_scheme="dark")
    await visit.go(f"{base}/devices")
    await page.get_by_label("Name of the device").fill("Door tablet")
    await page.get_by_role("button", name="Make a code").click()
    ground = await page.locator("#code img").evaluate("(picture) => getComputedStyle(picture).backgroundColor")
    assert ground == "rgb(255, 255, 255)", "dark on light is what cameras read"
