"""A change of many products with a value that can't be: its field says so, the button stays, nothing else is said."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support.office import office
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]


async def test_a_wrong_value_is_told_at_its_field_alone_and_the_button_stays(
    shop: Shop, office: Page, site: Site
) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products/changes/new")
    await office.get_by_label("What to do").select_option("reorder_point")
    point, press = office.get_by_label("Reorder at"), office.get_by_role("button", name="Change")
    await point.fill("2")
    await expect(press).to_be_visible()
    async with office.expect_response(lambda answer: "/products/changes/" in answer.url):
        await point.fill("-2")
    wrong = office.locator("#change .error")
    await expect(wrong).to_have_text("This can't be below zero.")
    await expect(press).to_be_visible()
    async with office.expect_response(lambda answer: answer.status == 422):
        await press.click()
    await expect(wrong).to_have_text("This can't be below zero.")
    await expect(press).to_be_visible()
    assert await office.locator(".toast").count() == 0
    await point.fill("4")
    await expect(wrong).to_have_count(0)
    await press.click()
    await office.wait_for_url("**/products/changes/*-*")


async def test_a_press_before_the_preview_came_is_told_at_the_field_alone(shop: Shop, office: Page, site: Site) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products/changes/new")
    await office.get_by_label("What to do").select_option("reorder_point")
    point, press = office.get_by_label("Reorder at"), office.get_by_role("button", name="Change")
    await point.fill("2")
    await expect(press).to_be_visible()
    async with office.expect_response(lambda answer: answer.status == 422):
        await point.evaluate("(field) => { field.value = '-2'; }")  # faster than the preview
        await press.click()
    await expect(office.locator("#change .error")).to_have_text("This can't be below zero.")
    await expect(press).to_be_visible()
    await office.wait_for_timeout(300)
    assert await office.locator(".toast").count() == 0
