"""Rights for a time stay for a time: nobody changes their own, or gives on what they hold for longer than they do."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from retail.identity.grants import NewGrant, end_grant, give_grant, grants_of
from retail.identity.invitations import Invite, invite
from retail.identity.operations import NewMember, add_member, change_role
from retail.identity.permissions import MANAGE_ROLES, MANAGE_TOKENS, SELL
from retail.identity.queries import Member, members
from retail.identity.roles import role
from retail.identity.roles_changes import create_role, set_rights
from retail.identity.roles_errors import BeyondYourRights, HeldForATime, OwnRights, RightsChanged
from retail.identity.script_tokens import NewToken, make_script_token
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Right, Scope
from tests.support.web import PASSWORD_HASH, Site, enrol, role_with, session
from tests.support.world import Shop


async def taken_on(shop: Shop, role: str) -> Member:
    draft = NewMember(f"{new_id().hex}@shop.example", "Jonas", role, PASSWORD_HASH)
    return await shop.db.run(Scope.system(shop.tenant.id), add_member, draft)


async def scope_of(db: Database, shop: Shop, member: Member) -> Scope:
    from retail.identity.doorkeeper import known_by
    from retail.identity.doorkeeper import scope_of as seen
    from retail.identity.rules import digest

    known = await known_by(db, digest(await session(db, member.person_id)), shop.tenant.slug, bearer=False, fresh=True)
    assert known is not None
    scope = seen(known, "request")
    assert scope is not None
    return scope


async def for_a_minute(shop: Shop, key: str = "manager") -> tuple[Member, Scope, NewGrant]:
    """Take on a clerk who holds a role for 75 seconds."""
    clerk = await taken_on(shop, "clerk")
    granted = NewGrant(key, None, None, shop.db.clock.now() + timedelta(seconds=75))
    await shop.db.run(shop.scope, give_grant, clerk.id, granted)
    return clerk, await scope_of(shop.db, shop, clerk), granted


async def state(shop: Shop) -> tuple[dict[UUID, str], int, int]:
    async with shop.db.read(shop.scope) as read:
        return (
            {one.id: one.role for one in await members(read)},
            await read.fetchval("SELECT count(*) FROM role_grant WHERE revoked_at IS NULL"),
            await read.fetchval("SELECT count(*) FROM invitation"),
        )


@pytest.mark.parametrize("of", ["clerk for a minute", "manager", "owner"])
async def test_nobody_changes_their_own_role_place_or_grants(shop: Shop, of: str) -> None:
    if of == "clerk for a minute":
        own, scope, _granted = await for_a_minute(shop)
    else:
        own = await taken_on(shop, of)
        scope = await scope_of(shop.db, shop, own)
    await taken_on(shop, "owner")
    before = await state(shop)
    soon = shop.db.clock.now() + timedelta(seconds=5)
    for attempt in (
        shop.db.run(scope, give_grant, own.id, NewGrant("clerk")),
        shop.db.run(scope, give_grant, own.id, NewGrant("clerk", None, None, soon)),
        shop.db.run(scope, change_role, own.id, "viewer"),
        shop.db.run(scope, change_role, own.id, own.role, everywhere=False),
    ):
        with pytest.raises(OwnRights) as refused:
            await attempt
        assert refused.value.status == 403
    async with shop.db.read(shop.scope) as read:
        held = await grants_of(read, own.id)
    for one in held:
        with pytest.raises(OwnRights):
            await shop.db.run(scope, end_grant, own.id, one.id)
    assert await state(shop) == before


async def test_what_is_held_for_a_time_is_given_on_until_then_and_never_for_good(shop: Shop) -> None:
    _clerk, scope, granted = await for_a_minute(shop)
    assert granted.ends_at is not None
    other = await taken_on(shop, "viewer")
    before = await state(shop)
    for attempt in (
        shop.db.run(scope, give_grant, other.id, NewGrant("manager")),
        shop.db.run(scope, give_grant, other.id, NewGrant("manager", shop.store)),
        shop.db.run(
            scope, give_grant, other.id, NewGrant("manager", None, None, granted.ends_at + timedelta(seconds=1))
        ),
        shop.db.run(scope, change_role, other.id, "manager"),
        shop.db.run(scope, add_member, NewMember("new@shop.example", "New", "manager", PASSWORD_HASH)),
        shop.db.run(scope, invite, shop.tenant, Invite("new@shop.example", "manager"), "http://shop.test"),
    ):
        with pytest.raises(HeldForATime):
            await attempt
    assert await state(shop) == before
    given = await shop.db.run(scope, give_grant, other.id, NewGrant("manager", None, None, granted.ends_at))
    assert given.ends_at == granted.ends_at
    lasting = await shop.db.run(scope, give_grant, other.id, NewGrant("clerk"))
    assert lasting.ends_at is None, "what is one's own for good is given for good"


async def test_rights_over_roles_and_tokens_for_a_time_leave_nothing_for_good(shop: Shop) -> None:
    key = await role_with(shop.db, shop.tenant.id, MANAGE_ROLES, MANAGE_TOKENS, SELL)
    _clerk, scope, _granted = await for_a_minute(shop, key)
    async with shop.db.read(shop.scope) as read:
        clerk = await role(read, "clerk")
    with pytest.raises(HeldForATime):
        await shop.db.run(scope, set_rights, "clerk", {**clerk.rights, MANAGE_ROLES: Right()})
    with pytest.raises(HeldForATime):
        await shop.db.run(scope, create_role, "Mine", key)
    with pytest.raises(HeldForATime):
        await shop.db.run(scope, make_script_token, NewToken("Mine", key, 30))
    async with shop.db.read(shop.scope) as read:
        assert (await role(read, "clerk")).rights == clerk.rights
        assert await read.fetchval("SELECT count(*) FROM api_token") == 0


async def test_the_rights_of_this_moment_count_and_not_those_that_a_request_came_with(shop: Shop) -> None:
    manager, other = await taken_on(shop, "manager"), await taken_on(shop, "viewer")
    scope = await scope_of(shop.db, shop, manager)
    await shop.db.run(shop.scope, change_role, manager.id, "viewer")
    with pytest.raises((BeyondYourRights, RightsChanged)):
        await shop.db.run(scope, give_grant, other.id, NewGrant("manager"))
    owner, still = await taken_on(shop, "owner"), await taken_on(shop, "owner")
    scope = await scope_of(shop.db, shop, owner)
    await shop.db.run(shop.scope, change_role, owner.id, "viewer")
    with pytest.raises(Forbidden):
        await shop.db.run(scope, change_role, other.id, "owner")
    assert (await state(shop))[0] == {
        manager.id: "viewer", other.id: "viewer", owner.id: "viewer", still.id: "owner",
    }  # fmt: skip


async def test_what_was_given_to_others_stays_when_the_givers_rights_fall(shop: Shop) -> None:
    manager, other = await taken_on(shop, "manager"), await taken_on(shop, "viewer")
    given = await shop.db.run(await scope_of(shop.db, shop, manager), give_grant, other.id, NewGrant("clerk"))
    await shop.db.run(shop.scope, change_role, manager.id, "viewer")
    async with shop.db.read(shop.scope) as read:
        assert [one.id for one in await grants_of(read, other.id) if one.revoked_at is None] == [given.id]


async def test_pages_and_programs_are_refused_with_a_sentence(site: Site, shop: Shop) -> None:
    person, _email, secret = await enrol(site.db, shop.tenant.id, "manager")
    async with site.db.read(shop.scope) as read:
        own = next(one.id for one in await members(read) if one.person_id == person)
    browser, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    api = f"{base}/api/v1/people/{own}"
    for answer in (
        await browser.put(f"{api}/place", json={"role": "manager"}),
        await browser.post(f"{api}/grants", json={"role": "manager"}),
        await browser.post(f"{base}/people/{own}/role", data={"role": "viewer"}),
        await browser.post(f"{base}/people/{own}/place", data={"role": "viewer", "where": "everywhere"}),
        await browser.post(f"{base}/people/{own}/grants", data={"granted_role": "manager"}),
    ):
        assert answer.status_code == 403, answer.url
        assert "change your own role" in answer.text
    page = (await browser.get(f"{base}/people/{own}")).text
    assert f"/people/{own}/place" not in page
    assert f"/people/{own}/grants" not in page
    assert f"/people/{own}/role" not in (await browser.get(f"{base}/people")).text


_ASKING = (
    "POST /people", "POST /people/{}/role", "POST /people/{}/place", "POST /people/{}/grants",
    "POST /people/{}/grants/{}/end", "POST /people/{}/departure", "GET /people/invitations/new",
    "POST /people/invitations", "POST /people/invitations/{}/sending", "POST /people/invitations/{}/withdrawal",
    "POST /people/{}/second-step/removal", "PUT /api/v1/people/{}/place", "POST /api/v1/people/{}/grants",
    "DELETE /api/v1/people/{}/grants/{}",
)  # fmt: skip


async def test_giving_rights_and_taking_them_ask_for_a_fresh_proof(
    site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other = await site.member(shop), await taken_on(shop, "viewer")
    before = await state(shop)
    monkeypatch.setattr("retail.runtime.web.routing.CONFIRMED_FOR", timedelta(0))
    for asking in _ASKING:
        method, _blank, path = asking.partition(" ")
        to = f"/t/{shop.tenant.slug}{path.format(other.id, new_id())}"
        body = {"json": {"role": "clerk"}} if "/api/" in path and method != "DELETE" else {}
        answer = await owner.request(method, to, **body)  # type: ignore[arg-type]
        if "/api/" in path:
            assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_needed"), asking
        else:
            asks = (303, "/confirm") if method == "GET" else (307, "/confirm/held")
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == asks, asking
    assert await state(shop) == before


async def test_the_list_of_people_shows_what_somebody_holds_beside_their_role(site: Site, shop: Shop) -> None:
    clerk, _scope, granted = await for_a_minute(shop)
    now = shop.db.clock.now()
    other = await taken_on(shop, "clerk")
    later = NewGrant("manager", None, now + timedelta(days=1))
    await shop.db.run(shop.scope, give_grant, other.id, later)
    owner, people = await site.member(shop), f"/t/{shop.tenant.slug}/people"

    def row(page: str, member: Member) -> str:
        return page.partition(f'id="member-{member.id}"')[2].partition("</tr>")[0]

    page = (await owner.get(people)).text
    assert "and Manager until " in row(page, clerk)
    assert granted.ends_at is not None
    assert "and Manager" not in row(page, other), "what is to come isn't held yet"
    for key in ("manager", "viewer", await role_with(site.db, shop.tenant.id, SELL)):
        await shop.db.run(shop.scope, give_grant, other.id, NewGrant(key))
    page = (await owner.get(people)).text
    assert "and Manager</span>" in row(page, other)
    assert "+1 granted" in row(page, other)
