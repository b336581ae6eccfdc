"""A shop that has traded for ten weeks up to yesterday, and the worker that forecasts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from retail.analytics.jobs import PROJECTIONS
from retail.foresight import jobs, operations
from retail.runtime.db import Database
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.relay import Relay
from tests.analytics.test_rollups import relay_all
from tests.support.days import noon_ago, written
from tests.support.selling import open_counter
from tests.support.web import Site, make_site
from tests.support.working import work_off
from tests.support.world import Shop


async def forecast_now(shop: Shop) -> None:
    """Ask for forecasts, and let the worker make them."""
    await shop.db.run(shop.scope, operations.ask)
    assert jobs.JOB == operations.JOB
    await work_off(shop.db, shop.tenant.id)


async def _nobody(*_what: object) -> None:
    """Take what was relayed."""


@pytest.fixture
async def traded(shop: Shop) -> Shop:
    """Sell one to three loaves a day for ten weeks, and milk on Saturdays."""
    counter = await open_counter(shop)
    sales = []
    for ago in range(70, 0, -1):
        at = noon_ago(shop, ago)
        lines = [(shop.products[0], 1 + ago % 3)]
        if at.weekday() == 5:
            lines.append((shop.products[1], 4))
        sales.append(counter.sale(*lines, occurred_at=written(at)))
    await counter.send(*sales)
    relay = Relay(shop.db, Switchboard([]), {event: (one,) for event, one in PROJECTIONS.items()}, _nobody)
    await relay_all(relay, shop)
    return shop


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    made = make_site(db)
    yield made
    await made.close()
