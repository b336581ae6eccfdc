"""Goods that come without a cost of their own take the cost that is known; where nobody knows one, the page says so."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest

from retail import stock
from retail.catalog.suppliers.operations import Supplier, add_supplier
from retail.catalog.suppliers.supplies import Supply, put_supply
from retail.kit.ids import new_id
from retail.stock.counts.finishing import finish
from retail.stock.counts.operations import NewArea, NewCount, NewEntry, start
from retail.stock.counts.operations import record as record_counted
from retail.stock.rules import Counted, Document, Taken
from tests.support.shelves import stocked
from tests.support.stockroom import AT, D
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def unpriced(shop: Shop) -> None:
    """Let the first product have a balance that says nothing of its cost, and no cost typed."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET unit_cost = 0 WHERE id = $1", shop.products[0].id)
    await stocked(shop, "1", cost="0")


async def type_cost(shop: Shop, cost: str) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET unit_cost = $2 WHERE id = $1", shop.products[0].id, Decimal(cost))


async def ask_cost(shop: Shop, cost: str) -> None:
    supplier = new_id()
    await shop.db.run(shop.scope, add_supplier, supplier, Supplier("Mill", "EUR", "MILL"))
    await shop.db.run(shop.scope, put_supply, Supply(shop.products[0].id, supplier, cost=Decimal(cost)))


async def worth(shop: Shop) -> Decimal:
    async with shop.db.read(shop.scope) as read:
        found = await read.fetchval(
            "SELECT worth FROM stock_balance WHERE tenant_id = $1 AND store_id = $2 AND product_id = $3",
            read.tenant, shop.store, shop.products[0].id,
        )  # fmt: skip
    return Decimal(found)


async def begun(shop: Shop, quantity: int) -> NewCount:
    new = NewCount(new_id(), shop.store, "Friday", (NewArea(new_id(), "Floor"),))
    await shop.db.run(shop.scope, start, new)
    entry = NewEntry(new_id(), shop.products[0].id, new.areas[0].id, D(quantity), "set")
    await shop.db.run(shop.scope, record_counted, new.id, [entry])
    return new


@pytest.mark.parametrize("known", ["typed", "other store", "supplier"])
async def test_what_a_count_finds_takes_the_cost_that_is_known(shop: Shop, known: str) -> None:
    await unpriced(shop)
    if known == "typed":
        await type_cost(shop, "80")
    elif known == "other store":
        await stocked(shop, "2", cost="80", store=shop.second_store)
    else:
        await ask_cost(shop, "80")
    count = await begun(shop, 4)
    done = await shop.db.run(shop.scope, finish, count.id)
    assert (done.variance_minor, await worth(shop)) == (240, D(240))


async def test_the_stores_own_cost_goes_first_and_what_is_missing_leaves_at_what_it_is_worth(shop: Shop) -> None:
    await type_cost(shop, "80")
    await stocked(shop, "2", cost="50")
    await shop.db.run(
        shop.scope, stock.count, Document(new_id(), shop.store, "", AT), [Counted(shop.products[0].id, D(3))]
    )
    assert await worth(shop) == 150
    await unpriced_balance(shop)
    await shop.db.run(
        shop.scope, stock.count, Document(new_id(), shop.store, "", AT), [Counted(shop.products[0].id, D(1))]
    )
    assert await worth(shop) == 0, "nothing leaves that is dearer than what is there"


async def unpriced_balance(shop: Shop) -> None:
    """Take all off and receive three for nothing: what was typed is no cost of theirs."""
    one = shop.products[0].id
    await shop.db.run(shop.scope, stock.adjust, Document(new_id(), shop.store, "Off", AT), [Taken(one, D(-3))])
    await stocked(shop, "3", cost="0")


async def test_a_correction_upwards_and_a_receipt_without_a_cost_take_it_too(shop: Shop, site: Site) -> None:
    await unpriced(shop)
    await type_cost(shop, "80")
    one = shop.products[0]
    await shop.db.run(shop.scope, stock.adjust, Document(new_id(), shop.store, "Found", AT), [Taken(one.id, D(2))])
    assert round(await worth(shop)) == 160
    await unpriced_balance(shop)
    owner = await site.member(shop)
    data = {"kind": "receipt", "store": str(shop.store), "code": one.sku, "quantity": "2"}
    assert (await owner.post(f"/t/{shop.tenant.slug}/stock/moves", data=data)).status_code == 303
    assert round(await worth(shop), 3) == 160
    assert (await owner.post(f"/t/{shop.tenant.slug}/stock/moves", data=data | {"unit_cost": "0"})).status_code == 303
    assert round(await worth(shop), 3) == 160, "a cost that is typed stands, also none"


async def test_where_nobody_knows_any_cost_the_pages_say_so(shop: Shop, site: Site) -> None:
    await unpriced(shop)
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock"
    count = await begun(shop, 4)
    said = "Nobody knows what 1 product costs of which more was found, so what was found counts as €0.00."
    page = unescape((await owner.get(f"{at}/counts/{count.id}")).text)
    assert said in page
    assert "Type the unit cost on the product's page before you finish." in page
    assert "no cost known" in page
    await shop.db.run(shop.scope, finish, count.id)
    assert "Take what was found off again" in unescape((await owner.get(f"{at}/counts/{count.id}")).text)
    on_hand = f"{at}/{shop.products[0].id}"
    assert "Nobody knows what this costs in" in (await owner.get(on_hand)).text
    await stocked(shop, "2", 1, cost="80")
    assert "Nobody knows what this costs in" not in (await owner.get(f"{at}/{shop.products[1].id}")).text
