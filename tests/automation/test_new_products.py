"""A supplier's file of new products: what it doesn't say is chosen once for the file, and columns have their labels."""

from __future__ import annotations

import re

import pytest

from retail.automation.imports import operations, storing
from retail.kit.errors import Invalid
from tests.automation.conftest import Exchange
from tests.automation.test_exchange_pages import hand_in
from tests.support.web import Site
from tests.support.working import work_off

FILE = (
    "StockCode,Description,UnitPrice\n85123A,WHITE HANGING HEART T-LIGHT HOLDER,2.55\n71053,WHITE METAL LANTERN,3.39\n"
)


async def test_a_file_without_a_tax_column_says_what_it_lacks_by_the_labels(exchange: Exchange) -> None:
    run = await exchange.check(FILE.replace("UnitPrice", "Weird"))
    said = (await exchange.rows(run.id, "refused"))[0].reasons[0].sentence
    assert said == "This product is new, and the file lacks the columns: Price, Tax class."


async def test_new_products_get_the_tax_class_that_was_chosen_for_the_file(site: Site, exchange: Exchange) -> None:
    shop = exchange.shop
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    page = (await hand_in(owner, home, FILE)).headers["location"]
    mapping = (await owner.get(page)).text
    assert re.findall(r'value="(\w+)" selected', mapping) == ["sku", "name", "price"]
    assert "Tax class of new products" in mapping
    columns = {"column-0": "sku", "column-1": "name", "column-2": "price", "match_by": "sku"}
    asked = await owner.post(f"{page}/columns", data={**columns, "tax_class": ""})
    assert (asked.status_code, "No column of the file means the tax class." in asked.text) == (422, True)
    wrong = await owner.post(f"{page}/columns", data={**columns, "tax_class": "Q"})
    assert wrong.status_code == 422
    assert (await owner.post(f"{page}/columns", data={**columns, "tax_class": "R"})).status_code == 303
    await work_off(shop.db, shop.tenant.id)
    assert "Store 2 rows" in (await owner.get(page)).text
    await owner.post(f"{page}/storing", data={"how": "whole"})
    await work_off(shop.db, shop.tenant.id)
    made = await exchange.fetch(
        """SELECT p.sku, x.code, p.unit, p.price_minor FROM product p JOIN tax_class x ON x.tenant_id = $1
              AND x.id = p.tax_class_id WHERE p.tenant_id = $1 AND p.sku = ANY('{85123A,71053}') ORDER BY p.sku"""
    )
    assert [tuple(row) for row in made] == [("71053", "R", "each", 339), ("85123A", "R", "each", 255)]


async def test_what_is_chosen_fills_empty_cells_of_new_products_alone(exchange: Exchange) -> None:
    shop = exchange.shop
    rows = ["T-1,Tea,2,", "T-2,Tea,2,S", "SKU-001,Sourdough loaf 800 g,4.20,"]
    run = await exchange.hand_in("sku,name,price,tax_class\n" + "\n".join(rows))
    await shop.db.run(shop.scope, operations.name_columns, run.id, run.columns, "sku", "R")
    checked = await exchange.work_off(run.id)
    assert (checked.new_count, checked.defaults) == (2, {"tax_class": "R"})
    (refused,) = await exchange.rows(run.id, "refused")
    assert (refused.name, refused.reasons[0].sentence) == ("SKU-001", "Tax class is empty.")
    await exchange.store(run.id, whole=False)
    made = await exchange.fetch(
        """SELECT x.code FROM product p JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
            WHERE p.tenant_id = $1 AND p.sku LIKE 'T-_' ORDER BY p.sku"""
    )
    assert [row["code"] for row in made] == ["R", "S"]


