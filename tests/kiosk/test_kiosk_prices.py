"""Prices and taxes at the till: by the clock, by quantity and group of customers, eaten in or taken away, exempt."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from retail.catalog.taxes.rules import Part, split
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

TAKEN = {"id": "0199f000-0000-7000-9000-000000000001", "name": "Take away", "taxed_as": {"standard": "reduced"}}


async def opened(
    context: BrowserContext, fake: FakeTillServer, monkeypatch: pytest.MonkeyPatch, **more: Any
) -> TillPage:
    plain = fake.catalogue
    monkeypatch.setattr(fake, "catalogue", lambda since: plain(since) | (more if since == 0 else {}))
    till = await TillPage.open(context, fake)
    await till.open_shift("100")
    return till


@pytest.mark.shell
async def test_a_price_changes_at_its_moment_without_a_network(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=15)
    till = await opened(context, fake, monkeypatch, later=[[0, soon.isoformat(), 399]])
    await till.scan(0)
    await till.works_offline()
    fake.stop()
    await expect(till.page.get_by_role("button", name="Sourdough loaf 800 g €3.99")).to_be_visible(timeout=60_000)
    await till.scan(0)
    await till.has_lines("1 Sourdough loaf 800 g €4.20", "1 Sourdough loaf 800 g €3.99")
    assert till.errors == []
    fake.start()


async def test_more_costs_less_each_and_a_group_pays_its_own_price(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = {"5": [[None, 3000, 100], ["Staff", 0, 90]]}
    till = await opened(context, fake, monkeypatch, offers=offers, groups=["Staff"])
    await till.scan(5)
    await till.scan(5)
    await till.has_lines("2 Cola 330 ml €2.20")
    await till.scan(5)
    await till.has_lines("3 Cola 330 ml €3.00")
    await till.page.get_by_role("button", name="Staff").click()
    await till.has_lines("3 Cola 330 ml €2.70")
    await expect(till.page.get_by_role("button", name="Staff")).to_have_attribute("aria-pressed", "true")
    await till.page.get_by_role("button", name="Staff").click()
    await till.has_lines("3 Cola 330 ml €3.00")
    assert till.errors == []


async def test_taken_away_is_taxed_otherwise_and_the_sale_says_so(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await opened(context, fake, monkeypatch, positions=[TAKEN])
    await till.scan(5)
    await expect(till.page.locator(".sums")).to_contain_text("19%")
    await till.page.get_by_role("button", name="Take away").click()
    await expect(till.page.locator(".sums")).to_contain_text("(7%)")
    await till.tap("Charge")
    await till.press("110")
    await till.key("Enter")
    await eventually(lambda: [sale.get("fiscal_position") for sale in fake.sales], [TAKEN["id"]])
    assert till.errors == []


REPRICE = """async ([facts, basket, shop]) => {
  const { Catalogue } = await import("/kiosk/till/catalogue.js");
  const { reprice } = await import("/kiosk/till/prices.js");
  const catalogue = new Catalogue(null);
  catalogue.take(facts);
  reprice(basket, catalogue, shop);
  return [basket.exemption, ...basket.lines.map((line) => [line.price, line.taxCode, line.taxRate])];
}"""


async def test_an_exempt_customer_pays_the_price_without_the_tax_and_a_dated_rate_holds_from_its_day(
    bare: Page, fake: FakeTillServer
) -> None:
    exemption = {"id": "e1", "customer": "c1", "tax_class": None, "starts_on": "2020-01-01", "ends_on": None}
    facts = fake.catalogue(0) | {"exemptions": [exemption]}
    cola = {"id": "l1", "product": fake.products[5].id, "quantity": 1000, "price": 110, "base": 110}
    basket = {"lines": [cola, cola | {"fixed": True}], "customer": {"id": "c1"}}
    shop = {"prices_include_tax": True, "timezone": "Europe/Berlin"}
    assert await bare.evaluate(REPRICE, [facts, basket, shop]) == ["e1", [92, "standard", 0], [110, "standard", 0]]
    nobody = basket | {"customer": {"id": "c2"}}
    assert await bare.evaluate(REPRICE, [facts, nobody, shop]) == [None, *[[110, "standard", 190_000]] * 2]
    rates = [["1970-01-01", 190_000], ["2021-01-01", 160_000], ["9999-01-01", 250_000]]
    facts["tax_classes"][1]["rates"] = rates
    assert await bare.evaluate(REPRICE, [facts, nobody, shop]) == [None, *[[110, "standard", 160_000]] * 2]


async def test_a_tax_is_shared_over_its_parts_as_the_server_does(bare: Page) -> None:
    dice = random.Random(5)
    cases = []
    for _ in range(300):
        parts = [
            Part(f"P{n}", dice.choice([0, 25_000, 90_000, 99_750]), n > 0 and dice.random() < 0.4) for n in range(3)
        ]
        cases.append((dice.randint(-5_000, 5_000) if any(part.rate_micros for part in parts) else 0, parts))
    sent = [
        [tax, [{"name": p.name, "rate_micros": p.rate_micros, "compound": p.compound} for p in ps]] for tax, ps in cases
    ]
    told = await bare.evaluate(
        """async (cases) => {
          const { splitTax } = await import("/kiosk/till/prices.js");
          return cases.map(([tax, parts]) => splitTax(tax, parts).map((part) => part.tax + 0));
        }""",
        sent,
    )
    assert told == [[part.tax for part in split(tax, parts)] for tax, parts in cases]


async def test_a_tax_has_the_parts_of_its_day_and_of_an_older_answer_those_of_now(bare: Page) -> None:
    old, new = ({"name": name, "rate_micros": 90_000, "compound": False} for name in ("CGST", "IGST"))
    dated = {"parts": [old], "rates": [["1970-01-01", 90_000, [old]], ["2026-12-01", 180_000, [new, old]]]}
    ended = {"rates": [["1970-01-01", 90_000, [old]], ["2026-12-01", 90_000, []]]}
    older = {"parts": [old], "rates": [["1970-01-01", 90_000]]}
    told = await bare.evaluate(
        """async (asked) => {
          const { partsOn } = await import("/kiosk/till/prices.js");
          return asked.map(([tax, day]) => partsOn(tax, day).map((part) => part.name));
        }""",
        [[tax, day] for tax in (dated, ended, older, {}) for day in ("2026-11-30", "2026-12-01")],
    )
    assert told == [["CGST"], ["IGST", "CGST"], ["CGST"], [], ["CGST"], ["CGST"], [], []]
