"""Errors of our own: gathered beside the request that failed, kept in groups without what they said, and settled."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from retail.console.figures import Reader
from retail.kit.errors import Busy, NotFound
from retail.kit.ids import new_id
from retail.runtime import faults, telemetry
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.faults import Gathered, Gatherer, group_id
from retail.runtime.tenancy import Scope
from tests.support.looks import an_operator
from tests.support.web import AnyPace, Site, enrol
from tests.support.world import Shop

SECRET = "ct_" + "s" * 30
log = logging.getLogger("test.faults")


@pytest.fixture
def gatherer() -> Iterator[Gatherer]:
    made = Gatherer("web")
    logging.getLogger().addHandler(made)
    yield made
    logging.getLogger().removeHandler(made)


def break_down(said: str, kind: type[Exception] = ValueError) -> None:
    try:
        raise kind(said)
    except kind as error:
        log.exception("it broke", exc_info=error)


def one(type: str = "ValueError", place: str = "", *, at: datetime | None = None, count: int = 1) -> Gathered:
    moment = at or datetime.now(UTC)
    return Gathered(
        "web", type, place or f"retail/{new_id().hex}.py:act", "ValueError\n  x:1 act", "r1", count, moment, moment
    )


async def write(db: Database, *groups: Gathered) -> list[UUID]:
    made = Gatherer("web")
    made.give_back(list(groups))
    assert await faults.write(db, made) == len(groups)
    return [group.id for group in groups]


async def known(db: Database, id: UUID) -> faults.Fault:
    async with db.platform() as unit:
        return await faults.fault(unit, id)


def test_errors_of_one_kind_and_place_are_one_group_without_what_they_said(gatherer: Gatherer) -> None:
    with telemetry.about(request_id="abc123"):
        break_down(f"anna@shop.example has {SECRET}")
    break_down("4111 1111 1111 1111")
    break_down("x", KeyError)
    groups = {group.type: group for group in gatherer.take()}
    assert {name: group.count for name, group in groups.items()} == {"ValueError": 2, "KeyError": 1}
    value = groups["ValueError"]
    assert value.place == "tests/console/test_error_pages.py:break_down"
    assert value.trace.startswith("ValueError\n  tests/console/test_error_pages.py:")
    for told in (SECRET, "anna", "4111"):
        assert told not in repr(groups)
    assert gatherer.take() == []


def test_the_request_is_told_and_the_cause_with_it(gatherer: Gatherer) -> None:
    with telemetry.about(request_id="abc123"):
        try:
            try:
                raise KeyError("inner")
            except KeyError as inner:
                raise ValueError("outer") from inner
        except ValueError:
            log.exception("both")
    (group,) = gatherer.take()
    assert group.request == "abc123"
    assert [part.splitlines()[0] for part in group.trace.split("\n\n")] == ["ValueError", "KeyError"]


def test_what_is_no_fault_of_ours_is_not_gathered(gatherer: Gatherer) -> None:
    log.warning("the database refused", exc_info=ValueError("x"))
    log.error("in words alone")
    log.error("known", exc_info=NotFound("sale"))
    assert gatherer.take() == []


def test_what_is_gathered_is_bounded_and_never_breaks_who_logs(
    gatherer: Gatherer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(faults.MOST_GATHERED["web"] + 5):
        gatherer.put(one(place=f"retail/a.py:f{number}"))
    assert gatherer.dropped == 5
    assert len(gatherer.take()) == faults.MOST_GATHERED["web"]

    def broken(_error: BaseException) -> str:
        raise RuntimeError("in the gatherer itself")

    monkeypatch.setattr(faults, "place_of", broken)
    break_down("x")
    assert (gatherer.take(), gatherer.dropped) == ([], 6)


def test_reports_of_browsers_name_no_page_and_leave_room_for_our_own(gatherer: Gatherer) -> None:
    policy = logging.getLogger("countertop.csp")
    facts = {"directive": "script-src", "blocked": "https://evil.test/r/secret-token", "document": "https://x/r/token"}
    policy.warning("a page broke its policy", extra=facts)
    for number in range(50):
        policy.warning("a page broke its policy", extra={"directive": f"d{number}", "blocked": "inline"})
    break_down("x")
    groups = gatherer.take()
    assert sum(group.source == "page" for group in groups) == faults.MOST_GATHERED["page"]
    assert "script-src: evil.test" in {group.place for group in groups}
    assert "ValueError" in {group.type for group in groups}
    assert "token" not in repr(groups)


async def test_what_a_till_tells_of_an_error_is_kept_by_kind_and_place_and_nothing_else_is_taken(
    site: Site, gatherer: Gatherer
) -> None:
    till = site.visitor()
    frames = ["kiosk/till/paying.js complete", "kiosk/till/late_keys.js "]
    for _time in range(2):
        assert (await till.post("/till-reports", json={"type": "TypeError", "frames": frames})).status_code == 204
    assert (await till.post("/till-reports", json={"type": "Error", "frames": []})).status_code == 204
    for wrong in (
        {"type": f"said {SECRET}", "frames": []},
        {"type": "Error", "frames": [f"kiosk/till/paying.js {SECRET} 4111 1111"]},
        {"type": "Error", "frames": ["https://evil.test/kiosk/till/paying.js complete"]},
        {"type": "Error", "frames": frames * 7},
        {"type": "Error", "frames": "kiosk/till/paying.js complete"},
        {"type": ["Error"], "frames": []},
        ["Error"],
    ):
        assert (await till.post("/till-reports", json=wrong)).status_code == 422, wrong
    assert (await till.post("/till-reports", content=b"{")).status_code == 422
    assert (await till.post("/till-reports", content=b"x" * 5000)).status_code == 413
    groups = {group.place: group for group in gatherer.take()}
    assert set(groups) == {"kiosk/till/paying.js:complete", "?"}
    told = groups["kiosk/till/paying.js:complete"]
    assert (told.source, told.type, told.count) == ("till", "TypeError", 2)
    assert told.trace == "TypeError\n  kiosk/till/late_keys.js \n  kiosk/till/paying.js complete"
    gatherer.give_back(list(groups.values()))
    await faults.write(site.db, gatherer)
    page = await (await an_operator(site)).browser.get("/platform/errors", params={"source": "till"})
    assert "kiosk/till/paying.js:complete" in page.text.replace("<wbr>", "")


async def test_a_request_that_fails_is_answered_and_its_error_is_on_the_page(
    site: Site, shop: Shop, gatherer: Gatherer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retail.console import audit_pages

    def broken(*_given: object) -> None:
        raise LookupError(f"nothing for {SECRET}")

    looker = await an_operator(site)
    monkeypatch.setattr(audit_pages.queries, "actions", broken)
    failed = await looker.browser.get("/platform/audit", headers={"Accept": "application/json"})
    assert failed.status_code == 500
    await faults.write(site.db, gatherer)
    id = group_id("web", "LookupError", "retail/console/audit_pages.py:index")
    found = await known(site.db, id)
    assert (found.request_id, found.status) == (failed.json()["reference"], "open")
    page = await looker.browser.get("/platform/errors")
    assert f"/platform/errors/{id}" in page.text
    shown = await looker.browser.get(f"/platform/errors/{id}")
    assert "retail/console/audit_pages.py" in shown.text
    assert SECRET not in shown.text
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    assert (await site.visitor(owner).get("/platform/errors")).status_code == 403


async def test_a_resolved_one_that_comes_again_is_open_and_an_ignored_one_stays(site: Site, shop: Shop) -> None:
    browser = (await an_operator(site)).browser
    now = datetime.now(UTC)
    first, second = one(at=now), one(at=now)
    await write(site.db, first, second)
    for group, status in ((first, "resolved"), (second, "ignored")):
        path = f"/platform/errors/{group.id}/status"
        assert (await browser.post(path, data={"status": status})).status_code == 303
        assert (await browser.post(path, data={"status": status})).status_code == 303
        assert (await browser.post(path, data={"status": "nonsense"})).status_code == 422
    await write(site.db, one(place=first.place, at=now), one(place=second.place, at=now))
    assert (await known(site.db, first.id)).status == "resolved"  # gathered before it was resolved
    later = datetime.now(UTC) + timedelta(seconds=1)
    await write(site.db, one(place=first.place, at=later, count=3), one(place=second.place, at=later))
    told = await known(site.db, first.id)
    assert (told.status, told.reopened, told.count, told.first_at) == ("open", 1, 5, now)
    assert (await known(site.db, second.id)).status == "ignored"
    async with site.db.read(Scope.system(PLATFORM)) as read:
        acts = await read.fetch(
            "SELECT action, facts FROM audit_event WHERE tenant_id = $1 AND subject_id = $2", read.tenant, first.id
        )
    assert [(row["action"], json.loads(row["facts"])["place"]) for row in acts] == [("fault.resolved", first.place)]
    assert (await browser.post(f"/platform/errors/{new_id()}/status", data={"status": "open"})).status_code == 404


async def test_they_are_filtered_paged_and_bounded_in_number_and_age(site: Site) -> None:
    browser = (await an_operator(site)).browser
    now = datetime.now(UTC)
    old = one(type="Old", at=now - faults.KEPT_FOR - timedelta(days=1))
    many = [one(type=f"Many{number}", at=now + timedelta(seconds=number)) for number in range(60)]
    await write(site.db, old, *many)
    with pytest.raises(NotFound):
        await known(site.db, old.id)
    first = await browser.get("/platform/errors", params={"source": "web"})
    assert "Many59" in first.text
    after = first.text.split("after=")[1].split('"')[0].split("&")[0]
    second = await browser.get(f"/platform/errors?source=web&after={after}")
    assert "Many0<" in second.text
    assert "Many59<" not in second.text
    assert (
        "No error fits"
        in (await browser.get("/platform/errors", params={"source": "worker", "status": "ignored"})).text
    )
    for wrong in ({"status": "nonsense"}, {"source": "nonsense"}, {"after": "nonsense"}, {"who": "me"}):
        assert (await browser.get("/platform/errors", params=wrong)).status_code == 422, wrong
    async with site.db.platform() as unit:
        assert await unit.fetchval("SELECT auth_forget_faults($1, 10)", now - timedelta(days=1)) >= 50
        left = await faults.faults(unit, "", "web", (None, None), 100)
    assert len(left) == 10


async def test_without_a_database_they_wait_in_memory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made, group = Gatherer("worker"), one()
    made.put(group)

    class Away:
        def platform(self) -> object:
            raise Busy

    assert await faults.write(Away(), made) == 0  # type: ignore[arg-type]
    assert await faults.write(site.db, made) == 1
    assert (await known(site.db, group.id)).count == 1


async def test_a_process_hears_its_errors_until_it_ends(site: Site) -> None:
    async with faults.kept(site.db, "worker"):
        break_down("x", OSError)
    found = await known(site.db, group_id("worker", "OSError", "tests/console/test_error_pages.py:break_down"))
    assert found.count >= 1
    before = found.count
    break_down("x", OSError)
    assert (await known(site.db, found.id)).count == before


async def test_the_operators_lists_go_out_as_files_as_their_pages_show_them_and_on_the_trail(
    site: Site, shop: Shop
) -> None:
    looker = await an_operator(site)
    site.app.state.process.paces = AnyPace()
    now = datetime.now(UTC)
    many = [one(type=f"Sent{number}", at=now + timedelta(seconds=number)) for number in range(3)]
    await write(site.db, *many)
    settled = {"status": "resolved"}
    assert (await looker.browser.post(f"/platform/errors/{many[0].id}/status", data=settled)).status_code == 303
    sent = await looker.browser.get("/platform/errors/export", params={"source": "web", "format": "json"})
    assert (sent.headers["cache-control"], sent.headers["content-type"]) == ("no-store", "application/json")
    rows = {row["id"]: row for row in sent.json()}
    assert str(many[0].id) not in rows, "the page shows what is open, and so does its file"
    row = rows[str(many[2].id)]
    assert (row["error"], row["source"], row["count"], row["status"]) == ("Sent2", "web", 1, "open")
    table = await looker.browser.get("/platform/errors/export?status=resolved")
    assert table.text.startswith("error,place,source,count,first_at,last_at,status,reopened,request,trace,id")
    assert "Sent0" in table.text
    for name in ("businesses", "errors", "coupons", "audit", "jobs/failed", "switches/history"):
        page = await looker.browser.get(f"/platform/{name}")
        assert f'href="/platform/{name}/export?format=xlsx"' in page.text, name
        for form in ("csv", "xlsx", "json"):
            got = await looker.browser.get(f"/platform/{name}/export?format={form}")
            assert (got.status_code, f".{form}" in got.headers["content-disposition"]) == (200, True), (name, form)
        assert (await looker.browser.get(f"/platform/{name}/export?format=doc")).status_code == 404
        assert (await looker.browser.get(f"/platform/{name}/export?who=me")).status_code == 422
    assert shop.tenant.slug in (await looker.browser.get("/platform/businesses/export?q=" + shop.tenant.slug)).text
    async with site.db.read(Scope.system(PLATFORM)) as read:
        facts = await read.fetchval(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'data.exported' ORDER BY id DESC LIMIT 1",
            read.tenant,
        )
    assert json.loads(facts) == {"table": "platform-businesses", "format": "csv", "filters": {"q": "*"}}
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    assert (await site.visitor(owner).get("/platform/errors/export")).status_code == 403


async def test_new_kinds_of_error_are_counted_on_the_overview_and_listed_alone(site: Site, db: Database) -> None:
    otto = (await an_operator(site)).browser
    now = db.clock.now()
    new, old, settled = await write(
        db, one("NewError", at=now), one("OldError", at=now - timedelta(days=2)), one("DoneError", at=now)
    )
    assert (await otto.post(f"/platform/errors/{settled}/status", data={"status": "resolved"})).status_code == 303
    figures = await Reader(db)()
    async with db.platform() as unit:
        every = await faults.faults(unit, "open", "", (None, None), 500, since=now - faults.NEW_FOR)
    assert figures.new_errors == len(every) > 0
    assert {new} <= {each.id for each in every}
    assert not {old, settled} & {each.id for each in every}
    overview = (await otto.get("/platform")).text
    assert 'href="/platform/errors?status=new"' in overview
    shown = (await otto.get("/platform/errors", params={"status": "new"})).text
    assert f"/platform/errors/{new}" in shown
    assert f"/platform/errors/{old}" not in shown
    assert f"/platform/errors/{settled}" not in shown
