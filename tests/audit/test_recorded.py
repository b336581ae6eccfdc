"""What people do leaves the record that it should: before and after, reasons, exports. On refusal nothing is left."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail.catalog import operations as catalog
from retail.catalog.errors import SkuTaken
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.stock.rules import Counted, Document
from retail.stock.stockroom import count
from tests.support.web import Site, enrol, site
from tests.support.world import Shop

__all__ = ["site"]


async def told(shop: Shop, action: str, subject: UUID | None = None) -> list[dict[str, Any]]:
    """Give the facts of every such record, oldest first."""
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT facts FROM audit_event
                WHERE tenant_id = $1 AND action = $2 AND ($3::uuid IS NULL OR subject_id = $3) ORDER BY id""",
            shop.tenant.id, action, subject,
        )  # fmt: skip
    return [json.loads(row["facts"]) for row in rows]


def draft_of(shop: Shop, **changes: Any) -> catalog.Draft:
    ware = shop.products[0]
    draft = catalog.Draft(
        ware.id, ware.sku, ware.name, shop.reduced, ware.price_minor, shop.category, (ware.barcode,),
        unit_cost=ware.unit_cost, reorder_point=Decimal(5),
    )  # fmt: skip
    return replace(draft, **changes)


async def test_a_price_change_says_from_what_to_what_and_nothing_else(shop: Shop) -> None:
    ware = shop.products[0]
    made = await told(shop, "product.put", ware.id)
    assert (made[0]["after"]["price_minor"], made[0]["before"]) == (420, {})
    await shop.db.run(shop.scope, catalog.put_products, [draft_of(shop, price_minor=450)])
    changed = (await told(shop, "product.put", ware.id))[1:]
    assert [(one["before"], one["after"], one["name"]) for one in changed] == [
        ({"price_minor": 420}, {"price_minor": 450}, ware.name)
    ]


async def test_many_products_at_once_leave_a_record_each_but_only_where_something_changed(shop: Shop) -> None:
    before = len(await told(shop, "product.put"))
    same, other = draft_of(shop), draft_of(shop, id=new_id(), sku="NEW-1", name="New", barcodes=())
    await shop.db.run(shop.scope, catalog.put_products, [same, other])
    new = (await told(shop, "product.put"))[before:]
    assert [one["sku"] for one in new] == ["NEW-1"]


async def test_a_refused_change_leaves_no_record(shop: Shop) -> None:
    before = await told(shop, "product.put")
    with pytest.raises(SkuTaken):
        await shop.db.run(shop.scope, catalog.put_products, [draft_of(shop, id=new_id())])
    assert await told(shop, "product.put") == before


async def test_a_count_is_in_the_products_history_with_what_was_thought_and_what_is(shop: Shop, db: Database) -> None:
    ware = shop.products[1]
    document = Document(new_id(), shop.store, "yearly", db.clock.now())
    await db.run(shop.scope, count, document, [Counted(ware.id, Decimal(7))])
    [record] = await told(shop, "stock.count", ware.id)
    assert Decimal(record["before"]["on_hand"]) == 0
    assert Decimal(record["after"]["on_hand"]) == 7
    assert (record["reason"], record["document"]) == ("yearly", str(document.id))


@pytest.mark.parametrize(
    ("path", "table"),
    [("/products/export", "products"), ("/sales/export", "sales"), ("/stock/export", "stock"),
     ("/api/v1/exports/journal", "journal")],
)  # fmt: skip
async def test_whoever_takes_data_out_is_on_the_trail(site: Site, shop: Shop, path: str, table: str) -> None:
    _person, _email, secret = await enrol(shop.db, shop.tenant.id, "owner")
    answer = await site.visitor(secret).get(f"/t/{shop.tenant.slug}{path}")
    assert answer.status_code == 200
    assert [one["table"] for one in await told(shop, "data.exported")] == [table]
