"""The till's engine of promotions in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import serve_folders
from tests.support.web import site

__all__ = ["site"]

ROOT = Path(__file__).resolve().parents[2]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def till_offers(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Calls a function of promotion_runner.js in Chromium: `await till_offers("baskets", cases, defaults)`."""
    tests = ROOT / "tests"
    folders = {"till": ROOT / "kiosk" / "till", "vectors": tests / "vectors", "promotions": tests / "promotions"}
    with serve_folders(folders) as origin:
        page = await browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        await page.goto(f"{origin}/")

        async def call(name: str, *arguments: Any) -> Any:
            return await page.evaluate(
                "async ([name, args]) => (await import('/promotions/promotion_runner.js'))[name](...args)",
                [name, list(arguments)],
            )

        yield call
        await page.close()
        assert errors == []
