"""A till's real page in a real Chromium on its own profile. Somebody sells; the browser is killed; they go on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.async_api import BrowserContext, Error, Playwright, expect

from retail.runtime.embedded.process import arguments_of
from tests.chaos.proxy import Line
from tests.chaos.stage import Stage
from tests.support.browser import LAUNCH_ARGS, chromium_path
from tests.support.counter import Counter, Device
from tests.support.house import eventually
from tests.support.servers import processes_naming
from tests.support.web import enrol
from tests.support.world import Ware

_PATIENCE_S = 180
_LABEL = re.compile(r"-(\d{6})\b")


@dataclass
class Page:
    """A cashier at a till's page. `seen` are the receipt numbers that stood under the word "Paid"."""

    stage: Stage
    playwright: Playwright
    till: UUID
    code: str
    line: Line
    profile: Path
    secret: str = ""
    sold: int = 0
    deaths: int = 0
    seen: list[int] = field(default_factory=list)
    torn_away: list[str] = field(default_factory=list)
    """What a cashier met instead of the screen that was expected, but not because the browser was killed."""
    complaints: list[str] = field(default_factory=list)
    killed: bool = False
    _context: BrowserContext | None = None
    _counter: Counter | None = None

    @property
    def counter(self) -> Counter:
        assert self._counter is not None
        return self._counter

    async def begin(self) -> None:
        """Sign a clerk in and open the shift, before anything breaks."""
        stage = self.stage
        _person, _email, self.secret = await enrol(stage.house.db, stage.shop.tenant.id, "clerk")
        await self.open()
        await self.counter.open_shift("10000")
        await self.counter.works_offline()
        await self.counter.has_sent_everything()

    async def open(self) -> None:
        """Start the browser on its profile and open the till, however long the network is away."""
        self._context = await self.playwright.chromium.launch_persistent_context(
            self.profile, executable_path=chromium_path(), args=LAUNCH_ARGS, viewport={"width": 1280, "height": 800},
            reduced_motion="reduce",
        )  # fmt: skip
        self.killed = False
        device = Device(self._context, self.line.origin, "clerk")
        await device.watch()
        self._context.on("weberror", lambda error: self.complaints.append(str(error.error.stack)))
        cookie = {"name": "s", "value": self.secret, "url": self.line.origin, "httpOnly": True, "sameSite": "Lax"}
        await self._context.add_cookies([cookie])  # type: ignore[list-item]
        page = self._context.pages[0]
        address = f"{self.line.origin}/t/{self.stage.shop.tenant.slug}/tills/{self.till}/sell"
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                await page.goto(address)
                await expect(page.locator("#till:not([aria-busy])")).to_be_attached()
                break
            except (Error, AssertionError):
                if self.killed or time.monotonic() > until:
                    raise
                await asyncio.sleep(0.5)
        self._counter = await Counter.on(device, page, self.till)

    def kill(self) -> int:
        """End every process of this browser as the out-of-memory killer would; gives how many."""
        self.killed = True
        self.deaths += 1
        found = processes_naming(str(self.profile))
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len(found)

    async def sell(self, wares: list[Ware], wanted: int, share: Callable[[], float]) -> None:
        """Sell until so many sales were seen paid; what was killed is opened again.

        `share` tells how much of theirs the other tills have sold: the page goes with them, and is there to be killed.
        """
        until = time.monotonic() + _PATIENCE_S * 4
        while self.sold < wanted:
            assert time.monotonic() < until, f"page {self.code} stands still: {self.torn_away[-3:]}"
            try:
                if self.killed:
                    await self._again()
                if self.sold > share() * wanted:
                    await asyncio.sleep(0.1)
                    continue
                await self._one(wares[self.sold % len(wares)])
            except (Error, AssertionError, OSError) as torn:
                if self.killed:
                    continue
                self.torn_away.append(str(torn)[:400])
                assert len(self.torn_away) <= 5, f"page {self.code}: {self.torn_away}"
                await self._look_again()

    async def _again(self) -> None:
        await eventually(lambda: [pid for pid in processes_naming(str(self.profile)) if arguments_of(pid)], [])
        if self._context is not None:
            with contextlib.suppress(Error):  # it is dead, which is the point
                await self._context.close()
        await self.open()

    async def _look_again(self) -> None:
        try:
            await self.counter.page.reload()
        except Error:
            return

    async def _one(self, ware: Ware) -> None:
        """One sale from wherever the screen is: a basket that survived a kill is paid, not filled anew."""
        counter, page = self.counter, self.counter.page
        await counter.may_sell()
        if not await counter.lines():
            await counter.scan(ware)
        await expect(page.locator(".lines li")).to_have_count(1)
        await counter.pay_cash()
        said = await page.locator("main.paid").inner_text()
        found = _LABEL.search(said)
        assert found is not None, said
        self.seen.append(int(found[1]))
        self.sold += 1
        await counter.tap("Next sale")
        await expect(page.locator(".lines li")).to_have_count(0)

    async def finish(self) -> dict[str, Any]:
        """Wait until everything has been sent; gives the device's name, its records, and what was heard of them."""
        if self.killed:
            await self._again()
        await self.counter.look_for_server()
        await self.counter.has_sent_everything(seconds=_PATIENCE_S)
        records = await self.counter.journal()
        device = await self.counter.meta("device")
        return {"records": records, "device": device}

    async def close(self) -> None:
        if self._context is not None:
            try:
                await self._context.close()
            except Error:
                self.kill()
