"""The tax class that the form of a new product begins with."""

from __future__ import annotations

import re

from retail.kit.ids import new_id
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def test_a_new_product_begins_with_what_most_have_and_not_with_a_class_that_was_just_added(
    site: Site, shop: Shop
) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    made = {"id": str(new_id()), "code": "AA", "name": "AAA 18", "rate": "18"}
    assert (await owner.post(f"{home}/taxes", data=made)).status_code == 303
    async with shop.db.read(shop.scope) as read:
        usual = await read.fetchval(
            "SELECT tax_class_id FROM product WHERE tenant_id = $1 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
            read.tenant,
        )
    form = (await owner.get(f"{home}/new")).text
    chosen = re.findall(r'<option value="([0-9a-f-]{36})"\s+selected', form.split('name="tax_class"')[1])
    assert chosen[0] == str(usual)
