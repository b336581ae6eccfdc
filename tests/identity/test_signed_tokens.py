"""Signed tokens: what a third party checks, and every way in which our own API refuses a crooked one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from retail.identity.doorkeeper import MEMORY
from retail.identity.operations import end_membership
from retail.identity.permissions import VIEW_CATALOGUE, VIEW_STOCK
from retail.identity.tokens import create_token
from retail.kit.ids import new_id
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Scope
from retail.settings import Settings
from tests.support.web import KEYS, PASSWORD, Site, enrol
from tests.support.world import Shop, open_shop

ISSUER = Settings(environment="test").base_url
AUDIENCE = f"{ISSUER}/api/v1"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])  # type: ignore[return-value]


def forge(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes] | None = None) -> str:
    body = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{body}.{b64((sign or KEYS.signer('tokens').sign)(body.encode()))}"


@dataclass
class Bearer:
    """A clerk's session and a good token made with it."""

    site: Site
    shop: Shop
    person: UUID
    secret: str
    token: str
    program: httpx.AsyncClient

    async def ask(self, token: str, path: str = "/api/v1/me") -> httpx.Response:
        return await self.program.get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def bearer(site: Site, shop: Shop) -> Bearer:
    person, _email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    browser = site.visitor(secret)
    answer = await browser.post(f"/t/{shop.tenant.slug}/api/v1/auth/jwt", json={"audience": AUDIENCE})
    assert answer.status_code == 200, answer.text
    program = site.visitor()
    del program.headers["Origin"]
    return Bearer(site, shop, person, secret, answer.json()["token"], program)


async def test_a_third_party_needs_only_the_published_keys(bearer: Bearer) -> None:
    header, claims = parts(bearer.token)
    assert header == {"alg": "EdDSA", "typ": "at+jwt", "kid": KEYS.signer("tokens").key_id}
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ISSUER, AUDIENCE, str(bearer.person))
    assert (claims["tenant"], claims["exp"] - claims["iat"]) == (str(bearer.shop.tenant.id), 600)
    answer = await bearer.site.visitor().get("/.well-known/jwks.json")
    assert answer.headers["content-type"].startswith("application/jwk-set+json")
    published = {key["kid"]: key for key in answer.json()["keys"]}
    key = published[header["kid"]]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
    body, _dot, signature = bearer.token.rpartition(".")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    public.verify(base64.urlsafe_b64decode(signature + "=="), body.encode())


async def test_our_own_api_takes_it_with_the_rights_that_it_names(bearer: Bearer) -> None:
    told = (await bearer.ask(bearer.token)).json()
    assert (told["id"], told["kind"]) == (str(bearer.person), "person")
    browser = bearer.site.visitor(bearer.secret)
    wanted = {"audience": AUDIENCE, "scope": [VIEW_CATALOGUE]}
    less = await browser.post(f"/t/{bearer.shop.tenant.slug}/api/v1/auth/jwt", json=wanted)
    token = less.json()["token"]
    assert (await bearer.ask(token)).json()["permissions"] == [VIEW_CATALOGUE]
    assert VIEW_STOCK in told["permissions"]
    assert (await bearer.ask(token, "/api/v1/stock")).status_code == 403


async def test_a_right_that_one_lacks_is_named_and_gives_no_token(bearer: Bearer) -> None:
    browser = bearer.site.visitor(bearer.secret)
    wanted = {"audience": AUDIENCE, "scope": [VIEW_CATALOGUE, "manage_roles", "erase_people"]}
    answer = await browser.post(f"/t/{bearer.shop.tenant.slug}/api/v1/auth/jwt", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (403, "invalid_scope")
    assert answer.json()["lacking"] == ["erase_people", "manage_roles"]
    assert "erase_people, manage_roles" in answer.json()["detail"]
    async with bearer.site.db.read(bearer.shop.scope) as read:
        signed = await read.fetchval(
            "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = 'token.signed'", read.tenant
        )
    assert signed == 1, "the fixture's alone"


async def test_no_rights_at_all_are_refused_at_the_field_and_none_named_means_all_of_ones_own(bearer: Bearer) -> None:
    browser, path = bearer.site.visitor(bearer.secret), f"/t/{bearer.shop.tenant.slug}/api/v1/auth/jwt"
    answer = await browser.post(path, json={"audience": AUDIENCE, "scope": []})
    assert answer.status_code == 422
    said = "Name at least one permission, or leave the field out for all of your own."
    assert answer.json()["errors"] == {"scope": [said]}
    for all_of_them in ({}, {"scope": None}):
        given = await browser.post(path, json={"audience": AUDIENCE} | all_of_them)
        assert parts(given.json()["token"])[1]["scope"] == parts(bearer.token)[1]["scope"] != ""


async def test_it_opens_no_page_and_makes_no_further_token(bearer: Bearer) -> None:
    assert (await bearer.ask(bearer.token, f"/t/{bearer.shop.tenant.slug}/products")).status_code == 303
    again = await bearer.program.post(
        "/api/v1/auth/jwt", json={"audience": AUDIENCE}, headers={"Authorization": f"Bearer {bearer.token}"}
    )
    assert (again.status_code, again.json()["code"]) == (403, "no_further_token")


@pytest.mark.parametrize("audience", ["", "erp", "https://", "ftp://x.example", "https://a.example/?q", "https://a b"])
async def test_an_audience_must_name_a_party(bearer: Bearer, audience: str) -> None:
    browser = bearer.site.visitor(bearer.secret)
    answer = await browser.post(f"/t/{bearer.shop.tenant.slug}/api/v1/auth/jwt", json={"audience": audience})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["audience"])


