"""Changing the prices of more products than a request waits for: the worker writes them, whatever interrupts it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import pytest

from retail.catalog.operations import Draft, put_products
from retail.catalog.prices.applying import APPLY_JOB, PORTION, apply_due
from retail.catalog.prices.batches import batch, start, write_chunk
from retail.catalog.prices.errors import BatchUndone
from retail.catalog.prices.reckoning import Rule
from retail.catalog.prices.surveying import Choice, Plan
from retail.catalog.prices.undoing import undo_batch, undo_portion
from retail.kit.ids import new_id
from retail.runtime.jobs import enqueue
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import Shop

MANY: Final = PORTION + 500
PLUS_FIVE: Final = Plan(Rule("percent", 500), Choice(text="bulk"), None)


async def filled(shop: Shop) -> None:
    drafts = [Draft(new_id(), f"BULK-{at:05}", f"Bulk {at}", shop.reduced, 1_000) for at in range(MANY)]
    await shop.db.run(shop.scope, put_products, drafts)


async def prices(shop: Shop) -> dict[int, int]:
    """Count the products at each price."""
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT price_minor, count(*) FROM product WHERE tenant_id = $1 AND sku LIKE 'BULK-%' GROUP BY 1",
            read.tenant,
        )
    return {row[0]: row[1] for row in rows}


async def changes(shop: Shop, id: UUID) -> int:
    async with shop.db.read(shop.scope) as read:
        found: int = await read.fetchval(
            "SELECT count(*) FROM price_change WHERE tenant_id = $1 AND batch_id = $2", read.tenant, id
        )
    return found


async def test_a_worker_cut_off_begins_again_and_no_price_goes_up_twice(site: Site, shop: Shop) -> None:
    await filled(shop)
    id = new_id()
    await shop.db.run(shop.scope, start, id, PLUS_FIVE, None, "Autumn")
    assert await prices(shop) == {1_000: MANY}
    async with shop.db.begin(shop.scope) as tx:
        assert (await batch(tx, id)).state == "working"
        after, seen = await write_chunk(tx, id, None)  # what a worker did before it fell
    assert (after is not None, seen) == (True, PORTION)
    assert await prices(shop) == {1_000: MANY}
    owner = await site.member(shop)
    under_way = await owner.get(f"/t/{shop.tenant.slug}/products/prices/batches/{id}")
    assert under_way.status_code == 200
    assert await work_off(shop.db, shop.tenant.id) >= 1
    assert await prices(shop) == {1_050: MANY}
    assert await changes(shop, id) == MANY
    async with shop.db.read(shop.scope) as read:
        facts = await batch(read, id)
    assert (facts.state, facts.products, facts.passed_over) == ("applied", MANY, 0)
    assert await shop.db.run(shop.scope, undo_batch, id) is None
    async with shop.db.begin(shop.scope) as tx:
        assert (await batch(tx, id)).state == "undoing"
        with pytest.raises(BatchUndone):
            await undo_batch(tx, id)
        await undo_portion(tx, id, None, None)  # what a worker did before it fell
    assert await prices(shop) == {1_000: PORTION, 1_050: MANY - PORTION}
    under_way = await owner.get(f"/t/{shop.tenant.slug}/products/prices/batches/{id}")
    assert "being undone" in under_way.text
    await work_off(shop.db, shop.tenant.id)
    assert await prices(shop) == {1_000: MANY}
    async with shop.db.read(shop.scope) as read:
        assert (await batch(read, id)).state == "undone"
        reversed_once = await read.fetchval(
            "SELECT count(*) FROM price_change WHERE tenant_id = $1 AND source = 'undo'", read.tenant
        )
        back = await read.fetchval(
            "SELECT brought_back FROM price_batch WHERE tenant_id = $1 AND id = $2", read.tenant, id
        )
    assert (reversed_once, back) == (MANY, MANY)


async def test_many_planned_are_told_to_tills_portion_by_portion_and_applied_at_their_moment(shop: Shop) -> None:
    await filled(shop)
    id, at = new_id(), datetime.now(UTC) + timedelta(hours=2)
    await shop.db.run(shop.scope, start, id, PLUS_FIVE, at, "")
    await work_off(shop.db, shop.tenant.id)
    async with shop.db.read(shop.scope) as read:
        assert (await batch(read, id)).state == "waiting"
        versions = await read.fetchval(
            "SELECT count(DISTINCT version) FROM product WHERE tenant_id = $1 AND sku LIKE 'BULK-%'", read.tenant
        )
    assert versions == 2
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "UPDATE price_change SET effective_at = $2 WHERE tenant_id = $1 AND batch_id = $3", tx.tenant, tx.now, id
        )
    assert await prices(shop) == {1_000: MANY}
    async with shop.db.begin(shop.scope) as tx:
        await enqueue(tx, APPLY_JOB, {})
    await work_off(shop.db, shop.tenant.id)
    assert await prices(shop) == {1_050: MANY}
    async with shop.db.read(shop.scope) as read:
        assert (await batch(read, id)).state == "applied"


async def test_what_is_planned_and_being_undone_is_not_applied_meanwhile(shop: Shop) -> None:
    await filled(shop)
    id, at = new_id(), datetime.now(UTC) + timedelta(hours=2)
    await shop.db.run(shop.scope, start, id, PLUS_FIVE, at, "")
    await work_off(shop.db, shop.tenant.id)
    assert await shop.db.run(shop.scope, undo_batch, id) is None
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "UPDATE price_change SET effective_at = $2 WHERE tenant_id = $1 AND batch_id = $3", tx.tenant, tx.now, id
        )
    assert await shop.db.run(shop.scope, apply_due) == 0
    await work_off(shop.db, shop.tenant.id)
    async with shop.db.read(shop.scope) as read:
        assert (await batch(read, id)).state == "undone"
    assert await prices(shop) == {1_000: MANY}
