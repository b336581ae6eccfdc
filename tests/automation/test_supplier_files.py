"""Files of suppliers and of what they sell: what goes out comes in again without a change; what is refused, and why."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest

from retail.automation.cells import Ways
from retail.automation.exports.lists import LISTS
from retail.automation.exports.making import Order, write_list
from retail.automation.files import writing
from retail.catalog.suppliers import operations, supplies
from retail.catalog.suppliers.rules import Supplier, Supply
from retail.kit.ids import new_id
from tests.automation.conftest import Exchange
from tests.support.vendors import a_supplier, sells
from tests.support.web import Site
from tests.support.world import Shop, open_shop

FORMS = get_args(writing.Form)
TABLES = "SELECT * FROM {} WHERE tenant_id = $1 ORDER BY id"
NASTY = ["=cmd()", "'=quoted", "+49 40 1", "-1", "@x", "a|b", "a\\b", "Grün; ä, ß", '"q"', "日本語", "two\nlines"]


async def out(exchange: Exchange, name: str, form: writing.Form, path: Path) -> bytes:
    """Write a list as its page does."""
    shop = exchange.shop
    async with shop.db.read(shop.scope) as read:
        await write_list(read, Order(LISTS[name], form, Ways(shop.tenant.money, "UTC"), None, costs=True), path)
    return await asyncio.to_thread(path.read_bytes)


async def filled(shop: Shop, seed: int) -> None:
    """Add suppliers of every sort, and let them sell on every sort of terms."""
    luck = random.Random(seed)
    for n in range(9):
        money = luck.choice(["EUR", "CHF", "JPY", "KWD"])
        new = Supplier(
            f"{luck.choice(NASTY[:-1])} {n}", money, luck.choice([None, f"{luck.choice(NASTY[:-1])}-{n}"]),
            luck.choice(["", "a@b.example"]), luck.choice(NASTY[:-1]), luck.choice(["", "https://x.example/a?b=c"]),
            luck.choice(NASTY), luck.choice([None, 0, 14]), luck.choice([None, 0, 123456]), luck.choice(NASTY[:-1]),
            luck.choice(NASTY),
        )  # fmt: skip
        id = new_id()
        await shop.db.run(shop.scope, operations.add_supplier, id, new)
        for ware in luck.sample(shop.products, 3):
            terms = Supply(
                ware.id, id, luck.choice(["", *NASTY[:-1]]), luck.choice([None, Decimal(6), Decimal("0.125")]),
                luck.choice([None, Decimal(0), Decimal("168.123456"), Decimal(99)]),
                luck.choice([None, Decimal("2.5")]), luck.choice([None, 0, 3]), luck.choice([None, False]),
            )  # fmt: skip
            await shop.db.run(shop.scope, supplies.put_supply, terms)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
async def test_suppliers_and_what_they_sell_come_in_again_without_a_change(
    exchange: Exchange, tmp_path: Path, form: writing.Form, seed: int
) -> None:
    await filled(exchange.shop, seed)
    before = [await exchange.fetch(TABLES.format(table)) for table in ("supplier", "product_supplier")]
    for kind, rows in zip(("suppliers", "supplier_products"), before, strict=True):
        run = await exchange.check(await out(exchange, kind, form, tmp_path / kind), kind)
        for state in ("refused", "changed", "new"):
            found = await exchange.rows(run.id, state)
            assert [(row.name, row.reasons, row.changes) for row in found] == [], state
        assert (run.row_count, run.same_count) == (len(rows), len(rows))
    assert [await exchange.fetch(TABLES.format(table)) for table in ("supplier", "product_supplier")] == before


@pytest.mark.parametrize("form", FORMS)
async def test_they_move_to_another_business_whole(exchange: Exchange, tmp_path: Path, form: writing.Form) -> None:
    await filled(exchange.shop, 7)
    other = Exchange(await open_shop(exchange.shop.db))
    for kind in ("suppliers", "supplier_products"):
        run = await other.take_in(await out(exchange, kind, form, tmp_path / kind), kind)
        assert (run.stage, run.refused_count) == ("done", 0)
        assert await out(other, kind, "csv", tmp_path / "there") == await out(exchange, kind, "csv", tmp_path / "here")


async def test_a_file_makes_changes_and_leaves_suppliers(exchange: Exchange) -> None:
    await a_supplier(exchange.shop, "Hansa", code="HAN", phone="1")
    await a_supplier(exchange.shop, "Alster", code="ALS")
    content = (
        "Supplier code,Vendor,Tel,Lead time,Minimum order,currency\n"
        "HAN,Hansa,2,,,\nALS,Alster,,,,\n,Elbe,,3,12.5,CHF\nNEW,Plain,,,,\n"
    )
    run = await exchange.check(content, "suppliers")
    assert (run.new_count, run.changed_count, run.same_count, run.refused_count) == (2, 1, 1, 0)
    changed = (await exchange.rows(run.id, "changed"))[0]
    assert [(one.column, one.before, one.after) for one in changed.changes] == [("phone", "1", "2")]
    assert len(await exchange.fetch("SELECT 1 FROM supplier WHERE tenant_id = $1")) == 2, "nothing is changed yet"
    await exchange.store(run.id)
    rows = await exchange.fetch(
        """SELECT name, code, phone, lead_days, min_order_minor, currency FROM supplier WHERE tenant_id = $1
            ORDER BY lower(name)"""
    )
    assert [tuple(row) for row in rows] == [
        ("Alster", "ALS", "", None, None, "EUR"),
        ("Elbe", None, "", 3, 1250, "CHF"),
        ("Hansa", "HAN", "2", None, None, "EUR"),
        ("Plain", "NEW", "", None, None, "EUR"),
    ]
    again = await exchange.check(content, "suppliers")
    assert again.same_count == 4


async def test_wrong_suppliers_are_refused_with_column_and_reason(exchange: Exchange) -> None:
    shop = exchange.shop
    gone, priced = await a_supplier(shop, "Gone"), await a_supplier(shop, "Priced", code="P")
    await sells(shop, priced, cost=Decimal(1))
    await shop.db.run(shop.scope, operations.archive_supplier, gone)
    rows = [
        ("A,,,,,", "name"),
        ("B,Bad mail,nobody,,,", "email"),
        ("C,Bad money,,XXX,,", "currency"),
        ("D,Bad days,,,1000,", "lead_days"),
        ("E,Bad sum,,,,1.234", "min_order"),
        ("F,Gone,,,,", "name"),
        (",Gone,,,5,", ""),
        ("P,Priced,,CHF,,", "currency"),
        ("G,Good,,,,", None),
        ("g,Other,,,,", "code"),
        ("H,GOOD,,,,", "name"),
        (",,,,,", "name"),
    ]
    before = await exchange.fetch(TABLES.format("supplier"))
    content = "code,name,email,currency,lead_days,min_order\n" + "\n".join(row for row, _column in rows) + "\n"
    run = await exchange.check(content, "suppliers")
    refused = {row.line: [one.column for one in row.reasons] for row in await exchange.rows(run.id, "refused")}
    expected = {line: column for line, (_row, column) in enumerate(rows, 2) if column is not None}
    assert {line: columns[0] for line, columns in refused.items()} | {13: "name"} == expected | {13: "name"}
    assert (run.new_count, await exchange.fetch(TABLES.format("supplier"))) == (1, before)
    await exchange.store(run.id, whole=False)
    assert len(await exchange.fetch(TABLES.format("supplier"))) == 3


async def test_wrong_terms_are_refused_with_column_and_reason(exchange: Exchange) -> None:
    shop = exchange.shop
    gone, mill = await a_supplier(shop, "Gone"), await a_supplier(shop, "Mill", code="M")
    await shop.db.run(shop.scope, operations.archive_supplier, gone)
    await sells(shop, mill, 1)
    rows = [
        ("SKU-001,M,6,1.5,yes", None),
        ("SKU-001,Mill,6,1.5,yes", "supplier"),
        ("NONE,M,6,,", "sku"),
        ("SKU-002,Nobody,6,,", "supplier"),
        ("SKU-002,,6,,", "supplier"),
        ("SKU-002,Gone,6,,", "supplier"),
        ("SKU-003,M,0,,", "pack_quantity"),
        ("SKU-003,M,,x,", "cost"),
        ("SKU-003,M,,,perhaps", "preferred"),
        ("SKU-002,M,12,,", None),
    ]
    content = "sku,supplier,pack_quantity,cost,preferred\n" + "\n".join(row for row, _column in rows) + "\n"
    run = await exchange.check(content, "supplier_products")
    found = await exchange.rows(run.id, "refused")
    refused = {row.line: row.reasons[0].column for row in found}
    assert refused == {line: column for line, (_row, column) in enumerate(rows, 2) if column is not None}
    assert found[2].reasons[0].remedy == "/products/suppliers/new"
    changed = (await exchange.rows(run.id, "changed"))[0]
    assert [(one.column, one.before, one.after) for one in changed.changes] == [
        ("pack_quantity", "", "12"),
        ("preferred", "yes", "no"),
    ]
    await exchange.store(run.id, whole=False)
    stored = await exchange.fetch(
        "SELECT pack_quantity, cost, preferred FROM product_supplier WHERE tenant_id = $1 ORDER BY cost"
    )
    assert [tuple(row) for row in stored] == [(Decimal(6), Decimal(150), True), (Decimal(12), None, False)]


async def test_a_file_changes_whom_a_product_is_bought_from(exchange: Exchange) -> None:
    shop = exchange.shop
    one, two = await a_supplier(shop, "One"), await a_supplier(shop, "Two")
    await sells(shop, one)
    await sells(shop, two)
    run = await exchange.take_in("sku,supplier,preferred\nSKU-001,Two,yes\nSKU-001,One,no\n", "supplier_products")
    assert (run.stage, run.stored_count) == ("done", 2)
    rows = await exchange.fetch("SELECT supplier_id FROM product_supplier WHERE tenant_id = $1 AND preferred")
    assert [row[0] for row in rows] == [two]
    both = await exchange.check("sku,supplier,preferred\nSKU-001,Two,yes\nSKU-001,One,yes\n", "supplier_products")
    assert (await exchange.rows(both.id, "refused"))[0].reasons[0].column == "preferred"


async def test_rows_are_found_by_barcode_and_by_name_where_somebody_says_so(exchange: Exchange) -> None:
    shop = exchange.shop
    await a_supplier(shop, "Mill", code="M")
    run = await exchange.take_in(f"ean,vendor,moq\n{shop.products[0].barcode},mill,24\n", "supplier_products")
    assert (run.match_by, run.stored_count) == ("barcode", 1)
    renamed = await exchange.take_in("code,name\nM2,Mill\n", "suppliers", match_by="name")
    assert renamed.stored_count == 1
    rows: list[Any] = await exchange.fetch("SELECT code FROM supplier WHERE tenant_id = $1")
    assert [row["code"] for row in rows] == ["M2"]


async def test_pages_give_the_files_with_their_filters(site: Site, exchange: Exchange) -> None:
    shop = exchange.shop
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/suppliers"
    one, two = await a_supplier(shop, "One"), await a_supplier(shop, "Two")
    await sells(shop, one, cost=Decimal(5))
    await sells(shop, two, 1)
    file = await owner.get(f"{home}/export?q=two&format=csv")
    assert [line.split(",")[1] for line in file.text.splitlines()[1:]] == ["Two"]
    mine = await owner.get(f"{home}/products/export?supplier={one}")
    assert [line.split(",")[0] for line in mine.text.splitlines()[1:]] == ["SKU-001"]
    assert "0.05" in mine.text
    nobody = await site.holder(shop, "view_catalogue", "export")
    assert "0.05" not in (await nobody.get(f"{home}/products/export?supplier={one}")).text
    assert (await (await site.holder(shop, "view_catalogue")).get(f"{home}/export")).status_code == 403
    new = await owner.get(f"/t/{shop.tenant.slug}/products/imports/new?kind=suppliers")
    assert 'value="suppliers" selected' in " ".join(new.text.split())
