"""A till that sells what is kept for a customer: taken in, told once, and settled when nobody waits for it any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from retail.kit.ids import new_id
from retail.sales import listing
from retail.sales.documents import Outcome
from retail.sales.kept_goods import settle_fetched
from retail.stock.events import StockReserved
from retail.stock.places.operations import Shift, open_location, shift
from retail.stock.reserving.operations import Wish, release, reserve
from tests.support.kits import make_kit
from tests.support.selling import Counter, open_counter
from tests.support.shelves import fold, stocked
from tests.support.stockroom import document
from tests.support.world import Shop

D = Decimal


@pytest.fixture
async def till(shop: Shop) -> Counter:
    """A till in a shop with a hundred bottles of milk."""
    await stocked(shop, "100", 1)
    return await open_counter(shop)


async def kept(shop: Shop, quantity: str, source: UUID | None = None) -> UUID:
    until = shop.db.clock.now() + timedelta(hours=2)
    wish = Wish(new_id(), shop.store, shop.products[1].id, D(quantity), until, "for Ada", source)
    return (await shop.db.run(shop.scope, reserve, wish)).id


def codes(outcome: Outcome) -> list[str]:
    assert outcome.sale is not None
    return [one.code for one in outcome.sale.remarks]


async def told(shop: Shop, *, settled: bool = False) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        found = await listing.exceptions(read, settled=settled, limit=10)
        return [one.remark.sentence(str) for one in found.items]


async def test_goods_that_were_kept_and_are_sold_are_told_once(till: Counter) -> None:
    shop, milk = till.shop, till.shop.products[1]
    await kept(shop, "2")
    assert codes(await till.sell((milk, 98))) == []
    await fold(shop)
    assert codes(await till.sell(milk)) == ["reserved_sold"]
    assert await told(shop) == [f"{milk.name} was kept for customers and is sold: 2 promised, 1 left."]
    assert codes(await till.sell(milk)) == [], "told once until it is settled"
    await fold(shop)
    assert codes(await till.sell(milk)) == ["stock_below_zero"]


async def test_blocked_goods_are_nobodys_reservation(till: Counter) -> None:
    shop, milk = till.shop, till.shop.products[1]
    place = await shop.db.run(shop.scope, open_location, new_id(), shop.store, "Damaged", "blocked")
    await shop.db.run(shop.scope, shift, document(shop), [Shift(milk.id, D(10), None, place.id)])
    assert codes(await till.sell((milk, 5))) == []
    await fold(shop)
    await kept(shop, "80")
    assert codes(await till.sell((milk, 6))) == ["reserved_sold"]
    assert await told(shop) == [f"{milk.name} was kept for customers and is sold: 80 promised, 79 left."]


async def test_a_kit_takes_what_was_kept_too(till: Counter) -> None:
    shop = till.shop
    pack = await make_kit(shop, "Six-pack", 599, {shop.products[1].id: D(6)})
    await kept(shop, "95")
    assert "reserved_sold" in codes(await till.sell(pack))


async def test_who_fetches_first_and_pays_then_is_not_flagged_nor_is_the_sale_it_was_kept_for(till: Counter) -> None:
    shop, milk = till.shop, till.shop.products[1]
    await shop.db.run(shop.scope, release, await kept(shop, "50"), "used")
    assert codes(await till.sell((milk, 90))) == []
    body = till.sale((milk, 10))
    await kept(shop, "10", UUID(str(body["id"])))
    (outcome,) = await till.send(body)
    assert codes(outcome) == []


async def test_what_is_marked_as_fetched_after_the_sale_settles_what_was_told(till: Counter) -> None:
    shop, milk = till.shop, till.shop.products[1]
    mine, other = await kept(shop, "5"), await kept(shop, "5")
    assert codes(await till.sell((milk, 95))) == ["reserved_sold"]
    changed = StockReserved(shop.store, [str(milk.id)])
    system = replace(shop.scope, role="owner")
    await shop.db.run(system, settle_fetched, [changed])
    assert len(await told(shop)) == 1, "somebody waits still"
    await shop.db.run(shop.scope, release, mine, "used")
    await shop.db.run(system, settle_fetched, [changed])
    assert await told(shop) == []
    assert len(await told(shop, settled=True)) == 1
    await fold(shop)
    assert codes(await till.sell(milk)) == ["reserved_sold"], "the other's are gone now"
    assert other