async def test_columns_are_named_by_their_labels_where_one_is_missing_or_said_twice(exchange: Exchange) -> None:
    shop = exchange.shop
    run = await exchange.hand_in(FILE)
    with pytest.raises(Invalid) as wrong:
        await shop.db.run(shop.scope, operations.name_columns, run.id, ["name", "name", "price"], "barcode")
    assert wrong.value.errors == {
        "columns": ["Two columns of the file mean “Name”. Leave one of them out."],
        "match_by": ["Say which column of the file finds the row: none means “Barcodes” yet."],
    }


async def test_groups_of_one_name_lie_in_several_others_and_come_in_again_without_a_change(exchange: Exchange) -> None:
    head = "sku,name,price,tax_class,category\n"
    paths = ["Men > Shoes", "Women > Shoes", "Shoes", "men > shoes", "Groceries"]
    content = head + "\n".join(f"T-{n},Tea {n},2,R,{path}" for n, path in enumerate(paths))
    run = await exchange.check(content)
    assert (run.new_count, run.refused_count) == (5, 0)
    assert run.makes["groups"] == ["Men", "Men > Shoes", "Women", "Women > Shoes", "Shoes"]
    await exchange.store(run.id)
    rows = await exchange.fetch(
        """SELECT p.sku, c.name, o.name AS inside FROM product p
             JOIN category c ON c.tenant_id = $1 AND c.id = p.category_id
             LEFT JOIN category o ON o.tenant_id = $1 AND o.id = c.parent_id
            WHERE p.tenant_id = $1 AND p.sku LIKE 'T-_' ORDER BY p.sku"""
    )
    assert [tuple(row)[1:] for row in rows] == [
        ("Shoes", "Men"), ("Shoes", "Women"), ("Shoes", None), ("Shoes", "Men"), ("Groceries", None),
    ]  # fmt: skip
    again = await exchange.check(content.replace("men > shoes", "Men > Shoes"))
    assert (again.same_count, again.refused_count) == (5, 0)


async def test_groups_and_families_that_only_refused_rows_want_are_not_announced(exchange: Exchange) -> None:
    head = "sku,name,price,tax_class,category,family,options,kind,parts\n"
    good, wrong = "T-1,Tea,2,R,Drinks > Tea,Teas,Size=S,,", "T-2,Tea,much,R,Drinks > Coffee,Coffees,Size=S,,"
    dangling = "T-3,Box,2,R,Boxes,Packs,Size=S,kit,T-9:1"
    run = await exchange.check(head + f"{wrong}\n{dangling}\n{good}")
    assert (run.new_count, run.refused_count) == (1, 2)
    assert (run.makes["groups"], run.makes["families"]) == (["Drinks", "Drinks > Tea"], ["Teas"])


async def test_a_name_alone_means_the_one_that_was_there_and_is_refused_where_there_are_several(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "AT_ONCE", 1)
    head = "sku,name,price,tax_class,category\n"
    await exchange.take_in(head + "A-1,Tea,2,R,Men > Shoes\nA-2,Tea,2,R,Women > Shoes\nA-3,Tea,2,R,Men > Hats\n")
    rows = ["T-1,Tea,2,R,Shoes", "T-2,Tea,2,R,hats", "T-3,Tea,2,R,Home > Lamps", "T-4,Tea,2,R,Lamps"]
    run = await exchange.check(head + "\n".join(rows))
    (refused,) = await exchange.rows(run.id, "refused")
    assert refused.reasons[0].sentence == (
        "There are several groups Shoes: Men > Shoes, Women > Shoes. Write the whole path."
    )
    assert run.makes["groups"] == ["Home", "Home > Lamps", "Lamps"]
    await exchange.store(run.id, whole=False)
    made = await exchange.fetch(
        """SELECT p.sku, o.name FROM product p JOIN category c ON c.tenant_id = $1 AND c.id = p.category_id
             LEFT JOIN category o ON o.tenant_id = $1 AND o.id = c.parent_id
            WHERE p.tenant_id = $1 AND p.sku LIKE 'T-_' ORDER BY p.sku"""
    )
    assert [tuple(row) for row in made] == [("T-2", "Men"), ("T-3", "Home"), ("T-4", None)]
