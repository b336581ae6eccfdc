"""Hands for the till's page: they type with given pauses, scan as a scanner does, and know where things are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import SLUG, TILL

SCANNER = 8.0  # ms between characters
READS = 0.4  # s until somebody has seen what an Enter brought; a second one that comes sooner isn't meant (twice.js)
DATABASE = f"till:{SLUG}:{TILL}"
_AZERTY = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))


class Hands:
    """Keys with exact times: the browser takes an event's time from us, so a busy machine can't spoil a scan."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page, self.session = page, session
        self.clock = time.time()

    @classmethod
    async def on(cls, page: Page) -> Hands:
        return cls(page, await page.context.new_cdp_session(page))

    async def key(self, key: str, code: str, text: str, gap: float, *, repeat: bool = False) -> None:
        self.clock += gap / 1000
        down = {
            "type": "keyDown" if text else "rawKeyDown",
            "key": key,
            "code": code,
            "timestamp": self.clock,
            "autoRepeat": repeat,
        }
        number = {"Enter": 13, "Tab": 9, " ": 32}.get(key, 0)
        await self.session.send(
            "Input.dispatchKeyEvent",
            {**down, "text": text, "windowsVirtualKeyCode": number}
            if text
            else {**down, "windowsVirtualKeyCode": number},
        )
        if not repeat:
            await self.session.send(
                "Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": code, "timestamp": self.clock + 0.002}
            )

    async def type(self, text: str, gap: float = SCANNER, *, layout: dict[str, str] | None = None) -> None:
        for character in text:
            code = (
                f"Digit{character}"
                if character.isdigit()
                else f"Key{character.upper()}"
                if character.isalpha()
                else "Unidentified"
            )
            shown = (layout or {}).get(character, character)
            await self.key(shown, code, shown, gap)

    async def scan(
        self, code: str, *, gap: float = SCANNER, end: str = "Enter", pause: float = 150, azerty: bool = False
    ) -> None:
        """A scan as the keyboard brings it, `pause` ms after the last key."""
        self.clock = max(self.clock, time.time()) + pause / 1000
        await self.type(code, gap, layout=_AZERTY if azerty else None)
        await self.key(end, end, "\r" if end == "Enter" else "", gap)

    async def rest(self) -> None:
        """A pause that ends whatever burst there was."""
        self.clock = max(self.clock + 0.5, time.time())

    async def settle(self) -> None:
        """Let real time catch up, before keys that Playwright presses by the real clock."""
        await asyncio.sleep(max(0.0, self.clock + 0.13 - time.time()))


SHELL_IS_HERE = """() => Promise.race([navigator.serviceWorker.ready.then(() => null), new Promise((_, no) => {
  setTimeout(() => no(new Error("the shell is not on this device")), 90_000);
})])"""


async def eventually(question: Callable[[], Any | Awaitable[Any]], wanted: Any, *, seconds: float = 30) -> None:
    """Ask until the answer is the wanted one."""
    until = time.monotonic() + seconds
    while True:
        answer = question()
        if hasattr(answer, "__await__"):
            answer = await answer
        if answer == wanted:
            return
        assert time.monotonic() < until, f"still {answer!r}, not {wanted!r}"
        await asyncio.sleep(0.05)


class TillPage:
    """One tab with the till."""

    def __init__(self, page: Page, fake: FakeTillServer, hands: Hands) -> None:
        self.page, self.fake, self.hands = page, fake, hands
        self.errors: list[str] = []
        self.last_key = ""

    @classmethod
    async def open(cls, context: BrowserContext, fake: FakeTillServer, *, ready: bool = True) -> TillPage:
        page = await context.new_page()
        till = cls(page, fake, await Hands.on(page))
        page.on("pageerror", lambda error: till.errors.append(str(error)))
        page.on(
            "console",
            lambda line: (
                till.errors.append(line.text) if "Trusted" in line.text or "Content Security" in line.text else None
            ),
        )
        await page.goto(fake.page)
        if ready:
            await expect(page.locator("#till[aria-busy]")).to_have_count(0)
            await till.shows("Open the shift" if not fake.shift else "Charge")
        return till

    async def shows(self, text: str) -> None:
        await expect(self.page.get_by_text(text, exact=False).locator("visible=true").first).to_be_visible()

    async def is_online(self) -> None:
        await expect(self.page.locator(".top .pill")).to_contain_text("Online")

    async def press(self, keys: str) -> None:
        """Characters as a person types them: not as fast as a scanner."""
        await self.hands.settle()
        self.last_key = ""
        for key in keys:
            await self.page.keyboard.press(key)
            await asyncio.sleep(0.045)

    async def key(self, name: str) -> None:
        """One named key, such as Enter."""
        await self.hands.settle()
        if name == self.last_key == "Enter":
            await asyncio.sleep(READS)
        self.last_key = name
        await self.page.keyboard.press(name)

    async def works_offline(self) -> None:
        """Wait until the shell is on the device."""
        assert self.fake.whole_shell, "a test that needs the shell says so: @pytest.mark.shell"
        await self.page.evaluate(SHELL_IS_HERE)

    async def tap(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).locator("visible=true").first.click()

    async def open_shift(self, float_digits: str) -> None:
        await expect(self.page.locator(".pad").locator("visible=true")).to_be_visible()
        await self.press(float_digits)
        await self.tap("Open shift")
        await expect(self.page.locator("#cart")).to_be_visible()

    async def scan(self, index: int, times: int = 1) -> None:
        """Scan the article at this place of the fake's shelf."""
        for _ in range(times):
            await self.hands.scan(self.fake.products[index].barcodes[0])

    async def lines(self) -> list[str]:
        """What the cart shows: 'quantity name total'."""
        return await self.page.evaluate(
            """() => [...document.querySelectorAll(".lines li")].map((li) =>
                 [".qty", ".n", ".t"].map((one) => li.querySelector(one).textContent).join(" "))"""
        )

    async def has_lines(self, *lines: str) -> None:
        await eventually(self.lines, list(lines))

    async def pay_cash(self, digits: str = "") -> None:
        """From the cart to the receipt, with this much cash or the exact amount."""
        await self.page.locator(".charge").click()
        if digits:
            await self.press(digits)
        else:
            await self.page.locator(".quick .btn").first.click()
        await self.tap("Complete sale")
        await expect(self.page.get_by_role("heading", name="Paid")).to_be_visible()

    async def sell(self, index: int) -> None:
        """One article, paid exactly, and on to the next customer."""
        await self.scan(index)
        await eventually(lambda: self.page.locator(".lines li").count(), 1)
        await self.pay_cash()
        await self.tap("Next sale")

    async def journal(self) -> list[dict[str, Any]]:
        """The records on the disk, read past the till's own code."""
        return await self.page.evaluate(
            """(name) => new Promise((resolve, reject) => {
                 const open = indexedDB.open(name);
                 open.onerror = () => reject(open.error);
                 open.onsuccess = () => {
                   const all = open.result.transaction("journal").objectStore("journal").getAll();
                   all.onsuccess = () => { open.result.close(); resolve(all.result); };
                 };
               })""",
            DATABASE,
        )

    async def hear(self) -> None:
        """Make the till look for the server now instead of in a few seconds."""
        await self.page.evaluate("dispatchEvent(new Event('online'))")
