"""The application under test, plain and behind TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from retail.runtime.db import Database
from tests.support.crawl import TLS
from tests.support.web import Site, make_site, site

__all__ = ["site"]


@pytest.fixture
async def tls(db: Database) -> AsyncIterator[Site]:
    """Give the application as browsers reach it over https."""
    made = make_site(db, public_origins=(TLS,))
    yield made
    await made.close()
