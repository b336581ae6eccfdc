"""Files that change nothing: an export of nothing is taken, and prices of a family's variants announce no family."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retail.automation.files import writing
from retail.automation.imports.handing import look
from retail.automation.kinds.all_kinds import KINDS
from retail.kit.errors import Invalid
from tests.automation.conftest import Exchange
from tests.automation.test_damaged_files import HEADER, workbook
from tests.automation.test_round_trip import FORMS, out
from tests.support.web import Site

NO_ROWS = "The file has headings and no rows below them. There is nothing to store."
SHIRTS = (
    "sku,name,price,tax_class,family,options\n"
    "TS-M,Shirt M,19.99,S,T-shirt,Size=M\nTS-L,Shirt L,19.99,S,T-shirt,Size=L\n"
)


@pytest.mark.parametrize("text", [f"{HEADER}\n", f"{HEADER}\n,,,\n\n", '[{"sku": null, "name": ""}]', "[]\n", "book"])
async def test_a_file_with_headings_only_has_nothing_to_store(exchange: Exchange, site: Site, text: str) -> None:
    run = await exchange.check(workbook(HEADER.split(",")) if text == "book" else text)
    assert (run.stage, run.row_count, run.to_store, run.problem) == ("checked", 0, 0, "")
    owner = await site.member(exchange.shop)
    page = await owner.get(f"/t/{exchange.shop.tenant.slug}/products/imports/{run.id}")
    assert NO_ROWS in page.text
    assert "/storing" not in page.text


@pytest.mark.parametrize("form", FORMS)
async def test_the_export_of_an_empty_list_comes_in_again(
    exchange: Exchange, tmp_path: Path, form: writing.Form
) -> None:
    run = await exchange.check(await out(exchange, "suppliers", form, tmp_path / "out"), "suppliers")
    assert (run.stage, run.row_count, run.refused_count) == ("checked", 0, 0)


def test_an_empty_list_in_json_is_taken_as_any_kind_of_table(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("[]\n")
    for name, kind in KINDS.items():
        if name != "pictures":
            form, (heading,) = look(tmp_path / "out", name)
            assert (form, heading in {one.name for one in kind.columns}) == ("json", True), name
    (tmp_path / "out").write_text("")
    with pytest.raises(Invalid) as refused:
        look(tmp_path / "out", "products")
    assert refused.value.errors == {"file": ["The file is empty."]}


@pytest.mark.parametrize("kind", ["prices", "products"])
async def test_prices_of_variants_announce_no_family(exchange: Exchange, tmp_path: Path, kind: str) -> None:
    made = await exchange.take_in(SHIRTS)
    assert made.makes == {"groups": [], "families": ["T-shirt"]}
    run = await exchange.check("sku,price\nTS-M,19.99\nTS-L,21.00\n", kind)
    assert (run.same_count, run.changed_count, run.makes) == (1, 1, {"groups": [], "families": []})
    untouched = await exchange.check(await out(exchange, kind, "csv", tmp_path / "out"), kind)
    assert (untouched.changed_count, untouched.makes) == (0, {"groups": [], "families": []})


async def test_options_alone_move_a_variant_within_its_family(exchange: Exchange) -> None:
    await exchange.take_in(SHIRTS)
    run = await exchange.check("sku,options\nTS-M,Size=S\nTS-L,Size=L\n")
    assert (run.same_count, run.changed_count, run.makes["families"]) == (1, 1, [])
    assert (await exchange.store(run.id)).stored_count == 1
    rows = await exchange.fetch(
        "SELECT sku, options::text AS options FROM product WHERE tenant_id = $1 AND family_id IS NOT NULL ORDER BY sku"
    )
    assert [(row["sku"], json.loads(row["options"])) for row in rows] == [
        ("TS-L", {"Size": "L"}),
        ("TS-M", {"Size": "S"}),
    ]
    assert len(await exchange.fetch("SELECT 1 FROM family WHERE tenant_id = $1")) == 1
    taken = await exchange.check("sku,options\nTS-M,Size=L\n")
    assert taken.refused_count == 1
