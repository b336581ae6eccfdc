"""Grants: for a store, for a time, taken back at once; and nothing is stored long after a right is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from retail.identity.doorkeeper import MEMORY, known_by, scope_of
from retail.identity.grants import NewGrant, end_grant, give_grant, grants_of
from retail.identity.operations import NewMember, add_member, change_role, end_membership
from retail.identity.permissions import EDIT_PEOPLE, MOVE_STOCK, REFUND, SELL, VIEW_SALES
from retail.identity.proof import still_holds
from retail.identity.roles import role
from retail.identity.roles_changes import set_rights
from retail.identity.roles_errors import BeyondYourRights, OwnersEverywhere, RightsChanged
from retail.identity.rules import digest
from retail.kit.clock import FixedClock
from retail.kit.errors import Forbidden, Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Right, Scope
from tests.support.database import Clone
from tests.support.web import PASSWORD_HASH, Site, enrol, role_with, session
from tests.support.world import Shop, open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[Database]:
    """Give a database whose clock the test sets."""
    opened = await Database.connect(clone.app_url, size=8, clock=FixedClock(NOON))
    opened.prove = still_holds
    yield opened
    MEMORY.__init__()  # type: ignore[misc]
    await opened.close()


def at(db: Database, moment: datetime) -> None:
    db.clock = FixedClock(moment)


async def scope_now(db: Database, shop: Shop, secret: str, *, fresh: bool = True) -> Scope:
    known = await known_by(db, digest(secret), shop.tenant.slug, bearer=False, fresh=fresh)
    assert known is not None
    scope = scope_of(known, "request")
    assert scope is not None
    return scope


async def member_of(db: Database, shop: Shop, draft: NewMember) -> tuple[object, str]:
    member = await db.run(Scope.system(shop.tenant.id), add_member, draft)
    return member, await session(db, member.person_id)


def somebody(role: str = "viewer", **more: object) -> NewMember:
    return NewMember(f"{new_id().hex}@shop.example", "Somebody", role, PASSWORD_HASH, **more)  # type: ignore[arg-type]


async def test_a_grant_counts_from_its_beginning_to_its_end_and_no_moment_longer(timed: Database) -> None:
    shop = await open_shop(timed)
    member, secret = await member_of(timed, shop, somebody())
    begin, end = NOON + timedelta(minutes=5), NOON + timedelta(minutes=15)
    await timed.run(shop.scope, give_grant, member.id, NewGrant("clerk", None, begin, end, "Holiday"))  # type: ignore[attr-defined]
    moment = timedelta(microseconds=1)
    for when, sells in ((NOON, False), (begin - moment, False), (begin, True), (end - moment, True), (end, False)):
        at(timed, when)
        assert (await scope_now(timed, shop, secret)).may(SELL) is sells, when
    async with timed.read(shop.scope) as read:
        (grant,) = await grants_of(read, member.id)  # type: ignore[attr-defined]
        jobs = await read.fetch("SELECT run_after FROM job WHERE name = 'identity.rights_turn' ORDER BY run_after")
    assert [grant.state(w) for w in (NOON, begin, end)] == ["coming", "running", "over"]
    assert [row["run_after"] for row in jobs] == [begin, end]


async def test_a_grant_for_one_store_counts_there_alone(timed: Database) -> None:
    shop = await open_shop(timed)
    member, secret = await member_of(timed, shop, somebody("viewer"))
    await timed.run(shop.scope, give_grant, member.id, NewGrant("manager", shop.store))  # type: ignore[attr-defined]
    scope = await scope_now(timed, shop, secret)
    assert scope.stores is None
    assert (scope.may_in(MOVE_STOCK, shop.store), scope.may_in(MOVE_STOCK, shop.second_store)) == (True, False)
    assert scope.narrowed(MOVE_STOCK).stores == frozenset({shop.store})
    assert scope.narrowed(VIEW_SALES).stores is None
    assert not scope.may(EDIT_PEOPLE), "a right of the whole business is never had for a store"
    with pytest.raises(Forbidden):
        scope.require_in(MOVE_STOCK, shop.second_store)


async def test_who_has_grants_for_stores_only_sees_nothing_else(timed: Database) -> None:
    shop = await open_shop(timed)
    _, secret = await member_of(timed, shop, somebody("clerk", stores=(shop.second_store,)))
    scope = await scope_now(timed, shop, secret)
    assert scope.stores == frozenset({shop.second_store})
    assert scope.decide(REFUND, 5_000, shop.second_store) == "allowed"
    assert scope.decide(REFUND, 5_001, shop.second_store) == "approval"
    assert scope.decide(REFUND, 1, shop.store) == "denied"
    async with timed.read(scope) as read:
        assert [row["id"] for row in await read.fetch("SELECT id FROM store")] == [shop.second_store]
        assert await read.fetchval("SELECT count(*) FROM till") == 0


async def test_a_taken_back_grant_and_a_departure_end_everything(timed: Database) -> None:
    shop = await open_shop(timed)
    draft = somebody("clerk", stores=(shop.store, shop.second_store))
    member, secret = await member_of(timed, shop, draft)
    async with timed.read(shop.scope) as read:
        first, second = await grants_of(read, member.id)  # type: ignore[attr-defined]
    ended = await timed.run(shop.scope, end_grant, member.id, first.id)  # type: ignore[attr-defined]
    assert ended.state(NOON) == "revoked"
    assert (await scope_now(timed, shop, secret)).stores == frozenset({second.store})
    await timed.run(shop.scope, end_membership, member.id)  # type: ignore[attr-defined]
    back = await timed.run(shop.scope, add_member, NewMember(draft.email, "Back", "viewer", "x"))
    async with timed.read(shop.scope) as read:
        assert [one.state(NOON) for one in await grants_of(read, back.id)] == ["revoked", "revoked"]
        rows = await read.fetch("SELECT facts FROM audit_event WHERE action LIKE 'grant.%' ORDER BY at, id")
    told = [json.loads(row["facts"]) for row in rows]
    assert [(one["before"] is None, one["after"] is None) for one in told] == [(True, False)] * 2 + [(False, True)]


async def test_refused_grants_leave_nothing(shop: Shop) -> None:
    member = await shop.db.run(shop.scope, add_member, somebody())
    other = await open_shop(shop.db)
    theirs = await shop.db.run(other.scope, add_member, somebody())
    now = shop.db.clock.now()
    run, manager = shop.db.run, shop.as_role("manager")
    cases = [
        (manager, member.id, NewGrant("owner"), OwnersEverywhere),
        (shop.scope, member.id, NewGrant("owner"), OwnersEverywhere),
        (shop.scope, theirs.id, NewGrant("clerk"), NotFound),
        (shop.scope, member.id, NewGrant("clerk", other.store), NotFound),
        (shop.scope, member.id, NewGrant("nothing"), NotFound),
        (shop.scope, member.id, NewGrant("clerk", None, None, now - timedelta(seconds=1)), Invalid),
        (shop.scope, member.id, NewGrant("clerk", None, now + timedelta(days=2), now + timedelta(days=1)), Invalid),
        (shop.as_role("clerk"), member.id, NewGrant("manager", shop.store), BeyondYourRights),
    ]
    for scope, whom, new, refusal in cases:
        with pytest.raises(refusal):
            await run(scope, give_grant, whom, new)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM role_grant") == 0


async def test_changed_rights_are_told_to_every_open_screen(shop: Shop) -> None:
    member = await shop.db.run(shop.scope, add_member, somebody())
    async with shop.db.read(shop.scope) as read:
        clerk = await role(read, "clerk")
    await shop.db.run(shop.scope, set_rights, "clerk", {**clerk.rights, REFUND: Right()})
    await shop.db.run(shop.scope, give_grant, member.id, NewGrant("clerk"))
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT body ->> 'person' AS person FROM outbox WHERE name = 'access.changed'")
    assert {row["person"] for row in rows} == {None, str(member.person_id)}


async def test_of_a_hundred_changes_under_way_none_commits_five_seconds_after_the_right_is_gone(
    timed: Database,
) -> None:
    shop = await open_shop(timed)
    key = await role_with(timed, shop.tenant.id, EDIT_PEOPLE)
    member, secret = await member_of(timed, shop, somebody(key))
    scopes = [await scope_now(timed, shop, secret, fresh=n == 0) for n in range(100)]

    async def write(tx: Tx) -> None:
        tx.audit("something.done", "member", None)

    async def late(scope: Scope, gate: asyncio.Event) -> None:
        await gate.wait()
        await timed.run(scope, write)

    gate = asyncio.Event()
    under_way = [asyncio.create_task(late(scope, gate)) for scope in scopes]
    await timed.run(Scope.system(shop.tenant.id), change_role, member.id, "viewer")  # type: ignore[attr-defined]
    at(timed, NOON + timedelta(seconds=5))
    gate.set()
    outcomes = await asyncio.gather(*under_way, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {RightsChanged}
    async with timed.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'something.done'") == 0


async def test_a_change_that_waited_inside_its_transaction_is_proved_before_it_commits(timed: Database) -> None:
    shop = await open_shop(timed)
    key = await role_with(timed, shop.tenant.id, EDIT_PEOPLE)
    member, secret = await member_of(timed, shop, somebody(key))
    scope = await scope_now(timed, shop, secret)

    async def wait(tx: Tx) -> None:
        tx.audit("something.done", "member", None)
        await _elsewhere(timed, shop, member.id)  # type: ignore[attr-defined]
        at(timed, NOON + timedelta(seconds=5))

    with pytest.raises(RightsChanged):
        await timed.run(scope, wait)
    async with timed.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'something.done'") == 0


async def _elsewhere(db: Database, shop: Shop, member: object) -> None:
    """Take the right away in a context of its own, as another request would."""
    import contextvars

    await asyncio.create_task(
        db.run(Scope.system(shop.tenant.id), change_role, member, "viewer"),  # type: ignore[arg-type]
        context=contextvars.Context(),
    )


async def test_rights_that_stayed_let_a_late_change_through(timed: Database) -> None:
    shop = await open_shop(timed)
    key = await role_with(timed, shop.tenant.id, EDIT_PEOPLE)
    _, secret = await member_of(timed, shop, somebody(key))
    scope = await scope_now(timed, shop, secret)
    at(timed, NOON + timedelta(minutes=5))
    async with timed.begin(scope) as tx:
        tx.audit("something.done", "member", None)
    async with timed.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'something.done'") == 1


async def test_the_members_page_grants_and_takes_back(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    person, _, secret = await enrol(site.db, shop.tenant.id, "viewer")
    viewer = site.visitor(secret)
    async with site.db.read(shop.scope) as read:
        member = await read.fetchval("SELECT id FROM membership WHERE person_id = $1", person)
    assert (await viewer.get(f"{base}/tills")).status_code == 200
    form = {"granted_role": "manager", "store": str(shop.store), "last": "2999-12-31", "reason": "Fair"}
    answer = await owner.post(f"{base}/people/{member}/grants", data=form)
    assert answer.status_code == 303
    page = (await owner.get(f"{base}/people/{member}")).text
    assert "Counts now" in page
    assert "Fair" in page
    assert '<td data-label="Until">31 Dec 2999</td>' in page
    assert "until 31 Dec 2999<" in (await owner.get(f"{base}/people")).text
    wrong = await owner.post(f"{base}/people/{member}/grants", data=form | {"last": "2020-01-01"})
    assert (wrong.status_code, "The end lies before the beginning" in wrong.text) == (422, True)
    async with site.db.read(shop.scope) as read:
        (grant,) = await grants_of(read, member)
    assert (await owner.post(f"{base}/people/{member}/grants/{grant.id}/end")).status_code == 303
    moved = await owner.post(f"{base}/people/{member}/place", data={"role": "clerk", "where": "granted"})
    assert moved.status_code == 303
    assert (await viewer.get(f"{base}/tills")).status_code == 403


async def every(browser: httpx.AsyncClient, path: str) -> list[str]:
    """Give the ids of a list, page after page."""
    found: list[str] = []
    after = ""
    while True:
        page = (await browser.get(path, params={"after": after} if after else None)).json()
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            return found
        after = page["next"]


async def test_programs_grant_and_take_back(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    member = await shop.db.run(shop.scope, add_member, somebody())
    made = await owner.post(f"{base}/people/{member.id}/grants", json={"role": "clerk", "store": str(shop.store)})
    assert (made.status_code, made.json()["state"]) == (201, "running")
    assert await every(owner, f"{base}/grants") == [made.json()["id"]]
    known = {made.json()["id"]}
    for year in range(2910, 2915):
        new = {"role": "viewer", "ends_at": f"{year}-01-01T00:00:00Z"}
        known.add((await owner.post(f"{base}/people/{member.id}/grants", json=new)).json()["id"])
    for path in ("grants", f"people/{member.id}/grants"):
        found = await every(owner, f"{base}/{path}?limit=2")
        assert (len(found), set(found)) == (6, known)
    assert (await owner.get(f"{base}/grants?after=WyJ4Il0")).status_code == 422
    naive = {"role": "clerk", "ends_at": "2999-01-01T00:00:00"}
    assert (await owner.post(f"{base}/people/{member.id}/grants", json=naive)).status_code == 422
    misspelt = {"role": "manager", "until": "2020-01-01T00:00:00Z"}
    assert (await owner.post(f"{base}/people/{member.id}/grants", json=misspelt)).status_code == 422
    ended = await owner.delete(f"{base}/people/{member.id}/grants/{made.json()['id']}")
    assert ended.json()["state"] == "revoked"
    assert (await owner.put(f"{base}/people/{member.id}/place", json={"role": "clerk"})).json()["role"] == "clerk"
