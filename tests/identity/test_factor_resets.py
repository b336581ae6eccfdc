"""Lost second factors: a member's go at once, an owner's after a day or a second owner's word, nobody's own ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from retail.identity import factor_resets, queries
from retail.identity.entry_errors import ElsewhereToo, OwnFactors
from retail.identity.errors import OwnersOnly
from retail.identity.factor_resets import DELAY
from retail.identity.operations import NewMember, add_member
from retail.kit.clock import FixedClock
from retail.kit.errors import NotFound
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from tests.support.database import Clone
from tests.support.letters import letters_to
from tests.support.web import PASSWORD_HASH, Site, enrol, enrol_operator, make_site
from tests.support.working import work_off
from tests.support.world import Shop, open_shop


@pytest.fixture
async def timed(clone: Clone, tmp_path: Path) -> AsyncIterator[tuple[Site, FixedClock]]:
    clock = FixedClock(datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
    database = await Database.connect(clone.app_url, size=3, clock=clock)
    site = make_site(database, data_dir=tmp_path)
    yield site, clock
    await site.close()
    await database.close()


async def with_app(db: Database, person: UUID) -> None:
    async with db.platform() as unit:
        await unit.execute("SELECT auth_propose_totp($1, $2, $3)", person, b"sealed", unit.now + timedelta(minutes=5))
        await unit.execute("SELECT auth_accept_totp($1, $2, 0, $3)", person, b"sealed", unit.now)
        await unit.execute("SELECT auth_replace_recovery_codes($1, $2, $3)", person, [b"t" * 32], unit.now)


async def has_app(db: Database, person: UUID) -> bool:
    async with db.platform() as unit:
        row = await unit.fetchrow("SELECT secret FROM auth_totp($1, $2)", person, unit.now)
        codes = await unit.fetch("SELECT tag FROM auth_recovery_codes($1)", person)
    return bool((row and row["secret"]) or codes)


async def member_of(shop: Shop, db: Database, person: UUID) -> UUID:
    async with db.read(shop.scope) as read:
        return next(one.id for one in await queries.members(read) if one.person_id == person)


def owner(shop: Shop, person: UUID) -> Scope:
    return Scope(shop.tenant.id, Actor("person", person, "An owner"), shop.scope.permissions, "owner")


async def test_a_members_goes_at_once_with_a_reason_and_a_mail_and_they_are_signed_out(site: Site, shop: Shop) -> None:
    person, email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    await with_app(site.db, person)
    manager = await site.member(shop, "manager")
    member = await member_of(shop, site.db, person)
    address = f"/t/{shop.tenant.slug}/people/{member}/second-step/removal"
    assert (await manager.get(address)).status_code == 200
    assert (await manager.post(address, data={"reason": " "})).status_code == 422
    assert await has_app(site.db, person)
    assert (await manager.post(address, data={"reason": "Phone fell into the sea"})).status_code == 303
    assert not await has_app(site.db, person)
    assert (await site.visitor(secret).get(f"/t/{shop.tenant.slug}/tills")).status_code == 303
    (letter,) = await letters_to(site.db, email, "entry_notice")
    assert "Phone fell into the sea" in letter.text
    async with site.db.read(shop.scope) as read:
        facts = await read.fetchval("SELECT facts FROM audit_event WHERE action = 'factors.reset'")
    assert "Phone fell into the sea" in facts


async def test_owners_oneself_and_people_of_other_businesses_are_not_reset_by_members(shop: Shop) -> None:
    db = shop.db
    other = await open_shop(db)
    boss, _, _ = await enrol(db, shop.tenant.id, "owner")
    elsewhere, email, _ = await enrol(db, shop.tenant.id, "clerk")
    await db.run(Scope.system(other.tenant.id), add_member, NewMember(email, "Nina", "clerk", PASSWORD_HASH))
    _operator, operators_email, _ = await enrol_operator(db)
    added = await db.run(
        Scope.system(shop.tenant.id), add_member, NewMember(operators_email, "Otto", "clerk", PASSWORD_HASH)
    )
    for person in (boss, elsewhere, added.person_id):
        await with_app(db, person)
    second, _, _ = await enrol(db, shop.tenant.id, "owner")
    me, _, _ = await enrol(db, shop.tenant.id, "manager")
    manager = Scope(shop.tenant.id, Actor("person", me, "Max"), shop.as_role("manager").permissions, "manager")
    refusals = [
        (owner(shop, second), boss, OwnersOnly),
        (owner(shop, second), elsewhere, ElsewhereToo),
        (owner(shop, second), added.person_id, ElsewhereToo),
        (manager, me, OwnFactors),
    ]
    for scope, person, kind in refusals:
        with pytest.raises(kind):
            await db.run(scope, factor_resets.reset_now, await member_of(shop, db, person), "because")
    for person in (boss, elsewhere, added.person_id):
        assert await has_app(db, person)
    with pytest.raises(NotFound):
        await db.run(other.scope, factor_resets.reset_now, await member_of(shop, db, me), "because")


async def asked_for(site: Site, shop: Shop) -> tuple[UUID, str, UUID]:
    """Have an operator ask for the reset of an owner; gives the person, the address and the request's id."""
    person, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    await with_app(site.db, person)
    _, _, operator = await enrol_operator(site.db)
    form = {"reason": "Passport seen", "member": str(await member_of(shop, site.db, person))}
    address = f"/platform/businesses/{shop.tenant.slug}/second-steps"
    for _ in range(2):
        assert (await site.visitor(operator).post(address, data=form)).status_code == 303
    async with site.db.read(shop.scope) as read:
        (waiting,) = await factor_resets.waiting(read)
    return person, email, waiting.id


