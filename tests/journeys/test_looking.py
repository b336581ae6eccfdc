"""An operator looks at a business in a real browser, steers jobs and settings, and the owner reads about it."""

from __future__ import annotations

from playwright.async_api import expect

from retail.runtime import faults
from retail.runtime.faults import Gathered, Gatherer
from tests.support.axe import violations
from tests.support.day import Day
from tests.support.web import enrol_operator

REASON = "Asked for by letter 4711"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


async def test_an_operator_looks_and_the_owner_reads_who_and_why(day: Day) -> None:
    slug = day.shop.tenant.slug
    operator, owner = await day.device(), await day.device("owner")
    operator.bears("status of 403")
    person, _email, _secret = await enrol_operator(day.house.db, second_factor=True)
    await day.sign_in_quietly(operator, person)
    page = await operator.visit(f"/platform/businesses/{slug}")
    await page.get_by_role("link", name="Look", exact=True).click()
    await page.get_by_label("Reason").fill(REASON)
    await page.get_by_role("button", name="Begin to look").click()
    strip = page.get_by_role("complementary", name="You are looking")
    await expect(strip).to_contain_text("Otto Operator looks at")
    await expect(strip).to_contain_text("min left")
    wrong = await violations(page)
    await page.goto(f"{operator.origin}/t/{slug}/customers/new")
    await page.get_by_label("Name").first.fill("Eve")
    await page.get_by_role("button", name="Save").first.click()
    await expect(page.get_by_text("You are only looking", exact=False).first).to_be_visible()
    await page.set_viewport_size(PHONE)
    await page.goto(f"{operator.origin}/t/{slug}/products")
    wrong += await violations(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    button = await strip.get_by_role("button", name="Stop looking").bounding_box()
    assert button is not None
    assert button["height"] >= 44
    await strip.get_by_role("button", name="Stop looking").click()
    await expect(page.get_by_text("You are not looking any more.")).to_be_visible()
    await expect(strip).to_have_count(0)
    trail = await owner.visit(day.path("/audit"))
    await expect(trail.get_by_role("table").get_by_text("Support begins to look").first).to_be_visible()
    await expect(trail.get_by_role("table").get_by_text(REASON).first).to_be_visible()
    assert wrong == [], "\n".join(wrong)


async def test_the_operators_own_pages_have_no_barriers(day: Day) -> None:
    operator = await day.device()
    person, _email, _secret = await enrol_operator(day.house.db, second_factor=True)
    await day.sign_in_quietly(operator, person)
    now = day.house.db.clock.now()
    gathered = Gatherer("web")
    group = Gathered(
        "web", "LookupError", "retail/a.py:act", "LookupError\n  retail/a.py:12 act", "ab" * 16, 2, now, now
    )
    gathered.put(group)
    await faults.write(day.house.db, gathered)
    page = await operator.visit("/platform/switches/trial_days")
    await page.get_by_label("Value").fill("21")
    await page.get_by_role("button", name="Set", exact=True).click()
    await expect(page.get_by_text("It is set, and holds everywhere within seconds.")).to_be_visible()
    await page.get_by_role("button", name="Back to default for Everybody").click()
    await expect(page.get_by_text("It is as by default again.")).to_be_visible()
    wrong: list[str] = []
    for path in (
        "/platform/jobs", "/platform/jobs/failed", "/platform/errors", f"/platform/errors/{group.id}",
        "/platform/switches", "/platform/switches/imports", "/platform/switches/maintenance_message",
        "/platform/switches/history", "/platform/security", "/platform/security/refused",
        f"/platform/businesses/{day.shop.tenant.slug}/look",
    ):  # fmt: skip
        for size in (DESK, PHONE):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            await page.goto(f"{operator.origin}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, size)
            wrong += await violations(page)
    assert wrong == [], "\n".join(wrong)
