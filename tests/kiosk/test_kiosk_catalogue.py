"""The catalogue: large, local, and kept up to date while we sell."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import Product, ean13
from tests.support.till_page import TillPage, eventually

MANY = 20_000


def stocked(fake: FakeTillServer, count: int) -> None:
    words = ["red", "green", "small", "large", "fresh", "organic", "local", "smoked"]
    fake.products += [
        Product(
            id=f"0199b000-0000-7000-9000-{i:012d}",
            sku=f"B-{i}",
            name=f"{words[i % 8]} {words[i // 8 % 8]} thing {i}",
            price=100 + i % 900,
            category=i % 6,
            favourite=0,
            barcodes=(ean13(f"4{i:011d}"),),
        )
        for i in range(count)
    ]


@pytest.mark.shell
async def test_twenty_thousand_articles_are_found_by_code_and_name_also_after_an_offline_start(
    fake: FakeTillServer, context: BrowserContext
) -> None:
    stocked(fake, MANY)
    till = await TillPage.open(context, fake)
    await till.open_shift("100")
    await eventually(
        lambda: till.page.evaluate("import('/kiosk/till/context.js').then(({ till }) => till.catalogue.byId.size)"),
        MANY + 13,
    )
    await till.works_offline()
    fake.stop()
    await till.page.reload()
    await till.shows("Charge")
    await till.hands.scan(fake.products[-1].barcodes[0])
    await till.press("thing 19999")
    await expect(till.page.locator(".tile")).to_have_count(1)
    await till.key("Enter")
    last = fake.products[-1]
    await till.has_lines(f"2 {last.name} €{last.price * 2 / 100:.2f}")
    fake.start()


@pytest.mark.shell
async def test_prices_names_and_ends_arrive_as_deltas(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    fake.change_product(fake.products[0], price=450, name="Sourdough loaf 750 g")
    await expect(selling.page.get_by_role("button", name="Sourdough loaf 750 g €4.50")).to_be_visible()
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20", "1 Sourdough loaf 750 g €4.50")
    fake.change_product(fake.products[0], active=0)
    await expect(selling.page.locator(".tile", has_text="Sourdough loaf 750 g")).to_have_count(0)
    await selling.scan(0)
    await selling.shows("Sourdough loaf 750 g isn't sold any more.")


@pytest.mark.shell
async def test_many_deltas_are_folded_into_one_snapshot(selling: TillPage, fake: FakeTillServer) -> None:
    for cents in range(45):
        fake.change_product(fake.products[0], price=500 + cents)
        await eventually(
            lambda: selling.page.evaluate(
                "import('/kiosk/till/context.js').then(({ till }) => till.catalogue.version)"
            ),
            fake.version,
        )
    await selling.works_offline()
    fake.stop()
    await selling.page.reload()
    await expect(selling.page.get_by_role("button", name="Sourdough loaf 800 g €5.44")).to_be_visible()
    await expect(selling.page.get_by_role("group", name="Categories").get_by_role("button")).to_have_count(8)
    fake.start()


async def test_stock_on_the_tiles_is_live_and_never_stops_a_sale(selling: TillPage, fake: FakeTillServer) -> None:
    croissant = fake.products[1]
    await eventually(lambda: len(fake.sockets), 1)
    fake.set_stock(croissant, "2", low=True)
    await expect(selling.page.get_by_role("button", name="Butter croissant €1.60 2 left")).to_be_visible()
    fake.set_stock(croissant, "0")
    await expect(selling.page.get_by_role("button", name="Butter croissant €1.60 sold out")).to_be_visible()
    await selling.scan(1)
    await selling.has_lines("1 Butter croissant €1.60")


@pytest.mark.shell
async def test_what_changed_while_the_socket_was_gone_is_caught_up(selling: TillPage, fake: FakeTillServer) -> None:
    await eventually(lambda: len(fake.sockets), 1)
    fake.set_stock(fake.products[2], "60")
    await expect(selling.page.get_by_role("button", name="Whole milk 1 l €1.35 60 in stock")).to_be_visible()
    await selling.works_offline()
    fake.stop()
    fake.set_stock(fake.products[2], "41")
    fake.start()
    await selling.hear()
    await expect(selling.page.get_by_role("button", name="Whole milk 1 l €1.35 41 in stock")).to_be_visible(
        timeout=15_000
    )


@pytest.mark.shell
async def test_what_is_sold_offline_comes_off_the_tile_at_once(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.works_offline()
    fake.stop()
    await selling.sell(0)
    await expect(selling.page.get_by_role("button", name="Sourdough loaf 800 g €4.20 17 in stock")).to_be_visible()
    fake.start()


KEPT = """async () => {
  const { till } = await import("/kiosk/till/context.js");
  return (await till.db.get("catalogue", "stock"))?.milli[0];
}"""


@pytest.mark.shell
async def test_what_was_sold_offline_is_off_the_tile_after_a_reload_too(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.page.evaluate("() => import('/kiosk/till/stock_kept.js').then(({ listen }) => listen())")
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    await expect(selling.page.locator(".top .pill")).not_to_contain_text("Online")
    await selling.sell(0)
    await eventually(lambda: selling.page.evaluate(KEPT), 17_000)
    await selling.page.reload()
    await expect(selling.page.get_by_role("button", name="Sourdough loaf 800 g €4.20 17 in stock")).to_be_visible()
    fake.start()


KITS = """async () => {
  const { Catalogue } = await import("/kiosk/till/catalogue.js");
  const catalogue = new Catalogue(null);
  const columns = (ids) => ({
    id: ids, sku: ids, name: ids, price: ids.map(() => 1), category: ids.map(() => -1), tax_class: ids.map(() => 0),
    unit: ids.map(() => "each"), decimals: ids.map(() => 0), active: ids.map(() => 1), barcodes: ids.map(() => []),
    favourite: ids.map(() => 0),
  });
  const left = (...ids) => ids.map((id) => catalogue.byId.get(id).onHand);
  const seen = [];
  catalogue.take({ full: true, version: 1, categories: [], tax_classes: [], choices: [],
    products: columns(["pack", "case", "cola", "roll", "wrap"]),
    kits: { 0: [["cola", 6000]], 1: [["cola", 24000], ["roll", 500]] }, traits: { 4: { service: true } } });
  catalogue.setStock("cola", "50");
  seen.push(left("pack", "case"));
  catalogue.setStock("roll", "0.9");
  catalogue.setStock("pack", "999");
  seen.push(left("pack", "case"));
  catalogue.sold("pack", 2000);
  seen.push(left("cola", "pack", "case"));
  catalogue.sold("cola", 3000);
  catalogue.sold("case", 1000);
  seen.push(left("cola", "roll", "pack", "case"));
  catalogue.take({ full: false, version: 2, products: columns(["pack"]), kits: { 0: [["cola", 4000]] }, traits: {} });
  seen.push(left("pack"));
  catalogue.take({ full: false, version: 3, products: columns(["pack"]), kits: {}, traits: {} });
  catalogue.setStock("cola", "100");
  catalogue.setStock("pack", "5");
  seen.push(left("pack"));
  return seen;
}"""


async def test_a_till_works_out_by_itself_how_many_kits_its_own_stock_makes(selling: TillPage) -> None:
    assert await selling.page.evaluate(KITS) == [
        [8000, None],
        [8000, 1000],
        [38000, 6000, 1000],
        [11000, 400, 1000, 0],
        [2000],
        [5000],
    ]
