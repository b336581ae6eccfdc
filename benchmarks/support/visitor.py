"""A signed-in person in a real Chromium, on the stage's web process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, async_playwright

from benchmarks.support.stage import Stage
from benchmarks.support.world import World
from tests.support.browser import LAUNCH_ARGS, chromium_path
from tests.support.web import enrol


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the browser that the tests use."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGS)
        try:
            yield browser
        finally:
            await browser.close()


async def sign_in(browser: Browser, on: Stage, world: World) -> BrowserContext:
    """Open a window of its own in which an owner of the business is signed in."""
    secret = await session(on, world)
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.add_cookies([{"name": "s", "value": secret, "url": on.origin}])
    return context


async def session(on: Stage, world: World) -> str:
    """Take an owner on, and give the secret of a session."""
    _person, _email, secret = await enrol(on.db, world.shop.tenant.id, "owner")
    return secret
