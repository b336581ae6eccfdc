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
NEVER_IDLE = "globalThis.requestIdleCallback = () => 0;"
expect.set_options(timeout=15_000)  # what is judged is what happens; a busy machine may take its time


@pytest.fixture
def fake(request: pytest.FixtureRequest) -> Iterator[FakeTillServer]:
    """A server of the test's own. Only a test marked `shell` gets a worker that keeps the till on the device."""
    with running_fake() as server:
        server.whole_shell = request.node.get_closest_marker("shell") is not None
        yield server


@pytest.fixture
async def context(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser that is never idle, so that nothing is read ahead and each part comes when it is opened.

    For a test marked `shell` it is, as on a till where nobody stands.
    """
    opened = await browser.new_context(viewport=SCREEN, reduced_motion="reduce")
    opened.set_default_timeout(20_000)
    if request.node.get_closest_marker("shell") is None:
        await opened.add_init_script(NEVER_IDLE)
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
