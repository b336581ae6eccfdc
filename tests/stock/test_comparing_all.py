"""What compares all rows of a business never does it row by row, whatever the planner believes of its size."""

from __future__ import annotations

import pytest

from retail import checks
from retail.runtime.checks import Check, claim, without_loops
from retail.runtime.db import Read
from retail.stock.reconciling import gaps
from tests.support.world import Shop

LOOPS = "SELECT current_setting('enable_nestloop')"


async def test_inside_there_are_no_loops_and_afterwards_it_is_as_before(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval(LOOPS) == "on"
        async with without_loops(read):
            async with without_loops(read):
                assert await read.fetchval(LOOPS) == "off"
            assert await read.fetchval(LOOPS) == "off"
        assert await read.fetchval(LOOPS) == "on"


async def test_every_proof_runs_without_loops(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def look(read: Read) -> list[Check]:
        seen.append(await read.fetchval(LOOPS))
        return [claim("looked", 1, [])]

    features = [one for feature in checks.FEATURES for one in (feature, look)]
    monkeypatch.setattr(checks, "FEATURES", features)
    async with shop.db.read(shop.scope) as read:
        found = await checks.run_checks(read)
        assert await read.fetchval(LOOPS) == "on"
    assert set(seen) == {"off"}
    assert all(one.ok for one in found)


async def test_stock_is_compared_with_the_books_without_loops(shop: Shop) -> None:
    asked: list[tuple[str, str]] = []
    async with shop.db.read(shop.scope) as read:
        fetch = read.fetch

        async def watched(sql: str, *args: object) -> object:
            asked.append((sql, await read.fetchval(LOOPS)))
            return await fetch(sql, *args)

        object.__setattr__(read, "fetch", watched)
        await gaps(read)
    assert [loops for sql, loops in asked if "journal_line" in sql] == ["off"]
