"""Every way in leaves exactly its record: on the platform's chain, and of those who came in on their businesses'."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from retail.identity.operations import NewMember, add_member, change_role, end_membership
from retail.kit.ids import new_id
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.sales.claims import claim_till
from retail.tenants.operations import NewStore, NewTill, open_store, set_up_till
from tests.support.authenticator import Authenticator
from tests.support.database import Clone
from tests.support.trails import Trail
from tests.support.web import PASSWORD, PASSWORD_HASH, Site, add_app, code_of, enrol, session
from tests.support.world import Shop

WRONG = "not this one at all"
IN, OUT = "person.signed_in", "person.sign_in_refused"


class Olga:
    """An owner of one shop, with or without an authenticator app."""

    def __init__(self, site: Site, shop: Shop, person: UUID, email: str) -> None:
        self.site, self.shop, self.person, self.email = site, shop, person, email
        self.app = b""

    async def password(self, typed: str = PASSWORD, email: str = "") -> int:
        """Take the first step; then, where there is an app, the second with a code that fits."""
        visitor = self.site.visitor()
        first = await visitor.post("/sign-in", data={"email": email or self.email, "password": typed})
        return first.status_code

    async def code(self, *, right: bool) -> int:
        visitor = self.site.visitor()
        await visitor.post("/sign-in", data={"email": self.email, "password": PASSWORD})
        code = code_of(self.app, self.site.db.clock.now() + timedelta(seconds=0 if right else 3000))
        return (await visitor.post("/sign-in/second", data={"code": code})).status_code

    async def token(self, typed: str) -> int:
        body = {"email": self.email, "password": typed, "tenant": self.shop.tenant.slug}
        return (await self.site.visitor().post("/api/v1/auth/token", json=body)).status_code


@pytest.fixture
async def olga(site: Site, shop: Shop) -> Olga:
    person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    return Olga(site, shop, person, email)


Doing = Callable[[Olga], Awaitable[int]]
WAYS: list[tuple[str, Doing, int, list[tuple[str, bool, str]], bool]] = [
    # what is done, how it is answered, what the platform's chain gains (action, is it known whom for, way), and whether
    # the business hears of it
    ("a password that fits", lambda o: o.password(), 303, [(IN, True, "")], True),
    ("a wrong password", lambda o: o.password(WRONG), 401, [(OUT, True, "password")], False),
    ("an unknown address", lambda o: o.password(WRONG, "nobody@shop.example"), 401, [(OUT, False, "password")], False),
    ("a token's wrong password", lambda o: o.token(WRONG), 401, [(OUT, True, "password")], False),
]


@pytest.mark.parametrize(("doing", "status", "told", "heard"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
async def test_a_password_leaves_one_record(
    olga: Olga, clone: Clone, *, doing: Doing, status: int, told: list[tuple[str, bool, str]], heard: bool
) -> None:
    trail = await Trail.of(clone)
    assert await doing(olga) == status
    news = await trail.news()
    platform = [
        (record.action, record.subject_id == str(olga.person), json.loads(record.facts).get("way", ""))
        for chain, record in news
        if chain == PLATFORM
    ]
    assert platform == told
    assert [record.action for chain, record in news if chain == olga.shop.tenant.id] == ([IN] if heard else [])


async def test_the_second_step_leaves_one_record_right_or_wrong(olga: Olga, clone: Clone) -> None:
    async with olga.site.db.platform() as unit:
        olga.app = await add_app(unit, olga.person)
    trail = await Trail.of(clone)
    assert await olga.code(right=False) == 401
    assert await trail.actions(PLATFORM) == [(OUT, str(olga.person), {"way": "code"})]
    assert await olga.code(right=True) == 303
    news = await trail.news()
    assert [(chain == PLATFORM, r.action, json.loads(r.facts)["factors"]) for chain, r in news] == [
        (True, IN, ["password", "totp"]),
        (False, IN, ["password", "totp"]),
    ]


async def test_a_passkey_leaves_one_record_right_or_wrong(olga: Olga, clone: Clone) -> None:
    key, site = Authenticator(), olga.site
    browser = site.visitor(await session(site.db, olga.person), Accept="application/json")
    options = (await browser.post("/account/passkeys/options")).json()
    made = await browser.post("/account/passkeys", json={"name": "phone", "credential": key.make(options)})
    assert made.status_code == 201
    trail = await Trail.of(clone)
    visitor = site.visitor(Accept="application/json")
    answer = key.use((await visitor.post("/sign-in/passkey/options")).json())
    assert (await visitor.post("/sign-in/passkey", json={"credential": answer})).status_code == 200
    assert [(record.action, record.facts) for _chain, record in await trail.news()] == [
        (IN, '{"factors":["passkey"]}')
    ] * 2
    again = await visitor.post("/sign-in/passkey", json={"credential": answer})
    assert again.status_code == 401
    assert await trail.actions(PLATFORM) == [(OUT, "", {"way": "passkey"})]


async def test_a_program_that_signs_in_leaves_its_token_in_its_business(olga: Olga, clone: Clone) -> None:
    trail = await Trail.of(clone)
    assert await olga.token(PASSWORD) == 200
    [(chain, record)] = await trail.news()
    assert (chain, record.action, record.ip) == (olga.shop.tenant.id, "token.made", "127.0.0.1")


async def test_a_wrong_proof_of_somebody_signed_in_is_no_sign_in(olga: Olga, clone: Clone) -> None:
    browser = olga.site.visitor(await session(olga.site.db, olga.person))
    trail = await Trail.of(clone)
    assert (await browser.post("/confirm/password", data={"password": WRONG})).status_code == 401
    [(chain, record)] = await trail.news()
    assert (chain, record.action, record.subject_id) == (PLATFORM, "person.confirmation_refused", str(olga.person))
    assert record.facts == '{"way":"password"}'
    async with olga.site.db.read(olga.shop.scope) as read:
        name = await read.fetchval("SELECT name FROM membership WHERE person_id = $1", olga.person)
    assert name
    assert (record.actor_kind, record.actor_id, record.actor_name) == ("person", str(olga.person), name)


async def test_a_refusal_names_nobody_and_says_from_where(olga: Olga, clone: Clone) -> None:
    trail = await Trail.of(clone)
    await olga.password(WRONG)
    [(_chain, record)] = await trail.news()
    assert (record.actor_kind, record.actor_id, record.actor_name) == ("person", str(olga.person), "")
    assert record.ip == "127.0.0.1"
    assert record.request_id
    assert olga.email not in record.facts + record.actor_name


async def test_changes_of_members_stores_and_tills_say_from_what_to_what(
    db: Database, shop: Shop, clone: Clone
) -> None:
    trail, chain = await Trail.of(clone), shop.tenant.id
    async with db.begin(shop.scope) as tx:
        made = await add_member(tx, NewMember(f"{new_id().hex}@shop.example", "Nina", "clerk", PASSWORD_HASH))
    async with db.begin(shop.scope) as tx:
        await change_role(tx, made.id, "viewer")
    async with db.begin(shop.scope) as tx:
        await end_membership(tx, made.id)
    told = {action: facts for action, _subject, facts in await trail.actions(chain)}
    assert told["member.added"]["after"] == {"role": "clerk", "everywhere": True}
    assert (told["member.role_changed"]["before"], told["member.role_changed"]["after"]) == (
        {"role": "clerk"},
        {"role": "viewer"},
    )
    assert told["member.ended"]["before"] == {"role": "viewer", "everywhere": True}
    store, till = new_id(), new_id()
    async with db.begin(shop.scope) as tx:
        await open_store(tx, NewStore(store, "S9", "Ninth", "Europe/Berlin"))
        await set_up_till(tx, NewTill(till, store, "T9", "Till nine"))
    told = {action: facts for action, _subject, facts in await trail.actions(chain)}
    assert told["store.opened"]["after"]["timezone"] == "Europe/Berlin"
    assert told["till.set_up"]["after"] == {"store": str(store), "code": "T9", "name": "Till nine"}


async def test_a_till_that_changes_hands_says_from_whom_to_whom(db: Database, shop: Shop, clone: Clone) -> None:
    trail, first, second = await Trail.of(clone), new_id(), new_id()
    async with db.begin(shop.scope) as tx:
        await claim_till(tx, shop.till, first, "counter", take_over=False)
    async with db.begin(shop.scope) as tx:
        await claim_till(tx, shop.till, second, "tablet", take_over=True)
    claimed, taken = [facts for action, _s, facts in await trail.actions(shop.tenant.id) if "claimed" in action]
    assert "before" not in claimed or claimed["before"] == {}
    assert taken["before"] == {"device": str(first), "fence": 1, "label": "counter"}
    assert taken["after"] == {"device": str(second), "fence": 2, "label": "tablet"}
