"""Draw docs/screens.png, the README's picture: a till in use beside the owner's Today, from the real demo.

Run it as `python -m scripts.screens`. It starts `countertop up --demo` on a folder of its own, which takes as long as
the first `make run`, and leaves nothing behind but the picture. The demo's shops stand where it is afternoon just now,
so that the picture shows a day with trade in it whenever it is drawn.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from retail.demo import logins
from scripts.demo import demo
from tests.support.browser import LAUNCH_ARGS, chromium_path
from tests.support.till_page import Hands

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "screens.png"
SCREEN = {"width": 1280, "height": 800}
SHOWN = 960  # pixels of width for each of the two screens
MOST_BYTES = 400_000
BASKET = 6


async def signed_in(browser: Browser, origin: str, role: str, zone: str) -> Page:
    """Give the first page of somebody of the demo, in a browser of their own."""
    context = await browser.new_context(viewport=SCREEN, reduced_motion="reduce", timezone_id=zone)
    page = await context.new_page()
    await sign_in(page, origin, role)
    return page


async def sign_in(page: Page, origin: str, role: str) -> None:
    """Sign somebody of the demo in."""
    email, password = next((email, password) for known, email, password in logins() if known == role)
    await page.goto(f"{origin}/sign-in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def sell(page: Page) -> None:
    """Open the first till and its shift, and scan a basket, a customer's twenty still to come."""
    await page.get_by_role("link", name="Open till").first.click()
    await expect(page.locator("#till:not([aria-busy]) .tile").first).to_be_attached(timeout=60_000)
    if await page.get_by_role("heading", name="Open the shift").is_visible():
        for key in "15000":
            await page.keyboard.press(key)
            await asyncio.sleep(0.1)
        await page.get_by_role("button", name="Open shift").click()
    await expect(page.locator("body[data-screen=sell]")).to_be_visible()
    hands = await Hands.on(page)
    for code in await barcodes(page):
        await hands.scan(code)
    await expect(page.locator(".lines li").nth(BASKET - 2)).to_be_visible()
    await expect(page.locator("#toasts .toast")).to_have_count(0, timeout=30_000)


async def barcodes(page: Page) -> list[str]:
    """Give codes of articles that are sold by the piece, one twice, as the till's own catalogue has them."""
    codes: list[str] = await page.evaluate(
        """async (wanted) => {
          const base = location.pathname.split("/tills/")[0];
          const { products } = await (await fetch(`${base}/api/v1/catalogue?since=0`)).json();
          const coded = products.id.map((_, i) => i).filter((i) => products.barcodes[i].length);
          const usual = coded.filter((i) => !products.decimals[i]);
          const step = Math.floor(usual.length / wanted);
          return Array.from({ length: wanted }, (_, n) => products.barcodes[usual[n * step]][0]);
        }""",
        BASKET,
    )
    return [codes[0], *codes]


async def side_by_side(browser: Browser, pictures: list[bytes]) -> bytes:
    """Set pictures beside each other."""
    images = "".join(
        f'<img width="{SHOWN}" src="data:image/png;base64,{base64.b64encode(one).decode()}">' for one in pictures
    )
    style = "body{margin:16px;display:flex;gap:16px;background:#e9eaee}img{border-radius:10px}"
    height = SHOWN * SCREEN["height"] // SCREEN["width"] + 32
    page = await browser.new_page(viewport={"width": 2 * SHOWN + 48, "height": height})
    await page.set_content(f"<!doctype html><style>{style}</style>{images}")
    return await page.screenshot(type="png")


async def draw(origin: str, zone: str) -> None:
    """Take both pictures and write one."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGS)
        clerk, owner = await signed_in(browser, origin, "clerk", zone), await signed_in(browser, origin, "owner", zone)
        await sell(clerk)
        await expect(owner.locator("#chart-revenue svg")).to_be_visible(timeout=60_000)
        await expect(owner.locator("[data-live-status]")).to_have_text("Live")
        for page in (clerk, owner):
            await page.evaluate("document.fonts.ready.then(() => null)")
        PICTURE.write_bytes(await side_by_side(browser, [await page.screenshot() for page in (clerk, owner)]))
        await browser.close()
    size = PICTURE.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{PICTURE.name} has {size} bytes, more than {MOST_BYTES}.")


def main() -> None:
    """Start the demo, draw, stop it."""
    with demo() as (origin, zone):
        asyncio.run(draw(origin, zone))


if __name__ == "__main__":
    main()
