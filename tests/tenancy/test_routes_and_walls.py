"""Every address, as nobody, as a member of another shop, as a member without the right, and with it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from retail.app import create_app
from retail.identity.permissions import ALL
from retail.runtime.db import Database
from retail.runtime.web.routing import OPERATOR, PUBLIC, SIGNED_IN
from retail.settings import Settings
from tests.support.doors import Door, doors, of_tenant
from tests.support.web import AnyPace, Site, enrol, enrol_operator, make_site
from tests.support.world import Shop, open_shop

APP = create_app(Settings(environment="test"))


ALL_DOORS = list(doors(APP.routes))
OF_TENANT = of_tenant(ALL_DOORS)
GUARDED = [door for door in OF_TENANT if door.permission in ALL]


def named(found: list[Door]) -> list[object]:
    return [pytest.param(door, id=f"{door.verb} {door.path}") for door in found]


@dataclass(frozen=True)
class Street:
    """Two shops side by side."""

    site: Site
    shop: Shop
    nobody: httpx.AsyncClient
    viewer: httpx.AsyncClient
    stranger: httpx.AsyncClient
    holders: dict[frozenset[str], httpx.AsyncClient] = field(default_factory=dict)

    async def holder(self, permissions: frozenset[str]) -> httpx.AsyncClient:
        """Give a member who may do just this."""
        if permissions not in self.holders:
            self.holders[permissions] = await self.site.holder(self.shop, *permissions)
        return self.holders[permissions]

    async def knock(self, who: httpx.AsyncClient, door: Door) -> httpx.Response:
        path = door.address(self.shop.tenant.slug)
        body = {} if door.verb in {"GET", "DELETE"} else {"json": {}} if door.api else {"data": {"x": "y"}}
        return await who.request(door.verb, path, **body)


@pytest.fixture(scope="module")
async def street(db: Database) -> AsyncIterator[Street]:
    site = make_site(db)
    site.app.state.process.paces = AnyPace()
    shop, other = await open_shop(db), await open_shop(db)
    _, _, viewer = await enrol(db, shop.tenant.id, "viewer")
    _, _, stranger = await enrol(db, other.tenant.id, "owner")
    yield Street(site, shop, site.visitor(), site.visitor(viewer), site.visitor(stranger))
    await site.close()


def test_every_address_declares_who_may_come() -> None:
    known = ALL | {PUBLIC, SIGNED_IN, OPERATOR}
    assert [f"{door.verb} {door.path}" for door in ALL_DOORS if door.permission not in known] == []


def test_only_these_addresses_of_a_shop_ask_for_no_right() -> None:
    free = {door.path.removeprefix("/t/{slug}") for door in ALL_DOORS if door.permission not in ALL}
    assert free == {
        "/",
        "/api/v1/approvals",  # who needs an approval asks for it; the operation looks at the right itself
        "/api/v1/approvals/{id}",  # shown to who asked, and to those who may approve
        "/approvals/{approval:uuid}/state",
        "/stripe-events",  # signed by the payment provider, and believed only when it was asked back
        "/platform/coupons",
        "/platform/coupons/{code}/end",
        "/platform/businesses/{slug}/payments",
        "/platform/businesses/{slug}/payments/{payment:uuid}/removal",
        "/billing/standing",  # the banner of every page: how the business stands, and nothing of its bills
        "/api/v1/auth/logout",
        "/api/v1/auth/refresh",
        "/.well-known/jwks.json",
        "/api/v1/auth/jwt",
        "/api/v1/auth/token",
        "/api/v1/devices/challenges",  # a device has nothing but its key: signatures decide
        "/api/v1/devices/enrolments",
        "/api/v1/devices/farewells",
        "/api/v1/devices/sessions",
        "/api/v1/displays/pairings",  # a code decides
        "/api/v1/docs",
        "/api/v1/events",
        "/api/v1/me",
        "/csp-reports",
        "/till-reports",  # of no session: a till whose page broke may have none
        "/logo/{name}-{side:int}.webp",  # every member sees the business's own mark
        "/api/v1/openapi.json",
        "/api/v1/shifts/{id}",  # asks for one of two rights: whoever runs shifts sees theirs, whoever views them all
        "/healthz",
        "/display",
        "/display/live",  # its cookie says which till it shows
        "/kiosk",
        # every member has news and threads; who takes part in one is asked by the query itself
        "/news",
        "/news/strip",
        "/news/{announcement:uuid}/confirmation",
        # the app is where everybody begins: Today asks for its right itself, the rest is the reader's own
        "/pocket",
        "/pocket/badge",
        "/pocket/badges",
        "/pocket/manifest.webmanifest",
        "/pocket/messages",
        "/pocket/offline",
        "/messages",
        "/messages/unread",
        "/messages/new",
        "/messages/{thread:uuid}",
        "/messages/{thread:uuid}/talk",
        "/messages/{thread:uuid}/messages",
        "/messages/{thread:uuid}/reading",
        "/messages/{thread:uuid}/parties",
        "/messages/{thread:uuid}/leaving",
        "/messages/{thread:uuid}/files/{file:uuid}",
        "/api/v1/announcements",
        "/api/v1/announcements/{announcement}/confirmation",
        "/api/v1/threads",
        "/api/v1/threads/{thread}/messages",
        "/api/v1/threads/{thread}/reading",
        "/platform/businesses/{slug}/look",
        "/platform/look/stop",
        "/platform/errors",
        "/platform/errors/export",
        "/platform/businesses/export",
        "/platform/coupons/export",
        "/platform/audit/export",
        "/platform/jobs/failed/export",
        "/platform/switches/history/export",
        "/platform/errors/{id:uuid}",
        "/platform/errors/{id:uuid}/status",
        "/platform/jobs",
        "/platform/jobs/failed",
        "/platform/jobs/failed/{tenant:uuid}/{id:uuid}/removal",
        "/platform/jobs/failed/{tenant:uuid}/{id:uuid}/retry",
        "/platform/jobs/{job}/pause",
        "/platform/jobs/{job}/resumption",
        "/platform/jobs/{job}/runs",
        "/platform/security",
        "/platform/security/{group}",
        "/platform/switches",
        "/platform/switches/history",
        "/platform/switches/{key}",
        "/platform/switches/{key}/removal",
        "/platform/announcements",
        "/platform/announcements/new",
        "/platform/announcements/{announcement:uuid}",
        "/platform/announcements/{announcement:uuid}/withdrawal",
        "/platform/messages",
        "/platform/messages/new",
        "/platform/messages/unread",
        "/platform/messages/{tenant:uuid}/{thread:uuid}",
        "/platform/messages/{tenant:uuid}/{thread:uuid}/talk",
        "/platform/messages/{tenant:uuid}/{thread:uuid}/messages",
        "/platform/messages/{tenant:uuid}/{thread:uuid}/reading",
        "/platform/messages/{tenant:uuid}/{thread:uuid}/files/{file:uuid}",
        "/live",
        "/metrics",
        "/platform",
        "/platform/live",
        "/platform/businesses/{slug}/notes",
        "/platform/people/invitations",
        "/platform/people/erasure",
        "/platform/audit",
        "/platform/mail",
        "/platform/people",
        "/platform/people/disabling",
        "/platform/people/enabling",
        "/platform/mail/{mail}",
        "/platform/mail/silent",
        "/platform/mail/silent/{channel}/{name}/removal",
        "/notices",  # one's own: whoever belongs to the business has a bell
        "/notices/browsers",
        "/notices/browsers/removal",
        "/notices/reading",
        "/notices/settings",
        "/notices/unread",
        "/notices/{notification:uuid}",
        "/notices/{notification:uuid}/reading",
        "/pages",  # names of pages, each to whoever may open it
        "/readyz",
        "/account",
        "/account/app",
        "/account/app/removal",
        "/account/codes",
        "/account/data",
        "/account/data/{export}",
        "/account/history",
        "/account/passkeys",
        "/account/passkeys/options",
        "/account/passkeys/{passkey}/name",
        "/account/passkeys/{passkey}/removal",
        "/account/password",
        "/account/profile",
        "/account/programs/{family}/end",
        "/account/sessions",
        "/account/sessions/end",
        "/account/sessions/{session}/end",
        "/confirm",
        "/confirm/code",
        "/confirm/held",
        "/confirm/passkey",
        "/confirm/passkey/options",
        "/confirm/password",
        "/sign-in",
        "/sign-in/passkey",
        "/sign-in/passkey/options",
        "/sign-in/second",
        "/sign-out",
        "/office.js",
        "/offline",
        "/kiosk/shell/{version}",
        "/sw.js",
        "",
        "/.well-known/security.txt",
        "/invitation",
        "/password/forgotten",
        "/password/reset",
        "/platform/businesses/{slug}/networks-opening",
        "/platform/businesses",
        "/platform/businesses/new",
        "/platform/businesses/{slug}",
        "/platform/businesses/{slug}/closing",
        "/platform/businesses/{slug}/exports",
        "/platform/businesses/{slug}/exports/{export:uuid}",
        "/platform/businesses/{slug}/freeze",
        "/platform/businesses/{slug}/plan",
        "/platform/businesses/{slug}/plan/preview",
        "/platform/businesses/{slug}/invoices/{invoice:uuid}/pdf",
        "/platform/invoices",
        "/platform/search",
        "/platform/invoices/export",
        "/platform/businesses/{slug}/trial",
        "/platform/businesses/{slug}/reopening",
        "/platform/businesses/{slug}/rescue",
        "/platform/businesses/{slug}/thaw",
        "/r/{token}",  # a receipt, for whoever has its code
        "/sign-up",
        "/sign-up/confirmation",
        "/platform/businesses/{slug}/second-steps",
        "/sign-in/sso",
        "/sign-in/sso/{slug}",
        "/sign-in/sso/{slug}/callback",
        "/sign-in/sso/{slug}/start",
    }


def test_every_verb_and_address_is_there_once() -> None:
    said = [(door.verb, door.path) for door in ALL_DOORS]
    assert sorted({one for one in said if said.count(one) > 1}) == []


def test_there_are_doors_to_knock_at() -> None:
    assert len(GUARDED) > 20


@pytest.mark.parametrize("door", named(GUARDED))
async def test_nobody_is_asked_to_sign_in(street: Street, door: Door) -> None:
    answer = await street.knock(street.nobody, door)
    if door.api:
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unauthenticated"
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("door", named(OF_TENANT))
async def test_a_member_of_another_shop_finds_nothing(street: Street, door: Door) -> None:
    answer = await street.knock(street.stranger, door)
    assert answer.status_code == 404
    assert street.shop.tenant.name not in answer.text


@pytest.mark.parametrize("door", named(GUARDED))
async def test_a_member_without_the_right_is_refused(street: Street, door: Door) -> None:
    answer = await street.knock(await street.holder(ALL - {door.permission}), door)
    assert answer.status_code == 403
    if door.api:
        assert answer.json()["permission"] == door.permission


@pytest.mark.parametrize("door", named([door for door in GUARDED if door.also]))
async def test_a_member_without_the_second_right_is_refused(street: Street, door: Door) -> None:
    for further in door.also.split():
        own = await street.site.holder(street.shop, *(ALL - {further}))  # files have a pace for each person
        answer = await street.knock(own, door)
        assert answer.status_code == 403


@pytest.mark.parametrize("door", named(GUARDED))
async def test_a_member_with_just_the_right_comes_in(street: Street, door: Door) -> None:
    answer = await street.knock(await street.holder(door.rights), door)
    assert answer.status_code not in {401, 403, 405, 500}
    assert answer.status_code < 500
    if "{" not in door.path.removeprefix("/t/{slug}"):
        assert answer.status_code != 404


async def test_another_shop_and_no_shop_are_the_same_404(street: Street) -> None:
    there = await street.stranger.get(f"/t/{street.shop.tenant.slug}/people")
    nowhere = await street.stranger.get("/t/nobody-has-this/people")
    strip = re.compile(r"[0-9a-f]{32}")
    assert there.status_code == nowhere.status_code == 404
    assert strip.sub("", there.text) == strip.sub("", nowhere.text)


async def test_the_operator_sees_the_platform_and_no_shop(street: Street) -> None:
    _, _, secret = await enrol_operator(street.site.db)
    operator = street.site.visitor(secret)
    page = await operator.get("/platform")
    assert page.status_code == 200
    assert (await operator.get(f"/t/{street.shop.tenant.slug}/people")).status_code == 404
    assert (await street.viewer.get("/platform")).status_code == 403
    assert (await street.nobody.get("/platform")).status_code == 303


async def test_the_trail_of_one_shop_never_shows_the_others(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    items: list[dict[str, Any]] = []
    asked = {"limit": "500"}
    while True:
        page = (await street.viewer.get(f"/t/{street.shop.tenant.slug}/api/v1/audit/events", params=asked)).json()
        items += page["items"]
        if page["next"] is None:
            break
        asked["after"] = page["next"]
    async with street.site.db.read(street.shop.scope) as read:
        ours = {str(row["id"]) for row in await read.fetch("SELECT id FROM audit_event")}
    assert {item["id"] for item in items} == ours
    assert json.dumps(items).count("tenant.opened") == 1
