"""All that a browser keeps of an enrolled till, read to the last byte: nobody can be reached with it."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.async_api import Route

from tests.journeys.test_devices import ANNA, DUMP, cashier, enrolled, one_time_pin
from tests.support.day import Day

EVERYTHING = """async () => {
  const cached = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      cached[new URL(request.url).pathname] = /^(text|application)/.test(answer.headers.get("content-type") ?? "")
        ? await answer.text() : "";
    }
  }
  const [local, session, cookies] = [{ ...localStorage }, { ...sessionStorage }, document.cookie];
  return JSON.stringify({ local, session, cached, cookies });
}"""
ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)
PHONE = re.compile(r"\+[1-9][0-9]{1,3}[ /()-]?(?:[0-9][ /()-]?){6,12}[0-9]")
CUSTOMER = {
    "id": "01a1fdc6-73b6-74cc-8f6a-0ed251d76a1c", "name": "Jadwiga Canary", "email": "jadwiga@customers.example",
    "phone": "+49 151 23456789", "tier": "Gold", "points": 12,
}  # fmt: skip


async def test_what_is_on_an_enrolled_till_reaches_nobody(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    await cashier(day, "Anna Kern-Eisenhardt")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(r"status of 40[39]", r"net::ERR_", r"WebSocket connection to .* failed", r"Failed to fetch")
    till = await enrolled(day, office, tablet)
    code = await one_time_pin(office, day, "Anna Kern-Eisenhardt")
    await till.pick("Anna", code, ANNA, ANNA)
    await till.open_shift("5000")
    await till.sell(bread)

    # a customer is looked up online and picked; the sale waits on the disk, then is sold without a network
    async def known(route: Route) -> None:
        await route.fulfill(json={"items": [CUSTOMER], "next": None})

    await till.page.route("**/customers?*", known)
    await till.scan(milk)
    await till.page.locator(".who").get_by_role("button", name="Find").click()
    await till.page.get_by_role("searchbox", name="Find a customer").fill("Jad")
    shown = till.page.get_by_role("button", name="Jadwiga Canary")
    assert CUSTOMER["phone"] in await shown.inner_text(), "on the screen it tells two of a name apart"
    await shown.click()
    await till.works_offline()
    in_the_cart = await kept(till.page)
    await tablet.context.set_offline(True)
    await till.pay_cash()
    in_the_journal = await kept(till.page)

    people = await names(day)
    assert len(people) >= 2
    for stored, text in (*in_the_cart.items(), *in_the_journal.items()):
        assert ADDRESS.findall(text) == [], stored
        assert PHONE.findall(text) == [], stored
        secrets = ("Kern", "Eisenhardt", "argon2", "extractable: true", f'"{ANNA}"', f'"{code}"', CUSTOMER["phone"])
        assert [one for one in (*people, *secrets) if one in text] == [], stored
    assert "Anna" in in_the_journal["databases"]
    assert "key, extractable: false" in in_the_journal["databases"]
    assert json.loads(in_the_journal["rest"])["local"].keys() <= {"theme"}
    session = json.loads(in_the_journal["rest"])["session"]
    assert session.keys() == {"paid"}, "which record of the journal was paid last, and what was given beside it"
    assert json.loads(session["paid"]).keys() == {"till", "seq", "out"}
    assert json.loads(in_the_journal["rest"])["cookies"] == "", "what there is of cookies no script can read"
    paths = json.loads(in_the_journal["rest"])["cached"].keys()
    assert paths
    assert [path for path in paths if not path.startswith(("/kiosk/", "/static/"))] == []


async def kept(page: Any) -> dict[str, str]:
    """Read databases and the rest; what is cached are the till's own files, which say nothing of anybody."""
    return {"databases": await page.evaluate(DUMP), "rest": await page.evaluate(EVERYTHING)}


async def names(day: Day) -> list[str]:
    """Give whole names and addresses of all who work here."""
    async with day.house.db.read(day.shop.scope) as read:
        rows = await read.fetch("SELECT name, email FROM membership WHERE tenant_id = $1", read.tenant)
    return [row["email"] for row in rows] + [row["name"] for row in rows if " " in row["name"]]
