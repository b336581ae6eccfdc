from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from rich.console import Console

from retail import demo
from retail.checks import run_checks
from retail.demo import building
from retail.demo.goods import articles
from retail.demo.premises import SLUG
from retail.identity.passwords import password_fits
from retail.identity.queries import account
from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from retail.tenants.queries import tenant_by_slug
from tests.support import database

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
SMALL = demo.Size(days=9, stores=3, sales_a_day=8)


@asynccontextmanager
async def a_database() -> AsyncIterator[Database]:
    admin_url = os.environ["TEST_DATABASE_ADMIN_URL"]
    made = await database.clone(admin_url, os.environ["TEST_DATABASE_TEMPLATE"])
    opened = await Database.connect(made.app_url, settings=demo.PATIENT, clock=FixedClock(NOW))
    yield opened
    await opened.close()
    await database.drop(admin_url, made.name)


@pytest.fixture
async def empty() -> AsyncIterator[Database]:
    """A database without the demo: its business has one name, so each test builds in its own."""
    async with a_database() as made:
        yield made


async def seed(db: Database, size: demo.Size = SMALL) -> str:
    said = io.StringIO()
    await demo.seed(db, Console(file=said, width=200), size)
    return said.getvalue()


async def scope(db: Database) -> Scope:
    async with db.platform() as unit:
        facts = await tenant_by_slug(unit, SLUG)
    assert facts is not None
    return Scope.system(facts.id)


async def test_the_demo_is_a_whole_business_whose_checks_hold(empty: Database) -> None:
    assert "Building a business to try" in await seed(empty)
    inside = await scope(empty)
    async with empty.read(inside) as read:
        assert [check for check in await run_checks(read) if not check.ok] == []
        figures = await read.fetchrow(
            """SELECT (SELECT count(*) FROM store WHERE tenant_id = $1) AS stores,
                      (SELECT count(*) FROM till WHERE tenant_id = $1) AS tills,
                      (SELECT count(*) FROM product WHERE tenant_id = $1) AS products,
                      (SELECT count(*) FROM category WHERE tenant_id = $1) AS categories,
                      (SELECT count(*) FROM shift WHERE tenant_id = $1 AND closed_at IS NULL) AS open_shifts,
                      (SELECT count(*) FROM stock_balance WHERE tenant_id = $1 AND on_hand < 0) AS below_zero,
                      (SELECT max(occurred_at) FROM sale WHERE tenant_id = $1) AS latest,
                      (SELECT count(DISTINCT business_date) FROM sale WHERE tenant_id = $1) AS days,
                      (SELECT count(*) FROM outbox WHERE tenant_id = $1 AND name = 'sale.completed') AS told""",
            read.tenant,
        )
    assert figures is not None
    assert dict(figures) | {"latest": None} == {
        "stores": 3,
        "tills": 7,
        "products": len(articles()),
        "categories": 12,
        "open_shifts": 4,
        "below_zero": 0,
        "latest": None,
        "days": 9,  # ten days, one of them a Sunday
        "told": 0,
    }
    assert figures["latest"] < NOW


async def test_everybody_can_sign_in(empty: Database) -> None:
    await seed(empty, demo.Size(days=1, stores=1, sales_a_day=1))
    assert [role for role, _, _ in demo.logins()] == ["owner", "manager", "clerk", "viewer", "operator"]
    for role, email, password in demo.logins():
        async with empty.platform() as unit:
            known = await account(unit, email)
        assert known is not None
        assert known.operator is (role == "operator")
        assert await password_fits(password, known.password_hash)


async def test_a_second_start_builds_nothing(empty: Database) -> None:
    await seed(empty, demo.Size(days=1, stores=1, sales_a_day=2))
    inside = await scope(empty)
    async with empty.read(inside) as read:
        before = await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", read.tenant)
    assert await seed(empty) == ""
    async with empty.read(inside) as read:
        assert await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", read.tenant) == before


async def test_an_interrupted_build_leaves_nothing_and_the_next_one_is_whole(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = building._store
    calls = 0

    async def interrupted(*args: object) -> None:
        nonlocal calls
        calls += 1
        await stored(*args)  # type: ignore[arg-type]
        if calls == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(building, "_store", interrupted)
    with pytest.raises(asyncio.CancelledError):
        await seed(empty)
    async with empty.platform() as unit:
        assert await tenant_by_slug(unit, SLUG) is None
        assert await account(unit, "owner@corner.example") is None
    monkeypatch.setattr(building, "_store", stored)
    await seed(empty)
    async with empty.read(await scope(empty)) as read:
        assert [check for check in await run_checks(read) if not check.ok] == []


async def test_the_same_moment_gives_the_same_trade() -> None:
    small = demo.Size(days=3, stores=1, sales_a_day=5)

    async def totals() -> list[tuple[object, ...]]:
        async with a_database() as made:
            await seed(made, small)
            async with made.read(await scope(made)) as read:
                rows = await read.fetch(
                    "SELECT occurred_at, total_minor, units FROM sale WHERE tenant_id = $1 ORDER BY 1", read.tenant
                )
        return [tuple(one) for one in rows]

    first = await totals()
    assert first
    assert await totals() == first
