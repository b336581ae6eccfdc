"""An operator closes a business from its page and opens it again: what is asked, what is exported, what is left."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.support.day import Day
from tests.support.house import eventually
from tests.support.web import enrol_operator


async def test_a_business_is_closed_and_opened_again_from_its_page(day: Day) -> None:
    slug = day.shop.tenant.slug
    operator, owner = await day.device(), await day.device("owner")
    operator.bears("status of 422")
    person, _email, _secret = await enrol_operator(day.house.db, second_factor=True)
    await day.sign_in_quietly(operator, person)
    page = await operator.visit(f"/platform/businesses/{slug}")
    await page.locator("#life").get_by_role("button", name="Close", exact=True).click()
    asked = page.get_by_role("dialog")
    await expect(asked.get_by_role("textbox", name="On", exact=True)).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    await asked.get_by_label("Reason").fill("Asked for by letter 4711")
    await asked.get_by_label("Its address, to be sure").fill("another-shop")
    await asked.get_by_role("button", name="Close the business").click()

    await expect(asked.get_by_text("Type the business's address")).to_be_visible()
    await expect(asked.get_by_label("Its address, to be sure")).to_be_focused()
    await expect(asked.get_by_label("Reason")).to_have_value("Asked for by letter 4711")
    await asked.get_by_label("Its address, to be sure").fill(slug)
    await asked.get_by_role("button", name="Close the business").click()
    await expect(page.get_by_text("It is exported first, then closed.")).to_be_visible()

    async def is_closed() -> bool:
        await page.reload()
        return await page.get_by_text("until then it can be opened again").count() == 1

    await eventually(is_closed, seconds=40)
    async with page.expect_download() as export:
        await page.locator(f'a[href*="/platform/businesses/{slug}/exports/"]').first.click()
    assert (await export.value).suggested_filename.endswith(".zip")
    assert (await owner.visit(day.path("/products"))).url.endswith("/products")  # looking is never refused
    theirs = await owner.visit(day.path("/exports"))
    await expect(theirs.get_by_text("Your business is closed")).to_be_visible()
    refused = await owner.context.request.post(
        f"{owner.origin}{day.path('/api/v1/categories')}", data={"name": "New"}, headers={"Origin": owner.origin}
    )
    assert (refused.status, (await refused.json())["code"]) == (403, "stands_still")

    await page.locator("#life").get_by_role("button", name="Open again").click()
    await asked.get_by_label("Reason").fill("They pay again")
    await asked.get_by_role("button", name="Open the business again").click()
    await expect(page.get_by_text("The business is open again.")).to_be_visible()
    await theirs.reload()
    await expect(theirs.get_by_text("Your business is closed")).to_have_count(0)
