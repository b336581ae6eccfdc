"""The house that all journeys share, a business for each, and the processes' last words where one fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from retail.kit.errors import Busy
from tests.support.day import Day, a_day
from tests.support.house import House, open_house
from tests.support.world import Shop, open_shop

_open: list[House] = []
expect.set_options(timeout=15_000)  # both cores may be busy with Postgres, Chromium and ourselves


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        _open.append(opened)
        yield opened
        _open.clear()


@pytest.fixture
async def shop(house: House) -> Shop:
    async with asyncio.timeout(60):
        while True:
            try:
                return await open_shop(house.db)
            except Busy:  # an outage that a journey made has just ended
                await asyncio.sleep(0.5)


@pytest.fixture
async def day(house: House, shop: Shop, browser: Browser) -> AsyncIterator[Day]:
    async with a_day(house, shop, browser) as opened:
        yield opened
    house.put_right()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport]:
    """Put the ends of the processes' logs under a failure."""
    report = yield
    if report.failed and _open:
        house = _open[0]
        for program in (house.web, house.worker):
            report.sections.append((f"last words of {program.name}", program.last_words()))
        report.sections.append(("the servers said", "\n".join(house.told)))
        house.put_right()
    return report
