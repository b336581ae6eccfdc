"""What lay there on average, whichever part of the moves the nights have added up already."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from retail import stock
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock import Arrival, Move
from retail.stock.costing.days import forget_days, keep_days
from retail.stock.insights import classed, turned
from tests.support.stockroom import D, document
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

SOLD = """
INSERT INTO product_day (tenant_id, store_id, product_id, business_date, sales, units, revenue_minor, tax_minor,
                         cost_minor)
SELECT $1, $2, $3, $4::date - u.ago, 1, 1, 1190, 190, 400 FROM unnest($5::integer[]) AS u (ago)"""


async def sold_days_ago(shop: Shop, *days: int) -> None:
    """Sell one for 11.90, 1.90 of it tax, that cost 4.00, on each of these days."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(SOLD, tx.tenant, shop.store, shop.products[0].id, tx.now.date(), list(days))


async def lay(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        return next(one.lay for one in await turned(read, None, 90) if one.product == shop.products[0].id)


async def test_what_lay_there_is_the_same_before_the_first_night_behind_it_and_with_a_past_that_came_later(
    shop: Shop,
) -> None:
    async with shop.db.read(shop.scope) as read:
        today = read.now.replace(hour=12)

    def ago(days: int) -> datetime:
        return today - timedelta(days=days)

    async def taken(days: int) -> None:
        one = Move(new_id(), shop.store, shop.products[0].id, "sale", D(-4), D(50), "", new_id(), ago(days))
        await shop.db.run(shop.scope, stock.move, [one])

    goods = [Arrival(shop.products[0].id, D(10), D(50))]
    await taken(45)  # sold before it was written down that it had come
    first_night = new_id()
    await shop.db.run(shop.scope, stock.receive, document(shop, at=ago(60)), goods)
    await taken(30)
    expected = round((15 * 500 + 15 * 300 + 30 * 100) / 90)
    assert await lay(shop) == expected, "no night yet"

    async def night(tx: Tx, bound: UUID) -> None:
        await keep_days(tx, bound)

    await shop.db.run(shop.scope, night, first_night)
    assert await lay(shop) == expected, "most of it came behind the night's bound"
    await shop.db.run(shop.scope, night, new_id())
    assert await lay(shop) == expected, "all of it is kept"
    await shop.db.run(shop.scope, forget_days)
    assert await lay(shop) == expected, "what was kept isn't believed any more"


async def test_margin_is_without_tax_and_classes_are_of_the_same_whole_days(shop: Shop) -> None:
    await sold_days_ago(shop, 0, 1, 90, 91)  # today isn't over, and the last is a day too old
    async with shop.db.read(shop.scope) as read:
        (one,) = await turned(read, None, 90)
        (other,) = [each for each in await classed(read, None, 90) if each.revenue]
    assert (one.cost, one.margin) == (2 * 400, 2 * (1190 - 190 - 400))
    assert (other.revenue, other.abc) == (2 * 1190, "A")


async def test_the_page_says_which_days_and_whether_tax_is_in(shop: Shop, site: Site) -> None:
    await sold_days_ago(shop, 1)
    owner = await site.member(shop)
    for view, column in (("classes", "Brought in, with tax"), ("turnover", "Margin without tax")):
        page = (await owner.get(f"/t/{shop.tenant.slug}/stock/insights?view={view}")).text
        assert column in page
        assert "Whole days: " in page
    assert "6.00" in page
