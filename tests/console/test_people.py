"""People, as the operator sees them: invited into a business, and deleted everywhere with their address typed again."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

from retail.identity.operations import open_account
from retail.kit.ids import new_id
from retail.runtime.audit_record import PLATFORM
from retail.runtime.tenancy import Scope
from tests.support.web import PASSWORD_HASH, Site, enrol, enrol_operator, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]
REASON = "Asked for by letter 4711"


@pytest.fixture
async def otto(site: Site) -> httpx.AsyncClient:
    _person, _email, secret = await enrol_operator(site.db)
    return site.visitor(secret)


async def account(site: Site, person: UUID) -> tuple[str, bool]:
    """Give an account's name, and whether it is open."""
    async with site.db.platform() as unit:
        row = await unit.fetchrow("SELECT name, disabled_at FROM auth_person_data($1) d, "
                                  "jsonb_to_record(d.told) AS p (name text, disabled_at timestamptz)"
                                  " WHERE d.relation = 'person'", person)  # fmt: skip
    assert row is not None
    return row["name"], row["disabled_at"] is None


async def test_somebody_is_invited_into_a_business_by_mail(site: Site, otto: httpx.AsyncClient, shop: Shop) -> None:
    email = f"new-{new_id().hex}@shop.example"
    asked = {"invited": email, "business": shop.tenant.slug, "role": "manager"}
    for wrong in ({"business": "no-such-shop"}, {"role": "king"}, {"invited": "nobody"}):
        assert (await otto.post("/platform/people/invitations", data=asked | wrong)).status_code == 422
    assert (await otto.post("/platform/people/invitations", data=asked)).status_code == 303
    assert (await otto.post("/platform/people/invitations", data=asked)).status_code == 409
    async with site.db.platform() as unit:
        mails = [row["kind"] for row in await unit.fetch("SELECT kind, recipient FROM auth_mails(NULL, 50)")
                 if row["recipient"] == email]  # fmt: skip
    assert mails == ["invitation"]
    for tenant in (shop.tenant.id, PLATFORM):
        async with site.db.read(Scope.system(tenant)) as read:
            actions = await read.fetch("SELECT action FROM audit_event WHERE tenant_id = $1", read.tenant)
        assert {"member.invited", "invitation.sent", "person.invited"} & {row["action"] for row in actions}


async def test_an_account_is_deleted_in_every_business_and_its_sessions_end(
    site: Site, otto: httpx.AsyncClient, shop: Shop
) -> None:
    other = await open_shop(site.db)
    await enrol(site.db, shop.tenant.id, "owner")
    person, email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    browser = site.visitor(secret)
    assert (await browser.get("/account")).status_code == 200
    asked = {"email": email, "reason": REASON, "typed": email}
    assert 'action="/platform/people/erasure"' in (await otto.get("/platform/people", params={"email": email})).text
    for wrong in ({"typed": "other@shop.example"}, {"reason": ""}):
        assert (await otto.post("/platform/people/erasure", data=asked | wrong)).status_code == 422
    assert (await account(site, person))[1]
    assert (await otto.post("/platform/people/erasure", data=asked)).status_code == 303
    assert (await browser.get("/account")).status_code == 303
    assert not (await account(site, person))[1]
    assert (await otto.post("/platform/people/erasure", data=asked)).status_code == 303
    for one, queued in ((shop, 1), (other, 0)):
        async with site.db.read(one.scope) as read:
            jobs = await read.fetch("SELECT name FROM job WHERE tenant_id = $1", read.tenant)
        assert [row["name"] for row in jobs].count("privacy.erase") == queued, "once, however often it is asked for"


async def test_an_account_of_no_business_is_deleted_at_once(site: Site, otto: httpx.AsyncClient) -> None:
    email = f"lonely-{new_id().hex}@shop.example"
    async with site.db.platform() as unit:
        person = await open_account(unit, email, "Lona Lonely", PASSWORD_HASH, at=unit.now)
    asked = {"email": email, "reason": REASON, "typed": email}
    assert (await otto.post("/platform/people/erasure", data=asked)).status_code == 303
    assert (await account(site, person))[0].startswith("Former person")


async def test_a_deleted_account_is_still_found_by_the_id_on_the_trail(site: Site, otto: httpx.AsyncClient) -> None:
    email = f"lonely-{new_id().hex}@shop.example"
    async with site.db.platform() as unit:
        person = await open_account(unit, email, "Lona Lonely", PASSWORD_HASH, at=unit.now)
    found = await otto.get("/platform/people", params={"id": str(person)})
    assert (found.status_code, email in found.text) == (200, True)
    asked = {"email": email, "reason": REASON, "typed": email}
    assert (await otto.post("/platform/people/erasure", data=asked)).status_code == 303
    trail = (await otto.get("/platform/audit", params={"subject": str(person)})).text
    assert f'<a href="/platform/people?id={person}">deleted account</a>' in trail
    assert "deleted on" in trail
    assert "Lona Lonely" not in trail
    gone = await otto.get("/platform/people", params={"id": str(person)})
    assert gone.status_code == 200
    assert "Deleted account" in gone.text
    assert str(person) in gone.text
    assert email not in gone.text
    for wrong in (str(new_id()), "nobody"):
        assert (await otto.get("/platform/people", params={"id": wrong})).status_code == 404


async def test_the_platforms_trail_names_businesses_and_accounts_and_leads_to_them(
    site: Site, otto: httpx.AsyncClient, shop: Shop
) -> None:
    await otto.post(f"/platform/businesses/{shop.tenant.slug}/freeze", data={"reason": REASON})
    trail = (await otto.get("/platform/audit", params={"subject": str(shop.tenant.id)})).text
    assert f'<a href="/platform/businesses/{shop.tenant.slug}">Corner &amp; Co</a>' in trail
    assert (await otto.get("/platform/audit", params={"subject": "x"})).status_code == 422


async def test_only_owners_operators_and_oneself_are_not_deleted(
    site: Site, otto: httpx.AsyncClient, shop: Shop
) -> None:
    owner, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE membership SET ended_at = now() WHERE tenant_id = $1 AND role = 'owner'"
                         " AND person_id <> $2", tx.tenant, owner)  # fmt: skip
    _person, colleague, _secret = await enrol_operator(site.db)
    for kept in (email, colleague):
        asked = {"email": kept, "reason": REASON, "typed": kept}
        assert (await otto.post("/platform/people/erasure", data=asked)).status_code == 409
    assert await account(site, owner) == ("Owner", True)
    member = await site.member(shop)
    assert (await member.post("/platform/people/erasure", data=asked)).status_code == 403


async def test_operators_find_businesses_and_people_in_the_box_of_every_page(
    site: Site, otto: httpx.AsyncClient, shop: Shop
) -> None:
    person, email, _secret = await enrol(site.db, shop.tenant.id, "manager")
    assert 'data-search="/platform/search"' in (await otto.get("/platform")).text
    slug = (await otto.get("/platform/search", params={"q": shop.tenant.slug})).text
    assert f'href="/platform/businesses/{shop.tenant.slug}"' in slug
    found = (await otto.get("/platform/search", params={"q": email.upper()[:30]})).text
    assert f'href="/platform/people?id={person}"' in found
    assert email in found
    for little in ("", "m", "100%_!"):
        assert "palette-item" not in (await otto.get("/platform/search", params={"q": little})).text
    member = await site.member(shop)
    assert (await member.get("/platform/search", params={"q": email})).status_code == 403
    assert 'data-search="/platform/search"' not in (await member.get(f"/t/{shop.tenant.slug}/products")).text
