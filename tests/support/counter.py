"""A device that notes every complaint of its pages, and a till under somebody's hands."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playwright.async_api import BrowserContext, Page, expect

from tests.support.house import eventually
from tests.support.till_page import SHELL_IS_HERE, Hands
from tests.support.web import PASSWORD
from tests.support.world import Ware

_REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => console.error(
  `Broke the policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""
# what browsers and htmx write on the console where a request gets no answer, or the answer Busy
OUTAGE = (
    r"net::ERR_",
    r"WebSocket connection to .* failed",
    r"status of 50[234]",
    r"htmx:ws:error",
    r"Failed to fetch",
    r"An unknown error occurred when fetching the script",  # a worker that was just being registered
)


@dataclass
class Device:
    """A browser of somebody's own. What its pages complain about fails the test, unless the test bears with it."""

    context: BrowserContext
    origin: str
    name: str
    email: str = ""
    complaints: list[str] = field(default_factory=list)
    borne: list[str] = field(default_factory=list)

    def bears(self, *patterns: str) -> None:
        """Expect complaints of these kinds: requests that a test makes fail are told on the console by the browser."""
        self.borne += patterns

    @property
    def unexpected(self) -> list[str]:
        return [one for one in self.complaints if not any(re.search(pattern, one) for pattern in self.borne)]

    async def watch(self) -> None:
        """Begin to take note of complaints."""
        self.context.set_default_timeout(15_000)
        self.context.on(
            "console",
            lambda line: (
                self.complaints.append(f"{line.text} [{line.location.get('url', '')}]")
                if line.type == "error"
                else None
            ),
        )
        self.context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error.stack}"))
        await self.context.add_init_script(_REPORT_VIOLATIONS)

    async def visit(self, path: str) -> Page:
        """Open a page in a tab of its own; it must be a good answer."""
        page = await self.context.new_page()
        answer = await page.goto(f"{self.origin}{path}")
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        return page

    async def sign_in(self, page: Page) -> None:
        """Fill in the sign-in form."""
        await page.get_by_label("E-mail address").fill(self.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()


@dataclass
class Counter:
    """A till's page under somebody's hands."""

    device: Device
    page: Page
    hands: Hands
    till: UUID

    @classmethod
    async def on(cls, device: Device, page: Page, till: UUID) -> Counter:
        return cls(device, page, await Hands.on(page), till)

    async def open_shift(self, digits: str) -> None:
        await expect(self.page.get_by_role("heading", name="Open the shift")).to_be_visible()
        await self.press(digits)
        await self.tap("Open shift")
        await self.may_sell()

    async def press(self, keys: str) -> None:
        """Characters as a person types them."""
        await self.hands.settle()
        for key in keys:
            await self.page.keyboard.press(key)
            await asyncio.sleep(0.045)

    async def tap(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).locator("visible=true").first.click()

    async def scan(self, ware: Ware | str, times: int = 1) -> None:
        for _ in range(times):
            await self.hands.scan(ware if isinstance(ware, str) else ware.barcode)

    async def may_sell(self) -> None:
        """Wait until nothing stands in front of the sell screen, also after the page has loaded itself anew."""
        await expect(self.page.locator("body[data-screen=sell] #till:not([aria-busy])")).to_be_visible()
        await expect(self.page.locator("#lock")).to_be_hidden()
        await expect(self.page.locator(".tile").first).to_be_attached()  # a new device fetches its articles first

    async def lines(self) -> list[str]:
        """Give what the cart shows: 'quantity name total'."""
        shown: list[str] = await self.page.evaluate(
            """() => [...document.querySelectorAll(".lines li")].map((li) =>
                 [".qty", ".n", ".t"].map((one) => li.querySelector(one).textContent).join(" "))"""
        )
        return shown

    async def shows(self, text: str | re.Pattern[str], *, seconds: float = 15) -> None:
        await expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(timeout=seconds * 1000)

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

    async def sell(self, ware: Ware) -> None:
        """One article, paid exactly, and on to the next customer."""
        await self.scan(ware)
        await expect(self.page.locator(".lines li")).to_have_count(1)
        await self.pay_cash()
        await self.tap("Next sale")
        await expect(self.page.locator(".lines li")).to_have_count(0)

    async def pill_says(self, text: str | re.Pattern[str], *, seconds: float = 30) -> None:
        await expect(self.page.locator(".top .pill")).to_contain_text(text, timeout=seconds * 1000)

    async def has_sent_everything(self, *, seconds: float = 40) -> None:
        """Wait until the server has acknowledged every record, as the till's own disk has it."""
        await eventually(self.waiting, 0, seconds=seconds)

    async def waiting(self) -> int:
        head = await self.meta("head")
        return int(head["seq"] - head["acked"]) if head else 0

    async def meta(self, name: str) -> Any:
        """Give a fact of the till's database, read past its own code."""
        return await self._stored(f"(db) => db.transaction('meta').objectStore('meta').get({name!r})")

    async def journal(self) -> list[dict[str, Any]]:
        """Give the records on the disk, read past the till's own code."""
        kept: list[dict[str, Any]] = await self._stored(
            "(db) => db.transaction('journal').objectStore('journal').getAll()"
        )
        return kept

    async def _stored(self, ask: str) -> Any:
        slug = self.page.url.split("/t/")[1].split("/")[0]
        return await self.page.evaluate(
            f"""(name) => new Promise((resolve, reject) => {{
                 const open = indexedDB.open(name);
                 open.onerror = () => reject(open.error);
                 open.onsuccess = () => {{
                   const asked = ({ask})(open.result);
                   asked.onsuccess = () => {{ open.result.close(); resolve(asked.result ?? null); }};
                   asked.onerror = () => reject(asked.error);
                 }};
               }})""",
            f"till:{slug}:{self.till}",
        )

    async def works_offline(self) -> None:
        """Wait until the shell is on the device and answers for this page."""
        await self.page.evaluate(SHELL_IS_HERE)
        await eventually(lambda: self.page.evaluate("navigator.serviceWorker.controller !== null"))

    async def look_for_server(self) -> None:
        """Have the till look now instead of in a few seconds."""
        await self.page.evaluate("dispatchEvent(new Event('online'))")

    async def on_hand(self, ware: Ware) -> str:
        """Give the stock that an article's tile shows."""
        return await self.page.locator(".tile", has_text=ware.name).locator(".s > span").first.inner_text()
