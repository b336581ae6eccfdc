"""Announcements: whom they reach, when, who confirmed them, and that nobody else learns of them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from retail.audit.operations import platform_scope
from retail.comms import announcing, news
from retail.comms.announcing import Announced, Draft
from retail.comms.events import AnnouncementEnded, AnnouncementPublished
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.live import switchboard
from retail.runtime.db import Database
from retail.runtime.outbox import decode
from retail.runtime.realtime.guests import allowed
from retail.runtime.tenancy import Actor, Scope
from tests.support.looks import a_looker
from tests.support.web import Site, enrol, enrol_operator, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

OTTO = platform_scope(Actor("person", UUID(int=7), "Otto Operator"))


def draft(db: Database, shop: Shop | None = None, **other: object) -> Draft:
    """Write an announcement, for one shop alone where one is named."""
    given: dict[str, object] = {
        "id": new_id(), "title": "Maintenance tonight", "body": "From 2 to 3 we are away.", "importance": "important",
        "must_confirm": True, "audience": "tenant" if shop else "all", "ends_at": None,
        "targets": (str(shop.tenant.id),) if shop else (), "starts_at": db.clock.now(),
    }  # fmt: skip
    return Draft(**(given | other))  # type: ignore[arg-type]


async def told(shop: Shop) -> list[object]:
    """Give the announcements' events that wait in a shop's outbox."""
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT name, body FROM outbox WHERE tenant_id = $1 AND name LIKE 'announcement.%' ORDER BY created_at",
            read.tenant,
        )
    return [decode(row["name"], row["body"]) for row in rows]


async def seen(shop: Shop, reader: UUID | None = None) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [one.title for one in await news.current(read, reader)]


async def stored(db: Database, id: UUID) -> Announced:
    async with db.platform() as unit:
        return await announcing.announced(unit, id)


async def test_one_for_a_business_reaches_it_and_no_other(db: Database, shop: Shop) -> None:
    other = await open_shop(db)
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    assert await told(shop) == [AnnouncementPublished(made.id, "important", must_confirm=True)]
    assert await told(other) == []
    assert made.title in await seen(shop)
    assert made.title not in await seen(other)
    async with other.db.begin(other.scope) as tx:
        with pytest.raises(NotFound):
            await news.confirm(tx, made.id, new_id())


async def test_an_event_becomes_a_message_that_every_member_and_till_may_hear(db: Database, shop: Shop) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    drafts = [draft for event in await told(shop) for draft in switchboard().drafts(event)]  # type: ignore[arg-type]
    assert [(one.topic, one.type) for one in drafts] == [("news", "news.changed")]
    assert switchboard().permissions("news") == {"member"}


async def test_what_somebody_confirms_is_told_to_their_own_screens_alone(site: Site, db: Database, shop: Shop) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    anna, _mail, secret = await enrol(db, shop.tenant.id, "clerk")
    ben, _other, _secret = await enrol(db, shop.tenant.id, "owner")
    topic = f"news:{anna}"
    browser, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    page = (await browser.get(f"{base}/news")).text
    assert re.search(rf'hx-ws:connect="[^"]*&amp;topic={topic}"', page)
    assert len(re.findall("live:news.confirmed from:body", page)) == 2, "the strip and the list"
    assert (await browser.post(f"{base}/news/{made.id}/confirmation")).status_code == 303
    drafts = [draft for event in await told(shop) for draft in switchboard().drafts(event)]  # type: ignore[arg-type]
    assert (topic, "news.confirmed") in [(one.topic, one.type) for one in drafts]
    for person, role, hears in ((anna, "clerk", [topic]), (ben, "owner", [])):
        scope = Scope(shop.tenant.id, Actor("person", person, "Somebody"), role=role)
        assert allowed(switchboard(), scope, [topic]) == hears


async def test_whoever_looks_at_a_business_is_asked_for_nothing(site: Site, db: Database, shop: Shop) -> None:
    for must_confirm in (False, True):
        await db.run(OTTO, announcing.announce, draft(db, shop, must_confirm=must_confirm))
    looker, base = await a_looker(site, shop), f"/t/{shop.tenant.slug}"
    strip, listed = await looker.browser.get(f"{base}/news/strip"), await looker.browser.get(f"{base}/news")
    assert (strip.status_code, strip.text.strip()) == (200, "")
    assert "Maintenance tonight" in listed.text
    assert "I have read it" not in listed.text
    assert "Got it" not in listed.text
    owner = await site.member(shop)
    assert "Read and confirm" in (await owner.get(f"{base}/news/strip")).text


async def test_one_that_needs_no_confirmation_says_who_has_seen_it_or_nothing(
    site: Site, db: Database, shop: Shop
) -> None:
    made = draft(db, shop, must_confirm=False)
    await db.run(OTTO, announcing.announce, made)
    _id, _mail, secret = await enrol_operator(db)
    operator, at = site.visitor(secret), f"/platform/announcements/{made.id}"
    section = re.compile(r'<section id="confirmations"[^>]*>')
    page = (await operator.get(at)).text
    (opening,) = section.findall(page)
    assert re.search(r"\shidden\b", opening)
    assert "Who confirmed it" not in page
    owner = await site.member(shop)
    await owner.post(f"/t/{shop.tenant.slug}/news/{made.id}/confirmation")
    page = (await operator.get(at)).text
    (opening,) = section.findall(page)
    assert not re.search(r"\shidden\b", opening)
    assert "Who has seen it" in page


@pytest.mark.parametrize(("audience", "own", "foreign"), [("plan", "plan", "other"), ("country", "country", "ZZ")])
async def test_plans_and_countries_are_audiences(
    db: Database, shop: Shop, audience: str, own: str, foreign: str
) -> None:
    async with db.read(shop.scope) as read:
        mine = await read.fetchval(f"SELECT {own} FROM tenant WHERE id = $1", read.tenant)
    reaching = draft(db, title=f"For my {audience}", audience=audience, targets=(mine,))
    beside = draft(db, title="For others", audience=audience, targets=(foreign,))
    for one in (reaching, beside):
        await db.run(OTTO, announcing.announce, one)
    try:
        assert reaching.title in await seen(shop)
        assert beside.title not in await seen(shop)
    finally:
        for one in (reaching, beside):
            await db.run(OTTO, announcing.withdraw, one.id)


async def test_a_planned_one_is_told_at_its_time_and_once(db: Database, shop: Shop) -> None:
    now = db.clock.now()
    made = draft(db, shop, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    await db.run(OTTO, announcing.announce, made)
    assert await told(shop) == []
    assert await seen(shop) == []
    async with db.platform() as unit:
        for at in (now + timedelta(minutes=61), now + timedelta(minutes=62)):
            await unit.fetchval("SELECT auth_ring_announcements($1)", at)
    assert await told(shop) == [AnnouncementPublished(made.id, "important", must_confirm=True)]
    async with db.platform() as unit:
        for at in (now + timedelta(minutes=121), now + timedelta(minutes=122)):
            await unit.fetchval("SELECT auth_ring_announcements($1)", at)
    assert await told(shop) == [
        AnnouncementPublished(made.id, "important", must_confirm=True),
        AnnouncementEnded(made.id, "important", must_confirm=True),
    ]


async def test_one_that_is_taken_back_is_gone_and_said_so(db: Database, shop: Shop) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    await db.run(OTTO, announcing.withdraw, made.id)
    assert await seen(shop) == []
    assert isinstance((await told(shop))[-1], AnnouncementEnded)
    assert (await stored(db, made.id)).state(db.clock.now()) == "withdrawn"


async def test_the_same_id_announces_once(db: Database, shop: Shop) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    await db.run(OTTO, announcing.announce, made)
    assert len(await told(shop)) == 1


async def test_what_has_no_readers_or_ends_before_it_begins_is_refused(db: Database, shop: Shop) -> None:
    now = db.clock.now()
    for wrong in (
        draft(db, audience="plan"),
        draft(db, shop, ends_at=now - timedelta(minutes=1)),
        draft(db, shop, title=""),
        draft(db, shop, importance="loud"),
    ):
        with pytest.raises(Invalid):
            await db.run(OTTO, announcing.announce, wrong)
        with pytest.raises(NotFound):
            await stored(db, wrong.id)


async def test_who_confirmed_is_listed_to_the_operator(site: Site, db: Database, shop: Shop) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    person, _email, secret = await enrol(db, shop.tenant.id, "clerk")
    clerk, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    strip = (await clerk.get(f"{base}/news/strip")).text
    assert made.title in strip
    assert "Read and confirm" in strip
    for _time in range(2):
        assert (await clerk.post(f"{base}/news/{made.id}/confirmation")).status_code == 303
    assert made.title not in (await clerk.get(f"{base}/news/strip")).text
    assert "You confirmed it" in (await clerk.get(f"{base}/news")).text
    async with db.platform() as unit:
        listed = (await announcing.confirmations(unit, made.id)).items
    assert [(one.person_id, one.slug, one.at_till) for one in listed] == [(person, shop.tenant.slug, False)]
    _id, _mail, operators = await enrol_operator(db)
    page = (await site.visitor(operators).get(f"/platform/announcements/{made.id}")).text
    assert "1 of" in page
    assert "Clerk" in page


async def test_an_operator_announces_by_the_form_and_nobody_else_may(site: Site, db: Database, shop: Shop) -> None:
    _id, _mail, secret = await enrol_operator(db)
    operator, owner = site.visitor(secret), await site.member(shop)
    form = {
        "id": str(new_id()), "title": "New prices", "body": "From January.", "importance": "info", "audience": "tenant",
        "businesses": shop.tenant.slug,
    }  # fmt: skip
    assert (await owner.post("/platform/announcements", data=form)).status_code == 403
    assert (await operator.get("/platform/announcements/new")).status_code == 200
    assert (
        await operator.post("/platform/announcements", data=form | {"businesses": "no-such-shop"})
    ).status_code == 422
    for contradictory in ({"audience": "all"}, {"plan": "pro"}, {"country": "DE"}):
        refused = await operator.post("/platform/announcements", data=form | contradictory)
        assert refused.status_code == 422, contradictory
        assert "doesn&#39;t go with what is chosen" in refused.text
    assert "Germany" in (await operator.get("/platform/announcements/new")).text
    assert await seen(shop) == []
    assert (await operator.post("/platform/announcements", data=form)).status_code == 303
    assert await seen(shop) == ["New prices"]
    assert "New prices" in (await operator.get("/platform/announcements")).text
    assert (await operator.post(f"/platform/announcements/{form['id']}/withdrawal")).status_code == 303
    assert await seen(shop) == []


async def test_whoever_left_confirms_nothing(site: Site, db: Database, shop: Shop) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    stranger = site.visitor((await enrol(db, (await open_shop(db)).tenant.id, "owner"))[2])
    assert (await stranger.post(f"/t/{shop.tenant.slug}/news/{made.id}/confirmation")).status_code == 404
    assert (await stored(db, made.id)).confirmed == 0
