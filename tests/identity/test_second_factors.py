"""Second factors: set up, asked for, used once, recovered from, taken away, and owed by owners and managers."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from retail.identity.doorkeeper import MEMORY
from retail.identity.factors import new_codes, second_factors
from retail.identity.rules import BETWEEN_FACTORS
from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from retail.settings import Settings
from tests.support.database import Clone
from tests.support.web import KEYS, PASSWORD, Site, add_app, code_of, enrol, enrol_operator, make_site, session
from tests.support.world import Shop, open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
async def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def timed(clone: Clone, clock: FixedClock) -> AsyncIterator[Site]:
    """The application with a clock that only the test moves."""
    database = await Database.connect(clone.app_url, size=3, clock=clock)
    site = make_site(database)
    yield site
    await site.close()
    await database.close()


class Olga:
    """An owner with an app, and what her mailbox got."""

    def __init__(self, site: Site, shop: Shop) -> None:
        self.site, self.shop = site, shop

    async def arrive(self) -> Olga:
        self.person, self.email, _ = await enrol(self.site.db, self.shop.tenant.id, "owner")
        async with self.site.db.platform() as unit:
            self.secret = await add_app(unit, self.person)
            self.codes = await new_codes(unit, KEYS, self.person)
        return self

    @property
    def code(self) -> str:
        return code_of(self.secret, self.site.db.clock.now())

    async def first_step(self, password: str = PASSWORD, **more: str) -> httpx.AsyncClient:
        visitor = self.site.visitor()
        self.answer = await visitor.post("/sign-in", data={"email": self.email, "password": password, **more})
        return visitor

    async def second_step(self, visitor: httpx.AsyncClient, code: str, **more: str) -> httpx.Response:
        return await visitor.post("/sign-in/second", data={"code": code, **more})

    async def is_in(self, visitor: httpx.AsyncClient) -> bool:
        return (await visitor.get(f"/t/{self.shop.tenant.slug}/people")).status_code == 200

    async def mails(self) -> list[str]:
        async with self.site.db.platform() as unit:
            rows = await unit.fetch("SELECT subject FROM auth_mails(NULL, 500) WHERE recipient = $1", self.email)
        return [row["subject"] for row in rows]


@pytest.fixture
async def olga(timed: Site) -> Olga:
    return await Olga(timed, await open_shop(timed.db)).arrive()


async def test_the_password_alone_opens_nothing(olga: Olga) -> None:
    visitor = await olga.first_step()
    assert (olga.answer.status_code, olga.answer.headers["location"]) == (303, "/sign-in/second")
    assert "s" not in visitor.cookies
    assert not await olga.is_in(visitor)
    assert (await visitor.get("/account")).status_code == 303
    attempt = visitor.cookies["a"]
    assert not await olga.is_in(olga.site.visitor(attempt))  # nor is the attempt's secret a session's


async def test_the_code_lets_in_with_a_new_session_and_leads_back(olga: Olga) -> None:
    back = f"/t/{olga.shop.tenant.slug}/people"
    visitor = await olga.first_step(next=back)
    assert olga.answer.headers["location"] == f"/sign-in/second?next={back}"
    assert olga.email in (await visitor.get("/sign-in/second")).text
    answer = await olga.second_step(visitor, olga.code, next=back)
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert await olga.is_in(visitor)
    assert "a" not in visitor.cookies


async def test_a_code_works_once(olga: Olga) -> None:
    assert (await olga.second_step(await olga.first_step(), olga.code)).status_code == 303
    again = await olga.second_step(await olga.first_step(), olga.code)
    assert again.status_code == 401
    assert "used before" in again.text
    olga.site.db.clock.advance(STEP)
    assert (await olga.second_step(await olga.first_step(), olga.code)).status_code == 303


async def test_an_older_code_than_the_last_one_used_is_refused(olga: Olga) -> None:
    before = code_of(olga.secret, olga.site.db.clock.now())
    olga.site.db.clock.advance(STEP)
    assert (await olga.second_step(await olga.first_step(), olga.code)).status_code == 303
    assert (await olga.second_step(await olga.first_step(), before)).status_code == 401


async def test_a_recovery_code_lets_in_once_and_is_told_by_mail(olga: Olga) -> None:
    typed = olga.codes[3].upper().replace("-", " ")
    visitor = await olga.first_step()
    assert (await olga.second_step(visitor, typed)).status_code == 303
    assert await olga.is_in(visitor)
    assert (await olga.second_step(await olga.first_step(), olga.codes[3])).status_code == 401
    async with olga.site.db.platform() as unit:
        assert (await second_factors(unit, olga.person)).codes_left == 9
    assert await olga.mails() == ["A change to your account"]


async def test_five_wrong_codes_end_the_attempt_and_are_told_by_mail_once(olga: Olga) -> None:
    visitor = await olga.first_step()
    for _ in range(5):
        assert (await olga.second_step(visitor, "000000")).status_code == 401
    stopped = await olga.second_step(visitor, olga.code)
    assert stopped.status_code == 401
    assert "Sign in again from the start" in stopped.text
    assert (await olga.second_step(visitor, olga.code)).status_code == 401
    assert (await olga.second_step(await olga.first_step(), olga.code)).status_code == 401
    assert await olga.mails() == ["Somebody tried to sign in as you"]
    olga.site.db.clock.advance(timedelta(minutes=10))
    assert (await olga.second_step(await olga.first_step(), olga.code)).status_code == 303


async def test_ten_wrong_codes_are_enough_for_a_day_but_not_from_a_browser_that_is_known(olga: Olga) -> None:
    known = await olga.first_step()
    await olga.second_step(known, olga.code)
    for _ in range(2):
        visitor = await olga.first_step()
        for _ in range(5):
            assert (await olga.second_step(visitor, "000000")).status_code == 401
        olga.site.db.clock.advance(timedelta(minutes=10))
    assert "from the start" in (await olga.second_step(await olga.first_step(), olga.code)).text
    answer = await known.post("/sign-in", data={"email": olga.email, "password": PASSWORD})
    assert answer.headers["location"] == "/sign-in/second"
    assert (await olga.second_step(known, olga.code)).status_code == 303


async def test_the_second_step_must_follow_within_ten_minutes(olga: Olga) -> None:
    visitor = await olga.first_step()
    olga.site.db.clock.advance(BETWEEN_FACTORS)
    assert (await olga.second_step(visitor, olga.code)).status_code == 401
    assert (await visitor.get("/sign-in/second")).headers["location"] == "/sign-in"


async def test_who_was_disabled_between_the_steps_stays_out(olga: Olga) -> None:
    visitor = await olga.first_step()
    async with olga.site.db.platform() as unit:
        await unit.execute("SELECT auth_disable_person($1, $2)", olga.person, unit.now)
    assert (await olga.second_step(visitor, olga.code)).status_code == 401


async def test_setting_an_app_up_proves_it_first_and_shows_recovery_codes_once(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, email, secret = await enrol(timed.db, shop.tenant.id, "owner")
    browser, other = timed.visitor(secret), timed.visitor(await session(timed.db, person))
    page = (await browser.get("/account/app")).text
    shown = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert shown
    assert " style=" not in page
    raw = base64.b32decode(shown[1].replace(" ", ""))
    assert (await browser.post("/account/app", data={"code": "000000"})).status_code == 422
    async with timed.db.platform() as unit:
        assert not (await second_factors(unit, person)).any
    assert shown[1] in (await browser.get("/account/app")).text  # a mistake doesn't cost the scan
    done = await browser.post("/account/app", data={"code": code_of(raw, timed.db.clock.now())})
    assert done.status_code == 200
    assert len(re.findall(r"<li><code>([0-9a-z-]{19})</code>", done.text)) == 10
    assert done.headers["set-cookie"].startswith("s=")
    assert secret not in done.headers["set-cookie"]  # a new session
    assert (await timed.visitor(secret).get("/account")).status_code == 303
    assert (await other.get("/account")).status_code == 303
    fresh = done.headers["set-cookie"].partition(";")[0][2:]
    assert (await timed.visitor(fresh).get("/account")).status_code == 200
    async with timed.db.platform() as unit:
        rows = await unit.fetch("SELECT subject FROM auth_mails(NULL, 500) WHERE recipient = $1", email)
    assert [row["subject"] for row in rows] == ["A change to your account"]


async def test_secrets_are_stored_sealed_and_codes_as_tags(olga: Olga, clone: Clone) -> None:
    admin = await asyncpg.connect(clone.admin_url)
    sealed = await admin.fetchval("SELECT secret FROM totp WHERE person_id = $1", olga.person)
    tags = [row["tag"] for row in await admin.fetch("SELECT tag FROM recovery_code WHERE person_id = $1", olga.person)]
    await admin.close()
    assert olga.secret not in sealed
    assert KEYS.unseal("totp", sealed, olga.person.bytes) == olga.secret
    assert len(tags) == 10
    assert not {code.replace("-", "").encode() for code in olga.codes} & set(tags)


async def test_removing_the_app_takes_the_codes_along(olga: Olga) -> None:
    visitor = await olga.first_step()
    await olga.second_step(visitor, olga.code)
    assert (await visitor.post("/account/app/removal")).status_code == 303
    async with olga.site.db.platform() as unit:
        left = await second_factors(unit, olga.person)
    assert (left.any, left.codes_left) == (False, 0)
    again = await olga.first_step()
    assert await olga.is_in(again)


async def test_new_recovery_codes_void_the_old(olga: Olga) -> None:
    visitor = await olga.first_step()
    await olga.second_step(visitor, olga.code)
    page = await visitor.post("/account/codes")
    new = re.findall(r"<li><code>([0-9a-z-]{19})</code>", page.text)
    assert len(new) == 10
    assert (await olga.second_step(await olga.first_step(), olga.codes[0])).status_code == 401
    assert (await olga.second_step(await olga.first_step(), new[0])).status_code == 303


async def test_a_program_needs_the_code_too(olga: Olga) -> None:
    visitor = olga.site.visitor()
    asked = {"email": olga.email, "password": PASSWORD}
    without = await visitor.post("/api/v1/auth/token", json=asked)
    assert (without.status_code, without.json()["code"]) == (401, "otp_needed")
    wrong = await visitor.post("/api/v1/auth/token", json={**asked, "otp": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    code = olga.code
    right = await visitor.post("/api/v1/auth/token", json={**asked, "otp": code})
    assert right.status_code == 200
    assert (await visitor.post("/api/v1/auth/token", json={**asked, "otp": code})).json()["code"] == "wrong_code"


@pytest.mark.parametrize("role", ["owner", "manager", "clerk"])
async def test_owners_and_managers_have_seven_days_from_their_first_sign_in(timed: Site, role: str) -> None:
    shop = await open_shop(timed.db)
    person, email, _ = await enrol(timed.db, shop.tenant.id, role)
    page, door = f"/t/{shop.tenant.slug}/stores", f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/setup"
    timed.db.clock.advance(timedelta(days=100))  # nobody has signed in yet
    visitor = timed.visitor()
    assert (await visitor.post("/sign-in", data={"email": email, "password": PASSWORD})).status_code == 303
    asked = (await visitor.get(page)).text
    assert ("second step at sign-in" in asked) is (role != "clerk")
    timed.db.clock.advance(timedelta(days=7))
    visitor = timed.visitor(await session(timed.db, person))
    if role == "clerk":
        assert (await visitor.get(page)).status_code == 200
        return
    refused = await visitor.get(page)
    assert (refused.status_code, refused.headers["location"]) == (303, "/account/app")
    told = await visitor.get(door)
    assert (told.status_code, told.json()["code"]) == (403, "second_factor_needed")
    htmx = await visitor.get(page, headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx.headers["hx-redirect"]) == (403, "/account/app")
    assert (await visitor.get("/account")).status_code == 200
    program = await timed.visitor().post("/api/v1/auth/token", json={"email": email, "password": PASSWORD})
    assert (program.status_code, program.json()["code"]) == (403, "second_factor_needed")
    async with timed.db.platform() as unit:
        await add_app(unit, person)
    MEMORY.forget(person=person)
    assert (await visitor.get(page)).status_code == 200


async def test_what_a_till_has_sold_is_taken_even_when_a_second_factor_is_overdue(timed: Site) -> None:
    shop = await open_shop(timed.db)
    person, email, _ = await enrol(timed.db, shop.tenant.id, "manager")
    await timed.visitor().post("/sign-in", data={"email": email, "password": PASSWORD})
    timed.db.clock.advance(timedelta(days=8))
    visitor = timed.visitor(await session(timed.db, person))
    sent = await visitor.post(f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/journal", json={})
    assert sent.status_code == 422  # read, and found to be no journal


async def test_an_operator_needs_a_second_factor_in_production_only(db: Database) -> None:
    shop = make_site(db)
    _, _, secret = await enrol_operator(db)
    _, _, proven = await enrol_operator(db, second_factor=True)
    assert (await shop.visitor(secret).get("/platform")).status_code == 200
    MEMORY.forget()
    shop.app.state.process.settings = Settings(environment="production", allowed_hosts=("shop.test",))
    assert (await shop.visitor(secret).get("/platform")).headers["location"] == "/account/app"
    assert (await shop.visitor(proven).get("/platform")).status_code == 200
    await shop.close()
