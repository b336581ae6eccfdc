"""News and messages as people see them: live on every page and at the till, on a phone and at a desk."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from retail.comms import announcing
from retail.runtime.switches import MESSAGE, put
from tests.comms.test_announcements import OTTO, draft
from tests.journeys.test_console import operator
from tests.support.axe import violations
from tests.support.day import PHONE, Day
from tests.support.house import eventually


async def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    widths = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"{page.url}: {widths}"


async def test_an_announcement_is_seen_live_on_open_screens_and_at_a_till_between_two_sales(day: Day) -> None:
    bread, *_rest = day.shop.products
    await day.stock_up({bread: "20"})
    clerk = await day.device("clerk")
    till = await day.at_till(clerk, float_digits="5000")
    owner = await day.device("owner", viewport=PHONE, has_touch=True, is_mobile=True)
    page = await owner.visit(day.path("/customers"))  # a page that nothing else is live on
    pill = till.page.locator(".news-pill")
    await expect(pill).to_be_attached()
    await till.scan(bread)
    made = draft(day.house.db, day.shop)
    await day.house.db.run(OTTO, announcing.announce, made)

    strip = page.locator("#news-strip")
    await expect(strip).to_contain_text("Maintenance tonight")
    await fits(page)
    assert await violations(page) == []
    await expect(pill).to_be_hidden()
    await till.pay_cash("500")
    await till.tap("Next sale")
    await expect(pill).to_be_visible()

    await strip.get_by_role("link", name="Read and confirm").click()
    await page.get_by_role("button", name="I have read it").click()
    await expect(page.locator("main")).to_contain_text("You confirmed it")
    await expect(strip).to_be_empty()
    await pill.click()
    await till.tap("I have read it")
    await till.shows("You have read it.")

    async def confirmed() -> int:
        async with day.house.db.platform() as unit:
            return (await announcing.announced(unit, made.id)).confirmed

    await eventually(confirmed, 2)
    await day.house.db.run(OTTO, announcing.withdraw, made.id)


async def test_every_control_of_a_page_can_be_scrolled_clear_of_the_news(day: Day) -> None:
    made = draft(day.house.db, day.shop, title="Maintenance " * 10)
    await day.house.db.run(OTTO, announcing.announce, made)
    owner = await day.device("owner")
    page = await owner.visit(day.path("/billing"))
    card = page.locator(".news-card")
    await expect(card).to_be_visible()
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last, above = page.locator("main button:visible").last, await card.bounding_box()
    box = await last.bounding_box()
    assert box
    assert above
    assert box["y"] + box["height"] <= above["y"]


async def test_on_a_phone_the_news_stand_above_the_page_and_cover_none_of_it(day: Day) -> None:
    made = draft(day.house.db, day.shop, title="Maintenance " * 10)
    await day.house.db.run(OTTO, announcing.announce, made)
    owner = await day.device("owner", viewport=PHONE, has_touch=True, is_mobile=True)
    page = await owner.visit(day.path("/"))
    await expect(page.locator(".news-card")).to_be_visible()
    top, card, main = await page.evaluate(
        """[".topbar", ".news-card", "main"].map((name) => {
          const { top, bottom, left, right } = document.querySelector(name).getBoundingClientRect();
          return { top, bottom, left, right };
        })"""
    )
    assert top["bottom"] <= card["top"] < card["bottom"] <= main["top"]
    assert 0 <= card["left"] < card["right"] <= PHONE["width"]
    await fits(page)
    await day.house.db.run(OTTO, announcing.withdraw, made.id)


async def test_the_operator_sees_who_confirms_and_owners_the_maintenance_without_a_reload(day: Day) -> None:
    made = draft(day.house.db, day.shop)
    await day.house.db.run(OTTO, announcing.announce, made)
    owner, otto = await day.device("owner"), await operator(day)
    listed = await otto.visit(f"/platform/announcements/{made.id}")
    await expect(listed.locator("#confirmations")).to_contain_text("Nobody yet")
    page = await owner.visit(day.path("/news"))
    await page.get_by_role("button", name="I have read it").click()
    await expect(listed.locator("#confirmations")).to_contain_text("Owner")
    try:
        await day.house.db.run(OTTO, put, MESSAGE, "", "Back at eight")
        await expect(page.locator("#standing")).to_contain_text("Back at eight")
    finally:
        await day.house.db.run(OTTO, put, MESSAGE, "", "")
    await expect(page.locator("#standing")).not_to_contain_text("Back at eight")


async def test_two_people_write_to_each_other_live(day: Day) -> None:
    owner = await day.device("owner", viewport=PHONE, has_touch=True, is_mobile=True)
    clerk = await day.device("clerk")
    desk = await clerk.visit(day.path("/messages"))
    phone = await owner.visit(day.path("/messages/new"))
    await fits(phone)
    assert await violations(phone) == []
    await phone.get_by_label("Subject").fill("Saturday")
    await phone.get_by_role("group", name="People").get_by_label("Clerk").check()
    await phone.get_by_label("Your message").fill("Can you open?")
    await phone.get_by_role("button", name="Send", exact=True).click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("Saturday")
    await fits(phone)

    await expect(desk.locator("#threads")).to_contain_text("Can you open?")
    place = desk.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("Messages"))
    await expect(place).to_contain_text("1")
    await desk.locator("#threads").get_by_role("link", name=re.compile("Saturday")).click()
    await expect(desk.locator("#talk")).to_contain_text("Can you open?")
    assert await violations(desk) == []
    await expect(phone.locator("#talk")).to_contain_text("Read by Clerk")
    await desk.get_by_label("Your message").fill("Yes, at eight.")
    await desk.get_by_role("button", name="Send", exact=True).click()
    await expect(phone.locator("#talk")).to_contain_text("Yes, at eight.")
    await expect(desk.locator("#talk")).to_contain_text("Read by Owner")
    assert await violations(phone) == []
