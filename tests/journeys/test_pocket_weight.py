"""What Today costs a phone that opens it first: few bytes before it says something, and nothing that can wait."""

from __future__ import annotations

from math import ceil

from playwright.async_api import expect

from tests.journeys.test_pocket import TOUCH, sold
from tests.support.day import Day

RATE = 400_000 / 8  # slow 3G: bytes a second, each way
EXCHANGE = 0.4  # seconds that each exchange takes there
AT_ONCE = 6  # exchanges that a browser has under way with one host
TARGET = 5.0
BEFORE_PAINT = 50_000
BY_LOAD = 150_000
_COST = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const files = performance.getEntriesByType("resource").filter((one) => one.startTime <= page.loadEventStart);
  const blocking = files.filter((one) => one.renderBlockingStatus === "blocking");
  return {
    page: page.encodedBodySize,
    blocking: blocking.map((one) => [one.name, one.encodedBodySize]),
    all: files.map((one) => [one.name, one.encodedBodySize]),
  };
}"""


async def test_the_first_opening_says_something_within_five_seconds_of_slow_3g(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner", **TOUCH)
    page = await owner.visit(day.path("/pocket"))
    await expect(page.locator("#kpi-revenue-value")).to_have_text("€8.40")
    cost = await page.evaluate(_COST)
    sizes = [size for _name, size in cost["blocking"]]
    assert all(sizes), "each file's size is known"
    assert not [name for name, _size in cost["all"] if "vega" in name], "charts come when the page is there"
    before = cost["page"] + sum(sizes)
    assert before <= BEFORE_PAINT, sorted(cost["blocking"], key=lambda one: -one[1])
    by_load = cost["page"] + sum(size for _name, size in cost["all"])
    assert by_load <= BY_LOAD, sorted(cost["all"], key=lambda one: -one[1])
    # connecting and the page itself, then what blocks, so many at a time
    exchanges = 2 + ceil(len(sizes) / AT_ONCE)
    seconds = exchanges * EXCHANGE + before / RATE
    assert seconds < TARGET, f"{seconds:.1f} s: {before} bytes in {len(sizes)} files"


async def test_the_second_opening_fetches_no_file_again(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    page = await owner.visit(day.path("/pocket"))
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    again = await owner.visit(day.path("/pocket"))
    await expect(again.locator("[data-live-status]")).to_have_text("Live")
    fetched = await again.evaluate(
        """performance.getEntriesByType("resource")
             .filter((one) => one.name.includes("/static/") && one.transferSize > 0).map((one) => one.name)"""
    )
    assert [name for name in fetched if "?v=" in name or "@" in name] == []
