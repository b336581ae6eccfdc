"""A tablet becomes a till: enrolled by code, two cashiers by PIN with and without a network, then revoked and wiped."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from playwright.async_api import Page, expect

from retail.identity import pins
from retail.tenants.settings_changes import change
from tests.support.counter import OUTAGE, Counter, Device
from tests.support.day import Day
from tests.support.house import eventually

ANNA, BEN = "7391", "4827"
ANNA_LONG = "627294"
DUMP = """async () => {
  const found = {};
  const wide = (value) => value instanceof CryptoKey ? `key, extractable: ${value.extractable}`
    : ArrayBuffer.isView(value) ? `bytes ${new Uint8Array(value.buffer).join(" ")}`
    : Array.isArray(value) ? value.map(wide)
    : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, wide(v)]))
    : value;
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done, fail) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
    for (const store of db.objectStoreNames) {
      const read = (verb) => new Promise((done) => {
        const asked = db.transaction(store).objectStore(store)[verb]();
        asked.onsuccess = () => done(asked.result);
      });
      found[`${name} ${store}`] = [(await read("getAllKeys")).map(wide), (await read("getAll")).map(wide)];
    }
    db.close();
  }
  return JSON.stringify(found);
}"""


async def one_time_pin(office: Page, day: Day, name: str) -> str:
    await office.goto(f"{day.house.origin}{day.path('/devices/cashiers')}")
    await office.get_by_role("button", name=f"One-time PIN for {name}").click()
    return (await office.locator("#given-pin .kpi-value").inner_text()).strip()


async def cashier(day: Day, name: str) -> None:
    """Take somebody on who may sell."""
    device = await day.device("clerk", signed_in=False)
    async with day.house.db.begin(day.shop.scope) as tx:
        await tx.execute(
            "UPDATE membership SET name = $2 WHERE tenant_id = $1 AND email = $3", tx.tenant, name, device.email
        )


class Tablet(Counter):
    """A till on an enrolled device: its database has the device's name too."""

    async def stored_as(self) -> str:
        names = await self.page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)")
        return next(name for name in names if name.startswith("till:") and name.count(":") == 3)

    async def _stored(self, ask: str) -> Any:
        return await self.page.evaluate(
            f"""(name) => new Promise((resolve, reject) => {{
                 const open = indexedDB.open(name);
                 open.onerror = () => reject(open.error);
                 open.onsuccess = () => {{
                   const asked = ({ask})(open.result);
                   asked.onsuccess = () => {{ open.result.close(); resolve(asked.result ?? null); }};
                   asked.onerror = () => reject(asked.error);
                 }};
               }})""",
            await self.stored_as(),
        )

    async def pick(self, name: str, *pins: str) -> None:
        """Say who you are, and your PIN; after a one-time PIN one's own, twice."""
        await expect(self.page.get_by_role("heading", name="Who are you?")).to_be_visible()
        await self.page.locator(".people").get_by_role("button", name=name, exact=True).click()
        for pin in pins:
            await self.press(pin)
            await self.page.get_by_role("button", name="OK").click()
            await expect(self.page.locator(".cashiers[aria-busy=true]")).to_have_count(0)

    async def switch(self) -> None:
        await self.tap("Switch")


async def has_told_so(office: Page) -> None:
    """Wait, on a device's page in the office, until the device has told that nothing of it is unsent."""

    async def waits() -> bool:
        await office.reload()
        return await office.get_by_label("The device is lost", exact=False).count() > 0

    await eventually(waits, wanted=False, seconds=60)


async def enrolled(day: Day, office: Page, device: Device) -> Tablet:
    """Make a code in the office and type it on the tablet."""
    await office.goto(f"{day.house.origin}{day.path('/devices')}")
    await office.get_by_label("Till").select_option(str(day.shop.till))
    await office.get_by_label("Name of the device").fill("Door tablet")
    await office.get_by_role("button", name="Make a code").click()
    code = await office.locator("#enrolment-code").inner_text()
    page = await device.visit("/kiosk")
    await page.get_by_label("Code").fill(code.lower())
    await page.get_by_role("button", name="Enrol").click()
    await page.wait_for_url(re.compile(r"/sell$"))
    await expect(page.locator("#till[aria-busy]")).to_have_count(0)
    await expect(office.locator("#devices")).to_contain_text("Door tablet")
    return await Tablet.on(device, page, day.shop.till)  # type: ignore[return-value]


