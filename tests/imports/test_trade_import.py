from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from retail.checks import run_checks
from retail.imports import trade_import
from retail.imports.report import refused_rows, report_path
from retail.imports.shop import WebShop, web_shop
from retail.imports.trade import COLUMNS
from retail.imports.trade_import import Progress, Taken
from retail.kit.errors import Busy, Invalid
from retail.kit.ids import new_id
from retail.runtime.db import Database
from tests.imports.trade_files import HEADER, row, trade, write

SILENT = Progress(lambda title, total: None, lambda rows: None)


async def open_web_shop(db: Database) -> WebShop:
    return await web_shop(db, f"web-{new_id().hex[-12:]}", f"{new_id().hex}@shop.example")


async def take(db: Database, shop: WebShop, path: Path) -> Taken:
    with refused_rows(report_path(path.parent, path), COLUMNS) as refused:
        return await trade_import.import_trade(db, shop, path, refused, cost_percent=50, progress=SILENT)


async def state(db: Database, shop: WebShop) -> list[Any]:
    """Tell what is stored, without the ids that each business has of its own."""
    async with db.read(shop.scope) as read:
        sales = await read.fetch(
            """SELECT id, kind, original_id, occurred_at, total_minor, cost_minor, customer_ref FROM sale
                WHERE tenant_id = $1 ORDER BY id""",
            read.tenant,
        )
        stock = await read.fetch(
            """SELECT p.sku, b.on_hand FROM stock_balance b JOIN product p ON p.tenant_id = $1 AND p.id = b.product_id
                WHERE b.tenant_id = $1 ORDER BY p.sku""",
            read.tenant,
        )
        books = await read.fetch(
            """SELECT a.code, sum(l.amount_minor) FROM journal_line l
                 JOIN account a ON a.tenant_id = $1 AND a.id = l.account_id WHERE l.tenant_id = $1
                GROUP BY a.code ORDER BY a.code""",
            read.tenant,
        )
        hours = await read.fetch(
            "SELECT business_date, local_hour, sales, revenue_minor FROM sales_hour WHERE tenant_id = $1 ORDER BY 1, 2",
            read.tenant,
        )
    return [[tuple(one) for one in rows] for rows in (sales, stock, books, hours)]


async def assert_all_checks_hold(db: Database, shop: WebShop) -> None:
    async with db.read(shop.scope) as read:
        assert [check for check in await run_checks(read) if not check.ok] == []


async def test_a_file_becomes_a_business_whose_checks_hold(db: Database, tmp_path: Path) -> None:
    shop = await open_web_shop(db)
    taken = await take(db, shop, trade(tmp_path / "trade.csv"))
    assert (taken.sales, taken.before, taken.refused) == (55, 0, 5)
    assert taken.returns + taken.unmatched >= 5
    await assert_all_checks_hold(db, shop)
    async with db.read(shop.scope) as read:
        below = await read.fetchval(
            "SELECT count(*) FROM stock_balance WHERE tenant_id = $1 AND on_hand < 0", read.tenant
        )
    assert below == 0


async def test_a_second_run_stores_nothing_again(db: Database, tmp_path: Path) -> None:
    shop, path = await open_web_shop(db), trade(tmp_path / "trade.csv")
    first = await take(db, shop, path)
    before = await state(db, shop)
    again = await take(db, shop, path)
    assert (again.sales, again.returns, again.unmatched) == (0, 0, 0)
    assert again.before == first.sales + first.returns + first.unmatched
    assert await state(db, shop) == before


