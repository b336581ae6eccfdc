"""What is typed in the rows of a transfer and not sent on its own goes along with whatever is done next."""

from __future__ import annotations

import re
from uuid import UUID

from playwright.async_api import Page, expect

from retail.stock.transfers.queries import transfer
from tests.support.office import office
from tests.support.shelves import D, all_holds, drafted, lines_of, sent, stocked
from tests.support.stockroom import on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]


def at(shop: Shop, id: UUID) -> str:
    return f"/t/{shop.tenant.slug}/stock/transfers/{id}"


async def rows(shop: Shop, id: UUID) -> list[UUID]:
    return [one.line.id for one in await lines_of(shop, id)]


async def quantities(shop: Shop, id: UUID) -> list[str]:
    return [str(one.line.quantity.normalize()) for one in await lines_of(shop, id)]


async def test_what_is_typed_in_a_draft_is_sent(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    await stocked(shop, "10", 1)
    await stocked(shop, "10", 2)
    id = await drafted(shop, (0, "3", ""), (1, "4", ""), (2, "5", ""))
    first, second, third = await rows(shop, id)
    owner = await site.member(shop)
    shown = {f"was-quantity-{first}": "3", f"was-quantity-{second}": "4", f"was-quantity-{third}": "9"}
    typed = shown | {f"quantity-{first}": "7", f"quantity-{second}": "0", f"quantity-{third}": "9"}
    for wrong, said in (("x", "at most three decimals"), ("", "Fill this in."), ("-1", "Type a quantity above zero")):
        page = await owner.post(f"{at(shop, id)}/dispatch", data=typed | {f"quantity-{first}": wrong})
        assert (page.status_code, said in page.text, f'name="quantity-{second}"' in page.text) == (422, True, True)
        assert await quantities(shop, id) == ["3", "4", "5"], "nothing of it"
        again = re.search(rf'name="quantity-{second}"[^>]*value="([^"]*)"', page.text)
        assert again
        assert again[1] == "0", "what is typed stays typed"
    assert (await owner.post(f"{at(shop, id)}/dispatch", data=typed)).status_code == 303
    assert await quantities(shop, id) == ["7", "5"], "what nobody typed is as somebody else left it"
    assert [await on_hand(shop, n) for n in range(3)] == [D(3), D(10), D(5)]
    await all_holds(shop)


async def test_one_row_is_taken_off_and_the_others_are_kept(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    id = await drafted(shop, (0, "3", ""), (1, "4", ""), (2, "5", ""))
    first, second, third = await rows(shop, id)
    owner = await site.member(shop)
    typed = {f"quantity-{first}": "", f"quantity-{second}": "6", "off": str(third)}
    assert (await owner.post(f"{at(shop, id)}/quantities", data=typed)).status_code == 303
    assert await quantities(shop, id) == ["3", "6"]


async def test_a_scan_into_a_draft_keeps_what_is_typed(shop: Shop, office: Page) -> None:
    await stocked(shop, "10")
    await stocked(shop, "10", 1)
    loaf, milk = shop.products[:2]
    id = await drafted(shop, (0, "3", ""), (1, "4", ""))
    await office.goto(at(shop, id))
    await office.get_by_label(f"Quantity of {loaf.name}").fill("6")
    await office.get_by_label("Scan or type").fill(milk.barcode)
    await office.get_by_label("Scan or type").press("Enter")
    await expect(office.get_by_label(f"Quantity of {milk.name}")).to_have_value("5")
    await expect(office.get_by_label(f"Quantity of {loaf.name}")).to_have_value("6")
    await office.get_by_label(f"Quantity of {loaf.name}").fill("2")
    await office.get_by_role("button", name="Send it").click()
    await expect(office.get_by_text("Sent. It is on the way now.")).to_be_visible()
    assert await quantities(shop, id) == ["2", "5"]


async def test_the_rows_of_a_draft_are_set_and_taken_off(shop: Shop, office: Page) -> None:
    loaf, milk = shop.products[:2]
    id = await drafted(shop, (0, "3", ""), (1, "4", ""))
    await office.goto(at(shop, id))
    await office.get_by_label(f"Quantity of {milk.name}").fill("8")
    await office.get_by_label(f"Quantity of {milk.name}").press("Enter")
    await expect(office.locator("input[name^='was-'][value='8']")).to_have_count(1)
    assert await quantities(shop, id) == ["3", "8"]
    await office.get_by_role("button", name=f"Take {loaf.name} off").click()
    await expect(office.get_by_label(f"Quantity of {loaf.name}")).to_have_count(0)
    assert await quantities(shop, id) == ["8"]


async def test_a_scan_while_unpacking_keeps_what_is_typed(shop: Shop, office: Page) -> None:
    await stocked(shop, "10")
    await stocked(shop, "10", 1)
    loaf, milk = shop.products[:2]
    id = await sent(shop, (0, "6", ""), (1, "4", ""))
    await office.goto(at(shop, id))
    whole = {ware: office.get_by_label(f"Arrived whole: {ware.name}") for ware in (loaf, milk)}
    broken, scan = office.get_by_label(f"Arrived broken: {loaf.name}"), office.get_by_label("Scan or type")
    await whole[loaf].fill("4")
    await broken.fill("2")
    await office.get_by_label("Note").fill("one crate was wet")
    for many in ("1", "2"):
        await scan.fill(milk.barcode)
        await scan.press("Enter")
        await expect(whole[milk]).to_have_value(many)
        await expect(whole[loaf]).to_have_value("4")
        await expect(broken).to_have_value("2")
    await whole[milk].fill("3")
    await scan.fill(milk.barcode)
    await scan.press("Enter")
    await expect(whole[milk]).to_have_value("4")
    await scan.fill("nothing is called so")
    await scan.press("Enter")
    await expect(office.get_by_text("No product has this SKU or barcode").first).to_be_visible()
    await expect(whole[milk]).to_have_value("4")
    await expect(whole[loaf]).to_have_value("4")
    await expect(office.get_by_label("Note")).to_have_value("one crate was wet")
    await office.get_by_role("button", name="Put on the shelf").click()
    await expect(office.get_by_text("Received. What arrived is on the shelf.")).to_be_visible()
    assert [(one.line.sound, one.line.broken) for one in await lines_of(shop, id)] == [(D(4), D(2)), (D(4), D(0))]


async def test_a_wrong_quantity_in_a_row_stops_the_scan_with_a_sentence(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "6", ""))
    [line] = await rows(shop, id)
    owner = await site.member(shop)
    scan = {"code": shop.products[0].sku, f"was-arrived-{line}": "6", f"arrived-{line}": "four"}
    page = await owner.post(f"{at(shop, id)}/lines", data=scan, headers={"HX-Request": "true"})
    assert (page.status_code, "at most three decimals" in page.text, 'value="four"' in page.text) == (422, True, True)
    assert [one.line.arrived for one in await lines_of(shop, id)] == [None]


async def test_what_is_missing_or_broken_stands_out(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    await stocked(shop, "10", 1)
    await stocked(shop, "10", 2)
    id = await sent(shop, (0, "6", ""), (1, "4", ""), (2, "4", ""))
    typed = dict(zip((f"arrived-{one}" for one in await rows(shop, id)), ("4", "5", "4"), strict=True))
    owner = await site.member(shop)
    assert (await owner.post(f"{at(shop, id)}/receipt", data=typed | {"beyond": "on"})).status_code == 303
    page = (await owner.get(at(shop, id))).text
    cells = re.findall(r'<td class="([^"]*)" data-label="Difference">([^<]*)<', page)
    assert cells == [("r num below", "2 missing"), ("r num below", "1 too many"), ("r num", "0")]
    async with shop.db.read(shop.scope) as read:
        assert (await transfer(read, id)).undecided
