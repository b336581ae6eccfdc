"""Who may change anything: our own pages and programs. Looking changes nothing."""

from __future__ import annotations

import re

import asyncpg
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from retail.runtime.db import Database
from retail.runtime.web import reports
from retail.runtime.web.routing import PUBLIC, delete, get, patch, post, put
from tests.support.crawl import TLS, addresses, ask, browser
from tests.support.database import Clone
from tests.support.selling import open_counter
from tests.support.web import Site, enrol, enrol_operator, make_site, socket
from tests.support.world import Shop

OURS, EVIL, SIBLING = "https://acme.shop.test", "https://evil.test", "https://other.shop.test"

# Sec-Fetch-Site, Origin, cookie, bearer -> may it change something? "-" is a header that isn't sent.
VECTORS = [
    ("same-origin", OURS, True, False, True),
    ("same-origin", "-", True, False, True),
    ("same-site", OURS, True, False, False),
    ("same-site", SIBLING, True, False, False),  # another business's host
    ("same-site", "-", True, False, False),
    ("cross-site", EVIL, True, False, False),
    ("cross-site", OURS, True, False, False),
    ("cross-site", "-", False, False, False),
    ("none", "-", True, False, False),  # typed or from a bookmark: no page of ours sent it
    ("none", OURS, True, False, False),
    ("SAME-ORIGIN", OURS, True, False, False),
    ("nonsense", OURS, True, False, False),
    ("", OURS, True, False, False),
    ("-", OURS, True, False, True),
    ("-", OURS, False, False, True),
    ("-", EVIL, True, False, False),
    ("-", EVIL, False, False, False),
    ("-", SIBLING, True, False, False),
    ("-", "https://shop.test", True, False, False),  # the platform's own host is another origin
    ("-", "http://acme.shop.test", True, False, False),
    ("-", "https://acme.shop.test:8443", True, False, False),
    ("-", "https://acme.shop.test.evil.test", True, False, False),
    ("-", "https://acme.shop.test@evil.test", True, False, False),
    ("-", "null", True, False, False),
    ("-", "", True, False, False),
    ("-", "-", True, False, False),
    ("-", "-", False, False, True),  # no browser, and nobody's session to abuse
    ("-", EVIL, False, True, True),  # no other site can add a bearer
    ("cross-site", EVIL, True, True, True),  # and beside one the cookie counts for nothing
]


async def changed(request: Request) -> Response:
    return JSONResponse({"signed_in": request.scope["countertop.edge"].person is not None})


PROBES = [
    *(make("/probe", changed, permission=PUBLIC) for make in (post, put, patch, delete)),
    get("/probe", changed, permission=PUBLIC),
]


@pytest.fixture
async def acme(db: Database) -> Site:
    """Businesses at hosts of their own."""
    made = make_site(db, base_domain="shop.example")
    made.app.router.routes[:0] = PROBES
    return made


def told(site: str, origin: str, *, bearer: bool) -> dict[str, str]:
    headers = {"Sec-Fetch-Site": site} if site != "-" else {}
    headers |= (
        {"Origin": origin.replace(".test", ".example") if "evil" not in origin else origin} if origin != "-" else {}
    )
    return headers | ({"Authorization": "Bearer ct_" + "x" * 43} if bearer else {})


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("site", "origin", "cookie", "bearer", "may"), VECTORS)
async def test_only_our_own_pages_and_programs_change_anything(  # noqa: PLR0917 - the table's columns
    acme: Site, verb: str, site: str, origin: str, cookie: bool, bearer: bool, may: bool
) -> None:
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=acme.app),
        base_url="https://acme.shop.example",
        cookies={"__Host-s": "anything"} if cookie else None,
    )
    answer = await client.request(verb, "/probe", headers=told(site, origin, bearer=bearer))
    await client.aclose()
    refused = "another site" in answer.text
    assert refused is not may
    if refused:
        assert answer.status_code == 403


SOCKETS = [
    # Sec-Fetch-Site, Origin, cookie -> may it be opened?
    ("same-origin", OURS, True, True),
    ("-", OURS, True, True),
    ("same-origin", "-", True, False),  # every browser names a socket's origin
    ("-", "-", True, False),
    ("-", EVIL, True, False),
    ("-", EVIL, False, False),
    ("same-site", SIBLING, True, False),
    ("-", SIBLING, True, False),
    ("same-origin", EVIL, True, False),
    ("cross-site", OURS, True, False),
    ("none", "-", True, False),
    ("-", "null", True, False),
    ("-", "http://acme.shop.test", True, False),
    ("-", "https://acme.shop.test:8443", True, False),
    ("-", "-", False, True),  # a program: its first message has the token
]


