"""Products are found by name, SKU and barcode; a change reaches the tills' copy once and in order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from retail.catalog import operations, queries
from retail.catalog.errors import BarcodeTaken, SkuTaken
from retail.catalog.snapshot import snapshot
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from tests.support.world import Shop, ean13, open_shop


def draft(shop: Shop, **changes: object) -> operations.Draft:
    made = operations.Draft(new_id(), "TEA-1", "Green tea", shop.reduced, 249, shop.category, (ean13(900),))
    return replace(made, **changes)


async def names(shop: Shop, **wanted: object) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        page = await queries.products(read, queries.Wanted(**wanted), limit=50, after=None)
    return [product.name for product in page.items]


async def test_a_product_is_found_by_every_word_of_its_name_its_sku_and_its_barcode(shop: Shop) -> None:
    assert await names(shop, text="choc dark") == ["Dark chocolate 70 %"]
    assert await names(shop, text="sku-004") == ["Cola 330 ml"]
    assert await names(shop, text=shop.products[1].barcode) == ["Whole milk 1 l"]
    assert await names(shop, barcode=shop.products[1].barcode.zfill(14)) == ["Whole milk 1 l"]
    assert await names(shop, text="no such thing") == []
    assert await names(shop, text="100%_") == [], "wildcards are plain characters"


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(shop: Shop) -> None:
    seen: list[str] = []
    after = None
    async with shop.db.read(shop.scope) as read:
        for _ in range(10):
            page = await queries.products(read, queries.Wanted(), limit=2, after=after)
            seen += [product.sku for product in page.items]
            after = page.next
            if after is None:
                break
    assert len(seen) == len(set(seen)) == 6


async def test_putting_a_known_product_replaces_it_and_its_barcodes(shop: Shop) -> None:
    first = draft(shop, barcodes=(ean13(900), "TEA-LABEL"))
    await shop.db.run(shop.scope, operations.put_products, [first])
    await shop.db.run(shop.scope, operations.put_products, [replace(first, price_minor=299, barcodes=(ean13(901),))])
    async with shop.db.read(shop.scope) as read:
        found = await queries.product(read, first.id)
    assert (found.price_minor, found.barcodes) == (299, (ean13(901),))
    assert await names(shop, barcode="tea-label") == []


async def test_a_taken_sku_or_barcode_is_refused_and_nothing_changes(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        before = await snapshot(read, 0)
    with pytest.raises(SkuTaken):
        await shop.db.run(shop.scope, operations.put_products, [draft(shop, sku="SKU-001")])
    with pytest.raises(BarcodeTaken) as taken:
        await shop.db.run(shop.scope, operations.put_products, [draft(shop, barcodes=(shop.products[0].barcode,))])
    assert taken.value.barcode == shop.products[0].barcode
    async with shop.db.read(shop.scope) as read:
        assert await snapshot(read, 0) == before


async def test_a_till_that_asks_since_its_version_gets_just_what_changed(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        full = await snapshot(read, 0)
    assert full["full"]
    assert {len(column) for column in full["products"].values()} == {6}
    await shop.db.run(shop.scope, operations.archive_product, shop.products[0].id)
    await shop.db.run(shop.scope, operations.put_products, [draft(shop)])
    async with shop.db.read(shop.scope) as read:
        delta = await snapshot(read, full["version"])
        assert (await snapshot(read, delta["version"]))["products"]["id"] == []
        assert (await snapshot(read, delta["version"] + 1))["full"], "a version from the future means: start over"
    products = delta["products"]
    assert dict(zip(products["name"], products["active"], strict=True)) == {"Green tea": 1, "Sourdough loaf 800 g": 0}
    assert delta["version"] == full["version"] + 2


async def test_versions_appear_in_order_also_when_two_people_save_at_once(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        start = (await snapshot(read, 0))["version"]
    drafts = [draft(shop, id=new_id(), sku=f"TEA-{n}", barcodes=()) for n in range(12)]
    await asyncio.gather(*(shop.db.run(shop.scope, operations.put_products, [each]) for each in drafts))
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT version FROM product WHERE tenant_id = $1 AND version > $2 ORDER BY version", read.tenant, start
        )
    assert [row["version"] for row in rows] == list(range(start + 1, start + 13))


async def test_updated_since_gives_archived_products_too_in_the_order_of_change(shop: Shop) -> None:
    await shop.db.run(shop.scope, operations.archive_product, shop.products[3].id)
    async with shop.db.read(shop.scope) as read:
        page = await queries.products(
            read, queries.Wanted(updated_since=read.now - timedelta(hours=1)), limit=500, after=None
        )
    assert [product.name for product in page.items][-1] == "Cola 330 ml"
    assert len(page.items) == 6


async def test_another_business_cannot_see_or_archive_a_product(db: Database, shop: Shop) -> None:
    other = await open_shop(db)
    async with db.read(other.scope) as read:
        with pytest.raises(NotFound):
            await queries.product(read, shop.products[0].id)
    with pytest.raises(NotFound):
        await db.run(other.scope, operations.archive_product, shop.products[0].id)
    async with db.read(shop.scope) as read:
        assert (await queries.product(read, shop.products[0].id)).archived_at is None


async def test_every_change_is_audited_and_told(shop: Shop) -> None:
    made = draft(shop, unit_cost=Decimal("98.5"))
    await shop.db.run(shop.scope, operations.put_products, [made])
    async with shop.db.read(shop.scope) as read:
        audit = await read.fetchrow(
            "SELECT action, actor_name FROM audit_event WHERE tenant_id = $1 AND subject_id = $2", read.tenant, made.id
        )
        told = await read.fetchval(
            "SELECT count(*) FROM outbox WHERE tenant_id = $1 AND name = 'catalogue.changed'", read.tenant
        )
    assert (audit["action"], audit["actor_name"]) == ("product.put", "Olga Owner")
    assert told >= 4