ROGUE = Ed25519PrivateKey.generate()


def hs256(text: bytes) -> bytes:
    return hmac.digest(KEYS.signer("tokens").public, text, "sha256")


def jwk_of(key: Ed25519PrivateKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(key.public_key().public_bytes_raw())}


Attack = Callable[[dict[str, Any], dict[str, Any]], str]
ATTACKS: dict[str, Attack] = {
    "no algorithm": lambda h, c: forge(h | {"alg": "none"}, c, lambda _t: b""),
    "no algorithm, other case": lambda h, c: forge(h | {"alg": "NoNe"}, c, lambda _t: b""),
    "a hash with the public key as its secret": lambda h, c: forge(h | {"alg": "HS256"}, c, hs256),
    "another algorithm's name": lambda h, c: forge(h | {"alg": "ES256"}, c),
    "the newer name of the algorithm": lambda h, c: forge(h | {"alg": "Ed25519"}, c),
    "no signature": lambda h, c: forge(h, c, lambda _t: b""),
    "a stranger's key": lambda h, c: forge(h, c, ROGUE.sign),
    "a key in the header": lambda h, c: forge(h | {"jwk": jwk_of(ROGUE)}, c, ROGUE.sign),
    "a link to keys": lambda h, c: forge(h | {"jku": "https://evil.example/jwks.json"}, c, ROGUE.sign),
    "a link to certificates": lambda h, c: forge(h | {"x5u": "https://evil.example/x.pem"}, c, ROGUE.sign),
    "a certificate": lambda h, c: forge(h | {"x5c": ["MIIB"]}, c, ROGUE.sign),
    "our signature and one more header": lambda h, c: forge(h | {"jku": "https://evil.example/"}, c),
    "a critical header": lambda h, c: forge(h | {"crit": ["b64"], "b64": False}, c),
    "a path for a key id": lambda h, c: forge(h | {"kid": "../../tokens.1.key"}, c),
    "a statement for a key id": lambda h, c: forge(h | {"kid": "tokens-1' OR '1'='1"}, c),
    "an unknown key id": lambda h, c: forge(h | {"kid": "tokens-9-0123456789abcdef"}, c),
    "no key id": lambda h, c: forge({"alg": h["alg"], "typ": h["typ"]}, c),
    "a key id that is no text": lambda h, c: forge(h | {"kid": 1}, c),
    "another type": lambda h, c: forge(h | {"typ": "JWT"}, c),
    "another audience": lambda h, c: forge(h, c | {"aud": "https://erp.example.com"}),
    "our audience among others": lambda h, c: forge(h, c | {"aud": [AUDIENCE, "https://erp.example.com"]}),
    "another issuer": lambda h, c: forge(h, c | {"iss": "https://evil.example"}),
    "an issuer that begins like ours": lambda h, c: forge(h, c | {"iss": ISSUER + ".evil.example"}),
    "expired": lambda h, c: forge(h, c | {key: c[key] - 700 for key in ("iat", "nbf", "exp")}),
    "not yet valid": lambda h, c: forge(h, c | {"nbf": c["nbf"] + 120}),
    "from the future": lambda h, c: forge(h, c | {key: c[key] + 120 for key in ("iat", "nbf", "exp")}),
    "for a year": lambda h, c: forge(h, c | {"exp": c["exp"] + 31_536_000}),
    "for ever": lambda h, c: forge(h, {key: value for key, value in c.items() if key != "exp"}),
    "an end that is no number": lambda h, c: forge(h, c | {"exp": "9999999999"}),
    "another business": lambda h, c: forge(h, c | {"tenant": str(new_id())}),
    "another person": lambda h, c: forge(h, c | {"sub": str(new_id())}),
    "another session": lambda h, c: forge(h, c | {"act": f"session:{new_id()}"}),
    "nothing to lean on": lambda h, c: forge(h, c | {"act": ""}),
    "one more claim": lambda h, c: forge(h, c | {"role": "owner"}),
    "claims that are a list": lambda h, _c: forge(h, []),  # type: ignore[arg-type]
    "four parts": lambda h, c: forge(h, c) + ".x",
    "too long": lambda h, c: forge(h, c | {"scope": "x" * 9000}),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_a_crooked_token_is_refused(bearer: Bearer, attack: Attack) -> None:
    header, claims = parts(bearer.token)
    assert (await bearer.ask(forge(header, claims))).status_code == 200, "the same token, written here, is good"
    answer = await bearer.ask(attack(header, claims))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")


async def test_it_opens_no_other_business(bearer: Bearer) -> None:
    other = await open_shop(bearer.site.db)
    assert (await bearer.ask(bearer.token, f"/t/{other.tenant.slug}/api/v1/me")).status_code == 404
    header, claims = parts(bearer.token)
    moved = forge(header, claims | {"tenant": str(other.tenant.id)})
    assert (await bearer.ask(moved)).status_code == 401


async def test_it_ends_with_its_session(bearer: Bearer) -> None:
    await bearer.site.visitor(bearer.secret).post("/sign-out")
    assert (await bearer.ask(bearer.token)).status_code == 401


async def test_it_ends_with_its_family_and_with_its_script_token(bearer: Bearer) -> None:
    _person, email, _secret = await enrol(bearer.site.db, bearer.shop.tenant.id, "clerk")
    pair = (await bearer.program.post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})).json()
    system = Scope.system(bearer.shop.tenant.id)
    script = await bearer.site.db.run(system, create_token, role="viewer", name="Export")
    made = []
    for token in (pair["access_token"], script):
        answer = await bearer.program.post(
            "/api/v1/auth/jwt", json={"audience": AUDIENCE}, headers={"Authorization": f"Bearer {token}"}
        )
        made.append(answer.json()["token"])
        assert (await bearer.ask(made[-1])).status_code == 200
    await bearer.program.post("/api/v1/auth/logout", json={"refresh_token": pair["refresh_token"]})
    async with bearer.site.db.begin(system) as tx:
        digest = hashlib.sha256(script.encode()).digest()
        await tx.execute("UPDATE api_token SET revoked_at = $2 WHERE token_hash = $1", digest, tx.now)
    MEMORY.forget(tenant=bearer.shop.tenant.id)
    assert [(await bearer.ask(token)).status_code for token in made] == [401, 401]


