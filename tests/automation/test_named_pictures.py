"""Products and the pictures that they name in one ZIP; what goes out comes in again without a change."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from retail.automation.cells import NotRead, Ways
from retail.automation.exports import pages as exports
from retail.automation.exports.lists import LISTS
from retail.automation.exports.making import Order, write_list
from retail.automation.imports import operations
from retail.automation.imports.files import folder_of, forget, path_of
from retail.automation.kinds.named_pictures import Came, NamedPictures
from retail.catalog.products.pictures import MOST_PICTURES
from retail.kit.errors import Invalid
from retail.kit.money import currency
from retail.runtime.db import Database
from retail.runtime.web import uploads
from retail.settings import Settings
from tests.automation.conftest import Exchange
from tests.automation.test_pictures import kept, on_disk, packed, picture
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import open_shop

RED, GREEN, BLUE = picture("red"), picture("green"), picture("blue")
HEAD = "sku,name,price,tax_class,images\n"


def table(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode()


def tidied(settings: Settings, exchange: Exchange, id: Any) -> None:
    forget(path_of(settings, exchange.shop.tenant.id, id))


async def names_of(exchange: Exchange, sku: str) -> list[str]:
    rows = await exchange.fetch(
        """SELECT i.name FROM product_image i JOIN product p ON p.tenant_id = $1 AND p.id = i.product_id
            WHERE i.tenant_id = $1 AND p.sku = $2 ORDER BY i.position""",
        sku,
    )
    return [f"{row['name']}.webp" for row in rows]


async def exported(exchange: Exchange, path: Path) -> str:
    order = Order(LISTS["products"], "csv", Ways(currency("EUR")), None, costs=True)
    async with exchange.shop.db.read(exchange.shop.scope) as read:
        await write_list(read, order, path)
    return await asyncio.to_thread(path.read_text, encoding="utf-8-sig")


async def test_products_and_their_pictures_come_in_one_zip_and_go_out_and_in_again(
    exchange: Exchange, settings: Settings, tmp_path: Path
) -> None:
    rows = table("TEA-9,Green tea,4.20,R,tea front.png|Spring/BACK.png", "MUG-9,Mug,9.00,S,tea front.png")
    files = {"list/products.csv": rows, "tea front.png": RED, "spring/back.png": GREEN, "unused.png": BLUE}
    content = packed(files)
    run = await exchange.check(content, name="spring.zip")
    assert (run.form, run.new_count, run.refused_count, run.problem) == ("csv", 2, 0, "")
    assert await kept(exchange) == []
    done = await exchange.store(run.id)
    assert (done.stage, done.stored_count) == ("done", 2)
    assert await kept(exchange) == [("MUG-9", 1), ("TEA-9", 2)]
    assert on_disk(settings, exchange) == (9, 0)
    text = await exported(exchange, tmp_path / "out.csv")
    names = await names_of(exchange, "TEA-9")
    assert "|".join(names) in text
    again = await exchange.check(text)
    assert (again.same_count, again.changed_count, again.refused_count) == (again.row_count, 0, 0)
    tidied(settings, exchange, again.id)
    twice = await exchange.check(content)  # the ZIP itself again: the same files are the same pictures
    assert (twice.same_count, twice.row_count) == (2, 2)


async def test_pictures_are_added_behind_those_there_and_an_empty_cell_takes_none_away(exchange: Exchange) -> None:
    await exchange.take_in(packed({"p.csv": table("TEA-9,Tea,4,R,a.png"), "a.png": RED}))
    first = await names_of(exchange, "TEA-9")
    run = await exchange.check(packed({"p.csv": table("TEA-9,Tea,4,R,b.png"), "b.png": GREEN}))
    (row,) = await exchange.rows(run.id, "changed")
    assert [(one.column, one.before, one.after) for one in row.changes] == [("images", first[0], f"{first[0]}|b.png")]
    await exchange.store(run.id)
    both = await names_of(exchange, "TEA-9")
    assert (both[0], len(both)) == (first[0], 2)
    empty = await exchange.check(table("TEA-9,Tea,4,R,"))
    assert empty.same_count == 1
    turned = await exchange.check(table(f"TEA-9,Tea,4,R,{both[1]}|{both[0]}"))
    assert turned.same_count == 1


@pytest.mark.parametrize(
    ("named", "files", "said"),
    [
        ("gone.png", {"a.png": RED}, "There is no picture gone.png in the ZIP."),
        ("a.png", {"one/a.png": RED, "two/a.png": GREEN}, "The ZIP holds several files called a.png."),
        ("a.png", {"a.png": b"not one"}, "a.png: This can't be used as a picture."),
        ("|".join(f"{n}.png" for n in range(13)), {}, "Use at most 12 of 300 letters each."),
    ],
)  # fmt: skip
async def test_a_row_whose_pictures_cannot_be_used_says_why_at_their_column(
    exchange: Exchange, named: str, files: dict[str, bytes], said: str
) -> None:
    run = await exchange.check(packed({"p.csv": table(f"TEA-9,Tea,4,R,{named}", "MUG-9,Mug,1,R,"), **files}))
    assert (run.new_count, run.refused_count) == (1, 1)
    (row,) = await exchange.rows(run.id, "refused")
    assert [(one.column, one.sentence.startswith(said)) for one in row.reasons] == [("images", True)]


async def test_a_table_alone_can_name_only_pictures_that_are_there(exchange: Exchange) -> None:
    run = await exchange.check(table("TEA-9,Tea,4,R,a.png"))
    (row,) = await exchange.rows(run.id, "refused")
    assert row.reasons[0].sentence.startswith("No picture a.png came with this file. Hand in one ZIP")


async def test_a_product_gets_no_more_pictures_than_there_may_be(exchange: Exchange) -> None:
    many = {f"{n}.png": picture(f"#0000{n:02x}") for n in range(MOST_PICTURES)}
    await exchange.take_in(packed({"p.csv": table(f"TEA-9,Tea,4,R,{'|'.join(many)}"), **many}))
    assert await kept(exchange) == [("TEA-9", MOST_PICTURES)]
    run = await exchange.check(packed({"p.csv": table("TEA-9,Tea,4,R,more.png"), "more.png": RED}))
    (row,) = await exchange.rows(run.id, "refused")
    assert row.reasons[0].sentence == "A product has at most 12 pictures. Remove one first."


async def test_nothing_is_left_of_pictures_whose_rows_could_not_be_stored(
    exchange: Exchange, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = table("TEA-9,Tea,4,R,a.png", "MUG-9,Mug,1,R,b.png")
    run = await exchange.check(packed({"p.csv": rows, "a.png": RED, "b.png": GREEN}))
    room = uploads.QUOTA
    monkeypatch.setattr(uploads, "QUOTA", 200)  # full from the second one on
    failed = await exchange.store(run.id)
    assert (failed.stage, failed.stored_count) == ("checked", 0)
    assert "pictures" in failed.problem
    assert (await kept(exchange), on_disk(settings, exchange)[0]) == ([], 0)
    monkeypatch.setattr(uploads, "QUOTA", room)
    done = await exchange.store(run.id)
    assert (done.stored_count, on_disk(settings, exchange)) == (2, (6, 0))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.png": RED}, "There is no table in this ZIP."),
        ({"a.csv": b"sku\n1\n", "b.json": b"[]"}, "There are several tables in this ZIP: a.csv, b.json."),
        ({"a.csv": packed({"b.csv": b"sku\n"})}, "This zip holds no workbook."),
        ({"a.csv": b""}, "The file is empty."),
    ],
)
async def test_a_zip_without_just_one_table_is_refused_as_a_whole(
    exchange: Exchange, settings: Settings, files: dict[str, bytes], said: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        await exchange.hand_in(packed(files))
    assert wrong.value.errors["file"][0].startswith(said)


async def test_a_zip_with_its_table_is_handed_in_on_the_page(
    site: Site, exchange: Exchange, settings: Settings
) -> None:
    owner, home = await site.member(exchange.shop), f"/t/{exchange.shop.tenant.slug}/products/imports"
    content = packed({"p.csv": table("TEA-9,Tea,4,R,a.png"), "a.png": RED})
    sent = await owner.post(home, data={"kind": "products"}, files={"file": ("p.zip", content, "application/zip")})
    assert sent.status_code == 303
    page = await owner.get(sent.headers["location"])
    assert "images" in page.text
    async with exchange.shop.db.read(exchange.shop.scope) as read:
        run = await read.fetchval("SELECT id FROM import_run WHERE tenant_id = $1", read.tenant)
    await exchange.shop.db.run(
        exchange.shop.scope, operations.name_columns, run, ["sku", "name", "price", "tax_class", "images"], "sku"
    )
    await work_off(exchange.shop.db, exchange.shop.tenant.id)
    done = await exchange.store(run)
    assert (done.stored_count, await kept(exchange)) == (1, [("TEA-9", 1)])
    bad = {"file": ("p.zip", packed({"a.png": RED}), "application/zip")}
    refused = await owner.post(home, data={"kind": "products"}, files=bad)
    assert (refused.status_code, "There is no table in this ZIP." in refused.text) == (422, True)
    left = folder_of(settings, exchange.shop.tenant.id)
    assert list(left.iterdir()) == []


def test_a_picture_is_found_by_its_name_or_its_path_in_any_letters() -> None:
    one, two = Came("1" * 64, ""), Came("2" * 64, "")
    came = NamedPictures(Path("x"), {"a/tea.png": one, "mug.png": two}, {"tea.png": [one], "mug.png": [two]})
    assert [came.find(name) for name in ("Tea.PNG", "A\\tea.png", "./mug.png")] == [one, one, two]
    with pytest.raises(NotRead):
        came.find("b/tea.png")


@pytest.mark.parametrize("waits", [False, True])
async def test_products_with_their_pictures_in_one_zip_come_in_where_they_never_were(
    exchange: Exchange, site: Site, db: Database, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    rows = table("TEA-9,Green tea,4.20,R,front.png|back.png", "MUG-9,Mug,9.00,S,front.png", "JAM-9,Jam,3.00,R,")
    await exchange.take_in(packed({"p.csv": rows, "front.png": RED, "back.png": GREEN}))
    home = f"/t/{exchange.shop.tenant.slug}/products"
    owner = await site.member(exchange.shop)
    if waits:
        monkeypatch.setattr(exports, "PACKED_AT_ONCE", 1)
        far = await owner.get(f"{home}/pictures/export?format=csv")
        assert far.headers["location"].endswith("/products/exports?list=products-pictures&format=csv")
        await owner.post(f"{home}/exports", data={"list": "products-pictures", "format": "csv", "kept": ""})
        await work_off(db, exchange.shop.tenant.id)
        page = (await owner.get(f"{home}/exports")).text
        answer = await owner.get(re.findall(rf'href="({home}/exports/[0-9a-f-]+)"', page)[0])
    else:
        answer = await owner.get(f"{home}/pictures/export?format=csv")
    assert answer.headers["content-type"] == "application/zip"
    assert ".zip" in answer.headers["content-disposition"]
    named = {name for sku in ("TEA-9", "MUG-9") for name in await names_of(exchange, sku)}
    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        assert set(made.namelist()) == {"products-pictures.csv", *named}
    again = await exchange.check(answer.content, name="again.zip")
    assert (again.same_count, again.changed_count, again.refused_count) == (again.row_count, 0, 0)
    other = Exchange(await open_shop(db))
    run = await other.check(answer.content, name="goods.zip")
    rows_refused = await other.rows(run.id, "refused")
    assert not {one.column for row in rows_refused for one in row.reasons if one.column == "images"}
    await other.store(run.id)
    assert await kept(other) == [("MUG-9", 1), ("TEA-9", 2)]
