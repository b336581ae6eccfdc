"""Ordering by forecast, as people and programs see it: what a suggestion rests on, and when what is there is gone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from retail.kit.clock import business_day
from retail.stock.reordering.ahead import ANCHORS, DAYS, LEVELS
from retail.stock.reordering.operations import NewRule, set_rule
from retail.stock.reordering.queries import needs
from retail.stock.reordering.rules import point_of
from retail.tenants.settings_changes import change
from tests.support.shelves import stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

D = Decimal
SPREAD = {5: -1500, 10: -1000, 25: -500, 50: 0, 75: 500, 85: 900, 90: 1200, 93: 1500, 95: 1700, 97: 2000, 99: 2500}


async def foreseen(shop: Shop, product: int, daily: int, *, abc: str = "B") -> None:
    """Let so many a day be expected of a product that nobody set a point for."""
    line = [daily * 1000 * (at + 1) for at in range(DAYS)]
    spread = [[SPREAD[level]] * len(ANCHORS) for level in LEVELS]
    id = shop.products[product].id
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = NULL WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
        await tx.execute(
            """INSERT INTO demand_ahead (tenant_id, store_id, product_id, run, first_day, abc, expected, middle, spread)
               VALUES ($1, $2, $3, 1, $4, $5, $6, $6, $7)""",
            tx.tenant, shop.store, id, business_day(tx.now, shop.tenant.timezone), abc, line, spread,
        )  # fmt: skip


async def test_a_suggestion_says_what_it_rests_on_and_when_it_is_gone(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    await stocked(shop, "12")
    await foreseen(shop, 0, 4)
    (item,) = (await owner.get(f"{base}/api/v1/stock/suggestions")).json()["items"]
    day = business_day(shop.db.clock.now(), shop.tenant.timezone)
    assert {name: item[name] for name in ("expected", "expected_days", "safety", "service_percent", "point")} == {
        "expected": "16", "expected_days": 4, "safety": "6.093", "service_percent": 93, "point": "22.093",
    }  # fmt: skip
    assert (item["order"], item["runs_out_on"]) == ("67", (day + timedelta(days=3)).isoformat())
    assert (item["gone_percent"], item["gone_by"]) == (50, (day + timedelta(days=2)).isoformat())
    assert item["why"] == (
        "Expected to sell in 4 days: 16. With a safety stock of 6.1, reorder at 22. 12 on hand. "
        "Fills up to 79, for 14 days more."
    )
    page = (await owner.get(f"{base}/stock/suggestions")).text
    assert "Expected to sell in 4 days: 16." in page
    assert "with 50 %" in page
    assert "with 50 %" in (await owner.get(f"{base}/stock/{shop.products[0].id}")).text
    rows = (await owner.get(f"{base}/stock/suggestions/export")).text.splitlines()
    assert rows[0].endswith("gone_percent,gone_by,in_budget,in_budget_cost,left_out")
    assert rows[1].endswith(f"{item['gone_by']},,,")


async def test_the_business_says_how_surely_and_how_often(shop: Shop) -> None:
    await stocked(shop, "12")
    await foreseen(shop, 0, 4, abc="A")

    async def point() -> Decimal:
        async with shop.db.read(shop.scope) as read:
            return point_of((await needs(read, shop.products[0].id))[shop.store])

    assert await point() == D(16) + D("8.124"), "97 %"
    await shop.db.run(shop.scope, change, {"service_a": "75"}, None)
    assert await point() == D(16) + D("2.031")
    await shop.db.run(shop.scope, change, {"review_days": 7}, None)
    assert await point() == D(40) + D("3.182")
    await shop.db.run(shop.scope, set_rule, NewRule(shop.products[0].id, shop.store, lead_days=1, safety_stock=D(9)))
    assert await point() == D(32) + D(9), "the safety stock that somebody set is the larger one"
