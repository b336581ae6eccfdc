"""The last steps of a sale are taken back one by one, each with an honest record, until payment starts."""

from __future__ import annotations

import random

import pytest
from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LOAF, MILK = "Sourdough loaf 800 g", "Whole milk 1 l"
TOTALS = """async () => {
  const { till } = await import("/kiosk/till/context.js");
  const { lines, discount, customer } = till.cart.basket;
  const shown = lines.map((line) => [line.name, line.quantity, line.discount]);
  return JSON.stringify([shown, discount, customer?.id ?? null]);
}"""
ACT = """async ([what, at]) => {
  const { till } = await import("/kiosk/till/context.js");
  const sell = await import("/kiosk/till/sell.js");
  const voids = await import("/kiosk/till/voids.js");
  const line = till.cart.basket.lines[at % (till.cart.basket.lines.length || 1)];
  const product = till.catalogue.products[[0, 2, 5][at % 3]];
  if (what === "add") sell.take(product, 1000, product.price);
  else if (what === "discount") till.cart.change({ discount: { kind: "percent", value: 100 * (at + 1) } });
  else if (what === "line" && line) till.cart.set(line.id, { discount: { kind: "amount", value: at + 1 } });
  else if (what === "less" && line) await voids.lessen(line.id, 1000);
  else if (what === "customer") till.cart.change({ customer: { id: `c${at}`, name: "Lena", note: "" } });
  else if (what === "clear" && !till.cart.empty) await voids.clear(structuredClone(till.cart.basket));
  await new Promise((done) => { setTimeout(done, 0); });
}"""


async def ready(till: TillPage) -> None:
    """Wait until steps are remembered: that part is read ahead."""
    await expect(till.page.get_by_role("button", name="Step back")).to_be_attached()


async def back(till: TillPage) -> None:
    await till.hands.settle()
    await till.page.keyboard.press("Control+z")


@pytest.mark.shell
async def test_adding_discount_customer_and_quantity_go_back_one_by_one(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await ready(selling)
    await expect(selling.page.get_by_role("button", name="Step back")).to_be_disabled()
    await selling.scan(0)
    await selling.scan(0)
    await selling.scan(2)
    await selling.has_lines(f"2 {LOAF} €8.40", f"1 {MILK} €1.35")
    await selling.key("F4")
    await selling.press("lena")
    await selling.tap("Lena Marsh")
    await selling.key("F6")
    await selling.press("20")
    await selling.key("Enter")
    await expect(selling.page.get_by_role("heading", name="Why?", exact=True)).to_be_visible()
    await selling.key("Enter")  # and why: what stands first
    await expect(selling.page.locator(".charge .num")).to_have_text("€7.80")
    await back(selling)
    await expect(selling.page.locator(".charge .num")).to_have_text("€9.75")
    await expect(selling.page.locator(".who")).to_contain_text("Lena Marsh")
    await back(selling)
    await expect(selling.page.locator(".who")).to_contain_text("Not known")
    await selling.tap("Step back")
    await selling.has_lines(f"2 {LOAF} €8.40")
    await selling.shows(f"Taken back: {MILK}")
    await back(selling)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await back(selling)
    await selling.has_lines()
    await expect(selling.page.get_by_role("button", name="Step back")).to_be_disabled()
    # what was taken back has left an open sale: each is on record
    await eventually(
        lambda: [[line["name"] for line in one["lines"]] for one in fake.of_kind("line_voided")],
        [[MILK], [LOAF], [LOAF]],
    )


@pytest.mark.shell
async def test_what_a_void_took_out_comes_back_with_a_record_of_its_own_and_once(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await ready(selling)
    await selling.scan(0, 3)
    await selling.scan(2)
    await selling.has_lines(f"3 {LOAF} €12.60", f"1 {MILK} €1.35")
    await selling.page.locator(".item").first.click()
    await selling.tap("One less")
    await selling.has_lines(f"2 {LOAF} €8.40", f"1 {MILK} €1.35")
    await selling.tap("Remove")
    await selling.has_lines(f"1 {MILK} €1.35")
    await selling.tap("Clear")
    await selling.has_lines()
    for lines in ([f"1 {MILK} €1.35"], [f"2 {LOAF} €8.40", f"1 {MILK} €1.35"], [f"3 {LOAF} €12.60", f"1 {MILK} €1.35"]):
        await back(selling)
        await selling.has_lines(*lines)
    await eventually(lambda: len(fake.of_kind("void_undone")), 3)
    voids = [one["id"] for kind in ("line_voided", "sale_voided") for one in fake.of_kind(kind)]
    assert sorted(one["void"] for one in fake.of_kind("void_undone")) == sorted(voids)
    await selling.page.locator(".item").first.click()
    await selling.tap("Remove")
    await selling.page.locator(".toast", has_text="Removed").get_by_role("button", name="Undo").click()
    await selling.has_lines(f"3 {LOAF} €12.60", f"1 {MILK} €1.35")
    await eventually(lambda: len(fake.of_kind("void_undone")), 4)


@pytest.mark.shell
async def test_once_payment_has_started_nothing_is_taken_back(selling: TillPage, fake: FakeTillServer) -> None:
    await ready(selling)
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.page.locator(".charge").click()
    await selling.shows("To pay")
    await back(selling)
    await selling.press("200")
    await selling.tap("Add €2.00 in cash")
    await selling.key("Escape")
    await expect(selling.page.get_by_role("button", name="Step back")).to_be_disabled()
    await back(selling)
    await selling.has_lines(f"1 {LOAF} €4.20")
    assert fake.of_kind("line_voided") == []


@pytest.mark.shell
async def test_in_a_field_with_text_ctrl_z_is_the_fields(selling: TillPage) -> None:
    await ready(selling)
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.press("milk")
    await back(selling)
    await selling.has_lines(f"1 {LOAF} €4.20")


@pytest.mark.shell
async def test_whatever_was_done_all_steps_back_lead_to_where_it_began(selling: TillPage) -> None:
    await ready(selling)
    for seed in (1, 2, 3, 4):
        chance = random.Random(seed)
        seen = [await selling.page.evaluate(TOTALS)]
        for _ in range(12):
            what = chance.choice(["add", "add", "add", "discount", "line", "less", "customer", "clear"])
            await selling.page.evaluate(ACT, [what, chance.randrange(5)])
            now = await selling.page.evaluate(TOTALS)
            if now != seen[-1]:
                seen.append(now)
        for wanted in reversed(seen[:-1]):
            await selling.page.evaluate("() => import('/kiosk/till/undo.js').then(({ undo }) => undo())")
            assert (await selling.page.evaluate(TOTALS), seed) == (wanted, seed)
