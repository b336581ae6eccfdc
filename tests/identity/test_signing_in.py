"""Signing in and out: who gets a session, how long it lives, and what guessing costs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from retail.identity import passwords
from retail.identity.passwords import make_hash, password_fits
from retail.identity.permissions import SELL, VIEW_BOOKS
from retail.identity.rules import SESSION_ABSOLUTE, SESSION_IDLE, TILL_IDLE, digest, own_path
from retail.kit.clock import FixedClock
from retail.kit.errors import Busy
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.web.limits import LIMITS
from tests.support.database import Clone
from tests.support.web import PASSWORD, Site, enrol, enrol_operator, make_site, role_with, session
from tests.support.world import Shop, open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[tuple[Site, FixedClock]]:
    """The application with a clock that only the test moves."""
    clock = FixedClock(NOON)
    database = await Database.connect(clone.app_url, size=3, clock=clock)
    site = make_site(database)
    yield site, clock
    await site.close()
    await database.close()


async def sign_in(visitor: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await visitor.post("/sign-in", data={"email": email, "password": password, **more})


@pytest.mark.parametrize(("role", "page"), [("owner", "/"), ("manager", "/"), ("viewer", "/"), ("clerk", "/tills")])
async def test_everybody_lands_where_they_work(site: Site, shop: Shop, role: str, page: str) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, role)
    answer = await sign_in(site.visitor(), f" {email.upper()} ")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/t/{shop.tenant.slug}{page}")


async def test_the_operator_lands_on_the_platform(site: Site) -> None:
    _, email, _ = await enrol_operator(site.db)
    assert (await sign_in(site.visitor(), email)).headers["location"] == "/platform"


async def test_who_belongs_to_two_shops_picks_one(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.begin(other.scope) as tx:
        from retail.identity.operations import NewMember, add_member

        await add_member(tx, NewMember(email, "Olga", "clerk", "another hash"))
    visitor = site.visitor()
    assert (await sign_in(visitor, email)).headers["location"] == "/"
    page = (await visitor.get("/")).text
    assert f"/t/{shop.tenant.slug}/" in page
    assert f"/t/{other.tenant.slug}/tills" in page


async def test_the_start_leads_everybody_to_the_first_page_that_they_may_see(site: Site, shop: Shop) -> None:
    base = f"/t/{shop.tenant.slug}"
    for role, first in (("clerk", "/tills"), (await role_with(site.db, shop.tenant.id, VIEW_BOOKS), "/ledger")):
        browser = await site.member(shop, role)
        answer = await browser.get(f"{base}/")
        assert (answer.status_code, answer.headers["location"]) == (303, base + first)
        assert (await browser.get(base + first)).status_code == 200
    assert (await (await site.member(shop, "viewer")).get(f"{base}/")).status_code == 200
    nowhere = await site.holder(shop, SELL)
    answer = await nowhere.get(f"{base}/")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/messages"), "which everybody may write"


async def test_a_wrong_password_and_an_unknown_address_look_the_same(site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    wrong = await sign_in(site.visitor(), email, "not this one at all")
    unknown = await sign_in(site.visitor(), "nobody@shop.example", "not this one at all")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(email, "") == unknown.text.replace("nobody@shop.example", "")
    assert "set-cookie" not in wrong.headers
    assert "not this one at all" not in wrong.text


async def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def verify(password: str, stored: str) -> bool:
        tried.append(stored.rpartition("$")[0].rpartition("$")[0])
        return password == "even a fit"

    monkeypatch.setattr(passwords, "_verify", verify)
    assert not await password_fits("a guess", make_hash("something else entirely"))
    assert not await password_fits("a guess", None)
    assert not await password_fits("even a fit", None)
    assert tried == ["$argon2id$v=19$m=19456,t=2,p=1"] * 3


async def test_the_waiting_room_for_passwords_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_places", passwords.threading.BoundedSemaphore(1))
    passwords._places.acquire()
    with pytest.raises(Busy):
        await password_fits("a guess", None)


async def test_only_the_hash_of_a_session_is_stored(site: Site, shop: Shop, clone: Clone) -> None:
    import asyncpg

    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    visitor = site.visitor()
    await sign_in(visitor, email)
    secret = visitor.cookies["s"]
    assert len(secret) == 43
    admin = await asyncpg.connect(clone.admin_url)
    assert await admin.fetchval("SELECT count(*) FROM session WHERE token_hash = $1", digest(secret)) == 1
    await admin.close()


async def test_signing_in_gives_a_new_session_and_ends_the_old(site: Site, shop: Shop) -> None:
    _, email, planted = await enrol(site.db, shop.tenant.id, "owner")
    visitor = site.visitor(planted)
    answer = await sign_in(visitor, email)
    assert answer.headers["set-cookie"].startswith("s=")
    assert planted not in answer.headers["set-cookie"]
    assert (await site.visitor(planted).get(f"/t/{shop.tenant.slug}/people")).status_code == 303


async def test_signing_out_ends_the_session_at_once(site: Site, shop: Shop) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    visitor, copied = site.visitor(secret), site.visitor(secret)
    page = f"/t/{shop.tenant.slug}/people"
    assert (await copied.get(page)).status_code == 200
    answer = await visitor.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert 's=""' in answer.headers["set-cookie"]
    assert answer.headers["clear-site-data"] == '"cache"', "and never a till's unsent sales"
    assert (await copied.get(page)).status_code == 303
    assert (await copied.get(f"/t/{shop.tenant.slug}/api/v1/me")).status_code == 401


async def test_sign_in_and_out_are_in_the_trail(site: Site, shop: Shop) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    visitor = site.visitor()
    await sign_in(visitor, email)
    await visitor.post("/sign-out")
    async with site.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT action, actor_id FROM audit_event WHERE subject_kind = 'person' ORDER BY id")
    assert [(row["action"], row["actor_id"]) for row in rows] == [
        ("person.signed_in", person),
        ("person.signed_out", person),
    ]


async def test_an_idle_session_ends(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    visitor, page = site.visitor(secret), f"/t/{shop.tenant.slug}/people"
    clock.advance(SESSION_IDLE - timedelta(seconds=1))
    assert (await visitor.get(page)).status_code == 200
    clock.advance(SESSION_IDLE)
    assert (await visitor.get(page)).status_code == 303


async def test_a_session_that_opened_a_till_rests_for_a_working_day(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    _, _, secret = await enrol(site.db, shop.tenant.id, "clerk")
    visitor, page = site.visitor(secret), f"/t/{shop.tenant.slug}/tills"
    assert (await visitor.get(f"{page}/{shop.till}/sell")).status_code == 200
    assert (await claim(visitor, shop, shop.till)).status_code == 200
    clock.advance(TILL_IDLE - timedelta(seconds=3))
    assert (await visitor.get(page)).status_code == 200
    clock.advance(timedelta(seconds=3))
    assert (await visitor.get(page)).status_code == 303


async def claim(visitor: httpx.AsyncClient, shop: Shop, till: UUID) -> httpx.Response:
    body = {"device": str(new_id()), "label": "Counter"}
    return await visitor.post(f"/t/{shop.tenant.slug}/api/v1/tills/{till}/claims", json=body)


async def test_a_till_that_was_not_opened_lengthens_no_session(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop, other = await open_shop(site.db), await open_shop(site.db)
    api = f"/t/{shop.tenant.slug}/api/v1/tills"
    asked: list[tuple[str, UUID, int, int]] = [
        ("viewer", shop.till, 403, 403),  # may not sell
        ("owner", other.till, 404, 404),  # a till, but not of this business
        ("owner", new_id(), 404, 404),  # none at all
        ("clerk", shop.till, 200, 0),  # the page alone opens nothing
    ]
    for role, till, of_page, of_claim in asked:
        _, _, secret = await enrol(site.db, shop.tenant.id, role)
        visitor = site.visitor(secret)
        assert (await visitor.get(f"/t/{shop.tenant.slug}/tills/{till}/sell")).status_code == of_page
        if of_claim:
            assert (await visitor.get(f"{api}/{till}/setup")).status_code == of_claim
            assert (await claim(visitor, shop, till)).status_code == of_claim
            delivered = await visitor.post(f"{api}/{till}/journal", json={"device": str(new_id()), "fence": 1})
            assert delivered.status_code >= 400
        assert "At a till" not in (await visitor.get("/account")).text
        clock.advance(SESSION_IDLE)
        assert (await visitor.get("/account")).status_code == 303, role


async def test_a_session_ends_after_its_longest_life_however_busy(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    _, _, secret = await enrol(site.db, shop.tenant.id, "clerk")
    visitor, page = site.visitor(secret), f"/t/{shop.tenant.slug}/tills"
    while clock.now() < NOON + SESSION_ABSOLUTE - timedelta(hours=1):
        clock.advance(timedelta(minutes=25))
        assert (await visitor.get(page)).status_code == 200
    clock.at = NOON + SESSION_ABSOLUTE
    assert (await visitor.get(page)).status_code == 303


async def test_a_removed_member_is_out_within_two_seconds_elsewhere(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    person, _, secret = await enrol(site.db, shop.tenant.id, "clerk")
    visitor, page = site.visitor(secret), f"/t/{shop.tenant.slug}/tills"
    assert (await visitor.get(page)).status_code == 200
    async with site.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE membership SET ended_at = $2 WHERE person_id = $1", person, tx.now)
    assert (await visitor.get(page)).status_code == 200
    clock.advance(timedelta(seconds=2))
    assert (await visitor.get(page)).status_code == 404


async def test_guesses_are_slowed_down_and_the_pause_is_told(timed: tuple[Site, FixedClock]) -> None:
    site, clock = timed
    shop = await open_shop(site.db)
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    visitor = site.visitor()
    for _ in range(LIMITS["password.pair"].tries):
        assert (await sign_in(visitor, email, "wrong wrong wrong")).status_code == 401
    paused = await sign_in(visitor, email)
    assert (paused.status_code, paused.headers["retry-after"]) == (429, "1")
    clock.advance(timedelta(seconds=1))
    assert (await sign_in(visitor, email)).status_code == 303
    assert (await sign_in(visitor, email, "wrong wrong wrong")).status_code == 401


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/t/corner/people?x=1", "/t/corner/people?x=1"),
        ("https://evil.test/", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("/t/\\x", "/"),
        ("/\tevil", "/"),
        ("javascript:alert(1)", "/"),
        ("/sign-out", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_stays_on_this_site(asked: str, given: str) -> None:
    assert own_path(asked) == given


async def test_the_way_back_is_taken_after_signing_in(site: Site, shop: Shop) -> None:
    _, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    back = f"/t/{shop.tenant.slug}/people?page=2"
    form = await site.visitor().get("/sign-in", params={"next": back})
    assert f'value="{back}"' in form.text
    assert (await sign_in(site.visitor(), email, next=back)).headers["location"] == back
    assert (await sign_in(site.visitor(), email, next="//evil.test")).headers["location"].startswith("/t/")


async def test_a_session_of_a_disabled_person_is_void(site: Site, shop: Shop, clone: Clone) -> None:
    import asyncpg

    person, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    admin = await asyncpg.connect(clone.admin_url)
    await admin.execute("UPDATE person SET disabled_at = now() WHERE id = $1", person)
    await admin.close()
    secret = await session(site.db, person)
    assert (await site.visitor(secret).get(f"/t/{shop.tenant.slug}/people")).status_code == 303
    assert (await sign_in(site.visitor(), email)).status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/password/forgotten", "/no-such-page"])
async def test_a_page_with_one_card_asks_for_one_sheet(site: Site, path: str) -> None:
    page = (await site.visitor().get(path)).text
    assert re.findall(r'rel="stylesheet" href="/static/css/([a-z_]+)\.css', page) == ["door"]
