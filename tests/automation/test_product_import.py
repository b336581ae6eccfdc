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
        "TEA-8;Another path;2.79;R;Fruit > Groceries;;each;;",
        f"SKU-002;Whole milk 1 l;1.35;R;Groceries;{shop.products[1].barcode};each;0.81;5",
    ]
    before = await exchange.fetch("SELECT * FROM product WHERE tenant_id = $1 ORDER BY id")
    run = await exchange.check(HEADER + "\n".join(rows))
    assert (run.stage, run.row_count, run.new_count, run.changed_count, run.same_count) == ("checked", 11, 3, 1, 1)
    assert run.makes == {"groups": ["Groceries > Fruit", "Fruit", "Fruit > Groceries"], "families": []}
    refused = await exchange.rows(run.id, "refused")
    assert [(row.line, row.name, row.reasons[0]) for row in refused] == [
        (4, "TEA-2", Reason("tax_class", "There is no tax class X. Make it first.", "/products/taxes")),
        (5, "TEA-3", Reason("name", "Name is empty.")),
        (6, "TEA-4", Reason("price", "Type an amount like 12.34.")),
        (7, "TEA-5", Reason("barcodes", refused[3].reasons[0].sentence)),
        (8, "TEA-6", Reason("barcodes", f"Barcode {shop.products[1].barcode} belongs to another product.")),
        (9, "TEA-1", Reason("sku", "This product stands in the file twice; the row on line 3 counts.")),
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
    assert (done.stage, done.stored_count, done.refused_count) == ("done", 4, 6)
    async with shop.db.read(shop.scope) as read:
        loaf = await queries.product(read, shop.products[0].id)
        pears = (await queries.products(read, queries.Wanted(text="pears"), limit=5, after=None)).items[0]
        groups = {one.called: one for one in await queries.categories(read)}
    assert (loaf.name, loaf.price_minor, loaf.unit_cost) == ("Sourdough loaf 1 kg", 490, Decimal("201.25"))
    assert (pears.decimals, pears.reorder_point, pears.category_name) == (3, Decimal("2.5"), "Fruit")
    assert groups["Groceries > Fruit"].parent == groups["Groceries"].id
    assert groups["Fruit > Groceries"].parent == groups["Fruit"].id


async def test_a_name_on_two_lines_is_refused_at_its_field_and_notes_keep_their_lines(exchange: Exchange) -> None:
    said = "Write it in one line, without line breaks, tabs or other signs that nobody sees."
    head = "sku,name,price,tax_class,category,tags,attributes,notes"
    rows = [
        'T-1,"Green\ntea",1,R,,,,',
        'T-2,Tea,1,R,"Hot\r\ndrinks",,,',
        'T-3,Tea,1,R,,"new|hot\u2028cold",,',
        'T-4,Tea,1,R,,,"From=Up\nland",',
        "T-5,Green\ttea,1,R,,,,",
        'T-6,"\nTea \n",1,R,,"new|\nhot",,"Two\r\nlines\n"',
    ]
    run = await exchange.check("\n".join([head, *rows]))
    refused = await exchange.rows(run.id, "refused")
    assert [(row.name, [(one.column, one.sentence) for one in row.reasons]) for row in refused] == [
        ("T-1", [("name", said)]),
        ("T-2", [("category", said)]),
        ("T-3", [("tags", said)]),
        ("T-4", [("attributes", said)]),
        ("T-5", [("name", said)]),
    ]
    await exchange.store(run.id, whole=False)
    (stored,) = await exchange.fetch("SELECT name, tags, notes FROM product WHERE tenant_id = $1 AND sku LIKE 'T-_'")
    assert tuple(stored) == ("Tea", ["new", "hot"], "Two\nlines")


async def test_a_name_on_two_lines_that_is_there_already_comes_in_again_as_it_is(exchange: Exchange) -> None:
    async with exchange.shop.db.begin(exchange.shop.scope) as tx:
        await tx.execute("UPDATE product SET name = E'Two\\nlines' WHERE tenant_id = $1 AND sku = 'SKU-001'", tx.tenant)
    run = await exchange.check('sku,name,price,tax_class\nSKU-001,"Two\nlines",4.20,R\n')
    assert (run.same_count, run.refused_count) == (1, 0)
