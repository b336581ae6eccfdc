"""Labels of all that is due, as a file: made by a job part by part, in PDFs whose codes are read back."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pypdfium2
import pytest
import zxingcpp

from retail.audit import EXPORT
from retail.automation.exports import label_files
from retail.catalog.labels.shelf import due_count, labels_due
from retail.identity.permissions import PRINT_LABELS, VIEW_CATALOGUE
from retail.kit.ids import new_id
from tests.automation.conftest import Exchange
from tests.support.web import Site
from tests.support.working import work_off

WISH = {"format": "a4-3x8", "layout": "price", "symbol": "auto", "start": "23"}


def read_back(packed: bytes) -> list[tuple[int, list[str]]]:
    """Give the pages and the codes of each PDF of a ZIP."""
    found = []
    with ZipFile(BytesIO(packed)) as file:
        for name in sorted(file.namelist()):
            document = pypdfium2.PdfDocument(file.read(name))
            pages = [page.render(scale=300 / 72).to_pil() for page in document]
            found.append((len(pages), sorted(code.text for page in pages for code in zxingcpp.read_barcodes(page))))
    return found


@pytest.mark.parametrize("paper", ["a4-3x8", "roll-58"])
async def test_all_labels_that_are_due_come_as_a_file(
    site: Site, exchange: Exchange, monkeypatch: pytest.MonkeyPatch, paper: str
) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    monkeypatch.setattr(label_files, "AT_ONCE", 2)
    await shop.db.run(shop.scope, labels_due, [one.id for one in shop.products])
    owner, other = await site.member(shop), await site.member(shop, "manager")
    wish = WISH | {"format": paper, "store": str(shop.store)} | ({} if paper == "a4-3x8" else {"start": "1"})
    answer = await owner.post(f"{home}/products/labels/files", data=wish)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{home}/products/exports")
    await work_off(shop.db, shop.tenant.id)
    page = (await owner.get(f"{home}/products/exports")).text
    link = re.search(rf'href="({home}/products/exports/[0-9a-f-]+)"', page)
    assert link is not None
    file = await owner.get(link[1])
    assert (file.headers["content-type"], ".zip" in file.headers["content-disposition"]) == ("application/zip", True)
    found = read_back(file.content)
    if paper == "a4-3x8":  # the first page has two free places, and each PDF ends with a whole page
        assert [len(codes) for _pages, codes in found] == [2, 4]
        assert found[0][0] == 1
    else:
        assert [count for count, _codes in found] == [2, 2, 2]
    assert sorted(code for _pages, codes in found for code in codes) == sorted(one.barcode for one in shop.products)
    assert (await other.get(link[1])).status_code == 404
    async with shop.db.read(shop.scope) as read:
        assert (await due_count(read, shop.store), await due_count(read, shop.second_store)) == (0, len(shop.products))


async def test_a_file_that_is_cancelled_leaves_the_labels_due(site: Site, exchange: Exchange) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    await shop.db.run(shop.scope, labels_due, [shop.products[0].id])
    owner = await site.member(shop)
    await owner.post(f"{home}/products/labels/files", data=WISH | {"store": str(shop.store)})
    page = (await owner.get(f"{home}/products/exports")).text
    stop = re.search(rf'action="({home}/products/exports/[0-9a-f-]+/cancellation)"', page)
    assert stop is not None
    await owner.post(stop[1])
    await work_off(shop.db, shop.tenant.id)
    async with shop.db.read(shop.scope) as read:
        assert await due_count(read, shop.store) == 1


async def test_who_may_not_print_or_take_out_gets_no_file(site: Site, exchange: Exchange) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    at = f"{home}/products/labels/files"
    for rights, status in (((EXPORT,), 403), ((PRINT_LABELS,), 403), ((EXPORT, PRINT_LABELS, VIEW_CATALOGUE), 303)):
        some = await site.holder(shop, *rights)
        assert (await some.post(at, data=WISH | {"store": str(shop.store)})).status_code == status, rights
    owner = await site.member(shop)
    assert (await owner.post(at, data=WISH | {"store": str(new_id())})).status_code == 404
    assert (await owner.post(at, data=WISH | {"store": str(shop.store), "start": "25"})).status_code == 422


async def test_the_page_offers_the_file_where_more_are_due_than_it_prints(
    site: Site, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    await shop.db.run(shop.scope, labels_due, [one.id for one in shop.products])
    owner = await site.member(shop)
    form = f"{home}/products/labels/new?due=1&store={shop.store}"
    assert "/products/labels/files" not in (await owner.get(form)).text
    monkeypatch.setattr("retail.catalog.labels.asking.MOST_PRODUCTS", 2)
    page = (await owner.get(form)).text
    assert "Make a file of all 6 labels" in page
    assert f'formaction="{home}/products/labels/files"' in page
