"""People of an enrolled device on the till's page, without a server that knows it: their PINs were right before."""

from __future__ import annotations

import re

from playwright.async_api import Route, expect

from tests.support.fake_till_shop import TILL
from tests.support.till_page import TillPage

ENROL = """async (people) => {
  const { till } = await import("/kiosk/till/context.js");
  const { Device } = await import("/kiosk/till/device.js");
  const { Refused, Unreachable } = await import("/kiosk/till/api.js");
  const { openDevice } = await import("/kiosk/till/db.js");
  const { makeKeys } = await import("/kiosk/till/proofs.js");
  const db = await openDevice(`t${crypto.randomUUID()}`);
  const place = { slug: till.slug, till: till.id };
  const facts = { id: "d1", name: "Counter", keys: await makeKeys(), lock_minutes: 60, proved_at: Date.now() };
  const device = new Device(db, { ...facts, ...place }, till.id);
  device.beat = async () => {};
  window.away = false;
  device.cashiers.api = { post: async (path, body) => {
    if (window.away) throw new Unreachable("away");
    const right = (one) => (body.badge ? body.badge === one.card : body.person === one.id && body.pin === one.secret);
    const mate = people.find(right);
    if (!mate) throw new Refused(409, { code: "wrong_pin", wait: 0, left: 19 });
    return { person: mate.id, version: 1 };
  } };
  const rights = (approves) => (approves ? { approve: { state: "allowed", limit: null } } : {});
  const roster = people.map(({ id, name, approves }) => ({ id, name, pin: 1, badge: 1, rights: rights(approves) }));
  await device.cashiers.keepRoster(roster);
  for (const one of people) await device.cashiers.learn("pin", one.id, 1, one.secret);
  till.device = device;
}"""

ANNA = {"id": "c", "name": "Anna", "secret": "4826", "card": "CB0123456789ABCDEF", "approves": False}
MIRA = {"id": "m", "name": "Mira", "secret": "7395", "card": "CBFEDCBA9876543210", "approves": True}


async def enrol(till: TillPage) -> None:
    """Make this page an enrolled device's, with Anna who sells and Mira who may approve."""
    await till.page.evaluate(ENROL, [ANNA, MIRA])


STAY = """async (people) => {
  const { till } = await import("/kiosk/till/context.js");
  const { openDevice } = await import("/kiosk/till/db.js");
  const { makeKeys } = await import("/kiosk/till/proofs.js");
  const db = await openDevice(till.slug);
  const place = { slug: till.slug, till: till.id };
  const facts = { id: crypto.randomUUID(), name: "Counter", keys: await makeKeys(), lock_minutes: 60 };
  await db.put("own", { ...facts, ...place, proved_at: Date.now() }, "device");
  await db.put("own", people.map(({ id, name }) => ({ id, name, pin: 1, badge: 1, rights: {} })), "roster");
}"""


async def enrol_for_good(till: TillPage) -> None:
    """Enrol this browser, so that Anna's PIN is asked for whenever the page is loaded; then open the shift on it."""

    async def who(route: Route) -> None:
        body = route.request.post_data_json
        right = body["person"] == ANNA["id"] and body["pin"] == ANNA["secret"]
        answer = {"person": ANNA["id"], "version": 1} if right else {"code": "wrong_pin", "wait": 0, "left": 9}
        await route.fulfill(status=200 if right else 409, json=answer)

    facts = {"device": {"name": "Counter"}, "till": {"id": TILL}, "lock_minutes": 60}
    await till.page.route("**/api/v1/device/cashier", who)
    await till.page.route(re.compile("/api/v1/device(/health|/absence)?$"), lambda route: route.fulfill(json=facts))
    await till.page.evaluate(STAY, [ANNA, MIRA])
    till.fake.claim = None
    await till.page.reload()
    await say_pin(till)


async def say_pin(till: TillPage) -> None:
    """Anna says who she is."""
    await till.page.get_by_role("button", name="Anna", exact=True).click()
    await till.press(ANNA["secret"])
    await till.key("Enter")
    await expect(till.page.get_by_role("heading", name="Anna", exact=True)).to_have_count(0)
