"""Somebody fills in a form for longer than their proof lasts: they prove once more, and the form is done as typed."""

from __future__ import annotations

from datetime import timedelta

from playwright.async_api import expect

from retail.identity.rules import digest
from tests.journeys.test_pocket import fits, picture
from tests.support.axe import violations
from tests.support.day import PHONE, Day
from tests.support.web import PASSWORD, enrol


async def test_what_was_typed_is_stored_once_the_proof_is_there(day: Day) -> None:
    owner = await day.device(viewport=PHONE)
    person, _email, _secret = await enrol(day.house.db, day.shop.tenant.id, "owner")
    secret = await day.sign_in_quietly(owner, person)
    async with day.house.db.platform() as unit:  # it was given an hour ago
        hour = unit.now - timedelta(hours=1)
        await unit.execute("SELECT auth_confirm_session($1, 'password', $2)", digest(secret), hour)
    page = await owner.visit(day.path("/roles"))
    await page.get_by_label("Name", exact=True).fill("Evening & “weekend”")
    owner.bears("status of 403")
    await page.get_by_role("button", name="Make", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Confirm it's you")
    await expect(page.get_by_text("Nothing that you typed is lost")).to_be_visible()
    await fits(page)
    assert await violations(page) == []
    await picture(page, "held")
    owner.bears("status of 401")
    await page.get_by_label("Password").fill("not this one")
    await page.get_by_role("button", name="Confirm with the password").click()
    await expect(page.get_by_text("This is not your password.")).to_be_visible()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm with the password").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Roles")
    await expect(page.get_by_role("main")).to_contain_text("Evening & “weekend”")
