"""Programs and codes: SKUs that are made, what a code means, barcodes, labels that are due, labels as a PDF."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp

from retail.catalog.codes.rulebook import save_layout
from retail.catalog.operations import archive_product
from retail.kit.barcode import check_digit
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.world import Shop


@pytest.fixture
async def owner(site: Site, shop: Shop) -> httpx.AsyncClient:
    return await site.member(shop)


@pytest.fixture
def api(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/api/v1"


async def test_a_product_without_a_sku_gets_one(owner: httpx.AsyncClient, shop: Shop, api: str) -> None:
    body = {"name": "Rye bread", "price": 420, "tax_class": str(shop.reduced), "category": str(shop.category)}
    made = [(await owner.post(f"{api}/products", json=body)).json()["sku"] for _ in range(2)]
    year = datetime.now(UTC).year % 100
    assert made == [f"SKU-GR{year}0001", f"SKU-GR{year}0002"]


async def test_a_program_asks_what_a_code_means(owner: httpx.AsyncClient, shop: Shop, api: str) -> None:
    loaf = shop.products[0]
    await shop.db.run(shop.scope, save_layout, new_id(), "Scale", "21IIIIIWWWWWC")
    told = (
        await owner.get(f"{api}/codes/reading", params={"code": f"(01)0{loaf.barcode}(10)A1(17)261231(30)6"})
    ).json()
    assert told == {
        "misread": False,
        "sure": True,
        "code": f"0{loaf.barcode}",
        "product": {"id": str(loaf.id), "sku": loaf.sku, "name": loaf.name},
        "archived": None,
        "quantity": "6",
        "price": None,
        "lot": "A1",
        "serial": None,
        "use_by": "2026-12-31",
        "elements": {"01": f"0{loaf.barcode}", "10": "A1", "17": "261231", "30": "6"},
    }
    await shop.db.run(shop.scope, archive_product, loaf.id)
    gone = (await owner.get(f"{api}/codes/reading", params={"code": loaf.barcode})).json()
    assert (gone["product"], gone["archived"]["name"]) == (None, loaf.name)
    wrong = (await owner.get(f"{api}/codes/reading", params={"code": "]C1014006"})).json()
    assert (wrong["misread"], wrong["product"]) == (True, None)
    rules = (await owner.get(f"{api}/barcode-rules")).json()
    assert [one["layout"] for one in rules["items"]] == ["21IIIIIWWWWWC"]


async def test_barcodes_are_added_made_and_removed(owner: httpx.AsyncClient, shop: Shop, api: str) -> None:
    loaf, milk = shop.products[:2]
    path = f"{api}/products/{loaf.id}/barcodes"
    assert (await owner.post(path, json={"code": "96385074"})).json()["barcodes"] == [loaf.barcode, "96385074"]
    made = (await owner.post(path, json={})).json()["barcodes"][2]
    assert made.startswith("29")
    assert int(made[-1]) == check_digit(made[:-1])
    taken = await owner.post(path, json={"code": milk.barcode})
    assert (taken.status_code, taken.json()["code"]) == (409, "barcode_taken")
    assert taken.json()["product"] == str(milk.id)
    wrong = await owner.post(path, json={"code": "4006381333932"})
    assert wrong.json()["errors"]["code"][0].startswith(
        "Barcode 4006381333932 has a wrong digit: it should end with 1."
    )
    assert (await owner.delete(f"{path}/96385074")).status_code == 204
    assert (await owner.delete(f"{path}/96385074")).status_code == 404
    assert (await owner.get(f"{api}/products/{loaf.id}")).json()["barcodes"] == [loaf.barcode, made]


async def test_labels_that_are_due_are_listed_and_printed(owner: httpx.AsyncClient, shop: Shop, api: str) -> None:
    loaf = shop.products[0]
    await owner.patch(f"{api}/products/{loaf.id}", json={"price": 430})
    due = (await owner.get(f"{api}/labels/due", params={"store": str(shop.store)})).json()["items"]
    assert [(one["product"], one["price"], one["printed_price"]) for one in due] == [(str(loaf.id), 430, None)]
    body: dict[str, Any] = {
        "products": [{"id": str(loaf.id), "copies": 2}],
        "format": "roll-58",
        "store": str(shop.store),
    }
    answer = await owner.post(f"{api}/labels", json=body)
    assert answer.headers["content-type"] == "application/pdf"
    pages = [page.render(scale=300 / 72).to_pil() for page in pypdfium2.PdfDocument(answer.content)]
    assert [[one.text for one in zxingcpp.read_barcodes(page)] for page in pages] == [[loaf.barcode]] * 2
    assert (await owner.get(f"{api}/labels/due", params={"store": str(shop.store)})).json()["items"] == []
    assert len((await owner.get(f"{api}/labels/due", params={"store": str(shop.second_store)})).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"format": "a3"}, (422, ["format"])),
        ({"start": 25}, (422, ["start"])),
        ({"style": "large", "symbol": "qr"}, (422, ["symbol"])),
        ({"products": []}, (422, ["products"])),
        ({"products": [{"id": str(new_id())}]}, (422, ["products"])),
        ({"store": str(new_id())}, (404, [])),
    ],
)
async def test_labels_that_cannot_be_are_refused_and_nothing_is_noted(
    owner: httpx.AsyncClient, shop: Shop, api: str, changes: dict[str, Any], refusal: tuple[int, list[str]]
) -> None:
    body = {"products": [{"id": str(shop.products[0].id)}], "store": str(shop.store)} | changes
    answer = await owner.post(f"{api}/labels", json=body)
    assert (answer.status_code, list(answer.json().get("errors", {}))) == refusal
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM label_print WHERE tenant_id = $1", read.tenant) == 0


async def test_formats_are_listed(owner: httpx.AsyncClient, api: str) -> None:
    items = (await owner.get(f"{api}/labels/formats")).json()["items"]
    assert {
        "key": "roll-58",
        "name": "Roll of 58 mm, labels of 58 x 40 mm",
        "width": 58,
        "height": 40,
        "per_page": 1,
    } in items
    assert "A4, 24 labels of 70 x 37 mm (3474)" in [one["name"] for one in items]
