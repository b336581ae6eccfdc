"""Changing the prices of more products than a request waits for: the worker writes them, whatever interrupts it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.catalog.operations import Draft, put_products
from retail.catalog.prices.batches import CHUNK, batch, start, write_chunk
from retail.catalog.prices.reckoning import Rule
from retail.catalog.prices.surveying import Choice, Plan
from retail.catalog.prices.undoing import undo_batch
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import Shop

MANY: Final = CHUNK + 500
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
    assert (after is not None, seen) == (True, CHUNK)
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
    await shop.db.run(shop.scope, undo_batch, id)
    await work_off(shop.db, shop.tenant.id)
    assert await prices(shop) == {1_000: MANY}
