"""Fixtures of the till's own tests: a fake server, a page with the till on it, and hands that scan, tap and pay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.support.browser import serve_folders
from tests.support.fake_till_server import FakeTillServer, running_fake
from tests.support.till_page import Hands, TillPage, eventually

ROOT = Path(__file__).resolve().parents[2]
SCREEN = {"width": 1280, "height": 800}
expect.set_options(timeout=15_000)  # what is judged is what happens; a busy machine may take its time


@pytest.fixture
def fake() -> Iterator[FakeTillServer]:
    with running_fake() as server:
        yield server


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(viewport=SCREEN, reduced_motion="reduce")
    opened.set_default_timeout(20_000)
    yield opened
    await opened.close()


@pytest.fixture
async def till(context: BrowserContext, fake: FakeTillServer) -> AsyncIterator[TillPage]:
    """A till that is online and on which nothing has been sold."""
    opened = await TillPage.open(context, fake)
    yield opened
    assert opened.errors == []
    assert fake.faults == []


@pytest.fixture
async def selling(till: TillPage) -> TillPage:
    """The same with an open shift and a float of 150.00."""
    await till.open_shift("15000")
    await eventually(lambda: till.fake.of_kind("shift_opened") != [], wanted=True)
    return till


@pytest.fixture(scope="session")
def modules() -> Iterator[str]:
    """The till's modules under the product's security policy, without the page."""
    with serve_folders({"kiosk": ROOT / "kiosk", "static": ROOT / "static"}) as origin:
        yield origin


@pytest.fixture
async def bare(context: BrowserContext, modules: str) -> AsyncIterator[Page]:
    """An empty page that may import the till's modules."""
    page = await context.new_page()
    await page.goto(modules)
    yield page
    await page.close()


@pytest.fixture
async def hands(bare: Page) -> Hands:
    """Hands and a scanner on the empty page, which listens for scans and keeps them in `scans`."""
    await bare.evaluate(
        """async () => {
          const { listenForScans } = await import("/kiosk/till/scanner.js");
          window.scans = [];
          window.prefix = "";
          window.pin = false;
          window.wait = 0;
          listenForScans({
            prefix: () => window.prefix,
            pin: () => window.pin,
            scanned: async (text) => {
              await new Promise((done) => setTimeout(done, window.wait));
              window.scans.push(text);
            },
          });
        }"""
    )
    return await Hands.on(bare)
