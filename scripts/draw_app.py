"""Draw the owner's app for whoever installs it: its marks in PNG, out of static/icons/favicon.svg, and two screenshots.

Run it as `python -m scripts.draw_app` for the marks, with `--screens` for the screenshots too: these are the page Today
of the demo, which takes as long to start as the first `make run`. What it writes is committed; it is small, and seldom
changes.
"""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Browser, async_playwright, expect

from scripts.demo import demo
from scripts.screens import signed_in
from tests.support.browser import LAUNCH_ARGS, chromium_path

ROOT = Path(__file__).resolve().parents[1]
ICONS = ROOT / "static" / "icons"
SIDES: Final = (192, 512)
DRAWN: Final = 0.75
"""How much of the mark's side the drawing takes."""
SAFE: Final = 0.62
"""How much of a maskable mark's side the drawing takes: a system may cut away all but a circle of 0.8."""
SCREENS: Final = {"wide": (1280, 800), "narrow": (390, 844)}
MOST_BYTES: Final = 60_000


async def mark(browser: Browser, side: int, *, maskable: bool) -> bytes:
    """Draw the mark as a PNG; a maskable one fills its whole square."""
    drawing = (ICONS / "favicon.svg").read_text(encoding="utf-8")
    if maskable:
        gap, scale = 16 - 16 * SAFE / DRAWN, SAFE / DRAWN
        placed = f'<g transform="translate({gap} {gap}) scale({scale})" fill="none"'
        drawing = drawing.replace(' rx="9"', "").replace('<g fill="none"', placed)
    page = await browser.new_page(viewport={"width": side, "height": side})
    style = "html,body{margin:0;background:transparent}svg{display:block;width:100vw;height:100vh}"
    await page.set_content(f"<!doctype html><style>{style}</style>{drawing}")
    drawn = await page.screenshot(type="png", omit_background=True)
    await page.close()
    return few_colours(drawn)


def few_colours(png: bytes) -> bytes:
    """Write a PNG with a palette, which is all that a mark of two colours needs."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGBA").quantize(32, method=Image.Quantize.FASTOCTREE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


async def draw_marks(browser: Browser) -> None:
    """Write the four marks."""
    for side in SIDES:
        for name, maskable in (("app", False), ("app-maskable", True)):
            write(f"{name}-{side}.png", await mark(browser, side, maskable=maskable))


async def draw_screens(browser: Browser, origin: str, zone: str) -> None:
    """Write the page Today as it is on a desk and on a phone."""
    for name, (width, height) in SCREENS.items():
        page = await signed_in(browser, origin, "owner", zone)
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(page.url.rstrip("/") + "/pocket")
        await expect(page.locator("[data-live-status]")).to_have_text("Live")
        await expect(page.locator("#today-kpis")).to_be_visible()
        await page.evaluate("document.fonts.ready.then(() => null)")
        out = io.BytesIO()
        Image.open(io.BytesIO(await page.screenshot())).convert("RGB").save(out, "WEBP", quality=72, method=6)
        write(f"app-{name}.webp", out.getvalue())
        await page.context.close()


def write(name: str, content: bytes) -> None:
    """Write a picture. Raises SystemExit for one that is too large to be committed."""
    if len(content) > MOST_BYTES:
        raise SystemExit(f"{name} has {len(content)} bytes, more than {MOST_BYTES}.")
    (ICONS / name).write_bytes(content)


async def draw(origin: str, zone: str) -> None:
    """Draw the marks, and the screenshots where there is a demo."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGS)
        await draw_marks(browser)
        if origin:
            await draw_screens(browser, origin, zone)
        await browser.close()


def main() -> None:
    """Draw; with --screens the demo is started for it, and stopped."""
    if "--screens" not in sys.argv:
        asyncio.run(draw("", ""))
        return
    with demo() as (origin, zone):
        asyncio.run(draw(origin, zone))


if __name__ == "__main__":
    main()
