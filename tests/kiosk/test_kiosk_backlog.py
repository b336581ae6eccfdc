"""What waits stands on the till's frame with its money; a limit is told before it is reached; then as is set."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.kiosk.test_kiosk_languages import Speaking
from tests.kiosk.test_kiosk_limits import HEARD, again, back, cut, is_told
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import DATABASE, TillPage, eventually

MUCH_WAITS = """async () => {
  const { change } = await import("/kiosk/till/state.js");
  change({ link: "offline", waiting: 14, unsent: 12, owed: 123450 });
}"""


@pytest.mark.shell
async def test_what_waits_stands_on_the_frame_with_its_money_until_it_has_arrived(selling: TillPage) -> None:
    await cut(selling)
    queue = selling.page.locator(".top button.pill")
    await selling.sell(0)
    await expect(queue).to_contain_text("1 waiting · €4.20")
    await selling.sell(0)
    await expect(queue).to_contain_text("2 waiting · €8.40")
    await expect(queue).to_have_count(1)  # one thing is said, and once
    await queue.click()
    await expect(selling.page.get_by_role("dialog", name="This till")).to_contain_text("since")
    await selling.page.keyboard.press("Escape")
    await back(selling)
    await expect(queue).to_have_text("Online")


@pytest.mark.shell
async def test_what_waits_stands_on_every_screen(selling: TillPage) -> None:
    await cut(selling)
    page = selling.page
    pill = page.locator(".standing").locator("visible=true")
    await selling.sell(0)
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await page.locator(".charge").click()
    await expect(pill).to_contain_text("1 waiting · €4.20")
    await page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    await expect(pill).to_contain_text("2 waiting · €8.40")
    await selling.tap("Next sale")
    for name in ("Receipts", "Shift"):
        await page.locator("#rail").get_by_role("button", name=name).click()
        await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await expect(pill).to_contain_text("2 waiting · €8.40")
    await pill.click()
    await expect(page.get_by_role("dialog", name="This till")).to_be_visible()
    await page.keyboard.press("Escape")
    await selling.tap("Count and close the shift")
    await expect(page.get_by_role("heading", name="Count the drawer")).to_be_visible()
    await expect(pill).to_contain_text("2 waiting · €8.40")
    await selling.tap("Close the shift")
    await page.get_by_role("dialog").get_by_role("button", name="Close it with").click()
    await expect(page.get_by_role("heading", name="Open the shift")).to_be_visible()
    await page.reload()  # nobody sells now
    await expect(pill).to_contain_text("waiting · €8.40")


@pytest.mark.parametrize(("size", "least"), [((1280, 800), 240), ((360, 740), 200), ((390, 844), 230)])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_the_search_field_keeps_its_room_while_something_waits(
    browser: Browser, fake: FakeTillServer, size: tuple[int, int], least: int, language: str
) -> None:
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    it = await Speaking.open(context, fake, language)
    await it.opens()
    await expect(it.page.locator(".top > .btn")).to_have_count(2, timeout=30_000)
    await it.page.evaluate(MUCH_WAITS)
    await expect(it.page.locator(".top button.pill")).to_contain_text("12")
    boxes = await it.page.evaluate(
        """() => [...document.querySelectorAll(".scan, .top > .btn, .top > .pill")].map((one) => {
             const { left, right, width } = one.getBoundingClientRect();
             return [left, right, width];
           })"""
    )
    (_l, _r, field), *rest = boxes
    assert field >= least
    assert min(one[2] for one in rest) >= 44
    assert min(one[0] for one in boxes) >= 0
    assert max(one[1] for one in boxes) <= width
    await context.close()


@pytest.mark.shell
async def test_a_till_says_how_long_it_was_away_before_it_may_sell_no_more(selling: TillPage) -> None:
    await cut(selling, offline_hours=72)
    notes = selling.page.locator(".backlog-notes")
    await again(selling)
    await selling.page.evaluate(HEARD, [DATABASE, 50])
    await again(selling)
    await selling.sell(0)
    await expect(selling.page.locator(".top .pill")).to_contain_text("waiting · €4.20")
    await expect(notes).to_be_hidden()
    await selling.page.evaluate(HEARD, [DATABASE, 70.1])
    await again(selling)
    await expect(notes.locator(".grow")).to_have_text("Offline for 70 of 72 hours. Then no new sale can be paid.")
    await selling.sell(0)
    await back(selling)
    await expect(notes).to_be_hidden()
    await eventually(lambda: [one["number"] for one in selling.fake.sales], [1, 2])


@pytest.mark.shell
async def test_sums_and_a_sale_that_is_too_large_are_told_before_payment(selling: TillPage) -> None:
    await cut(selling, offline_total_minor=1000, offline_sales=3, offline_sale_minor=500)
    notes = selling.page.locator(".backlog-note .grow")
    await selling.sell(0)
    await expect(notes).to_have_count(0)
    await selling.sell(0)
    await expect(notes).to_have_text(["€8.40 of €10.00 unsent. Then no new sale can be paid."])
    await selling.scan(0, 2)
    await expect(notes.first).to_contain_text("This sale is above €5.00")
    await expect(notes.first).to_contain_text("It can't be paid now.")


@pytest.mark.shell
@pytest.mark.parametrize("kind", ["sales", "sale", "total"])
async def test_where_the_till_only_warns_the_sale_is_paid(selling: TillPage, kind: str) -> None:
    limit = {"sales": {"offline_sales": 1}, "sale": {"offline_sale_minor": 300}, "total": {"offline_total_minor": 500}}
    await cut(selling, **limit[kind], **{f"offline_{kind}_then": "warn"})  # type: ignore[arg-type]
    await selling.sell(0)
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    await selling.shows("Connect this till soon.")
    await expect(selling.page.locator("#pay")).to_be_visible()
    await selling.page.keyboard.press("Escape")
    await selling.pay_cash()
    await back(selling)
    await eventually(lambda: [one["number"] for one in selling.fake.sales], [1, 2])


@pytest.mark.shell
async def test_the_hardest_of_several_limits_counts(selling: TillPage) -> None:
    await cut(selling, offline_sales=1, offline_sales_then="warn", offline_total_minor=500)  # type: ignore[arg-type]
    await selling.sell(0)
    await selling.scan(0)
    await is_told(selling, "With this sale €8.40 would wait to be sent, more than may (€5.00).")


@pytest.mark.shell
async def test_where_a_manager_is_asked_nobody_pays_without_one(selling: TillPage) -> None:
    await cut(selling, offline_sale_minor=300, offline_sale_then="manager")  # type: ignore[arg-type]
    await selling.page.evaluate(
        """import("/kiosk/till/state.js").then(({ state }) => {
             state.setup.cashier.rights = { sell_beyond: { state: "approval", limit: null } };
           })"""
    )
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await expect(selling.page.get_by_role("dialog")).to_contain_text("Sell on without the network")
    await expect(selling.page.locator("#pay")).to_be_hidden()


@pytest.mark.shell
async def test_what_works_without_a_network_is_in_the_till_without_a_network(selling: TillPage) -> None:
    await cut(selling)
    await selling.page.locator(".top .pill").click()
    await selling.page.get_by_role("button", name="What works without a network", exact=True).click()
    sheet = selling.page.get_by_role("dialog", name="What works without a network")
    await expect(sheet.get_by_role("listitem").filter(has_text="X report")).to_contain_text("Needs the server")
    await expect(sheet.get_by_role("listitem").filter(has_text="Tax exemption")).to_contain_text("Works with a limit:")
    assert await sheet.get_by_role("listitem").count() > 25
