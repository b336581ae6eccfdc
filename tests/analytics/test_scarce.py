"""What Today says of stock: what is below zero comes first, and a product counts once however many stores have it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from uuid import UUID

from retail.analytics import panels
from retail.analytics.rules import Window, period, window
from retail.runtime.db import Read
from retail.stock.reordering.operations import NewRule, set_rule
from retail.stock.reordering.queries import suggestions
from tests.support.web import Site
from tests.support.world import Shop

DAY = date(2026, 11, 20)
D = Decimal


def windows(read: Read, *stores: UUID) -> list[Window]:
    return [window(one, "Europe/Berlin", 4, period("day", DAY), read.now) for one in stores]


async def shelve(shop: Shop, store: UUID, product: int, on_hand: str, pace: str = "", *, low: bool = False) -> None:
    """Put a balance on the shelf, and its pace if one is known."""
    id = shop.products[product].id
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO stock_balance (tenant_id, store_id, product_id, on_hand, unit_cost, worth, updated_at,
                                          low_since)
               VALUES ($1, $2, $3, $4, 100, 100 * $4::numeric, $5::timestamptz,
                       CASE WHEN $6 THEN $5::timestamptz END)""",
            tx.tenant, store, id, D(on_hand), tx.now, low,
        )  # fmt: skip
        if pace:
            await tx.execute(
                "INSERT INTO product_pace (tenant_id, store_id, product_id, as_of, days, units)"
                " VALUES ($1, $2, $3, $4, 28, $5)",
                tx.tenant, store, id, DAY, D(pace),
            )  # fmt: skip


async def test_what_is_below_zero_runs_out_before_what_is_at_zero(still_shop: Shop) -> None:
    shop = still_shop
    await shelve(shop, shop.store, 0, "0", "2800")
    await shelve(shop, shop.store, 1, "-3", "280")
    await shelve(shop, shop.store, 2, "-989")  # sold today for the first time: no pace is known
    await shelve(shop, shop.store, 3, "5", "280")
    async with shop.db.read(shop.scope) as read:
        found = await panels.runs_out(read, windows(read, shop.store))
    assert [one.product_id for one in found] == [shop.products[place].id for place in (2, 1, 0, 3)]


async def test_today_suggests_the_very_order_that_the_page_to_order_does(still_shop: Shop, still_site: Site) -> None:
    shop, cola = still_shop, still_shop.products[3].id
    await shop.db.run(shop.scope, set_rule, NewRule(cola, None, pack_quantity=D(12), lead_days=2))
    await shelve(shop, shop.store, 3, "3", "56")
    await shelve(shop, shop.store, 1, "12", "28")  # gone in 12 days, and above its point: too early
    async with shop.db.read(shop.scope) as read:
        todays = {one.product_id: one.order for one in await panels.runs_out(read, windows(read, shop.store))}
        to_order = {one.product: one.suggestion.order for one in await suggestions(read)}
    assert todays == {cola: D(36), shop.products[1].id: D(0)}, "16 days of 2, less 3, in packs of 12"
    assert to_order == {cola: D(36)}
    page = (await (await still_site.member(shop)).get(f"/t/{shop.tenant.slug}/today/watch")).text
    assert re.findall(r'<td class="r num extra">([^<]*)</td>', page) == ["2", "36", "1", "\u2013"]


async def test_a_product_that_is_low_in_two_stores_is_one_product(still_shop: Shop, still_site: Site) -> None:
    shop = still_shop
    await shelve(shop, shop.store, 0, "1", low=True)
    await shelve(shop, shop.second_store, 0, "1", low=True)
    await shelve(shop, shop.store, 1, "1", low=True)
    async with shop.db.read(shop.scope) as read:
        facts = await panels.worth_knowing(read, windows(read, shop.store, shop.second_store))
    assert [(one.kind, one.amount, one.stores) for one in facts] == [("low", 2, 2)]
    owner = await still_site.member(shop)
    today = await owner.get(f"/t/{shop.tenant.slug}/today/watch")
    assert "2 products should be reordered" in today.text
    assert "in 2 stores" in today.text
    stock = (await owner.get(f"/t/{shop.tenant.slug}/stock")).text
    for label in ("Products on hand in 2 stores", "Low in 2 stores"):
        assert re.search(rf'{label}</span><span class="stat-value num"[^>]*>2<', " ".join(stock.split())), label


async def test_the_books_have_one_name_everywhere(still_shop: Shop, still_site: Site) -> None:
    owner = await still_site.member(still_shop)
    for path in ("/ledger", "/ledger/entries", "/"):
        page = (await owner.get(f"/t/{still_shop.tenant.slug}{path}")).text
        assert ">Ledger<" not in page
        assert "Books" in page
