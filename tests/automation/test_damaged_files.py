"""Files that went wrong on the way: what is damaged is refused with what to do, and spoils no file to come."""

from __future__ import annotations

import io
import json
import re
import zipfile

import openpyxl
import pytest

from retail.automation.columns import guess
from retail.automation.imports import operations
from retail.automation.kinds.all_kinds import kind_of
from retail.automation.kinds.product_columns import PRODUCTS
from retail.kit.errors import Invalid
from tests.automation.conftest import Exchange
from tests.automation.test_pictures import packed, picture

HEADER = "sku,name,price,tax_class"


async def refusal(exchange: Exchange, content: bytes | str) -> str:
    """Hand a file in that is refused as a whole, on the way in or by its check; gives the sentence."""
    try:
        run = await exchange.check(content)
    except Invalid as wrong:
        return wrong.errors["file"][0]
    assert run.stage == "stopped", await exchange.rows(run.id, "")
    return run.problem


@pytest.mark.parametrize("twice", ["sku", " SKU "])
async def test_a_heading_that_stands_twice_is_refused_and_nothing_is_learnt(exchange: Exchange, twice: str) -> None:
    said = await refusal(exchange, f"sku,{twice},name,price,tax_class\nT-1,T-2,Tea,4.20,R\n")
    assert "stands twice, in columns 1 and 2." in said
    assert await exchange.fetch("SELECT 1 FROM import_heading WHERE tenant_id = $1") == []
    run = await exchange.check(f"{HEADER}\nT-1,Tea,4.20,R\n")
    assert (run.stage, run.new_count) == ("checked", 1)


async def test_headings_that_are_empty_or_only_alike_are_taken(exchange: Exchange) -> None:
    run = await exchange.check(f"{HEADER},,,Zz +,Zz -\nT-1,Tea,4.20,R,,,a,b\n")
    assert (run.stage, run.new_count, run.columns[4:]) == ("checked", 1, ("", "", "", ""))


async def test_leaving_out_one_of_our_own_columns_is_not_remembered(exchange: Exchange) -> None:
    run = await exchange.hand_in(f"{HEADER},Colour\nSKU-001,Loaf,4.90,R,red\n")
    shop = exchange.shop
    await shop.db.run(shop.scope, operations.name_columns, run.id, ["sku", "name", "", "tax_class", ""], "sku")
    kept = await exchange.fetch("SELECT heading, key FROM import_heading WHERE tenant_id = $1 AND key = ''")
    assert [row["heading"] for row in kept] == ["colour"]
    again = await exchange.hand_in(f"{HEADER},Colour\nSKU-001,Loaf,4.90,R,red\n")
    assert again.columns == ("sku", "name", "price", "tax_class", "")


def test_what_was_left_out_before_of_our_own_columns_is_recognised_again() -> None:
    columns = kind_of("products").columns
    usual = ["StockCode", "Description", "UnitPrice", "VAT"]
    assert guess(usual, PRODUCTS, {}) == ["sku", "name", "price", "tax_class"]
    assert guess(["SKU", "Price", "Vendor"], columns, {"sku": "", "price": "", "vendor": ""}) == ["sku", "price", ""]


async def test_a_row_with_more_cells_than_headings_is_refused(exchange: Exchange) -> None:
    run = await exchange.check("sku,name,tax_class,price\nRI-50,Tea,R,4,20\nRI-50,Tea,R,4.20\nRI-51,Tea,R,4.20,,\n")
    assert (run.stage, run.row_count, run.new_count, run.refused_count) == ("checked", 3, 2, 1)
    (refused,) = await exchange.rows(run.id, "refused")
    assert (refused.line, refused.name, refused.cells) == (2, "RI-50", ("RI-50", "Tea", "R", "4"))
    assert refused.reasons[0].sentence.startswith("The row has more cells than the file has headings: “20”")
    run = await exchange.store(run.id, whole=False)
    assert run.stored_count == 2


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ('T-1,"Tea,4.20,R\nT-2,Tea,4.20,R\n', 2),
        ('T-1,Tea,4.20,R\nT-2,"Tea,4.20,R\nT-3,"Tea",4.20,R\nT-4,Tea,1,R\n', 3),
        ('T-1,Tea,4.20,R\nT-2,"Tea,4.20,R', 3),
        ('T-1,"Tea,4.20,R\n' + "T-2,Tea,4.20,R\n" * 20_000, 2),
    ],
)
async def test_a_quotation_mark_that_is_never_closed_is_named_with_its_line(
    exchange: Exchange, rows: str, line: int
) -> None:
    said = await refusal(exchange, f"{HEADER}\n{rows}")
    assert said.startswith(f"A quotation mark in line {line} is never closed.")


async def test_quotation_marks_that_are_closed_or_mean_inches_are_taken(exchange: Exchange) -> None:
    rows = 'T-1,"Tea ""best""",4.20,R\nT-2,Nail 5",1,R\nT-3,"Tea, green",1,R\nT-4,Nail 6",1,R'
    run = await exchange.check(f"{HEADER}\n{rows}")
    assert (run.stage, run.new_count) == ("checked", 4)
    lines = await exchange.check(f'{HEADER},notes\nT-1,Tea,4.20,R,"two\nlines, and ""more"""\nT-2,Tea,4.20,R,\n')
    assert (lines.stage, lines.new_count) == ("checked", 2)


