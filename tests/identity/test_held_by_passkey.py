"""A proof by passkey, while something typed waits for it, in a real Chromium: a form goes on, a name is there again."""

from __future__ import annotations

from datetime import timedelta

from playwright.async_api import expect

from retail.identity.doorkeeper import MEMORY
from retail.identity.rules import digest
from retail.runtime.db import Database
from tests.identity.test_sign_in_browser import Visit, authenticator, visit
from tests.support.web import enrol

__all__ = ["visit"]


async def proved_an_hour_ago(visit: Visit, db: Database) -> None:
    [cookie] = [one for one in await visit.page.context.cookies() if one["name"] == "s"]
    token = digest(cookie["value"])
    async with db.platform() as unit:
        await unit.execute("SELECT auth_confirm_session($1, 'password', $2)", token, unit.now - timedelta(hours=1))
    MEMORY.forget(token_hash=token)


async def test_a_passkey_sends_on_what_was_typed(visit: Visit, db: Database) -> None:
    _, email, _ = await enrol(db, visit.shop.tenant.id, "owner")
    page = visit.page
    await authenticator(page)
    await visit.sign_in(email)
    await visit.go("/account")
    await page.get_by_label("Name of the new passkey").fill("my laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("The passkey was added")).to_be_visible()
    await visit.go(f"/t/{visit.shop.tenant.slug}/roles")
    await proved_an_hour_ago(visit, db)
    await page.get_by_label("Name", exact=True).fill("Evening crew")
    await page.get_by_role("button", name="Make", exact=True).click()
    await expect(page.get_by_text("Nothing that you typed is lost")).to_be_visible()
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Roles")
    await expect(page.get_by_role("main")).to_contain_text("Evening crew")


async def test_the_name_of_a_new_passkey_is_there_again_after_the_proof(visit: Visit, db: Database) -> None:
    _, email, _ = await enrol(db, visit.shop.tenant.id, "owner")
    page = visit.page
    await authenticator(page)
    await visit.sign_in(email)
    await visit.go("/account")
    name = page.get_by_label("Name of the new passkey")
    await name.fill("my laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("The passkey was added")).to_be_visible()
    await visit.go("/account")
    await expect(name).to_have_value("")
    await proved_an_hour_ago(visit, db)
    await name.fill("my phone")
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(name).to_have_value("my phone")
    await visit.go("/account")
    await expect(name).to_have_value("")
