"""Single sign-on against a provider on the loopback: what is believed, what is not, and where a session counts."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey

from retail.identity import oidc
from retail.identity.entry_errors import NobodyKeepsTheKey, SsoFailed
from retail.identity.oidc import Settings as Wanted
from retail.identity.oidc_rules import (
    ALGORITHMS,
    Question,
    authorization_address,
    challenge_of,
    read_keys,
    read_metadata,
)
from retail.identity.operations import NewMember, add_member
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Scope
from tests.support.fake_idp import (
    CLIENT,
    SECRET,
    FakeIdp,
    by_another_key,
    by_the_public_key_as_a_secret,
    identity_provider,
    unsigned,
    without_signature,
)
from tests.support.letters import letters_to
from tests.support.web import KEYS, ORIGIN, PASSWORD, PASSWORD_HASH, Site, enrol, enrol_operator, make_site
from tests.support.world import Shop, open_shop


@dataclass
class Place:
    """A business with a provider, and one member whom the provider knows."""

    site: Site
    shop: Shop
    idp: FakeIdp
    keyring: Keyring
    email: str

    @property
    def start(self) -> str:
        return f"/sign-in/sso/{self.shop.tenant.slug}/start"

    @property
    def callback(self) -> str:
        return f"/sign-in/sso/{self.shop.tenant.slug}/callback"

    async def configure(self, shop: Shop | None = None, **change: Any) -> None:
        facts: dict[str, Any] = {
            "name": "Acme account", "issuer": self.idp.issuer, "client_id": CLIENT, "client_secret": SECRET,
            "email_domains": (), "only_roles": (), "exempt": (), "checks_second_factor": False, "enabled": True,
        }  # fmt: skip
        scope = Scope.system((shop or self.shop).tenant.id)
        await self.site.db.run(scope, oidc.set_provider, self.keyring, Wanted(**(facts | change)))

    async def go(self, visitor: httpx.AsyncClient | None = None, **change: str | None) -> httpx.Response:
        """Sign in from end to end in one browser."""
        browser = visitor or self.site.visitor()
        sent = await browser.get(self.start)
        assert sent.status_code == 303, sent.text
        return await browser.get(self.callback, params=self.idp.authorize(sent.headers["location"], **change))

    async def sessions(self) -> int:
        async with self.site.db.read(self.shop.scope) as read:
            return int(await read.fetchval("SELECT count(*) FROM oidc_identity"))


@pytest.fixture
async def place(db: Database, shop: Shop, tmp_path: Path) -> AsyncIterator[Place]:
    async with identity_provider() as idp:
        site = make_site(
            db,
            data_dir=tmp_path,
            public_origins=(ORIGIN,),
            allowed_hosts=("acme.shop.test",),
            outgoing_exceptions=(f"127.0.0.1:{idp.port}",),
        )
        email = f"{new_id().hex}@acme.example"
        await db.run(Scope.system(shop.tenant.id), add_member, NewMember(email, "Nina", "manager", PASSWORD_HASH))
        idp.email = email
        made = Place(site, shop, idp, KEYS, email)
        await made.configure()
        yield made
        await site.close()


async def refused(place: Place, response: httpx.Response) -> None:
    """Nobody came in, nothing was joined, and the browser is told nothing."""
    assert response.status_code == 401
    assert "Not signed in" in response.text
    assert not any(cookie.startswith("s=") for cookie in response.headers.get_list("set-cookie"))
    assert await place.sessions() == 0


async def test_the_whole_way_in_and_the_second_time_by_the_subject_alone(place: Place) -> None:
    visitor, home = place.site.visitor(), f"/t/{place.shop.tenant.slug}/"
    response = await place.go(visitor)
    assert (response.status_code, response.headers["location"]) == (303, home)
    assert (await visitor.get(f"{home}people")).status_code == 200
    asked = place.idp.asked[0]
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid email profile")
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{ORIGIN}{place.callback}"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert len(await letters_to(place.site.db, place.email, "entry_notice")) == 1
    place.idp.email = "renamed@acme.example"
    assert (await place.go()).status_code == 303
    assert await place.sessions() == 1
    assert len(await letters_to(place.site.db, place.email, "entry_notice")) == 1


async def test_a_session_of_a_business_counts_nowhere_else(place: Place, db: Database) -> None:
    """Whoever runs a provider can say that somebody is anybody: that must not open another business's door."""
    other = await open_shop(db)
    member = NewMember(place.email, "Nina", "owner", PASSWORD_HASH)
    await db.run(Scope.system(other.tenant.id), add_member, member)
    visitor = place.site.visitor()
    await place.go(visitor)
    assert (await visitor.get(f"/t/{place.shop.tenant.slug}/people")).status_code == 200
    for path in (f"/t/{other.tenant.slug}/people", f"/t/{other.tenant.slug}/api/v1/me", f"/t/{other.tenant.slug}/"):
        assert (await visitor.get(path)).status_code == 404
    home = await visitor.get("/")
    assert home.headers["location"] == f"/t/{place.shop.tenant.slug}/"
    assert other.tenant.slug not in home.text
    for path in ("/account", "/account/history", "/platform"):
        assert (await visitor.get(path)).headers["location"].startswith("/sign-in"), path
    async with db.read(other.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'person.signed_in'") == 0


async def test_an_operator_who_is_a_member_comes_in_as_a_member_only(place: Place, db: Database) -> None:
    person, email, _ = await enrol_operator(db)
    await db.run(Scope.system(place.shop.tenant.id), add_member, NewMember(email, "Otto", "viewer", "x"))
    place.idp.email = email
    visitor = place.site.visitor()
    await place.go(visitor)
    assert (await visitor.get(f"/t/{place.shop.tenant.slug}/people")).status_code == 200
    for path in ("/platform", "/platform/mail"):
        assert (await visitor.get(path)).status_code == 303
    assert person


Tamper = Callable[[Place], None]


def signs(how: Callable[[FakeIdp, dict[str, Any]], str]) -> Tamper:
    def apply(place: Place) -> None:
        place.idp.sign = how

    return apply


def says(**claims: Any) -> Tamper:
    def apply(place: Place) -> None:
        place.idp.claims = claims

    return apply


NOW = int(time.time())
LIES: dict[str, Tamper] = {
    "alg none": signs(unsigned),
    "unsigned": signs(without_signature),
    "signed by another key that it brings along": signs(by_another_key),
    "signed with the public key as a secret": signs(by_the_public_key_as_a_secret),
    "no token at all": signs(lambda _idp, _claims: "nonsense"),
    "another issuer": says(iss="https://evil.example"),
    "the issuer with a slash": lambda place: says(iss=place.idp.issuer + "/")(place),
    "no issuer": says(iss=None),
    "another audience": says(aud="another-client"),
    "a list with another audience": says(aud=["another-client"]),
    "a list with us in it, issued to nobody": says(aud=[CLIENT, "another-client"]),
    "a list with us in it, issued to another": says(aud=[CLIENT, "another-client"], azp="another-client"),
    "us, issued to another": says(azp="another-client"),
    "no audience": says(aud=None),
    "the nonce of another sign-in": says(nonce="replayed"),
    "no nonce": says(nonce=None),
    "too old": says(exp=NOW - 3600),
    "no end": says(exp=None),
    "an end that is a word": says(exp="tomorrow"),
    "issued long ago": says(iat=NOW - 86_400),
    "issued in the future": says(iat=NOW + 86_400),
    "not valid yet": says(nbf=NOW + 86_400),
    "no subject": says(sub=None),
    "an empty subject": says(sub=""),
    "a subject that is a number": says(sub=7),
    "a subject without an end": says(sub="x" * 256),
    "an e-mail address that isn't verified": says(email_verified=False),
    "an e-mail address verified by a word": says(email_verified="true"),
    "no word on verification": says(email_verified=None),
    "an address that is no member's": says(email="stranger@acme.example"),
    "no address": says(email=None),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_lets_nobody_in(place: Place, lie: str) -> None:
    LIES[lie](place)
    await refused(place, await place.go())


async def test_a_list_that_names_us_and_was_issued_to_us_is_believed(place: Place) -> None:
    place.idp.claims = {"aud": [CLIENT, "another-client"], "azp": CLIENT}
    assert (await place.go()).status_code == 303


@pytest.mark.parametrize("change", [{"state": None}, {"state": "forged"}, {"nonce": "replayed"}])
async def test_missing_or_foreign_states_and_nonces_are_refused(place: Place, change: dict[str, str | None]) -> None:
    browser = place.site.visitor()
    sent = await browser.get(place.start)
    answer = place.idp.authorize(sent.headers["location"], **change)
    await refused(place, await browser.get(place.callback, params=answer))


async def test_a_request_without_pkce_gets_no_token(place: Place) -> None:
    await refused(place, await place.go(code_challenge=None))
    await refused(place, await place.go(code_challenge="of-somebody-else"))
    await refused(place, await place.go(code_challenge_method="plain"))


async def test_an_answer_is_taken_in_the_browser_that_asked_and_once(place: Place) -> None:
    browser, other = place.site.visitor(), place.site.visitor()
    sent = await browser.get(place.start)
    answer = place.idp.authorize(sent.headers["location"])
    await refused(place, await other.get(place.callback, params=answer))
    mixed = await other.get(place.start)
    assert mixed.status_code == 303
    await refused(place, await other.get(place.callback, params=answer))
    assert (await browser.get(place.callback, params=answer)).status_code == 303
    again = await browser.get(place.callback, params=answer)
    assert again.status_code == 401


async def test_an_answer_of_another_issuer_is_refused(place: Place) -> None:
    browser = place.site.visitor()
    sent = await browser.get(place.start)
    answer = place.idp.authorize(sent.headers["location"]) | {"iss": "https://evil.example"}
    await refused(place, await browser.get(place.callback, params=answer))
    place.idp.metadata = {"authorization_response_iss_parameter_supported": True}
    place.site.app.state.process.providers = None
    await refused(place, await place.go())


async def test_the_same_subject_of_another_provider_is_somebody_else(place: Place, db: Database) -> None:
    assert (await place.go()).status_code == 303
    async with identity_provider() as second:
        site = make_site(
            db,
            data_dir=place.site.app.state.process.settings.data_dir,
            public_origins=(ORIGIN,),
            outgoing_exceptions=(f"127.0.0.1:{place.idp.port}", f"127.0.0.1:{second.port}"),
        )
        second.subject, second.email = place.idp.subject, "stranger@acme.example"
        moved = Place(site, place.shop, second, place.keyring, place.email)
        await moved.configure()
        response = await moved.go()
        assert response.status_code == 401
        assert await moved.sessions() == 1
        await site.close()


async def test_another_business_with_the_same_provider_knows_nobody(place: Place, db: Database) -> None:
    other = await open_shop(db)
    assert (await place.go()).status_code == 303
    await place.configure(other)
    elsewhere = Place(place.site, other, place.idp, place.keyring, place.email)
    await refused(elsewhere, await elsewhere.go())


async def test_a_second_subject_with_the_same_address_takes_nobodys_place(place: Place) -> None:
    assert (await place.go()).status_code == 303
    place.idp.subject = "person-2"
    assert (await place.go()).status_code == 401
    assert await place.sessions() == 1


async def test_whoever_has_left_stays_out(place: Place, db: Database) -> None:
    from retail.identity.operations import end_membership
    from retail.identity.queries import members

    assert (await place.go()).status_code == 303
    async with db.read(place.shop.scope) as read:
        (member,) = [one for one in await members(read) if one.email == place.email]
    await db.run(place.shop.scope, end_membership, member.id)
    assert (await place.go()).status_code == 401


BAD_METADATA: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "no PKCE with S256": {"code_challenge_methods_supported": ["plain"]},
    "no code flow": {"response_types_supported": ["id_token"]},
    "no keys": {"jwks_uri": None},
    "keys inside of the network": {"jwks_uri": "http://169.254.169.254/keys"},
    "a token address inside of the network": {"token_endpoint": "https://localhost/token"},
    "an authorization address that runs code": {"authorization_endpoint": "javascript:alert(1)"},
}


@pytest.mark.parametrize("flaw", BAD_METADATA)
async def test_a_provider_that_describes_itself_wrongly_is_not_used(place: Place, flaw: str) -> None:
    place.idp.metadata = BAD_METADATA[flaw]
    answer = await place.site.visitor().get(place.start)
    assert answer.status_code in {303, 401}
    if answer.status_code == 303:
        pytest.fail(answer.headers["location"])


async def test_nobody_is_sent_off_without_a_click(place: Place) -> None:
    browser = place.site.visitor()
    answer = await browser.get(place.start, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["location"] == f"/sign-in/sso/{place.shop.tenant.slug}"
    shown = (await browser.get(answer.headers["location"])).text
    assert "Sign in with Acme account" in shown
    assert f"127.0.0.1:{place.idp.port}" in shown
    assert place.idp.fetched == []


async def test_it_begins_at_the_address_where_it_ends(place: Place) -> None:
    elsewhere = place.site.visitor(Host="acme.shop.test")
    answer = await elsewhere.get(place.start)
    assert answer.headers["location"] == f"{ORIGIN}/sign-in/sso/{place.shop.tenant.slug}"
    assert "set-cookie" not in answer.headers


async def test_a_rotated_key_is_fetched_and_metadata_is_remembered(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retail.identity import oidc_client

    assert (await place.go()).status_code == 303
    place.idp.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
    assert (await place.go()).status_code == 401, "at most once in half a minute"
    monkeypatch.setattr(oidc_client, "_KEYS_AGAIN_SECONDS", 0.0)
    assert (await place.go()).status_code == 303
    assert place.idp.fetched == ["metadata", "keys", "keys"]


async def test_the_way_in_is_found_by_the_short_name_or_the_domain_and_tells_nothing_of_accounts(place: Place) -> None:
    await place.configure(email_domains=("acme.example",))
    visitor = place.site.visitor()
    for typed in (
        place.shop.tenant.slug,
        f" {place.shop.tenant.slug.upper()} ",
        "whoever@acme.example",
        "N@ACME.example",
    ):
        page = (await visitor.get("/sign-in/sso", params={"business": typed})).text
        assert f"/sign-in/sso/{place.shop.tenant.slug}" in page, typed
    for typed in ("nobody@elsewhere.example", "acme.example", "%", "@"):
        page = (await visitor.get("/sign-in/sso", params={"business": typed})).text
        assert place.shop.tenant.slug not in page, typed
    await place.configure(enabled=False, email_domains=("acme.example",))
    page = (await visitor.get("/sign-in/sso", params={"business": place.shop.tenant.slug})).text
    assert "We found no business" in page
    assert (await visitor.get(place.start)).status_code == 404


async def test_members_who_must_come_this_way_are_sent_there_and_the_excepted_are_not(
    place: Place, db: Database
) -> None:
    tenant, page = place.shop.tenant.id, f"/t/{place.shop.tenant.slug}/people"
    kept, _, kept_secret = await enrol(db, tenant, "owner")
    _, _, owner_secret = await enrol(db, tenant, "owner")
    _, email, manager_secret = await enrol(db, tenant, "manager")
    with pytest.raises(NobodyKeepsTheKey):
        await place.configure(only_roles=("owner", "manager"))
    await place.configure(only_roles=("owner", "manager"), exempt=(kept,))
    for secret, status in ((kept_secret, 200), (owner_secret, 403), (manager_secret, 403)):
        answer = await place.site.visitor(secret).get(page)
        assert answer.status_code == status
    assert "Acme account" in (await place.site.visitor(manager_secret).get(page)).text
    api = await place.site.visitor(manager_secret).get(f"/t/{place.shop.tenant.slug}/api/v1/me")
    assert (api.status_code, api.json()["code"]) == (403, "sso_required")
    assert api.json()["sign_in"] == f"/sign-in/sso/{place.shop.tenant.slug}"
    token = await place.site.visitor().post(
        "/api/v1/auth/token", json={"email": email, "password": PASSWORD, "tenant": place.shop.tenant.slug}
    )
    if token.status_code == 200:
        bearer = place.site.visitor(Authorization=f"Bearer {token.json()['access_token']}")
        assert (await bearer.get("/api/v1/me")).status_code == 403
    place.idp.email = email
    visitor = place.site.visitor()
    await place.go(visitor)
    assert (await visitor.get(page)).status_code == 200


async def test_the_connection_is_tested_from_end_to_end_before_it_is_relied_on(place: Place) -> None:
    owner, base = await place.site.member(place.shop), f"/t/{place.shop.tenant.slug}"
    assert "Not tested" in (await owner.get(f"{base}/security")).text
    sent = await owner.get(f"{base}/security/sso/test")
    assert sent.status_code == 200, "the form that proves who one is may come before it, and leads to no other site"
    [led] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', sent.text)
    back = await owner.get(place.callback, params=place.idp.authorize(unescape(led)))
    assert back.headers["location"] == f"{base}/security"
    shown = (await owner.get(f"{base}/security")).text
    assert "Tested" in shown
    assert SECRET not in shown
    assert await place.sessions() == 0, "a test signs nobody in"


async def test_a_test_says_what_failed_and_never_what_a_server_answered(place: Place) -> None:
    owner, base = await place.site.member(place.shop), f"/t/{place.shop.tenant.slug}"
    place.idp.metadata = {"issuer": "https://a-secret-of-the-network.example"}
    sent = await owner.get(f"{base}/security/sso/test")
    assert sent.headers["location"] == f"{base}/security"
    page = (await owner.get(f"{base}/security")).text
    assert "it calls itself by another address" in page
    assert "a-secret-of-the-network" not in page


async def test_the_settings_form_checks_and_keeps_the_secret(place: Place) -> None:
    owner, base = await place.site.member(place.shop), f"/t/{place.shop.tenant.slug}"
    form = {"name": "Acme", "issuer": place.idp.issuer, "client_id": CLIENT, "client_secret": "", "enabled": "on"}
    assert (await owner.post(f"{base}/security/sso", data=form)).status_code == 303
    assert (await place.go()).status_code == 303
    for issuer in ("https://169.254.169.254", "http://idp.example", "https://localhost", "file:///etc/passwd"):
        answer = await owner.post(f"{base}/security/sso", data=form | {"issuer": issuer})
        assert answer.status_code == 422
        assert "like https://login.example.com" in answer.text
    for domain in ("gmail.com", "nodots", "a b", "<script>.example"):
        assert (await owner.post(f"{base}/security/sso", data=form | {"email_domains": domain})).status_code in {422}
    alone = await owner.post(f"{base}/security/sso", data=form | {"only_roles": "owner"})
    assert alone.status_code == 422
    assert "Except at least one owner" in alone.text
    async with place.site.db.read(place.shop.scope) as read:
        known = await oidc.provider(read)
    assert known is not None
    assert (known.issuer, known.only_roles, known.name) == (place.idp.issuer, [], "Acme")
    assert SECRET.encode() not in (known.client_secret or b"")
    assert (await owner.post(f"{base}/security/sso/removal")).status_code == 303
    assert (await place.site.visitor().get(place.start)).status_code == 404


def test_the_request_is_as_the_standards_write_it() -> None:
    # RFC 7636, appendix B
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    body = (
        b'{"issuer": "https://i.example", "authorization_endpoint": "https://i.example/a?x=1",'
        b' "token_endpoint": "https://i.example/t", "jwks_uri": "https://i.example/k"}'
    )
    address = authorization_address(
        read_metadata("https://i.example", body), Question("c", "https://us.example/back", "s", "n", "v")
    )
    assert address.startswith("https://i.example/a?x=1&response_type=code&")
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == ["https://us.example/back"]


def test_no_symmetric_algorithm_and_no_symmetric_key_is_ever_believed() -> None:
    assert not any(name.startswith("HS") or name == "none" for name in ALGORITHMS)
    for body in (b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": ["x"]}'):
        with pytest.raises(SsoFailed) as failed:
            read_keys(body)
        assert failed.value.why.startswith("keys")
