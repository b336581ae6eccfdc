"""Guessing at somebody's password is seen by each business that they belong to, a moment later, and by no other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from retail.identity.guesses import ACTION, SETTLED, Guesses
from retail.identity.operations import NewMember, add_member
from retail.kit.clock import FixedClock
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from tests.support.database import Clone, of_its_own
from tests.support.trails import Trail
from tests.support.web import PASSWORD_HASH, Site, enrol, enrol_operator, make_site
from tests.support.world import Shop, open_shop
from workers.work import Work


@pytest.fixture(scope="module")
async def clone() -> AsyncIterator[Clone]:
    """Give a database that only this module's tests use: a round looks after every business in it."""
    async with of_its_own() as made:
        yield made


@pytest.fixture(scope="module")
async def db(clone: Clone) -> AsyncIterator[Database]:
    opened = await Database.connect(clone.app_url, size=4)
    yield opened
    await opened.close()


async def guess(site: Site, email: str, times: int = 1) -> None:
    for _try in range(times):
        answer = await site.visitor().post("/sign-in", data={"email": email, "password": "not this one"})
        assert answer.status_code == 401


async def test_an_owner_sees_who_is_guessed_at_once_however_many_workers(site: Site, shop: Shop, clone: Clone) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "clerk")
    _owner, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    later = FixedClock(site.db.clock.now())
    database = await Database.connect(clone.app_url, size=2, clock=later)
    workers = [Guesses(database), Guesses(database)]
    trail = await Trail.of(clone)
    await guess(site, email, 3)
    assert {chain for chain, _record in await trail.news()} == {PLATFORM}, "the answer waits for no business's trail"
    later.at = site.db.clock.now() + SETTLED
    for worker in (*workers, *workers, Guesses(database)):
        await worker.round()
    told = [record for chain, record in await trail.news() if chain == shop.tenant.id]
    assert [(one.action, one.subject_id, one.actor_name, one.ip, one.request_id) for one in told] == [
        (ACTION, str(person), "", "127.0.0.1", "")
    ]
    facts = json.loads(told[0].facts)
    assert (facts["way"], facts["tries"]) == ("password", 3)
    page = await site.visitor(secret).get(f"/t/{shop.tenant.slug}/audit")
    assert "Sign-in refused" in page.text
    await guess(site, email)
    later.at = site.db.clock.now() + SETTLED
    await workers[0].round()
    more = [record for chain, record in await trail.news() if chain == shop.tenant.id]
    assert [json.loads(one.facts)["tries"] for one in more] == [1]
    await database.close()


async def test_two_businesses_are_told_nothing_of_each_other_and_strangers_and_operators_of_none(
    db: Database, shop: Shop, clone: Clone
) -> None:
    site, other = make_site(db), await open_shop(db)
    _person, email, _ = await enrol(db, shop.tenant.id, "owner")
    async with db.begin(other.scope) as tx:
        await add_member(tx, NewMember(email, "Olga", "clerk", PASSWORD_HASH))
    _operator, boss, _ = await enrol_operator(db)
    later = FixedClock(db.clock.now() + SETTLED)
    database = await Database.connect(clone.app_url, size=2, clock=later)
    worker = Guesses(database)
    await worker.round()  # what was guessed at in the other test's business
    trail = await Trail.of(clone)
    for address in (email, boss, "nobody@shop.example"):
        await guess(site, address)
    later.at = db.clock.now() + SETTLED
    await worker.round()
    told = {chain: record for chain, record in await trail.news() if chain != PLATFORM}
    assert set(told) == {shop.tenant.id, other.tenant.id}
    for chain, its_neighbour in ((shop, other), (other, shop)):
        text = repr(told[chain.tenant.id])
        assert str(its_neighbour.tenant.id) not in text
        assert its_neighbour.tenant.slug not in text
    await database.close()
    await site.close()


async def test_the_worker_tells(db: Database) -> None:
    assert "guesses" in Work(db, "").parts()
