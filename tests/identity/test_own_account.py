"""One's own account: the password, where one is signed in, confirming that it's oneself, and what ends at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from retail.identity.doorkeeper import MEMORY
from retail.identity.queries import account_of
from retail.identity.rules import digest
from retail.identity.sessions import disable_person, enable_person, open_sessions
from retail.identity.sign_ins import prune_sign_ins, sign_ins
from retail.identity.sockets import session_key, token_key
from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.web.limits import LIMITS
from retail.runtime.web.routing import CONFIRMED_FOR
from tests.support.database import Clone
from tests.support.web import PASSWORD, Site, enrol, enrol_operator, make_site, session
from tests.support.world import Shop, open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NEW = "seven trams in the morning"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[Site]:
    """The application with a clock that only the test moves."""
    database = await Database.connect(clone.app_url, size=3, clock=FixedClock(NOON))
    site = make_site(database, trusted_proxies=("127.0.0.1",))
    yield site
    await site.close()
    await database.close()


async def sign_in(visitor: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await visitor.post("/sign-in", data={"email": email, "password": password})


async def mails(site: Site, email: str) -> list[tuple[str, str]]:
    async with site.db.platform() as unit:
        rows = await unit.fetch("SELECT id, kind, subject FROM auth_mails(NULL, 500) WHERE recipient = $1", email)
        texts = [await unit.fetchval("SELECT text_body FROM auth_mail($1)", row["id"]) for row in rows]
    return [(row["subject"], text) for row, text in zip(rows, texts, strict=True)]


def session_in(answer: httpx.Response) -> str:
    """Give the session that an answer hands out."""
    [given] = [one for one in answer.headers.get_list("set-cookie") if one.startswith("s=")]
    return given.partition(";")[0][2:]


async def change(visitor: httpx.AsyncClient, now: str, new: str) -> httpx.Response:
    return await visitor.post("/account/password", data={"password_now": now, "password_new": new})


async def test_a_new_password_ends_everything_else_and_is_told_by_mail(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, email, secret = await enrol(timed.db, shop.tenant.id, "owner")
    here, elsewhere = timed.visitor(secret), timed.visitor(await session(timed.db, person))
    pair = (await timed.visitor().post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})).json()
    program = timed.visitor(Authorization=f"Bearer {pair['access_token']}")
    assert (await elsewhere.get("/account")).status_code == (await program.get("/api/v1/me")).status_code == 200

    answer = await change(here, PASSWORD, NEW)
    fresh = session_in(answer)
    assert answer.status_code == 303
    assert (await elsewhere.get("/account")).status_code == 303
    assert (await program.get("/api/v1/me")).status_code == 401
    spent = await timed.visitor().post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert spent.status_code == 401
    assert (await timed.visitor(secret).get("/account")).status_code == 303  # the old cookie of this browser too
    assert (await timed.visitor(fresh).get("/account")).status_code == 200
    assert (await sign_in(timed.visitor(), email)).status_code == 401
    assert (await sign_in(timed.visitor(), email, NEW)).status_code == 303
    told = [
        text.partition("\n")[0] for subject, text in await mails(timed, email) if subject == "A change to your account"
    ]
    assert "Your password was changed. All other devices were signed out." in told
    async with timed.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT action FROM audit_event WHERE subject_id = $1", person)
    assert "person.password_changed" in {row["action"] for row in rows}


@pytest.mark.parametrize(
    ("now", "new", "field", "said"),
    [
        ("not my password", NEW, "password_now", "This is not the password you have now"),
        (PASSWORD, "short", "password_new", "at least 12 characters"),
        (PASSWORD, "Password2024!", "password_new", "too easy to guess"),
        (PASSWORD, PASSWORD, "password_new", "Choose another"),
    ],
)
async def test_a_change_that_is_refused_changes_nothing(timed: Site, now: str, new: str, field: str, said: str) -> None:
    shop = await open_shop(timed.db)
    person, email, secret = await enrol(timed.db, shop.tenant.id, "owner")
    other = timed.visitor(await session(timed.db, person))
    answer = await change(timed.visitor(secret), now, new)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert said in answer.text
    assert now not in answer.text.replace(said, "")
    assert (await other.get("/account")).status_code == 200
    assert await mails(timed, email) == []
    assert (await sign_in(timed.visitor(), email)).status_code == 303


async def test_guessing_the_old_password_of_an_open_session_is_slowed_down(timed: Site) -> None:
    shop = await open_shop(timed.db)
    _, _, secret = await enrol(timed.db, shop.tenant.id, "owner")
    visitor = timed.visitor(secret)
    for _ in range(LIMITS["confirm"].tries):
        await change(visitor, "not my password", NEW)
    assert "Wait 1 second and try again." in (await change(visitor, PASSWORD, NEW)).text
    assert (await visitor.post("/confirm/password", data={"password": PASSWORD})).status_code == 429


async def test_a_long_list_of_devices_is_shortened_and_paged_with_this_one_first(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, _email, secret = await enrol(timed.db, shop.tenant.id, "owner")
    for _number in range(24):
        await session(timed.db, person)
    here = timed.visitor(secret)
    page = (await here.get("/account")).text
    assert page.count('class="about"') - page.count("Authenticator app</b>") - page.count("Recovery codes</b>") == 5
    assert page.count("This device") == 1
    assert re.search(r"last used [^<·]* UTC · signed in [^<·]* UTC", page)
    assert 'href="/account/sessions"' in page
    first = (await here.get("/account/sessions")).text
    assert (first.count('class="about"'), first.count("This device")) == (20, 1)
    [rest] = re.findall(r'href="(/account/sessions\?after=[^"]*)"', first)
    second = (await here.get(rest)).text
    assert (second.count('class="about"'), second.count("This device")) == (5, 0)
    ids = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", first + second)
    assert len(set(ids)) == 24
    assert (await here.get("/account/sessions?after=nonsense")).status_code == 404


async def test_the_page_lists_devices_and_tries_by_name_and_address(timed: Site) -> None:
    shop = await open_shop(timed.db)
    _, email, _ = await enrol(timed.db, shop.tenant.id, "owner")
    away = {"X-Forwarded-For": "198.51.100.7"}
    phone = timed.visitor(
        **{"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"}, **away
    )
    await sign_in(timed.visitor(**{"User-Agent": CHROME}), email, "wrong wrong wrong")
    await sign_in(phone, email)
    here = timed.visitor(**{"User-Agent": CHROME})
    await sign_in(here, email)
    page = (await here.get("/account")).text
    for words in (
        "Chrome on Windows",
        "Safari on iPhone",
        "198.51.100.7",
        "Wrong password",
        "This device",
        "New device",
    ):
        assert words in page
    assert page.count("This device") == 1
    assert len(re.findall(r"\d{4}, \d\d:\d\d UTC</th>", page)) == 3, "each try says whose clock it is"
    assert page.count('/end"') == 3  # the phone's, the one before, and everywhere else
    [(subject, text)] = await mails(timed, email)  # the very first sign-in is no news
    assert subject == "A change to your account"
    assert "Chrome on Windows" in text
    assert "127.0.0.1" in text


async def test_the_pages_of_an_account_lead_to_each_other_and_back_to_work(timed: Site) -> None:
    shop = await open_shop(timed.db)
    _, _, secret = await enrol(timed.db, shop.tenant.id, "clerk")
    visitor = timed.visitor(secret)
    for path, called in (
        ("/account", "Your account"),
        ("/account/history", "Sign-ins"),
        ("/account/data", "Your data"),
    ):
        page = (await visitor.get(path)).text
        places = re.findall(r'class="place"\s+href="([^"]*)"\s+data-place\s+(aria-current="page")?', page)[:4]
        assert [place for place, _here in places] == ["/", "/account", "/account/history", "/account/data"]
        assert [place for place, here in places if here] == [path]
        assert called in page


async def test_ending_one_session_ends_just_that(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, _, secret = await enrol(timed.db, shop.tenant.id, "owner")
    _, _, stranger = await enrol(timed.db, shop.tenant.id, "owner")
    phone, tablet = await session(timed.db, person), await session(timed.db, person)
    async with timed.db.platform() as unit:
        ids = {one.token_hash: one.id for one in await open_sessions(unit, person)}
    wanted = f"/account/sessions/{ids[digest(phone)]}/end"
    assert (await timed.visitor(phone).get("/account")).status_code == 200
    assert (await timed.visitor(stranger).post(wanted)).status_code == 303
    assert (await timed.visitor(phone).get("/account")).status_code == 200  # it is none of the stranger's
    assert (await timed.visitor(secret).post(wanted)).status_code == 303
    assert (await timed.visitor(phone).get("/account")).status_code == 303
    assert (await timed.visitor(tablet).get("/account")).status_code == 200
    assert (await timed.visitor(secret).post("/account/sessions/end")).status_code == 303
    assert (await timed.visitor(tablet).get("/account")).status_code == 303
    assert (await timed.visitor(secret).get("/account")).status_code == 200


async def test_other_processes_believe_an_ended_session_for_two_seconds_at_most(timed: Site, clone: Clone) -> None:
    shop = await open_shop(timed.db)
    _, _, secret = await enrol(timed.db, shop.tenant.id, "owner")
    visitor = timed.visitor(secret)
    assert (await visitor.get("/account")).status_code == 200
    async with timed.db.platform() as unit:  # as another process does it: our memory isn't told
        await unit.execute("SELECT auth_close_session($1, $2)", digest(secret), unit.now)
    assert (await visitor.get("/account")).status_code == 200
    timed.db.clock.advance(timedelta(seconds=2))
    assert (await visitor.get("/account")).status_code == 303


async def test_a_disabled_person_is_out_everywhere_until_enabled_and_then_signs_in_anew(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, email, secret = await enrol(timed.db, shop.tenant.id, "owner")
    pair = (await timed.visitor().post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})).json()
    async with timed.db.platform() as unit:
        ended, _places = await disable_person(unit, person)
    MEMORY.forget(person=person)
    assert (len(ended.sessions), len(ended.tokens)) == (1, 2)
    program = timed.visitor(Authorization=f"Bearer {pair['access_token']}")
    assert (await timed.visitor(secret).get("/account")).status_code == 303
    assert (await program.get("/api/v1/me")).status_code == 401
    wrong, unknown = await sign_in(timed.visitor(), email), await sign_in(timed.visitor(), "nobody@shop.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(email, "") == unknown.text.replace("nobody@shop.example", "")
    async with timed.db.platform() as unit:
        await enable_person(unit, person)
    assert (await timed.visitor(secret).get("/account")).status_code == 303
    assert (await sign_in(timed.visitor(), email)).status_code == 303


async def test_a_till_full_of_guesses_never_locks_the_owner_out_of_a_known_browser(timed: Site) -> None:
    shop = await open_shop(timed.db)
    _, email, _ = await enrol(timed.db, shop.tenant.id, "owner")
    owner = timed.visitor()
    assert (await sign_in(owner, email)).status_code == 303
    answers: dict[int, int] = {}
    for n in range(200):  # from a hundred networks, as a botnet does
        attacker = timed.visitor(**{"X-Forwarded-For": f"198.51.{n % 100}.7"})
        status = (await sign_in(attacker, email, f"guess number {n}")).status_code
        answers[status] = answers.get(status, 0) + 1
    assert answers == {401: LIMITS["password.account"].tries, 429: 200 - LIMITS["password.account"].tries}
    assert (await sign_in(timed.visitor(), email)).status_code == 429  # a stranger's browser has to wait
    assert (await sign_in(owner, email)).status_code == 303


async def test_a_spoofed_address_changes_nothing(clone: Clone) -> None:
    database = await Database.connect(clone.app_url, size=3, clock=FixedClock(NOON))
    site = make_site(database)  # no proxy is trusted
    shop = await open_shop(database)
    _, email, _ = await enrol(database, shop.tenant.id, "owner")
    for n in range(LIMITS["password.pair"].tries):
        guess = await sign_in(site.visitor(**{"X-Forwarded-For": f"203.0.{n}.1"}), email, "a wrong password")
        assert guess.status_code == 401
    assert (await sign_in(site.visitor(**{"X-Forwarded-For": "203.0.113.99"}), email)).status_code == 429
    await site.close()
    await database.close()


async def test_sensitive_pages_ask_to_confirm_after_ten_minutes_and_lead_back(timed: Site) -> None:
    shop = await open_shop(timed.db)
    _, _, secret = await enrol(timed.db, shop.tenant.id, "owner")
    visitor = timed.visitor(secret)
    timed.db.clock.advance(CONFIRMED_FOR - timedelta(seconds=1))
    assert (await visitor.get("/account/app")).status_code == 200
    timed.db.clock.advance(timedelta(seconds=3))
    asked = await visitor.get("/account/app")
    assert (asked.status_code, asked.headers["location"]) == (303, "/confirm?next=/account/app")
    sent = await visitor.post("/account/codes", headers={"Referer": "http://shop.test/account"})
    assert (sent.status_code, sent.headers["location"]) == (307, "/confirm/held?to=/account/codes&next=/account")
    htmx = await visitor.post("/account/codes", headers={"HX-Request": "true", "HX-Current-URL": "http://x/account"})
    assert (htmx.status_code, htmx.headers["hx-redirect"]) == (403, "/confirm?next=/account")
    json = await visitor.post("/account/passkeys/options", headers={"Accept": "application/json"})
    assert (json.status_code, json.json()["code"]) == (403, "confirmation_needed")
    wrong = await visitor.post("/confirm/password", data={"password": "not this one", "next": "/account/app"})
    assert wrong.status_code == 401
    assert "This is not your password. Type it again." in wrong.text
    assert (await visitor.get("/account/app")).status_code == 303
    right = await visitor.post("/confirm/password", data={"password": PASSWORD, "next": "/account/app"})
    assert (right.status_code, right.headers["location"]) == (303, "/account/app")
    assert (await visitor.get("/account/app")).status_code == 200
    away = await visitor.post("/confirm/password", data={"password": PASSWORD, "next": "//evil.test"})
    assert away.headers["location"] == "/"


async def test_a_form_asks_for_the_proof_before_it_is_filled(timed: Site) -> None:
    shop = await open_shop(timed.db)
    _, _, secret = await enrol_operator(timed.db)
    visitor, business = timed.visitor(secret), f"/platform/businesses/{shop.tenant.slug}"
    for path in (business, "/platform/businesses/new"):
        assert "Prove it first" not in (await visitor.get(path)).text
    timed.db.clock.advance(timedelta(minutes=6))
    for path in (business, "/platform/businesses/new", "/platform/coupons"):
        assert f'href="/confirm?next={path}"' in (await visitor.get(path)).text
    await visitor.post("/confirm/password", data={"password": PASSWORD, "next": business})
    assert "Prove it first" not in (await visitor.get(business)).text


async def test_rights_tokens_and_security_ask_for_the_proof_before_anything_is_typed(timed: Site) -> None:
    shop = await open_shop(timed.db)
    visitor, of = await timed.member(shop), f"/t/{shop.tenant.slug}"
    paths = [f"{of}/{one}" for one in ("roles", "tokens/new", "security", "security/second-step", "devices", "privacy")]
    for path in paths:
        assert "Prove it first" not in (await visitor.get(path)).text
    timed.db.clock.advance(timedelta(minutes=6))
    for path in paths:
        assert f'href="/confirm?next={path}"' in (await visitor.get(path)).text, path
    viewer = await timed.member(shop, "manager")
    timed.db.clock.advance(timedelta(minutes=6))
    assert "Prove it first" not in (await viewer.get(f"{of}/roles")).text, "who changes nothing is asked nothing"
    proved = await visitor.post("/confirm/password", data={"password": PASSWORD, "next": paths[0]})
    assert proved.headers["location"] == paths[0]
    for path in paths:
        assert "Prove it first" not in (await visitor.get(path)).text


async def test_name_and_language_are_kept_and_the_name_follows_into_the_business(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, _, secret = await enrol(timed.db, shop.tenant.id, "owner")
    visitor = timed.visitor(secret)
    assert (await visitor.post("/account/profile", data={"name": "", "language": ""})).status_code == 422
    assert (await visitor.post("/account/profile", data={"name": "Olga", "language": "xx"})).status_code == 422
    assert (await visitor.post("/account/profile", data={"name": " Olga  B. ", "language": "en"})).status_code == 303
    async with timed.db.platform() as unit:
        account = await account_of(unit, person)
    assert (account.name, account.language) == ("Olga  B.", "en")
    async with timed.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT name FROM membership WHERE person_id = $1", person) == "Olga  B."


async def test_a_token_is_not_enough_to_change_an_account(timed: Site) -> None:
    shop = await open_shop(timed.db)
    _, email, _ = await enrol(timed.db, shop.tenant.id, "owner")
    pair = (await timed.visitor().post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})).json()
    program = timed.visitor(Authorization=f"Bearer {pair['access_token']}", Accept="application/json")
    assert (await program.get("/account")).status_code == 401
    assert (await change(program, PASSWORD, NEW)).status_code == 401


async def test_old_tries_and_browsers_are_forgotten(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, email, _ = await enrol(timed.db, shop.tenant.id, "owner")
    await sign_in(timed.visitor(), email)
    timed.db.clock.advance(timedelta(days=401))
    async with timed.db.platform() as unit:
        assert await prune_sign_ins(unit) >= 1
        assert await sign_ins(unit, person) == []


async def test_password_fields_are_what_browsers_and_managers_expect(site: Site, shop: Shop) -> None:
    page = (await (await site.member(shop)).get("/account")).text
    for name, token in (("password_now", "current-password"), ("password_new", "new-password")):
        field = page[page.index(f'name="{name}"') :].partition(">")[0]
        assert 'type="password"' in field
        assert f'autocomplete="{token}"' in field
        assert "onpaste" not in field


class Told:
    """A live hub that only keeps whose sockets it was told to close, in every process."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def revoke(self, key: str) -> None:
        self.keys.add(key)


