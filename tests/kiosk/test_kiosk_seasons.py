"""Of what isn't on sale now by its schedule a till says since or from when, instead of offering to add it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import ean13
from tests.support.till_page import TillPage

CODE = ean13("401234567890")
BEFORE, AFTER = "2020-01-01T10:00:00+00:00", "2099-01-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ({"from": AFTER}, "Easter egg is sold from Jan 1, 2099"),
        ({"from": AFTER, "until": AFTER}, "Easter egg is sold from Jan 1, 2099"),
        ({"until": BEFORE}, "Easter egg was sold until Jan 1, 2020"),
        ({"from": BEFORE, "until": BEFORE}, "Easter egg was sold until Jan 1, 2020"),
    ],
)
async def test_what_is_scanned_out_of_its_season_is_named_with_its_date(
    selling: TillPage, fake: FakeTillServer, schedule: dict[str, str], told: str
) -> None:
    egg = replace(fake.products[0], id="0199a000-0000-7000-9000-0000000000ff", sku="EGG", name="Easter egg")
    fake.add_product(replace(egg, barcodes=(CODE,), active=0, traits=schedule))
    fake.add_product(replace(egg, id=egg.id[:-2] + "fe", sku="HARE", name="Hare", barcodes=()))
    await expect(selling.page.get_by_role("button", name="Hare")).to_be_visible()
    await selling.hands.scan(CODE)
    await selling.shows(told)
    await expect(selling.page.get_by_role("button", name="Add product")).to_have_count(0)
    await selling.scan(2)
    await selling.has_lines("1 Whole milk 1 l €1.35")
