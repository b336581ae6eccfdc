"""Fixtures that every test may ask for: `db`, `clone`, `shop`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest

from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from tests.support import database
from tests.support.browser import browser
from tests.support.world import Shop, open_shop

__all__ = ["browser"]

pytest_plugins = ["tests.support.second_try"]

_for_the_run = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Before the workers start: one server, one migrated template."""
    if hasattr(config, "workerinput") or config.option.collectonly or os.environ.get("COUNTERTOP_NO_DATABASE"):
        return
    _for_the_run.enter_context(database.template())


def pytest_unconfigure() -> None:
    """After the last worker: leave nothing behind."""
    _for_the_run.close()


@pytest.fixture(scope="session")
async def clone() -> AsyncIterator[database.Clone]:
    """Give this worker's own database."""
    async with database.of_its_own() as made:
        yield made


@pytest.fixture(scope="session")
async def db(clone: database.Clone) -> AsyncIterator[Database]:
    """Give the database as the application's role sees it."""
    opened = await Database.connect(clone.app_url, size=20, reports_url=clone.report_url)
    yield opened
    await opened.close()


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Open a business of the test's own: transactions commit for real, and other tests can't see it."""
    yield await open_shop(db)
    assert not isinstance(db.clock, FixedClock), "the clock that the other tests go by still stands"
