"""Pages of imports and exports: a broken file is told at its field, what would change is shown, files go out."""

from __future__ import annotations

import io
import json
import re
from uuid import UUID

import httpx
import openpyxl
import pytest

from retail.automation.exports import pages
from retail.automation.imports.files import folder_of
from retail.kit.errors import Invalid
from retail.settings import Settings
from tests.automation.conftest import Exchange
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import open_shop

GOOD = b"Article No;Title;VK;Tax;EAN\nTEA-1;Green tea;2.49;R;4006381333931\nTEA-2;;2.49;R;\n"


async def hand_in(owner: httpx.AsyncClient, home: str, content: bytes, kind: str = "products") -> httpx.Response:
    files = {"file": ("goods.csv", content, "text/csv")}
    return await owner.post(f"{home}/products/imports", data={"kind": kind}, files=files)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"\r\n \n", "The file is empty."),
        (b"%PDF-1.7", "neither a CSV, an XLSX nor a JSON file"),
        (b"\x89PNG\r\n\x1a\n", "neither a CSV, an XLSX nor a JSON file"),
        (b"PK\x03\x04 a workbook", "The file is damaged"),
        (b"\x1f\x8b not packed", "The file is damaged"),
        (b'[{"sku": "A", ', "not a JSON file of rows"),
        (b"[1, 2]", "not a JSON file of rows"),
    ],
)
async def test_a_broken_file_is_refused_at_its_field_and_leaves_nothing(
    site: Site, exchange: Exchange, content: bytes, said: str
) -> None:
    owner, home = await site.member(exchange.shop), f"/t/{exchange.shop.tenant.slug}"
    answer = await hand_in(owner, home, content)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await exchange.fetch("SELECT 1 FROM import_run WHERE tenant_id = $1") == []
    assert await exchange.fetch("SELECT 1 FROM job WHERE tenant_id = $1 AND name LIKE 'imports%'") == []


async def test_a_file_that_breaks_off_in_the_middle_is_reported_and_changes_nothing(exchange: Exchange) -> None:
    book = openpyxl.Workbook()
    book.active.append(["sku", "name", "price", "tax_class"])  # type: ignore[union-attr]
    for n in range(2000):
        book.active.append([f"T-{n}", "Tea", 1, "R"])  # type: ignore[union-attr]
    whole = io.BytesIO()
    book.save(whole)
    for content in (
        b"sku,name,price,tax_class\n" + b'T-1,"' + b"x" * 200_000 + b'",1,R\n',
        json.dumps([{"sku": f"T-{n}", "name": "Tea"} for n in range(3000)]).encode()[:-4],
        whole.getvalue().replace(b"T-1", b"\x00\x00\x00"),
    ):
        try:
            run = await exchange.check(content)
        except Invalid:  # refused at once is as good
            continue
        assert (run.stage, bool(run.problem), run.row_count) in {("stopped", True, 0), ("checked", False, 2000)}
    assert await exchange.fetch("SELECT 1 FROM product WHERE tenant_id = $1 AND sku LIKE 'T-%'") == []


async def test_a_file_is_mapped_checked_shown_and_stored(site: Site, exchange: Exchange, settings: Settings) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    owner = await site.member(shop)
    answer = await hand_in(owner, home, GOOD)
    assert answer.status_code == 303
    page = answer.headers["location"]
    id = UUID(page.rpartition("/")[2])
    mapping = (await owner.get(page)).text
    assert re.findall(r'value="(\w+)" selected', mapping) == ["sku", "name", "price", "tax_class", "barcodes"]
    assert "Green tea" in mapping
    assert mapping.count("#chevron-down") >= 5, "each choice looks like one"
    columns = {f"column-{at}": name for at, name in enumerate(("sku", "sku", "price", "tax_class", ""))}
    wrong = await owner.post(f"{page}/columns", data={**columns, "match_by": "sku"})
    assert (wrong.status_code, "Two columns of the file mean" in wrong.text) == (422, True)
    columns |= {"column-1": "name", "column-4": "barcodes"}
    named = await owner.post(f"{page}/columns", data={**columns, "match_by": "sku"})
    assert named.status_code == 303
    waiting = (await owner.get(page)).text
    assert [one for one in ("Checking rows", "live?topic=job:", "every 3s") if one not in waiting] == []
    await work_off(shop.db, shop.tenant.id)
    shown = (await owner.get(page)).text
    assert "1 row is refused" in shown
    assert "Name is empty." in shown
    report = await owner.get(f"{page}/report")
    assert report.text.splitlines() == [
        "line,result,reason,Article No,Title,VK,Tax,EAN",
        "3,refused,name: Name is empty.,TEA-2,,2.49,R,",
    ]
    refused = await owner.post(f"{page}/storing", data={"how": "whole"})
    assert refused.status_code == 422
    assert (await owner.post(f"{page}/storing", data={"how": "good"})).status_code == 303
    await work_off(shop.db, shop.tenant.id)
    assert "1 row is stored. 1 row was refused." in (await owner.get(page)).text
    assert (await exchange.run(id)).stage == "done"
    assert "goods.csv" in (await owner.get(f"{home}/products/imports")).text
    again = (await owner.get((await hand_in(owner, home, GOOD)).headers["location"])).text
    assert re.findall(r'value="(\w+)" selected', again) == ["sku", "name", "price", "tax_class", "barcodes"]
    assert not folder_of(settings, shop.tenant.id).joinpath(str(id)).exists()


