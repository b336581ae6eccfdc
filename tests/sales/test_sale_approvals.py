"""A paid sale is never refused, and without a valid approval it is marked; what hasn't happened yet is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.identity import approvals
from retail.identity.approval_errors import ApprovalNeeded
from retail.identity.approval_queries import approval
from retail.identity.approval_rules import Act, act_hash
from retail.identity.approvals import Wanted, ask
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Scope
from retail.sales.allowance import act_of
from retail.sales.documents import ReturnIn
from retail.sales.returns import act_of_return, return_goods
from tests.identity.test_approvals import somebody
from tests.support.enrolled import Keys, SigningDevice, enrol
from tests.support.selling import AT, Counter, as_sale, open_counter
from tests.support.web import Site, site
from tests.support.web import enrol as take_on
from tests.support.world import Shop

__all__ = ["site"]


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def with_discount(counter: Counter, off: int = 84, **changes: Any) -> dict[str, Any]:
    """Make a sale of a loaf of 4.20 with something off, 20 % unless told otherwise."""
    loaf = counter.shop.products[0]
    line = {"id": str(new_id()), "product": str(loaf.id), "quantity": "1", "unit_price": 420, "discount": off}
    return counter.sale(line, occurred_at=now(), total=420 - off, tenders=[
        {"type": "cash", "amount": 420 - off, "change": 0}
    ], **changes)  # fmt: skip


async def lacking(shop: Shop) -> list[tuple[UUID | None, dict[str, Any]]]:
    """Give the exceptions of the code, with their facts."""
    import json

    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT sale_id, facts FROM sync_exception WHERE tenant_id = $1 AND code = 'approval_missing' ORDER BY id",
            read.tenant,
        )
    return [(row["sale_id"], json.loads(row["facts"])) for row in rows]


async def granted(shop: Shop, clerk: Scope, body: dict[str, Any], permission: str = "discount") -> UUID:
    """Have a manager grant what a sale takes."""
    manager = await somebody(shop, "manager")
    wanted = Wanted(permission, shop.store, act_of(as_sale(body)), till=shop.till)
    request = await shop.db.run(clerk, ask, new_id(), wanted)
    await shop.db.run(manager, approvals.answer, request.id, granted=True)
    return request.id


def bringing(body: dict[str, Any], id: UUID, permission: str = "discount") -> dict[str, Any]:
    return body | {"approvals": [{"id": str(id), "permission": permission}]}


async def test_a_discount_within_the_limit_needs_nothing(shop: Shop) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    outcome = (await counter.send(with_discount(counter, 42), scope=clerk))[0]
    assert outcome.status == "created"
    assert await lacking(shop) == []


async def test_a_discount_over_the_limit_is_taken_in_and_marked_with_what_was_lacking(shop: Shop) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    outcome = (await counter.send(with_discount(counter), scope=clerk))[0]
    assert outcome.sale is not None
    assert (outcome.status, outcome.sale.total) == ("created", 336)
    assert await lacking(shop) == [
        (outcome.id, {"permission": "discount", "amount": 1989, "limit": 1000, "cashier": "Clerk", "why": "missing"})
    ]
    remark = next(one for one in outcome.sale.remarks if one.code == "approval_missing")
    assert remark.sentence(str) == (
        "Clerk may not do this alone: Give a discount (19.89\N{NO-BREAK SPACE}%). Nobody has approved it. Ask them why."
    )


@pytest.mark.parametrize(("off", "whole"), [(0, 84), (84, 500), (84, -84)])
async def test_a_sale_whose_discounts_contradict_each_other_is_marked_where_it_is_over_the_limit(
    shop: Shop, off: int, whole: int
) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    body = with_discount(counter, off, discount=whole) | {"total": 336}
    body["tenders"] = [{"type": "cash", "amount": 336, "change": 0}]
    outcome = (await counter.send(body, scope=clerk))[0]
    assert outcome.sale is not None
    assert [(facts["permission"], facts["amount"] >= 1989) for _sale, facts in await lacking(shop)] == [
        ("discount", True)
    ]


async def test_with_the_approval_all_is_well_and_a_replay_too(shop: Shop) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    body = with_discount(counter)
    id = await granted(shop, clerk, body)
    sent = bringing(body, id)
    assert (await counter.send(sent, scope=clerk))[0].status == "created"
    assert (await counter.send(sent, scope=clerk))[0].status == "replayed"
    assert await lacking(shop) == []
    async with shop.db.read(shop.scope) as read:
        used = await approval(read, id)
    assert used is not None
    assert (used.state, str(used.used_for)) == ("used", body["id"])


async def test_a_changed_basket_voids_its_approval(shop: Shop) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    body = with_discount(counter)
    id = await granted(shop, clerk, body)
    cola = {"id": str(new_id()), "product": str(shop.products[3].id), "quantity": "1", "unit_price": 110}
    changed = body | {
        "lines": [*body["lines"], cola],
        "total": 446,
        "tenders": [{"type": "cash", "amount": 446, "change": 0}],
    }
    assert (await counter.send(bringing(changed, id), scope=clerk))[0].status == "created"
    assert [facts["why"] for _sale, facts in await lacking(shop)] == ["changed"]


async def test_one_approval_serves_one_sale_and_what_comes_too_late_is_marked(shop: Shop) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    body = with_discount(counter)
    id = await granted(shop, clerk, body)
    late = body | {"occurred_at": (datetime.now(UTC) + timedelta(minutes=9)).isoformat()}
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """UPDATE approval SET asked_at = asked_at - interval '5 minutes',
                      expires_at = expires_at - interval '5 minutes'
                WHERE tenant_id = $1 AND id = $2""",
            tx.tenant,
            id,
        )
    await counter.send(bringing(late, id), scope=clerk)
    again = with_discount(counter) | {"id": str(new_id())}
    await counter.send(bringing(again, id), scope=clerk)
    assert [facts["why"] for _sale, facts in await lacking(shop)] == ["expired", "changed"]


async def test_another_price_says_what_the_list_said_and_needs_its_own_approval(shop: Shop) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    loaf = shop.products[0]

    def cheap() -> dict[str, Any]:
        line = {"id": str(new_id()), "product": str(loaf.id), "quantity": "1", "unit_price": 300, "list_price": 420}
        return counter.sale(line, occurred_at=now(), total=300, tenders=[{"type": "cash", "amount": 300, "change": 0}])

    body = cheap()
    id = await granted(shop, clerk, body, "override_price")
    await counter.send(bringing(body, id, "override_price"), scope=clerk)
    assert await lacking(shop) == []
    without = cheap()
    await counter.send(without, scope=clerk)
    assert [(str(sale), facts["permission"], facts["amount"]) for sale, facts in await lacking(shop)] == [
        (without["id"], "override_price", None)
    ]


async def test_odd_approvals_spoil_no_sale(shop: Shop) -> None:
    counter, clerk = await open_counter(shop), await somebody(shop, "clerk")
    for odd in ("none", [None, 5, {"id": "x"}], [{"id": str(new_id()), "permission": "discount"}], {"a": 1}):
        body = with_discount(counter, discount="much") | {"approvals": odd}
        assert (await counter.send(body, scope=clerk))[0].status == "created"
    assert [facts["why"] for _sale, facts in await lacking(shop)] == ["missing"] * 4


# -- signed records


@pytest.fixture
async def device(shop: Shop) -> SigningDevice:
    """An enrolled device that has claimed the first till and opened a shift."""
    keys = Keys()
    made = SigningDevice(shop, shop.till, keys, await enrol(shop.db, shop, keys))
    await made.claim()
    made.open_shift()
    return made


async def deliver(device: SigningDevice) -> list[list[str]]:
    """Deliver as the device itself; gives the codes of each answer."""
    before = device.shop
    scope = Scope(before.tenant.id, Actor("device", device.id, "Tablet"), frozenset({"sell"}), device=device.id)
    device.shop = replace(before, scope=scope)
    try:
        received = await device.deliver()
    finally:
        device.shop = before
    return [
        [one["code"] for one in answer.exceptions if one["code"] != "stock_below_zero"] for answer in received.answers
    ]


def offline(approver: UUID, amount: int = 1989, **changes: Any) -> dict[str, Any]:
    at = now()
    return {
        "id": str(new_id()),
        "permission": "discount",
        "amount": amount,
        "reason": "Damaged",
        "asked_at": at,
        "granted_at": at,
        "approver": str(approver),
    } | changes


async def test_a_managers_pin_without_a_network_is_on_the_signed_record(device: SigningDevice) -> None:
    shop = device.shop
    device.cashier, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    manager, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    proof = offline(manager)
    sale = with_discount(device.counter) | {"approvals": [proof]}
    device.write("sale", sale)
    assert await deliver(device) == [[], []]
    assert await lacking(shop) == []
    async with shop.db.read(shop.scope) as read:
        kept = await approval(read, UUID(proof["id"]))
    assert kept is not None
    assert (kept.state, kept.how, kept.decided_by_name, kept.asked_by_name, kept.reason, str(kept.used_for)) == (
        "used", "pin_offline", "Manager", "Clerk", "Damaged", sale["id"],
    )  # fmt: skip
    assert (kept.amount, kept.facts) == (1989, {"percent": 2000}), "what decides, and what was typed"
    async with shop.db.read(shop.scope) as read:
        told = await read.fetchval(
            "SELECT facts ->> 'amount' FROM audit_event WHERE subject_id = $1 AND action = 'approval.used'", kept.id
        )
    assert told == "2000", "as it was typed, not the 19.89 % that rounding leaves"


async def test_an_offline_approval_by_nobody_who_may_is_worth_nothing(device: SigningDevice) -> None:
    shop = device.shop
    clerk, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    other, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    manager, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    device.cashier = clerk
    long_ago = (datetime.now(UTC) - timedelta(minutes=11)).isoformat()
    for proof in (
        offline(clerk),
        offline(other),
        offline(new_id()),
        offline(manager, amount=1500),
        offline(manager, asked_at=long_ago, granted_at=long_ago),
    ):
        device.write("sale", with_discount(device.counter) | {"approvals": [proof]})
    await deliver(device)
    assert [facts["why"] for _sale, facts in await lacking(shop)] == [
        "approver", "approver", "approver", "changed", "expired",
    ]  # fmt: skip


async def test_a_record_that_nobody_signed_brings_no_offline_approval(device: SigningDevice) -> None:
    shop = device.shop
    device.cashier, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    manager, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    device.write("sale", with_discount(device.counter) | {"approvals": [offline(manager)]})
    device.records[-1] = replace(device.records[-1], signature="A" * 86)
    assert await deliver(device) == [[], ["signature_broken", "approval_missing"]]


async def test_the_cashiers_own_rights_count_not_those_of_who_delivers(device: SigningDevice) -> None:
    shop = device.shop
    clerk, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    device.cashier, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    device.write("sale", with_discount(device.counter))
    device.cashier = clerk
    device.write("sale", with_discount(device.counter))
    received = await device.deliver()  # by the owner's own session
    codes = [[one["code"] for one in answer.exceptions] for answer in received.answers]
    assert [[code for code in each if code != "stock_below_zero"] for each in codes] == [
        [], [], ["approval_missing"],
    ]  # fmt: skip


async def test_drawer_pay_outs_and_voids_are_taken_in_and_marked(device: SigningDevice, site: Site) -> None:
    shop = device.shop
    clerk, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    manager, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    device.cashier, shift = clerk, str(device.counter.shift)
    line = {
        "line": str(new_id()),
        "product": str(shop.products[0].id),
        "name": "Loaf",
        "quantity_milli": 2000,
        "unit_price": 420,
    }

    def void(**more: Any) -> dict[str, Any]:
        return {"id": str(new_id()), "basket": str(new_id()), "shift": shift, "lines": [line], "amount": 840, **more}

    device.write("drawer_opened", {"id": str(new_id()), "shift": shift, "reason": "Change"})
    device.write(
        "cash_moved", {"id": str(new_id()), "shift": shift, "kind": "pay_out", "amount": 5000, "reason": "Milk"}
    )
    device.write(
        "cash_moved", {"id": str(new_id()), "shift": shift, "kind": "pay_out", "amount": 5001, "reason": "Milk"}
    )
    device.write("line_voided", void())
    first = device.write("sale_voided", void())
    at = AT.isoformat()  # the records' own time
    proof = offline(manager, permission="void_sale", asked_at=at, granted_at=at) | {"amount": None}
    device.write("sale_voided", void(reason="Can't pay", approvals=[proof]))
    device.write("void_undone", {"id": str(new_id()), "void": first.id})
    device.write("void_undone", {"id": str(new_id()), "void": str(new_id())})
    codes = await deliver(device)
    assert [one["permission"] for _sale, one in await lacking(shop)] == ["pay_out", "void_sale"]
    assert codes[-1] == ["invalid"]
    page = (await (await site.member(shop, "manager")).get(f"/t/{shop.tenant.slug}/voids")).text
    assert (page.count("Whole sale<"), page.count("Brought back"), "approved by Manager" in page) == (2, 1, True)
    assert "2 \N{MULTIPLICATION SIGN} Loaf" in page


# -- what has not happened yet


async def test_a_refund_over_the_limit_waits_for_an_approval(shop: Shop, site: Site) -> None:
    counter, clerk = await open_counter(shop, opening_float=50_000), await somebody(shop, "clerk")
    sold = await counter.sell((shop.products[0], 20))
    assert sold.sale is not None
    line = sold.sale.lines[0].id
    back = ReturnIn(new_id(), shop.till, counter.shift, {line: 20_000}, (), b"\1" * 32)
    with pytest.raises(ApprovalNeeded) as needed:
        await shop.db.run(clerk, return_goods, sold.id, back)
    assert needed.value.facts() == {"permission": "refund", "amount": 8400, "limit": 5000, "why": "missing"}
    viewer = await somebody(shop, "viewer")
    with pytest.raises(Forbidden):
        await shop.db.run(viewer, return_goods, sold.id, back)
    wanted = Wanted("refund", shop.store, act_of_return(back), 8400, shop.till)
    request = await shop.db.run(clerk, ask, new_id(), wanted)
    await shop.db.run(await somebody(shop, "manager"), approvals.answer, request.id, granted=True)
    other = replace(back, quantities={line: 19_000}, approval=request.id)
    with pytest.raises(ApprovalNeeded) as changed:
        await shop.db.run(clerk, return_goods, sold.id, other)
    assert changed.value.why == "changed"
    done = await shop.db.run(clerk, return_goods, sold.id, replace(back, approval=request.id))
    assert (done.status, done.sale.total if done.sale else 0) == ("created", -8400)
    async with shop.db.read(shop.scope) as read:
        assert (
            await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1 AND kind = 'return'", read.tenant) == 1
        )


async def test_the_api_says_403_and_takes_the_approval(shop: Shop, site: Site) -> None:
    counter = await open_counter(shop, opening_float=50_000)
    _person, _email, secret = await take_on(shop.db, shop.tenant.id, "clerk")
    clerk, manager = site.visitor(secret), await site.member(shop, "manager")
    api = f"/t/{shop.tenant.slug}/api/v1"
    move = {"id": str(new_id()), "kind": "pay_out", "amount": 6000, "reason": "Window cleaner"}
    refused = await clerk.post(f"{api}/shifts/{counter.shift}/cash-moves", json=move, headers={"Idempotency-Key": "a"})
    assert refused.status_code == 403
    assert [refused.json()[name] for name in ("code", "permission", "amount", "limit")] == [
        "approval_needed", "pay_out", 6000, 5000,
    ]  # fmt: skip
    request = {
        "id": str(new_id()),
        "permission": "pay_out",
        "act": {"id": move["id"]},
        "amount": 6000,
        "store": str(shop.store),
    }
    assert (await clerk.post(f"{api}/approvals", json=request)).status_code == 201
    waiting = move | {"approval": request["id"]}
    still = await clerk.post(f"{api}/shifts/{counter.shift}/cash-moves", json=waiting, headers={"Idempotency-Key": "b"})
    assert (still.status_code, still.json()["why"]) == (403, "asked")
    await manager.post(f"{api}/approvals/{request['id']}/answer", json={"decision": "granted"})
    done = await clerk.post(f"{api}/shifts/{counter.shift}/cash-moves", json=waiting, headers={"Idempotency-Key": "c"})
    assert done.status_code == 201, done.text
    assert act_hash(Act(UUID(move["id"])))


async def test_the_forms_ask_by_themselves_and_go_through_once_granted(shop: Shop, site: Site) -> None:
    counter = await open_counter(shop, opening_float=50_000)
    sold = await counter.sell((shop.products[0], 20))
    assert sold.sale is not None
    clerk = await site.holder(shop, "view_sales", "run_shift", "view_shifts", "view_stores")
    manager = await site.member(shop, "manager")
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
               SELECT $1, m.role, p.name, 'allowed', 5000
                 FROM membership m CROSS JOIN (VALUES ('refund'), ('pay_out')) AS p (name)
                WHERE m.tenant_id = $1 AND m.role NOT IN ('owner', 'manager')""",
            tx.tenant,
        )
    base = f"/t/{shop.tenant.slug}"
    back = {"id": str(new_id()), "till": str(shop.till), "method": "cash", f"back-{sold.sale.lines[0].id}": "20"}
    cash = {"id": str(new_id()), "kind": "pay_out", "amount": "60.00", "reason": "Cleaner"}
    for path, form in ((f"/sales/{sold.id}/returns", back), (f"/shifts/{counter.shift}/cash-moves", cash)):
        page = await clerk.post(base + path, data=form)
        assert (page.status_code, "It is asked for" in page.text) == (403, True), path
        async with shop.db.read(shop.scope) as read:
            id = await read.fetchval("SELECT id FROM approval WHERE tenant_id = $1 AND state = 'asked'", read.tenant)
        assert f'name="approval" value="{id}"' in page.text
        assert "Waiting" in (await clerk.get(f"{base}/approvals/{id}/state")).text
        again = await clerk.post(base + path, data=form | {"approval": str(id)})
        assert again.status_code == 403
        await manager.post(f"{base}/approvals/{id}/answer", data={"decision": "granted"})
        done = await clerk.post(base + path, data=form | {"approval": str(id)})
        assert done.status_code == 303, done.text
