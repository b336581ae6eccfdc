"""Whatever is asked, and however it fails: the safety headers, the charset, the cookies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from retail.kit.errors import Busy, Conflict, Forbidden, Invalid, TooMany
from retail.runtime.db import Database
from retail.runtime.web import middleware
from retail.runtime.web.headers import HEADERS, HSTS, POLICY, TILL_HEADERS, TILL_MAY
from retail.runtime.web.routing import PUBLIC, get, post
from tests.support.crawl import TLS, addresses, ask, browser
from tests.support.web import PASSWORD, Site, add_app, code_of, enrol, session, socket
from tests.support.world import Shop

TEXTS = ("text/", "application/javascript")
FAULTS = {
    "403": Forbidden("nothing"), "409": Conflict(), "422": Invalid({"": ["No."]}), "429": TooMany(30), "503": Busy(7),
    "500": RuntimeError("a table called secret_table is missing"),
}  # fmt: skip


async def fail(request: Request) -> Response:
    raise FAULTS[request.path_params["kind"]]


async def take(request: Request) -> Response:
    return JSONResponse({"bytes": len(await request.body())})


PROBES = [get("/probe/fail/{kind}", fail, permission=PUBLIC), post("/probe/take", take, permission=PUBLIC)]
TILL_POLICY = TILL_HEADERS["Content-Security-Policy"]


def faults_of(answer: httpx.Response, *, secure: bool = True, policy: str = "") -> list[str]:
    """Say what an answer lacks; `policy`: the permissions policy that it has instead of everybody's."""
    wanted = {name.lower(): value for name, value in HEADERS.items() if name != "Referrer-Policy"}
    wanted |= {"permissions-policy": policy, "content-security-policy": TILL_POLICY} if policy else {}
    found = [name for name, value in wanted.items() if answer.headers.get(name) != value]
    if answer.headers.get("referrer-policy") not in {"strict-origin-when-cross-origin", "no-referrer", "same-origin"}:
        found.append("referrer-policy")
    if not re.fullmatch(r"[0-9a-f]{32}", answer.headers.get("x-request-id", "")):
        found.append("x-request-id")
    if (answer.headers.get("strict-transport-security") == HSTS) is not secure:
        found.append("strict-transport-security")
    if "cache-control" not in answer.headers:
        found.append("cache-control")
    kind = answer.headers.get("content-type", "")
    if answer.content and (not kind or (kind.startswith(TEXTS) and "charset=utf-8" not in kind)):
        found.append(f"content-type {kind!r}")
    if {"server", "x-powered-by", "access-control-allow-origin"} & set(answer.headers):
        found.append("says too much")
    return found


def cookie_faults(cookies: Iterable[str]) -> list[str]:
    """Name the cookies that another host, a script or another site could get at."""
    wrong = []
    for cookie in cookies:
        name, _, rest = cookie.partition("=")
        parts = {part.strip().lower() for part in rest.split(";")[1:]}
        same_site = {part for part in parts if part in {"samesite=lax", "samesite=strict"}}
        domains = [part for part in parts if part.startswith("domain")]
        if not name.startswith("__Host-") or not {"secure", "httponly", "path=/"} <= parts or not same_site or domains:
            wrong.append(cookie)
    return wrong


async def test_every_answer_of_every_address_carries_them(tls: Site, shop: Shop) -> None:
    wrong: dict[str, list[str]] = {}
    stored: list[str] = []
    cookies: list[str] = []
    everywhere = sorted(set(addresses(tls.app.routes)), key=lambda one: (one.verb != "GET", one.path))
    assert len(everywhere) > 200
    for secret in ("", (await enrol(tls.db, shop.tenant.id, "owner"))[2]):
        client = browser(tls.app, secret)
        for one in everywhere:
            answer = await ask(client, one.verb, one.of(shop), api=one.api)
            till = one.path.endswith("/sell") and answer.status_code == 200
            if found := faults_of(answer, policy=TILL_MAY if till else ""):
                wrong[f"{one.verb} {one.path} {answer.status_code}"] = found
            cookies += answer.headers.get_list("set-cookie")
            is_own = one.path.startswith(("/t/", "/account", "/platform", "/api")) and one.path not in SAME_FOR_ALL
            if secret and answer.status_code == 200 and is_own and answer.headers["cache-control"] != "no-store":
                stored.append(f"{one.path} {answer.headers['cache-control']}")
            assert answer.status_code < 500, (one, answer.text[:500])
        await client.aclose()
    assert wrong == {}
    assert stored == []
    assert cookie_faults(cookies) == []


