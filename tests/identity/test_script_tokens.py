"""Tokens of programs: narrowed, shown once, used from where they may be, revoked at once; and programs on /account."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from retail.identity.doorkeeper import MEMORY
from retail.identity.permissions import (
    ALL,
    EDIT_CATALOGUE,
    EDIT_PEOPLE,
    MANAGE_ROLES,
    REFUND,
    SELL,
    TEMPLATES,
    VIEW_CATALOGUE,
    VIEW_PEOPLE,
    VIEW_STOCK,
)
from retail.identity.rights import Held, beyond, hold
from retail.identity.roles import role, roles
from retail.identity.roles_errors import BeyondYourRights
from retail.identity.rules import REFRESH_TOKEN, digest
from retail.identity.script_tokens import NewToken, make_script_token
from retail.identity.token_rules import Narrowing
from retail.identity.tokens import TokenPair, issue_pair, renew_pair
from retail.kit.clock import FixedClock
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Right, Scope
from tests.support.web import PASSWORD, Site, enrol, role_with
from tests.support.web import session as open_session
from tests.support.world import Shop


@pytest.fixture
def program(site: Site) -> httpx.AsyncClient:
    visitor = site.visitor()
    del visitor.headers["Origin"]
    return visitor


async def ask(program: httpx.AsyncClient, token: str, path: str = "/api/v1/me") -> httpx.Response:
    return await program.get(path, headers={"Authorization": f"Bearer {token}"})


async def make(shop: Shop, **more: object) -> str:
    draft = NewToken(**{"name": "Web shop", "role": "clerk", "days": 30, **more})  # type: ignore[arg-type]
    return (await shop.db.run(shop.scope, make_script_token, draft)).secret


async def test_a_token_may_do_only_what_was_ticked(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    token = await make(shop, permissions=frozenset({VIEW_CATALOGUE}))
    assert (await ask(program, token)).json()["permissions"] == [VIEW_CATALOGUE]
    assert (await ask(program, token, "/api/v1/products")).status_code == 200
    assert (await ask(program, token, "/api/v1/stock")).status_code == 403


async def test_a_token_of_one_store_sees_that_store_and_nothing_of_the_whole_business(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    token = await make(shop, role="manager", stores=(shop.store,))
    told = (await ask(program, token)).json()
    assert [store["id"] for store in told["stores"]] == [str(shop.store)]
    assert VIEW_STOCK in told["permissions"]
    assert EDIT_CATALOGUE not in told["permissions"]


async def test_a_token_follows_its_role(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    from retail.identity.roles_changes import set_rights
    from retail.runtime.tenancy import Right

    role = await role_with(site.db, shop.tenant.id, VIEW_CATALOGUE, VIEW_STOCK)
    token = await make(shop, role=role, permissions=frozenset({VIEW_CATALOGUE, VIEW_STOCK}))
    await site.db.run(shop.scope, set_rights, role, {VIEW_STOCK: Right()})
    MEMORY.forget(tenant=shop.tenant.id)
    assert (await ask(program, token)).json()["permissions"] == [VIEW_STOCK]


async def test_a_token_comes_in_from_its_networks_only(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    away = await make(shop, networks=("198.51.100.0/24",))
    here = await make(shop, networks=("127.0.0.0/8",))
    refused = await ask(program, away)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert (await ask(program, here)).status_code == 200


async def test_a_businesss_networks_hold_for_its_programs_too(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    token = await make(shop)
    async with site.db.begin(Scope.system(shop.tenant.id)) as tx:
        await tx.execute(
            """INSERT INTO network_policy (tenant_id, networks, notes, devices, changed_at)
               VALUES ($1, '{198.51.100.0/24}', '{""}', false, $2)""",
            tx.tenant,
            tx.now,
        )
    assert (await ask(program, token)).status_code == 403


async def test_nobody_gives_a_program_more_than_they_have(site: Site, shop: Shop) -> None:
    clerk = shop.as_role("clerk")
    for draft in (
        NewToken("x", "manager", 30),
        NewToken("x", "manager", 30, frozenset({EDIT_CATALOGUE})),
        NewToken("x", "manager", 30, frozenset({REFUND})),  # a clerk's refunds have a limit
    ):
        with pytest.raises(BeyondYourRights):
            await site.db.run(clerk, make_script_token, draft)
    await site.db.run(clerk, make_script_token, NewToken("x", "manager", 30, frozenset({VIEW_CATALOGUE})))
    async with site.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM api_token WHERE tenant_id = $1", read.tenant) == 1


async def test_what_is_not_there_and_what_lives_too_long_is_refused(site: Site, shop: Shop) -> None:
    for draft, error in (
        (NewToken("x", "viewer", 366), Invalid),
        (NewToken("x", "viewer", 30, frozenset({EDIT_CATALOGUE})), Invalid),
        (NewToken("x", "nobody", 30), NotFound),
        (NewToken("x", "viewer", 30, stores=(UUID(int=7),)), NotFound),
        (NewToken("x", "viewer", 30, stores=(shop.second_store,), till=shop.till), NotFound),
    ):
        with pytest.raises(error):
            await site.db.run(shop.scope, make_script_token, draft)
    async with site.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM api_token WHERE tenant_id = $1", read.tenant) == 0


async def test_the_last_use_is_kept_by_the_day_and_written_once(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    token = await make(shop)
    versions = []
    for _ in range(3):
        MEMORY.forget(tenant=shop.tenant.id)
        assert (await ask(program, token)).status_code == 200
        async with site.db.read(shop.scope) as read:
            row = await read.fetchrow("SELECT used_at, xmin::text FROM api_token WHERE token_hash = $1", digest(token))
        versions.append(row["xmin"])
    assert (row["used_at"].hour, row["used_at"].minute, row["used_at"].second) == (0, 0, 0)
    assert len(set(versions)) == 1


async def test_the_page_makes_a_token_shows_it_once_and_revokes_it(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    owner = await site.member(shop)
    base = f"/t/{shop.tenant.slug}"
    form = {"name": "Stock display", "role": "viewer", "days": "7", "rights": "some", "permissions": [VIEW_STOCK]}
    wrong = await owner.post(f"{base}/tokens", data={**form, "networks": "not-one"})
    assert (wrong.status_code, "not-one" in wrong.text) == (422, True)
    made = await owner.post(f"{base}/tokens", data={**form, "networks": "127.0.0.1"})
    assert made.status_code == 200
    secret = re.search(r"ct_[\w-]{43}", made.text)
    assert secret is not None
    listed = await owner.get(f"{base}/tokens?q=stock&show=active")
    assert "Stock display" in listed.text
    assert secret[0] not in listed.text
    assert secret[0][-4:] in listed.text
    assert "Owner" in listed.text  # who made it
    assert "Stock display" not in (await owner.get(f"{base}/tokens?q=nothing-like-it")).text
    assert (await ask(program, secret[0])).json()["permissions"] == [VIEW_STOCK]
    async with site.db.read(shop.scope) as read:
        id = await read.fetchval("SELECT id FROM api_token WHERE token_hash = $1", digest(secret[0]))
    assert (await owner.post(f"{base}/tokens/{id}/revocation")).status_code == 303
    assert (await ask(program, secret[0])).status_code == 401
    async with site.db.read(shop.scope) as read:
        actions = [r["action"] for r in await read.fetch("SELECT action FROM audit_event WHERE subject_id = $1", id)]
    assert sorted(actions) == ["token.made", "token.narrowed", "token.revoked"]


async def test_a_session_that_was_not_confirmed_makes_no_tokens(site: Site, shop: Shop) -> None:
    person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.platform() as unit:
        await unit.execute("SELECT auth_close_session($1, $2)", digest(secret), unit.now)
        late = await _unconfirmed(unit, person)
    answer = await site.visitor(late).get(f"/t/{shop.tenant.slug}/tokens")
    assert answer.status_code in {303, 403}


async def _unconfirmed(unit, person: UUID) -> str:  # noqa: ANN001
    secret = "unconfirmed-" + person.hex
    await unit.execute(
        """SELECT auth_open_session($1, gen_random_uuid(), $2, $3::timestamptz - interval '20 minutes',
                                    $3::timestamptz + interval '1 hour', '', '')""",
        digest(secret),
        person,
        unit.now,
    )
    await unit.execute("SELECT auth_touch_session($1, $2)", digest(secret), unit.now)
    return secret


async def test_a_family_ends_thirty_days_after_the_sign_in(site: Site, shop: Shop) -> None:
    person, _email, _secret = await enrol(site.db, shop.tenant.id, "clerk")
    scope = Scope(shop.tenant.id, Actor("person", person, "C"))
    real, began = site.db.clock, site.db.clock.now()
    try:
        pair = await site.db.run(scope, issue_pair, person, "C", "clerk")
        for days in (20, 29.995):
            site.db.clock = FixedClock(began + timedelta(days=days))
            renewed = await site.db.run(scope, renew_pair, pair.refresh_token)
            assert isinstance(renewed, TokenPair)
            pair = renewed
        assert 0 < pair.expires_in < 900
        site.db.clock = FixedClock(began + REFRESH_TOKEN + timedelta(seconds=1))
        assert await site.db.run(scope, renew_pair, pair.refresh_token) is None
    finally:
        site.db.clock = real


async def test_programs_are_on_the_account_and_can_be_signed_out(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    _person, email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    pair = (await program.post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})).json()
    browser = site.visitor(secret)
    page = await browser.get("/account")
    found = re.search(r"/account/programs/([0-9a-f-]{36})/end", page.text)
    assert found is not None
    _other, _e, others = await enrol(site.db, shop.tenant.id, "owner")
    assert (await site.visitor(others).post(f"/account/programs/{found[1]}/end")).status_code == 404
    assert (await ask(program, pair["access_token"])).status_code == 200
    assert (await browser.post(f"/account/programs/{found[1]}/end")).status_code == 303
    assert (await ask(program, pair["access_token"])).status_code == 401
    assert "/account/programs/" not in (await browser.get("/account")).text


async def test_signing_out_everywhere_ends_sessions_tokens_and_tells_every_process(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    person, email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    elsewhere = await open_session(site.db, person)
    pair = (await program.post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})).json()
    assert (await site.visitor(elsewhere).get("/account")).status_code == 200
    assert (await site.visitor(secret).post("/account/sessions/end")).status_code == 303
    assert (await site.visitor(elsewhere).get("/account")).status_code == 303
    assert (await ask(program, pair["access_token"])).status_code == 401
    assert (await site.visitor(secret).get("/account")).status_code == 200
    async with site.db.read(Scope.system(shop.tenant.id)) as read:
        told = await read.fetch("SELECT body FROM outbox WHERE tenant_id = $1 AND name = 'access.changed'", read.tenant)
    assert any(str(person) in row["body"] for row in told)


async def test_an_owners_token_for_one_purpose_gives_no_more_than_it_holds(site: Site, shop: Shop) -> None:
    clerk, _, _ = await enrol(site.db, shop.tenant.id, "clerk")
    plain = await role_with(site.db, shop.tenant.id, VIEW_PEOPLE)
    async with site.db.read(shop.scope) as read:
        member = await read.fetchval("SELECT id FROM membership WHERE person_id = $1", clerk)
    held = frozenset({VIEW_PEOPLE, EDIT_PEOPLE, MANAGE_ROLES})
    narrow = (await site.db.run(shop.scope, make_script_token, NewToken("people", "owner", 30, held))).secret
    whole = (await site.db.run(shop.scope, make_script_token, NewToken("all", "owner", 30))).secret
    asked: list[tuple[str, str, dict[str, object]]] = [
        ("PUT", f"/people/{member}/place", {"role": "manager"}),
        ("PUT", f"/people/{member}/place", {"role": "owner"}),
        ("POST", f"/people/{member}/grants", {"role": "manager"}),
        ("PUT", f"/roles/{plain}/rights", {"rights": {"refund": {"state": "allowed"}}}),
        ("POST", "/roles", {"name": "Lead", "like": "manager"}),
        ("POST", "/roles", {"name": "Boss", "like": "owner"}),
    ]
    less, all_of_it = (site.visitor(Authorization=f"Bearer {secret}") for secret in (narrow, whole))
    for method, path, body in asked:
        refused = await less.request(method, f"/api/v1{path}", json=body)
        assert refused.status_code == 403, (method, path, refused.text)
    async with site.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT role FROM membership WHERE id = $1", member) == "clerk"
        assert set((await role(read, plain)).rights) == {VIEW_PEOPLE}
        assert len(await roles(read)) == 5
    own = {"rights": {VIEW_PEOPLE: {"state": "allowed"}, EDIT_PEOPLE: {"state": "allowed"}}}
    assert (await less.put(f"/api/v1/roles/{plain}/rights", json=own)).status_code == 200, "what it holds it may give"
    for method, path, body in asked[:1] + asked[2:5]:
        done = await all_of_it.request(method, f"/api/v1{path}", json=body)
        assert done.status_code in {200, 201}, (method, path, done.text)


def test_rights_that_were_cut_are_an_owners_no_more() -> None:
    owner = Scope(new_id(), Actor("person", new_id(), "O"), role="owner")
    everything = hold([Held(None, TEMPLATES["owner"])])
    assert beyond(everything.put_on(owner), TEMPLATES["manager"]) == []
    for narrowing in (Narrowing(frozenset({EDIT_PEOPLE})), Narrowing(stores=frozenset({new_id()}))):
        cut = narrowing.cut(everything)
        assert beyond(cut.put_on(owner), {SELL: Right(), EDIT_PEOPLE: Right(), MANAGE_ROLES: Right()}) != []
        assert not cut.whole
        assert not Narrowing(ALL).cut(cut).whole, "what was cut once stays cut"
    named = Narrowing(ALL).cut(everything)
    assert named.whole, "a token that names all there is takes nothing away"
