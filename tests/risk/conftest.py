"""What the tests of risk share: a counter, cashiers, and a relay that tells."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from retail.risk.jobs import PROJECTIONS
from retail.runtime.db import Database
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.relay import Relay
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, make_site
from tests.support.world import Shop


async def nobody_listens(*_what: object) -> None:
    """Take what was relayed."""


@pytest.fixture
def relay(db: Database) -> Relay:
    return Relay(db, Switchboard([]), {event: (reaction,) for event, reaction in PROJECTIONS.items()}, nobody_listens)


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    made = make_site(db)
    yield made
    await made.close()
