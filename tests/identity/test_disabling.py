"""Disabling a member and an account: what ends at once, what comes back, and that a business keeps an owner."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from retail.identity import devices, queries
from retail.identity.device_door import caller_by
from retail.identity.device_errors import NoPin
from retail.identity.disabling import (
    disable_account,
    disable_member,
    enable_account,
    enable_member,
)
from retail.identity.errors import AccountDisabled, AlreadyMember, LastOwner, NoSuchAccount, OnlyOwner, OwnersOnly
from retail.identity.operations import NewMember, add_member
from retail.identity.people_list import listed_members
from retail.identity.pins import set_pin, take_over, try_pin
from retail.identity.roles_errors import OwnRights
from retail.identity.rules import digest
from retail.identity.script_tokens import NewToken, make_script_token
from retail.identity.sockets import SocketDoorman
from retail.identity.tokens import issue_pair
from retail.kit.errors import NotFound
from retail.runtime.audit_record import PLATFORM
from retail.runtime.tenancy import SYSTEM, Actor, Scope
from tests.identity.test_sockets import websocket
from tests.support.enrolled import Keys, proof
from tests.support.enrolled import enrol as enrol_device
from tests.support.web import KEYS, PASSWORD_HASH, Site, enrol, enrol_operator
from tests.support.world import Shop, open_shop


async def member_of(shop: Shop, person: UUID) -> UUID:
    async with shop.db.read(shop.scope) as read:
        return next(one.id for one in await queries.members(read) if one.person_id == person)


async def names_of(shop: Shop) -> set[UUID]:
    async with shop.db.read(shop.scope) as read:
        return {one.person_id for one in await queries.members(read)}


async def actions(shop: Shop, tenant: UUID, subject: UUID) -> list[str]:
    async with shop.db.read(Scope.system(tenant)) as read:
        rows = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id", tenant, subject
        )
    return [row["action"] for row in rows]


async def test_everything_that_was_open_ends_with_the_click_and_the_role_comes_back(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    person, _, secret = await enrol(site.db, shop.tenant.id, "manager")
    wanted, slug = await member_of(shop, person), shop.tenant.slug
    theirs = site.visitor(secret)
    acting = Scope(shop.tenant.id, Actor("person", person, "M"), role="manager", permissions=shop.scope.permissions)
    pair = await site.db.run(acting, issue_pair, person, "laptop", "manager")
    made = await site.db.run(shop.scope, make_script_token, NewToken("their script", "viewer", 30))
    async with site.db.begin(Scope.system(shop.tenant.id)) as tx:
        await tx.execute("DELETE FROM pin WHERE tenant_id = $1 AND person_id = $2", tx.tenant, person)
        await set_pin(tx, KEYS, person, "582946")
    keys = Keys()
    device = await enrol_device(site.db, shop, keys)
    doorman = SocketDoorman(site.db)
    guest = await doorman.by_session(websocket(site, slug, secret))
    assert guest is not None
    for bearer in (pair.access_token, made.secret):
        answer = await site.visitor(Authorization=f"Bearer {bearer}").get("/api/v1/me")
        assert answer.status_code == 200

    answer = await owner.post(f"/t/{slug}/people/{wanted}/disabling")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/t/{slug}/people")
    assert person not in await names_of(shop)
    assert (await theirs.get("/account")).headers["location"].startswith("/sign-in"), (
        "signed out: they work nowhere else"
    )
    assert (await theirs.get(f"/t/{slug}/people")).status_code in {303, 404}
    refused = await site.visitor(Authorization=f"Bearer {pair.access_token}").get("/api/v1/me")
    assert refused.status_code == 401
    assert await doorman.again(guest) is None
    with pytest.raises(NoPin):
        async with site.db.begin(Scope.system(shop.tenant.id)) as tx:
            await try_pin(tx, KEYS, device, person, "582946")
    assert "Disabled" in (await owner.get(f"/t/{slug}/people")).text

    await owner.post(f"/t/{slug}/people/{wanted}/enabling")
    assert person in await names_of(shop)
    assert (await theirs.get("/account")).status_code == 303, "what has ended stays ended"
    async with site.db.begin(Scope.system(shop.tenant.id)) as tx:
        assert (await try_pin(tx, KEYS, device, person, "582946")).right
    assert await actions(shop, shop.tenant.id, wanted) == ["member.added", "member.disabled", "member.enabled"]


async def test_tokens_that_they_made_end_too_and_others_stay(site: Site, shop: Shop) -> None:
    await enrol(site.db, shop.tenant.id, "owner")
    person, _, _ = await enrol(site.db, shop.tenant.id, "owner")
    acting = Scope(shop.tenant.id, Actor("person", person, "O"), role="owner", permissions=shop.scope.permissions)
    made = await site.db.run(acting, make_script_token, NewToken("theirs", "viewer", 30))
    other = await site.db.run(shop.scope, make_script_token, NewToken("another's", "viewer", 30))
    _, ended = await site.db.run(shop.scope, disable_member, await member_of(shop, person))
    assert digest(made.secret) in ended.tokens
    for secret, status in ((made.secret, 401), (other.secret, 200)):
        answer = await site.visitor(Authorization=f"Bearer {secret}").get("/api/v1/me")
        assert answer.status_code == status


async def test_whoever_works_elsewhere_too_stays_signed_in_there(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    person, email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    await site.db.run(other.scope, add_member, NewMember(email, "Clara", "clerk", PASSWORD_HASH))
    await site.db.run(shop.scope, disable_member, await member_of(shop, person))
    theirs = site.visitor(secret)
    assert (await theirs.get(f"/t/{other.tenant.slug}/products")).status_code == 200
    assert (await theirs.get(f"/t/{shop.tenant.slug}/products")).status_code == 404


async def test_a_cashier_who_is_disabled_no_longer_stands_at_the_till(site: Site, shop: Shop) -> None:
    person, _, _ = await enrol(site.db, shop.tenant.id, "clerk")
    keys = Keys()
    device = await enrol_device(site.db, shop, keys)
    scope = Scope(shop.tenant.id, Actor("device", device, "—"))
    proved = await proof(site.db, shop, keys, device)
    secret = (await site.db.run(scope, devices.open_device_session, device, proved, "")).secret
    await site.db.run(scope, take_over, digest(secret), person)
    standing = await caller_by(site.db, digest(secret))
    assert standing is not None
    assert standing.person is not None
    wanted = await member_of(shop, person)
    await site.db.run(shop.scope, disable_member, wanted)
    for enabled in (False, True):
        if enabled:
            await site.db.run(shop.scope, enable_member, wanted)
        alone = await caller_by(site.db, digest(secret))
        assert alone is not None
        assert alone.person is None, "a till doesn't take them back by itself"


async def test_nobody_disables_themselves_the_last_owner_or_an_owner_above_them(site: Site, shop: Shop) -> None:
    first, _, _ = await enrol(site.db, shop.tenant.id, "owner")
    wanted = await member_of(shop, first)
    with pytest.raises(LastOwner):
        await site.db.run(shop.scope, disable_member, wanted)
    await enrol(site.db, shop.tenant.id, "owner")
    themselves = Scope(shop.tenant.id, Actor("person", first, "O"), shop.scope.permissions, "owner")
    with pytest.raises(OwnRights):
        await site.db.run(themselves, disable_member, wanted)
    manager, _, _ = await enrol(site.db, shop.tenant.id, "manager")
    below = Scope(shop.tenant.id, Actor("person", manager, "M"), shop.as_role("manager").permissions, "manager")
    with pytest.raises(OwnersOnly):
        await site.db.run(below, disable_member, wanted)
    assert first in await names_of(shop)


async def test_a_disabled_member_is_neither_invited_nor_enabled_by_an_invitation(site: Site, shop: Shop) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "clerk")
    await site.db.run(shop.scope, disable_member, await member_of(shop, person))
    with pytest.raises(AlreadyMember):
        await site.db.run(shop.scope, add_member, NewMember(email, "Clara", "manager", PASSWORD_HASH))
    async with shop.db.read(shop.scope) as read:
        assert [one.role for one in (await listed_members(read, state="disabled")).items] == ["clerk"]


async def test_an_account_is_disabled_in_every_business_and_comes_back_where_it_was(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    person, email, secret = await enrol(site.db, shop.tenant.id, "manager")
    await site.db.run(other.scope, add_member, NewMember(email, "M", "clerk", PASSWORD_HASH))
    ended = await disable_account(site.db, SYSTEM, email.upper(), "lost laptop")
    assert ended.sessions == (digest(secret),)
    assert (await site.visitor(secret).get("/account")).status_code == 303
    for business in (shop, other):
        assert person not in await names_of(business)
        assert await actions(shop, business.tenant.id, person) == ["member.disabled"]
        async with shop.db.read(business.scope) as read:
            listed = (await listed_members(read, state="disabled")).items
        with pytest.raises(AccountDisabled):
            await site.db.run(business.scope, enable_member, listed[0].id)
    assert await actions(shop, PLATFORM, person) == ["person.disabled"]
    await enable_account(site.db, SYSTEM, email, "found again")
    async with shop.db.read(other.scope) as read:
        back = next(one for one in await queries.members(read) if one.person_id == person)
    assert (back.role, back.ended_at) == ("clerk", None)
    assert person in await names_of(shop)


async def test_an_account_that_a_business_had_disabled_stays_so_there(site: Site, shop: Shop) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "clerk")
    wanted = await member_of(shop, person)
    await site.db.run(shop.scope, disable_member, wanted)
    await disable_account(site.db, SYSTEM, email, "r")
    with pytest.raises(AccountDisabled):
        await site.db.run(shop.scope, enable_member, wanted)
    await enable_account(site.db, SYSTEM, email, "r")
    assert person not in await names_of(shop)
    await site.db.run(shop.scope, enable_member, wanted)
    assert person in await names_of(shop)


async def test_the_only_owner_of_a_business_cant_be_disabled_and_two_not_at_once(site: Site, shop: Shop) -> None:
    first, mail, _ = await enrol(site.db, shop.tenant.id, "owner")
    second, other_mail, _ = await enrol(site.db, shop.tenant.id, "owner")
    outcomes = await asyncio.gather(
        disable_account(site.db, SYSTEM, mail, "r"),
        disable_account(site.db, SYSTEM, other_mail, "r"),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert len(refused) == 1
    assert isinstance(refused[0], OnlyOwner)
    assert shop.tenant.name in refused[0].sentence()
    assert len({first, second} & await names_of(shop)) == 1


async def test_an_operator_does_it_on_a_page_with_a_reason_and_not_to_themselves(site: Site, shop: Shop) -> None:
    person, email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    _, own, operators = await enrol_operator(site.db)
    page = site.visitor(operators)
    assert email in (await page.get("/platform/people", params={"email": email})).text
    empty = await page.post("/platform/people/disabling", data={"email": email})
    assert empty.status_code == 422
    assert person in await names_of(shop)
    done = await page.post("/platform/people/disabling", data={"email": email, "reason": "asked by the owner"})
    assert done.status_code == 303
    assert (await site.visitor(secret).get("/account")).status_code == 303
    shown = (await page.get(done.headers["location"])).text
    assert "Disabled since" in shown
    assert (await page.post("/platform/people/enabling", data={"email": email, "reason": "r"})).status_code == 303
    assert person in await names_of(shop)
    themselves = await page.post("/platform/people/disabling", data={"email": own, "reason": "r"})
    assert themselves.status_code == 403
    assert (await page.get("/platform/people", params={"email": "nobody@here.example"})).status_code == 200
    clerk = await site.member(shop)
    assert (await clerk.get("/platform/people")).status_code == 403
    with pytest.raises(NoSuchAccount):
        await enable_account(site.db, SYSTEM, "nobody@here.example", "r")
    with pytest.raises(NotFound):
        await site.db.run(shop.scope, enable_member, await member_of(shop, person))
