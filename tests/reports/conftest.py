"""A shop that has traded, a folder for its files, and the worker that makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from retail.analytics.jobs import PROJECTIONS
from retail.live import projections
from retail.runtime.db import Database
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.relay import Relay
from retail.settings import Settings, use_settings
from tests.analytics.test_rollups import relay_all
from tests.support.days import noon_ago, written
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, make_site
from tests.support.world import Shop


@pytest.fixture(autouse=True)
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Let jobs write into the test's own folder."""
    projections()
    made = Settings(environment="test", data_dir=tmp_path)
    use_settings(made)
    yield made
    use_settings(Settings(environment="test"))


@pytest.fixture
async def site(db: Database, settings: Settings) -> AsyncIterator[Site]:
    made = make_site(db, data_dir=settings.data_dir)
    yield made
    await made.close()


async def _nobody(*_what: object) -> None:
    """Take what was relayed."""


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return await open_counter(shop)


async def relay(shop: Shop) -> None:
    """Add what was sold to the read models."""
    of_figures = Relay(shop.db, Switchboard([]), {event: (one,) for event, one in PROJECTIONS.items()}, _nobody)
    await relay_all(of_figures, shop)


@pytest.fixture
async def traded(shop: Shop, counter: Counter) -> Shop:
    """Sell bread and milk together, and milk alone, on each of the last three days."""
    sales = []
    for ago in (3, 2, 1):
        at = written(noon_ago(shop, ago))
        sales.append(counter.sale((shop.products[0], 1), (shop.products[1], 1), occurred_at=at))
        sales.append(counter.sale((shop.products[1], 1), occurred_at=at))
    await counter.send(*sales)
    await relay(shop)
    return shop
