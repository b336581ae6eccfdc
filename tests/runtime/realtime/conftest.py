"""Tenants, and a Redis to share or to kill."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from retail.runtime.db import Database
from retail.runtime.embedded import EmbeddedRedis
from retail.runtime.tenancy import Scope
from tests.support.bells import Tenant, make_tenant
from tests.support.redis import running_redis


@pytest.fixture
async def tenant(db: Database) -> Tenant:
    return await make_tenant(db)


@pytest.fixture
async def other_tenant(db: Database) -> Tenant:
    return await make_tenant(db)


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[EmbeddedRedis]:
    with running_redis() as redis:
        yield redis


@pytest.fixture
def own_redis() -> Iterator[EmbeddedRedis]:
    """One that the test may kill."""
    with running_redis() as redis:
        yield redis


@pytest.fixture(autouse=True)
async def quiet_outbox(db: Database) -> AsyncIterator[None]:
    """Take what earlier tests of other files left waiting out of the relays' way."""
    yield
    async with db.platform() as unit:
        left = [row["tenant_id"] for row in await unit.fetch("SELECT tenant_id FROM outbox_tenants()")]
    for one in left:
        async with db.begin(Scope.system(one)) as tx:
            await tx.execute("DELETE FROM outbox WHERE tenant_id = $1", one)