async def test_two_cashiers_share_an_enrolled_device_with_and_without_a_network(day: Day) -> None:
    bread, milk, chocolate, cola, _roll, _bananas = day.shop.products
    await day.stock_up(dict.fromkeys((bread, milk, chocolate, cola), "20"))
    await cashier(day, "Anna Kern-Eisenhardt")
    await cashier(day, "Ben Quistorp")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[39]")
    till = await enrolled(day, office, tablet)

    # each chooses a PIN of their own with a one-time PIN; Anna opens the shift and sells
    await till.pick("Anna", await one_time_pin(office, day, "Anna Kern-Eisenhardt"), ANNA, ANNA)
    await till.open_shift("5000")
    await till.sell(bread)
    await till.works_offline()
    await till.switch()
    await till.pick("Ben", await one_time_pin(office, day, "Ben Quistorp"), BEN, BEN)
    await till.may_sell()

    # a sale that Ben began is paid by Anna, and is hers; a wrong PIN opens nothing
    await till.scan(milk)
    await till.has_lines("1 Whole milk 1 l €1.35")
    await till.switch()
    await till.pick("Anna", "7390")
    await expect(till.page.locator(".cashiers .problem")).to_have_text("Wrong PIN. Try again.")
    await till.press(ANNA)
    await till.page.keyboard.press("Enter")
    await till.may_sell()
    await till.pay_cash()
    await till.tap("Next sale")
    await till.has_sent_everything()

    # the cable is out: both can still take over, and each sells
    await tablet.context.set_offline(True)
    await till.look_for_server()
    await till.pill_says(re.compile("Reconnecting|Offline"))
    await till.switch()
    await till.pick("Ben", BEN)
    await till.may_sell()
    await till.sell(chocolate)
    await till.page.reload()
    await expect(till.page.locator("#till[aria-busy]")).to_have_count(0)
    await till.pick("Anna", ANNA)
    await till.may_sell()
    await till.sell(cola)
    await tablet.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()
    assert await by_cashier(day) == [
        (1, "Anna Kern-Eisenhardt"), (2, "Anna Kern-Eisenhardt"), (3, "Ben Quistorp"), (4, "Anna Kern-Eisenhardt"),
    ]  # fmt: skip
    assert [one["exceptions"] for one in await day.sales()] == [[], [], [], []]

    # nothing on the device says more of a person than a first name
    dump = await till.page.evaluate(DUMP)
    assert "Anna" in dump
    assert "key, extractable: false" in dump
    assert "extractable: true" not in dump
    for secret in ("Kern", "Eisenhardt", "Quistorp", "@", f'"{ANNA}"', f'"{BEN}"', "argon2"):
        assert secret not in dump, secret

    # the owner sees how it is, live, and revokes it; the device says so, and holds nothing any more
    await office.goto(f"{day.house.origin}{day.path('/devices')}")
    await expect(office.locator("#devices")).to_contain_text("Till 1")
    await office.get_by_role("link", name="Door tablet").click()
    await expect(office.locator("#device-health")).to_contain_text("Chrom")
    await till.has_sent_everything()
    await has_told_so(office)
    tablet.bears("status of 401")
    await office.get_by_role("button", name="Revoke this device").click()
    await office.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(till.page.get_by_text("It holds nothing of the shop any more")).to_be_visible()
    assert await till.page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)") == []
    await expect(office.locator("#main")).to_contain_text("Revoked")

    async def wiped() -> bool:
        async with day.house.db.read(day.shop.scope) as read:
            return bool(
                await read.fetchval("SELECT wiped_at IS NOT NULL FROM device WHERE tenant_id = $1", read.tenant)
            )

    await eventually(wiped)
    await day.every_check_holds()


