"""Where toasts lie: on the screen with all they hold, in the middle of what is open, off the money to be paid."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.kiosk.test_kiosk_languages import Speaking
from tests.support.fake_till_server import FakeTillServer

SAYS = """async (text) => {
  const { toast } = await import("/kiosk/till/toast.js");
  toast(text, { kind: "warn", key: "long", everywhere: true, action: { label: "Undo", run: () => {} } });
}"""
LONG = "This sale is above the most that one may be without the network, so a manager is asked at the till each time."
PARTS = """() => {
  const out = ({ left, right, top, bottom }) => left < 0 || right > innerWidth || top < 0 || bottom > innerHeight;
  const parts = [...document.querySelectorAll(".toast, .toast *")].filter((one) => !one.matches("svg *"));
  return parts.map((one) => one.getBoundingClientRect()).filter(out).length;
}"""
BOX = """(name) => {
  const { left, right, top, bottom } = document.querySelector(name).getBoundingClientRect();
  return { left, right, top, bottom };
}"""
SIZES = [(360, 640), (390, 844), (768, 1024), (1280, 800)]


async def boxes(page: Page, *names: str) -> list[dict[str, float]]:
    return [await page.evaluate(BOX, name) for name in names]


def middle(box: dict[str, float]) -> float:
    return (box["left"] + box["right"]) / 2


def apart(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two boxes share nothing."""
    across = one["right"] <= other["left"] or other["right"] <= one["left"]
    return across or one["bottom"] <= other["top"] or other["bottom"] <= one["top"]


async def says(it: Speaking) -> dict[str, float]:
    """Say something long, and give where it stands; all of it must be on the screen."""
    await it.page.evaluate(SAYS, LONG)
    await expect(it.page.locator(".toast")).to_have_count(1)
    assert await it.page.evaluate(PARTS) == 0
    (toast,) = await boxes(it.page, ".toast")
    return toast


@pytest.mark.shell
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", SIZES)
async def test_toasts_are_on_the_screen_and_in_its_middle(
    browser: Browser, fake: FakeTillServer, language: str, size: tuple[int, int]
) -> None:
    wide, high = size
    context = await browser.new_context(viewport={"width": wide, "height": high}, reduced_motion="reduce")
    it = await Speaking.open(context, fake, language)
    await it.opens()
    await it.scans()
    toast = await says(it)
    floor, cart = await boxes(it.page, "#floor", "#cart")
    assert wide < 768 or apart(toast, cart)  # on a phone it is a sheet at the bottom
    assert abs(middle(toast) - middle(floor)) < 40
    await pays(it, toast)
    await context.close()


async def pays(it: Speaking, sold: dict[str, float]) -> None:
    """Go to payment: what is to be paid, the change and what ends the sale are seen beside the toast."""
    await it.page.locator(".charge").click()
    await expect(it.page.locator(".pay-main .pad")).to_be_visible()
    await it.till.press("2000")
    toast = await says(it)
    assert toast != sold
    seen = await boxes(it.page, ".due .v", ".pay .change", ".pay .btn.xl.primary")
    assert [apart(toast, one) for one in seen] == [True, True, True]


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_toast_is_in_the_middle_of_a_screen_without_a_cart(
    browser: Browser, fake: FakeTillServer, language: str
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    it = await Speaking.open(context, fake, language)
    for wide in (1280, 768, 390):
        await it.page.set_viewport_size({"width": wide, "height": 800})
        assert abs(middle(await says(it)) - wide / 2) < 1
    await context.close()
