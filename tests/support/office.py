"""A page of a real browser in which the owner of a business is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import Browser, Page

from tests.support.house import eventually, free_port
from tests.support.web import Site, enrol
from tests.support.world import Shop


@pytest.fixture
async def office(site: Site, shop: Shop, browser: Browser) -> AsyncIterator[Page]:
    """Give a page in which the owner is signed in; addresses start at the application's own root."""
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(site.app, port=port, lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    origin = f"http://127.0.0.1:{port}"
    context = await browser.new_context(base_url=origin)
    await context.add_cookies([{"name": "s", "value": secret, "url": origin}])
    await eventually(lambda: server.started)
    try:
        yield await context.new_page()
    finally:
        await context.close()
        server.should_exit = True
        await serving
