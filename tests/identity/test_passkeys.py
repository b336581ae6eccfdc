"""Passkeys: made, used, named and removed; and every answer that must not let anybody in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from retail.identity.factors import second_factors
from retail.identity.passkeys import RelyingParty, relying_party
from retail.identity.rules import CHALLENGE_LIVES
from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from retail.settings import Settings
from tests.support.authenticator import Authenticator
from tests.support.database import Clone
from tests.support.web import PASSWORD, Site, add_app, enrol, make_site, session
from tests.support.world import Shop, open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[Site]:
    """The application with a clock that only the test moves."""
    database = await Database.connect(clone.app_url, size=3, clock=FixedClock(NOON))
    site = make_site(database, allowed_hosts=("shop.test", "other.test"))
    yield site
    await site.close()
    await database.close()


@pytest.fixture
async def shop(timed: Site) -> Shop:
    return await open_shop(timed.db)


class Nina:
    """An owner with a passkey."""

    def __init__(self, site: Site, shop: Shop) -> None:
        self.site, self.shop = site, shop
        self.key = Authenticator()

    async def arrive(self) -> Nina:
        self.person, self.email, self.secret = await enrol(self.site.db, self.shop.tenant.id, "owner")
        self.made = await self.add(self.key)
        return self

    async def browser(self) -> httpx.AsyncClient:
        return self.site.visitor(await session(self.site.db, self.person), Accept="application/json")

    async def add(self, key: Authenticator, name: str = "my phone") -> httpx.Response:
        browser = await self.browser()
        options = (await browser.post("/account/passkeys/options")).json()
        return await browser.post("/account/passkeys", json={"name": name, "credential": key.make(options)})

    async def sign_in(
        self, key: Authenticator, *, wait: timedelta = timedelta(), visitor: httpx.AsyncClient | None = None
    ) -> httpx.Response:
        self.visitor = visitor or self.site.visitor(Accept="application/json")
        options = (await self.visitor.post("/sign-in/passkey/options")).json()
        self.answer = key.use(options)
        self.site.db.clock.advance(wait)
        return await self.visitor.post("/sign-in/passkey", json={"credential": self.answer, "next": "/account"})

    async def keys(self) -> list[Any]:
        async with self.site.db.platform() as unit:
            return list((await second_factors(unit, self.person)).passkeys)


@pytest.fixture
async def nina(timed: Site, shop: Shop) -> Nina:
    return await Nina(timed, shop).arrive()


async def test_a_passkey_is_made_and_lets_in_without_password_and_code(nina: Nina) -> None:
    assert nina.made.status_code == 201
    [kept] = await nina.keys()
    assert (kept.name, kept.credential_id, kept.transports) == ("my phone", nina.key.id, ("internal",))
    entered = await nina.sign_in(nina.key)
    assert (entered.status_code, entered.json()) == (200, {"to": "/account"})
    assert (await nina.visitor.get("/account")).status_code == 200
    assert (await nina.keys())[0].used_at == NOON


async def test_the_options_ask_for_a_verified_user_and_a_key_that_knows_whose_it_is(nina: Nina) -> None:
    browser = await nina.browser()
    made = (await browser.post("/account/passkeys/options")).json()
    assert made["rp"]["id"] == "localhost"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert len(made["excludeCredentials"]) == 1
    used = (await nina.site.visitor().post("/sign-in/passkey/options")).json()
    assert used["userVerification"] == "required"
    assert used.get("allowCredentials", []) == []  # nobody's keys are told to strangers
    assert len(used["challenge"]) == 43


async def test_the_password_of_whoever_has_a_passkey_asks_for_the_second_step(nina: Nina) -> None:
    visitor = nina.site.visitor()
    answer = await visitor.post("/sign-in", data={"email": nina.email, "password": PASSWORD})
    assert answer.headers["location"] == "/sign-in/second"


async def test_the_second_step_offers_what_the_account_has(nina: Nina) -> None:
    visitor, at = nina.site.visitor(), {"Host": "localhost:8000"}  # where passkeys are made
    assert (await visitor.get("/sign-in/second", headers=at)).status_code == 303  # before the password nothing
    await visitor.post("/sign-in", data={"email": nina.email, "password": PASSWORD})
    shown = (await visitor.get("/sign-in/second", headers=at)).text
    assert "Use a passkey" in shown
    assert "Code of your app" not in shown
    other, email, _ = await enrol(nina.site.db, nina.shop.tenant.id, "owner")
    async with nina.site.db.platform() as unit:
        await add_app(unit, other)
    await visitor.post("/sign-in", data={"email": email, "password": PASSWORD})
    shown = (await visitor.get("/sign-in/second", headers=at)).text
    assert "Code of your app" in shown
    assert "passkey" not in shown
    refused = await visitor.post(
        "/sign-in/second", data={"code": "000000"}, headers=at | {"Origin": "http://localhost:8000"}
    )
    assert (refused.status_code, "passkey" in refused.text) == (401, False)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://evil.test"},
        {"origin": "http://localhost:8001"},
        {"domain": "evil.test"},
        {"verified": False},
    ],
    ids=str,
)
async def test_an_answer_for_something_else_lets_nobody_in(nina: Nina, lie: dict[str, Any]) -> None:
    refused = await nina.sign_in(replace(nina.key, **lie))
    assert (refused.status_code, refused.json()["code"]) == (401, "passkey_refused")
    assert (await nina.visitor.get("/account")).status_code == 401
    made = await nina.add(Authenticator(**lie))
    assert (made.status_code, len(await nina.keys())) == (401, 1)


async def test_the_host_that_a_request_names_counts_for_nothing(nina: Nina) -> None:
    liar = nina.site.visitor(Accept="application/json", Host="other.test", Origin="http://other.test")
    refused = await nina.sign_in(replace(nina.key, origin="http://other.test", domain="other.test"), visitor=liar)
    assert refused.status_code == 401


async def test_a_signature_of_another_key_is_refused(nina: Nina) -> None:
    assert (await nina.sign_in(replace(Authenticator(), id=nina.key.id))).status_code == 401
    assert (await nina.sign_in(Authenticator())).status_code == 401


async def test_a_challenge_works_once_even_when_the_answer_was_wrong(nina: Nina) -> None:
    assert (await nina.sign_in(nina.key)).status_code == 200
    again = await nina.visitor.post("/sign-in/passkey", json={"credential": nina.answer})
    assert again.status_code == 401
    visitor = nina.site.visitor(Accept="application/json")
    options = (await visitor.post("/sign-in/passkey/options")).json()
    wrong = replace(nina.key, verified=False).use(options)
    assert (await visitor.post("/sign-in/passkey", json={"credential": wrong})).status_code == 401
    right = nina.key.use(options)
    assert (await visitor.post("/sign-in/passkey", json={"credential": right})).status_code == 401


async def test_a_challenge_lives_for_five_minutes(nina: Nina) -> None:
    assert (await nina.sign_in(nina.key, wait=CHALLENGE_LIVES)).status_code == 401
    assert (await nina.sign_in(nina.key, wait=CHALLENGE_LIVES - timedelta(seconds=1))).status_code == 200


async def test_an_answer_belongs_to_the_browser_that_asked(nina: Nina) -> None:
    options = (await nina.site.visitor().post("/sign-in/passkey/options")).json()
    other = nina.site.visitor(Accept="application/json")
    await other.post("/sign-in/passkey/options")
    assert (await other.post("/sign-in/passkey", json={"credential": nina.key.use(options)})).status_code == 401


async def test_an_answer_for_confirming_does_not_sign_in(nina: Nina) -> None:
    browser = await nina.browser()
    options = (await browser.post("/confirm/passkey/options")).json()
    visitor = nina.site.visitor(Accept="application/json")
    await visitor.post("/sign-in/passkey/options")
    assert (await visitor.post("/sign-in/passkey", json={"credential": nina.key.use(options)})).status_code == 401


async def test_ones_own_passkey_confirms_and_anothers_does_not(nina: Nina) -> None:
    other = await Nina(nina.site, nina.shop).arrive()
    browser = await nina.browser()
    nina.site.db.clock.advance(timedelta(minutes=11))
    assert (await browser.post("/account/passkeys/options")).json()["code"] == "confirmation_needed"
    options = (await browser.post("/confirm/passkey/options")).json()
    assert len(options["allowCredentials"]) == 1
    refused = await browser.post("/confirm/passkey", json={"credential": other.key.use(options)})
    assert refused.status_code == 401
    assert (await browser.post("/account/passkeys/options")).status_code == 403
    options = (await browser.post("/confirm/passkey/options")).json()
    proven = await browser.post("/confirm/passkey", json={"credential": nina.key.use(options), "next": "/account/app"})
    assert (proven.status_code, proven.json()) == (200, {"to": "/account/app"})
    assert (await browser.post("/account/passkeys/options")).status_code == 200


async def test_a_counter_that_went_back_is_logged_and_lets_in(nina: Nina, caplog: pytest.LogCaptureFixture) -> None:
    nina.key.count = 7
    assert (await nina.sign_in(nina.key)).status_code == 200
    assert (await nina.sign_in(nina.key)).status_code == 200
    assert "counter went back" in caplog.text


async def test_a_disabled_persons_passkey_is_nobodys(nina: Nina) -> None:
    async with nina.site.db.platform() as unit:
        await unit.execute("SELECT auth_disable_person($1, $2)", nina.person, unit.now)
    assert (await nina.sign_in(nina.key)).status_code == 401


async def test_the_same_key_is_not_added_twice(nina: Nina) -> None:
    assert (await nina.add(nina.key)).status_code == 401
    assert len(await nina.keys()) == 1


async def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(nina: Nina) -> None:
    [kept] = await nina.keys()
    other = await Nina(nina.site, nina.shop).arrive()
    stranger, browser = await other.browser(), await nina.browser()
    for path, data in (("name", {"name": "stolen"}), ("removal", {})):
        assert (await stranger.post(f"/account/passkeys/{kept.id}/{path}", data=data)).status_code == 404
    assert [key.name for key in await nina.keys()] == ["my phone"]
    await browser.post(f"/account/passkeys/{kept.id}/name", data={"name": "old phone"})
    assert [key.name for key in await nina.keys()] == ["old phone"]
    assert (await browser.post(f"/account/passkeys/{kept.id}/removal")).status_code == 303
    assert await nina.keys() == []
    assert (await nina.sign_in(nina.key)).status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"credential": {}}', b'{"credential": {"response": {}}}', b"\xff"]
)
async def test_nonsense_is_refused_without_a_fault(nina: Nina, body: bytes) -> None:
    visitor = nina.site.visitor(Accept="application/json")
    await visitor.post("/sign-in/passkey/options")
    answer = await visitor.post("/sign-in/passkey", content=body)
    assert answer.status_code in {401, 422}


@pytest.mark.parametrize(
    ("settings", "party"),
    [
        (Settings(environment="test"), RelyingParty("localhost", ("http://localhost:8000",))),
        (Settings(environment="production"), None),
        (Settings(public_origins=("https://127.0.0.1",)), None),
        (Settings(public_origins=("http://shop.example",)), None),
        (
            Settings(public_origins=("https://app.shop.example/",)),
            RelyingParty("app.shop.example", ("https://app.shop.example",)),
        ),
        (
            Settings(public_origins=("https://a.shop.example", "https://evil.test"), base_domain="shop.example"),
            RelyingParty(
                "shop.example", ("https://shop.example", "https://a.shop.example"), ("https://", ".shop.example")
            ),
        ),
        (
            Settings(base_domain="shop.example:8443"),
            RelyingParty("shop.example", ("https://shop.example:8443",), ("https://", ".shop.example:8443")),
        ),
        (Settings(base_domain="localhost:8931"), RelyingParty("localhost", ("http://localhost:8931",))),
        (
            Settings(base_domain="shop.localhost:8931"),
            RelyingParty("shop.localhost", ("http://shop.localhost:8931",), ("http://", ".shop.localhost:8931")),
        ),
        (Settings(base_domain="shop.test"), None),
        (
            Settings(base_domain="shop.test", public_origins=("https://till.example", "https://shop.test")),
            RelyingParty("till.example", ("https://till.example",)),
        ),
        (
            Settings(base_domain="intranet", public_origins=("https://acme.intranet",)),
            RelyingParty("intranet", ("https://intranet",)),
        ),
    ],
)
def test_for_whom_passkeys_are_is_read_from_the_settings(settings: Settings, party: RelyingParty | None) -> None:
    assert relying_party(settings) == party


@pytest.mark.parametrize(
    ("origin", "slug"),
    [
        ("https://corner.shop.example", "corner"),
        ("http://corner.shop.example", None),
        ("https://corner.shop.example:8443", None),
        ("https://www.shop.example", None),
        ("https://a.corner.shop.example", None),
        ("https://-.shop.example", None),
        ("https://shop.example", None),
        ("https://.shop.example", None),
        ("https://evilshop.example", None),
        ("https://corner.shop.example.evil.test", None),
        ("", None),
    ],
)
def test_a_businesss_host_is_read_from_an_address_exactly(origin: str, slug: str | None) -> None:
    party = relying_party(Settings(base_domain="shop.example"))
    assert party is not None
    assert party.business_at(origin) == slug
    assert party.has_place_at(origin) == (slug is not None or origin == "https://shop.example")


async def test_one_passkey_works_at_the_base_host_and_at_the_businesss(clone: Clone) -> None:
    database = await Database.connect(clone.app_url, size=3, clock=FixedClock(NOON))
    site = make_site(database, base_domain="shop.example", allowed_hosts=("shop.test",))
    shop = await open_shop(database)
    nina = Nina(site, shop)
    own = f"https://{shop.tenant.slug}.shop.example"
    nina.key = Authenticator(origin=own, domain="shop.example")
    assert (await nina.arrive()).made.status_code == 201
    for origin, status in (
        (own, 200),
        ("https://shop.example", 200),
        ("https://nobody-has-this.shop.example", 401),  # another's machine, perhaps
        ("https://www.shop.example", 401),
        (own + ":8443", 401),
        (own.replace("https", "http"), 401),
        ("https://shop.example.evil.test", 401),
    ):
        used = replace(nina.key, origin=origin)
        here = site.visitor(Accept="application/json", Origin=origin)
        here.base_url = origin
        there = here if status == 200 else site.visitor(Accept="application/json")
        assert (await nina.sign_in(used, visitor=there)).status_code == status, origin
        if status == 200:
            stranger = site.visitor()
            stranger.base_url = origin
            assert "data-passkey=" in (await stranger.get("/sign-in")).text, origin
    assert "data-passkey=" not in (await site.visitor(Host="www.shop.example").get("/sign-in")).text
    await site.close()
    await database.close()


@pytest.mark.parametrize("base", ["localhost:8931", "tills.test", "intranet", "shop.example:8443"])
async def test_no_page_fails_whatever_the_base_domain_is(clone: Clone, base: str) -> None:
    database = await Database.connect(clone.app_url, size=3, clock=FixedClock(NOON))
    site = make_site(database, base_domain=base, allowed_hosts=("shop.test",))
    shop = await open_shop(database)
    person, _, _ = await enrol(database, shop.tenant.id, "owner")
    for host in (base, f"{shop.tenant.slug}.{base}", "shop.test", "127.0.0.1:8931"):
        visitor = site.visitor(await session(database, person), Host=host)
        visitor.cookies.set("__Host-s", visitor.cookies["s"])
        for path in ("/account", "/sign-in", "/confirm", "/account/sessions"):
            assert (await visitor.get(path)).status_code in {200, 303}, (host, path)
        shown = await visitor.get("/account")
        assert (shown.status_code, "Passkeys" in shown.text) == (200, True), host
    await site.close()
    await database.close()


async def test_where_no_address_fits_passkeys_are_not_offered(clone: Clone) -> None:
    database = await Database.connect(clone.app_url, size=2, clock=FixedClock(NOON))
    site = make_site(database, public_origins=("https://192.0.2.1",))
    assert "data-passkey" not in (await site.visitor().get("/sign-in")).text
    refused = await site.visitor(Accept="application/json").post("/sign-in/passkey/options")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_passkeys_here")
    await site.close()
    await database.close()
