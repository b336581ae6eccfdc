"""The list of waste on a phone: its rows stack, the goods in front, and nothing is pushed out."""

from __future__ import annotations

from playwright.async_api import Page

from tests.support.office import office
from tests.support.shelves import stocked
from tests.support.web import site
from tests.support.world import Shop

__all__ = ["office", "site"]

LONG = "Donaudampfschiff" * 10


async def test_the_goods_have_the_width_of_a_phone(shop: Shop, office: Page) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET name = $1 WHERE tenant_id = $2 AND id = $3", LONG, tx.tenant,
                         shop.products[0].id)  # fmt: skip
    await stocked(shop, "10")
    await office.set_viewport_size({"width": 390, "height": 800})
    moves = f"/t/{shop.tenant.slug}/api/v1/stock/moves"
    body = {
        "store": str(shop.store),
        "product": str(shop.products[0].id),
        "kind": "waste",
        "quantity": "2",
        "reason": "x",
    }
    await office.goto(f"/t/{shop.tenant.slug}/stock/waste")
    sent = await office.request.post(moves, data=body, headers={"Origin": office.url.split("/t/")[0]})
    assert sent.ok, await sent.text()
    await office.reload()
    row = office.locator("#waste tbody tr").first
    assert await row.locator("td:not([data-label])").count() == 0, "each cell says its column"
    whole, goods = await row.bounding_box(), await row.locator("th").bounding_box()
    assert whole is not None
    assert goods is not None
    assert goods["width"] > whole["width"] * 0.6
    wide = await office.evaluate(
        "[...document.querySelectorAll('.table-wrap'), document.documentElement]"
        ".map((one) => one.scrollWidth - one.clientWidth)"
    )
    assert max(wide) <= 0
