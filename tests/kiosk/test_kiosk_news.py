"""News at the till: quiet beside the connection, never while there is something in the cart, read without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, expect

from tests.support.fake_till_news import announce, leave_note, write
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


def pill(till: TillPage) -> Locator:
    return till.page.locator(".news-pill")


async def listens(till: TillPage) -> None:
    """Wait until the till hears what is pushed and has read ahead what it shows it with."""
    await eventually(lambda: len(till.fake.sockets), 1)
    await expect(pill(till)).to_be_attached()


@pytest.mark.shell
async def test_an_announcement_appears_by_itself_and_waits_until_the_cart_is_empty(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await listens(selling)
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    made = announce(fake, "Maintenance tonight")
    await selling.scan(2)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20", "1 Whole milk 1 l €1.35")
    await expect(pill(selling)).to_be_hidden()
    await selling.pay_cash()
    await selling.tap("Next sale")
    await expect(pill(selling)).to_have_text("11 thing to read")
    await pill(selling).click()
    await selling.shows("From 2 to 3 we are away.")
    await selling.tap("I have read it")
    await selling.shows("You have read it.")
    await eventually(lambda: made["confirmed_by"], ["c"])
    await selling.key("Escape")
    await expect(pill(selling)).to_be_hidden()


@pytest.mark.shell
async def test_what_was_received_is_read_and_confirmed_without_a_network_and_told_later(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.works_offline()
    await listens(selling)
    made = announce(fake, "New terms")
    await expect(pill(selling)).to_be_visible()
    await selling.page.context.set_offline(True)
    await selling.page.reload()
    await expect(pill(selling)).to_be_visible()
    await pill(selling).click()
    await selling.shows("New terms")
    await selling.tap("I have read it")
    await selling.shows("You have read it.")
    assert made["confirmed_by"] == []
    await selling.key("Escape")
    await expect(pill(selling)).to_be_hidden()
    await selling.page.reload()
    await expect(pill(selling)).to_be_attached()
    await expect(pill(selling)).to_be_hidden()
    await selling.page.context.set_offline(False)
    await selling.hear()
    await eventually(lambda: made["confirmed_by"], ["c"])


@pytest.mark.shell
async def test_one_that_is_over_is_gone_and_one_that_was_taken_back_too(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await listens(selling)
    announce(fake, "Yesterday's", ends_at=(datetime.now(UTC) - timedelta(minutes=1)).isoformat())
    made = announce(fake, "Today's")
    await expect(pill(selling)).to_contain_text("1 thing to read")
    fake.news["announcements"].remove(made)
    fake.push("news", "news.changed", {"announcement": made["id"]})
    await expect(pill(selling)).to_be_hidden()


async def test_a_note_for_the_shift_is_seen_at_opening_and_read_there(till: TillPage, fake: FakeTillServer) -> None:
    leave_note(fake, "The scale is broken: <call>.", at=(datetime.now(UTC) - timedelta(hours=1)).isoformat())
    await till.page.reload()
    await till.shows("For this shift")
    await till.shows("The scale is broken: <call>.")
    await till.tap("Read: The scale is broken")
    await expect(till.page.locator(".news-card")).to_be_hidden()
    await eventually(lambda: fake.news["notes"], [])
    await till.open_shift("15000")


@pytest.mark.shell
async def test_a_note_left_here_is_for_the_next_shift_and_kept_while_the_network_is_gone(
    till: TillPage, fake: FakeTillServer
) -> None:
    fake.permissions = ["run_shift"]
    await till.page.reload()
    await till.shows("Open the shift")
    await till.open_shift("15000")
    selling = till
    await listens(selling)
    announce(fake, "Hello")
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Note for the next shift")
    await selling.works_offline()
    await selling.page.context.set_offline(True)
    await selling.page.get_by_role("textbox", name="Note for the next shift").fill("Coins are low.")
    await selling.tap("Leave the note")
    await selling.page.locator("#rail").get_by_role("button", name="Sell").click()
    await selling.page.context.set_offline(False)
    await selling.hear()
    await eventually(lambda: [one["body"] for one in fake.news["notes"]], ["Coins are low."])
    await expect(pill(selling)).to_contain_text("1 thing to read")  # the announcement alone


@pytest.mark.shell
async def test_a_thread_is_read_and_answered_at_the_till(selling: TillPage, fake: FakeTillServer) -> None:
    await listens(selling)
    thread = write(fake, "Delivery", "At four.")
    await pill(selling).click()
    await selling.tap("Open: Delivery")
    await selling.shows("At four.")
    await eventually(lambda: thread["unread"], wanted=False)
    await selling.page.get_by_role("textbox", name="Your message").fill("Good.")
    await selling.tap("Send")
    await eventually(lambda: [one["body"] for one in fake.news["said"]], ["At four.", "Good."])
    await expect(selling.page.locator(".news-said.own")).to_contain_text("Good.")