async def test_imports_ask_for_the_rights_to_what_they_change(site: Site, exchange: Exchange) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    owner, stranger = await site.member(shop), await site.member(await open_shop(shop.db))
    page = (await hand_in(owner, home, GOOD)).headers["location"]
    assert (await stranger.get(page)).status_code == 404
    importer = await site.holder(shop, "import", "move_stock")
    assert (await importer.get(page)).status_code == 403
    assert (await hand_in(importer, home, GOOD)).status_code == 422
    assert (await hand_in(importer, home, b"sku,store,quantity\nSKU-001,Altstadt,1\n", "stock")).status_code == 303
    clerk = await site.member(shop, "clerk")
    assert (await clerk.get(f"{home}/products/imports")).status_code == 403
    assert (await owner.post(f"{page}/cancellation")).status_code == 303
    assert "Cancelled." in (await owner.get(page)).text


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
async def test_lists_go_out_in_every_form(site: Site, exchange: Exchange, form: str) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    owner = await site.member(shop)
    for path in ("products", "products/prices", "stock", "stock/moves", "sales", "ledger/entries"):
        answer = await owner.get(f"{home}/{path}/export?format={form}")
        assert answer.status_code == 200, path
        assert answer.headers["content-disposition"].endswith(f'.{form}"')
    assert (await owner.get(f"{home}/products/export?format=exe")).status_code == 404
    clerk = await site.member(shop, "clerk")
    assert (await clerk.get(f"{home}/products/export?format={form}")).status_code == 403
    viewer = await site.holder(shop, "export", "view_catalogue")
    blind = await viewer.get(f"{home}/products/export")
    assert "unit_cost" not in blind.text.splitlines()[0]


async def test_a_long_list_is_made_by_a_job_and_fetched_by_its_own_asker_alone(
    site: Site, exchange: Exchange, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 3)
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    owner, other = await site.member(shop), await site.member(shop, "manager")
    answer = await owner.get(f"{home}/products/export?format=json&q=")
    assert answer.status_code == 303
    offer = (await owner.get(answer.headers["location"])).text
    assert "This list is long." in offer or "Make the file" in offer
    asked = {"list": "products", "format": "json", "kept": "q="}
    assert (await owner.post(f"{home}/products/exports", data=asked)).status_code == 303
    assert "rows written" in (await owner.get(f"{home}/products/exports")).text
    await work_off(shop.db, shop.tenant.id)
    page = (await owner.get(f"{home}/products/exports")).text
    link = re.search(rf'href="({home}/products/exports/[0-9a-f-]+)"', page)
    assert link is not None
    assert len((await owner.get(link[1])).json()) == len(shop.products)
    assert (await other.get(link[1])).status_code == 404
    wrong = await owner.post(f"{home}/products/exports", data={**asked, "kept": "category=x"})
    assert wrong.status_code == 422


async def test_large_numbers_of_rows_are_grouped(site: Site, exchange: Exchange) -> None:
    shop = exchange.shop
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/imports"
    run = await exchange.check("sku,name,price,tax_class\nP-1,Thing,1,R\nP-2,,1,R\n")
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """UPDATE import_run SET row_count = 221468, new_count = 100000, refused_count = 121468,
                      stored_count = 100000 WHERE tenant_id = $1 AND id = $2""",
            tx.tenant,
            run.id,
        )
    listed, shown = (await owner.get(home)).text, (await owner.get(f"{home}/{run.id}")).text
    assert (listed.count(">100,000<"), listed.count(">121,468<")) == (2, 1)
    assert "Store the 100,000 good rows" in shown
    assert "121,468 rows are refused." in shown
    assert ">121,468</span>" in shown
    assert not re.search(r"\b(100000|121468)\b", listed + shown)