async def test_it_ends_with_the_membership(bearer: Bearer) -> None:
    async with bearer.site.db.read(bearer.shop.scope) as read:
        member: UUID = await read.fetchval("SELECT id FROM membership WHERE person_id = $1", bearer.person)
    await bearer.site.db.run(bearer.shop.scope, end_membership, member)
    MEMORY.forget(person=bearer.person)
    assert (await bearer.ask(bearer.token)).status_code == 401


async def test_after_a_rotation_the_old_keys_tokens_hold_and_new_ones_bear_the_new_key(bearer: Bearer) -> None:
    roots = f"1:{secrets.token_hex(32)}"
    settings = Settings(environment="test")
    old = Keyring.open(settings, {f"KEY_{name}": roots for name in ("AUDIT", "TOTP", "DEVICE", "TOKENS", "OIDC")})
    process = bearer.site.app.state.process
    kept = process.keys
    try:
        process.keys = old
        first = await _fresh(bearer)
        more = {f"KEY_{name}": roots for name in ("AUDIT", "TOTP", "DEVICE", "OIDC")}
        process.keys = Keyring.open(settings, {**more, "KEY_TOKENS": f"{roots},2:{secrets.token_hex(32)}"})
        second = await _fresh(bearer)
        assert [(await bearer.ask(one)).status_code for one in (first, second)] == [200, 200]
        assert [parts(one)[0]["kid"].split("-")[1] for one in (first, second)] == ["1", "2"]
        listed = (await bearer.site.visitor().get("/.well-known/jwks.json")).json()["keys"]
        assert [key["kid"].split("-")[1] for key in listed] == ["2", "1"]
    finally:
        process.keys = kept


async def _fresh(bearer: Bearer) -> str:
    browser = bearer.site.visitor(bearer.secret)
    answer = await browser.post(f"/t/{bearer.shop.tenant.slug}/api/v1/auth/jwt", json={"audience": AUDIENCE})
    token: str = answer.json()["token"]
    return token