async def test_sockets_of_what_ends_are_closed_at_once(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, email, secret = await enrol(timed.db, shop.tenant.id, "owner")
    phone = await session(timed.db, person)
    pair = (await timed.visitor().post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})).json()
    told = timed.app.state.process.hub = Told()
    token = token_key(digest(pair["access_token"]))
    fresh = session_in(await change(timed.visitor(secret), PASSWORD, NEW))
    assert {session_key(digest(secret)), session_key(digest(phone)), token} <= told.keys
    assert session_key(digest(fresh)) not in told.keys
    await timed.visitor(fresh).post("/sign-out")
    assert session_key(digest(fresh)) in told.keys


async def test_the_history_is_paged_to_its_first_day(site: Site, shop: Shop) -> None:
    person, _, secret = await enrol(site.db, shop.tenant.id, "clerk")
    ips = [f"203.0.113.{number}" for number in range(120)]
    async with site.db.platform() as unit:
        for ip in ips:
            await unit.execute(
                "SELECT auth_note_sign_in($1, $2, $3, 'refused', '{}', false, $4, '')", new_id(), person, unit.now, ip
            )
    page, address, shown = site.visitor(secret), "/account/history", list[str]()
    for rows in (50, 50, 20):
        text = (await page.get(address)).text
        found = re.findall(r"203\.0\.113\.\d+", text)
        assert len(found) == rows
        shown += found
        following = re.search(r'rel="next"\s+href="([^"]+)"', text)
        address = following[1] if following else ""
    assert address == ""
    assert shown == ips[::-1]
    assert (await page.get("/account/history?after=yesterday")).status_code == 404
