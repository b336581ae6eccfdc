"""Each person is told of what they may know, once, on the channels and at the hours that they chose."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.notifications import jobs, operations
from retail.notifications.kinds import KINDS
from retail.notifications.operations import Choice
from retail.notifications.push.ringer import Ringer
from retail.notifications.push.subscriptions import Browser, subscribe
from retail.notifications.rules import Habits, after_quiet, plan
from retail.runtime import switches
from retail.runtime.notices import NoticePosted, post_notice
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.outgoing import Outgoing
from tests.support.http_office import Answer, HttpOffice, http_office
from tests.support.told import relay
from tests.support.web import KEYS, Site, enrol, make_site, site
from tests.support.working import work_off
from tests.support.world import Shop

__all__ = ["site"]
BERLIN = ZoneInfo("Europe/Berlin")


def text(size: int) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(size)).decode().rstrip("=")


async def plain_push(browser: dict[str, Any], *, aiohttp_session: Any, **asked: Any) -> None:
    """Stand in for pywebpush.webpush_async: its arguments as documented, what it would encrypt in the clear."""
    asked["vapid_claims"]["aud"] = "written by the library"
    headers = {**asked["headers"], "ttl": str(asked["ttl"])}
    answer = await aiohttp_session.post(
        browser["endpoint"], data=asked["data"].encode(), headers=headers, timeout=asked["timeout"]
    )
    if answer.status > 202:
        raise RuntimeError(f"Push failed: {answer.status} {await answer.text()}")


@pytest.fixture
async def office() -> AsyncIterator[HttpOffice]:
    async with http_office() as made:
        ringer = Ringer(
            Outgoing(exceptions=[made.place]), KEYS, "mailto:us@shop.example", exceptions=[made.place], send=plain_push
        )
        jobs.use_ringer(ringer)
        yield made


def acting(shop: Shop, person: UUID) -> Scope:
    return Scope(shop.tenant.id, Actor("person", person, "Somebody"))


async def ring_at(shop: Shop, person: UUID, endpoint: str) -> None:
    await shop.db.run(acting(shop, person), subscribe, Browser(endpoint, text(65), text(16), 1))


async def someone(shop: Shop, role: str = "owner") -> UUID:
    return (await enrol(shop.db, shop.tenant.id, role))[0]


async def post(shop: Shop, kind: str = "big_refund", **facts: Any) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await post_notice(tx, kind, **{"subject": new_id(), "store": shop.store, "amount_minor": 12_345} | facts)
    await relay(shop)
    await work_off(shop.db, shop.tenant.id)


async def rows(shop: Shop, sql: str) -> list[tuple[Any, ...]]:
    async with shop.db.read(Scope.system(shop.tenant.id)) as read:
        return [tuple(row) for row in await read.fetch(sql, read.tenant)]


async def told(shop: Shop) -> set[tuple[UUID, str]]:
    return set(await rows(shop, "SELECT person_id, kind FROM notification WHERE tenant_id = $1"))


async def outcomes(shop: Shop) -> list[tuple[str, str]]:
    sql = "SELECT channel, coalesce(outcome, 'waits') FROM delivery WHERE tenant_id = $1 ORDER BY 1, 2"
    return await rows(shop, sql)


async def letters(shop: Shop) -> list[tuple[str, str, str]]:
    async with shop.db.platform() as unit:
        listed = await unit.fetch("SELECT * FROM auth_mails(NULL, 500, NULL)")
    return [(one["channel"], one["subject"], one["recipient"]) for one in listed if one["tenant_id"] == shop.tenant.id]


async def test_who_may_know_is_told_and_nobody_else(shop: Shop, office: HttpOffice) -> None:
    owner, clerk = await someone(shop), await someone(shop, "clerk")
    await post(shop, "device_revoked", name="Till 1")
    await post(shop, "report_ready", people=[clerk], list="Stock")
    assert await told(shop) == {(owner, "device_revoked"), (clerk, "report_ready")}


async def test_an_event_that_is_relayed_twice_is_told_once(shop: Shop, office: HttpOffice) -> None:
    owner = await someone(shop)
    await ring_at(shop, owner, office.endpoint())
    await post(shop)
    ((notice,),) = await rows(shop, "SELECT id FROM notice WHERE tenant_id = $1 AND kind = 'big_refund'")
    async with shop.db.begin(shop.scope) as tx:
        tx.emit(NoticePosted(notice, "big_refund"))
    await relay(shop)
    await work_off(shop.db, shop.tenant.id)
    assert await told(shop) == {(owner, "big_refund")}
    assert len(office.taken) == 1


async def test_a_notice_with_a_key_is_posted_once(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        assert await post_notice(tx, "big_refund", key="the same") is not None
        assert await post_notice(tx, "big_refund", key="the same") is None
        assert await post_notice(tx, "stock_out", key="the same") is not None


async def test_a_push_says_that_there_is_something_and_not_what(shop: Shop, office: HttpOffice) -> None:
    owner = await someone(shop)
    await ring_at(shop, owner, office.endpoint())
    await post(shop)
    ((path, headers, body),) = office.taken
    said = json.loads(body)
    ((id,),) = await rows(shop, "SELECT id FROM notification WHERE tenant_id = $1")
    assert said == {
        "title": "A big refund", "body": "Open Countertop to see it.", "id": str(id),
    }  # fmt: skip
    assert (path, headers["ttl"], headers["urgency"], headers["topic"]) == ("/push/one", "43200", "normal", id.hex)
    assert await outcomes(shop) == [("push", "sent")]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_no_more_is_forgotten(shop: Shop, office: HttpOffice, status: int) -> None:
    owner = await someone(shop)
    await ring_at(shop, owner, office.endpoint())
    office.answers = [Answer(status)]
    await post(shop)
    assert await rows(shop, "SELECT id FROM push_subscription WHERE tenant_id = $1") == []
    assert await outcomes(shop) == [("push", "nowhere")]


async def test_a_busy_service_is_asked_again_when_it_said(shop: Shop, office: HttpOffice) -> None:
    owner = await someone(shop)
    await ring_at(shop, owner, office.endpoint())
    office.answers = [Answer(429, {"Retry-After": "120"}), Answer(500)]
    before = shop.db.clock
    clock = shop.db.clock = FixedClock(datetime.now(UTC))
    try:
        await post(shop)
        assert await outcomes(shop) == [("push", "waits")]
        for pause, became in ((119, "waits"), (1, "waits"), (300, "sent")):
            clock.advance(timedelta(seconds=pause))
            await work_off(shop.db, shop.tenant.id)
            assert await outcomes(shop) == [("push", became)]
        assert len(office.taken) == 3
    finally:
        shop.db.clock = before


async def test_no_redirect_is_followed(shop: Shop, office: HttpOffice) -> None:
    owner = await someone(shop)
    await ring_at(shop, owner, office.endpoint())
    office.answers = [Answer(307, {"Location": office.endpoint("elsewhere")})]
    await post(shop)
    assert [path for path, _headers, _body in office.taken] == ["/push/one"]
    assert await outcomes(shop) == [("push", "failed")]


async def test_a_session_that_was_ended_rings_no_more(shop: Shop, office: HttpOffice) -> None:
    site = make_site(shop.db, outgoing_exceptions=(office.place,))
    browser, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    given = {"endpoint": office.endpoint(), "p256dh": text(65), "auth": text(16)}
    assert (await browser.post(f"{base}/notices/browsers", data=given)).status_code == 204
    await post(shop)
    assert len(office.taken) == 1
    assert (await browser.post("/sign-out")).status_code == 303
    await post(shop)
    assert len(office.taken) == 1
    assert await outcomes(shop) == [("push", "nowhere"), ("push", "sent")]
    await site.close()


async def test_mail_sms_and_digest_go_where_they_were_chosen(shop: Shop, office: HttpOffice) -> None:
    owner = await someone(shop)
    before = shop.db.clock
    clock = shop.db.clock = FixedClock(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))
    chosen = [
        Choice("big_refund", "mail", True), Choice("big_refund", "push", False), Choice("stock_out", "mail", True),
        Choice("device_revoked", "sms", True),
    ]  # fmt: skip
    try:
        await shop.db.run(acting(shop, owner), operations.choose, Habits(None, None, 18 * 60, "+4915112345678"), chosen)
        await post(shop)
        await post(shop, "stock_out", subject=shop.products[0].id)
        await post(shop, "device_revoked", name="Till 1")
        assert [(channel, to) for channel, _subject, to in await letters(shop)] == [("sms", "+4915112345678")]
        clock.advance(timedelta(hours=9))
        await work_off(shop.db, shop.tenant.id)
        assert [subject for channel, subject, _to in await letters(shop) if channel == "mail"] == [
            "Corner & Co: 2 notices"
        ]
    finally:
        shop.db.clock = before


async def test_no_sms_is_sent_where_they_are_switched_off(
    shop: Shop, office: HttpOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def off(*_given: object) -> bool:
        return False

    owner = await someone(shop)
    wanted = Habits(None, None, None, "+4915112345678")
    await shop.db.run(acting(shop, owner), operations.choose, wanted, [Choice("device_revoked", "sms", True)])
    monkeypatch.setattr(switches, "value_in", off)
    await post(shop, "device_revoked", name="Till 1")
    assert [channel for channel, _subject, _to in await letters(shop) if channel == "sms"] == []
    assert ("sms", "nowhere") in await outcomes(shop)


async def test_what_was_read_at_the_bell_is_not_written_about(shop: Shop, office: HttpOffice) -> None:
    person = await someone(shop)
    await shop.db.run(
        acting(shop, person), operations.choose, Habits(None, None, 18 * 60), [Choice("stock_low", "mail", True)]
    )
    before = shop.db.clock
    clock = shop.db.clock = FixedClock(datetime.now(UTC))
    try:
        await post(shop, "stock_low", subject=shop.products[0].id, on_hand=1, reorder_point=2)
        await shop.db.run(acting(shop, person), operations.mark_read)
        clock.advance(timedelta(days=1))
        await work_off(shop.db, shop.tenant.id)
    finally:
        shop.db.clock = before
    assert ("mail", "gone") in await outcomes(shop)
    assert await letters(shop) == []


async def test_a_kind_that_is_off_at_the_bell_does_not_count(site: Site, shop: Shop, office: HttpOffice) -> None:
    person, _email, secret = await enrol(shop.db, shop.tenant.id, "owner")
    await shop.db.run(acting(shop, person), operations.choose, Habits(), [Choice("big_refund", "app", False)])
    await post(shop)
    browser, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    assert "unread" not in (await browser.get(f"{base}/notices/unread")).text
    assert "€123.45 were paid back" in (await browser.get(f"{base}/notices")).text


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("21:59", "21:59"), ("22:00", "07:00"), ("03:00", "07:00"), ("06:59", "07:00"), ("07:00", "07:00"),
        ("12:00", "12:00"),
    ],
)  # fmt: skip
def test_quiet_hours_over_midnight_put_off_to_their_end(at: str, goes: str) -> None:
    hour, minute = map(int, at.split(":"))
    now = datetime(2026, 3, 4, hour, minute, tzinfo=BERLIN)
    end = after_quiet(Habits(22 * 60, 7 * 60), now, BERLIN)
    assert end.astimezone(BERLIN).strftime("%H:%M") == goes
    assert timedelta(0) <= end - now < timedelta(hours=10)


def test_the_clocks_change_in_a_quiet_night() -> None:
    now = datetime(2026, 3, 29, 0, 30, tzinfo=BERLIN)  # at two it is three
    assert after_quiet(Habits(22 * 60, 7 * 60), now, BERLIN) == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


def test_what_is_urgent_breaks_the_quiet_and_never_waits_for_a_digest() -> None:
    now = datetime(2026, 3, 4, 23, 0, tzinfo=BERLIN)
    habits = Habits(22 * 60, 7 * 60, 18 * 60)
    urgent = plan(KINDS["audit_stopped"], {}, habits, now, BERLIN)
    assert {(one.channel, one.at, one.digest) for one in urgent} == {("push", now, False), ("mail", now, False)}
    (push, mail) = plan(KINDS["checks_failed"], {}, habits, now, BERLIN)
    assert (push.channel, push.at.astimezone(BERLIN).hour, mail.digest) == ("push", 7, True)
