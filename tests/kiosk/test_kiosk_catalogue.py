"""The catalogue: large, local, and kept up to date while we sell."""

from __future__ import annotations

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


async def test_prices_names_and_ends_arrive_as_deltas(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    fake.change_product(fake.products[0], price=450, name="Sourdough loaf 750 g")
    await expect(selling.page.get_by_role("button", name="Sourdough loaf 750 g €4.50")).to_be_visible()
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20", "1 Sourdough loaf 750 g €4.50")
    fake.change_product(fake.products[0], active=0)
    await expect(selling.page.locator(".tile", has_text="Sourdough loaf 750 g")).to_have_count(0)
    await selling.scan(0)
    await selling.shows("Nothing here has the code")


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


async def test_what_changed_while_the_socket_was_gone_is_caught_up(selling: TillPage, fake: FakeTillServer) -> None:
    await eventually(lambda: len(fake.sockets), 1)
    fake.set_stock(fake.products[2], "60")
    await expect(selling.page.get_by_role("button", name="Whole milk 1 l €1.35 60 in stock")).to_be_visible()
    fake.stop()
    fake.set_stock(fake.products[2], "41")
    fake.start()
    await selling.hear()
    await expect(selling.page.get_by_role("button", name="Whole milk 1 l €1.35 41 in stock")).to_be_visible(
        timeout=15_000
    )


async def test_what_is_sold_offline_comes_off_the_tile_at_once(selling: TillPage, fake: FakeTillServer) -> None:
    fake.stop()
    await selling.sell(0)
    await expect(selling.page.get_by_role("button", name="Sourdough loaf 800 g €4.20 17 in stock")).to_be_visible()
    fake.start()
