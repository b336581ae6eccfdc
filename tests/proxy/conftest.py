"""The shop behind its proxy, started once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.database import Clone
from tests.support.front import Front, Seen, proxied, serving
from tests.support.house import free_port


@pytest.fixture(scope="session")
async def front(clone: Clone) -> AsyncIterator[Front]:
    """Start the web process and nginx before it."""
    port, seen = free_port(), Seen()
    async with serving(clone, port, seen), proxied(port, seen) as started:
        yield started