async def test_a_quiet_till_locks_and_keeps_its_sale_and_a_badge_opens_it(day: Day) -> None:
    bread, *_others = day.shop.products
    await day.house.db.run(day.shop.scope, change, {"idle_lock_minutes": 30})
    await day.house.db.run(day.shop.scope, change, {"idle_lock_minutes": 3}, day.shop.store)
    await day.stock_up({bread: "20"})
    await cashier(day, "Anna Kern-Eisenhardt")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[39]")
    till = await enrolled(day, office, tablet)
    async with day.house.db.begin(day.shop.scope) as tx:
        person = await tx.fetchval(
            "SELECT person_id FROM membership WHERE tenant_id = $1 AND name LIKE 'Anna%'", tx.tenant
        )
        badge = await pins.issue_badge(tx, person)
    await expect(till.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    await till.scan(badge)
    await till.open_shift("5000")
    await till.scan(bread, 2)
    await till.has_lines("2 Sourdough loaf 800 g €8.40")
    await till.page.locator(".charge").click()
    await till.press("1000")
    await till.page.evaluate(
        """async () => {
          const { till } = await import("/kiosk/till/context.js");
          till.device.lastTouch -= 2.9 * 60_000;
          till.device.lockWhenQuiet();
        }"""
    )
    await expect(till.page.locator("#lock")).to_be_hidden()
    await till.page.evaluate(
        """async () => {
          const { till } = await import("/kiosk/till/context.js");
          till.device.lastTouch -= 0.2 * 60_000;
          till.device.lockWhenQuiet();
        }"""
    )
    await expect(till.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    await till.scan(bread)  # nothing is sold while nobody stands here
    await tablet.context.set_offline(True)
    await till.look_for_server()
    await till.scan(badge)
    await expect(till.page.locator("#lock")).to_be_hidden()
    await expect(till.page.locator(".change .v")).to_have_text("€1.60")
    await till.tap("Complete sale")
    await expect(till.page.get_by_role("heading", name="Paid")).to_be_visible()
    await tablet.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()
    assert await by_cashier(day) == [(1, "Anna Kern-Eisenhardt")]


async def test_a_quick_keypad_types_a_pin_and_no_scan_on_the_lock_screen(day: Day) -> None:
    bread, *_others = day.shop.products
    await day.stock_up({bread: "20"})
    await cashier(day, "Anna Kern-Eisenhardt")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[39]")
    till = await enrolled(day, office, tablet)
    async with day.house.db.begin(day.shop.scope) as tx:
        person = await tx.fetchval(
            "SELECT person_id FROM membership WHERE tenant_id = $1 AND name LIKE 'Anna%'", tx.tenant
        )
        badge = await pins.issue_badge(tx, person)
    lock, problem = till.page.locator("#lock"), till.page.locator(".cashiers .problem")

    await till.pick("Anna", await one_time_pin(office, day, "Anna Kern-Eisenhardt"), ANNA_LONG, ANNA_LONG)
    await till.open_shift("5000")
    await till.switch()

    # nobody has said who they are: six quick digits are shown nowhere, not even by the scanner's test
    await expect(till.page.get_by_role("heading", name="Who are you?")).to_be_visible()
    await till.hands.scan(ANNA_LONG, gap=5)
    await expect(problem).to_have_text("That is no badge. Pick your name, or scan your badge.")
    assert ANNA_LONG not in await till.page.locator("body").inner_text()
    last = "async () => (await import('/kiosk/till/sell.js')).lastScan"
    assert await till.page.evaluate(last) is None

    # her pad takes a code for no PIN, counts no try, and keeps what her hand has typed
    await till.page.locator(".people").get_by_role("button", name="Anna", exact=True).click()
    await till.press("62")
    await till.scan(bread)
    await expect(problem).to_have_text("That is no badge. Type your PIN, or scan your badge.")
    await expect(till.page.locator(".cashiers .dots")).to_have_text("●●")
    await till.hands.scan(ANNA_LONG[2:], gap=5)
    await expect(lock).to_be_hidden()

    # all of it at once, 5 ms between the digits: wrong, then right, each told; no digit is ever on the screen
    await till.switch()
    await till.page.locator(".people").get_by_role("button", name="Anna", exact=True).click()
    await till.hands.scan("518063", gap=5)
    await expect(problem).to_have_text("Wrong PIN. Try again.")
    assert "518063" not in await till.page.locator("body").inner_text()
    await till.hands.scan(ANNA_LONG, gap=5)
    await expect(lock).to_be_hidden()
    await till.may_sell()

    # a badge opens it from the pad too, and what the badge did to the pad is gone
    await till.switch()
    await till.page.locator(".people").get_by_role("button", name="Anna", exact=True).click()
    await till.hands.scan("CB" + "9" * 16, gap=5)
    await expect(problem).to_have_text("Nobody here has this badge. Use the newest one, or your PIN.")
    await expect(till.page.locator(".cashiers .dots")).not_to_contain_text("●")
    await till.hands.scan(badge, gap=5)
    await expect(lock).to_be_hidden()
    await till.sell(bread)


async def test_a_moved_device_brings_what_it_has_and_opens_its_new_till(day: Day) -> None:
    bread, *_others = day.shop.products
    await day.stock_up({bread: "20"})
    await cashier(day, "Anna Kern-Eisenhardt")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[39]")
    till = await enrolled(day, office, tablet)
    await till.pick("Anna", await one_time_pin(office, day, "Anna Kern-Eisenhardt"), ANNA, ANNA)
    await till.open_shift("5000")
    await till.works_offline()
    await till.has_sent_everything()
    await tablet.context.set_offline(True)
    await till.look_for_server()
    await till.sell(bread)
    await office.goto(f"{day.house.origin}{day.path('/devices')}")
    await office.get_by_role("link", name="Door tablet").click()
    await office.get_by_label("Till").select_option(str(day.shop.second_till))
    await office.get_by_role("button", name="Move to this till").click()
    await expect(office.locator("#main")).to_contain_text("Moved")
    await tablet.context.set_offline(False)
    await till.look_for_server()
    await till.page.wait_for_url(re.compile(str(day.shop.second_till)))
    assert [(one["till"], one["total_minor"], one["exceptions"]) for one in await day.sales()] == [("T1", 420, [])]
    await till.pick("Anna", ANNA)
    await expect(till.page.get_by_role("heading", name="Open the shift")).to_be_visible()


async def test_a_device_that_is_revoked_while_it_is_away_delivers_first_and_wipes_then(day: Day) -> None:
    bread, milk, *_others = day.shop.products
    await day.stock_up(dict.fromkeys((bread, milk), "20"))
    await cashier(day, "Anna Kern-Eisenhardt")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[139]")
    till = await enrolled(day, office, tablet)
    await till.pick("Anna", await one_time_pin(office, day, "Anna Kern-Eisenhardt"), ANNA, ANNA)
    await till.open_shift("5000")
    await till.works_offline()
    await till.has_sent_everything()
    await tablet.context.set_offline(True)
    await till.look_for_server()
    await till.pill_says(re.compile("Reconnecting|Offline"))
    await till.sell(bread)
    await till.sell(milk)
    await office.goto(f"{day.house.origin}{day.path('/devices')}")
    await office.get_by_role("link", name="Door tablet").click()
    await office.get_by_role("button", name="Revoke this device").click()
    await office.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(office.locator("#main")).to_contain_text("Revoked")
    await asyncio.sleep(0.2)
    assert await day.sales() == []
    await tablet.context.set_offline(False)
    await till.look_for_server()
    await expect(till.page.get_by_text("It holds nothing of the shop any more")).to_be_visible(timeout=40_000)
    assert [(one["total_minor"], one["exceptions"]) for one in await day.sales()] == [
        (420, ["device_revoked"]),
        (135, ["device_revoked"]),
    ]
    assert [name for _number, name in await by_cashier(day)] == ["Anna Kern-Eisenhardt"] * 2
    assert await till.page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)") == []
    await day.every_check_holds()


async def by_cashier(day: Day) -> list[tuple[int, str]]:
    async with day.house.db.read(day.shop.scope) as read:
        rows = await read.fetch(
            "SELECT number, cashier_name FROM sale WHERE tenant_id = $1 ORDER BY number", read.tenant
        )
    return [(row["number"], row["cashier_name"]) for row in rows]
