"""The bell: what was noticed stands in the list in plain words, is counted until it is read, and stays in its shop."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from retail.identity import approvals
from retail.identity.approval_queries import scope_of_person
from retail.identity.approval_rules import Act, ActLine
from retail.identity.events import ApprovalChanged
from retail.kit.clock import FixedClock
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.live import switchboard
from retail.notifications import queries
from retail.notifications.kinds import OFFERED
from retail.runtime.db import Database
from retail.runtime.notices import NoticePosted, post_notice
from retail.runtime.tenancy import Scope
from tests.support.told import relay
from tests.support.web import Site, enrol, make_site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


async def runs_low(shop: Shop, product: int = 0) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await post_notice(
            tx,
            "stock_low",
            subject=shop.products[product].id,
            store=shop.store,
            on_hand=Decimal("1.500"),
            reorder_point=Decimal("4.000"),
        )
    await relay(shop)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


async def test_a_product_that_runs_low_is_named_with_the_way_to_it(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    await runs_low(shop)
    page = (await owner.get(f"/t/{shop.tenant.slug}/notices")).text
    assert f"{shop.products[0].name} is running low in Altstadt: 1.5 left, to reorder at 4." in words(page)
    assert f'href="/t/{shop.tenant.slug}/stock/{shop.products[0].id}"' in page


async def test_what_somebody_was_told_goes_out_as_the_page_shows_it(site: Site, shop: Shop) -> None:
    owner, other = await site.member(shop), await site.member(shop)
    await runs_low(shop)
    await owner.post(f"/t/{shop.tenant.slug}/notices/reading")
    to = f"/t/{shop.tenant.slug}/notices/export?format=csv"
    rows = [(await one.get(to)).text.splitlines() for one in (owner, other)]
    assert [len(one) for one in rows] == [2, 2], "each has their own"
    assert rows[0][1].startswith(f"stock_low,{shop.products[0].name},Altstadt,")
    assert rows[0] != rows[1], "one has read it"
    narrowed = [(await one.get(f"{to}&new=1&kind=stock_low")).text.splitlines() for one in (owner, other)]
    assert [len(one) for one in narrowed] == [1, 2]


async def test_other_kinds_are_sentences_too(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    async with shop.db.begin(shop.scope) as tx:
        await post_notice(tx, "checks_failed", checks=[{"name": "Books", "detail": "Off by <3>."}])
        await post_notice(tx, "event_set_aside", subject=new_id(), event="sale.completed")
    await relay(shop)
    page = (await owner.get(f"/t/{shop.tenant.slug}/notices")).text
    assert "Books: Off by &lt;3&gt;." in page
    assert "Something that happened (sale.completed) could not be followed up everywhere." in words(page)


async def test_the_bell_counts_until_they_are_read(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    assert words((await owner.get(f"{base}/notices/unread")).text) == ""
    await runs_low(shop)
    await runs_low(shop, 1)
    assert words((await owner.get(f"{base}/notices/unread")).text) == "2 2 unread"
    assert (await owner.post(f"{base}/notices/reading")).status_code == 303
    assert words((await owner.get(f"{base}/notices/unread")).text) == ""
    await runs_low(shop)
    assert words((await owner.get(f"{base}/notices/unread")).text) == "1 1 unread"


@pytest.mark.parametrize(
    ("ending", "became"),
    [
        ("granted", "Clerk asked for an approval, and Manager gave it."),
        ("refused", "Clerk asked for an approval, and Manager refused it."),
        ("withdrawn", "Clerk asked for an approval and took it back."),
        ("expired", "Clerk asked for an approval, and nobody answered in time."),
    ],
)
async def test_a_request_is_counted_while_it_waits_and_then_says_what_became_of_it(
    site: Site, shop: Shop, ending: str, became: str
) -> None:
    async def scope_of(role: str) -> Scope:
        person, _email, _secret = await enrol(shop.db, shop.tenant.id, role)
        async with shop.db.read(shop.scope) as read:
            found = await scope_of_person(read, person)
        assert found is not None
        return found

    owner, base, clerk = await site.member(shop), f"/t/{shop.tenant.slug}", await scope_of("clerk")
    act = Act(new_id(), 0, [ActLine(new_id(), new_id(), 1000, 420, 84)])
    wanted = approvals.Wanted("discount", shop.store, act)
    asked = await shop.db.run(clerk, approvals.ask, new_id(), wanted)
    await relay(shop)
    assert "Clerk asks for an approval. Answer it" in words((await owner.get(f"{base}/notices")).text)
    assert words((await owner.get(f"{base}/notices/unread")).text) == "1 1 unread"
    before = shop.db.clock
    try:
        if ending == "withdrawn":
            await shop.db.run(clerk, approvals.withdraw, asked.id)
        elif ending == "expired":
            shop.db.clock = FixedClock(asked.expires_at)
        else:
            granted = ending == "granted"
            await shop.db.run(await scope_of("manager"), approvals.answer, asked.id, granted=granted)
        page = words((await owner.get(f"{base}/notices")).text)
        assert became in page
        assert "asks for an approval" not in page
        assert "Answer it" not in page
        assert "Mark all read" not in page
        assert words((await owner.get(f"{base}/notices/unread")).text) == ""
    finally:
        shop.db.clock = before


def test_the_bell_hears_that_nobody_has_to_answer_any_more() -> None:
    for state, told in (("asked", []), ("granted", ["notice.gone"]), ("withdrawn", ["notice.gone"])):
        drafts = switchboard().drafts(ApprovalChanged(new_id(), new_id(), None, state))
        assert [one.type for one in drafts if one.topic == "notices"] == told


async def test_another_shops_notices_are_neither_shown_nor_counted_nor_marked(
    site: Site, shop: Shop, db: Database
) -> None:
    other = await open_shop(db)
    _person, _email, secret = await enrol(db, other.tenant.id, "owner")
    await runs_low(other)
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    assert "Nothing to tell" in (await owner.get(f"{base}/notices")).text
    assert words((await owner.get(f"{base}/notices/unread")).text) == ""
    await owner.post(f"{base}/notices/reading")
    assert words((await site.visitor(secret).get(f"/t/{other.tenant.slug}/notices/unread")).text) == "1 1 unread"


async def test_the_list_goes_on_where_it_ended_also_among_notices_of_one_moment(shop: Shop) -> None:
    person, _email, _secret = await enrol(shop.db, shop.tenant.id, "owner")
    async with shop.db.begin(shop.scope) as tx:  # a unit of work has one clock: all have the same time
        for _one in range(5):
            await post_notice(tx, "stock_low", on_hand=0, reorder_point=1)
    await relay(shop)
    async with shop.db.read(shop.scope) as read:
        seen: list[object] = []
        after = None
        while True:
            page = await queries.notifications(read, person, limit=2, after=after)
            seen += [one.id for one in page.items]
            after = page.next
            if not after:
                break
        assert len(seen) == len(set(seen)) == 5
        with pytest.raises(Invalid):
            await queries.notifications(read, person, limit=2, after="bm9uc2Vuc2U")


async def test_who_sees_the_bell_hears_that_one_was_posted(site: Site, shop: Shop) -> None:
    drafts = switchboard().drafts(NoticePosted(new_id(), "stock_low"))
    assert [one.topic for one in drafts] == ["notices"]
    owner = await site.member(shop)
    page = (await owner.get(f"/t/{shop.tenant.slug}/")).text
    assert re.search(r'hx-ws:connect="[^"]*&amp;topic=notices[&"]', page)
    assert f"live:{drafts[0].type}" in page
    clerk = await site.member(shop, "clerk")
    page = (await clerk.get(f"/t/{shop.tenant.slug}/notices/settings")).text
    assert f'href="/t/{shop.tenant.slug}/notices"' in page
    hub = f'hx-ws:connect="/t/{shop.tenant.slug}/live?topic=news&amp;topic=notices'
    assert hub in page, "also where nothing else is live"


async def test_how_one_is_told_is_kept_and_shown_again(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/notices/settings"
    usual = (await owner.get(base)).text
    assert ticked(usual) == {
        f"{kind.name}.{channel}"
        for kind in OFFERED.values()
        for channel in ("app", "push", "mail")
        if channel in kind.usual
    }
    assert "SMS" not in usual, "nothing is offered that nobody carries"
    given = {
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "digest_at": "18:30",
        "told": ["stock_low.mail", "risk_alert.app"],
    }
    assert (await owner.post(base, data=given)).status_code == 303
    page = (await owner.get(base)).text
    assert ticked(page) == {"stock_low.mail", "risk_alert.app"}
    assert [f'value="{at}"' in page for at in ("22:00", "07:00", "18:30")] == [True] * 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"quiet_from": "22:00"}, "Say when quiet hours begin and when they end, or neither."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "Quiet hours must end at another time than they begin."),
        ({"digest_at": "25:00"}, "Type a time as in 22:00."),
        ({"phone": "0151 1234"}, "Type the number with its country in front, as in +49 151 12345678."),
    ],
)
async def test_times_that_make_no_sense_are_not_kept(shop: Shop, given: dict[str, str], said: str) -> None:
    site = make_site(shop.db, sms_api="https://a:b@sms.example/Messages.json?from=%2B4915100000000")
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/notices/settings"
    answer = await owner.post(base, data=given)
    assert answer.status_code == 422
    assert said in answer.text
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM notification_habit WHERE tenant_id = $1", read.tenant) == 0
    await site.close()


async def test_a_kind_that_somebody_may_not_see_is_not_offered(site: Site, shop: Shop) -> None:
    clerk = await site.member(shop, "viewer")
    page = (await clerk.get(f"/t/{shop.tenant.slug}/notices/settings")).text
    assert 'id="kind-report_ready"' in page
    assert 'id="kind-device_revoked"' not in page


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="told"\s+value="([a-z_.]+)"\s+checked', page))


async def test_a_push_leads_its_person_to_the_page_and_nobody_else_anywhere(site: Site, shop: Shop) -> None:
    person, _email, secret = await enrol(shop.db, shop.tenant.id, "owner")
    other = await site.member(shop)
    await runs_low(shop)
    base = f"/t/{shop.tenant.slug}"
    async with shop.db.read(shop.scope) as read:
        id = await read.fetchval(
            "SELECT id FROM notification WHERE tenant_id = $1 AND person_id = $2", read.tenant, person
        )
    owner = site.visitor(secret)
    answer = await owner.get(f"{base}/notices/{id}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/stock/{shop.products[0].id}")
    assert words((await owner.get(f"{base}/notices/unread")).text) == "1 1 unread", "looking changes nothing"
    assert (await other.get(f"{base}/notices/{id}")).status_code == 404
    assert (await other.post(f"{base}/notices/{id}/reading")).status_code == 404
    assert (await owner.post(f"{base}/notices/{id}/reading")).status_code == 303
    assert words((await owner.get(f"{base}/notices/unread")).text) == ""


async def test_an_address_that_is_no_push_service_is_refused(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    keys = {"p256dh": "B" * 87, "auth": "A" * 22}
    for endpoint in (
        "https://evil.example/push", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com@10.0.0.1/x", "https://127.0.0.1/x", "https://fcm.googleapis.com:8443/x",
    ):  # fmt: skip
        assert (await owner.post(f"{base}/notices/browsers", data={"endpoint": endpoint, **keys})).status_code == 422
    for endpoint in (
        "https://fcm.googleapis.com/fcm/send/x", "https://web.push.apple.com/x",
        "https://updates.push.services.mozilla.com/wpush/v2/x", "https://db5p.notify.windows.com/w/x",
    ):  # fmt: skip
        assert (await owner.post(f"{base}/notices/browsers", data={"endpoint": endpoint, **keys})).status_code == 204
