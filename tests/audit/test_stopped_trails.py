"""A trail that is not sealed any more is told at once to its owners and to the operators, and once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from retail.audit.sealing import Sealer
from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from retail.runtime.web.health import SEALED_WITHIN
from retail.settings import Settings
from retail.stopped_trails import ACTION, AGAIN, tell_stopped
from tests.audit.conftest import Trail
from tests.audit.test_sealing import cut_off
from tests.support.database import Clone
from tests.support.told import relay
from tests.support.web import enrol, enrol_operator, make_site
from workers.work import Work


def words(html: str) -> str:
    """Give what a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


async def mailed(trail: Trail) -> list[tuple[str, str, str]]:
    rows = await trail.admin.fetch(
        "SELECT recipient, subject, text_body FROM mail WHERE tenant_id = $1 AND kind = 'audit_stopped' ORDER BY 1",
        trail.shop.tenant.id,
    )
    return [tuple(row) for row in rows]


async def stop(trail: Trail) -> str:
    """Cut the tail off as somebody with the whole database does; gives the reason that has to be told."""
    kept = len(await trail.records())
    await trail.act("a", "b")
    await trail.seal()
    await cut_off(trail, kept)
    await trail.act("c")
    return f"it ends at record {kept}, but its anchors know {kept + 2}"


async def test_a_trail_whose_tail_was_cut_is_told_at_the_bell_and_by_mail_once_however_many_sealers(
    trail: Trail,
) -> None:
    chain = trail.shop.tenant.id
    _person, owner, secret = await enrol(trail.db, chain, "owner")
    await enrol(trail.db, chain, "manager")
    _operator, boss, _secret = await enrol_operator(trail.db)
    await trail.seal()
    why = await stop(trail)
    for _worker in range(2):
        sealer = Sealer(trail.db, trail.outside, tell_stopped)
        for _round in range(2):
            assert await sealer._patiently(chain) == 0
    letters = {to: (subject, text) for to, subject, text in await mailed(trail)}
    assert {owner, boss} <= set(letters)
    operators = {row["email"] for row in await trail.admin.fetch("SELECT auth_operators() AS email")}
    assert set(letters) - operators == {owner}, "a manager is not told"
    assert len(await mailed(trail)) == len(letters), "nobody is told twice"
    subject, text = letters[owner]
    assert subject == "The audit trail of Corner & Co is not sealed any more"
    assert why in text
    await relay(trail.shop)
    site = make_site(trail.db)
    bell = await site.visitor(secret).get(f"/t/{trail.shop.tenant.slug}/notices")
    assert "The audit trail is not sealed any more" in words(bell.text)
    assert why in words(bell.text)
    await site.close()
    told = await trail.admin.fetchval(
        "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = $2", chain, ACTION
    )
    assert told == 1


async def test_it_is_told_again_a_day_later_by_a_worker_that_starts_anew(trail: Trail, clone: Clone) -> None:
    _person, _owner, _secret = await enrol(trail.db, trail.shop.tenant.id, "owner")
    await trail.seal()
    await stop(trail)
    await Sealer(trail.db, trail.outside, tell_stopped)._patiently(trail.shop.tenant.id)
    once = len(await mailed(trail))
    later = await Database.connect(
        clone.app_url, size=2, clock=FixedClock(trail.db.clock.now() + AGAIN + timedelta(minutes=1))
    )
    await Sealer(later, trail.outside, tell_stopped)._patiently(trail.shop.tenant.id)
    await later.close()
    assert len(await mailed(trail)) == 2 * once > 0


async def test_health_tells_of_records_that_wait_too_long(trail: Trail, clone: Clone) -> None:
    await trail.admin.execute("DELETE FROM audit_waiting")  # what other tests of this database left
    await trail.seal()
    await stop(trail)
    later = await Database.connect(
        clone.app_url, size=2, clock=FixedClock(trail.db.clock.now() + SEALED_WITHIN + timedelta(seconds=1))
    )
    site = make_site(later)
    ready = (await site.visitor().get("/readyz")).json()
    [line] = [check for check in ready["checks"] if check["name"] == "audit trails"]
    assert (ready["ready"], line["ok"], line["required"]) == (True, False, False)
    assert line["detail"].startswith("1 is not sealed since ")
    _person, _email, secret = await enrol_operator(trail.db)
    page = await site.visitor(secret).get("/platform")
    assert "Audit trails: 1 is not sealed since " in words(page.text)
    await trail.admin.execute("DELETE FROM audit_waiting")
    [line] = [c for c in (await site.visitor().get("/readyz")).json()["checks"] if c["name"] == "audit trails"]
    assert (line["ok"], line["detail"]) == (True, "sealed")
    await site.close()
    await later.close()


async def test_an_alarm_that_fails_stops_no_other_chain(trail: Trail, caplog: pytest.LogCaptureFixture) -> None:
    await trail.seal()
    await stop(trail)

    async def broken(*_of: object) -> None:
        raise ValueError("no letter box")

    sealer = Sealer(trail.db, trail.outside, broken)
    assert await sealer._patiently(trail.shop.tenant.id) == 0
    assert "Nobody could be told" in caplog.text


async def test_the_worker_tells(trail: Trail, tmp_path: Path) -> None:
    work = Work(trail.db, Settings(data_dir=tmp_path).redis_url, None, trail.outside)
    assert work._sealer is not None
    assert work._sealer._alarm is tell_stopped
