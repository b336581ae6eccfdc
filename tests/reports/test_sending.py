"""Reports by e-mail: once for each moment, over outages, with the eyes of whoever gets it, and never silently not."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from retail.audit import EXPORT
from retail.automation.reports import operations, schedules
from retail.automation.reports.editing import ScheduleChanged, change_schedule, lacking
from retail.automation.reports.queries import report
from retail.automation.reports.rules import Timing
from retail.identity.permissions import VIEW_DASHBOARD, permission
from retail.kit.clock import FixedClock
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from retail.settings import settings_of_process
from tests.reports.conftest import relay
from tests.support.database import Clone
from tests.support.selling import open_counter
from tests.support.web import Site, enrol, make_site, role_with, session
from tests.support.working import work_off
from tests.support.world import Shop, open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAILY = Timing("day", 1, 7, "Europe/Berlin")


class Office:
    """A shop at a standing clock, with somebody who has reports sent."""

    def __init__(self, shop: Shop, clock: FixedClock, owner: UUID) -> None:
        self.shop, self.clock, self.owner = shop, clock, owner
        self.report = new_id()

    def as_owner(self) -> Scope:
        """Act as the owner."""
        return Scope(self.shop.tenant.id, Actor("person", self.owner, "Olga"), self.shop.scope.permissions, "owner")

    async def keep(self, base: str = "daily", query: str = "span=yesterday") -> None:
        draft = operations.Draft("Yesterday", base, query, shared=True)
        await self.shop.db.run(self.as_owner(), operations.keep_report, self.report, draft)

    async def schedule(self, *people: UUID, timing: Timing = DAILY, forms: tuple[str, ...] = ("csv",)) -> UUID:
        id = new_id()
        wish = schedules.Wish(timing, forms, people or (self.owner,))
        await self.shop.db.run(self.as_owner(), schedules.make_schedule, self.report, id, wish)
        return id

    async def work_until(self, moment: datetime) -> None:
        self.clock.at = moment
        await work_off(self.shop.db, self.shop.tenant.id)

    async def sent(self) -> list[tuple[datetime, str, str]]:
        rows = await self.fetch("SELECT due_at, state, why FROM report_delivery WHERE tenant_id = $1 ORDER BY id")
        return [(row["due_at"], row["state"], row["why"]) for row in rows]

    async def fetch(self, sql: str, *args: object) -> list[Any]:
        async with self.shop.db.read(self.shop.scope) as read:
            return await read.fetch(sql, read.tenant, *args)

    async def mails(self) -> int:
        async with self.shop.db.platform() as unit:
            found = await unit.fetch("SELECT * FROM auth_mails(NULL, 500, NULL)")
        return sum(one["tenant_id"] == self.shop.tenant.id and one["kind"] == "report" for one in found)


@pytest.fixture
async def office(clone: Clone) -> AsyncIterator[Office]:
    clock = FixedClock(NOON)
    still = await Database.connect(clone.app_url, size=4, clock=clock)
    shop = await open_shop(still)
    person, _email, _secret = await enrol(still, shop.tenant.id, "owner")
    yield Office(shop, clock, person)
    await still.close()


def _folder() -> Path:
    return settings_of_process().data_dir


async def test_a_report_is_sent_once_a_day_however_often_the_worker_looks(office: Office) -> None:
    await office.keep()
    await office.schedule()
    await office.work_until(datetime(2026, 11, 21, 5, 59, tzinfo=UTC))
    assert await office.sent() == []
    for _look in range(3):
        await office.work_until(datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    due = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    assert await office.sent() == [(due, "sent", "")]
    await office.work_until(datetime(2026, 11, 22, 7, 0, tzinfo=UTC))
    assert [one[0] for one in await office.sent()] == [due, due + timedelta(days=1)]
    assert await office.mails() == 2


async def test_after_an_outage_it_is_sent_once_for_the_last_moment(office: Office) -> None:
    await office.keep()
    await office.schedule()
    await office.work_until(datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
    last = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    assert await office.sent() == [(last, "sent", "")]
    (row,) = await office.fetch("SELECT next_at FROM report_schedule WHERE tenant_id = $1")
    assert row["next_at"] == last + timedelta(days=1)


async def test_paused_moments_pass_and_what_is_ended_is_sent_no_more(office: Office) -> None:
    await office.keep()
    id = await office.schedule()
    await office.shop.db.run(office.as_owner(), schedules.pause_schedule, id)
    await office.work_until(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
    assert await office.sent() == []
    await office.shop.db.run(office.as_owner(), schedules.resume_schedule, id)
    await office.work_until(datetime(2026, 11, 24, 6, 30, tzinfo=UTC))
    assert len(await office.sent()) == 1
    await office.shop.db.run(office.as_owner(), schedules.end_schedule, id)
    await office.work_until(datetime(2026, 11, 26, 6, 30, tzinfo=UTC))
    assert len(await office.sent()) == 1


async def test_sent_at_once_it_goes_once_however_often_it_is_pressed(office: Office) -> None:
    await office.keep()
    id = await office.schedule()
    for _press in range(2):
        await office.shop.db.run(office.as_owner(), schedules.send_now, id)
    await office.work_until(NOON + timedelta(seconds=1))
    assert [one[1] for one in await office.sent()] == ["sent"]


async def test_each_gets_what_they_may_see(office: Office) -> None:
    db, tenant = office.shop.db, office.shop.tenant.id
    role = await role_with(db, tenant, VIEW_DASHBOARD, "export")
    less, _email, _secret = await enrol(db, tenant, role)
    blind, _email, _secret = await enrol(db, tenant, await role_with(db, tenant, VIEW_DASHBOARD))
    await office.keep("figures", "span=last_7&side=day&m=revenue&m=cost")
    await office.schedule(office.owner, less, blind)
    counter = await open_counter(office.shop)
    await counter.send(counter.sale(occurred_at="2026-11-20T11:00:00Z"))
    await relay(office.shop)
    await office.work_until(datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    assert sorted(one[1:] for one in await office.sent()) == [("refused", "rights"), ("sent", ""), ("sent", "")]
    runs = await office.fetch("SELECT id, asked_by, with_costs FROM export_run WHERE tenant_id = $1")
    assert {row["asked_by"]: row["with_costs"] for row in runs} == {office.owner: True, less: False}
    site, secret = make_site(db, data_dir=_folder()), await session(db, less)
    theirs = next(row["id"] for row in runs if row["asked_by"] == less)
    file = await site.visitor(secret).get(f"/t/{office.shop.tenant.slug}/products/exports/{theirs}")
    header = next(csv.reader(io.StringIO(file.text)))
    assert (file.status_code, "Cost" in header, "Revenue" in header) == (200, False, True)
    owners = next(row["id"] for row in runs if row["asked_by"] == office.owner)
    assert (
        await site.visitor(secret).get(f"/t/{office.shop.tenant.slug}/products/exports/{owners}")
    ).status_code == 404
    await site.close()


async def test_a_trail_is_sent_to_nobody_who_may_not_see_it(office: Office) -> None:
    clerk, _email, _secret = await enrol(office.shop.db, office.shop.tenant.id, "clerk")
    await office.keep("audit", "span=yesterday")
    await office.schedule(clerk)
    await office.work_until(datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    assert [one[1:] for one in await office.sent()] == [("refused", "rights")]
    assert await office.mails() == 0


async def test_a_late_report_is_of_the_day_that_it_was_due_for(office: Office) -> None:
    counter = await open_counter(office.shop)
    await counter.send(counter.sale(occurred_at="2026-11-20T11:00:00Z"))
    await relay(office.shop)
    await office.keep("figures", "span=yesterday&side=day&m=sales")
    await office.schedule(timing=Timing("week", 6, 7, "Europe/Berlin"))
    await office.work_until(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
    (run,) = await office.fetch("SELECT id FROM export_run WHERE tenant_id = $1")
    text = (_folder() / "lists" / str(office.shop.tenant.id) / str(run["id"])).read_text()
    assert "2026-11-20,1" in text, "yesterday, on the Saturday of 21 November"


async def test_what_fails_is_told_with_what_to_do(office: Office) -> None:
    await office.keep("figures", "span=yesterday&side=day&m=sales&store=" + str(new_id()))
    await office.schedule()
    await office.work_until(datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    assert [one[1:] for one in await office.sent()] == [("failed", "asked")]
    (notice,) = await office.fetch("SELECT people, facts FROM notice WHERE tenant_id = $1 AND kind = 'report_unsent'")
    assert notice["people"] == [office.owner]


async def test_only_who_may_share_sends_to_others(office: Office, site: Site) -> None:
    db, shop = office.shop.db, office.shop
    await office.keep()
    viewer, _email, _secret = await enrol(db, shop.tenant.id, "viewer")
    acting = Scope(shop.tenant.id, Actor("person", viewer, "Vera"), frozenset({VIEW_DASHBOARD, "export"}), "viewer")
    for people, fine in (((office.owner,), False), ((viewer,), True)):
        wish = schedules.Wish(DAILY, ("pdf",), people)
        if fine:
            await db.run(acting, schedules.make_schedule, office.report, new_id(), wish)
            continue
        with pytest.raises(Forbidden):
            await db.run(acting, schedules.make_schedule, office.report, new_id(), wish)
    assert len(await office.fetch("SELECT id FROM report_schedule WHERE tenant_id = $1")) == 1


async def test_the_page_sets_it_and_says_how_it_went(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    key, at = new_id(), f"/t/{traded.tenant.slug}/reports"
    await owner.post(at, data={"key": str(key), "name": "Daily", "base": "daily", "query": ""})
    form = {"every": "week", "weekday": "1", "hour": "7", "timezone": "Europe/Berlin", "forms": ["pdf", "csv"]}
    assert (await owner.post(f"{at}/kept/{key}/sending", data=form | {"timezone": "Here"})).status_code == 422
    assert (await owner.post(f"{at}/kept/{key}/sending", data=form | {"forms": []})).status_code == 422
    made = await owner.post(f"{at}/kept/{key}/sending", data=form)
    assert made.status_code == 303
    page = (await owner.get(f"{at}/kept/{key}/sending")).text
    assert "Monday at 07:00" in page
    one = re.search(r"/sending/([0-9a-f-]{36})/now", page)
    assert one
    assert (await owner.post(f"{at}/kept/{key}/sending/{one[1]}/now")).status_code == 303
    await work_off(traded.db, traded.tenant.id)
    assert (await owner.get(f"{at}/kept/{key}/sending")).text.count(">sent<") == 2
    other = await site.member(await open_shop(traded.db))
    assert (await other.get(f"{at}/kept/{key}/sending")).status_code == 404


async def changed(office: Office, id: UUID, by: Scope | None = None, version: int = 1, **wish: Any) -> None:
    told = {"timing": DAILY, "forms": ("csv",), "people": (office.owner,)} | wish
    await office.shop.db.run(by or office.as_owner(), change_schedule, id, version, schedules.Wish(**told))


async def test_a_changed_schedule_goes_by_its_new_times_to_its_new_people_alone(office: Office) -> None:
    db, shop = office.shop.db, office.shop
    await office.keep()
    one = await office.schedule()
    other, _email, _secret = await enrol(db, shop.tenant.id, "manager")
    evening = Timing("day", 1, 18, "America/New_York")
    await changed(office, one, timing=evening, people=(other,), forms=("xlsx", "csv"))
    [row] = await office.fetch("SELECT next_at, version, forms FROM report_schedule WHERE tenant_id = $1")
    due = datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert (row["next_at"], row["version"], row["forms"]) == (due, 2, ["csv", "xlsx"])
    await office.work_until(datetime(2026, 11, 21, 12, tzinfo=UTC))
    rows = await office.fetch("SELECT due_at, person_id, form FROM report_delivery WHERE tenant_id = $1 ORDER BY form")
    assert [(row["due_at"].hour, row["person_id"], row["form"]) for row in rows] == [
        (23, other, "csv"), (23, other, "xlsx")
    ], "the moment of the old times passes without anything"  # fmt: skip
    [facts] = await office.fetch(
        "SELECT facts::text AS facts FROM audit_event WHERE tenant_id = $1 AND action = 'report.schedule_changed'"
    )
    kept = json.loads(facts["facts"])
    assert (kept["before"]["hour"], kept["after"]["hour"], "every" in kept["after"]) == (7, 18, False)


async def test_the_same_again_changes_nothing_and_an_old_form_is_refused(office: Office) -> None:
    await office.keep()
    one = await office.schedule()
    await changed(office, one)
    assert [
        row["version"] for row in await office.fetch("SELECT version FROM report_schedule WHERE tenant_id = $1")
    ] == [1]
    await changed(office, one, forms=("pdf",))
    with pytest.raises(ScheduleChanged):
        await changed(office, one, forms=("xlsx",))
    await changed(office, one, version=2, forms=("xlsx",))


async def test_a_paused_schedule_that_is_changed_stays_paused_and_goes_on_from_its_day(office: Office) -> None:
    await office.keep()
    one = await office.schedule()
    await office.shop.db.run(office.as_owner(), schedules.pause_schedule, one)
    await changed(office, one, version=2, begins_on=date(2026, 11, 23))
    await office.work_until(datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert await office.sent() == []
    await office.shop.db.run(office.as_owner(), schedules.resume_schedule, one)
    [row] = await office.fetch("SELECT next_at FROM report_schedule WHERE tenant_id = $1")
    assert row["next_at"] == datetime(2026, 11, 23, 6, tzinfo=UTC)
    await office.work_until(datetime(2026, 11, 24, 5, tzinfo=UTC))
    assert await office.sent() == [(datetime(2026, 11, 23, 6, tzinfo=UTC), "sent", "")]


async def test_who_lacks_a_permission_is_named_with_it(office: Office) -> None:
    db, shop = office.shop.db, office.shop
    await office.keep()
    role = await role_with(db, shop.tenant.id, VIEW_DASHBOARD)
    blind, _email, _secret = await enrol(db, shop.tenant.id, role)
    one = await office.schedule(office.owner, blind)
    async with db.read(shop.scope) as read:
        found = await lacking(read, await report(read, office.report), (office.owner, blind, new_id()))
    assert found[blind].permissions == (permission(EXPORT).words,)
    assert (office.owner in found, len(found)) == (False, 2), "whoever left is sent nothing either"
    await office.work_until(datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert sorted((state, why) for _due, state, why in await office.sent()) == [("refused", "rights"), ("sent", "")]
    assert one is not None


async def test_the_page_changes_a_schedule_and_shows_the_next_time_on_its_own_clock(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    key, at = new_id(), f"/t/{traded.tenant.slug}/reports"
    await owner.post(at, data={"key": str(key), "name": "Daily", "base": "daily", "query": ""})
    form = {"every": "day", "hour": "7", "timezone": "Europe/Berlin", "forms": ["pdf"]}
    assert (await owner.post(f"{at}/kept/{key}/sending", data=form)).status_code == 303
    page = (await owner.get(f"{at}/kept/{key}/sending")).text
    found = re.search(r'href="([^"]*/sending/[0-9a-f-]{36})"', page)
    assert found
    assert ("Europe/Berlin, Central European" in page, "Due now" in page) == (True, False)
    edit = (await owner.get(found[1])).text
    assert ('name="version" value="1"' in edit, 'value="pdf" checked' in edit) == (True, True)
    new = form | {"hour": "9", "timezone": "America/New_York", "version": "1", "begins_on": "2027-01-04"}
    assert (await owner.post(found[1], data=new | {"timezone": "Here"})).status_code == 422
    assert (await owner.post(found[1], data=new | {"begins_on": "soon"})).status_code == 422
    assert (await owner.post(found[1], data=new)).status_code == 303
    stale = await owner.post(found[1], data=form | {"version": "1"})
    assert (stale.status_code, "Somebody else has changed this" in stale.text) == (409, True)
    page = (await owner.get(f"{at}/kept/{key}/sending")).text
    assert ("Daily at 09:00" in page, "America/New_York, Eastern" in page) == (True, True)
    async with traded.db.begin(traded.scope) as tx:
        late = "UPDATE report_schedule SET next_at = now() - interval '2 minutes' WHERE tenant_id = $1"
        await tx.execute(late, tx.tenant)
    page = (await owner.get(f"{at}/kept/{key}/sending")).text
    assert "Due now: it is sent as soon as the worker comes to it." in page
    other = await site.member(await open_shop(traded.db))
    assert (await other.get(found[1])).status_code == 404
