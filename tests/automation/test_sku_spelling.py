"""A SKU that a file writes in another case means the product that is there, and the dry run says so; in every kind."""

from __future__ import annotations

from retail.automation.kinds.base import Change
from retail.catalog.operations import Draft, put_products
from retail.kit.ids import new_id
from tests.automation.conftest import Exchange
from tests.support.world import ean13

HEAD = "sku;name;price;tax_class\n"


async def skus(exchange: Exchange) -> list[str]:
    rows = await exchange.fetch("SELECT sku FROM product WHERE tenant_id = $1 ORDER BY sku")
    return [row["sku"] for row in rows]


async def two_from_before(exchange: Exchange) -> None:
    shop = exchange.shop
    made = [Draft(new_id(), sku, "Tea", shop.reduced, 100) for sku in ("TEA-1", "TEA-2")]
    await shop.db.run(shop.scope, put_products, made)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET sku = 'tea-1' WHERE tenant_id = $1 AND sku = 'TEA-2'", tx.tenant)


async def test_another_case_changes_the_product_that_is_there_and_leaves_its_sku(exchange: Exchange) -> None:
    before = await skus(exchange)
    run = await exchange.check(HEAD + "sku-001;Sourdough loaf 800 g;4.90;R\nSku-002;Whole milk 1 l;1.35;R\n")
    assert (run.new_count, run.changed_count, run.same_count, run.refused_count) == (0, 1, 1, 0)
    (changed,) = await exchange.rows(run.id, "changed")
    assert changed.name == "SKU-001 (sku-001 in the file)"
    assert changed.changes == (Change("price", "4.20", "4.90"),)
    (same,) = await exchange.rows(run.id, "same")
    assert same.name == "SKU-002 (Sku-002 in the file)"
    done = await exchange.store(run.id)
    assert (done.stage, done.stored_count) == ("done", 1)
    assert await skus(exchange) == before


async def test_two_rows_that_differ_in_case_are_one_product(exchange: Exchange) -> None:
    run = await exchange.check(HEAD + "Tea-1;Tea;1;R\nTEA-1;Tea;2;R\nsku-001;Loaf;1;R\nSKU-001;Loaf;1;R\n")
    refused = await exchange.rows(run.id, "refused")
    assert [(row.line, row.reasons[0].sentence) for row in refused] == [
        (3, "This product stands in the file twice; the row on line 2 counts."),
        (5, "This product stands in the file twice; the row on line 4 counts."),
    ]
    await exchange.store(run.id, whole=False)
    assert [sku for sku in await skus(exchange) if sku.lower() == "tea-1"] == ["Tea-1"]


async def test_two_from_before_are_told_apart_and_what_could_mean_both_is_refused(exchange: Exchange) -> None:
    await two_from_before(exchange)
    run = await exchange.check(HEAD + "TEA-1;Green;1;R\ntea-1;Black;1;R\nTea-1;Red;1;R\n")
    changed = await exchange.rows(run.id, "changed")
    assert [(row.name, row.changes) for row in changed] == [
        ("TEA-1", (Change("name", "Tea", "Green"),)),
        ("tea-1", (Change("name", "Tea", "Black"),)),
    ]
    (refused,) = await exchange.rows(run.id, "refused")
    assert refused.reasons[0].sentence == (
        "Several products have this SKU in another case: TEA-1, tea-1. Write it just as the one that you mean."
    )
    done = await exchange.store(run.id, whole=False)
    assert (done.stage, done.stored_count) == ("done", 2)


async def test_rows_found_by_barcode_take_no_sku_that_another_product_has_in_another_case(exchange: Exchange) -> None:
    shop = exchange.shop
    head = "sku;barcodes;name;price;tax_class\n"
    rows = [
        f"sku-002;{shop.products[0].barcode};Loaf;4.20;R",
        f"sku-003;{ean13(900)};New;1;R",
        f"sku-004;{shop.products[3].barcode};Cola 330 ml;1;R",
    ]
    run = await exchange.check(head + "\n".join(rows), match_by="barcode")
    refused = await exchange.rows(run.id, "refused")
    assert [(row.line, row.reasons[0].sentence) for row in refused] == [
        (2, "This SKU belongs to another product."),
        (3, "This SKU belongs to a product that has none of these barcodes."),
    ]
    (own,) = await exchange.rows(run.id, "changed")
    assert Change("sku", "SKU-004", "sku-004") in own.changes, "a row found by its barcode may write its own SKU anew"
    assert (await exchange.store(run.id, whole=False)).stored_count == 1


async def test_parts_and_deposits_are_found_in_another_case_in_the_shop_and_in_the_file(exchange: Exchange) -> None:
    rows = [
        "BOX;Box;9;R;kit;2 x sku-001|1 x tea-1;",
        "TEA-1;Tea;1;R;goods;;pfand",
        "Pfand;Deposit;0.25;R;service;;",
    ]
    run = await exchange.check("sku;name;price;tax_class;kind;parts;deposit\n" + "\n".join(rows))
    assert (run.new_count, run.refused_count) == (3, 0), await exchange.rows(run.id, "refused")
    done = await exchange.store(run.id)
    assert (done.stage, done.problem) == ("done", "")
    found = await exchange.fetch(
        """SELECT k.sku, p.sku AS part FROM component c JOIN product k ON k.tenant_id = $1 AND k.id = c.kit_id
             JOIN product p ON p.tenant_id = $1 AND p.id = c.part_id WHERE c.tenant_id = $1 ORDER BY c.position"""
    )
    assert [tuple(row) for row in found] == [("BOX", "SKU-001"), ("BOX", "TEA-1")]
    again = await exchange.check("sku;name;price;tax_class;kind;parts;deposit\n" + "\n".join(rows))
    assert (again.same_count, again.changed_count, again.refused_count) == (3, 0, 0)


async def test_prices_stock_and_suppliers_follow_the_same_rule(exchange: Exchange) -> None:
    prices = await exchange.check("sku;price\nsku-001;5\nnone;5\n", "prices")
    (changed,) = await exchange.rows(prices.id, "changed")
    assert (changed.name, changed.changes) == ("SKU-001 (sku-001 in the file)", (Change("price", "4.20", "5.00"),))
    (refused,) = await exchange.rows(prices.id, "refused")
    assert refused.reasons[0].sentence == "There is no product with this SKU."
    (store,) = await exchange.fetch("SELECT code FROM store WHERE tenant_id = $1 LIMIT 1")
    stock = await exchange.check(f"sku;store;quantity\nsku-001;{store['code']};7777\n", "stock")
    assert (stock.changed_count + stock.new_count, stock.refused_count) == (1, 0)
    assert (await exchange.rows(stock.id, "changed" if stock.changed_count else "new"))[0].name == changed.name
    await exchange.store(stock.id)
    await two_from_before(exchange)
    twice = await exchange.check(f"sku;store;quantity\nTea-1;{store['code']};1\n", "stock")
    (unclear,) = await exchange.rows(twice.id, "refused")
    assert unclear.reasons[0].sentence.startswith("Several products have this SKU in another case")


async def test_what_suppliers_sell_follows_it_too(exchange: Exchange) -> None:
    made = await exchange.check("name;code\nDairy;D1\n", "suppliers")
    await exchange.store(made.id)
    run = await exchange.check("sku;supplier;cost\nsku-002;D1;0.70\n", "supplier_products")
    (new,) = await exchange.rows(run.id, "new")
    assert new.name == "SKU-002 (sku-002 in the file) · Dairy"
    assert (await exchange.store(run.id)).stored_count == 1
