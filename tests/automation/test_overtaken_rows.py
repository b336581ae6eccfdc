"""What others do between the check of a file and its storing isn't undone by it."""

from __future__ import annotations

import pytest

from retail import stock
from retail.catalog.operations import Draft, put_products
from retail.kit.ids import new_id
from retail.stock import Arrival
from retail.stock.rules import Document
from tests.automation.conftest import Exchange
from tests.support.shelves import D, all_holds, stocked
from tests.support.stockroom import on_hand

PRICES = "sku,price\nSKU-001,13.00\nSKU-002,14.00\n"


async def edited(exchange: Exchange, price_minor: int, sku: str = "SKU-001") -> None:
    """Have somebody save a price on the product's page, or make the product there."""
    shop = exchange.shop
    id, name = {ware.sku: (ware.id, ware.name) for ware in shop.products}.get(sku, (new_id(), "Ware"))
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, [Draft(id, sku, name, shop.standard, price_minor)])


async def prices(exchange: Exchange) -> dict[str, int]:
    rows = await exchange.fetch("SELECT sku, price_minor FROM product WHERE tenant_id = $1 AND sku < 'SKU-003'")
    return {row["sku"]: row["price_minor"] for row in rows}


@pytest.mark.parametrize("whole", [True, False])
async def test_a_price_that_was_changed_since_the_check_is_not_overwritten(exchange: Exchange, whole: bool) -> None:
    before = await prices(exchange)
    run = await exchange.check(PRICES, "prices")
    await edited(exchange, 1500)
    done = await exchange.store(run.id, whole=whole)
    (row,) = await exchange.rows(run.id, "refused")
    assert (row.name, row.reasons[0].column) == ("SKU-001", "price")
    assert "Somebody changed this since the check: it is “15.00” by now." in row.reasons[0].sentence
    if whole:
        assert (done.stage, "Nothing was stored" in done.problem) == ("checked", True)
        assert await prices(exchange) == before | {"SKU-001": 1500}
        done = await exchange.store(run.id, whole=False)
    assert (done.stage, done.stored_count, done.refused_count) == ("done", 1, 1)
    assert await prices(exchange) == {"SKU-001": 1500, "SKU-002": 1400}
    again = await exchange.take_in(PRICES, "prices")  # whoever has seen the newer price may change it
    assert (again.stored_count, await prices(exchange)) == (1, {"SKU-001": 1300, "SKU-002": 1400})


async def test_what_a_file_does_not_name_may_change_meanwhile_and_so_may_what_it_asks_for(exchange: Exchange) -> None:
    run = await exchange.check("sku,name\nSKU-001,Other\n")
    await edited(exchange, 1500)
    assert (await exchange.store(run.id)).stored_count == 1
    assert (await prices(exchange))["SKU-001"] == 1500
    run = await exchange.check(PRICES, "prices")
    await edited(exchange, 1300)
    assert (await exchange.store(run.id)).stage == "done"
    assert await prices(exchange) == {"SKU-001": 1300, "SKU-002": 1400}


async def test_a_product_that_was_made_since_the_check_is_not_overwritten(exchange: Exchange) -> None:
    run = await exchange.check("sku,name,price,tax_class\nSKU-000,Tea,2.49,R\n")
    await edited(exchange, 1500, "SKU-000")
    assert (await exchange.store(run.id)).stage == "checked"
    assert (await prices(exchange))["SKU-000"] == 1500


@pytest.mark.parametrize("whole", [True, False])
async def test_what_moved_since_the_check_stays_on_top_of_what_a_file_counts(exchange: Exchange, whole: bool) -> None:
    shop = exchange.shop
    await stocked(shop, "3")
    run = await exchange.check("sku;store;quantity\nSKU-001;ALT;20\nSKU-002;ALT;4\n", "stock")
    for at in (0, 1):
        delivery = Document(new_id(), shop.store, "delivery", shop.db.clock.now())
        async with shop.db.begin(shop.scope) as tx:
            await stock.receive(tx, delivery, [Arrival(shop.products[at].id, D(5), D(50))])
    assert (await exchange.store(run.id, whole=whole)).stored_count == 2
    assert (await on_hand(shop), await on_hand(shop, 1)) == (D(25), D(9))
    moves = await exchange.fetch("SELECT quantity::int FROM stock_move WHERE tenant_id = $1 AND kind = 'count'")
    assert sorted(row["quantity"] for row in moves) == [4, 17]
    await all_holds(shop)
