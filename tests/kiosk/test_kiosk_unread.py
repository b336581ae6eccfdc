"""What brings no article though it was read: what isn't sold any more, a label that says that it costs nothing."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage

GONE = "4006381333931"


@pytest.mark.shell
async def test_what_isnt_sold_any_more_is_said_by_its_name(fake: FakeTillServer, context: BrowserContext) -> None:
    fake.archived = {GONE: "Paper straws"}
    till = await TillPage.open(context, fake)
    await till.open_shift("100")
    await till.hands.scan(GONE)
    await till.shows("Paper straws isn't sold any more.")
    await till.hands.scan("4012345678901")
    await till.shows("Nothing here has the code 4012345678901.")
    fake.change_product(fake.products[5], active=False)
    known = "async (id) => !(await import('/kiosk/till/context.js')).till.catalogue.byId.get(id).active"
    await till.page.wait_for_function(known, arg=fake.products[5].id)
    await till.works_offline()
    fake.stop()
    await till.scan(5)  # this device knew it: no network is needed
    await till.shows("Cola 330 ml isn't sold any more.")
    await till.hands.scan(GONE)
    await till.shows(f"Nothing here has the code {GONE}.")
    await till.has_lines()
    fake.start()


async def test_a_label_that_says_no_price_sells_nothing(fake: FakeTillServer, context: BrowserContext) -> None:
    fake.layouts = ["22IIIIIPPPPPC"]
    pie = fake.products[5]
    pie.barcodes = [*pie.barcodes, "2254321"]
    till = await TillPage.open(context, fake)
    await till.open_shift("100")
    await till.hands.scan("2254321000005")
    await till.shows("Nothing was added: the label says that Cola 330 ml costs nothing.")
    await till.has_lines()
    await till.hands.scan("2254321001507")
    await till.has_lines("1 Cola 330 ml €1.50")
    await till.press("3*")
    await till.hands.scan("2254321001507")
    await till.has_lines("4 Cola 330 ml €6.00")
    assert till.errors == []
