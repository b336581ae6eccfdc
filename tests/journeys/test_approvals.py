"""A clerk gives 20 %: granted on a manager's phone, by a PIN at the till, refused, and without a network."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from retail.identity import pins
from tests.journeys.test_devices import ANNA, Tablet, cashier, enrolled, one_time_pin
from tests.support.counter import OUTAGE, Device
from tests.support.day import PHONE, Day
from tests.support.house import eventually

BEN = "258041"  # so long that a quick keypad types it as a scanner would
PICTURES = os.environ.get("APPROVAL_PICTURES", "")


async def picture(page: Page, name: str) -> None:
    """Keep what is shown, where somebody wants to look at it."""
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


async def twenty_percent(till: Tablet, reason: str = "Damaged") -> None:
    """Take 20 % off the sale, and say why."""
    await till.page.keyboard.press("F6")
    await till.page.get_by_role("button", name="20 %", exact=True).click()
    await till.tap("Apply")
    await till.tap(reason)
    await expect(till.page.get_by_role("heading", name="Needs an approval")).to_be_visible()


async def manager(day: Day, name: str) -> Device:
    """Take a manager on, who has a phone."""
    phone = await day.device("manager", viewport=PHONE)
    async with day.house.db.begin(day.shop.scope) as tx:
        await tx.execute(
            "UPDATE membership SET name = $2 WHERE tenant_id = $1 AND email = $3", tx.tenant, name, phone.email
        )
    return phone


async def used(day: Day) -> list[dict[str, Any]]:
    async with day.house.db.read(day.shop.scope) as read:
        rows = await read.fetch(
            """SELECT permission, amount, state, how, reason, asked_by_name, decided_by_name FROM approval
                WHERE tenant_id = $1 ORDER BY asked_at, id""",
            read.tenant,
        )
    return [dict(row) for row in rows]


async def test_an_approval_comes_from_a_phone_by_pin_or_not_at_all_and_without_a_network(day: Day) -> None:
    bread, milk, chocolate, cola, _roll, _bananas = day.shop.products
    await day.stock_up(dict.fromkeys((bread, milk, chocolate, cola), "20"))
    await cashier(day, "Anna Kern")
    phone_of_ben = await manager(day, "Ben Quistorp")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[349]")
    till = await enrolled(day, office, tablet)
    await till.pick("Ben", await one_time_pin(office, day, "Ben Quistorp"), BEN, BEN)
    await till.open_shift("5000")
    await till.works_offline()
    await till.switch()
    await till.pick("Anna", await one_time_pin(office, day, "Anna Kern"), ANNA, ANNA)
    await till.may_sell()

    # 1: on the manager's phone, who sees what is asked and taps once
    phone = await phone_of_ben.visit(day.path("/approvals"))
    await expect(phone.locator("[data-live-status]")).to_have_text(re.compile("Live"))
    await expect(phone.locator("#waiting")).to_contain_text("Nothing waits for you")
    await till.scan(bread)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await twenty_percent(till)
    await expect(till.page.locator("dialog")).to_contain_text("You may give up to 10 % alone.")
    await picture(till.page, "till-asks")
    card = phone.locator("#waiting .card")
    for said in ("Give a discount", "Anna Kern", "Till 1", "Damaged", "Sourdough loaf", "€3.36"):
        await expect(card).to_contain_text(said)
    await picture(phone, "phone-asked")
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await card.get_by_role("button", name="Grant").click()
    await expect(till.page.locator("dialog")).to_have_count(0)
    await till.shows("Granted by Ben Quistorp")
    await expect(till.page.locator(".charge")).to_contain_text("€3.36")
    await picture(phone, "phone-granted")
    await till.pay_cash()
    await till.tap("Next sale")

    # 2: the manager's PIN on the clerk's device; the sale stays the clerk's. What is scanned later is asked again
    await till.scan(milk)
    await till.has_lines("1 Whole milk 1 l €1.35")
    await twenty_percent(till, "Regular customer")
    await till.tap("Ben")
    await picture(till.page, "till-pin")
    await till.press("1111")
    await till.tap("OK")
    await expect(till.page.locator("dialog .problem")).to_have_text("Wrong PIN. Try again.")
    await till.press(BEN)
    await till.page.keyboard.press("Enter")
    await expect(till.page.locator("dialog")).to_have_count(0)
    await till.scan(cola)
    await expect(till.page.locator(".lines li")).to_have_count(2)
    await till.page.locator(".charge").click()
    await expect(till.page.get_by_role("heading", name="Needs an approval")).to_be_visible()
    await till.tap("Ben")
    await till.scan(bread)  # into the pad goes a PIN and nothing else
    await expect(till.page.locator("dialog .problem")).to_have_text("A PIN has 4 to 8 digits. Type it again.")
    await till.hands.scan("518063", gap=5)
    await expect(till.page.locator("dialog .problem")).to_have_text("Wrong PIN. Try again.")
    await till.hands.scan(BEN, gap=5)
    await expect(till.page.locator(".due")).to_be_visible()
    await till.page.locator(".quick .btn").first.click()
    await till.tap("Complete sale")
    await expect(till.page.get_by_role("heading", name="Paid")).to_be_visible()
    await till.tap("Next sale")

    # 3: refused: the discount never gets into the cart
    await till.scan(chocolate)
    await till.has_lines("1 Dark chocolate 70 % €2.45")
    await twenty_percent(till)
    await phone.locator("#waiting .card").get_by_role("button", name="Refuse").click()
    await expect(till.page.locator("dialog .problem")).to_contain_text("Ben Quistorp has refused this.")
    await picture(till.page, "till-refused")
    await till.tap("Don't do it")
    await expect(till.page.locator(".charge")).to_contain_text("€2.45")
    await till.pay_cash()
    await till.tap("Next sale")
    await till.has_sent_everything()

    # 4: the cable is out: the device knows the manager's PIN, and the record carries the approval, signed
    await tablet.context.set_offline(True)
    await till.look_for_server()
    await till.pill_says("Offline", seconds=40)
    await till.scan(bread)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await twenty_percent(till)
    await expect(till.page.locator("dialog")).to_contain_text("The server is away: only a PIN or a badge can help.")
    await till.tap("Ben")
    await till.hands.scan(BEN, gap=5)
    await expect(till.page.locator("dialog")).to_have_count(0)
    await till.pay_cash()
    await till.tap("Next sale")
    await tablet.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()

    assert [(one["total_minor"], one["exceptions"]) for one in await day.sales()] == [
        (336, []), (196, []), (245, []), (336, []),
    ]  # fmt: skip
    told = ("state", "how", "reason", "asked_by_name", "decided_by_name")
    assert [tuple(one[name] for name in told) for one in await used(day)] == [
        ("used", "phone", "Damaged", "Anna Kern", "Ben Quistorp"),
        ("granted", "pin", "Regular customer", "Anna Kern", "Ben Quistorp"),
        ("used", "pin", "Regular customer", "Anna Kern", "Ben Quistorp"),
        ("refused", "phone", "Damaged", "Anna Kern", "Ben Quistorp"),
        ("used", "pin_offline", "Damaged", "Anna Kern", "Ben Quistorp"),
    ]  # fmt: skip
    await picture(await phone_of_ben.visit(day.path("/approvals")), "phone-history")


async def test_a_badge_over_an_open_request_grants_it_and_the_cashier_stays(day: Day) -> None:
    bread, milk, *_others = day.shop.products
    await day.stock_up(dict.fromkeys((bread, milk), "20"))
    await cashier(day, "Anna Kern")
    await manager(day, "Ben Quistorp")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[349]")
    till = await enrolled(day, office, tablet)
    dialog, problem = till.page.locator("dialog"), till.page.locator("dialog .problem")
    async with day.house.db.begin(day.shop.scope) as tx:
        people = await tx.fetch("SELECT person_id, name FROM membership WHERE tenant_id = $1", tx.tenant)
        whose = {row["name"]: row["person_id"] for row in people}
        annas, bens = [await pins.issue_badge(tx, whose[name]) for name in ("Anna Kern", "Ben Quistorp")]

    # both scan on the lock screen first, so that this device knows them without a network
    await till.pick("Ben", await one_time_pin(office, day, "Ben Quistorp"), BEN, BEN)
    await till.open_shift("5000")
    await till.works_offline()
    await till.scan(bens)
    await till.scan(annas)
    await till.may_sell()
    await till.scan(bread)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")

    # of nobody, and of the one who asks: each with a sentence, and the cashier stays
    await till.page.keyboard.press("F6")
    await till.page.get_by_role("button", name="20 %", exact=True).click()
    await till.tap("Apply")
    await till.tap("Damaged")
    await expect(dialog).to_contain_text("or scans their badge:")
    await till.scan(annas)
    await expect(problem).to_have_text("Nobody approves their own request. Ask somebody else who may.")
    await till.scan("CB" + "9" * 16)
    await expect(problem).to_have_text("Nobody here has this badge. Use the newest one, or your PIN.")
    await picture(till.page, "till-badge")
    await till.tap("Ben")
    await till.press("25")
    await till.hands.scan("96385074", gap=5)  # an EAN-8 is nobody's PIN, and no try
    await expect(problem).to_have_text("A PIN has 4 to 8 digits. Type it again.")
    await expect(till.page.locator("dialog .dots")).to_have_text("●●")
    await till.scan(bens)
    await expect(dialog).to_have_count(0)
    await till.shows("Granted by Ben Quistorp")
    await till.pay_cash()
    await till.tap("Next sale")
    await till.has_sent_everything()

    # without a network it is what this device has learnt
    await tablet.context.set_offline(True)
    await till.look_for_server()
    await till.pill_says("Offline", seconds=40)
    await till.scan(milk)
    await till.has_lines("1 Whole milk 1 l €1.35")
    await twenty_percent(till)
    await till.scan(annas)
    await expect(problem).to_have_text("Nobody approves their own request. Ask somebody else who may.")
    await till.scan(bens)
    await expect(dialog).to_have_count(0)
    await till.pay_cash()
    await till.tap("Next sale")
    await tablet.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()

    assert [(one["total_minor"], one["exceptions"]) for one in await day.sales()] == [(336, []), (108, [])]
    told = ("state", "how", "asked_by_name", "decided_by_name")
    assert [tuple(one[name] for name in told) for one in await used(day)] == [
        ("used", "badge", "Anna Kern", "Ben Quistorp"),
        ("used", "pin_offline", "Anna Kern", "Ben Quistorp"),
    ]
    async with day.house.db.read(day.shop.scope) as read:
        tries = await read.fetchval(
            "SELECT coalesce(sum(failures), 0) FROM pin_tries WHERE tenant_id = $1", read.tenant
        )
        sold_by = await read.fetch("SELECT DISTINCT cashier_id FROM sale WHERE tenant_id = $1", read.tenant)
    assert (tries, {row[0] for row in sold_by}) == (0, {whose["Anna Kern"]})


async def test_cancelling_a_sale_asks_and_is_listed_with_who_agreed(day: Day) -> None:
    bread, *_others = day.shop.products
    await day.stock_up({bread: "20"})
    phone_of_ben = await manager(day, "Ben Quistorp")
    clerk = await day.device("clerk")
    till = await day.at_till(clerk, float_digits="5000")
    phone = await phone_of_ben.visit(day.path("/approvals"))
    await expect(phone.locator("[data-live-status]")).to_have_text(re.compile("Live"))
    await till.scan(bread)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.tap("Clear")
    await expect(till.page.get_by_role("heading", name="Needs an approval")).to_be_visible()
    await till.tap("Can't pay")
    await phone.locator("#waiting .card").get_by_role("button", name="Grant").click()
    await till.has_lines()
    await till.has_sent_everything()

    async def listed() -> int:
        async with day.house.db.read(day.shop.scope) as read:
            return int(await read.fetchval("SELECT count(*) FROM voided WHERE tenant_id = $1", read.tenant))

    await eventually(listed, 1)
    office = await phone_of_ben.visit(day.path("/voids"))
    for said in ("Whole sale", "Sourdough loaf", "Can't pay", "approved by Ben Quistorp", "€4.20"):
        await expect(office.locator("#voids")).to_contain_text(said)
    await picture(office, "voids")
    async with day.house.db.read(day.shop.scope) as read:
        odd = await read.fetchval("SELECT count(*) FROM sync_exception WHERE tenant_id = $1", read.tenant)
    assert odd == 0


async def test_a_till_that_is_loaded_anew_goes_on_waiting_for_what_it_asked(day: Day) -> None:
    await cashier(day, "Anna Kern")
    phone_of_ben = await manager(day, "Ben Quistorp")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(r"status of 40[39]")
    till = await enrolled(day, office, tablet)
    await till.pick("Ben", await one_time_pin(office, day, "Ben Quistorp"), BEN, BEN)
    await till.open_shift("5000")
    await till.switch()
    await till.pick("Anna", await one_time_pin(office, day, "Anna Kern"), ANNA, ANNA)
    await till.may_sell()
    phone = await phone_of_ben.visit(day.path("/approvals"))
    card, waits = (
        phone.locator("#waiting .card"),
        till.page.locator("dialog", has_text="Asked. Everybody who may approve it sees it"),
    )

    async def load_anew() -> None:
        await expect(waits).to_be_visible()
        await expect(card).to_have_count(1)
        await till.page.reload()
        await expect(till.page.get_by_role("heading", name="Who are you?")).to_be_visible()

    # taken back after the page was loaded anew, it is on nobody's phone, and doesn't come back
    await till.scan(day.shop.products[0])
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await twenty_percent(till)
    await load_anew()
    await till.pick("Anna", ANNA)
    await expect(waits).to_contain_text("20 %")
    await till.tap("Don't do it")
    await expect(card).to_have_count(0)
    await till.page.reload()
    await till.pick("Anna", ANNA)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await expect(till.page.locator("dialog")).to_have_count(0)

    # nobody else is shown it; granted, the sale is what was asked for, and the same row is used
    await twenty_percent(till, "Other")
    await load_anew()
    await till.pick("Ben", BEN)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await expect(waits).to_have_count(0)
    await till.switch()
    await till.pick("Anna", ANNA)
    await expect(waits).to_be_visible()
    await expect(card).to_have_count(1)
    await card.get_by_role("button", name="Grant").click()
    await till.shows("Granted by Ben Quistorp")
    await expect(till.page.locator(".charge")).to_contain_text("€3.36")
    await till.pay_cash()
    await till.has_sent_everything()
    assert [(one["state"], one["reason"]) for one in await used(day)] == [("withdrawn", "Damaged"), ("used", "Other")]
