"""What the tests of vigilance share: a counter with cashiers, and everything that is told relayed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from retail.runtime.db import Database
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, make_site
from tests.support.world import Shop


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    made = make_site(db)
    yield made
    await made.close()