# The same bytes for everybody: a browser may keep them, and asks each time whether they are still right.
SAME_FOR_ALL = {
    "/t/{slug}/tills/{till:uuid}/sell",
    "/t/{slug}/tills/{till:uuid}/display",
    "/t/{slug}/api/v1/openapi.json",
    "/api/v1/openapi.json",
}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_every_kind_of_failure_carries_them(tls: Site, accept: str) -> None:
    tls.app.router.routes[:0] = PROBES
    client = browser(tls.app, Accept=accept)
    answers = [await client.get(f"/probe/fail/{kind}") for kind in FAULTS]
    assert [str(answer.status_code) for answer in answers] == list(FAULTS)
    assert all("secret_table" not in answer.text for answer in answers)
    more = [
        (404, await client.get("/nowhere")),
        (404, await client.get("/static/nothing.css")),
        (405, await client.delete("/sign-in")),
        (405, await client.put("/static/css/base.css")),
        (413, await client.post("/probe/take", content=b"x" * 2_200_000)),
        (403, await client.post("/probe/take", headers={"Origin": "https://evil.test"})),
        (431, await client.get("/sign-in", headers={"X-Long": "x" * 40_000})),
        (431, await client.get("/sign-in?q=" + "x" * 9_000)),
        (400, await client.get("/sign-in", headers=[("Origin", TLS), ("Origin", "https://evil.test")])),  # type: ignore[arg-type]
    ]
    assert [answer.status_code for _status, answer in more] == [status for status, _answer in more]
    for answer in [*answers, *(answer for _status, answer in more)]:
        assert faults_of(answer) == [], answer
    await client.aclose()


async def test_static_files_and_what_is_not_changed_carry_them(tls: Site) -> None:
    client = browser(tls.app)
    page = await client.get("/static/css/base.css")
    again = await client.get("/static/css/base.css", headers={"If-None-Match": page.headers["etag"]})
    worker, icon = await client.get("/sw.js"), await client.get("/favicon.ico")
    assert (page.status_code, again.status_code, worker.status_code) == (200, 304, 200)
    for answer in (page, again, worker, icon, await client.head("/sign-in")):
        assert faults_of(answer) == []
    await client.aclose()


async def test_a_body_that_trickles_is_given_up(tls: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    tls.app.router.routes[:0] = PROBES
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.3)

    async def drip() -> object:
        for _ in range(50):
            yield b"x"
            await asyncio.sleep(0.05)

    client = browser(tls.app, Accept="application/json")
    answer = await client.post("/probe/take", content=drip())
    assert (answer.status_code, answer.json()["code"], answer.headers["connection"]) == (408, "too_slow", "close")
    assert faults_of(answer) == []
    await client.aclose()


async def test_plain_http_promises_no_tls(site: Site) -> None:
    visitor = site.visitor()
    assert faults_of(await visitor.get("/sign-in"), secure=False) == []


async def test_the_policy_is_the_one_of_the_pages() -> None:
    parts = dict(part.strip().partition(" ")[::2] for part in POLICY.split(";"))
    assert parts["default-src"] == parts["base-uri"] == parts["frame-ancestors"] == parts["object-src"] == "'none'"
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == parts["form-action"] == "'self'"
    assert (parts["require-trusted-types-for"], parts["trusted-types"]) == ("'script'", "htmx vega till push")
    assert (parts["report-uri"], parts["report-to"]) == ("/csp-reports", "csp")
    assert "unsafe" not in POLICY
    assert "nonce" not in POLICY


@pytest.mark.parametrize(
    "path", ["/invitation?token=abc", "/password/reset?token=abc", "/sign-up/confirmation?token=a"]
)
async def test_an_address_that_lets_somebody_in_is_told_to_nobody(tls: Site, path: str) -> None:
    client = browser(tls.app)
    assert (await client.get(path)).headers["referrer-policy"] == "no-referrer"
    await client.aclose()


async def test_every_cookie_of_signing_in_is_bound_to_the_host(tls: Site, shop: Shop, db: Database) -> None:
    person, email, _ = await enrol(db, shop.tenant.id, "owner")
    async with db.platform() as unit:
        secret = await add_app(unit, person)
    client = browser(tls.app)
    answers = [
        await client.post("/sign-in", data={"email": email, "password": PASSWORD}),
        await client.post("/sign-in/second", data={"code": code_of(secret, db.clock.now() + timedelta())}),
        await client.post("/sign-in/passkey/options"),
        await client.post("/account/profile", data={"name": "Olga", "language": ""}),
        await client.post("/sign-out"),
    ]
    cookies = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert {"__Host-a", "__Host-s", "__Host-k", "__Host-c", "__Host-flash"} <= names
    assert cookie_faults(cookies) == []
    await client.aclose()


async def test_a_refused_socket_gets_an_answer_with_the_headers(tls: Site, shop: Shop) -> None:
    path = f"/t/{shop.tenant.slug}/live"
    secret = await session(tls.db, (await enrol(tls.db, shop.tenant.id, "owner"))[0])
    facts = {"origin": "https://evil.test", "cookie": f"__Host-s={secret}"}
    async with socket(tls.app, path, extensions={"websocket.http.response": {}}, **facts) as ours:
        start = await ours.next()
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert (await ours.next())["type"] == "websocket.http.response.body"