async def test_an_owners_goes_after_a_day(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    person, email, _ = await asked_for(site, shop)
    clock.advance(DELAY - timedelta(seconds=1))
    await work_off(site.db, shop.tenant.id)
    assert await has_app(site.db, person)
    clock.advance(timedelta(seconds=2))
    await work_off(site.db, shop.tenant.id)
    assert not await has_app(site.db, person)
    texts = [one.text for one in await letters_to(site.db, email, "entry_notice")]
    assert sum("It happens in 24 hours." in text for text in texts) == 2, "as the person, and as an owner"
    assert sum("was removed" in text for text in texts) == 2


async def test_a_second_owner_hastens_it_and_not_the_person(site: Site, shop: Shop) -> None:
    person, _, reset = await asked_for(site, shop)
    with pytest.raises(OwnFactors):
        await site.db.run(owner(shop, person), factor_resets.confirm, reset)
    manager = await site.member(shop, "manager")
    address = f"/t/{shop.tenant.slug}/people/second-steps/{reset}/confirmation"
    assert (await manager.post(address)).status_code == 403
    assert await has_app(site.db, person)
    second = await site.member(shop)
    assert "Passport seen" in (await second.get(f"/t/{shop.tenant.slug}/people")).text
    assert (await second.post(address)).status_code == 303
    assert not await has_app(site.db, person)
    assert (await second.post(address)).status_code == 404


async def test_the_person_or_an_owner_refuses_it(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    person, email, reset = await asked_for(site, shop)
    await site.db.run(owner(shop, person), factor_resets.refuse, shop.tenant, reset)
    clock.advance(DELAY)
    await work_off(site.db, shop.tenant.id)
    assert await has_app(site.db, person)
    assert any("stays" in one.text for one in await letters_to(site.db, email, "entry_notice"))
    again, _, second_reset = await asked_for(site, shop)
    clerk = Scope(shop.tenant.id, Actor("person", person, "X"), shop.as_role("clerk").permissions, "clerk")
    with pytest.raises(OwnersOnly):
        await site.db.run(clerk, factor_resets.refuse, shop.tenant, second_reset)
    assert await has_app(site.db, again)
