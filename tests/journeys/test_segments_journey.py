"""An owner has the customers looked through by the real worker, sees charts and tables, and leads on to one of them."""

from __future__ import annotations

from playwright.async_api import expect

from tests.segments.conftest import Trade, a_past
from tests.support.axe import violations
from tests.support.day import Day
from tests.support.selling import open_counter


async def test_an_owner_sees_who_the_customers_are_and_leads_on_to_one(day: Day) -> None:
    trade = Trade(day.shop, await open_counter(day.shop, day.shop.second_till))
    await trade.sell(a_past())
    owner = await day.device("owner")
    page = await owner.visit(day.path("/analytics/customers"))
    await page.get_by_role("button", name="Work it out now").first.click()
    await expect(page.locator("#totals")).to_contain_text("Thank them by name", timeout=60_000)
    await page.reload()
    for name in ("moved", "cohorts", "hours"):
        chart = page.locator(f"#chart-{name}")
        await chart.scroll_into_view_if_needed()
        await expect(chart.locator("svg [aria-label]").first).to_be_attached()
        await expect(chart.locator("table")).to_be_attached()
    wrong = await violations(page)
    await page.get_by_role("link", name="Lost").first.click()
    await expect(page.locator("#standings tbody tr")).to_have_count(20)
    await page.get_by_label("Risk of staying away").select_option("low")
    await expect(page.locator("#standings")).to_contain_text("Nobody fits")
    await page.get_by_label("Risk of staying away").select_option("high")
    await page.locator("#standings").get_by_role("link", name="Lars").first.click()
    await expect(page.locator("#segment")).to_contain_text("They have stayed away")
    wrong += await violations(page)
    await page.locator("#segment").get_by_role("link", name="All segments").click()
    await page.get_by_role("link", name="All moves").click()
    await expect(page.locator("#moves tbody tr").last).to_be_visible()
    wrong += await violations(page)
    assert wrong == [], "\n".join(wrong)
    await day.every_check_holds()
