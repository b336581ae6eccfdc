"""Businesses with bills, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from retail.kit.clock import FixedClock
from retail.settings import Settings, use_settings
from tests.support.web import site
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
