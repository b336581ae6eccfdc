"""The short run that every test here looks at, and its verdict."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.chaos.plan import Run
from tests.chaos.trial import Verdict, trial

SHORT = Run(
    seed=5,
    tills=4,
    sales=60,
    blows=9,
    browsers=1,
    pace=(0.3, 1.4),
    slack_s=1.5,
    stretch=1,
    timeout_s=4,
    patience_s=1.5,
    webs=1,
    fsync=False,
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def verdict(pytestconfig: pytest.Config) -> AsyncIterator[Verdict]:
    """Play the short run; what was struck when stands under a failure."""
    expect.set_options(timeout=20_000)
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    async with trial(SHORT, print) as reached:
        yield reached
