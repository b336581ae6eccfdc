"""The customer display on another device: paired by a code, told through the server, and never stale."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.fake_till_displays import CODE
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


@pytest.fixture
async def tablet(browser: Browser, fake: FakeTillServer) -> AsyncIterator[Page]:
    """The other device: a browser of its own."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
    await context.close()


async def offer(till: TillPage) -> None:
    await till.page.locator(".top .pill").click()
    await till.page.get_by_role("button", name="Pair or end").click()
    await till.page.get_by_role("button", name="Make a code").click()
    await expect(till.page.locator(".pairing .code")).to_have_text(f"{CODE[:4]}-{CODE[4:]}")


async def close_sheets(till: TillPage) -> None:
    for left in (1, 0):
        await till.page.keyboard.press("Escape")
        await expect(till.page.locator("dialog")).to_have_count(left)


@pytest.fixture
async def paired(selling: TillPage, tablet: Page, fake: FakeTillServer) -> Page:
    """The tablet, paired by typing."""
    await offer(selling)
    await tablet.goto(f"{fake.origin}/display")
    await tablet.get_by_label("Code").fill(f"{CODE[:4].lower()} {CODE[4:].lower()}")
    await tablet.get_by_role("button", name="Pair").click()
    await expect(tablet.locator("#display")).to_contain_text("Welcome")
    await expect(selling.page.locator("dialog .rows li")).to_have_count(1)
    await close_sheets(selling)
    return tablet


async def test_a_typed_code_makes_another_device_the_display_with_all_that_the_window_shows(
    selling: TillPage, paired: Page
) -> None:
    screen = paired.locator("#display")
    await expect(screen).to_contain_text("Alma's Corner")
    await selling.scan(0, 2)
    await expect(screen.locator("li")).to_have_count(1)
    await expect(screen).to_contain_text("2 \N{MULTIPLICATION SIGN} €4.20")
    await expect(screen.locator(".sum b")).to_have_text("€8.40")
    await selling.key("Enter")
    await expect(screen.locator(".sum")).to_contain_text("To pay")
    await selling.press("1000")
    await selling.tap("Complete sale")
    await expect(screen).to_contain_text("Thank you!")
    await expect(screen.locator(".sum b")).to_have_text("€1.60")
    await selling.tap("Next sale")
    await expect(screen).to_contain_text("Welcome")


async def test_a_scanned_code_pairs_by_itself_and_is_not_left_in_the_address(
    selling: TillPage, tablet: Page, fake: FakeTillServer
) -> None:
    await offer(selling)
    label = await selling.page.locator(".pairing svg.qr").get_attribute("aria-label")
    assert label == f"{fake.origin}/display#{CODE}"
    await tablet.goto(label)
    await expect(tablet.locator("#display")).to_contain_text("Welcome")
    assert tablet.url == f"{fake.origin}/display"


async def test_a_wrong_code_says_so_and_another_may_be_typed(tablet: Page, fake: FakeTillServer) -> None:
    await tablet.goto(f"{fake.origin}/display#AAAA0000")
    await expect(tablet.get_by_role("status")).to_have_text("This code is wrong.")
    await tablet.get_by_label("Code").fill("12")
    await tablet.get_by_role("button", name="Pair").click()
    await expect(tablet.get_by_role("status")).to_have_text("A code has 8 letters and digits.")


@pytest.mark.shell
async def test_both_sides_come_back_after_a_reload(selling: TillPage, paired: Page) -> None:
    await selling.scan(0)
    await expect(paired.locator("#display li")).to_have_count(1)
    await paired.reload()
    await expect(paired.locator("#display li")).to_have_count(1)
    await selling.page.reload()
    await selling.shows("Charge")
    await selling.scan(1)
    await expect(paired.locator("#display li")).to_have_count(2, timeout=60_000)  # it is read ahead once the till sells


@pytest.mark.shell
async def test_without_the_server_it_waits_and_the_till_sells_on_and_it_comes_back_by_itself(
    selling: TillPage, paired: Page, fake: FakeTillServer
) -> None:
    await selling.scan(0)
    await expect(paired.locator("#display li")).to_have_count(1)
    await selling.works_offline()
    fake.stop()
    await expect(paired.locator("#display")).to_contain_text("Waiting for the till")
    await expect(paired.locator("#display")).not_to_contain_text("€4.20")
    await selling.scan(1)
    await eventually(lambda: selling.page.locator(".lines li").count(), 2)
    fake.start()
    await expect(paired.locator("#display li")).to_have_count(2, timeout=40_000)


async def test_a_till_that_falls_silent_is_not_believed(selling: TillPage, paired: Page, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await expect(paired.locator("#display li")).to_have_count(1)
    fake.displays.mute = True  # its socket stands, and no beat comes of it
    await expect(paired.locator("#display")).to_contain_text("Waiting for the till", timeout=25_000)
    assert fake.displays.feeds
    assert fake.displays.screens


async def test_the_till_ends_a_display(selling: TillPage, paired: Page, fake: FakeTillServer) -> None:
    await selling.page.locator(".top .pill").click()
    await selling.page.get_by_role("button", name="Pair or end").click()
    await selling.page.get_by_role("button", name="End", exact=True).click()
    await expect(selling.page.locator("dialog .rows li")).to_have_count(0)
    await expect(paired.get_by_label("Code")).to_be_visible()
    await close_sheets(selling)
    await eventually(lambda: len(fake.displays.feeds), 0)
    told = len(fake.displays.told)
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.pay_cash()
    assert len(fake.displays.told) == told


async def test_what_is_told_names_no_customer_and_writes_nothing_to_the_journal(
    selling: TillPage, paired: Page, fake: FakeTillServer
) -> None:
    before = len(await selling.journal())
    await selling.scan(0)
    await selling.key("F4")
    await selling.page.locator("dialog input").first.fill("lena")
    await selling.page.get_by_role("button", name="Lena Marsh").click()
    await expect(selling.page.locator("#cart")).to_contain_text("Lena Marsh")
    await expect(paired.locator("#display li")).to_have_count(1)
    assert len(await selling.journal()) == before
    assert "Lena" not in str(fake.displays.told)
    assert "cost" not in str(fake.displays.told)
