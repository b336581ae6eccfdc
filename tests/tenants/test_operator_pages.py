"""The operator's pages of businesses: who may come, what needs a proof, and what each act leaves in both trails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from retail.identity.rules import digest, new_secret
from retail.kit.ids import new_id
from retail.life import exports
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.jobs import claim, finish, run_body
from retail.runtime.tenancy import Scope
from retail.settings import Settings, use_settings
from retail.tenants.queries import tenant_by_slug
from tests.support.web import Site, enrol, enrol_operator, make_site
from tests.support.world import Shop

REASON = "Asked for by letter 4711"


@pytest.fixture
async def site(db: Database, tmp_path: Path) -> AsyncIterator[Site]:
    settings = Settings(environment="test", data_dir=tmp_path)
    use_settings(settings)
    made = make_site(db, data_dir=tmp_path)
    yield made
    await made.close()


async def operator(site: Site, *, confirmed: bool = True) -> httpx.AsyncClient:
    """Give a browser of an operator, who has proved it is them just now, or twenty minutes ago."""
    person, _email, secret = await enrol_operator(site.db)
    if not confirmed:
        secret = new_secret()
        async with site.db.platform() as unit:
            await unit.execute(
                "SELECT auth_open_session($1, $2, $3, $4, $5, '', '')",
                digest(secret),
                new_id(),
                person,
                unit.now - timedelta(minutes=20),
                unit.now + timedelta(hours=1),
            )
            await unit.execute("SELECT auth_touch_session($1, $2)", digest(secret), unit.now)
    return site.visitor(secret)


async def trail(site: Site, tenant: object, subject: object) -> list[tuple[str, str | None]]:
    async with site.db.read(Scope.system(tenant)) as read:  # type: ignore[arg-type]
        rows = await read.fetch(
            "SELECT action, facts FROM audit_event WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id",
            read.tenant,
            subject,
        )
    return [(row["action"], json.loads(row["facts"]).get("reason")) for row in rows]


async def test_only_an_operator_who_proved_it_changes_a_business(site: Site, shop: Shop) -> None:
    page = f"/platform/businesses/{shop.tenant.slug}"
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    assert (await site.visitor().get(page)).status_code == 303
    assert (await site.visitor(owner).get(page)).status_code == 403
    late = await operator(site, confirmed=False)
    assert (await late.get(page)).status_code == 200
    for act in ("freeze", "thaw", "closing", "reopening", "exports"):
        answer = await late.post(f"{page}/{act}", data={"reason": REASON}, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_needed"), act
    assert not [action for action, _reason in await trail(site, PLATFORM, shop.tenant.id)]


async def test_the_list_is_searched_filtered_sorted_and_paged(site: Site, shop: Shop) -> None:
    browser = await operator(site)
    found = await browser.get("/platform/businesses", params={"q": shop.tenant.slug})
    assert found.status_code == 200
    assert f"/platform/businesses/{shop.tenant.slug}" in found.text
    none = await browser.get("/platform/businesses", params={"q": shop.tenant.slug, "status": "frozen"})
    assert "No business fits" in none.text
    for sort in ("name", "-name", "country", "status", "since", "-since"):
        assert (await browser.get("/platform/businesses", params={"sort": sort})).status_code == 200
    for wrong in ({"sort": "nonsense"}, {"status": "nonsense"}, {"after": "nonsense"}):
        assert (await browser.get("/platform/businesses", params=wrong)).status_code == 422


async def test_a_business_is_founded_and_its_owner_invited(site: Site) -> None:
    browser, mark = await operator(site), new_id().hex[-10:]
    typed = {
        "name": f"Flowers {mark}", "slug": "", "country": "CH", "currency": "CHF", "timezone": "Europe/Zurich",
        "prices_include_tax": "true", "owner": f"flora-{mark}@flowers.example",
    }  # fmt: skip
    assert (await browser.get("/platform/businesses/new")).status_code == 200
    refused = await browser.post("/platform/businesses", data=typed | {"owner": "nobody"})
    assert refused.status_code == 422
    made = await browser.post("/platform/businesses", data=typed)
    assert (made.status_code, made.headers["location"]) == (303, f"/platform/businesses/flowers-{mark}")
    async with site.db.platform() as unit:
        facts = await tenant_by_slug(unit, f"flowers-{mark}")
        mails = [row["kind"] for row in await unit.fetch("SELECT kind, recipient FROM auth_mails(NULL, 50)")
                 if row["recipient"] == typed["owner"]]  # fmt: skip
    assert facts is not None
    assert (facts.currency, facts.cash_unit_minor, facts.locale) == ("CHF", 5, "de-CH")
    assert mails == ["invitation"]
    assert ("tenant.created", None) in await trail(site, PLATFORM, facts.id)


async def test_every_act_needs_a_reason_and_is_in_both_trails(site: Site, shop: Shop) -> None:
    browser, page = await operator(site), f"/platform/businesses/{shop.tenant.slug}"
    assert (await browser.post(f"{page}/freeze", data={"reason": ""})).status_code == 422
    assert (await browser.post(f"{page}/freeze", data={"reason": REASON})).status_code == 303
    assert (await browser.post(f"{page}/freeze", data={"reason": REASON})).status_code == 409
    assert (await browser.post(f"{page}/thaw", data={"reason": REASON})).status_code == 303
    assert (await browser.post(f"{page}/reopening", data={"reason": REASON})).status_code == 409
    assert await trail(site, PLATFORM, shop.tenant.id) == [("tenant.frozen", REASON), ("tenant.thawed", REASON)]
    own = [act for act in await trail(site, shop.tenant.id, shop.tenant.id) if act[1]]
    assert own == [("tenant.frozen", REASON), ("tenant.active", REASON)]
    assert REASON in (await browser.get(page)).text


async def test_a_business_is_closed_with_its_address_typed_and_its_export_fetched(site: Site, shop: Shop) -> None:
    browser, page = await operator(site), f"/platform/businesses/{shop.tenant.slug}"
    today = site.db.clock.now().date()
    right = {"reason": REASON, "due_on": str(today), "typed": shop.tenant.slug}
    for wrong in ({"typed": "other"}, {"due_on": str(today - timedelta(days=1))}, {"reason": ""}):
        assert (await browser.post(f"{page}/closing", data=right | wrong)).status_code == 422
    assert (await browser.post(f"{page}/closing", data=right)).status_code == 303
    assert (await browser.post(f"{page}/closing", data=right)).status_code == 409
    scope = Scope.system(shop.tenant.id)
    async with site.db.begin(scope) as tx:
        mine = await claim(tx, await tx.fetchval("SELECT id FROM job WHERE tenant_id = $1", tx.tenant))
    assert mine is not None
    await run_body(site.db, mine)
    async with site.db.begin(scope) as tx:
        await finish(tx, mine)
    async with site.db.read(scope) as read:
        made = (await exports.exports(read))[0]
    shown = await browser.get(page)
    assert f"{page}/exports/{made.id}" in shown.text
    assert "It is deleted on" in shown.text
    fetched = await browser.get(f"{page}/exports/{made.id}")
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/zip")
    assert fetched.content[:2] == b"PK"
    assert (await browser.get(f"{page}/exports/{new_id()}")).status_code == 404
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    assert "Your business is closed" in (await site.visitor(owner).get(f"/t/{shop.tenant.slug}/exports")).text
    assert (await browser.post(f"{page}/reopening", data={"reason": REASON})).status_code == 303
    assert (await site.visitor(owner).get(f"/t/{shop.tenant.slug}/exports/{made.id}")).status_code == 200


async def test_an_operator_sets_a_business_s_plan_and_both_trails_say_so(site: Site, shop: Shop) -> None:
    page = f"/platform/businesses/{shop.tenant.slug}"
    browser = await operator(site)
    assert "6 / ∞" in (await browser.get(page)).text
    assert (await browser.post(f"{page}/plan", data={"plan": "starter", "reason": REASON})).status_code == 303
    assert "6 / 500" in (await browser.get(page)).text
    assert ("tenant.plan_set", REASON) in await trail(site, shop.tenant.id, shop.tenant.id)
    assert ("tenant.plan_set", REASON) in await trail(site, PLATFORM, shop.tenant.id)
    assert (await browser.post(f"{page}/plan", data={"plan": "palace"})).status_code == 422
    late = await operator(site, confirmed=False)
    asked = await late.post(f"{page}/plan", data={"plan": "enterprise", "reason": REASON})
    assert asked.headers["location"].startswith("/confirm/held")
    assert "6 / 500" in (await browser.get(page)).text
