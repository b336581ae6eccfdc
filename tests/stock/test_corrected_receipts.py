"""A receipt whose cost was corrected late says so wherever moves are listed, to whoever may see costs."""

from __future__ import annotations

from retail.stock.costing.corrections import correct_cost
from tests.stock.test_costing import receive
from tests.support.stockroom import D
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def test_a_corrected_receipt_shows_its_old_and_its_new_cost(shop: Shop, site: Site) -> None:
    move = await receive(shop, "10", "50")
    await receive(shop, "10", "60", 1)
    for cost in ("51", "52.5"):
        await shop.db.run(shop.scope, correct_cost, move, D(cost), "the bill came")
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    home, ware = f"/t/{shop.tenant.slug}", shop.products[0]
    for path in (f"/products/{ware.id}", f"/stock/{ware.id}", "/stock/moves"):
        page = (await owner.get(home + path)).text
        assert page.count("€0.525 ") == 1, path
        assert page.count("was €0.50<") == 1, path
        assert "€0.51" not in page, "only the latest correction holds"
        hidden = (await clerk.get(home + path)).text
        assert ("€0.525" in hidden, "was €0.50" in hidden) == (False, False), path
    assert f"/stock/revaluations?q={ware.sku}" in (await owner.get(f"{home}/products/{ware.id}")).text
    assert "/stock/revaluations" not in (await clerk.get(f"{home}/products/{ware.id}")).text
