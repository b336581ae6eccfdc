"""Parts of a page that are answered by themselves: what was typed around them stays, also where the answer refuses."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from retail.kit.ids import new_id
from retail.stock.transfers.operations import NewTransfer, draft
from tests.support.day import Day

REFUSED = ("status of 422", "status of 415")


async def _page(day: Day, path: str) -> Page:
    owner = await day.device("owner")
    owner.bears(*REFUSED)
    page = await owner.context.new_page()
    await page.goto(f"{owner.origin}{day.path(path)}")
    return page


async def test_a_part_of_a_tax_without_its_rate_yet_leaves_the_form_as_it_is_typed(day: Day) -> None:
    page = await _page(day, f"/products/taxes/{day.shop.reduced}/rates")
    await page.locator("[name='part.0.name']").fill("State")
    await expect(page.locator("#outlook")).to_contain_text("Fill this in")
    await expect(page.locator("[name='part.0.name']")).to_have_value("State")
    await page.locator("[name='part.0.rate']").fill("12")
    await expect(page.locator("#outlook")).to_contain_text("12 %")


async def test_a_wrong_change_of_many_prices_leaves_the_form_as_it_is_typed(day: Day) -> None:
    page = await _page(day, "/products/prices/batches/new")
    await page.get_by_label("How much").fill("five")
    await expect(page.locator("#survey")).not_to_be_empty()
    await expect(page.get_by_label("How much")).to_have_value("five")


async def test_options_that_make_no_variants_leave_the_familys_form_as_it_is_typed(day: Day) -> None:
    page = await _page(day, "/products/families/new")
    await page.get_by_label("Name", exact=True).fill("T-shirt")
    options = page.get_by_label("Options")
    await options.fill("Size")
    await page.get_by_role("button", name="Show the variants").click()
    await expect(options).to_have_accessible_description(re.compile("Not so: Size"))
    await expect(options).to_have_value("Size")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("T-shirt")


async def test_a_file_that_is_no_picture_leaves_the_products_pictures_in_their_place(day: Day, tmp_path: Path) -> None:
    page = await _page(day, f"/products/{day.shop.products[0].id}")
    letter = tmp_path / "letter.png"
    letter.write_text("no picture")
    await page.locator("#picture-file").set_input_files(letter)
    await expect(page.locator(".toast")).to_be_visible()
    await expect(page.locator("form #pictures")).to_have_count(0)
    await expect(page.locator("#picture-file")).to_have_count(1)


async def test_scanned_goods_stand_in_the_transfer_at_once_and_the_next_one_may_be_scanned(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "8", milk: "8"})
    new = NewTransfer(new_id(), day.shop.store, day.shop.second_store, "")
    drafted = await day.house.db.run(day.shop.scope, draft, new)
    page = await _page(day, f"/stock/transfers/{drafted.id}")
    for one in (bread, milk):
        await page.get_by_label("Scan or type").fill(one.sku)
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.locator("#transfer table")).to_contain_text(one.name)
    await expect(page.get_by_label("Scan or type")).to_have_value("")
    await page.get_by_role("button", name="Send it").click()
    await expect(page.locator("main")).to_contain_text(re.compile("On its way|Receive|arrived", re.IGNORECASE))
