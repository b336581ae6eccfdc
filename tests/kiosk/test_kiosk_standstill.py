"""A business that stands still: its tills say so, finish what is paid, count the drawer, and begin nothing new."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.async_api import expect

from tests.support.till_page import TillPage, eventually

BANNER = re.compile("This business is (frozen|closed): no new payment is taken.")


async def stand_still(till: TillPage, status: str) -> None:
    """Freeze or open the business, and let the till hear it as it does when it connects."""
    till.fake.standing = status
    await till.page.reload()
    await till.is_online()


@pytest.mark.shell
async def test_a_frozen_till_says_so_and_takes_no_new_payment(selling: TillPage) -> None:
    await stand_still(selling, "frozen")
    notice = selling.page.locator(".notice", has_text=BANNER)
    await expect(notice).to_be_visible()
    chips, shelf = selling.page.locator(".chips:not(.tabs)"), selling.page.locator(".shelf")

    async def in_order() -> bool:
        tops = [await one.bounding_box() for one in (notice, chips, shelf)]
        return all(
            above and below and above["y"] + above["height"] <= below["y"] + 1 for above, below in pairwise(tops)
        )

    await eventually(in_order, True)
    last = await shelf.bounding_box()
    assert last
    assert last["y"] + last["height"] <= selling.page.viewport_size["height"] + 1, "the tiles end with the screen"
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await expect(selling.page.locator(".toast", has_text=BANNER)).to_be_visible()
    await expect(selling.page.locator("#pay")).to_be_hidden()
    await stand_still(selling, "active")
    await expect(notice).to_be_hidden()
    await selling.pay_cash()
    await eventually(lambda: [sale["total"] for sale in selling.fake.sales], [420])


async def test_what_was_begun_to_be_paid_is_finished_and_arrives(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await selling.page.get_by_role("button", name="Card", exact=True).click()
    await selling.press("200")
    await selling.tap("Card took")
    await stand_still(selling, "closed")
    await selling.page.locator(".charge").click()
    await selling.page.get_by_role("button", name="Card", exact=True).click()
    await selling.tap("Card paid")
    await eventually(lambda: [sale["total"] for sale in selling.fake.sales], [420])


async def test_the_drawer_is_counted_and_no_other_shift_is_opened(selling: TillPage) -> None:
    await stand_still(selling, "frozen")
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Count and close the shift")
    await selling.press("15000")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €150.00")
    await eventually(lambda: len(selling.fake.of_kind("shift_closed")), 1)
    await selling.shows("No shift can be opened until its owner or support has it opened again.")
    await expect(selling.page.get_by_role("button", name="Open shift")).to_have_count(0)


async def test_a_read_only_business_sells_its_shift_to_the_end_and_opens_no_other(selling: TillPage) -> None:
    await stand_still(selling, "read_only")
    notice = selling.page.locator(".notice", has_text="this shift goes on to its end, but no new one can be opened")
    await expect(notice).to_be_visible()
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.pay_cash()
    await eventually(lambda: [sale["total"] for sale in selling.fake.sales], [420])
    await selling.tap("Next sale")
    await stand_still(selling, "read_only")
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Count and close the shift")
    await selling.press("15420")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €154.20")
    await eventually(lambda: len(selling.fake.of_kind("shift_closed")), 1)
    await selling.shows("No shift can be opened until its owner or support has it opened again.")
    await expect(selling.page.get_by_role("button", name="Open shift")).to_have_count(0)
    await stand_still(selling, "active")
    await expect(notice).to_be_hidden()
    await expect(selling.page.get_by_role("button", name="Open shift")).to_be_visible()


@pytest.mark.shell
async def test_a_suspended_business_takes_no_payment_until_it_has_paid(selling: TillPage) -> None:
    await stand_still(selling, "suspended")
    await selling.page.evaluate("async () => (await import('/kiosk/till/hearing.js')).keepHearing()")
    notice = selling.page.locator(".notice", has_text="A bill of this business is unpaid: no new payment is taken.")
    await expect(notice).to_be_visible()
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await expect(selling.page.locator(".toast", has_text="no new payment is taken")).to_be_visible()
    await expect(selling.page.locator("#pay")).to_be_hidden()
    selling.fake.standing = "active"
    selling.fake.push("settings", "settings.changed", {"before": "suspended", "after": "active"})
    await expect(notice).to_be_hidden()
    await selling.pay_cash()
    await eventually(lambda: [sale["total"] for sale in selling.fake.sales], [420])


@pytest.mark.shell
async def test_a_till_that_waits_for_its_shift_hears_of_a_freeze(till: TillPage) -> None:
    await expect(till.page.get_by_role("button", name="Open shift")).to_be_visible()
    await eventually(lambda: len(till.fake.sockets), 1)
    till.fake.standing = "frozen"
    till.fake.push("settings", "settings.changed", {"before": "active", "after": "frozen"})
    await till.shows("No shift can be opened until its owner or support has it opened again.")
    await expect(till.page.get_by_role("button", name="Open shift")).to_have_count(0)
    till.fake.standing = "active"
    till.fake.push("settings", "settings.changed", {"before": "frozen", "after": "active"})
    await till.open_shift("15000")


@pytest.mark.shell
async def test_what_froze_before_the_shift_was_opened_is_heard_once_it_is(till: TillPage) -> None:
    await expect(till.page.get_by_role("button", name="Open shift")).to_be_visible()
    await till.is_online()
    till.fake.standing = "frozen"
    await till.open_shift("15000")
    await expect(till.page.locator(".notice", has_text=BANNER)).to_be_visible()


@pytest.mark.shell
async def test_a_freeze_leaves_a_payment_by_card_where_it_is(selling: TillPage) -> None:
    await selling.page.evaluate("async () => (await import('/kiosk/till/hearing.js')).keepHearing()")
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await selling.page.get_by_role("button", name="Card", exact=True).click()
    selling.fake.standing = "frozen"
    selling.fake.push("settings", "settings.changed", {"before": "active", "after": "frozen"})
    await expect(selling.page.locator(".notice", has_text=BANNER)).to_be_attached()
    await expect(selling.page.get_by_role("button", name="Card", exact=True)).to_have_attribute("aria-pressed", "true")
    await selling.tap("Card paid")
    await eventually(lambda: [sale["total"] for sale in selling.fake.sales], [420])
