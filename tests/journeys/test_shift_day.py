"""A drawer's day: float by pieces, sales, a drop, a wrong count and another one, the Z with its causes, a late sale."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, expect

from tests.support.day import DESKTOP, PHONE, Day
from tests.support.house import eventually
from tests.support.selling import Counter as Seller

SHOTS = os.environ.get("SHIFT_SHOTS", "")


async def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for them."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def shots(page: Page, name: str) -> None:
    if SHOTS:
        for look in ("light", "dark"):
            await page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
            for where, size in (("1280", DESKTOP), ("390", PHONE)):
                await page.set_viewport_size(size)  # type: ignore[arg-type]
                await shot(page, f"{name}-{look}-{where}")
        await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        await page.emulate_media(color_scheme="light")


async def test_a_drawer_is_counted_blind_explained_and_supplemented(day: Day) -> None:
    bread, milk, *_others = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    owner = await day.device("owner")
    shifts = await owner.visit(day.path("/shifts"))
    await expect(shifts.get_by_text("No shifts here")).to_be_visible()

    # a float of 100.00 by pieces; the office's list has the shift without anybody loading it
    till = await day.at_till(owner)
    page = till.page
    await till.tap("Count by pieces")
    for _ in range(2):
        await page.get_by_role("button", name="One €50.00 more").click()
    await shots(page, "open-by-pieces")
    await till.tap("Open shift")
    await till.may_sell()
    await till.sell(bread)
    await till.scan(bread)
    await page.locator(".charge").click()
    await page.get_by_role("button", name="Card", exact=True).click()
    await page.locator(".pay [data-enter], .pay .btn.primary").last.click()
    await till.tap("Next sale")
    await till.has_sent_everything()
    await expect(shifts.locator("#shifts").get_by_text("T1 · 1")).to_be_visible()

    # a drop to the safe, with its slip
    await page.evaluate("window.print = () => { window.printed = document.getElementById('print').textContent; }")
    await page.keyboard.press("F11")
    await expect(page.get_by_role("button", name="Drop to the safe")).to_be_visible()
    await page.keyboard.press("d")
    await till.press("5000")
    await till.tap("Too much in the drawer")
    await page.locator("dialog footer .btn").click()
    await till.shows("Drop to the safe: €50.00")
    await till.tap("Print slip")
    await eventually(lambda: page.evaluate("window.printed.includes('Drop to the safe')"))
    await shots(page, "shift")
    await page.keyboard.press("x")
    await till.shows("X report")
    await expect(page.locator("dialog .paper")).to_contain_text("€54.20")
    await page.keyboard.press("Escape")

    # counted wrong: asked for once more, without the amount; then as it is: the customer had paid 4.20 in cash
    await page.keyboard.press("z")
    await till.press("4000")
    await till.tap("Close the shift")
    await till.tap("Close it with €40.00")
    await till.shows("Count once more")
    assert "54.20" not in await page.locator("body").inner_text()
    await shots(page, "count-once-more")
    await till.press("5840")
    await till.tap("Close the shift")
    await till.tap("Close it with €58.40")
    await till.shows("€4.20 too much")
    await shots(page, "closed")
    async with day.house.db.read(day.shop.scope) as read:
        shift = UUID(str(await read.fetchval("SELECT id FROM shift WHERE tenant_id = $1", read.tenant)))

    # the office: what may explain it, accepted with a note
    clue = "Receipt 2: €4.20 was rung up as card"
    await expect(shifts.locator("#shifts").get_by_text(clue)).to_be_visible()
    await shots(shifts, "list")
    z = await owner.visit(day.path(f"/shifts/{shift}/z"))
    await expect(z.get_by_text(clue)).to_be_visible()
    await shot(z, "z")
    office = await owner.visit(day.path(f"/shifts/{shift}"))
    await expect(office.get_by_text("Asked to count once more")).to_be_visible()
    await shots(office, "office")
    await office.get_by_label("Note").fill("The customer confirmed it")
    await office.get_by_role("button", name="Accept the difference").click()
    await expect(office.get_by_text("Accepted by")).to_be_visible()

    # another device of the till was without a network: its sale comes after the Z
    late = Seller(day.shop, day.shop.till, shift)
    late.next = 3
    await late.sell(milk)
    await expect(shifts.get_by_text("1 supplement")).to_have_count(0)

    async def listed() -> bool:
        await office.reload()
        return await office.get_by_text("Z 1 / supplement 1").count() == 1

    await eventually(listed)
    await shots(office, "supplemented")
    await office.get_by_role("link", name="Z 1 / supplement 1").click()
    await expect(office.get_by_text("€55.55")).to_be_visible()
    await shot(office, "supplement")
    await day.every_check_holds()
