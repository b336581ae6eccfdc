"""Where goods leave first in, first out, the page of a product says what its unit cost is, and shows the layers."""

from __future__ import annotations

import re

from retail import stock
from retail.kit.ids import new_id
from retail.stock.rules import Document, Taken
from retail.tenants.settings_changes import change
from tests.support.shelves import stocked
from tests.support.stockroom import AT, D
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_the_page_explains_the_unit_cost_and_shows_what_is_left(shop: Shop, site: Site) -> None:
    loaf = shop.products[0].id
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/products/{loaf}"
    await stocked(shop, "1", cost="50")
    assert "first in, first out" not in (await owner.get(at)).text
    await shop.db.run(shop.scope, change, {"costing": "fifo"})
    assert "What is left cost €0.50 on average." in plain((await owner.get(at)).text), "one layer, at its average"
    await stocked(shop, "10", cost="50")
    await stocked(shop, "20", cost="41.5")
    await shop.db.run(shop.scope, stock.adjust, Document(new_id(), shop.store, "Off", AT), [Taken(loaf, D(-6))])
    page = plain((await owner.get(at)).text)
    assert "Unit cost: what the next one to leave cost, first in, first out" in page
    assert "What is left cost €0.432 on average." in page
    rows = re.findall(r"Altstadt [^A]*?(5|20) €(0\.\d+)", page[page.index("the oldest first") :])
    assert rows[:2] == [("5", "0.50"), ("20", "0.415")]
    clerk = await site.member(shop, "clerk")
    assert "the oldest first" not in (await clerk.get(at)).text
