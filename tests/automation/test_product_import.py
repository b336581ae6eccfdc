"""A file of products: judged row by row before anything changes, then stored as a whole or its good rows alone."""

from __future__ import annotations

from decimal import Decimal

from retail.automation.kinds.base import Change, Reason
from retail.catalog import queries
from tests.automation.conftest import Exchange
from tests.support.world import ean13

HEADER = "sku;name;price;tax_class;category;barcodes;unit;unit_cost;reorder_point\n"


async def test_a_check_says_what_each_row_comes_to_and_changes_nothing(exchange: Exchange) -> None:
    shop = exchange.shop
    rows = [
        f"SKU-001;Sourdough loaf 1 kg;4.90;R;Groceries;{shop.products[0].barcode};each;2.0125;6",
        f"TEA-1;Green tea;2.49;r;;{ean13(900)}|TEA-LABEL;each;;",
        "TEA-2;No tax;2.49;X;;;each;;",
        "TEA-3;;2.49;R;;;each;;",
        "TEA-4;Bad price;two;R;;;each;;",
        "TEA-5;Typing error;2.49;R;;4006381333932;each;;",
        f"TEA-6;Somebody's code;2.49;R;;{shop.products[1].barcode};each;;",
        "TEA-1;Twice;2.49;R;;;each;;",
        "TEA-7;Pears;2.79;R;Groceries > Fruit;;kg;1.5;2.5",
        "TEA-8;A lie;2.79;R;Fruit > Groceries;;each;;",
        f"SKU-002;Whole milk 1 l;1.35;R;Groceries;{shop.products[1].barcode};each;0.81;5",
    ]
    before = await exchange.fetch("SELECT * FROM product WHERE tenant_id = $1 ORDER BY id")
    run = await exchange.check(HEADER + "\n".join(rows))
    assert (run.stage, run.row_count, run.new_count, run.changed_count, run.same_count) == ("checked", 11, 2, 1, 1)
    assert run.makes == {"groups": ["Fruit"], "families": []}
    refused = await exchange.rows(run.id, "refused")
    assert [(row.line, row.name, row.reasons[0]) for row in refused] == [
        (4, "TEA-2", Reason("tax_class", "There is no tax class X. Make it first.", "/products/taxes")),
        (5, "TEA-3", Reason("name", "Name is empty.")),
        (6, "TEA-4", Reason("price", "Type an amount like 12.34.")),
        (7, "TEA-5", Reason("barcodes", refused[3].reasons[0].sentence)),
        (8, "TEA-6", Reason("barcodes", f"Barcode {shop.products[1].barcode} belongs to another product.")),
        (9, "TEA-1", Reason("sku", "This product stands in the file twice; the row on line 3 counts.")),
        (11, "TEA-8", refused[6].reasons[0]),
    ]
    (changed,) = await exchange.rows(run.id, "changed")
    assert changed.changes == (
        Change("name", "Sourdough loaf 800 g", "Sourdough loaf 1 kg"),
        Change("price", "4.20", "4.90"),
        Change("unit_cost", "1.68", "2.0125"),
        Change("reorder_point", "5", "6"),
    )
    assert await exchange.fetch("SELECT * FROM product WHERE tenant_id = $1 ORDER BY id") == before

    done = await exchange.store(run.id, whole=False)
    assert (done.stage, done.stored_count, done.refused_count) == ("done", 3, 7)
    async with shop.db.read(shop.scope) as read:
        loaf = await queries.product(read, shop.products[0].id)
        pears = (await queries.products(read, queries.Wanted(text="pears"), limit=5, after=None)).items[0]
        groups = {one.name: one for one in await queries.categories(read)}
    assert (loaf.name, loaf.price_minor, loaf.unit_cost) == ("Sourdough loaf 1 kg", 490, Decimal("201.25"))
    assert (pears.decimals, pears.reorder_point, pears.category_name) == (3, Decimal("2.5"), "Fruit")
    assert groups["Fruit"].parent == groups["Groceries"].id
