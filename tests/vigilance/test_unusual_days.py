"""Unusual days: kept once, told once, looked at hour by hour, settled with a note, and never of another's store."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from retail.analytics.rollups.sources import NOBODY
from retail.kit.clock import business_day, local_hour
from retail.kit.ids import new_id
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope
from retail.sales.events import SaleCompleted
from retail.vigilance import looking
from retail.vigilance.jobs import PROJECTIONS
from retail.vigilance.unusual import Wanted, unusual_days
from tests.support import told
from tests.support.selling import Counter
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import Shop

ZONE, CUTOFF = "Europe/Berlin", 4


async def sold(shop: Shop, days: int, *, first: int = 0, last: float = 1.0) -> None:
    """Let the first store have sold as usual, and `last` times that yesterday."""
    today = business_day(datetime.now(UTC), ZONE, CUTOFF)
    rows = [
        (today - timedelta(days=back), hour, round(share * (1 + 0.05 * (-1, 0, 1, 0.5, -0.5)[back % 5])
                                                  * (last if back == 1 else 1)))
        for back in range(first, days)
        for hour, share in ((9, 20_000), (12, 50_000), (16, 30_000))
    ]  # fmt: skip
    async with shop.db.begin(shop.scope) as tx:
        await tx.executemany(
            """INSERT INTO sales_hour (tenant_id, store_id, business_date, local_hour, sales, units, revenue_minor,
                                       tax_minor, cost_minor, refunds, refunds_minor, discount_minor)
               VALUES ($1, $2, $3, $4, 10, 10, $5, 0, 0, 0, 0, 0)""",
            [(tx.tenant, shop.store, *row) for row in rows],
        )


async def run(shop: Shop) -> None:
    await shop.db.run(shop.scope, _now)
    await work_off(shop.db, shop.tenant.id)


async def _now(tx: object) -> None:
    from retail.runtime import jobs

    await jobs.enqueue(tx, looking.JOB)  # type: ignore[arg-type]


async def found(shop: Shop, by: Scope | None = None) -> list[tuple[str | None, int, str]]:
    async with shop.db.read(by or shop.scope) as read:
        page = await unusual_days(read, Wanted(), limit=50)
    return [(one.store_name, one.hour, one.severity) for one in page.items]


async def test_a_day_of_half_the_sales_is_kept_and_told_once_for_the_store_and_for_all(shop: Shop) -> None:
    await sold(shop, 200, last=0.4)
    await run(shop)
    assert sorted(await found(shop), key=str) == [("Altstadt", 24, "high"), (None, 24, "high")]
    await told.relay(shop)
    notices = [kind for kind, _facts in await told.posted(shop)]
    assert notices == ["unusual_sales", "unusual_sales"]
    await run(shop)
    await told.relay(shop)
    assert len(await found(shop)) == 2
    assert len(await told.posted(shop)) == 2
    inside = Scope(shop.tenant.id, shop.scope.actor, shop.scope.permissions, "manager", stores=frozenset({shop.store}))
    elsewhere = Scope(
        shop.tenant.id, shop.scope.actor, shop.scope.permissions, "manager", stores=frozenset({shop.second_store})
    )
    assert await found(shop, inside) == [("Altstadt", 24, "high")]
    assert await found(shop, elsewhere) == []


async def test_a_usual_day_is_not_told(shop: Shop) -> None:
    await sold(shop, 200)
    await run(shop)
    assert await found(shop) == []


async def test_a_sale_asks_for_one_look_when_its_hour_is_over(shop: Shop, counter: Counter) -> None:
    for _ in range(3):
        await counter.sell()
        await told.relay(shop)
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT run_after FROM job WHERE tenant_id = $1 AND name = $2", read.tenant, looking.JOB
        )
    assert len(rows) == 1
    assert (rows[0]["run_after"].minute, rows[0]["run_after"] > datetime.now(UTC)) == (1, True)
    events: dict[type[Event], object] = dict(PROJECTIONS)
    assert set(events) == {SaleCompleted}


async def test_settling_keeps_the_note_tunes_and_is_on_the_trail(shop: Shop, site: Site) -> None:
    await sold(shop, 200, last=2.5)
    await run(shop)
    manager, viewer, home = (
        await site.member(shop, "manager"),
        await site.member(shop, "viewer"),
        f"/t/{shop.tenant.slug}",
    )
    async with shop.db.read(shop.scope) as read:
        page = await unusual_days(read, Wanted(store=shop.store), limit=5)
    [day] = page.items
    listed = (await manager.get(f"{home}/analytics/unusual")).text
    assert "more than expected" in listed
    assert "All stores together" in listed
    there = f"{home}/analytics/unusual/{day.id}"
    shown = await manager.get(there)
    assert (shown.status_code, f"/sales?from={day.day}" in shown.text.replace("&amp;", "&")) == (200, True)
    assert (await viewer.get(there)).status_code == 200
    assert (await viewer.post(f"{there}/verdict", data={"verdict": "dismissed", "note": "x"})).status_code == 403
    assert (await manager.post(f"{there}/verdict", data={"verdict": "dismissed", "note": " "})).status_code == 422
    assert (await manager.post(f"{there}/verdict", data={"verdict": "dismissed", "note": "Market"})).status_code == 303
    assert (await manager.post(f"{there}/verdict", data={"verdict": "confirmed", "note": "No"})).status_code == 409
    assert "Market" in (await manager.get(there)).text
    assert (await manager.get(f"{home}/analytics/unusual/{new_id()}")).status_code == 404
    file = await manager.get(f"{home}/analytics/unusual/export?format=csv&state=dismissed")
    assert len(file.text.strip().splitlines()) == 2
    async with shop.db.read(shop.scope) as read:
        assert (await looking.tuned_for(read, shop.store)).threshold == Decimal("1.06")
        assert (await looking.tuned_for(read, NOBODY)).threshold == Decimal("1.00")
        [row] = await read.fetch(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'sales.unusual_settled'", read.tenant
        )
    assert json.loads(row["facts"])["after"] == "1.06"


async def test_today_is_judged_while_it_runs(shop: Shop) -> None:
    reached = (local_hour(datetime.now(UTC), ZONE) - CUTOFF) % 24
    await sold(shop, 200, first=1)
    async with shop.db.read(shop.scope) as read:
        from retail.tenants.queries import stores

        seen = await looking.look(read, await stores(read))
    expected = {(shop.store, reached), (NOBODY, reached)} if reached > 12 - CUTOFF else set()
    assert {(one.store, one.off.hour) for one in seen.seen} == expected, "nothing was sold today"
    assert seen.goes_on == (reached <= 16 - CUTOFF)
