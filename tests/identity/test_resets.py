"""Forgotten passwords: the mailbox is proved, the account is never guessed at, and the second factor stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retail.identity import resets
from retail.identity.handlers import resets as pages
from retail.identity.resets import LIVES
from retail.identity.rules import digest
from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from tests.support.database import Clone
from tests.support.letters import letters_to, token_to
from tests.support.web import PASSWORD, Site, enrol, make_site, session
from tests.support.world import Shop, open_shop

GOOD = "three cups of green tea"


@pytest.fixture
async def timed(clone: Clone, tmp_path: Path) -> AsyncIterator[tuple[Site, FixedClock]]:
    clock = FixedClock(datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
    database = await Database.connect(clone.app_url, size=3, clock=clock)
    site = make_site(
        database, data_dir=tmp_path, base_domain="app.example", allowed_hosts=("shop.test", "evil.example")
    )
    yield site, clock
    await site.close()
    await database.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "UNIFORM_SECONDS", 0.0)


async def ask(site: Site, email: str) -> str:
    answer = await site.visitor().post("/password/forgotten", data={"email": email})
    assert answer.status_code == 202
    return answer.text


async def test_a_link_sets_a_new_password_and_ends_everything_that_was_open(site: Site, shop: Shop) -> None:
    person, email, secret = await enrol(site.db, shop.tenant.id, "owner")
    inside, page = site.visitor(secret), f"/t/{shop.tenant.slug}/people"
    assert (await inside.get(page)).status_code == 200
    await ask(site, email)
    token = await token_to(site.db, email, "password_reset")
    shown = await site.visitor().get("/password/reset", params={"token": token})
    assert shown.status_code == 200
    assert shown.headers["referrer-policy"] == "no-referrer"
    answer = await site.visitor().post("/password/reset", data={"token": token, "password": GOOD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert (
        "set-cookie" not in answer.headers or "s=" not in answer.headers["set-cookie"].split(";")[0].split("flash")[0]
    )
    assert (await inside.get(page)).status_code == 303
    assert (await site.visitor().post("/sign-in", data={"email": email, "password": PASSWORD})).status_code == 401
    assert (await site.visitor().post("/sign-in", data={"email": email, "password": GOOD})).status_code == 303
    notices = await letters_to(site.db, email, "account_notice")
    assert len([one for one in notices if "Your password was changed" in one.text]) == 1
    async with site.db.read(shop.scope) as read:
        actions = await read.fetch("SELECT action FROM audit_event WHERE subject_id = $1", person)
    assert "person.password_reset" in {row["action"] for row in actions}


async def test_a_second_factor_is_still_asked_for(site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.platform() as unit:
        await unit.execute("SELECT auth_propose_totp($1, $2, $3)", person, b"sealed", unit.now + timedelta(minutes=5))
        await unit.execute("SELECT auth_accept_totp($1, $2, 0, $3)", person, b"sealed", unit.now)
    await ask(site, email)
    token = await token_to(site.db, email, "password_reset")
    await site.visitor().post("/password/reset", data={"token": token, "password": GOOD})
    answer = await site.visitor().post("/sign-in", data={"email": email, "password": GOOD})
    assert answer.headers["location"].startswith("/sign-in/second")


async def test_an_address_that_nobody_has_gets_the_same_answer_and_no_mail(site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    assert await ask(site, email) == await ask(site, f"nobody-{email}")
    assert await letters_to(site.db, f"nobody-{email}") == []
    assert len(await letters_to(site.db, email, "password_reset")) == 1


async def test_both_answers_wait_for_the_same_clock(site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(pages, "UNIFORM_SECONDS", 0.3)
    monkeypatch.setattr(pages.asyncio, "sleep", sleep)
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    await ask(site, email)
    await ask(site, f"nobody-{email}")
    assert waited == [0.3, 0.3]


async def test_five_an_hour_are_sent_and_the_sixth_silently_is_not(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    answers = {await ask(site, email) for _ in range(6)}
    assert len(answers) == 1
    assert len(await letters_to(site.db, email, "password_reset")) == 5
    clock.advance(timedelta(hours=1))
    await ask(site, email)
    assert len(await letters_to(site.db, email, "password_reset")) == 6


async def test_a_link_lives_thirty_minutes_and_works_once(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    await ask(site, email)
    token = await token_to(site.db, email, "password_reset")
    clock.advance(LIVES - timedelta(seconds=1))
    assert (await site.visitor().get("/password/reset", params={"token": token})).status_code == 200
    clock.advance(timedelta(seconds=1))
    late = await site.visitor().post("/password/reset", data={"token": token, "password": GOOD})
    assert late.status_code == 404
    await ask(site, email)
    older = await token_to(site.db, email, "password_reset")
    await ask(site, email)
    newer = await token_to(site.db, email, "password_reset")
    assert (await site.visitor().post("/password/reset", data={"token": newer, "password": GOOD})).status_code == 303
    for spent in (newer, older):
        again = await site.visitor().post("/password/reset", data={"token": spent, "password": "another good one"})
        assert again.status_code == 404
    assert (await site.visitor().post("/sign-in", data={"email": email, "password": GOOD})).status_code == 303


async def test_only_the_hash_is_stored_and_the_link_begins_with_the_settings(
    timed: tuple[Site, FixedClock], clone: Clone
) -> None:
    import asyncpg

    site, _ = timed
    shop = await open_shop(site.db)
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    evil = site.visitor(Host="evil.example")
    await evil.post("/password/forgotten", data={"email": email}, headers={"Origin": "http://evil.example"})
    newest = (await letters_to(site.db, email, "password_reset"))[0]
    assert newest.secret is not None
    assert newest.secret.startswith("https://app.example/password/reset?token=")
    token = newest.secret.partition("token=")[2]
    assert len(token) == 43
    admin = await asyncpg.connect(clone.admin_url)
    assert await admin.fetchval("SELECT count(*) FROM password_reset WHERE token_hash = $1", digest(token)) == 1
    await admin.close()


async def test_a_weak_password_comes_back_and_the_link_stays_good(site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    await ask(site, email)
    token = await token_to(site.db, email, "password_reset")
    for weak in ("short", email, "passwordpassword"):
        answer = await site.visitor().post("/password/reset", data={"token": token, "password": weak})
        assert answer.status_code == 422
    assert (await site.visitor().get("/password/reset", params={"token": token})).status_code == 200


async def test_a_disabled_account_gets_no_link(site: Site, shop: Shop) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.platform() as unit:
        await resets.ask_for_reset(unit, email, "https://app.example")
    token = await token_to(site.db, email, "password_reset")
    async with site.db.platform() as unit:
        await unit.execute("SELECT auth_disable_person($1, $2)", person, unit.now)
    assert (await site.visitor().get("/password/reset", params={"token": token})).status_code == 404
    await ask(site, email)
    assert len(await letters_to(site.db, email, "password_reset")) == 1
    assert await session(site.db, person)


async def test_what_is_no_address_is_said_so_and_nonsense_is_no_link(site: Site) -> None:
    assert (await site.visitor().post("/password/forgotten", data={"email": "no"})).status_code == 422
    for token in ("", "A" * 43, "A" * 5000):
        assert (await site.visitor().get("/password/reset", params={"token": token})).status_code == 404
