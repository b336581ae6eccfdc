"""The list of all moves: searched by product, with what each cost, on the page and in its file."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

import pytest

from retail.stock import moved
from tests.support.shelves import stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

_VALUES: Final = re.compile(r'data-label="(?:Unit cost|Value)">([^<]*)<')


async def names(shop: Shop, text: str) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [one.sku for one in (await moved.moves(read, text=text, limit=50)).items]


@pytest.mark.parametrize("few", [100, 0])
async def test_moves_are_searched_by_their_product(shop: Shop, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(moved, "_FEW", few)  # more products than that are searched in another way
    for product in range(3):
        await stocked(shop, "4", product)
    await stocked(shop, "2", 1)
    first, second = shop.products[0], shop.products[1]
    assert await names(shop, second.sku.lower()) == [second.sku, second.sku]
    assert await names(shop, f"{first.name.split()[0]} {first.sku}") == [first.sku]
    assert await names(shop, f"{first.sku} {second.sku}") == []
    assert len(await names(shop, "sku")) == 4
    async with shop.db.read(shop.scope) as read:
        page = await moved.moves(read, text=second.sku, limit=1)
        rest = await moved.moves(read, text=second.sku, limit=1, after=page.next)
    assert [one.quantity for one in (*page.items, *rest.items)] == [2, 4]
    assert rest.next is None


async def test_the_page_and_its_file_are_searched_and_tell_costs_to_who_may_see_them(shop: Shop, site: Site) -> None:
    for product in range(2):
        await stocked(shop, "4", product)
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/moves"
    asked = {"q": "SKU-002"}
    page = (await owner.get(at, params=asked)).text
    assert shop.products[1].name in page
    assert shop.products[0].name not in page
    cost, value = _VALUES.findall(page)
    assert float(value.lstrip("€")) == pytest.approx(4 * float(cost.lstrip("€")))
    (row,) = csv.DictReader(io.StringIO((await owner.get(f"{at}/export", params=asked | {"format": "csv"})).text))
    assert (row["sku"], float(row["value"])) == ("SKU-002", 4 * float(row["unit_cost"]))
    nothing = (await owner.get(at, params={"q": "nothing is called so"})).text
    assert "Nothing matches" in nothing
    clerk = (await (await site.member(shop, "clerk")).get(at)).text
    assert shop.products[1].name in clerk
    assert _VALUES.findall(clerk) == []
