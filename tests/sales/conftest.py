"""Fixtures of the sales tests: the till's pricing module, loaded in a real browser under the product's policy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import serve_folders

ROOT = Path(__file__).resolve().parents[2]

Engine = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def till_engine(browser: Browser) -> AsyncIterator[Engine]:
    """Calls a function of pricing_runner.js in Chromium: `await till_engine("baskets", cases)`."""
    folders = {
        "till": ROOT / "kiosk" / "till",
        "vectors": ROOT / "tests" / "vectors",
        "sales": ROOT / "tests" / "sales",
    }
    with serve_folders(folders) as origin:
        page = await browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        await page.goto(f"{origin}/")

        async def call(name: str, *arguments: Any) -> Any:
            return await page.evaluate(
                "async ([name, args]) => (await import('/sales/pricing_runner.js'))[name](...args)",
                [name, list(arguments)],
            )

        yield call
        await page.close()
        assert errors == []
