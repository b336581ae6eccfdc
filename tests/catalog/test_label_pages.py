"""Pages of labels: which are due in a store, what is printed from the list, and what a wrong wish gets."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import Page, expect

from retail.catalog import queries
from retail.catalog.labels.shelf import due, due_count, label_facts, labels_due
from retail.catalog.labels.unit_price import unit_price
from retail.catalog.labels.wishes import text_of
from retail.catalog.operations import Draft, put_products
from retail.identity.permissions import PRINT_LABELS, VIEW_CATALOGUE
from retail.kit.ids import new_id
from tests.support.axe import violations
from tests.support.web import Site
from tests.support.world import Shop


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/products/labels"


def draft_of(shop: Shop, number: int, **changes: Any) -> Draft:
    ware = shop.products[number]
    unit = "kg" if ware.name == "Bananas" else "each"
    made = Draft(
        *(ware.id, ware.sku, ware.name, shop.reduced, ware.price_minor, shop.category, (ware.barcode,)),
        unit=unit,
        decimals=3 if unit == "kg" else 0,
    )
    return replace(made, **changes)


async def put(shop: Shop, *drafts: Draft) -> None:
    await shop.db.run(shop.scope, put_products, drafts)


async def names_due(shop: Shop, store: UUID) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [one.name for one in (await due(read, store, limit=50, after=None)).items]


def wish(shop: Shop, *numbers: int, **changes: str) -> dict[str, Any]:
    ids = [str(shop.products[number].id) for number in numbers]
    usual = {"format": "a4-3x8", "layout": "price", "symbol": "auto", "start": "1", "store": str(shop.store)}
    return {"ids": ids} | usual | changes


def codes_in(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    pages = [page.render(scale=300 / 72).to_pil() for page in pypdfium2.PdfDocument(answer.content)]
    return sorted(found.text for page in pages for found in zxingcpp.read_barcodes(page))


def error_of(page: str, id: str) -> str:
    found = re.search(rf'id="{id}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found.group(1) if found else ""


async def audited(shop: Shop, action: str) -> int:
    async with shop.db.read(shop.scope) as read:
        return await read.fetchval(
            "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = $2", read.tenant, action
        )


@pytest.mark.parametrize(
    ("price", "content", "unit", "expected"),
    [
        (420, 800_000, "g", (525, "kg")),
        (199, 330_000, "ml", (603, "l")),
        (135, 1_000, "l", None),
        (135, 1_000_000, "ml", None),
        (999, 75_000, "cl", (1332, "l")),
        (500, 2_500, "m", (200, "m")),
        (500, 250_000, "cm", (200, "m")),
        (600, 6_000, "each", (100, "each")),
        (600, None, None, None),
        (1, 3_000, "kg", (0, "kg")),
        (1, 2_000, "kg", (1, "kg")),
    ],
)
def test_the_price_of_a_kilogram_or_litre_is_rounded_half_up(
    price: int, content: int | None, unit: str | None, expected: tuple[int, str] | None
) -> None:
    assert unit_price(price, content, unit) == expected


async def test_a_label_says_name_price_and_price_per_unit(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        loaf, bananas = await label_facts(read, [shop.products[0].id, shop.products[5].id])
    told = text_of(replace(loaf, content_milli=800_000, content_unit="g"), shop.tenant)
    assert (told.price, told.unit_price, told.code) == ("€4.20", "1 kg = €5.25", shop.products[0].barcode)
    assert text_of(replace(loaf, content_milli=6_000, content_unit="each"), shop.tenant).unit_price == "1 piece = €0.70"
    assert (text_of(bananas, shop.tenant).price, text_of(bananas, shop.tenant).unit_price) == ("€1.99 / kg", "")


async def test_a_change_of_price_name_or_unit_makes_a_label_due_in_every_store_and_nothing_else_does(
    shop: Shop,
) -> None:
    assert await names_due(shop, shop.store) == []
    await put(shop, draft_of(shop, 0, reorder_point=None, favourite=True), draft_of(shop, 1, barcodes=("96385074",)))
    await put(shop, replace(draft_of(shop, 2), id=new_id(), sku="NEW", barcodes=()))
    assert await names_due(shop, shop.store) == []
    await put(shop, draft_of(shop, 0, price_minor=430), draft_of(shop, 1, name="Milk"), draft_of(shop, 3, unit="l"))
    for store in (shop.store, shop.second_store):
        assert await names_due(shop, store) == ["Cola 330 ml", "Milk", "Sourdough loaf 800 g"]


async def test_a_store_that_printed_a_label_is_done_until_the_next_change_and_others_are_not(
    site: Site, shop: Shop
) -> None:
    owner = await site.member(shop)
    await put(shop, draft_of(shop, 0, price_minor=430), draft_of(shop, 1, price_minor=140))
    answer = await owner.post(home(shop), data=wish(shop, 0))
    assert codes_in(answer) == [shop.products[0].barcode]
    assert await names_due(shop, shop.store) == ["Whole milk 1 l"]
    assert len(await names_due(shop, shop.second_store)) == 2
    assert await audited(shop, "labels.printed") == 1
    await put(shop, draft_of(shop, 0, price_minor=440))
    page = (await owner.get(f"{home(shop)}?store={shop.store}")).text
    assert re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).count("€4.30") == 1
    assert "€4.40" in page
    await shop.db.run(shop.scope, labels_due, [shop.products[4].id], shop.second_store)
    assert "Kitchen roll x4" not in await names_due(shop, shop.store)
    assert "Kitchen roll x4" in await names_due(shop, shop.second_store)


async def test_labels_that_nobody_needs_come_off_the_list(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    await put(shop, draft_of(shop, 0, price_minor=430), draft_of(shop, 1, price_minor=140))
    data = {"ids": [str(shop.products[0].id)], "store": str(shop.store)}
    assert (await owner.post(f"{home(shop)}/removal", data=data)).status_code == 303
    assert await names_due(shop, shop.store) == ["Whole milk 1 l"]
    assert await audited(shop, "labels.dismissed") == 1
    data["store"] = str(new_id())
    assert (await owner.post(f"{home(shop)}/removal", data=data)).status_code == 404


async def test_a_sheet_holds_every_copy_from_the_first_free_place(site: Site, shop: Shop) -> None:
    owner, [loaf, milk, chocolate, *_rest] = await site.member(shop), shop.products
    data = wish(shop, 0, 1, 2, start="23") | {f"copies.{loaf.id}": "3", f"copies.{chocolate.id}": "0"}
    answer = await owner.post(home(shop), data=data)
    assert len(pypdfium2.PdfDocument(answer.content)) == 2
    assert codes_in(answer) == sorted([loaf.barcode] * 3 + [milk.barcode])
    async with shop.db.read(shop.scope) as read:
        printed = await read.fetch("SELECT product_id FROM label_print WHERE tenant_id = $1", read.tenant)
    assert {row["product_id"] for row in printed} == {loaf.id, milk.id}


@pytest.mark.parametrize("format", ["roll-58", "roll-80"])
@pytest.mark.parametrize("symbol", ["auto", "code128", "qr", "datamatrix"])
async def test_rolls_have_a_page_for_each_label(site: Site, shop: Shop, format: str, symbol: str) -> None:
    owner = await site.member(shop)
    answer = await owner.post(home(shop), data=wish(shop, 0, 5, format=format, symbol=symbol, layout="code"))
    codes = [one.removeprefix("(01)0") for one in codes_in(answer)]
    assert codes == sorted([shop.products[0].barcode, shop.products[5].barcode])
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 2
    assert round(document[0].get_width() / 72 * 25.4) == int(format.removeprefix("roll-"))


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"start": "25"}, "f-start", "This sheet has the places 1 to 24."),
        ({"start": "0x"}, "f-start", "Type a whole number."),
        ({"format": "a3"}, "f-format", "Pick one of the choices."),
        ({"symbol": "x"}, "f-symbol", "Pick one of the choices."),
        ({"store": str(UUID(int=7))}, "f-store", "Pick one from the list."),
        ({"copies": "-1"}, "copies-{first}", "This can&#39;t be below zero."),
        ({"copies": "201"}, "copies-{first}", "The most is 200."),
        ({"name": "Ü" * 40}, "", ""),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_at_its_field_and_nothing_is_noted(
    site: Site, shop: Shop, changes: dict[str, str], field: str, said: str
) -> None:
    owner, first = await site.member(shop), shop.products[0].id
    data = wish(shop, 0, **{name: value for name, value in changes.items() if name not in {"copies", "name"}})
    if "copies" in changes:
        data[f"copies.{first}"] = changes["copies"]
    answer = await owner.post(home(shop), data=data)
    if not field:
        assert answer.status_code == 200
        return
    assert (answer.status_code, error_of(answer.text, field.format(first=first))) == (422, said)
    assert await audited(shop, "labels.printed") == 0


async def test_too_many_or_none_or_too_wide_is_said_in_a_sentence(site: Site, shop: Shop) -> None:
    owner, [loaf, *_rest] = await site.member(shop), shop.products
    every = {f"copies.{ware.id}": "200" for ware in shop.products}
    many = await owner.post(home(shop), data=wish(shop, *range(6)) | every)
    assert "These are 1200 labels. Print at most 1000 at once." in many.text
    none = await owner.post(home(shop), data=wish(shop, 0) | {f"copies.{loaf.id}": "0"})
    assert "Nothing to print: set the copies of at least one product." in none.text
    await put(shop, draft_of(shop, 1, barcodes=("A-VERY-LONG-CODE-OF-OUR-OWN-1234",)))
    wide = await owner.post(home(shop), data=wish(shop, 0, 1, format="a4-5x13"))
    assert error_of(wide.text, "f-format") == (
        "The code of Whole milk 1 l is too wide for this label. Pick a larger one, or a QR code."
    )
    assert [one.status_code for one in (many, none, wide)] == [422, 422, 422]
    assert (await owner.post(home(shop), data={"store": str(shop.store)})).status_code == 422
    assert codes_in(await owner.post(home(shop), data=wish(shop, 1, format="a4-5x13", symbol="qr"))) == [
        "A-VERY-LONG-CODE-OF-OUR-OWN-1234"
    ]


async def test_a_product_without_a_barcode_prints_its_sku(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    await put(shop, draft_of(shop, 0, barcodes=()))
    assert codes_in(await owner.post(home(shop), data=wish(shop, 0))) == ["SKU-001"]
    async with shop.db.read(shop.scope) as read:
        found = await queries.products(read, queries.Wanted(sku="SKU-001"), limit=2, after=None)
    assert [one.id for one in found.items] == [shop.products[0].id]


async def test_who_may_print_labels_prints_them_and_others_do_not(site: Site, shop: Shop) -> None:
    printer, viewer = await site.holder(shop, VIEW_CATALOGUE, PRINT_LABELS), await site.holder(shop, VIEW_CATALOGUE)
    assert (await printer.post(home(shop), data=wish(shop, 0))).status_code == 200
    for path in ("", "/new", "/preview", "/preview.svg"):
        assert (await printer.get(home(shop) + path)).status_code == 200
        assert (await viewer.get(home(shop) + path)).status_code == 403
    assert (await viewer.post(home(shop), data=wish(shop, 0))).status_code == 403
    clerk = await site.member(shop, "clerk")
    assert (await clerk.get(home(shop))).status_code == 200


async def test_another_businesss_products_are_not_printed(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    data = wish(shop, 0) | {"ids": [str(new_id())]}
    answer = await owner.post(home(shop), data=data)
    assert answer.status_code == 422
    assert "Pick products first" in answer.text


async def test_what_was_deleted_meanwhile_is_said_before_the_others_are_printed(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    data = wish(shop, 0) | {"ids": [str(new_id()), str(shop.products[0].id)]}
    said = "1 product was deleted meanwhile. Labels of the others can be printed."
    asked = await owner.get(f"{home(shop)}/new", params={"ids": data["ids"]})
    assert said in asked.text
    refused = await owner.post(home(shop), data=data)
    assert (refused.status_code, refused.text.count(said)) == (422, 1)
    assert await audited(shop, "labels.printed") == 0
    left = re.findall(r'name="ids" value="(.*?)"', refused.text)
    assert left == [str(shop.products[0].id)]
    assert codes_in(await owner.post(home(shop), data=data | {"ids": left}))


async def test_in_a_browser_ticked_products_are_printed_and_the_picture_follows(shop: Shop, office: Page) -> None:
    await put(shop, draft_of(shop, 0, price_minor=430))
    await office.goto(f"/t/{shop.tenant.slug}/products")
    await office.get_by_role("checkbox", name="Select Bananas").check()
    await office.get_by_role("checkbox", name="Select Sourdough loaf 800 g").check()
    await office.get_by_role("button", name="Labels").click()
    await expect(office.get_by_role("heading", name="Print labels")).to_be_visible()
    await expect(office.locator(".label-row")).to_have_count(2)
    picture = office.locator("#label-preview img")
    first = await picture.get_attribute("src")
    await office.get_by_label("Labels", exact=True).select_option("roll-58")
    await expect(picture).not_to_have_attribute("src", first or "")
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    assert await violations(office) == []
    await office.get_by_label("Copies of Bananas").fill("2")
    async with office.expect_download() as download:
        await office.get_by_role("button", name="Print").click()
    path = await (await download.value).path()
    assert len(pypdfium2.PdfDocument(path)) == 3
    await office.goto(home(shop))
    await expect(office.get_by_text("No label is due")).to_be_visible()
    assert await violations(office) == []


async def test_the_list_of_many_goes_on(shop: Shop) -> None:
    many = [
        replace(draft_of(shop, 0), id=new_id(), sku=f"M-{number:03d}", name=f"Mug {number:03d}", barcodes=())
        for number in range(120)
    ]
    await put(shop, *many)
    await put(shop, *(replace(one, price_minor=500) for one in many))
    async with shop.db.read(shop.scope) as read:
        assert await due_count(read, shop.store) == 120
        seen, after = [], None
        while True:
            page = await due(read, shop.store, limit=50, after=after)
            seen += [one.name for one in page.items]
            if (after := page.next) is None:
                break
    assert seen == [one.name for one in many]


async def test_what_was_changed_is_printed_again_at_once(shop: Shop, office: Page) -> None:
    await put(shop, draft_of(shop, 0, price_minor=430))
    await office.goto(f"/t/{shop.tenant.slug}/products")
    await office.get_by_role("checkbox", name="Select Bananas").check()
    await office.get_by_role("button", name="Labels").click()
    for size in ("roll-58", "roll-58-low"):
        await office.get_by_label("Labels", exact=True).select_option(size)
        async with office.expect_download(timeout=4000):  # the guard against a double press holds for five seconds
            await office.get_by_role("button", name="Print").click()
