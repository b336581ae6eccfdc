"""A sale's moves reach the screens: folded by the relay, told as stock.changed, painted as the page paints it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from retail import stock
from retail.identity.permissions import VIEW_STOCK
from retail.kit.ids import new_id
from retail.live import projections, switchboard
from retail.runtime.outbox import Event
from retail.runtime.realtime.message import Message
from retail.runtime.relay import Relay
from retail.runtime.web.assets import Assets
from retail.runtime.web.pages import to_html
from retail.stock import Arrival, Document, Move
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

D = Decimal
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


async def relay(shop: Shop) -> list[Message]:
    """Relay all that waits; give the messages."""
    told: list[Message] = []

    async def keep(_tenant: UUID, _events: Sequence[Event], messages: Sequence[Message]) -> None:
        told.extend(messages)

    one = Relay(shop.db, switchboard(), projections(), keep)
    while await one.relay(shop.tenant.id):
        pass
    return told


def sold(shop: Shop, quantity: str, product: int = 0) -> Move:
    return Move(new_id(), shop.store, shop.products[product].id, "sale", D(quantity), D(50), "", new_id(), AT)


async def test_a_sale_is_folded_and_told_to_the_stores_listeners(shop: Shop) -> None:
    document = Document(new_id(), shop.store, "", AT)
    await shop.db.run(shop.scope, stock.receive, document, [Arrival(shop.products[0].id, D(7), D(50))])
    await relay(shop)
    await shop.db.run(shop.scope, stock.move, [sold(shop, "-1.5"), sold(shop, "-0.5"), sold(shop, "-1", 1)])
    told = [one for one in await relay(shop) if one.topic == f"stock:{shop.store}"]
    assert [one.type for one in told] == ["stock.changed"] * 2
    by_product = {facts["product"]: facts for facts in (json.loads(one.facts) for one in told)}
    assert by_product == {
        str(shop.products[0].id): {"product": str(shop.products[0].id), "on_hand": "5", "available": "5", "low": True},
        str(shop.products[1].id): {
            "product": str(shop.products[1].id),
            "on_hand": "-1",
            "available": "-1",
            "low": True,
        },
    }
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM stock_delta") == 0
        notices = await read.fetch("SELECT kind, subject_id FROM notice ORDER BY id")
    assert {(row["kind"], row["subject_id"]) for row in notices} == {
        ("stock_low", shop.products[0].id),
        ("stock_low", shop.products[1].id),
    }


async def test_only_who_may_view_stock_hears_of_it(shop: Shop) -> None:
    assert switchboard().permissions(f"stock:{shop.store}") == {VIEW_STOCK}


async def test_the_painted_list_is_the_one_of_a_fresh_page(shop: Shop, site: Site) -> None:
    await shop.db.run(shop.scope, stock.move, [sold(shop, "-2")])
    await relay(shop)
    (region,) = switchboard().regions(f"stock:{shop.store}")
    assert region.target == f"#low-stock-{shop.store}"
    async with shop.db.read(shop.scope) as read:
        context = await region.partial.context(read, region.names)
    painted = to_html(region.partial.template, assets=Assets(), tenant=shop.tenant, **context)
    owner = await site.member(shop)
    page = await owner.get(f"/t/{shop.tenant.slug}/stock")
    assert shop.products[0].name in painted
    assert "".join(painted.split()) in "".join(page.text.split())
