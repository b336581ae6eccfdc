"""Businesses with bills, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from retail.settings import Settings, use_settings
from tests.billing.provider import settings_with
from tests.support.fake_stripe import FakeStripe
from tests.support.web import Site, make_site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture(autouse=True)
def _settings() -> None:
    use_settings(Settings(environment="test"))


@pytest.fixture
async def still(shop: Shop) -> AsyncIterator[FixedClock]:
    """Let time stand still until the test moves it."""
    before = shop.db.clock
    clock = FixedClock(before.now())
    shop.db.clock = clock
    yield clock
    shop.db.clock = before


@pytest.fixture
async def stripe() -> AsyncIterator[FakeStripe]:
    fake = FakeStripe()
    server = fake.start()
    yield fake
    await asyncio.to_thread(server.shutdown)
    server.server_close()


@pytest.fixture
async def paying(db: Database, stripe: FakeStripe) -> AsyncIterator[Site]:
    told = settings_with(stripe)
    made = make_site(db, **{name: value for name, value in told.items() if name != "environment"})
    yield made
    await made.close()
