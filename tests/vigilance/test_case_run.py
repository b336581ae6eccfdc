"""The night's run: who did more than the others becomes a case with reasons, once; what was found tunes the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from retail.kit.ids import new_id
from retail.risk.errors import OwnAlert
from retail.risk.opening import reasons_of
from retail.risk.operations import settle
from retail.risk.queries import Alert, Wanted, alerts
from retail.risk.tuning import threshold, tuned
from retail.runtime import jobs
from retail.runtime.tenancy import Scope
from retail.vigilance.jobs import JOB
from retail.vigilance.scores import past
from tests.identity.test_approvals import somebody
from tests.support import told
from tests.support.days import trading_day
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import Shop
from tests.vigilance.test_report import opened

TODAY = trading_day()


async def watched(shop: Shop, days: int = 40) -> list[Scope]:
    """Let four cashiers have sold sixty times a day for so many days up to yesterday."""
    people = [await somebody(shop, "clerk") for _ in range(4)]
    for one in people:
        await sold_daily(shop, one.actor.id, days)
    return people


async def sold_daily(shop: Shop, cashier: UUID, days: int) -> None:
    """Let somebody have sold sixty times on each of the days up to yesterday, at 5.00 each."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO cashier_hour (tenant_id, business_date, store_id, cashier_id, local_hour, sales, units,
                                         revenue_minor, refunds, refunds_minor)
               SELECT $1, $4::date - n, $2, $3, 10, 60, 60, 30000, 0, 0 FROM generate_series(1, $5::int) AS n""",
            tx.tenant, shop.store, cashier, TODAY, days,
        )  # fmt: skip


async def run(shop: Shop) -> None:
    await shop.db.run(shop.scope, jobs.enqueue, JOB)
    await work_off(shop.db, shop.tenant.id)


async def cases(shop: Shop) -> Sequence[Alert]:
    async with shop.db.read(shop.scope) as read:
        return (await alerts(read, Wanted(kind="case"), limit=50)).items


async def kept(shop: Shop, table: str) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(await read.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", read.tenant))


async def test_a_wild_day_becomes_one_case_with_its_reason_and_a_notice(shop: Shop) -> None:
    ada, ben, *_others = await watched(shop)
    await opened(shop, ben.actor.id, 1, TODAY - timedelta(days=9))
    await opened(shop, ada.actor.id, 12, TODAY - timedelta(days=1))
    await run(shop)
    [case] = await cases(shop)
    assert (case.cashier, case.store, case.kind, case.acts, case.amount_minor, case.state) == (
        ada.actor.id, shop.store, "case", 12, None, "open"
    )  # fmt: skip
    async with shop.db.read(shop.scope) as read:
        [why] = await reasons_of(read, case.id)
        then = await past(read, ada.actor.id, shop.store, TODAY)
    assert (why.measure, why.seen, why.business_date) == ("no_sale", 12, TODAY - timedelta(days=1))
    assert (why.since, why.lasting, why.odds > 10_000) == (why.business_date, False, True)
    assert ((then.heaviest[0].day, then.heaviest[0].share >= 100), len(then.cases)) == ((why.business_date, True), 1)
    await told.relay(shop)
    assert [kind for kind, _facts in await told.posted(shop)] == ["risk_alert"]
    scores = await kept(shop, "cashier_score")
    await run(shop)
    assert (len(await cases(shop)), await kept(shop, "cashier_score")) == (1, scores), "a second run adds nothing"


async def test_days_of_long_ago_open_no_case_when_a_store_is_judged_first(shop: Shop) -> None:
    ada, *_others = await watched(shop)
    await opened(shop, ada.actor.id, 12, TODAY - timedelta(days=12))
    await run(shop)
    assert await cases(shop) == []
    async with shop.db.read(shop.scope) as read:
        then = await past(read, ada.actor.id, shop.store, TODAY)
    assert then.heaviest[0].share >= 100, "but the day's weight is told"


async def test_a_shop_with_one_cashier_has_no_cases(shop: Shop) -> None:
    ada = await somebody(shop, "clerk")
    await sold_daily(shop, ada.actor.id, 40)
    await opened(shop, ada.actor.id, 12, TODAY - timedelta(days=1))
    await run(shop)
    assert (await cases(shop), await kept(shop, "cashier_score")) == ([], 0)


@pytest.mark.parametrize(
    ("dismissed", "confirmed", "wanted"),
    [(0, 0, "1.00"), (1, 0, "1.06"), (0, 1, "0.96"), (2, 1, "1.08"), (50, 0, "1.80"), (0, 50, "0.80")],
)
def test_the_threshold_follows_what_was_found_within_bounds(dismissed: int, confirmed: int, wanted: str) -> None:
    assert threshold(dismissed, confirmed) == Decimal(wanted)


async def test_settling_tunes_the_threshold_on_the_trail_and_nobody_settles_about_themselves(shop: Shop) -> None:
    ada, *_others = await watched(shop)
    manager = await somebody(shop, "manager")
    await sold_daily(shop, manager.actor.id, 1)
    for who in (ada, manager):
        await opened(shop, who.actor.id, 12, TODAY - timedelta(days=1))
    await run(shop)
    by_cashier: dict[UUID, Alert] = {one.cashier: one for one in await cases(shop)}
    assert set(by_cashier) == {ada.actor.id, manager.actor.id}
    with pytest.raises(OwnAlert):
        await shop.db.run(manager, settle, by_cashier[manager.actor.id].id, "dismissed", "I had to")
    await shop.db.run(manager, settle, by_cashier[ada.actor.id].id, "dismissed", "Change for the market")
    async with shop.db.read(shop.scope) as read:
        assert (await tuned(read, shop.store)).threshold == Decimal("1.06")
        assert (await tuned(read, shop.second_store)).threshold == Decimal("1.00")
        [facts] = await read.fetch(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'risk.tuned'", read.tenant
        )
    assert json.loads(facts["facts"]) == {"kind": "case", "before": "1.00", "after": "1.06"}


async def test_the_page_of_a_case_says_why_and_leads_to_the_records(shop: Shop, site: Site) -> None:
    ada, *_others = await watched(shop)
    await opened(shop, ada.actor.id, 12, TODAY - timedelta(days=1))
    await run(shop)
    [case] = await cases(shop)
    manager, home = await site.member(shop, "manager"), f"/t/{shop.tenant.slug}"
    assert "More than the others" in (await manager.get(f"{home}/risk?kind=case")).text
    page = (await manager.get(f"{home}/risk/alerts/{case.id}")).text
    assert "Drawer without a sale" in page
    assert "The threshold of this store is 1" in page
    link = page.split("/risk/exceptions?", 1)[1].split('"', 1)[0].replace("&amp;", "&")
    behind = (await manager.get(f"{home}/risk/exceptions?{link}")).text
    assert behind.count("Drawer opened") == 12
    done = await manager.post(f"{home}/risk/alerts/{case.id}/verdict", data={"verdict": "confirmed", "note": "Video"})
    assert done.status_code == 303
    rules = (await manager.get(f"{home}/risk/rules?store={shop.store}")).text
    assert "The threshold is 0.96" in rules
    shown = await manager.get(f"{home}/risk/cashiers/{ada.actor.id}")
    assert (shown.status_code, "Over 90 days" in shown.text, "Confirmed" in shown.text) == (200, True, True)
    assert (await manager.get(f"{home}/risk/cashiers/{new_id()}")).status_code == 404
    assert len((await manager.get(f"{home}/risk/export?format=csv")).text.strip().splitlines()) == 2
