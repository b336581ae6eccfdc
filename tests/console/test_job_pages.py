"""Scheduled jobs in the operator's hands: what is paused isn't queued, what is asked for runs once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from retail.kit.clock import FixedClock, SystemClock
from retail.kit.ids import new_id
from retail.runtime import timetable
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import REGISTRY, enqueue, job
from retail.runtime.runner import Runner
from retail.runtime.tenancy import Scope
from retail.runtime.timetable import Entry
from tests.support.looks import an_operator
from tests.support.web import Site, enrol
from tests.support.world import Shop
from workers import schedule

NAME = "test.of_the_timetable"
BROKEN = "test.that_fails"
ENTRIES, TIMETABLE = timetable.ENTRIES, schedule.TIMETABLE  # as they are outside of these tests
ran: list[str] = []


@job(NAME)
async def remember(db: Database, scope: Scope) -> None:
    ran.append(str(scope.tenant))


@job(BROKEN, tries=1)
async def fail(db: Database, scope: Scope, *, whom: str) -> None:
    raise ValueError(f"no way for {whom}")


@pytest.fixture(autouse=True)
async def timed(db: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FixedClock]:
    ran.clear()
    entry = Entry(NAME, 2, "A job of the tests")
    monkeypatch.setattr(timetable, "ENTRIES", (entry,))
    monkeypatch.setattr(timetable, "BY_JOB", {NAME: entry})
    monkeypatch.setattr(schedule, "TIMETABLE", (schedule.Nightly(NAME, 2),))
    clock = FixedClock(datetime.now(UTC))
    yield clock
    async with db.platform() as unit:
        await unit.execute("SELECT auth_resume_job($1)", NAME)


async def queued(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(
            await read.fetchval("SELECT count(*) FROM job WHERE tenant_id = $1 AND name = $2", read.tenant, NAME)
        )


async def tick(db: Database, at: FixedClock, *clocks: schedule.Clock) -> None:
    """Let workers look at their clocks at a moment."""
    db.clock = at
    try:
        for clock in clocks:
            await clock.tick()
    finally:
        db.clock = SystemClock()


def test_the_operators_list_is_the_workers() -> None:
    told = {entry.job: entry.hour for entry in ENTRIES}
    assert told == {one.job: getattr(one, "hour", None) for one in TIMETABLE}
    assert set(told) <= set(REGISTRY)


@pytest.mark.parametrize(
    ("hour", "now", "due"),
    [
        (None, "2027-03-01T10:20:00Z", "2027-03-01T11:00:00Z"),
        (2, "2027-03-01T01:59:59Z", "2027-03-01T02:00:00Z"),
        (2, "2027-03-01T02:00:00Z", "2027-03-02T02:00:00Z"),
        (0, "2027-12-31T23:30:00Z", "2028-01-01T00:00:00Z"),
    ],
)
def test_when_a_job_is_due_next(hour: int | None, now: str, due: str) -> None:
    assert Entry("x", hour, "x").next_at(datetime.fromisoformat(now)) == datetime.fromisoformat(due)


async def test_what_is_paused_is_not_queued_by_any_worker_and_goes_on_later(
    site: Site, shop: Shop, timed: FixedClock
) -> None:
    browser, path = (await an_operator(site)).browser, f"/platform/jobs/{NAME}"
    assert (await browser.post(f"{path}/pause")).status_code == 303
    assert (await browser.post(f"{path}/pause")).status_code == 409
    page = (await browser.get("/platform/jobs")).text
    assert "Paused" in page
    assert "Otto Operator" in page
    timed.at = timed.at.replace(hour=3) + timedelta(days=1)
    clocks = schedule.Clock(site.db), schedule.Clock(site.db)
    await tick(site.db, timed, *clocks)
    assert await queued(shop) == 0
    assert (await browser.post(f"{path}/resumption")).status_code == 303
    assert (await browser.post(f"{path}/resumption")).status_code == 409
    await tick(site.db, timed, *clocks)
    assert await queued(shop) == 1


async def test_what_is_asked_for_runs_once_even_while_it_is_paused(site: Site, shop: Shop, timed: FixedClock) -> None:
    browser, path = (await an_operator(site)).browser, f"/platform/jobs/{NAME}"
    assert (await browser.post(f"{path}/pause")).status_code == 303
    assert (await browser.post(f"{path}/runs")).status_code == 303
    assert (await browser.post(f"{path}/runs")).status_code == 303
    assert "Asked for now" in (await browser.get("/platform/jobs")).text
    clocks = schedule.Clock(site.db), schedule.Clock(site.db)
    for clock in (*clocks, *clocks):
        await clock.tick()
    assert await queued(shop) == 1
    async with site.db.platform() as unit:
        waiting = [
            row["id"]
            for row in await unit.fetch("SELECT * FROM due_jobs($1, 100000)", unit.now)
            if row["tenant_id"] == shop.tenant.id
        ]
    assert len(waiting) == 1
    assert await Runner(site.db).run(shop.tenant.id, waiting[0])
    assert ran == [str(shop.tenant.id)]
    async with site.db.platform() as unit:
        runs = (await timetable.runs_of_jobs(unit))[NAME]
    assert runs.done >= 1
    assert runs.last_seconds is not None
    assert 0 <= runs.last_seconds < 60
    page = (await browser.get("/platform/jobs")).text
    assert "A job of the tests" in page
    async with site.db.read(Scope.system(PLATFORM)) as read:
        acts = await read.fetch(
            """SELECT action FROM audit_event WHERE tenant_id = $1 AND action LIKE 'timetable.%'
                ORDER BY id DESC LIMIT 2""",
            read.tenant,
        )
    assert [row["action"] for row in acts] == ["timetable.asked", "timetable.paused"]


async def test_a_failed_job_is_read_tried_again_and_dropped(site: Site, shop: Shop) -> None:
    browser = (await an_operator(site)).browser

    async def put(tx: Tx) -> None:
        await enqueue(tx, BROKEN, {"whom": "anna@shop.example"}, id=wanted)

    wanted = new_id()
    await site.db.run(shop.scope, put)
    assert await Runner(site.db).run(shop.tenant.id, wanted)
    page = await browser.get("/platform/jobs/failed", params={"name": BROKEN})
    assert "ValueError: no way for …@shop.example" in page.text
    assert f"/platform/businesses/{shop.tenant.slug}" in page.text
    path = f"/platform/jobs/failed/{shop.tenant.id}/{wanted}"
    assert (await browser.post(f"{path}/retry")).status_code == 303
    assert (await browser.post(f"{path}/retry")).status_code == 404
    assert (await browser.post(f"{path}/removal")).status_code == 404
    assert await Runner(site.db).run(shop.tenant.id, wanted)
    assert (await browser.post(f"{path}/removal")).status_code == 303
    async with site.db.read(shop.scope) as read:
        assert (
            await read.fetchval("SELECT count(*) FROM job WHERE tenant_id = $1 AND id = $2", read.tenant, wanted) == 0
        )
        acts = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id", read.tenant, wanted
        )
    assert [row["action"] for row in acts] == ["job.failed", "job.taken_up_again", "job.failed", "job.dropped"]


async def test_failed_jobs_are_paged_filtered_and_empty(site: Site, shop: Shop) -> None:
    browser = (await an_operator(site)).browser
    async with site.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO job (tenant_id, id, name, args, created_at, run_after, attempts, error, failed_at)
               SELECT $1, gen_random_uuid(), 'test.many', '{}', $2, $2, 6, 'E' || n,
                      $2::timestamptz - n * interval '1 second'
                 FROM generate_series(1, 60) n""",
            tx.tenant,
            tx.now,
        )
    first = await browser.get("/platform/jobs/failed", params={"name": "test.many"})
    assert first.text.count("Try again: test.many") == 50
    after = first.text.split("after=")[1].split('"')[0].replace("&amp;", "&").split("&")[0]
    second = await browser.get(f"/platform/jobs/failed?name=test.many&after={after}")
    assert second.text.count("Try again: test.many") == 10
    for wrong in ({"name": "nonsense"}, {"after": "nonsense"}):
        assert (await browser.get("/platform/jobs/failed", params=wrong)).status_code == 422


async def test_only_operators_come_and_only_known_jobs_are_meant(site: Site, shop: Shop) -> None:
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    for path in ("/platform/jobs", "/platform/jobs/failed"):
        assert (await site.visitor(owner).get(path)).status_code == 403
    browser = (await an_operator(site)).browser
    for act in ("runs", "pause", "resumption"):
        assert (await browser.post(f"/platform/jobs/nonsense/{act}")).status_code == 404
