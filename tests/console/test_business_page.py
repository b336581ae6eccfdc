"""A business's page: how it is used, how it fares, what operators note, and that none of that is the business's."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest

from retail import nightly
from retail.analytics.jobs import PROJECTIONS as ROLLUPS
from retail.console.wellbeing import CHECKS, DAYS, wellbeing
from retail.kit.ids import new_id
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.notices import post_notice
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.relay import Relay
from retail.runtime.tenancy import Scope
from retail.sales.claims import claim_till
from tests.console.conftest import nobody_listens
from tests.support.database import Clone
from tests.support.letters import letters_to
from tests.support.selling import open_counter
from tests.support.web import Site, enrol, enrol_operator, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
async def otto(site: Site) -> httpx.AsyncClient:
    _person, _email, secret = await enrol_operator(site.db)
    return site.visitor(secret)


def page(shop: Shop, rest: str = "") -> str:
    return f"/platform/businesses/{shop.tenant.slug}{rest}"


async def test_it_shows_use_health_bills_and_all_acts(otto: httpx.AsyncClient, shop: Shop) -> None:
    text = (await otto.get(page(shop))).text
    for part in ("use", "health", "notes", "plan", "invoices", "life", "acts"):
        assert f'id="{part}"' in text, part
    for act in ("freeze", "closing"):
        assert f'action="{page(shop)}/{act}"' in text
    assert f'action="{page(shop)}/exports"' in text
    for limit in ("People", "Stores", "Tills"):
        assert limit in text


async def test_sales_of_each_day_come_from_the_rollup_with_days_of_none(db: Database, shop: Shop) -> None:
    relay = Relay(db, Switchboard([]), {event: (one,) for event, one in ROLLUPS.items()}, nobody_listens)
    counter = await open_counter(shop)
    for _sale in range(3):
        await counter.sell(shop.products[0])
    await relay.relay(shop.tenant.id)
    async with db.read(shop.scope) as read:
        day = await read.fetchval("SELECT business_date FROM sale WHERE tenant_id = $1 LIMIT 1", read.tenant)
        use, _health = await wellbeing(read, day)
    assert [one.sales for one in use.days] == [0] * (DAYS - 1) + [3]
    assert use.days[-1].day == day
    assert use.most == 3


async def test_a_freeze_and_its_end_are_told_to_the_owners_with_the_reason(
    otto: httpx.AsyncClient, site: Site, shop: Shop
) -> None:
    _person, address, secret = await enrol(shop.db, shop.tenant.id, "owner")
    owner = site.visitor(secret)
    for act, reason in (("freeze", "Odd refunds"), ("thaw", "All is clear")):
        shown = (await otto.get(page(shop))).text
        assert html.escape(shop.tenant.name) in shown.split(f'id="act-{act}-title">')[1].split("<")[0], (
            "the dialog names it"
        )
        assert (await otto.post(page(shop, f"/{act}"), data={"reason": reason})).status_code == 303
        async with shop.db.read(shop.scope) as read:
            kind, facts = await read.fetchrow(
                "SELECT kind, facts FROM notice WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1",
                read.tenant,
            )
        assert (kind, json.loads(facts)["reason"]) == (
            "business_frozen" if act == "freeze" else "business_thawed", reason,
        )  # fmt: skip
        (letter,) = await letters_to(shop.db, address, kind)
        assert reason in letter.text
        if act == "freeze":
            banner = (await owner.get(f"/t/{shop.tenant.slug}/billing/standing")).text
            assert f'href="/t/{shop.tenant.slug}/messages"' in banner


def test_the_books_are_those_of_the_nightly_check() -> None:
    assert nightly.JOB == CHECKS


async def test_health_counts_what_failed_and_what_is_away(db: Database, shop: Shop) -> None:
    today = datetime.now(UTC).date()
    async with db.read(shop.scope) as read:
        use, health = await wellbeing(read, today)
    assert (use.online, use.offline, health.books, health.set_aside, health.jobs_failed) == (0, 0, None, 0, 0)
    async with db.begin(shop.scope) as tx:
        await claim_till(tx, shop.till, new_id(), "Front", take_over=False)
        for name, done, failed in (
            ("outbox.put_back", None, tx.now), ("x", None, tx.now), ("checks.nightly", tx.now, None),
        ):  # fmt: skip
            await tx.execute(
                """INSERT INTO job (tenant_id, id, name, args, created_at, run_after, finished_at, failed_at)
                   VALUES ($1, $2, $3, '{}', $4, $4, $5, $6)""",
                tx.tenant, new_id(), name, tx.now, done, failed,
            )  # fmt: skip
        await post_notice(tx, "journal_doubted", subject=new_id())
    async with db.read(shop.scope) as read:
        use, health = await wellbeing(read, today)
    assert (use.online, use.offline) == (1, 0)
    assert (health.set_aside, health.jobs_failed, health.doubted, health.books) == (1, 1, 1, True)
    async with db.begin(shop.scope) as tx:
        await post_notice(tx, "checks_failed", checks=[])
        await tx.execute("UPDATE till_claim SET seen_at = $2, claimed_at = $2 WHERE tenant_id = $1", tx.tenant,
                         tx.now.replace(year=tx.now.year - 1, day=1))  # fmt: skip
    async with db.read(shop.scope) as read:
        use, health = await wellbeing(read, today)
    assert (health.books, use.online, health.offline) == (False, 0, 1)


async def test_a_sign_in_of_a_member_is_the_last_one(db: Database, shop: Shop) -> None:
    person, _email, _secret = await enrol(db, shop.tenant.id, "owner")
    async with db.platform() as unit:
        await unit.execute(
            "SELECT auth_note_sign_in($1, $2, $3, 'accepted', '{password}', true, '::1', 'Firefox')",
            new_id(), person, unit.now,
        )  # fmt: skip
        at = unit.now
    async with db.read(shop.scope) as read:
        use, _health = await wellbeing(read, at.date())
    assert use.last_sign_in == at


async def test_notes_are_dated_signed_paged_and_recorded_once(site: Site, otto: httpx.AsyncClient, shop: Shop) -> None:
    assert (await otto.post(page(shop, "/notes"), data={"note": " "})).status_code == 422
    for number in range(11):
        note = {"note": f"Called about <b>{number}</b>", "note_id": str(new_id())}
        for _again in range(2):
            assert (await otto.post(page(shop, "/notes"), data=note)).status_code == 303
    shown = (await otto.get(page(shop))).text
    assert "Called about &lt;b&gt;10&lt;/b&gt;" in shown
    assert "Otto Operator" in shown
    assert "Called about &lt;b&gt;0&lt;/b&gt;" not in shown
    later = (await otto.get(_next(shown))).text
    assert "Called about &lt;b&gt;0&lt;/b&gt;" in later
    assert (await otto.get(page(shop, "?after=nonsense"))).status_code == 422
    async with site.db.read(Scope.system(PLATFORM)) as read:
        facts = await read.fetch(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'tenant.noted' AND subject_id = $2",
            read.tenant, shop.tenant.id,
        )  # fmt: skip
    assert len(facts) == 11
    assert "Called" not in json.dumps([row["facts"] for row in facts])


def _next(text: str) -> str:
    found = [one.split('"')[0] for one in text.split('href="') if "after=" in one.split('"')[0]]
    return found[0].replace("&amp;", "&")


async def test_only_operators_note_and_read(site: Site, otto: httpx.AsyncClient, shop: Shop) -> None:
    await otto.post(page(shop, "/notes"), data={"note": "Pays late, is kind"})
    owner = await site.member(shop)
    assert (await owner.post(page(shop, "/notes"), data={"note": "x"})).status_code == 403
    assert (await owner.get(page(shop))).status_code == 403
    async with site.db.read(shop.scope) as read:
        tables = await read.fetch("SELECT action FROM audit_event WHERE tenant_id = $1", read.tenant)
    assert "tenant.noted" not in {row["action"] for row in tables}


async def test_notes_go_with_the_business(clone: Clone, site: Site, otto: httpx.AsyncClient, shop: Shop) -> None:
    await otto.post(page(shop, "/notes"), data={"note": "Soon gone"})
    admin = await asyncpg.connect(clone.admin_url)
    count = "SELECT count(*) FROM business_note WHERE business_id = $1"
    assert await admin.fetchval(count, shop.tenant.id) == 1
    departed = new_id()
    await admin.execute("UPDATE business_note SET business_id = $1 WHERE business_id = $2", departed, shop.tenant.id)
    await admin.execute(
        """INSERT INTO tenant (id, slug, name, country, currency, locale, timezone, prices_include_tax,
                               cash_unit_minor, created_at)
           SELECT $1, $3, name, country, currency, locale, timezone, true, 1, now()
             FROM tenant WHERE id = $2""",
        departed, shop.tenant.id, f"d{departed.hex[:20]}",
    )  # fmt: skip
    await admin.execute("DELETE FROM tenant WHERE id = $1", departed)
    assert await admin.fetchval(count, departed) == 0
    await admin.close()
