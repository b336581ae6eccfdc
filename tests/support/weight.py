"""What a page really asks for: its scripts and style sheets from opening on, and what they weigh on the wire."""

from __future__ import annotations

import asyncio
import gzip
import urllib.request
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, Request

KINDS = frozenset({"script", "stylesheet"})
_MARK = """new MutationObserver((_seen, watcher) => {
  if (document.body?.dataset.screen !== "sell") return;
  watcher.disconnect();
  performance.mark("sells");
}).observe(document, { subtree: true, childList: true, attributes: true })"""
_BEFORE = """() => {
  const [{ startTime: end }] = performance.getEntriesByName("sells");
  return performance.getEntriesByType("resource").filter((one) => one.startTime <= end).map((one) => one.name);
}"""


class Load:
    """Notes each script and style sheet that a page asks for, until `stop`. Make it before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.kinds: dict[str, str] = {}
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.resource_type in KINDS:
            self.kinds[request.url.split("?")[0]] = request.resource_type

    async def until_it_sells(self) -> None:
        """Keep what this document asked for before it could sell: `mark_sells` was called before it was opened."""
        before = {name.split("?")[0] for name in await self._page.evaluate(_BEFORE)}
        self._page.remove_listener("request", self._note)
        self.kinds = {url: kind for url, kind in self.kinds.items() if url in before}

    @property
    def paths(self) -> set[str]:
        return {urlsplit(url).path for url in self.kinds}

    async def weigh(self) -> dict[str, int]:
        """Fetch each file again with gzip; its bytes by address."""
        return {url: await asyncio.to_thread(packed, url) for url in self.kinds}


async def mark_sells(where: BrowserContext | Page) -> None:
    """Have a page, or each of a window, note the moment when its sell screen is first free, by its own clock."""
    await where.add_init_script(_MARK)


def packed(url: str) -> int:
    """Count the bytes of a file that travel. Raises RuntimeError where packing was forgotten."""
    wanted = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(wanted) as answer:
        body: bytes = answer.read()
        if answer.headers.get("Content-Encoding") != "gzip" and len(body) > len(gzip.compress(body)) > 1024:
            raise RuntimeError(f"{url} is not packed")
        return len(body)
