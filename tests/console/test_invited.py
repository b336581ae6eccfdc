"""Whoever an operator invites comes in by what the mail says: through its own address to a page that knows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from retail.identity import invitations
from retail.identity.disabling import disable_account
from retail.identity.invitations import Invite
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from tests.support.letters import letters_to, token_to
from tests.support.web import ORIGIN, Site, enrol, enrol_operator, make_site
from tests.support.world import Shop, open_shop

GOOD = "three cups of green tea"
ROLE = "manager"


@pytest.fixture(params=["", "shop.test"], ids=["one address", "a host for each business"])
async def reached(request: pytest.FixtureRequest, db: Database, tmp_path: Path) -> AsyncIterator[Site]:
    domain = request.param
    made = make_site(db, data_dir=tmp_path, base_domain=domain, public_origins=() if domain else (ORIGIN,))
    yield made
    await made.close()


async def operator(site: Site) -> httpx.AsyncClient:
    _person, _email, secret = await enrol_operator(site.db)
    return site.visitor(secret)


async def followed(site: Site, browser: httpx.AsyncClient, email: str, kind: str) -> tuple[httpx.Response, str]:
    """Open the address that the newest mail's own text has; gives the page and the token in it."""
    newest = (await letters_to(site.db, email, kind))[0]
    assert newest.secret is not None
    text = newest.text.replace("[[secret]]", newest.secret)
    [link] = [word for word in text.split() if "://" in word]
    assert f"{urlsplit(link).scheme}://{urlsplit(link).netloc}" == ORIGIN
    return await browser.get(link), await token_to(site.db, email, kind)


async def comes_in(site: Site, email: str) -> httpx.Response:
    """Follow an invitation into a business as somebody new, sign in, and give the page that this leads to."""
    browser = site.visitor()
    page, token = await followed(site, browser, email, "invitation")
    assert page.status_code == 200, page.text
    joined = await browser.post("/invitation", data={"token": token, "name": "Nina New", "password": GOOD})
    assert (joined.status_code, joined.headers["location"]) == (303, "/sign-in")
    signed_in = await browser.post("/sign-in", data={"email": email, "password": GOOD})
    assert signed_in.status_code == 303
    return await browser.get(signed_in.headers["location"], follow_redirects=True)


async def test_a_person_whom_an_operator_invites_comes_in_by_the_mail(reached: Site, shop: Shop) -> None:
    email = f"new-{new_id().hex}@shop.example"
    asked = {"invited": email, "business": shop.tenant.slug, "role": ROLE}
    assert (await (await operator(reached)).post("/platform/people/invitations", data=asked)).status_code == 303
    page = await comes_in(reached, email)
    assert page.status_code == 200
    assert "Nina New" in page.text


async def test_the_owner_of_a_business_that_an_operator_founds_comes_in_by_the_mail(reached: Site) -> None:
    email, slug = f"owner-{new_id().hex}@shop.example", f"founded-{new_id().hex[-12:]}"
    founded = {"name": "Fresh & New", "slug": slug, "owner": email, "country": "DE", "currency": "EUR",
               "timezone": "Europe/Berlin", "prices_include_tax": "true"}  # fmt: skip
    answer = await (await operator(reached)).post("/platform/businesses", data=founded)
    assert answer.status_code == 303, answer.text
    page = await comes_in(reached, email)
    assert page.status_code == 200
    assert slug in str(page.url)
    assert "Nina New" in page.text


async def test_somebody_with_an_account_joins_as_who_they_are(reached: Site, shop: Shop) -> None:
    other = await open_shop(reached.db)
    _person, email, session = await enrol(reached.db, other.tenant.id, "viewer")
    asked = {"invited": email, "business": shop.tenant.slug, "role": ROLE}
    assert (await (await operator(reached)).post("/platform/people/invitations", data=asked)).status_code == 303
    browser = reached.visitor(session)
    page, token = await followed(reached, browser, email, "invitation")
    assert page.status_code == 200, page.text
    joined = await browser.post("/invitation", data={"token": token})
    assert (joined.status_code, joined.headers["location"]) == (303, f"/t/{shop.tenant.slug}/")
    assert (await browser.get(joined.headers["location"], follow_redirects=True)).status_code == 200


async def test_an_invitation_of_somebody_who_is_no_operator_any_more_is_void(site: Site, shop: Shop) -> None:
    person, mail, _secret = await enrol_operator(site.db)
    email = f"new-{new_id().hex}@shop.example"
    acting = Scope(shop.tenant.id, Actor("person", person, "Otto"), role="system")
    await site.db.run(acting, invitations.invite, shop.tenant, Invite(email, ROLE), ORIGIN)
    assert (await followed(site, site.visitor(), email, "invitation"))[0].status_code == 200
    chief, _mail, _secret = await enrol_operator(site.db)
    await disable_account(site.db, Actor("person", chief, "Olga"), mail, "left")
    assert (await followed(site, site.visitor(), email, "invitation"))[0].status_code == 404