async def test_a_run_that_was_cut_off_goes_on_where_it_was(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = trade(tmp_path / "trade.csv")
    whole, broken = await open_web_shop(db), await open_web_shop(db)
    await take(db, whole, path)
    monkeypatch.setattr(trade_import, "LINES_AT_ONCE", 20)
    written = trade_import._write
    calls = 0

    async def pull_the_plug(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        made = await written(*args)
        if calls == 4:
            raise ConnectionResetError
        return made

    monkeypatch.setattr(trade_import, "_write", pull_the_plug)
    with pytest.raises((Busy, ConnectionResetError)):
        await take(db, broken, path)
    assert calls == 4
    rest = await take(db, broken, path)
    assert rest.before > 0
    assert rest.sales > 0
    assert await state(db, broken) == await state(db, whole)
    await assert_all_checks_hold(db, broken)


async def test_the_report_names_every_refused_row_with_its_line_and_reason(db: Database, tmp_path: Path) -> None:
    at = "2011-06-01 10:00:00"
    path = write(
        tmp_path / "odd.csv",
        [
            row("536365", "85123A", "HOLDER", 6, at, "2.55"),
            row("536365", "85123A", 'A "TALL"\nHOLDER', 0, at, "2.55"),
            row("536365", "22841", "=HYPERLINK(1)", 1, at, "0.0"),
            row("A563185", "B", "Adjust bad debt", 1, at, "11062.06"),
            ["536365", "22841"],
        ],
    )
    shop = await open_web_shop(db)
    taken = await take(db, shop, path)
    assert (taken.rows, taken.refused, taken.sales) == (5, 4, 1)
    with report_path(tmp_path, path).open(newline="", encoding="utf-8") as text:
        reported = [(one["line"], one["reason"].split(".")[0], one["Description"]) for one in csv.DictReader(text)]
    assert reported == [
        ("3", "The quantity is zero, so nothing was sold", 'A "TALL"\nHOLDER'),
        ("5", "The price is zero, so nothing was sold", "'=HYPERLINK(1)"),
        ("6", "This adjusts accounts (bad debt); no goods were sold", "Adjust bad debt"),
        ("7", "The quantity or the price is no number, or too large", ""),
    ]


async def test_a_return_pays_back_what_was_paid(db: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path / "back.csv",
        [
            row("1", "85123A", "HOLDER", 6, "2011-06-01 10:00:00", "2.55"),
            row("1", "POST", "POSTAGE", 1, "2011-06-01 10:00:00", "18.00"),
            row("C2", "85123A", "HOLDER", -2, "2011-06-02 10:00:00", "2.55"),
            row("C3", "85123A", "HOLDER", -1, "2011-06-03 10:00:00", "2.55", ""),
        ],
    )
    shop = await open_web_shop(db)
    taken = await take(db, shop, path)
    assert (taken.sales, taken.returns, taken.unmatched) == (1, 1, 1)
    async with db.read(shop.scope) as read:
        sales = await read.fetch(
            """SELECT kind, number, original_id IS NOT NULL AS matched, units, total_minor, customer_ref, local_hour
                 FROM sale WHERE tenant_id = $1 ORDER BY occurred_at""",
            read.tenant,
        )
    assert [tuple(one) for one in sales] == [
        ("sale", 1, False, 7, 3330, "17850", 10),
        ("return", 1, True, -2, -510, "17850", 10),
        ("sale", 2, False, -1, -255, None, 10),
    ]
    await assert_all_checks_hold(db, shop)


async def test_the_usual_name_and_the_median_price_are_an_articles(db: Database, tmp_path: Path) -> None:
    at = "2011-06-01 10:00:00"
    named = [("LANTERN", "3.39"), ("LANTERN", "3.00"), ("lantern?", "9.00"), ("LANTERN", "5.00")]
    path = write(
        tmp_path / "names.csv",
        [row(str(number), "71053", name, 1, at, price) for number, (name, price) in enumerate(named, 1)],
    )
    shop = await open_web_shop(db)
    await take(db, shop, path)
    async with db.read(shop.scope) as read:
        made = await read.fetch(
            "SELECT sku, name, price_minor, unit_cost FROM product WHERE tenant_id = $1", read.tenant
        )
    assert [tuple(one) for one in made] == [("71053", "LANTERN", 339, 169.5)]


async def test_a_file_without_the_columns_changes_nothing(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    shop = await open_web_shop(db)
    before = await state(db, shop)
    with pytest.raises(Invalid) as refused:
        await take(db, shop, path)
    assert refused.value.errors == {"file": [f"The file lacks the columns: {', '.join(HEADER[:7])}."]}
    assert await state(db, shop) == before
    assert not report_path(tmp_path, path).exists()
