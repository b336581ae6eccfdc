"""What is urgent and must be confirmed stands under the header until it is: never in the way of a sale or a scan."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.support.fake_till_news import announce
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LOAF = "1 Sourdough loaf 800 g €4.20"
BOXES = """() => [".top", ".news-bar", ".shelf"].map((name) => {
  const { top, bottom, left, right } = document.querySelector(name).getBoundingClientRect();
  return [top, bottom, left, right].map(Math.round);
})"""


def bar(till: TillPage) -> Locator:
    return till.page.locator(".news-bar")


def count(till: TillPage) -> Locator:
    return till.page.locator(".news-pill")


async def listens(till: TillPage) -> None:
    await eventually(lambda: len(till.fake.sockets), 1)
    await expect(count(till)).to_be_attached()


@pytest.mark.shell
async def test_it_stands_there_until_it_is_confirmed_also_without_a_network_and_after_a_reload(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.works_offline()
    await listens(selling)
    announce(fake, "New opening hours")  # that isn't urgent
    announce(fake, "Fire drill at noon", importance="urgent", must_confirm=False)
    await expect(count(selling)).to_have_text("22 things to read")
    await expect(bar(selling)).to_have_count(0)
    made = announce(fake, "Recall of lot 17", importance="urgent")
    await expect(bar(selling)).to_contain_text("Urgent: Recall of lot 17")
    await selling.page.context.set_offline(True)
    await selling.page.reload()
    await expect(bar(selling)).to_contain_text("Urgent: Recall of lot 17")
    await bar(selling).get_by_role("button", name="Read", exact=True).click()
    await expect(selling.page.locator(".news-one h3").first).to_have_text("Recall of lot 17")
    await expect(bar(selling)).to_be_visible()  # opened is not confirmed
    await selling.page.locator(".news-one").first.get_by_role("button", name="I have read it").click()
    await expect(bar(selling)).to_be_hidden()
    await selling.key("Escape")
    await selling.page.context.set_offline(False)
    await selling.hear()
    await eventually(lambda: made["confirmed_by"], ["c"])


@pytest.mark.shell
async def test_it_comes_between_two_sales_takes_no_scan_and_moves_nothing_during_one(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await listens(selling)
    await selling.scan(0)
    await selling.has_lines(LOAF)
    announce(fake, "Recall of lot 17", importance="urgent")
    await expect(bar(selling)).to_be_attached()
    await selling.scan(2)
    await selling.has_lines(LOAF, "1 Whole milk 1 l €1.35")
    await expect(bar(selling)).to_be_hidden()
    await selling.pay_cash()
    await selling.tap("Next sale")
    await expect(bar(selling)).to_be_visible()
    await selling.scan(0)  # while it is there
    await selling.has_lines(LOAF)
    await expect(bar(selling)).to_be_visible()
    await expect(selling.page.locator("dialog[open]")).to_have_count(0)
    fake.news["announcements"].clear()
    fake.push("news", "news.changed", {"announcement": "x"})
    await selling.scan(0)
    await selling.has_lines("2 Sourdough loaf 800 g €8.40")
    await expect(bar(selling)).to_be_visible()  # nothing moves under a finger
    await selling.pay_cash()
    await selling.tap("Next sale")
    await expect(bar(selling)).to_be_hidden()
    await eventually(lambda: len(fake.sales), 2)


@pytest.mark.shell
async def test_it_covers_nothing_on_any_screen(selling: TillPage, fake: FakeTillServer) -> None:
    await listens(selling)
    announce(fake, "Recall of walnut bread, lot 17: take all of it off the shelf at once", importance="urgent")
    await expect(bar(selling)).to_be_visible()
    for width, height, direction in ((1280, 800, "ltr"), (390, 844, "ltr"), (390, 844, "rtl")):
        await selling.page.set_viewport_size({"width": width, "height": height})
        await selling.page.evaluate("(dir) => { document.documentElement.dir = dir; }", direction)
        top, own, shelf = await selling.page.evaluate(BOXES)
        assert top[1] <= own[0] < own[1] <= shelf[0] < shelf[1], (width, direction)
        assert 44 <= own[1] - own[0] <= 64, (width, direction)  # one line
        assert 0 <= own[2] < own[3] <= width, (width, direction)
        button = await bar(selling).get_by_role("button", name="Read", exact=True).bounding_box()
        assert button is not None
        assert button["height"] >= 44
        assert own[2] <= button["x"]
        assert button["x"] + button["width"] <= own[3]
