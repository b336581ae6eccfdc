"""What the tests of analytics share: a till that sells, and a relay that tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import pytest

from retail.analytics.jobs import PROJECTIONS
from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.relay import Relay
from tests.support.database import Clone
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, make_site
from tests.support.world import Shop, open_shop


async def nobody_listens(*_what: object) -> None:
    """Take what was relayed."""


@pytest.fixture
def relay(db: Database) -> Relay:
    return Relay(db, Switchboard([]), {event: (reaction,) for event, reaction in PROJECTIONS.items()}, nobody_listens)


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


NOON: Final = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
"""A Friday, half past two in Berlin: the hours up to 2 p.m. are over."""


@pytest.fixture(scope="session")
async def still(clone: Clone) -> AsyncIterator[Database]:
    """Give the database at a moment that doesn't pass."""
    opened = await Database.connect(clone.app_url, size=4, clock=FixedClock(NOON))
    yield opened
    await opened.close()


@pytest.fixture
async def still_shop(still: Database) -> Shop:
    return await open_shop(still)


@pytest.fixture
async def still_site(still: Database) -> AsyncIterator[Site]:
    made = make_site(still)
    yield made
    await made.close()


@pytest.fixture
def tell(still: Database) -> Relay:
    """Give a relay at that moment."""
    return Relay(
        still, Switchboard([]), {event: (reaction,) for event, reaction in PROJECTIONS.items()}, nobody_listens
    )
