"""Receipts are looked at once they are here: each once, with reasons; a high one raises one alert, which tunes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.identity.approval_rules import ActLine
from retail.identity.tokens import create_token
from retail.kit.ids import new_id
from retail.risk.operations import settle
from retail.risk.queries import Alert, Wanted, alerts
from retail.risk.tuning import SCORE, Tuned, high_mark, tuned
from retail.runtime import jobs
from retail.runtime.tenancy import Scope
from retail.sales import listing
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from retail.sales.risks import Risk, risk_of, sight_of
from retail.sales.voids import Undone, VoidIn, note_undone, note_void
from retail.tenants.settings_changes import change
from retail.vigilance import customs, scoring
from tests.identity.test_approvals import somebody
from tests.risk.test_risk_alerts import set_rule
from tests.sales.test_sale_approvals import with_discount
from tests.sales.test_till_returns import back_of, take
from tests.support import told
from tests.support.selling import Counter
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import Shop


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


async def look(shop: Shop) -> None:
    """Let the relay tell, and the worker look at what came."""
    await told.relay(shop)
    await shop.db.run(shop.scope, jobs.enqueue, scoring.JOB)
    await work_off(shop.db, shop.tenant.id)
    await told.relay(shop)


async def risk(shop: Shop, id: UUID) -> Risk | None:
    async with shop.db.read(shop.scope) as read:
        return await risk_of(read, id)


async def points(shop: Shop, id: UUID) -> dict[str, int]:
    found = await risk(shop, id)
    assert found is not None
    assert found.points == min(100, sum(one.points for one in found.reasons))
    return {one.code: one.points for one in found.reasons}


async def raised(shop: Shop, kind: str = SCORE) -> list[Alert]:
    async with shop.db.read(shop.scope) as read:
        return list((await alerts(read, Wanted(kind=kind), limit=50)).items)


async def sold(counter: Counter, by: Scope, **changes: Any) -> UUID:
    [outcome] = await counter.send(counter.sale(occurred_at=now(), **changes), scope=by)
    assert outcome.sale is not None
    return outcome.sale.id


async def risky(shop: Shop, counter: Counter, by: Scope, off: int = 420) -> UUID:
    """Give everything away by hand at below what it cost, without a word, where the till's rule asks for one."""
    body = with_discount(counter, off)
    await counter.send(body, scope=by)
    return UUID(body["id"])


async def test_a_receipt_is_looked_at_behind_its_sale_and_once(shop: Shop, counter: Counter) -> None:
    clerk = await somebody(shop, "clerk")
    plain = await sold(counter, clerk)
    assert await risk(shop, plain) is None, "not on the sale's own path"
    await look(shop)
    assert await points(shop, plain) == {}
    before = await risk(shop, plain)
    await look(shop)
    assert await risk(shop, plain) == before
    assert await raised(shop) == []


async def test_the_relay_asks_for_one_look_a_minute_however_much_is_sold(shop: Shop, counter: Counter) -> None:
    clerk = await somebody(shop, "clerk")
    for _ in range(3):
        await sold(counter, clerk)
        await told.relay(shop)
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT run_after FROM job WHERE tenant_id = $1 AND name = $2", read.tenant, scoring.JOB
        )
    assert 1 <= len(rows) <= 2, "two where a minute began meanwhile"


async def test_refunds_say_what_is_odd_about_them(shop: Shop, counter: Counter) -> None:
    seller, other = await somebody(shop, "manager"), await somebody(shop, "manager")
    card = [{"type": "card", "amount": 420, "change": 0}]
    [outcome] = await counter.send(counter.sale(occurred_at=now(), tenders=card), scope=seller)
    sale = outcome.sale
    assert sale is not None
    own = ReturnIn(new_id(), shop.till, counter.shift, {sale.lines[0].id: 1000}, (), new_id().bytes * 2)
    await shop.db.run(seller, return_goods, sale.id, own)
    again = await sold(counter, seller)
    async with shop.db.read(shop.scope) as read:
        line = await read.fetchval("SELECT id FROM sale_line WHERE tenant_id = $1 AND sale_id = $2", read.tenant, again)
    others = ReturnIn(new_id(), shop.till, counter.shift, {line: 1000}, (), new_id().bytes * 2)
    await shop.db.run(other, return_goods, again, others)
    await look(shop)
    assert await points(shop, own.id) == {"rule": 20, "own": 10, "other_tender": 15}
    assert await points(shop, others.id) == {}


