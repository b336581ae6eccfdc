"""Second factors in a real Chromium: a passkey in its virtual authenticator, the QR code under our own policy."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, expect

from retail.runtime.db import Database
from tests.support.axe import violations
from tests.support.web import PASSWORD, code_of, enrol, make_site
from tests.support.world import Shop

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@dataclass
class Visit:
    """A browser at the shop; whatever its console says is kept."""

    origin: str
    shop: Shop
    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)

    async def go(self, path: str) -> None:
        await self.page.goto(self.origin + path)

    async def sign_in(self, email: str) -> None:
        await self.go("/sign-in")
        await self.page.get_by_label("E-mail address").fill(email)
        await self.page.get_by_label("Password").fill(PASSWORD)
        async with self.page.expect_navigation():  # an address asked for meanwhile would be given up for its answer
            await self.page.get_by_role("button", name="Sign in", exact=True).click()

    async def picture(self, name: str) -> None:
        """Keep a picture where somebody asks for them, by light, dark, desk and phone."""
        folder = os.environ.get("COUNTERTOP_PICTURES")
        if not folder:
            return
        for scheme in ("light", "dark"):
            for size, view in (("desk", DESKTOP), ("phone", PHONE)):
                await self.page.emulate_media(color_scheme=scheme)
                await self.page.set_viewport_size(view)
                await self.page.screenshot(path=Path(folder) / f"{name}-{scheme}-{size}.png", full_page=True)
        await self.page.emulate_media(color_scheme="light")
        await self.page.set_viewport_size(DESKTOP)


@asynccontextmanager
async def served(db: Database) -> AsyncIterator[str]:
    """Serve the product at localhost, the one name for which browsers make passkeys without https."""
    listening = socket.create_server(("127.0.0.1", 0))
    origin = f"http://localhost:{listening.getsockname()[1]}"
    site = make_site(db, public_origins=(origin,))
    server = uvicorn.Server(uvicorn.Config(site.app, ws="websockets-sansio", lifespan="off", log_level="error"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve([listening]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield origin
    finally:
        server.should_exit = True
        await serving
        listening.close()
        await site.close()


@pytest.fixture
async def visit(db: Database, shop: Shop, browser: Browser) -> AsyncIterator[Visit]:
    async with served(db) as origin:
        context = await browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
        page = await context.new_page()
        made = Visit(origin, shop, context, page)
        page.on("console", lambda message: made.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: made.said.append(str(error)))
        yield made
        await context.close()


@dataclass
class Finger:
    """The owner's finger on the reader, or not."""

    devtools: CDPSession
    reader: str

    async def on(self, *, reader: bool) -> None:
        """Put the finger on the reader, or take it away."""
        await self.devtools.send(
            "WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.reader, "enabled": reader}
        )


async def authenticator(page: Page) -> Finger:
    """Give the browser a fingerprint reader with a finger on it."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Finger(devtools, made["authenticatorId"])


async def test_a_passkey_is_made_and_signs_in_and_confirms(visit: Visit, db: Database) -> None:
    _, email, _ = await enrol(db, visit.shop.tenant.id, "owner")
    page = visit.page
    finger = await authenticator(page)
    await visit.sign_in(email)
    await expect(page).to_have_url(re.compile(rf"/t/{visit.shop.tenant.slug}/$"))
    await expect(page.get_by_text("Protect the business with a second step")).to_be_visible()
    await visit.go("/account")
    await page.get_by_label("Name of the new passkey").fill("my laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("The passkey was added")).to_be_visible()
    await expect(page.locator("#passkeys").get_by_text("my laptop", exact=True)).to_be_visible()
    await visit.picture("account")
    wrong = await violations(page)
    await page.get_by_role("button", name="Make recovery codes").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    await visit.picture("codes")
    wrong += await violations(page)
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Save as a file").click()
    kept = await asyncio.to_thread(Path(await (await saving.value).path()).read_text)
    assert len(re.findall(r"^[0-9a-z]{4}(-[0-9a-z]{4}){3}$", kept, re.MULTILINE)) == 10
    await page.get_by_role("link", name="I have kept them").click()
    await finger.on(reader=False)  # else the passkey that the e-mail field offers signs in by itself
    await page.get_by_role("button", name="Sign out here").click()
    await page.wait_for_url("**/sign-in*")
    await page.get_by_role("button", name="Sign in with a passkey").wait_for()
    await visit.picture("sign-in")
    wrong += await violations(page)
    await finger.on(reader=True)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page).to_have_url(re.compile(rf"/t/{visit.shop.tenant.slug}/$"))
    await visit.go("/confirm?next=/account/history")
    await visit.picture("confirm")
    wrong += await violations(page)
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("heading", name="Sign-ins")).to_be_visible()
    await visit.picture("history")
    wrong += await violations(page)
    await visit.go("/account")
    await page.get_by_role("button", name="Sign out here").click()
    await page.wait_for_url("**/sign-in*")
    await expect(page).to_have_url(re.compile(rf"/t/{visit.shop.tenant.slug}/$"))  # the e-mail field offered it
    assert wrong == [], "\n".join(wrong)
    assert visit.said == []


async def test_an_app_is_set_up_from_the_page_and_asked_for_at_the_next_sign_in(visit: Visit, db: Database) -> None:
    _, email, _ = await enrol(db, visit.shop.tenant.id, "owner")
    page = visit.page
    await visit.sign_in(email)
    await visit.go("/account/app")
    await expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    secret = base64.b32decode((await page.locator("code.secret").inner_text()).replace(" ", ""))
    await visit.picture("app")
    wrong = await violations(page)
    await page.get_by_label("Code of the app").fill(code_of(secret, db.clock.now()))
    await page.get_by_role("button", name="Use this app").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    recovery = await page.locator(".codes li code").first.inner_text()
    await page.get_by_role("link", name="I have kept them").click()
    await page.get_by_role("button", name="Sign out here").click()
    await page.wait_for_url("**/sign-in*")
    await visit.sign_in(email)
    await expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    await visit.picture("second-step")
    wrong += await violations(page)
    await page.get_by_label("Code of your app").fill(recovery)
    await page.get_by_role("button", name="Go on").click()
    await expect(page).to_have_url(re.compile(rf"/t/{visit.shop.tenant.slug}/$"))
    await visit.go(f"/t/{visit.shop.tenant.slug}/security/second-step")
    await visit.picture("rule")
    wrong += await violations(page)
    assert wrong == [], "\n".join(wrong)
    assert visit.said == []
