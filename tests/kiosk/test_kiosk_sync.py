"""Sync: everything sold arrives, in order and once, whatever the network and the server do."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


async def numbers(fake: FakeTillServer) -> list[int]:
    return [sale["number"] for sale in fake.sales]


async def seen(till: TillPage) -> list[bool | None]:
    return [record.get("seen") for record in await till.journal()]


@pytest.mark.shell
async def test_a_lost_reply_books_a_sale_once(selling: TillPage, fake: FakeTillServer) -> None:
    fake.lose_replies = 2
    await selling.sell(0)
    await eventually(lambda: len(fake.posts), 4)  # the shift, the sale lost twice, the sale
    await eventually(selling.page.locator(".top .pill").inner_text, "Online")
    assert [await numbers(fake), len(fake.records)] == [[1], 2]


@pytest.mark.shell
async def test_sales_made_offline_survive_a_reload_and_arrive_once(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.works_offline()
    fake.stop()
    await selling.sell(0)
    await selling.sell(1)
    await selling.page.reload()
    await expect(selling.page.locator(".top .pill")).to_contain_text("Reconnecting · 2 waiting")
    await selling.sell(2)
    await selling.scan(5)
    await selling.has_lines("1 Cola 330 ml €1.10")
    await eventually(selling.page.locator(".top .pill").inner_text, "Offline · 3 waiting · €7.15")
    fake.start()
    fake.lose_replies = 1
    await selling.hear()
    await eventually(lambda: numbers(fake), [1, 2, 3])
    await eventually(selling.page.locator(".top .pill").inner_text, "Online")
    await selling.has_lines("1 Cola 330 ml €1.10")


@pytest.mark.shell
async def test_a_hung_server_is_given_up_and_asked_again(selling: TillPage, fake: FakeTillServer) -> None:
    fake.hang = True
    await selling.sell(0)
    await selling.sell(1)
    assert await numbers(fake) == []
    fake.hang = False
    await eventually(lambda: numbers(fake), [1, 2], seconds=25)
    await eventually(selling.page.locator(".top .pill").inner_text, "Online", seconds=25)


async def test_what_the_server_misses_is_sent_again_from_there(selling: TillPage, fake: FakeTillServer) -> None:
    for index in (0, 1, 2):
        await selling.sell(index)
    await eventually(lambda: numbers(fake), [1, 2, 3])
    fake.forget_after(2)
    await selling.sell(5)
    await eventually(lambda: numbers(fake), [1, 2, 3, 4])


async def test_a_restored_server_gets_everything_that_is_kept(selling: TillPage, fake: FakeTillServer) -> None:
    for index in (0, 1):
        await selling.sell(index)
    await eventually(lambda: numbers(fake), [1, 2])
    fake.forget_after(0)
    fake.epoch = "2"
    fake.posts.clear()
    await selling.page.reload()
    await eventually(lambda: numbers(fake), [1, 2])
    assert fake.posts[0][0] == 1


async def test_who_is_signed_out_keeps_the_queue_and_goes_on_selling(selling: TillPage, fake: FakeTillServer) -> None:
    fake.status = 401
    await selling.sell(0)
    await selling.sell(1)
    await selling.shows("Sign in to send 2 sales")
    link = selling.page.get_by_role("link", name="Sign in")
    assert (await link.get_attribute("href") or "").startswith("/sign-in?next=%2Ft%2Falma%2Ftills%2F")
    fake.status = 0
    await selling.hear()
    await eventually(lambda: numbers(fake), [1, 2], seconds=20)
    await expect(selling.page.get_by_text("Sign in to send")).to_have_count(0)


@pytest.mark.shell
async def test_a_refusal_is_shown_and_nothing_is_dropped(selling: TillPage, fake: FakeTillServer) -> None:
    fake.status = 403
    await selling.sell(0)
    await selling.shows("The server doesn't take 1 record yet: Not now.")
    fake.status = 0
    await eventually(lambda: numbers(fake), [1], seconds=20)


@pytest.mark.shell
async def test_a_server_that_lives_but_gets_nothing_done_is_told(selling: TillPage, fake: FakeTillServer) -> None:
    fake.hang = True
    await selling.sell(0)
    await expect(selling.page.get_by_text("It doesn't answer in time. Go on selling")).to_be_visible(timeout=20_000)
    fake.hang = False
    await eventually(lambda: numbers(fake), [1], seconds=20)
    await expect(selling.page.get_by_text("It doesn't answer in time.")).to_have_count(0)


@pytest.mark.shell
async def test_exceptions_wait_in_a_quiet_list(selling: TillPage, fake: FakeTillServer) -> None:
    fake.exceptions = [{"code": "price_changed", "detail": "The price was 4.50 at that time."}]
    await selling.sell(0)
    await selling.shows("1 record needs attention")
    await expect(selling.page.locator(".notice")).to_have_count(0)
    await selling.page.reload()
    await selling.shows("Charge")
    await selling.key("F9")
    await selling.tap("1 record needs attention")
    await selling.shows("The price was 4.50 at that time.")
    await selling.tap("Seen")
    await selling.key("Escape")
    await eventually(lambda: seen(selling), [None, True])
    fake.exceptions = []
    await selling.key("Escape")
    await selling.page.reload()
    await selling.shows("Charge")
    await selling.sell(1)
    await eventually(lambda: numbers(fake), [1, 2])
    await expect(selling.page.get_by_text("needs attention")).to_have_count(0)


@pytest.mark.shell
async def test_long_queues_go_in_batches_of_a_hundred(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.page.evaluate("import('/kiosk/till/drawer.js')")  # while it can be had
    await selling.works_offline()
    fake.stop()
    await selling.page.evaluate(
        """async () => {
             const { till } = await import("/kiosk/till/context.js");
             const { moveCash } = await import("/kiosk/till/drawer.js");
             for (let i = 0; i < 230; i += 1) await moveCash("pay_in", 1, `r${i}`);
           }"""
    )
    fake.posts.clear()
    fake.start()
    await selling.hear()
    await eventually(lambda: [one["reason"] for one in fake.of_kind("cash_moved")], [f"r{i}" for i in range(230)])
    assert [len(post) for post in fake.posts] == [100, 100, 30]


async def test_a_till_taken_over_stops_selling_and_still_delivers(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    fake.take_over("Tablet of Ben")
    await selling.shows("Tablet of Ben took this till over")
    await selling.page.evaluate(
        """async () => {
             const { moveCash } = await import("/kiosk/till/drawer.js");
             await moveCash("drop", 100, "made just before");
           }"""
    )
    await eventually(lambda: [one["reason"] for one in fake.of_kind("cash_moved")], ["made just before"])
    await selling.tap("Take it back")
    await selling.shows("Charge")
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.pay_cash()
    await eventually(lambda: numbers(fake), [1])


@pytest.mark.parametrize("attempt", [0, 1, 3, 6, 20])
async def test_pauses_are_between_one_second_and_a_minute(bare: Page, attempt: int) -> None:
    least, most = await bare.evaluate(
        """async (attempt) => {
             const { pause } = await import("/kiosk/till/sync.js");
             return [pause(attempt, () => 0), pause(attempt, () => 1)];
           }""",
        attempt,
    )
    assert [least, most] == [1000, min(60_000, 1000 * 2**attempt)]
