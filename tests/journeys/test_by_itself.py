"""What follows on a screen by itself: what a country proposes, what owners write, what was confirmed elsewhere."""

from __future__ import annotations

import re
from itertools import pairwise
from uuid import UUID

from playwright.async_api import Page, expect

from retail.comms import announcing, readers, threads
from retail.comms.threads import Message, NewThread
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.runtime.tenancy import Actor, Scope
from retail.tenants.life import FROZEN, step
from tests.comms.test_announcements import OTTO, draft
from tests.journeys.test_console import operator
from tests.support.axe import violations
from tests.support.day import DESKTOP, PHONE, Day

SOON = 8_000
"""Milliseconds in which it is there on a loaded machine; without a push or a quick question it takes far longer."""


async def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    widths = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"{page.url}: {widths}"


async def test_a_country_proposes_its_currency_and_its_time_zone_to_a_new_business(day: Day) -> None:
    for viewport in (DESKTOP, PHONE):
        otto = await operator(day, viewport=viewport)
        page = await otto.visit("/platform/businesses/new")
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        await page.get_by_label("Name", exact=True).fill("Alpenladen")
        await page.get_by_label("Country").select_option(label="Switzerland")
        await expect(page.get_by_label("Currency")).to_have_value("CHF")
        await expect(page.get_by_label("Time zone")).to_have_value("Europe/Zurich")
        await page.get_by_label("Country").select_option(label="United States")
        await expect(page.get_by_label("Currency")).to_have_value("USD")
        await expect(page.get_by_label("Prices on the shelf include tax")).not_to_be_checked()
        await expect(page.get_by_label("Name", exact=True)).to_have_value("Alpenladen")
        sent = [url.partition("?")[2] for url in asked if "/platform/businesses/new" in url]
        assert sent == ["country=CH", "country=US"], "nothing else of the form is put into an address"
        await fits(page)
        assert await violations(page) == []


async def test_what_an_owner_writes_appears_in_the_operators_list_and_counts(day: Day) -> None:
    otto = await operator(day)
    page = await otto.visit("/platform/messages")
    place = page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("Messages"))
    await page.evaluate("window.stays = true")
    owner = Scope(day.shop.tenant.id, Actor("person", new_id(), "Owner"), role="owner")
    reader, id = readers.member(owner, owner.actor.id), new_id()

    async def begin(tx: Tx) -> None:
        await threads.open_thread(tx, reader, NewThread(id, "operator", "Our printer"))
        await threads.write(tx, reader, id, Message(new_id(), "It prints nothing."))

    await day.house.db.run(owner, begin)
    line = page.locator("#threads li", has_text="Our printer")
    await expect(line).to_contain_text("New", timeout=SOON)
    await expect(place.locator(".pill")).to_have_text(re.compile(r"^\d+\+? unread$"), timeout=SOON)
    await page.goto(f"{otto.origin}/platform/messages/{day.shop.tenant.id}/{id}")
    await expect(page.locator("#talk")).to_contain_text("It prints nothing.")
    await page.goto(f"{otto.origin}/platform/messages")
    await expect(line).to_be_visible()
    await expect(line).not_to_contain_text("New")


async def test_what_is_confirmed_on_one_screen_goes_from_the_persons_other_ones_alone(day: Day) -> None:
    desk = await day.device("owner")
    phone = await day.device(viewport=PHONE, has_touch=True, is_mobile=True)
    clerk = await day.device("clerk")
    pages = [await desk.visit(day.path("/customers"))]
    owner = await pages[0].locator(".bell").get_attribute("data-person")
    await day.sign_in_quietly(phone, UUID(owner))
    pages += [await phone.visit(day.path("/")), await clerk.visit(day.path("/messages"))]
    made = draft(day.house.db, day.shop)
    await day.house.db.run(OTTO, announcing.announce, made)
    try:
        for page in pages:
            await expect(page.locator("#news-strip")).to_contain_text("Maintenance tonight")
        other = await phone.context.new_page()
        await other.goto(f"{phone.origin}{day.path('/news')}")
        await other.get_by_role("button", name="I have read it").click()
        for page in pages[:2]:
            await expect(page.locator("#news-strip")).to_be_empty(timeout=SOON)
        await expect(pages[2].locator("#news-strip")).to_contain_text("Maintenance tonight")
    finally:
        await day.house.db.run(OTTO, announcing.withdraw, made.id)


async def test_the_words_of_a_banner_have_the_width_of_a_phone_and_its_button_is_below(day: Day) -> None:
    owner = await day.device("owner", viewport=PHONE, has_touch=True, is_mobile=True)

    async def freeze(tx: Tx) -> None:
        await step(tx, FROZEN, reason="A test")

    await day.house.db.run(day.shop.scope, freeze)
    page = await owner.visit(day.path("/customers"))
    banner = page.locator("#standing .banner")
    words, button = banner.locator(".grow"), banner.get_by_role("link", name="Ask support")
    await expect(words).to_contain_text("An operator has frozen this business")
    said, below, whole = await words.bounding_box(), await button.bounding_box(), await banner.bounding_box()
    assert said
    assert below
    assert whole
    assert below["y"] >= said["y"] + said["height"]
    assert said["width"] > whole["width"] * 0.7
    await fits(page)


async def test_arrows_point_the_other_way_from_right_to_left(day: Day) -> None:
    owner = await day.device("owner")
    page = await owner.visit(day.path("/"))
    icon = page.get_by_role("link", name="Earlier").locator("svg")
    turned = "(icon) => getComputedStyle(icon).scale"
    assert await icon.evaluate(turned) == "none"
    await page.evaluate("document.documentElement.dir = 'rtl'")
    assert await icon.evaluate(turned) == "-1 1"
    assert await page.locator(".places .icon").first.evaluate(turned) == "none"


async def test_a_letters_paragraphs_stand_apart(day: Day) -> None:
    owner = await day.device("owner", viewport=PHONE)
    page = await owner.visit(day.path("/notices/settings"))
    boxes = [await one.bounding_box() for one in await page.locator(".letter > p").all()]
    gaps = [below["y"] - above["y"] - above["height"] for above, below in pairwise(boxes) if above and below]
    assert gaps
    assert min(gaps) >= 8
