"""API tokens: signing in by program, renewing, and what a stolen refresh token is worth."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from retail.identity.doorkeeper import MEMORY
from retail.identity.operations import end_membership
from retail.identity.permissions import ROLES
from retail.identity.tokens import create_token
from retail.runtime.tenancy import Scope
from tests.support.web import PASSWORD, Site, enrol
from tests.support.world import Shop, open_shop


@pytest.fixture
def program(site: Site) -> httpx.AsyncClient:
    visitor = site.visitor()
    del visitor.headers["Origin"]
    return visitor


async def sign_in(program: httpx.AsyncClient, email: str, **more: str) -> httpx.Response:
    return await program.post("/api/v1/auth/token", json={"email": email, "password": PASSWORD, **more})


async def me(program: httpx.AsyncClient, token: str, base: str = "") -> httpx.Response:
    return await program.get(f"{base}/api/v1/me", headers={"Authorization": f"Bearer {token}"})


async def test_a_program_signs_in_and_learns_who_it_is(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "clerk")
    answer = await sign_in(program, email)
    assert answer.status_code == 200
    pair = answer.json()
    assert set(pair) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 900)
    told = (await me(program, pair["access_token"])).json()
    assert told["id"] == str(person)
    assert (told["email"], told["role"], told["tenant"]["slug"]) == (email, "clerk", shop.tenant.slug)
    assert told["permissions"] == sorted(ROLES["clerk"])
    assert [store["code"] for store in told["stores"]] == ["ALT", "HAF"]


async def test_a_wrong_password_is_a_problem(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "clerk")
    answer = await program.post("/api/v1/auth/token", json={"email": email, "password": "wrong wrong wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")


async def test_a_member_that_signing_in_does_not_know_is_refused_and_spends_nothing(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    wanted = {"email": email, "password": PASSWORD, "scop": ["sell"]}
    answer = await program.post("/api/v1/auth/token", json=wanted)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["scop"])
    refresh = (await sign_in(program, email)).json()["refresh_token"]
    answer = await program.post("/api/v1/auth/refresh", json={"refresh_token": refresh, "extra": 1})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["extra"])
    assert (await program.post("/api/v1/auth/refresh", json={"refresh_token": refresh})).status_code == 200


async def test_who_belongs_to_two_shops_names_one(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    from retail.identity.operations import NewMember, add_member

    other = await open_shop(site.db)
    _, email, _ = await enrol(site.db, shop.tenant.id, "clerk")
    await site.db.run(other.scope, add_member, NewMember(email, "C", "viewer", "x"))
    unnamed = await sign_in(program, email)
    assert (unnamed.status_code, list(unnamed.json()["errors"])) == (422, ["tenant"])
    named = await sign_in(program, email, tenant=other.tenant.slug)
    assert (await me(program, named.json()["access_token"])).json()["role"] == "viewer"
    assert (await sign_in(program, email, tenant="not-theirs")).status_code == 404


async def test_a_token_opens_its_own_shop_only(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    token = (await sign_in(program, email)).json()["access_token"]
    assert (await me(program, token, f"/t/{shop.tenant.slug}")).status_code == 200
    assert (await me(program, token, f"/t/{other.tenant.slug}")).status_code == 404


async def test_a_refresh_token_is_no_access_token(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    refresh = (await sign_in(program, email)).json()["refresh_token"]
    assert (await me(program, refresh)).status_code == 401


async def test_renewing_rotates_and_reuse_voids_the_family(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    first = (await sign_in(program, email)).json()
    second = (await program.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})).json()
    assert second["refresh_token"] != first["refresh_token"]
    for pair in (first, second):
        assert (await me(program, pair["access_token"])).status_code == 200
    stolen = await program.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (stolen.status_code, stolen.json()["code"]) == (401, "token_spent")
    for pair in (first, second):  # at once where it was found, though each was believed a moment ago
        assert (await me(program, pair["access_token"])).status_code == 401
    again = await program.post("/api/v1/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert again.status_code == 401
    async with site.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'token.reused'") == 1


async def test_of_two_renewals_at_once_one_wins_and_the_family_is_void(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    body = {"refresh_token": (await sign_in(program, email)).json()["refresh_token"]}
    answers = await asyncio.gather(*(program.post("/api/v1/auth/refresh", json=body) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    assert (await me(program, winner["access_token"])).status_code == 401


async def test_logging_out_voids_access_and_refresh(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    pair = (await sign_in(program, email)).json()
    assert (await me(program, pair["access_token"])).status_code == 200
    out = await program.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {pair['access_token']}"})
    assert out.status_code == 204
    assert (await me(program, pair["access_token"])).status_code == 401
    renewed = await program.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert renewed.status_code == 401


async def test_logging_out_by_the_refresh_token_alone_voids_the_access_token_at_once(
    program: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    pair = (await sign_in(program, email)).json()
    assert (await me(program, pair["access_token"])).status_code == 200
    out = await program.post("/api/v1/auth/logout", json={"refresh_token": pair["refresh_token"]})
    assert out.status_code == 204
    assert (await me(program, pair["access_token"])).status_code == 401


async def test_a_member_who_left_has_no_tokens(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "clerk")
    pair = (await sign_in(program, email)).json()
    async with site.db.read(shop.scope) as read:
        member: UUID = await read.fetchval("SELECT id FROM membership WHERE person_id = $1", person)
    await site.db.run(shop.scope, end_membership, member)
    MEMORY.forget(person=person)
    assert (await me(program, pair["access_token"])).status_code == 401
    renewed = await program.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert renewed.status_code == 401


async def test_a_script_token_acts_as_itself(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    token = await site.db.run(
        Scope.system(shop.tenant.id), create_token, role="viewer", name="Nightly export", till=shop.till
    )
    assert token.startswith("ct_")
    told = (await me(program, token)).json()
    assert (told["kind"], told["name"], told["email"], told["role"]) == ("token", "Nightly export", None, "viewer")


async def test_a_token_ends(program: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    scope = Scope.system(shop.tenant.id)
    spent = await site.db.run(scope, create_token, role="viewer", name="Old", lives=timedelta(seconds=-1))
    assert (await me(program, spent)).status_code == 401
