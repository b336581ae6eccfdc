"""A file of products: good rows are put on sale together, each refused row is named with its line and its reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retail.catalog import queries
from retail.catalog.imports import Refusal, import_products
from retail.kit.errors import Invalid
from retail.kit.money import currency
from tests.support.web import Site
from tests.support.world import Shop, ean13

EUR = currency("EUR")
HEADER = "sku;name;price;tax_class;category;barcodes;unit;unit_cost;reorder_point\n"


async def test_good_rows_are_made_or_changed_and_bad_ones_reported_by_line(shop: Shop) -> None:
    rows = [
        f"SKU-001;Sourdough loaf 1 kg;4.90;R;Groceries;{shop.products[0].barcode};each;2.0125;6",
        f"TEA-1;Green tea;2.49;r;;{ean13(900)}|TEA-LABEL;each;;",
        "TEA-2;No tax;2.49;X;;;each;;",
        "TEA-3;;2.49;R;;;each;;",
        "TEA-4;Bad price;two;R;;;each;;",
        "TEA-5;Typing error;2.49;R;;4006381333932;each;;",
        f"TEA-6;Somebody's code;2.49;R;;{shop.products[1].barcode};each;;",
        "TEA-1;Twice;2.49;R;;;each;;",
        "TEA-7;Pears;2.79;R;Groceries;;kg;1.5;2.5",
        "TEA-8;New group;2.79;R;Pets;;each;;",
    ]
    report = await shop.db.run(shop.scope, import_products, (HEADER + "\n".join(rows)).encode(), EUR)
    assert (report.created, report.updated) == (2, 1)
    assert [(refusal.line, refusal.sku) for refusal in report.refused] == [
        (4, "TEA-2"),
        (5, "TEA-3"),
        (6, "TEA-4"),
        (7, "TEA-5"),
        (8, "TEA-6"),
        (9, "TEA-1"),
        (11, "TEA-8"),
    ]
    assert report.refused[0] == Refusal(4, "TEA-2", "There is no tax class X. Make it first.", "/products/taxes")
    assert report.refused[2].reason == "price: Type an amount like 12.34."
    assert report.refused[6].remedy == "/products/categories"
    async with shop.db.read(shop.scope) as read:
        changed = await queries.product(read, shop.products[0].id)
        page = await queries.products(read, queries.Wanted(text="pears"), limit=5, after=None)
    assert (changed.name, changed.price_minor, changed.unit_cost) == ("Sourdough loaf 1 kg", 490, Decimal("201.25"))
    assert (page.items[0].decimals, page.items[0].reorder_point) == (3, Decimal("2.5"))


async def test_the_same_file_twice_makes_nothing_twice(shop: Shop) -> None:
    content = (HEADER + "TEA-1;Green tea;2.49;R;;;each;;\n").encode()
    first = await shop.db.run(shop.scope, import_products, content, EUR)
    second = await shop.db.run(shop.scope, import_products, content, EUR)
    assert (first.created, first.updated, second.created, second.updated) == (1, 0, 0, 1)


async def test_a_file_without_the_needed_columns_is_refused_whole(shop: Shop) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, import_products, b"sku,title\n1,Tea\n", EUR)
    assert wrong.value.errors == {
        "file": [
            "The file lacks the columns: name, price, tax_class.",
            "Column “title” is not known. Rename it or take it out.",
            "Nothing was imported.",
        ]
    }


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("sku;name;price;tax_class;barcode", "Column “barcode” is not known; did you mean “barcodes”?"),
        ("sku;name;price;Tax Class;tax_class", "Column “tax class” is not known; did you mean “tax_class”?"),
        ("sku;name;price;tax_class;colour", "Column “colour” is not known. Rename it or take it out."),
        ("sku;name;price;tax_class;Name", "Column “name” is there twice. Take one out."),
    ],
)
async def test_a_column_that_would_be_thrown_away_is_told_before_anything_is_imported(
    site: Site, shop: Shop, header: str, said: str
) -> None:
    owner = await site.member(shop)
    content = f"{header}\nTEA-1;Green tea;2.49;R;4006381333932\n".encode()
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, import_products, content, EUR)
    assert wrong.value.errors == {"file": [said, "Nothing was imported."]}
    file = {"file": ("products.csv", content, "text/csv")}
    page = await owner.post(f"/t/{shop.tenant.slug}/products/imports", files=file)
    assert (page.status_code, said in page.text) == (422, True)
    async with shop.db.read(shop.scope) as read:
        assert (await queries.products(read, queries.Wanted(sku="TEA-1"), limit=5, after=None)).items == []


async def test_a_column_without_a_name_is_no_column(shop: Shop) -> None:
    content = b"sku;name;price;tax_class;;\nTEA-1;Green tea;2.49;R;;\n"
    assert (await shop.db.run(shop.scope, import_products, content, EUR)).created == 1


@pytest.mark.parametrize("column", ["price", "unit_cost", "reorder_point"])
@pytest.mark.parametrize("figure", ["1e3", "\u0663", "1_000", "1 000"])
async def test_a_figure_in_a_file_is_written_in_plain_digits(shop: Shop, column: str, figure: str) -> None:
    row = {"sku": "TEA-1", "name": "Tea", "price": "1", "tax_class": "R", column: figure}
    content = f"{';'.join(row)}\n{';'.join(row.values())}\n".encode()
    report = await shop.db.run(shop.scope, import_products, content, EUR)
    assert (report.created, [one.reason.partition(" ")[0].rstrip(":") for one in report.refused]) == (0, [column])


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n \n"])
async def test_an_empty_file_is_called_empty(shop: Shop, content: bytes) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, import_products, content, EUR)
    assert wrong.value.errors == {"file": ["The file is empty."]}


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 a workbook",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        HEADER.encode("utf-16"),
        HEADER.encode() + b'A;"' + b"x" * 200_000 + b'";2;R;;;each;;\n',
    ],
    ids=["workbook", "pdf", "picture", "two bytes a letter", "one endless field"],
)
async def test_a_file_of_another_kind_is_told_apart(shop: Shop, content: bytes) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, import_products, content, EUR)
    assert wrong.value.errors == {"file": ["This is not a CSV file. Save the table as CSV and hand that in."]}


async def test_the_page_of_an_import_leads_to_what_is_missing(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}"
    file = {"file": ("products.csv", (HEADER + "TEA-8;Tea;2.79;R;Pets;;each;;\n").encode(), "text/csv")}
    page = await owner.post(f"{home}/products/imports", files=file)
    assert page.status_code == 200
    assert "There is no category Pets. Make it first." in page.text
    assert f'href="{home}/products/categories"' in page.text
    empty = await owner.post(f"{home}/products/imports", files={"file": ("products.csv", b"", "text/csv")})
    assert (empty.status_code, "The file is empty." in empty.text) == (422, True)


async def test_a_windows_file_with_umlauts_is_read(shop: Shop) -> None:
    content = (HEADER + "TEA-1;Grüner Tee;2.49;R;;;each;;\n").encode("cp1252")
    await shop.db.run(shop.scope, import_products, content, EUR)
    async with shop.db.read(shop.scope) as read:
        page = await queries.products(read, queries.Wanted(sku="TEA-1"), limit=5, after=None)
    assert page.items[0].name == "Grüner Tee"
