"""What stands out at a till becomes one alert with its evidence; somebody else settles it, once."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.cash import open_drawer
from retail.identity import approvals
from retail.identity.approval_errors import ApprovalNotNeeded
from retail.identity.approval_rules import Act as Bound
from retail.identity.approvals import Wanted as Request
from retail.identity.approvals import ask
from retail.kit.ids import new_id
from retail.risk.errors import AlertSettled, NoSuchAlert, OwnAlert
from retail.risk.operations import settle
from retail.risk.queries import Alert, Wanted, alerts, evidence, preview
from retail.risk.rules import Rule, rules_of
from retail.runtime.relay import Relay
from retail.runtime.tenancy import Actor, Scope
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from retail.sales.voids import Undone, VoidIn, note_undone, note_void
from retail.tenants.settings_changes import change, values
from tests.identity.test_approvals import somebody
from tests.sales.test_sale_approvals import with_discount
from tests.support import told
from tests.support.selling import Counter
from tests.support.web import Site, enrol
from tests.support.world import Shop, open_shop

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


async def drawer(shop: Shop, counter: Counter, by: Scope, at: float) -> UUID:
    id = new_id()
    await shop.db.run(by, open_drawer, id, counter.shift, "Change", minutes(at))
    return id


async def void(shop: Shop, counter: Counter, by: Scope, at: float, reason: str = "", **more: Any) -> UUID:
    one = VoidIn(new_id(), "sale", new_id(), counter.shift, reason, [], 420, minutes(at), **more)
    await shop.db.run(by, note_void, counter.till, one)
    return one.id


async def heard(shop: Shop, relay: Relay) -> list[Alert]:
    """Let the relay tell, and give the alerts, the oldest first."""
    while await relay.relay(shop.tenant.id):
        pass
    return await listed(shop)


async def listed(shop: Shop, **wanted: Any) -> list[Alert]:
    async with shop.db.read(shop.scope) as read:
        page = await alerts(read, Wanted(**wanted), limit=50)
    return sorted(page.items, key=lambda one: one.occurred_at)


async def pieces(shop: Shop, alert: Alert) -> list[UUID]:
    async with shop.db.read(shop.scope) as read:
        return [one.id for one in await evidence(read, alert.id)]


async def notices(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(
            await read.fetchval("SELECT count(*) FROM notice WHERE tenant_id = $1 AND kind = 'risk_alert'", read.tenant)
        )


async def set_rule(shop: Shop, **wanted: Any) -> None:
    await shop.db.run(shop.scope, change, {f"risk_{name}": value for name, value in wanted.items()}, shop.store)


async def test_the_fourth_opening_in_an_hour_is_an_alert_and_the_fifth_joins_it(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    clerk = await somebody(shop, "clerk")
    opened = [await drawer(shop, counter, clerk, at) for at in (0, 10, 20)]
    assert await heard(shop, relay) == []
    opened.append(await drawer(shop, counter, clerk, 30))
    [alert] = await heard(shop, relay)
    assert (alert.kind, alert.outcome, alert.least, alert.minutes) == ("no_sale", "alert", 4, 60)
    assert (alert.cashier, alert.store, alert.state, alert.acts) == (clerk.actor.id, shop.store, "open", 4)
    opened.append(await drawer(shop, counter, clerk, 40))
    [alert] = await heard(shop, relay)
    assert await pieces(shop, alert) == opened
    assert await notices(shop) == 1


async def test_another_cashier_another_hour_and_another_store_begin_anew(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    first, second = await somebody(shop, "clerk"), await somebody(shop, "clerk")
    for at in (0, 5, 10):
        await drawer(shop, counter, first, at)
        await drawer(shop, counter, second, at)
    await drawer(shop, counter, first, 61)
    assert await heard(shop, relay) == []
    await drawer(shop, counter, second, 12)
    assert [one.cashier for one in await heard(shop, relay)] == [second.actor.id]


async def test_records_that_arrive_late_and_out_of_order_make_the_same_alert(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    clerk, chance = await somebody(shop, "clerk"), random.Random(65)
    moments = [*range(0, 40, 5), *range(120, 125)]
    for at in chance.sample(moments, len(moments)):
        await drawer(shop, counter, clerk, at)
        await heard(shop, relay)
    found = await listed(shop)
    seen = {id for one in found for id in await pieces(shop, one)}
    assert len(seen) == len(moments)
    assert {one.kind for one in found} == {"no_sale"}


async def test_only_what_is_taken_out_after_tender_counts_and_undoing_takes_it_back(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    clerk = await somebody(shop, "clerk")
    for at in range(5):
        await void(shop, counter, clerk, at)
    gone = await void(shop, counter, clerk, 6, tendered=True)
    await shop.db.run(clerk, note_undone, counter.till, Undone(new_id(), gone, minutes(7)))
    late = await void(shop, counter, clerk, 8, tendered=True)
    assert await heard(shop, relay) == []
    last = await void(shop, counter, clerk, 9, tendered=True)
    [alert] = await heard(shop, relay)
    assert (await pieces(shop, alert), alert.amount_minor) == ([late, last], 840)


async def test_a_refund_soon_after_by_the_same_cashier_alone(shop: Shop, counter: Counter, relay: Relay) -> None:
    seller, other = await somebody(shop, "manager"), await somebody(shop, "manager")
    stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    old = (datetime.now(UTC) - timedelta(minutes=45)).isoformat().replace("+00:00", "Z")
    for by, sold_at in ((other, stamp), (seller, old), (seller, stamp)):
        sale = (await counter.send(counter.sale(occurred_at=sold_at), scope=seller))[0].sale
        assert sale is not None
        back = ReturnIn(new_id(), shop.till, counter.shift, {sale.lines[0].id: 1000}, (), new_id().bytes * 2)
        await shop.db.run(by, return_goods, sale.id, back)
    [alert] = await heard(shop, relay)
    assert (alert.kind, alert.cashier, alert.amount_minor) == ("refund", seller.actor.id, 420)
    assert await pieces(shop, alert) == [back.id]


async def test_discounts_of_ones_own_count_by_the_sale_and_plain_sales_do_not(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    clerk = await somebody(shop, "clerk")
    for _ in range(5):
        await counter.send(with_discount(counter, 42), scope=clerk)
        await counter.send(counter.sale(), scope=clerk)
    assert await heard(shop, relay) == []
    await counter.send(with_discount(counter, 42), scope=clerk)
    [alert] = await heard(shop, relay)
    assert (alert.kind, alert.acts, alert.amount_minor) == ("override", 6, 252)


@pytest.mark.parametrize(
    ("outcome", "said", "told"), [("reason", "Wrong article", 0), ("reason", "", 1), ("alert", "", 1)]
)
async def test_what_was_asked_and_answered_is_listed_without_a_notice(  # noqa: PLR0917
    shop: Shop, counter: Counter, relay: Relay, outcome: str, said: str, told: int
) -> None:
    await set_rule(shop, void_outcome=outcome, void_least=1)
    await void(shop, counter, await somebody(shop, "clerk"), 1, said, tendered=True)
    [alert] = await heard(shop, relay)
    assert (alert.outcome, await notices(shop)) == (outcome, told)


async def test_an_approval_for_what_may_be_done_alone_is_asked_for_by_risk_only(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    clerk, manager = await somebody(shop, "clerk"), await somebody(shop, "manager")
    await set_rule(shop, no_sale_outcome="approval", no_sale_least=1)
    opening = new_id()
    wanted = Request("open_drawer", shop.store, Bound(opening), till=shop.till, reason="Change")
    with pytest.raises(ApprovalNotNeeded):
        await shop.db.run(clerk, ask, new_id(), wanted)
    request = await shop.db.run(clerk, ask, new_id(), replace(wanted, risky=True))
    await shop.db.run(manager, approvals.answer, request.id, granted=True)
    await shop.db.run(clerk, open_drawer, opening, counter.shift, "Change", minutes(1))
    assert len(await heard(shop, relay)) == 1
    assert await notices(shop) == 0
    await drawer(shop, counter, clerk, 2)
    await heard(shop, relay)
    assert await notices(shop) == 1


async def test_a_rule_that_is_off_says_nothing(shop: Shop, counter: Counter, relay: Relay) -> None:
    await set_rule(shop, no_sale_outcome="none", no_sale_least=1)
    await drawer(shop, counter, await somebody(shop, "clerk"), 1)
    assert await heard(shop, relay) == []


async def test_an_alert_is_settled_once_by_somebody_else_and_what_follows_begins_another(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    manager, other = await somebody(shop, "manager"), await somebody(shop, "manager")
    await set_rule(shop, no_sale_least=2)
    for at in (0, 1):
        await drawer(shop, counter, manager, at)
    [alert] = await heard(shop, relay)
    with pytest.raises(OwnAlert):
        await shop.db.run(manager, settle, alert.id, "dismissed", "It was me")
    settled = await shop.db.run(other, settle, alert.id, "dismissed", "Change for the market")
    assert (settled.state, settled.decided_by) == ("dismissed", other.actor.name)
    await shop.db.run(other, settle, alert.id, "dismissed", "Again")
    with pytest.raises(AlertSettled):
        await shop.db.run(shop.scope, settle, alert.id, "confirmed", "No")
    with pytest.raises(NoSuchAlert):
        await shop.db.run(other, settle, new_id(), "confirmed", "?")
    async with shop.db.read(shop.scope) as read:
        assert (
            await read.fetchval(
                "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = 'risk.settled'", read.tenant
            )
            == 1
        )
    await drawer(shop, counter, manager, 2)
    assert [one.state for one in await heard(shop, relay)] == ["dismissed", "open"]


async def test_the_preview_counts_what_real_records_would_have_asked(
    shop: Shop, counter: Counter, relay: Relay
) -> None:
    clerk = await somebody(shop, "clerk")
    for at in (0, 1, 2, 90, 91):
        await drawer(shop, counter, clerk, at)
    await heard(shop, relay)
    async with shop.db.read(shop.scope) as read:
        rules = rules_of(await values(read, shop.store))
        tight = await preview(read, shop.store, rules | {"no_sale": Rule("no_sale", "none", 2, 60)})
        loose = await preview(read, shop.store, rules)
    by_kind = [{one.kind: (one.fires, one.alerts) for one in found} for found in (tight, loose)]
    assert [one["no_sale"] for one in by_kind] == [(3, 2), (0, 0)]
    assert by_kind[0]["void"] == (0, 0)


async def test_pages_list_show_settle_and_try_rules_out(shop: Shop, counter: Counter, relay: Relay, site: Site) -> None:
    clerk, home = await somebody(shop, "clerk"), f"/t/{shop.tenant.slug}"
    manager, outsider = await site.member(shop, "manager"), await site.member(await open_shop(shop.db))
    assert "Nothing stands out" in (await manager.get(f"{home}/risk")).text
    for at in range(4):
        await drawer(shop, counter, clerk, at)
    await told.relay(shop)
    [alert] = await heard(shop, relay)
    page = await manager.get(f"{home}/risk")
    assert (page.status_code, "Drawer opened without a sale" in page.text, clerk.actor.name in page.text) == (
        200,
        True,
        True,
    )
    assert "stood out at a till" in (await manager.get(f"{home}/notices")).text
    there = f"{home}/risk/alerts/{alert.id}"
    shown = (await manager.get(there)).text
    assert shown.count(f"/shifts/{counter.shift}") == 4
    assert "From 4 in 60 minutes on" in shown
    assert (await outsider.get(f"/t/{shop.tenant.slug}/risk")).status_code in {403, 404}
    wrong = await manager.post(f"{there}/verdict", data={"verdict": "", "note": ""})
    assert wrong.status_code == 422
    done = await manager.post(f"{there}/verdict", data={"verdict": "confirmed", "note": "Talked to them"})
    assert done.status_code == 303
    assert "Talked to them" in (await manager.get(there)).text
    assert "Nothing stands out" in (await manager.get(f"{home}/risk?state=open")).text
    rules = await manager.get(f"{home}/risk/rules?store={shop.store}")
    assert rules.status_code == 200
    form = dict(re.findall(r'<input[^>]*name="(risk_[a-z_]+)"[^>]*value="([^"]*)"', rules.text))
    outcomes = {f"risk_{kind}_outcome": "reason" for kind in ("void", "no_sale", "refund", "override")}
    tried = await manager.post(
        f"{home}/risk/rules?store={shop.store}", data=form | outcomes | {"risk_no_sale_least": "2", "try": "1"}
    )
    assert "In the last 30 days this would have asked 3 times. That is 1 alert." in re.sub(r"\s+", " ", tried.text)
    async with shop.db.read(shop.scope) as read:
        assert (await values(read, shop.store))["risk_no_sale_least"] == 4
    saved = await manager.post(
        f"{home}/risk/rules?store={shop.store}", data=form | outcomes | {"risk_no_sale_least": "2"}
    )
    assert saved.status_code == 303
    async with shop.db.read(shop.scope) as read:
        now = await values(read, shop.store)
    assert (now["risk_no_sale_least"], now["risk_void_outcome"]) == (2, "reason")
    bad = await manager.post(
        f"{home}/risk/rules?store={shop.store}", data=form | outcomes | {"risk_no_sale_least": "0"}
    )
    assert bad.status_code == 422


async def test_a_till_hears_what_its_cashier_did_at_the_stores_other_tills_and_of_nobody_else(
    shop: Shop, counter: Counter, relay: Relay, site: Site
) -> None:
    ada = await somebody(shop, "clerk")
    ben, _email, secret = await enrol(shop.db, shop.tenant.id, "clerk")
    theirs = await drawer(shop, counter, ada, 1)
    own = await drawer(shop, counter, replace(ada, actor=Actor("person", ben, "Ben")), 2)
    await heard(shop, relay)
    address = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/risk"
    [act] = (await site.visitor(secret).get(address)).json()["acts"]
    assert act == {
        "id": str(own),
        "kind": "no_sale",
        "cashier": str(ben),
        "at": int(minutes(2).timestamp() * 1000),
        "gap": None,
        "undone": False,
    }
    assert (await (await site.member(shop, "clerk")).get(address)).json() == {"acts": []}
    settles = (await (await site.member(shop, "manager")).get(address)).json()["acts"]
    assert {one["id"] for one in settles} == {str(theirs), str(own)}, "who settles what stands out sees everybody's"
