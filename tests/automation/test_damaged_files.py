"""Files that went wrong on the way: what is damaged is refused with what to do, and spoils no file to come."""

from __future__ import annotations

import pytest

from retail.automation.columns import guess
from retail.automation.imports import operations
from retail.automation.kinds.all_kinds import kind_of
from retail.kit.errors import Invalid
from tests.automation.conftest import Exchange

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
    assert guess(["SKU", "Price", "Vendor"], columns, {"sku": "", "price": "", "vendor": ""}) == ["sku", "price", ""]
