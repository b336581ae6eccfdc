from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from retail.analytics.exports import TABLES, Format, export
from retail.catalog.operations import Draft, put_products
from retail.imports.counts import COLUMNS, import_counts
from retail.imports.products import import_product_file
from retail.imports.report import refused_rows
from retail.kit.ids import new_id
from retail.stock import on_hand
from tests.support.selling import open_counter
from tests.support.world import Shop


async def written(shop: Shop, what: str, form: Format = "csv") -> str:
    async with shop.db.read(shop.scope) as read:
        return "".join([piece async for piece in export(read, TABLES[what], form, shop.tenant.money)])


async def take_counts(shop: Shop, path: Path) -> tuple[int, list[dict[str, str]]]:
    report = path.with_suffix(".refused.csv")
    with refused_rows(report, COLUMNS) as refused:
        counted = await shop.db.run(shop.scope, import_counts, path, refused)
    with report.open(newline="") as text:
        return counted, list(csv.DictReader(text))


async def test_counts_set_what_is_on_hand_and_the_rest_is_refused(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        "sku;store;quantity\nSKU-001;ALT;12\nSKU-006;Altstadt;1,250\nSKU-001;ALT;3\nSKU-002;ALT;1,5\nNOPE;ALT;1\n"
        "SKU-002;XXX;1\nSKU-002;ALT;-1\nSKU-002;HAF;4\n"
    )
    counted, refused = await take_counts(shop, path)
    assert counted == 3
    assert [(one["line"], one["reason"]) for one in refused] == [
        ("4", "This product stands in the file twice for this store; the first counts."),
        ("5", "This product is counted in whole pieces."),
        ("6", "There is no product with this SKU."),
        ("7", "There is no store with this code or name."),
        ("8", "A count can't be below zero or beyond a billion."),
    ]
    ids = [ware.id for ware in shop.products]
    async with shop.db.read(shop.scope) as read:
        here = await on_hand(read, shop.store, ids)
        there = await on_hand(read, shop.second_store, ids)
    assert (here[ids[0]], here[ids[5]], here[ids[1]], there[ids[1]]) == (12, Decimal("1.25"), 0, 4)


async def test_an_export_of_stock_can_be_counted_in_again(shop: Shop, tmp_path: Path) -> None:
    first = tmp_path / "first.csv"
    first.write_text("sku,store,quantity\nSKU-001,ALT,12\nSKU-006,ALT,1.25\n")
    await take_counts(shop, first)
    again = tmp_path / "again.csv"
    again.write_text(await written(shop, "stock"))
    assert (await take_counts(shop, again))[0] == 2


async def test_an_export_of_products_comes_in_unchanged(shop: Shop, tmp_path: Path) -> None:
    before = await written(shop, "products")
    path = tmp_path / "products.csv"
    path.write_text(before)
    with refused_rows(tmp_path / "refused.csv", ("sku",)) as refused:
        report = await shop.db.run(shop.scope, import_product_file, path, refused)
    assert (report.created, report.updated, refused.counts.total()) == (0, len(shop.products), 0)
    assert await written(shop, "products") == before


async def test_no_cell_runs_in_a_spreadsheet(shop: Shop) -> None:
    nasty = ["=HYPERLINK(1)", "+cmd|", "-1+2", "@SUM(A1)"]
    drafts = [
        Draft(new_id(), f"{text[0]}X{at}", text, shop.standard, 100, barcodes=()) for at, text in enumerate(nasty)
    ]
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, drafts)
    cells = [cell for line in csv.reader(io.StringIO(await written(shop, "products"))) for cell in line]
    assert [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}] == []
    assert {f"'{text}" for text in nasty} <= set(cells)


async def test_sales_and_journal_are_written_line_by_line(shop: Shop) -> None:
    counter = await open_counter(shop)
    await counter.sell(shop.products[0], (shop.products[5], "0.762"))
    lines = list(csv.DictReader(io.StringIO(await written(shop, "sales"))))
    assert [(one["sku"], one["quantity"], one["unit_price"], one["total"], one["paid_by"]) for one in lines] == [
        ("SKU-001", "1", "4.20", "4.20", "cash"),
        ("SKU-006", "0.762", "1.99", "1.52", "cash"),
    ]
    posted: list[dict[str, Any]] = json.loads(await written(shop, "journal", "json"))
    assert sum(one["amount"] for one in posted) == 0
    assert {one["kind"] for one in posted} == {"shift_opened", "sale"}