async def test_an_act_that_is_in_an_alert_already_raises_no_second(shop: Shop, counter: Counter) -> None:
    await set_rule(shop, override_outcome="approval", override_least=1)
    clerk = await somebody(shop, "clerk")
    sale = await risky(shop, counter, clerk)
    await look(shop)
    assert await points(shop, sale) == {"rule": 20, "unanswered": 15, "below_cost": 25, "discount": 20}
    [known] = await raised(shop, "override")
    found = await risk(shop, sale)
    assert found is not None
    assert (found.level, found.points, found.alert, await raised(shop)) == ("high", 80, known.id, [])


async def high(shop: Shop, counter: Counter, by: Scope) -> UUID:
    """Have a receipt with a high score and no rule that fired: 45 for what it is, 15 each for who and what is usual."""
    await usual(shop, by.actor.id)
    sale = await risky(shop, counter, by)
    await look(shop)
    return sale


async def usual(shop: Shop, cashier: UUID | None) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO store_custom (tenant_id, store_id, made_at, sales, refunds, discounts, sale_marks,
                                         refund_marks, discount_marks, hours, tenders)
               VALUES ($1, $2, $3, 4000, 60, 120, '{9000,9000,9000}', '{9000,9000,9000}', '{100,200,300}',
                       array_fill(160::bigint, ARRAY[24]), '{"card": 4000}') ON CONFLICT DO NOTHING""",
            tx.tenant, shop.store, tx.now,
        )  # fmt: skip
        await tx.execute(
            """INSERT INTO cashier_habit (tenant_id, store_id, cashier_id, measure, times, chance)
               VALUES ($1, $2, $3, 'discount', 4.2, 0.0004) ON CONFLICT DO NOTHING""",
            tx.tenant, shop.store, cashier,
        )  # fmt: skip


async def test_a_high_score_raises_one_alert_which_leads_to_the_receipt_and_tunes(
    shop: Shop, counter: Counter, site: Site
) -> None:
    clerk = await somebody(shop, "clerk")
    sale = await high(shop, counter, clerk)
    assert await points(shop, sale) == {"below_cost": 25, "discount": 20, "habit": 15, "tender": 5}
    [alert] = await raised(shop)
    assert (alert.cashier, alert.store, alert.acts, alert.amount_minor, alert.state) == (
        clerk.actor.id, shop.store, 1, 0, "open"
    )  # fmt: skip
    assert [kind for kind, _facts in await told.posted(shop)].count("risk_alert") == 1
    await look(shop)
    assert len(await raised(shop)) == 1, "a second look finds nothing new"
    page = await (await site.member(shop, "manager")).get(f"/t/{shop.tenant.slug}/risk/alerts/{alert.id}")
    assert (page.status_code, "65 of 100" in page.text, f"/sales/{sale}" in page.text) == (200, True, True)
    assert "Sold by hand for less than it cost." in page.text
    assert "In this store a risk is high from 60 on" in page.text
    await shop.db.run(shop.scope, settle, alert.id, "dismissed", "Staff meal")
    async with shop.db.read(shop.scope) as read:
        assert high_mark(await tuned(read, shop.store, SCORE)) == 64
        assert (await tuned(read, shop.store)).dismissed == 0, "cases have a threshold of their own"
        [moved] = await read.fetch(
            "SELECT facts::text FROM audit_event WHERE tenant_id = $1 AND action = 'risk.tuned'", read.tenant
        )
    assert ('"before": "60"' in moved[0] or '"before":"60"' in moved[0], "64" in moved[0]) == (True, True)
    second = await risky(shop, counter, clerk)
    await look(shop)
    found = await risk(shop, second)
    assert found is not None
    assert (found.level, len(await raised(shop))) == ("high", 2), "65 is above 64 still"


async def test_receipts_of_nobody_and_of_long_ago_raise_none(shop: Shop, counter: Counter) -> None:
    clerk = await somebody(shop, "clerk")
    await usual(shop, clerk.actor.id)
    old = (datetime.now(UTC) - timedelta(days=9)).isoformat().replace("+00:00", "Z")
    body = with_discount(counter, 420) | {"occurred_at": old}
    await counter.send(body, scope=clerk)
    await look(shop)
    found = await risk(shop, UUID(body["id"]))
    assert found is not None
    assert (found.level, found.alert, await raised(shop)) == ("high", None, [])


@pytest.mark.parametrize(
    ("dismissed", "confirmed", "mark"), [(0, 0, 60), (1, 0, 64), (0, 1, 58), (50, 0, 90), (0, 50, 48)]
)
def test_the_mark_follows_what_was_found_within_bounds(dismissed: int, confirmed: int, mark: int) -> None:
    assert high_mark(Tuned(dismissed, confirmed)) == mark


async def test_the_night_keeps_what_is_usual_and_looks_at_what_nobody_did(shop: Shop, counter: Counter) -> None:
    clerk = await somebody(shop, "clerk")
    day = (datetime.now(UTC) - timedelta(days=2)).isoformat().replace("+00:00", "Z")
    sales = [counter.sale(occurred_at=day) for _ in range(5)]
    await counter.send(*sales, scope=clerk)
    await told.relay(shop)
    for _twice in range(2):
        await shop.db.run(shop.scope, jobs.enqueue, customs.JOB)
        await work_off(shop.db, shop.tenant.id)
    async with shop.db.read(shop.scope) as read:
        usual = (await customs.usual_of(read, [shop.store]))[shop.store]
        scored = await read.fetchval("SELECT count(*) FROM sale_risk WHERE tenant_id = $1", read.tenant)
    assert (usual.sales, usual.refunds, usual.sale_marks, sum(usual.hours.values()), usual.tenders) == (
        5, 0, (420, 420, 420), 5, {"cash": 5}
    )  # fmt: skip
    assert scored == 5


async def test_voids_of_the_basket_count_with_its_receipt_and_those_undone_do_not(shop: Shop, counter: Counter) -> None:
    clerk = await somebody(shop, "clerk")
    first, second = counter.sale(occurred_at=now()), counter.sale(occurred_at=now())
    lines = [(ActLine(new_id(), None, 1000, 420), "Loaf")]
    for body in (first, second):
        gone = VoidIn(
            new_id(), "line", UUID(body["id"]), counter.shift, "", lines, 420, datetime.now(UTC),
            tendered=True,
        )  # fmt: skip
        await shop.db.run(clerk, note_void, counter.till, gone)
    await shop.db.run(clerk, note_undone, counter.till, Undone(new_id(), gone.id, datetime.now(UTC)))
    await counter.send(first, second, scope=clerk)
    await look(shop)
    assert await points(shop, UUID(first["id"])) == {"voids": 20, "late_voids": 15}
    assert await points(shop, UUID(second["id"])) == {}


async def test_the_list_is_narrowed_and_sorted_by_risk_for_who_settles_alone(
    shop: Shop, counter: Counter, site: Site
) -> None:
    clerk = await somebody(shop, "clerk")
    plain = await sold(counter, clerk)
    odd = await high(shop, counter, clerk)
    unseen = await sold(counter, clerk)
    async with shop.db.read(shop.scope) as read:
        sight = sight_of(read.scope)
        for level, found in (("high", [odd]), ("low", [plain]), ("middle", []), ("none", [unseen])):
            page = await listing.sales(read, listing.Wanted(risk=level, sight=sight), limit=9)
            assert [one.id for one in page.items] == found, level
        first = await listing.sales(read, listing.Wanted(sight=sight), limit=1, order=listing.RISK)
        rest = await listing.sales(read, listing.Wanted(sight=sight), limit=9, order=listing.RISK, after=first.next)
    assert [(one.id, one.points, one.risk) for one in (*first.items, *rest.items)] == [
        (odd, 65, "high"), (plain, 5, "low")
    ]  # fmt: skip
    manager, at = await site.member(shop, "manager"), f"/t/{shop.tenant.slug}"
    page = await manager.get(f"{at}/sales?risk=high")
    assert (f"sale-{odd}" in page.text, f"sale-{plain}" in page.text, "65 · High" in page.text) == (True, False, True)
    shown = await manager.get(f"{at}/sales/{odd}")
    assert ("Risk: 65 of 100, high" in shown.text, "15 points" in shown.text) == (True, True)
    assert "Not looked at yet" in (await manager.get(f"{at}/sales/{unseen}")).text
    file = await manager.get(f"{at}/sales/receipts/export?format=csv&risk=high")
    rows = list(csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))))
    assert [(row["sale"], row["risk"], row["risk_points"]) for row in rows] == [(str(odd), "high", "65")]


async def test_nobody_sees_the_risk_of_their_own_sales_and_clerks_none(
    shop: Shop, counter: Counter, site: Site
) -> None:
    clerk, manager = await somebody(shop, "clerk"), await somebody(shop, "manager")
    own, other = await sold(counter, manager), await sold(counter, clerk)
    await look(shop)
    assert sight_of(clerk) is None
    sight = sight_of(manager)
    assert sight is not None
    assert (sight.of(shop.store, manager.actor.id), sight.of(shop.store, clerk.actor.id)) == (False, True)
    async with shop.db.read(manager) as read:
        page = await listing.sales(read, listing.Wanted(sight=sight), limit=9)
        low = await listing.sales(read, listing.Wanted(risk="low", sight=sight), limit=9)
    assert {one.id: one.risk for one in page.items} == {own: "", other: "low"}
    assert [one.id for one in low.items] == [other]
    async with shop.db.read(clerk) as read:
        assert (await listing.sales(read, listing.Wanted(risk="low"), limit=9)).items == []
    shown = await (await site.member(shop, "clerk")).get(f"/t/{shop.tenant.slug}/sales/{other}")
    assert (shown.status_code, "Risk:" in shown.text, "Not looked at" in shown.text) == (200, False, False)


async def test_programs_are_given_it_with_reasons_where_they_may(shop: Shop, counter: Counter, site: Site) -> None:
    clerk = await somebody(shop, "clerk")
    odd, plain = await high(shop, counter, clerk), await sold(counter, clerk)
    for role, seen in (("manager", True), ("clerk", False)):
        token = await shop.db.run(shop.scope, create_token, role=role, name="Program")
        program = site.visitor(Authorization=f"Bearer {token}")
        body = (await program.get(f"/api/v1/sales/{odd}")).json()
        assert ("risk" in body) is seen
        if seen:
            assert (body["risk"]["points"], body["risk"]["level"]) == (65, "high")
            assert body["risk"]["reasons"][0] == {
                "code": "below_cost", "points": 25, "detail": "Sold by hand for less than it cost.", "facts": {}
            }  # fmt: skip
            assert (await program.get(f"/api/v1/sales/{plain}")).json()["risk"] is None
        found = (await program.get("/api/v1/sales?risk=high")).json()["items"]
        assert [one["id"] for one in found] == ([str(odd)] if seen else [])


async def test_goods_without_a_receipt_that_are_paid_in_cash(shop: Shop, counter: Counter) -> None:
    await shop.db.run(shop.scope, change, {"returns_without_receipt": "approval"})
    line = {"id": str(new_id()), "product": str(shop.products[0].id), "quantity": "2", "unit_price": 420, "worth": 840}
    back = await take(shop, back_of(counter, None, line))
    await look(shop)
    assert await points(shop, back.id) == {"blind": 30, "blind_cash": 15}
