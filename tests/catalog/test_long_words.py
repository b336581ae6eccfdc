"""A word without a blank breaks in its cell and pushes no column out of the table."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.support.world import Shop

LONG = "Donaudampfschiff" * 10


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_name_of_160_letters_without_a_blank_pushes_no_column_out(shop: Shop, office: Page, width: int) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET name = $1 WHERE tenant_id = $2 AND id = $3", LONG, tx.tenant,
                         shop.products[0].id)  # fmt: skip
        await tx.execute("UPDATE category SET name = $1 WHERE tenant_id = $2 AND id = $3", LONG[:60], tx.tenant,
                         shop.category)  # fmt: skip
    await office.set_viewport_size({"width": width, "height": 800})
    for path in ("/products", "/stock", "/products/categories"):
        await office.goto(f"/t/{shop.tenant.slug}{path}")
        assert await office.locator(".table, .tree").first.is_visible()
        wide = await office.evaluate(
            "[...document.querySelectorAll('.table-wrap'), document.documentElement]"
            ".map((one) => one.scrollWidth - one.clientWidth)"
        )
        assert max(wide) <= 0, (path, wide)