@pytest.mark.parametrize("code", ["4.00638E+12", "4,00638E+12", "4e+12"])
async def test_a_barcode_that_a_spreadsheet_shortened_is_refused(exchange: Exchange, code: str) -> None:
    run = await exchange.check(f'{HEADER},barcodes\nT-1,Tea,4.20,R,"{code}"\n')
    (row,) = await exchange.rows(run.id, "refused")
    assert (row.reasons[0].column, "shortened" in row.reasons[0].sentence) == ("barcodes", True)


@pytest.mark.parametrize("price", ["1 234.50", "1.234,50"])
async def test_an_amount_with_signs_for_thousands_is_told_how_to_be_written(exchange: Exchange, price: str) -> None:
    run = await exchange.check(f'{HEADER}\nT-1,Tea,"{price}",R\n')
    (row,) = await exchange.rows(run.id, "refused")
    assert row.reasons[0].column == "price"
    assert row.reasons[0].sentence == "Write the amount without a sign for thousands, such as 1234.50."


async def test_rows_of_json_that_lie_one_deeper_are_refused_with_what_to_send(exchange: Exchange) -> None:
    said = await refusal(exchange, '{"products": [{"sku": "T-1", "name": "Tea"}]}')
    assert "It must be an array of objects" in said


def workbook(*rows: list[object], calculated: str = "") -> bytes:
    """Make a workbook; formulas have no value, or with `calculated` what stands in place of it."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    made, mended = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(mended, "w") as target:
        for entry in source.namelist():
            content = source.read(entry).decode()
            if calculated and entry.endswith("sheet1.xml"):
                content = re.sub(r'(<c r="\w+")(><f>[^<]*</f>)<v ?/>', rf"\1 {calculated}", content)
            target.writestr(entry, content)
    return mended.getvalue()


async def test_a_formula_without_a_value_is_told_from_an_empty_cell(exchange: Exchange) -> None:
    rows = [HEADER.split(","), ["T-1", "Tea", 4.2, "R"], ["T-2", "Tea", "=C2*2", "R"]]
    assert (await refusal(exchange, workbook(*rows))).startswith("Cell C3 holds a formula without a value.")
    run = await exchange.check(workbook(*rows, calculated=r"\2<v>8.4</v>"))
    assert (run.stage, run.new_count) == ("checked", 2)
    run = await exchange.check(workbook(*rows, calculated=r't="str"\2<v></v>'))
    (row,) = await exchange.rows(run.id, "refused")
    assert row.reasons[0].sentence == "Price is empty."


async def test_a_picture_whose_path_leads_out_of_the_zip_is_in_the_report(exchange: Exchange) -> None:
    sku = exchange.shop.products[0].sku
    run = await exchange.hand_in_pictures(packed({f"../../{sku}.png": picture("red"), f"{sku}.png": picture("red")}))
    run = await exchange.work_off(run.id)
    (row,) = await exchange.rows(run.id, "refused")
    assert (row.name, run.new_count) == (f"../../{sku}.png", 1)
    assert row.reasons[0].sentence.startswith("This file's path leads out of the ZIP.")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("name", {"a": 1}, "This column takes one value"),
        ("name", ["x", "y"], "This column takes one value"),
        ("category", ["Drinks", "Tea"], "This column takes one value"),
        ("price", [4.2], "This column takes one value"),
        ("sku", ["T-1"], "This column takes one value"),
        ("tags", {"a": "b"}, "This column takes a list of values"),
        ("tags", [{"a": "b"}], "This column takes a list of values"),
    ],
)
async def test_what_json_nests_in_a_column_of_one_value_is_refused_there(
    exchange: Exchange, column: str, value: object, said: str
) -> None:
    tea = {"sku": "T-1", "name": "Tea", "price": "4.20", "tax_class": "R"}
    run = await exchange.check(json.dumps([tea | {"sku": "T-2"}, tea | {column: value}]))
    (row,) = await exchange.rows(run.id, "refused")
    assert [(row.line, one.column, said in one.sentence) for one in row.reasons] == [(2, column, True)]
    assert run.new_count == 1
    assert not any(cell.startswith(("\x1e", "\x1f")) for cell in row.cells)


async def test_what_json_lists_is_taken_where_a_column_has_several_values(exchange: Exchange) -> None:
    tea = {"sku": "T-1", "name": "Tea", "price": 4.2, "tax_class": "R", "category": None, "tags": ["leaf", "a|b"]}
    more = {"barcodes": ["4006381333931", "TEA-1"], "attributes": {"Origin": "Assam"}, "parts": []}
    run = await exchange.take_in(json.dumps([tea | more]))
    assert [row.reasons for row in await exchange.rows(run.id, "refused")] == []
    assert (run.new_count, run.refused_count, run.stored_count) == (1, 0, 1)
    [kept] = await exchange.fetch(
        """SELECT p.tags, (SELECT array_agg(b.code ORDER BY b.position) FROM barcode b
                            WHERE b.tenant_id = $1 AND b.product_id = p.id) AS codes
             FROM product p WHERE p.tenant_id = $1 AND p.sku = 'T-1'"""
    )
    assert (list(kept["tags"]), list(kept["codes"])) == (["leaf", "a|b"], ["4006381333931", "TEA-1"])
