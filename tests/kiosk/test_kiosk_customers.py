"""Customers at the till: by card, with their group's prices and their exemption, new ones, and what is kept offline."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LENA = "0199a000-0000-7000-8000-0000000000c1"
CARD = "20420001"


async def basket_of(till: TillPage) -> dict[str, Any]:
    basket = "async () => (await import('/kiosk/till/context.js')).till.cart.basket"
    return dict(await till.page.evaluate(basket))


async def test_a_scanned_card_chooses_its_customer_and_adds_no_article(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.hands.scan(CARD)
    await selling.shows("Customer: Lena Marsh")
    await expect(selling.page.locator(".lines li")).to_have_count(1)
    await selling.pay_cash()
    await eventually(lambda: [sale["customer"] for sale in fake.sales], [LENA])


async def test_a_card_of_nobody_is_a_code_that_nobody_knows(selling: TillPage) -> None:
    await selling.hands.scan("20429999")
    await selling.shows("Misread: 20429999")
    assert (await basket_of(selling))["customer"] is None


@pytest.mark.shell
async def test_a_card_is_kept_without_a_network_where_its_first_digits_are_known(
    selling: TillPage, fake: FakeTillServer
) -> None:
    fake.settings["customer_card_prefix"] = "2042"
    await selling.page.evaluate("async () => { await (await import('/kiosk/till/connect.js')).hearSetup(); }")
    await selling.hands.scan("20429999")
    await selling.shows("No customer has the card 20429999.")
    await selling.works_offline()
    fake.stop()
    await selling.scan(0)
    await selling.hands.scan(CARD)
    await selling.shows("Card noted.")
    await selling.shows(f"Card {CARD}")
    await selling.pay_cash()
    fake.start()
    await eventually(lambda: [sale["customer"] for sale in fake.sales], [CARD])


async def test_a_customers_group_and_exemption_hold_at_once_and_go_with_them(selling: TillPage) -> None:
    await selling.page.evaluate(
        """async (id) => {
            const { till } = await import("/kiosk/till/context.js");
            till.prices = await import("/kiosk/till/prices.js");
            till.catalogue.groups = ["club", "staff"];
            const always = { tax_class: null, starts_on: "2000-01-01", ends_on: null };
            till.catalogue.exemptions = [{ id: "e1", customer: id, ...always }];
        }""",
        LENA,
    )
    await selling.scan(0)
    await selling.hands.scan(CARD)
    await selling.shows("Customer: Lena Marsh")
    chosen = await basket_of(selling)
    assert (chosen["group"], chosen["exemption"]) == ("club", "e1")
    await selling.key("F4")
    await selling.tap("No customer")
    gone = await basket_of(selling)
    assert (gone.get("group"), gone.get("exemption"), gone["customer"]) == (None, None, None)


@pytest.mark.parametrize("typed", ["Kim Neu", "0171 234"])
async def test_somebody_new_is_added_by_name_and_phone(selling: TillPage, fake: FakeTillServer, typed: str) -> None:
    await selling.scan(0)
    await selling.key("F4")
    await selling.page.get_by_label("Find a customer").fill(typed)
    await selling.tap("New customer")
    await selling.page.get_by_label("Name", exact=True).fill("")
    await selling.tap("Save")
    await selling.shows("Type a name.")
    await selling.page.get_by_label("Name", exact=True).fill("Kim Neu")
    await selling.tap("Save")
    await expect(selling.page.locator("dialog[open]")).to_have_count(0)
    await selling.pay_cash()
    await eventually(lambda: [sale["customer"] for sale in fake.sales], [one["id"] for one in fake.added])
    assert [one["name"] for one in fake.added] == ["Kim Neu"]
    assert fake.added[0]["phone"] == (typed if typed[0] == "0" else "")


async def seek(till: TillPage, text: str, *names: str) -> None:
    """Open the sheet, type, and wait until these people are shown."""
    people = [
        {"id": f"0199a000-0000-7000-8000-0000000000d{at}", "name": name, "group": None}
        for at, name in enumerate(("Lena Marsh", "Lena Orth", "Lena Quast"), 1)
    ]
    await till.page.route(
        "**/api/v1/customers?q=*",
        lambda route: route.fulfill(
            json={"items": [one for one in people if text.lower() in str(one["name"]).lower()], "next": None}
        ),
    )
    await till.scan(0)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.key("F4")
    await expect(till.page.get_by_label("Find a customer")).to_be_focused()
    await till.press(text)
    rows = till.page.get_by_role("dialog", name="Customer").locator(".rows b")
    await expect(rows).to_have_text(list(names))


@pytest.mark.shell
async def test_enter_takes_the_first_customer_that_is_shown(selling: TillPage) -> None:
    await seek(selling, "lena", "Lena Marsh", "Lena Orth", "Lena Quast")
    await selling.key("Enter")
    await expect(selling.page.get_by_role("dialog")).to_have_count(0)
    assert (await basket_of(selling))["customer"]["name"] == "Lena Marsh"


@pytest.mark.shell
async def test_the_arrows_go_from_one_customer_to_the_next(selling: TillPage) -> None:
    await seek(selling, "lena", "Lena Marsh", "Lena Orth", "Lena Quast")
    row = selling.page.get_by_role("dialog", name="Customer").locator(".rows button")
    for key, at in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
        await selling.key(key)
        await expect(row.nth(at)).to_be_focused()
    await selling.key("Enter")
    await expect(selling.page.get_by_role("dialog")).to_have_count(0)
    assert (await basket_of(selling))["customer"]["name"] == "Lena Orth"
