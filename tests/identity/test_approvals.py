"""Approvals in the database: asked, answered by somebody else who may, for ten minutes, used once by one act."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from retail.identity import approvals, pins
from retail.identity.approval_errors import (
    ApprovalNeeded,
    ApprovalNotNeeded,
    Decided,
    MayNotApprove,
    NoSuchApproval,
    OwnRequest,
)
from retail.identity.approval_queries import Approval, answered, approval, scope_of_person, waiting
from retail.identity.approval_rules import Act, ActLine, act_hash
from retail.identity.approval_uses import Use, require, spend
from retail.identity.approvals import Wanted, ask, withdraw
from retail.identity.device_rules import new_badge
from retail.kit.errors import Forbidden, IdempotencyConflict
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Right, Scope
from tests.support.enrolled import Keys, enrol
from tests.support.web import KEYS, Site
from tests.support.web import enrol as take_on
from tests.support.world import Shop


def act(off: int = 84) -> Act:
    """Take 20 % off a loaf, unless told otherwise."""
    return Act(new_id(), 0, [ActLine(new_id(), new_id(), 1000, 420, off)])


async def somebody(shop: Shop, role: str) -> Scope:
    """Take somebody on; gives their scope, with the rights that the database says."""
    person, _email, _secret = await take_on(shop.db, shop.tenant.id, role)
    async with shop.db.read(shop.scope) as read:
        found = await scope_of_person(read, person)
    assert found is not None
    return found


async def asked(shop: Shop, by: Scope, for_: Act | None = None, **changes: Any) -> Approval:
    wanted = Wanted("discount", shop.store, for_ or act(), till=shop.till, reason="Damaged")
    return await shop.db.run(by, ask, new_id(), replace(wanted, **changes))


async def stored(shop: Shop, id: UUID) -> Approval:
    async with shop.db.read(shop.scope) as read:
        found = await approval(read, id)
    assert found is not None
    return found


async def test_a_clerk_asks_a_manager_grants_and_it_is_used_once_by_that_act_alone(shop: Shop) -> None:
    clerk, manager, given = await somebody(shop, "clerk"), await somebody(shop, "manager"), act()
    request = await asked(shop, clerk, given)
    assert (request.state, request.amount, request.limit, request.act_hash, request.reason) == (
        "asked", 1989, 1000, act_hash(given), "Damaged",
    )  # fmt: skip
    assert request.expires_at - request.asked_at == timedelta(minutes=10)
    granted = await shop.db.run(manager, approvals.answer, request.id, granted=True, said="Fine")
    assert (granted.state, granted.how, granted.decided_by, granted.answer) == (
        "granted", "phone", manager.actor.id, "Fine",
    )  # fmt: skip
    use = Use("discount", 1989, given.id, act_hash(given), request.asked_at)
    assert await shop.db.run(clerk, spend, request.id, use) == ""
    assert await shop.db.run(clerk, spend, request.id, use) == ""  # the same act again
    assert await shop.db.run(clerk, spend, request.id, replace(use, act=new_id())) == "used"
    kept = await stored(shop, request.id)
    assert (kept.state, kept.used_for) == ("used", given.id)
    async with shop.db.read(shop.scope) as read:
        trail = await read.fetch(
            """SELECT action, (facts ->> 'amount')::bigint AS amount FROM audit_event
                WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id""",
            read.tenant,
            request.id,
        )
    assert [tuple(row.values()) for row in trail] == [
        ("approval.asked", 2000),  # as it was typed, not the 19.89 % that rounding leaves
        ("approval.granted", 2000),
        ("approval.used", None),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hash": "0" * 64}, "changed"),
        ({"act": UUID(int=5)}, "changed"),
        ({"permission": "refund"}, "changed"),
        ({"amount": 2000}, "changed"),
    ],
)
async def test_another_act_than_the_approved_one_is_not_approved(shop: Shop, changed: dict[str, Any], why: str) -> None:
    clerk, manager, given = await somebody(shop, "clerk"), await somebody(shop, "manager"), act()
    request = await asked(shop, clerk, given)
    await shop.db.run(manager, approvals.answer, request.id, granted=True)
    use = replace(Use("discount", 1989, given.id, act_hash(given), request.asked_at), **changed)
    assert await shop.db.run(clerk, spend, request.id, use) == why
    assert (await stored(shop, request.id)).state == "granted"


async def test_what_is_not_granted_or_too_old_is_worth_nothing(shop: Shop) -> None:
    clerk, manager, given = await somebody(shop, "clerk"), await somebody(shop, "manager"), act()
    request = await asked(shop, clerk, given)
    use = Use("discount", 1989, given.id, act_hash(given), request.asked_at)
    assert await shop.db.run(clerk, spend, request.id, use) == "asked"
    assert await shop.db.run(clerk, spend, new_id(), use) == "missing"
    await shop.db.run(manager, approvals.answer, request.id, granted=True)
    late = replace(use, at=request.expires_at + timedelta(seconds=1))
    assert await shop.db.run(clerk, spend, request.id, late) == "expired"
    refused = await asked(shop, clerk)
    await shop.db.run(manager, approvals.answer, refused.id, granted=False, said="No")
    other = Use("discount", 1989, refused.act, refused.act_hash, refused.asked_at)
    assert await shop.db.run(clerk, spend, refused.id, other) == "refused"


async def test_nobody_approves_their_own_request_and_the_table_says_so_too(shop: Shop) -> None:
    role = {"discount": Right(limit=1000), "approve": Right(), "sell": Right()}
    clerk = replace(await somebody(shop, "clerk"), rights=role, permissions=frozenset(role))
    request = await asked(shop, clerk)
    with pytest.raises(OwnRequest):
        await shop.db.run(
            replace(clerk, rights={}, permissions=shop.scope.permissions), approvals.answer, request.id, granted=True
        )
    assert (await stored(shop, request.id)).state == "asked"
    with pytest.raises(asyncpg.CheckViolationError, match="approval_by_another"):
        async with shop.db.begin(shop.scope) as tx:
            await tx.execute(
                """UPDATE approval SET state = 'granted', how = 'pin', decided_by = asked_by, decided_by_name = 'x',
                          decided_at = now() WHERE tenant_id = $1 AND id = $2""",
                tx.tenant,
                request.id,
            )


async def test_an_approver_holds_approve_and_the_right_itself_for_that_much_in_that_store(shop: Shop) -> None:
    clerk = await somebody(shop, "clerk")
    request = await asked(shop, clerk)
    helper = await somebody(shop, "clerk")
    with pytest.raises(MayNotApprove):  # no `approve`
        await shop.db.run(helper, approvals.answer, request.id, granted=True)
    limited = {"approve": Right(), "discount": Right(limit=1500)}
    deputy = replace(helper, rights=limited, permissions=frozenset(limited))
    with pytest.raises(MayNotApprove):  # up to 15 % only
        await shop.db.run(deputy, approvals.answer, request.id, granted=True)
    enough = {"approve": Right(), "discount": Right(limit=1989)}
    elsewhere = replace(
        helper,
        rights={},
        store_rights={shop.second_store: enough},
        stores=None,
        permissions=frozenset(enough),
    )
    with pytest.raises(MayNotApprove):  # of another store
        await shop.db.run(elsewhere, approvals.answer, request.id, granted=True)
    assert (await stored(shop, request.id)).state == "asked"
    able = replace(helper, rights=enough, permissions=frozenset(enough))
    assert (await shop.db.run(able, approvals.answer, request.id, granted=True)).state == "granted"


async def test_what_is_allowed_needs_none_and_what_is_denied_gets_none(shop: Shop) -> None:
    clerk, viewer = await somebody(shop, "clerk"), await somebody(shop, "viewer")
    with pytest.raises(ApprovalNotNeeded):
        await asked(shop, clerk, act(42))
    with pytest.raises(Forbidden):
        await asked(shop, viewer)
    async with shop.db.read(shop.scope) as read:
        assert await waiting(read) == []


async def test_a_request_is_answered_once_and_taken_back_by_who_asked(shop: Shop) -> None:
    clerk, manager, owner = [await somebody(shop, role) for role in ("clerk", "manager", "owner")]
    request = await asked(shop, clerk)
    with pytest.raises(Forbidden):
        await shop.db.run(manager, withdraw, request.id)
    await shop.db.run(manager, approvals.answer, request.id, granted=False, said="Too much")
    with pytest.raises(Decided) as told:
        await shop.db.run(owner, approvals.answer, request.id, granted=True)
    assert told.value.sentence() == "Manager has refused this already."
    assert (await shop.db.run(manager, approvals.answer, request.id, granted=False)).answer == "Too much"
    assert (await shop.db.run(clerk, withdraw, request.id)).state == "refused"
    other = await asked(shop, clerk)
    assert (await shop.db.run(clerk, withdraw, other.id)).state == "withdrawn"
    with pytest.raises(Decided):
        await shop.db.run(manager, approvals.answer, other.id, granted=True)


async def test_ten_minutes_later_nobody_can_grant_it(shop: Shop, db: Database) -> None:
    clerk, manager = await somebody(shop, "clerk"), await somebody(shop, "manager")
    request = await asked(shop, clerk)
    async with db.begin(shop.scope) as tx:
        await tx.execute(
            """UPDATE approval SET asked_at = asked_at - interval '10 minutes',
                      expires_at = expires_at - interval '10 minutes'
                WHERE tenant_id = $1 AND id = $2""",
            tx.tenant,
            request.id,
        )
    with pytest.raises(Decided) as told:
        await db.run(manager, approvals.answer, request.id, granted=True)
    assert told.value.state == "expired"
    async with db.read(shop.scope) as read:
        assert await waiting(read) == []
        assert [one.id for one in (await answered(read, limit=10)).items] == [request.id]


async def test_the_same_request_again_is_the_first_and_another_under_its_id_is_refused(shop: Shop) -> None:
    clerk, given, id = await somebody(shop, "clerk"), act(), new_id()
    wanted = Wanted("discount", shop.store, given, till=shop.till)
    first = await shop.db.run(clerk, ask, id, wanted)
    assert (await shop.db.run(clerk, ask, id, wanted)).asked_at == first.asked_at
    with pytest.raises(IdempotencyConflict):
        await shop.db.run(clerk, ask, id, replace(wanted, act=act()))


async def test_a_till_that_forgot_its_request_takes_it_up_again(shop: Shop) -> None:
    clerk, manager, given = await somebody(shop, "clerk"), await somebody(shop, "manager"), act()
    first = await asked(shop, clerk, given)
    again = await asked(shop, clerk, given, reason="Another word")
    assert (again.id, again.reason) == (first.id, "Damaged")
    async with shop.db.read(shop.scope) as read:
        assert [one.id for one in await waiting(read)] == [first.id]
    await shop.db.run(manager, approvals.answer, first.id, granted=True)
    assert (await asked(shop, clerk, given)).state == "granted"  # nobody is asked twice for what they said
    others = [
        await asked(shop, await somebody(shop, "clerk"), given),
        await asked(shop, clerk, given, till=shop.second_till),
        await asked(shop, clerk, act()),
    ]
    assert len({first.id, *(one.id for one in others)}) == 4
    use = Use("discount", 1989, given.id, act_hash(given), first.asked_at)
    assert await shop.db.run(clerk, spend, first.id, use) == ""
    assert (await asked(shop, clerk, given)).id != first.id  # used is used


async def test_of_two_cards_that_look_alike_from_one_till_the_older_is_withdrawn(shop: Shop) -> None:
    clerk, given = await somebody(shop, "clerk"), act()
    older = await asked(shop, clerk, given, shown=[{"name": "Loaf"}])
    elsewhere = await asked(shop, clerk, replace(given, id=new_id()), shown=[{"name": "Loaf"}], till=None)
    newer = await asked(shop, clerk, replace(given, id=new_id()), shown=[{"name": "Loaf"}])
    other = await asked(shop, clerk, replace(given, id=new_id()), shown=[{"name": "Milk"}])
    states = [(await stored(shop, one.id)).state for one in (older, elsewhere, newer, other)]
    assert states == ["withdrawn", "asked", "asked", "asked"]


async def test_the_same_request_at_one_moment_is_one(shop: Shop) -> None:
    clerk, given = await somebody(shop, "clerk"), act()
    both = await asyncio.gather(asked(shop, clerk, given), asked(shop, clerk, given))
    assert both[0].id == both[1].id


async def test_the_bell_rings_when_somebody_asks_and_rests_when_it_is_answered(shop: Shop) -> None:
    clerk, manager = await somebody(shop, "clerk"), await somebody(shop, "manager")
    request = await asked(shop, clerk)

    async def unread() -> list[dict[str, Any]]:
        async with shop.db.read(shop.scope) as read:
            rows = await read.fetch(
                "SELECT subject_id, facts FROM notice WHERE tenant_id = $1 AND read_at IS NULL", read.tenant
            )
        return [json.loads(row["facts"]) for row in rows if row["subject_id"] == request.id]

    assert await unread() == [{"permission": "discount", "amount": 1989, "name": "Clerk"}]
    await shop.db.run(manager, approvals.answer, request.id, granted=True)
    assert await unread() == []


async def test_another_business_finds_nothing_of_it(shop: Shop, db: Database) -> None:
    from tests.support.world import open_shop

    other = await open_shop(db)
    request = await asked(shop, await somebody(shop, "clerk"))
    with pytest.raises(NoSuchApproval):
        await db.run(other.scope, approvals.answer, request.id, granted=True)
    async with db.read(other.scope) as read:
        assert (await waiting(read), (await answered(read, limit=10)).items) == ([], [])
    assert (await stored(shop, request.id)).state == "asked"


async def test_require_says_what_to_ask_for(shop: Shop) -> None:
    clerk, id = await somebody(shop, "clerk"), new_id()
    async with shop.db.begin(clerk) as tx:
        use = Use("refund", 6000, id, act_hash(Act(id)), tx.now)
        with pytest.raises(ApprovalNeeded) as needed:
            await require(tx, shop.store, use, None)
        assert needed.value.facts() == {"permission": "refund", "amount": 6000, "limit": 5000, "why": "missing"}
        assert needed.value.code == "approval_needed"
        await require(tx, shop.store, replace(use, amount=5000), None)


# -- by PIN at the till


class Till:
    """An enrolled device that talks to the application."""

    def __init__(self, shop: Shop, site: Site, secret: str, device: UUID) -> None:
        self.base = f"/t/{shop.tenant.slug}/api/v1"
        self.till = shop.till
        self.http = site.visitor(**{"X-Till-Device": str(device)})
        self.http.cookies.set("d", secret)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        answer = await self.http.post(f"{self.base}/{path}", json=body or {})
        return answer.status_code, answer.json()


async def at_till(shop: Shop, site: Site, *roles: str) -> tuple[Till, list[UUID]]:
    """Open a device session whose cashier is the first of these, each with the PIN 7391."""
    from retail.identity import devices
    from tests.support.enrolled import proof

    keys = Keys()
    device = await enrol(shop.db, shop, keys)
    people = []
    for role in roles:
        person, _email, _secret = await take_on(shop.db, shop.tenant.id, role)
        await shop.db.run(shop.scope, pins.set_pin, KEYS, person, "7391")
        people.append(person)
    signed = await proof(shop.db, shop, keys, device)
    session = await shop.db.run(shop.scope, devices.open_device_session, device, signed, "127.0.0.1")
    till = Till(shop, site, session.secret, device)
    status, told = await till.post("device/cashier", {"person": str(people[0]), "pin": "7391"})
    assert status == 200, told
    return till, people


def body_of(given: Act, permission: str = "discount") -> dict[str, Any]:
    lines = [
        {
            "id": str(one.id),
            "product": str(one.product),
            "name": "Loaf",
            "quantity_milli": one.quantity_milli,
            "unit_price": one.unit_price,
            "discount": one.discount,
        }
        for one in given.lines
    ]
    return {
        "id": str(new_id()),
        "permission": permission,
        "act": {"id": str(given.id), "lines": lines},
        "total": 336,
        "reason": "Damaged",
    }


async def test_a_manager_types_their_pin_at_the_cashiers_till(shop: Shop, site: Site) -> None:
    till, (clerk, manager) = await at_till(shop, site, "clerk", "manager")
    new = body_of(act())
    status, told = await till.post(f"tills/{shop.till}/approvals", new)
    assert (status, told["state"], told["amount"], told["lines"][0]["name"]) == (201, "asked", 1989, "Loaf")
    grant = f"tills/{shop.till}/approvals/{new['id']}/grant"
    status, told = await till.post(grant, {"person": str(manager), "pin": "1111"})
    assert (status, told["code"], told["left"]) == (409, "wrong_pin", 19)
    status, told = await till.post(grant, {"person": str(clerk), "pin": "7391"})
    assert (status, told["code"]) == (403, "own_request")
    status, told = await till.post(grant, {"person": str(manager), "pin": "7391"})
    assert (status, told["state"], told["how"], told["decided_by"]) == (200, "granted", "pin", "Manager")
    answer = await till.http.get(f"{till.base}/tills/{shop.till}/approvals/{new['id']}")
    assert answer.json()["state"] == "granted"


async def test_a_manager_scans_their_badge_at_the_cashiers_till(shop: Shop, site: Site) -> None:
    till, (clerk, manager) = await at_till(shop, site, "clerk", "manager")
    async with shop.db.begin(shop.scope) as tx:
        own, theirs = await pins.issue_badge(tx, clerk), await pins.issue_badge(tx, manager)
    new = body_of(act())
    assert (await till.post(f"tills/{shop.till}/approvals", new))[0] == 201
    grant = f"tills/{shop.till}/approvals/{new['id']}/grant"
    for badge, wanted in ((own, (403, "own_request")), (new_badge(), (409, "unknown_badge"))):
        status, told = await till.post(grant, {"badge": badge})
        assert (status, told["code"]) == wanted
    assert (await till.post(grant, {}))[0] == 422
    status, told = await till.post(grant, {"badge": theirs.lower()})
    assert (status, told["state"], told["how"], told["person"]) == (200, "granted", "badge", str(manager))
    answer = (await till.http.get(f"{till.base}/tills/{shop.till}/setup")).json()
    assert answer["cashier"]["id"] == str(clerk)


@pytest.mark.parametrize(
    ("whole", "off", "fields"),
    [
        (500, 0, ["act.discount"]),
        (85, 84, ["act.discount"]),
        (-1, 84, ["act.discount"]),
        (0, 421, ["act.lines.0.discount"]),
        (0, -1, ["act.lines.0.discount"]),
    ],
)
async def test_discounts_that_contradict_each_other_are_named(
    shop: Shop, site: Site, whole: int, off: int, fields: list[str]
) -> None:
    till, _people = await at_till(shop, site, "clerk")
    new = body_of(act(off))
    new["act"]["discount"] = whole
    status, told = await till.post(f"tills/{shop.till}/approvals", new)
    assert (status, list(told["errors"])) == (422, fields), told
    new["act"]["discount"] = new["act"]["lines"][0]["discount"] = 84
    assert (await till.post(f"tills/{shop.till}/approvals", new))[0] == 201


async def test_five_wrong_pins_pause_as_they_do_at_the_peoples_page(shop: Shop, site: Site) -> None:
    till, (_clerk, manager) = await at_till(shop, site, "clerk", "manager")
    new = body_of(act())
    await till.post(f"tills/{shop.till}/approvals", new)
    grant = f"tills/{shop.till}/approvals/{new['id']}/grant"
    for _ in range(4):
        assert (await till.post(grant, {"person": str(manager), "pin": "1111"}))[1]["wait"] == 0
    assert (await till.post(grant, {"person": str(manager), "pin": "1111"}))[1]["wait"] == 30
    status, told = await till.post(grant, {"person": str(manager), "pin": "7391"})
    assert (status, told["code"]) == (409, "pin_paused")
    assert (await till.post("device/cashier", {"person": str(manager), "pin": "7391"}))[1]["code"] == "pin_paused"
    assert (await stored(shop, UUID(new["id"]))).state == "asked"


async def test_a_till_tries_thirty_pins_a_minute_whoevers_they_are(shop: Shop, site: Site) -> None:
    till, (_clerk, manager) = await at_till(shop, site, "clerk", "manager")
    new = body_of(act())
    await till.post(f"tills/{shop.till}/approvals", new)
    grant = f"tills/{shop.till}/approvals/{new['id']}/grant"
    answers = [await till.post(grant, {"person": str(new_id()), "pin": "1111"}) for _ in range(29)]
    assert {told["code"] for _status, told in answers} == {"no_pin"}
    status, told = await till.post(grant, {"person": str(manager), "pin": "7391"})
    assert (status, told["code"]) == (429, "too_many_requests")
    assert (await stored(shop, UUID(new["id"]))).state == "asked"
    status, told = await till.post(f"tills/{shop.till}/approvals", body_of(act()))
    assert (status, told["code"]) == (429, "too_many_requests")


async def test_a_till_without_a_device_has_no_pins(shop: Shop, site: Site) -> None:
    _person, _email, secret = await take_on(shop.db, shop.tenant.id, "clerk")
    manager, _email, _secret = await take_on(shop.db, shop.tenant.id, "manager")
    http, base, new = site.visitor(secret), f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/approvals", body_of(act())
    assert (await http.post(base, json=new)).status_code == 201
    refused = await http.post(f"{base}/{new['id']}/grant", json={"person": str(manager), "pin": "7391"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    back = await http.post(f"{base}/{new['id']}/withdrawal", json={})
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")


async def test_the_roster_and_the_setup_say_who_may_do_what(shop: Shop, site: Site) -> None:
    till, (clerk, manager) = await at_till(shop, site, "clerk", "manager")
    roster = {one["id"]: one["rights"] for one in (await till.http.get(f"{till.base}/device")).json()["roster"]}
    assert roster[str(clerk)]["discount"] == {"state": "allowed", "limit": 1000}
    assert roster[str(clerk)]["void_sale"] == {"state": "approval", "limit": None}
    assert "approve" not in roster[str(clerk)]
    assert roster[str(manager)]["approve"] == {"state": "allowed", "limit": None}
    setup = (await till.http.get(f"{till.base}/tills/{shop.till}/setup")).json()
    assert setup["cashier"]["rights"] == roster[str(clerk)]


# -- the phone


async def test_a_manager_sees_what_is_asked_and_answers_with_one_tap(shop: Shop, site: Site) -> None:
    clerk = await somebody(shop, "clerk")
    shown = [
        {
            "name": "Sourdough loaf",
            "quantity": "1",
            "unit_price": 420,
            "list_price": None,
            "discount": 84,
            "amount": 420,
        }
    ]
    request = await asked(shop, clerk, shown=shown, total=336)
    phone = await site.member(shop, "manager")
    base = f"/t/{shop.tenant.slug}/approvals"
    page = (await phone.get(base)).text
    for said in (
        "Give a discount",
        "20\N{NO-BREAK SPACE}%",
        "may give 10",
        "Clerk",
        "Altstadt",
        "Till 1",
        "Damaged",
        "Sourdough loaf",
        "€3.36",
    ):
        assert said in page, said
    answer = await phone.post(f"{base}/{request.id}/answer", data={"decision": "granted"})
    assert answer.status_code == 303
    assert (await stored(shop, request.id)).state == "granted"
    again = await phone.post(f"{base}/{request.id}/answer", data={"decision": "refused"})
    assert (again.status_code, "has granted this already" in again.text) == (409, True)
    assert "Nothing waits for you" in (await phone.get(f"{base}/waiting")).text


async def test_clerks_and_viewers_see_no_approvals(shop: Shop, site: Site) -> None:
    request = await asked(shop, await somebody(shop, "clerk"))
    for role in ("clerk", "viewer"):
        other = await site.member(shop, role)
        assert (await other.get(f"/t/{shop.tenant.slug}/approvals")).status_code == 403
        answer = await other.post(f"/t/{shop.tenant.slug}/approvals/{request.id}/answer", data={"decision": "granted"})
        assert answer.status_code == 403
    assert (await stored(shop, request.id)).state == "asked"


async def test_programs_ask_and_answer_by_the_api(shop: Shop, site: Site) -> None:
    _person, _email, secret = await take_on(shop.db, shop.tenant.id, "clerk")
    clerk, manager = site.visitor(secret), await site.member(shop, "manager")
    base = f"/t/{shop.tenant.slug}/api/v1/approvals"
    new = body_of(Act(new_id()), "refund") | {"store": str(shop.store), "amount": 6000, "total": 6000}
    assert (await clerk.post(base, json=new)).status_code == 201
    assert (await clerk.get(f"{base}/{new['id']}")).json()["state"] == "asked"
    assert (await clerk.get(base)).status_code == 403
    assert [one["id"] for one in (await manager.get(base)).json()["waiting"]] == [new["id"]]
    told = await manager.post(f"{base}/{new['id']}/answer", json={"decision": "refused", "answer": "Not today"})
    assert (told.status_code, told.json()["state"], told.json()["answer"]) == (200, "refused", "Not today")
