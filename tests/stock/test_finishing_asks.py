"""Before a count is finished, the question says what becomes of the products that nobody counted."""

from __future__ import annotations

import re

import httpx
import pytest

from retail.kit.ids import new_id
from tests.support.shelves import stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


@pytest.mark.parametrize(("uncounted", "said"), [("keep", "keep their stock."), ("zero", "their stock becomes zero.")])
async def test_finishing_says_how_many_were_not_counted(shop: Shop, site: Site, uncounted: str, said: str) -> None:
    for product in range(3):
        await stocked(shop, "4", product)
    owner = await site.member(shop)
    form = {"store": str(shop.store), "kind": "full", "name": "Friday", "uncounted": uncounted, "areas": "Floor"}
    made = await owner.post(f"{home(shop)}/stock/counts", data=form)
    entries = made.headers["location"]
    at = entries.removesuffix("/entries")
    area = (await owner.get(entries)).text.split('name="area" value="')[1][:36]
    total = int(re.search(r"0 / (\d+)", (await owner.get(at)).text)[1])  # type: ignore[index]
    ones = {
        "keep": "1 product was not counted and keeps its stock.",
        "zero": "1 product was not counted: its stock becomes zero.",
    }
    for done, ware in enumerate(shop.products[:total]):
        asked = _question(await owner.get(at))
        if done < total - 1:
            assert (f"{total - done} products were not counted" in asked, said in asked) == (True, True)
        else:
            assert ones[uncounted] in asked
        entry = {"id": str(new_id()), "area": area, "code": ware.sku, "mode": "set", "quantity": "1"}
        assert (await owner.post(entries, data=entry)).status_code == 303
    assert total > 1
    assert "not counted" not in _question(await owner.get(at))


def _question(page: httpx.Response) -> str:
    """Give what is asked before a count is finished."""
    return page.text.split('/closure"')[1].split('data-confirm="')[1].split('"')[0]
