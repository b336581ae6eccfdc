"""What breaks in a shop: Redis, the worker, the database, a reply on its way, the browser itself. Selling goes on."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from retail.kit.errors import Busy
from retail.runtime.db import Tx
from retail.runtime.embedded.process import arguments_of
from tests.support.browser import LAUNCH_ARGS, chromium_path
from tests.support.counter import OUTAGE, Device
from tests.support.day import DESKTOP, Day
from tests.support.house import eventually
from tests.support.servers import processes_naming


async def test_without_redis_and_worker_selling_goes_on_and_today_says_that_it_lags(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    owner, clerk = await day.device("owner"), await day.device("clerk")
    for device in (owner, clerk):
        device.bears(*OUTAGE)
    till = await day.at_till(clerk, float_digits="5000")
    await till.sell(bread)
    today = await owner.visit(day.path("/"))
    status = today.locator("[data-live-status]")
    await expect(today.locator("#kpi-sales-value")).to_have_text("1")
    await expect(status).to_have_text("Live")

    day.house.worker.kill()
    with day.house.redis_away():
        await expect(status).to_contain_text("Live paused", timeout=15_000)
        await till.sell(milk)
        await till.has_sent_everything()
        assert [one["number"] for one in await day.sales()] == [1, 2]
        # the feed reads the sales themselves, so what the page fetches every 15 s has the new one before any worker
        await expect(today.locator("#today-feed li")).to_have_count(2, timeout=25_000)

    day.house.worker.start()
    await expect(status).to_have_text("Live", timeout=30_000)
    await expect(today.locator("#kpi-sales-value")).to_have_text("2", timeout=30_000)
    await till.sell(bread)
    await expect(today.locator("#kpi-sales-value")).to_have_text("3")
    await day.every_check_holds()


async def test_a_till_goes_on_while_the_database_stands_still_and_drains_when_it_is_back(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    clerk = await day.device("clerk")
    clerk.bears(*OUTAGE)
    till = await day.at_till(clerk, float_digits="5000")
    await till.sell(bread)
    await till.has_sent_everything()

    with day.house.database_stands_still():
        await till.sell(milk)
        await till.sell(bread)
        await expect(
            till.page.locator(".notices, .top .pill").filter(has_text=re.compile("kept here|waiting|Reconnecting"))
        ).not_to_have_count(0, timeout=30_000)
        assert await till.waiting() == 2

    await day.house.database_is_back()
    await till.has_sent_everything(seconds=60)
    assert [(one["number"], one["total_minor"]) for one in await day.sales()] == [(1, 420), (2, 135), (3, 420)]
    await day.every_check_holds()


async def test_what_is_asked_of_a_database_that_hangs_is_answered_busy(day: Day) -> None:
    with ExitStack() as until_then:

        async def ask(tx: Tx) -> None:
            until_then.enter_context(day.house.database_stands_still())
            await tx.fetchval("SELECT 1")

        with pytest.raises(Busy):
            await day.house.db.run(day.shop.scope, ask)
    await day.house.database_is_back()
    await day.every_check_holds()


class DeafProxy:
    """A proxy in front of the web process that can swallow the reply to a journal and cut the line instead."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.swallow = 0
        self.swallowed = 0
        self.listening = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[DeafProxy]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.listening = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.listening}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._port)
        deaf = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._up(reader, ours, deaf))
                both.create_task(self._down(theirs, writer, deaf))
        except* (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            ours.close()
            writer.close()

    async def _up(self, reader: asyncio.StreamReader, ours: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while data := await reader.read(65_536):
            if self.swallow and b"/journal HTTP/1.1" in data:
                self.swallow -= 1
                deaf.set()
            ours.write(data)
            await ours.drain()
        ours.close()

    async def _down(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while data := await theirs.read(65_536):
            if deaf.is_set():
                self.swallowed += 1
                raise ConnectionResetError
            writer.write(data)
            await writer.drain()
        writer.close()


async def test_a_reply_lost_after_the_commit_makes_no_second_sale(day: Day) -> None:
    bread, *_rest = day.shop.products
    await day.stock_up({bread: "20"})
    async with DeafProxy(day.house.port).open() as proxy:
        clerk = await day.device("clerk", origin=proxy.origin)
        clerk.bears(*OUTAGE)
        till = await day.at_till(clerk, float_digits="5000")
        await till.has_sent_everything()
        proxy.swallow = 2
        await till.sell(bread)
        await till.has_sent_everything()
        assert proxy.swallowed == 2
        sold = [one for one in await till.journal() if one["kind"] == "sale"]
        assert [one["status"] for one in sold] == ["replayed"]
        assert [(one["number"], one["exceptions"]) for one in await day.sales()] == [(1, [])]
        await day.every_check_holds()


async def test_a_browser_killed_right_after_paid_has_lost_nothing(day: Day, tmp_path: Path) -> None:
    bread, *_rest = day.shop.products
    await day.stock_up({bread: "20"})
    profile = tmp_path / "profile"
    async with async_playwright() as playwright:

        async def start() -> Device:
            context = await playwright.chromium.launch_persistent_context(
                profile, executable_path=chromium_path(), args=LAUNCH_ARGS, viewport=DESKTOP, reduced_motion="reduce"
            )
            device = await day.device("clerk", context=context)
            device.bears(*OUTAGE)
            return device

        clerk = await start()
        till = await day.at_till(clerk, float_digits="5000")
        await till.has_sent_everything()
        await till.works_offline()
        day.house.web.kill()
        await till.scan(bread)
        await till.has_lines("1 Sourdough loaf 800 g €4.20")
        await till.pay_cash()
        for pid in processes_naming(str(profile)):
            os.kill(pid, signal.SIGKILL)
        await eventually(lambda: [pid for pid in processes_naming(str(profile)) if arguments_of(pid)], [])
        assert await day.sales() == []

        await day.house.start_web()
        again = await day.at_till(await start())
        await again.has_sent_everything()
        assert [one["kind"] for one in await again.journal()] == ["shift_opened", "sale"]
        assert [(one["number"], one["total_minor"], one["exceptions"]) for one in await day.sales()] == [(1, 420, [])]
        await day.every_check_holds()
        await again.device.context.close()