@pytest.mark.parametrize(("site", "origin", "cookie", "may"), SOCKETS)
async def test_only_our_own_pages_and_programs_open_sockets(
    acme: Site, *, site: str, origin: str, cookie: bool, may: bool
) -> None:
    headers = told(site, origin, bearer=False) | ({"Cookie": "__Host-s=anything"} if cookie else {})
    facts = {name.lower(): value for name, value in headers.items()}
    async with socket(acme.app, "/api/v1/events", host="acme.shop.example", scheme="wss", **facts) as ours:
        first = await ours.next()
    assert (first["type"] == "websocket.accept") is may
    if not may:
        assert first == {"type": "websocket.close", "code": 1008}


async def test_a_bearer_of_another_site_makes_no_use_of_the_cookie(acme: Site, shop: Shop) -> None:
    _person, _email, secret = await enrol(acme.db, shop.tenant.id, "owner")
    client = browser(acme.app, secret, origin="https://shop.example")
    headers = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Authorization": "Bearer ct_" + "x" * 43}
    assert (await client.post("/probe", headers=headers)).json() == {"signed_in": False}
    assert (await client.post("/probe")).json() == {"signed_in": True}
    await client.aclose()


async def test_every_address_that_changes_something_refuses_another_site(tls: Site, shop: Shop) -> None:
    _person, _email, secret = await enrol(tls.db, shop.tenant.id, "owner")
    client = browser(tls.app, secret, Accept="application/json")
    asked = 0
    for one in addresses(tls.app.routes):
        if one.verb == "GET" or one.path == reports.PATH:
            continue
        for headers in (
            {"Origin": "https://evil.test"},
            {"Origin": TLS, "Sec-Fetch-Site": "same-site"},
            {"Origin": TLS, "Sec-Fetch-Site": "none"},
        ):
            answer = await client.request(one.verb, one.of(shop), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), one
            asked += 1
    assert asked > 300
    await client.aclose()


async def fingerprint(clone: Clone) -> dict[str, tuple[int, str]]:
    """Give of every table how many rows it has, and a hash of all that they hold."""
    admin = await asyncpg.connect(clone.admin_url)
    tables = await admin.fetch(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND NOT c.relispartition"
    )
    found = {}
    for (name,) in tables:
        sql = (
            f"SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM \"{name}\" t"
        )
        count, hashed = await admin.fetchrow(sql)
        found[name] = (count, hashed)
    await admin.close()
    return found


# What looking may leave behind, and why.
TRACES = {
    "audit_event": "an export is recorded before its first byte",
    "audit_waiting": "an export is recorded before its first byte",
    "totp": "the secret of an app that is shown once and isn't confirmed; the next look replaces it",
    "session": "a session that has opened a till rests as long as a working day",
}


async def test_looking_changes_nothing(site: Site, shop: Shop, clone: Clone) -> None:
    sold = await (await open_counter(shop)).sell()
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    _operator, _mail, operators = await enrol_operator(site.db)
    looking = [one for one in addresses(site.app.routes) if one.verb == "GET"]
    before = await fingerprint(clone)
    statuses = set()
    for client in (site.visitor(secret), site.visitor(operators), site.visitor()):
        for one in looking:
            answer = await ask(client, "GET", one.of(shop, {"product": shop.products[0].id, "sale": sold.id}))
            statuses.add(answer.status_code)
            head = await client.head(one.of(shop))
            assert head.status_code < 500
    after = await fingerprint(clone)
    changed_tables = {name for name in before if before[name] != after[name]}
    assert changed_tables <= set(TRACES), changed_tables
    assert len(looking) > 100
    assert 200 in statuses
    assert max(statuses) < 500


def test_no_address_is_reached_by_a_safe_verb_that_is_written_for_changing(site: Site) -> None:
    by_path: dict[str, set[str]] = {}
    for one in addresses(site.app.routes):
        by_path.setdefault(one.path, set()).add(one.verb)
    verbs = {verb for found in by_path.values() for verb in found}
    assert verbs <= {"GET", "POST", "PUT", "PATCH", "DELETE"}
    wrong = [
        path for path, found in by_path.items() if re.search(r"/(delete|remove|end|revoke)$", path) and "GET" in found
    ]
    assert wrong == []
