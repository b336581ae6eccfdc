"""Deposits of packs: those of everything in them go with the pack and come back with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page

from tests.kiosk.test_kiosk_goods import opened, pay, voided
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import eventually

CASES = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "deposits.json").read_text())
_ALONG = """async (cases) => {
  const { alongside } = await import("/kiosk/till/cart.js");
  const { alongWith } = await import("/kiosk/till/returns_plan.js");
  const { fromMilli } = await import("/kiosk/till/pricing.js");
  return cases.map(({ deposits, decimals, sold, back }) => {
    const pack = { id: "pack", decimals, quantity: sold };
    const along = deposits.map(([id, each]) => ({ id, parent: "pack", each, decimals: 0, quantity: 1000 }));
    const lines = alongside([pack, ...along]);
    const receipt = { lines: lines.map((line) => ({ ...line, quantity: fromMilli(line.quantity), returned: "0" })) };
    const { pack: itself, ...along_back } = alongWith(receipt, { pack: back });
    return [Object.fromEntries(lines.slice(1).map((line) => [line.id, line.quantity])), along_back];
  });
}"""


async def test_the_till_takes_along_what_the_vectors_say(bare: Page) -> None:
    found: list[list[dict[str, Any]]] = await bare.evaluate(_ALONG, CASES)
    assert found == [[one["along"], one["along_back"]] for one in CASES]


async def test_a_pack_brings_the_deposits_of_its_parts(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    bottle, crate = fake.products[6], fake.products[7]
    bottle.name, bottle.price, bottle.traits = "Bottle", 25, {"service": True}
    crate.name, crate.price, crate.traits = "Crate", 150, {"service": True}
    traits = {"deposit": crate.id, "deposits": [[crate.id, 1], [bottle.id, 6]]}
    till = await opened(context, fake, monkeypatch, traits={5: traits})
    await till.scan(5)
    await till.has_lines("1 Cola 330 ml €1.10", "1 Crate €1.50", "6 Bottle €1.50")
    await till.scan(5)
    await till.has_lines("2 Cola 330 ml €2.20", "2 Crate €3.00", "12 Bottle €3.00")
    await till.page.reload()
    await till.page.locator(".item").first.click()
    await till.page.get_by_role("button", name="One less").click()
    await till.has_lines("1 Cola 330 ml €1.10", "1 Crate €1.50", "6 Bottle €1.50")
    await eventually(lambda: voided(fake), [["Cola 330 ml", "Crate", "Bottle"]])
    assert [line["quantity_milli"] for line in fake.of_kind("line_voided")[0]["lines"]] == [1000, 1000, 6000]
    sale = await pay(till)
    pack, *along = sale["lines"]
    assert [(one["parent"], one["quantity"], one["discount"]) for one in along] == [
        (pack["id"], "1", 0), (pack["id"], "6", 0)
    ]  # fmt: skip
    assert till.errors == []
