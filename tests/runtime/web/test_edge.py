"""What every answer carries, what is refused at the edge, and what an error looks like to whom."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from retail.kit.errors import Busy, NotFound, TooMany
from retail.kit.money import currency
from retail.runtime.db import CommitLost, Database
from retail.runtime.web.findings import sentence
from retail.runtime.web.forms import Fields
from retail.runtime.web.headers import POLICY
from retail.runtime.web.responses import redirect, render, toast
from retail.runtime.web.routing import PUBLIC, get, post
from tests.support.web import ORIGIN, Site, enrol, make_site, socket
from tests.support.world import Shop

ERRORS = {"missing": NotFound("thing"), "busy": Busy(7), "often": TooMany(30), "lost": CommitLost("ROLLBACK")}


async def fail(request: Request) -> Response:
    raise ERRORS[request.path_params["kind"]]


async def count(request: Request) -> Response:
    return JSONResponse({"bytes": len(await request.body())})


async def move(request: Request) -> Response:
    return redirect(request, "/next ü", said="Saved <b>.")


async def said(request: Request) -> Response:
    return toast(render(request, "shared/_flash.html"), "Grüße\r\nX-Evil: 1", "ok")


async def money(request: Request) -> Response:
    fields = await Fields.read(request)
    fields.whole("count", least=1)
    fields.check()
    return JSONResponse({"count": fields.whole("count")})


PROBES = [
    get("/probe/errors/{kind}", fail, permission=PUBLIC),
    post("/probe/count", count, permission=PUBLIC),
    post("/probe/large", count, permission=PUBLIC, most_bytes=4_000_000),
    post("/probe/move", move, permission=PUBLIC),
    get("/probe/said", said, permission=PUBLIC),
    post("/probe/form", money, permission=PUBLIC),
]


@pytest.fixture
def probe(site: Site) -> Site:
    site.app.router.routes[:0] = PROBES
    return site


async def test_every_answer_carries_the_safety_headers(probe: Site) -> None:
    visitor = probe.visitor()
    paths = ["/sign-in", "/nowhere", "/probe/errors/lost", "/static/css/base.css", "/static/nothing.css", "/healthz",
             "/api/v1/me", "/api/v1/docs", "/sw.js", "/t/x/people"]  # fmt: skip
    for path in paths:
        answer = await visitor.get(path)
        assert answer.headers["content-security-policy"] == POLICY, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["permissions-policy"].startswith("camera=(self)")
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
        assert "strict-transport-security" not in answer.headers
        assert "server" not in answer.headers


async def test_pages_are_not_stored_and_vary_by_htmx(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    page = await owner.get(f"/t/{shop.tenant.slug}/people")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "HX-Request" in page.headers["vary"]
    assert (await owner.get(f"/t/{shop.tenant.slug}/api/v1/me")).headers["cache-control"] == "no-store"


async def test_no_page_has_inline_script_or_style(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    for path in ("/people", "/people/new", "/api/v1/docs"):
        text = (await owner.get(f"/t/{shop.tenant.slug}{path}")).text
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", text) == []


async def test_https_behind_a_named_origin_gets_hsts_and_the_strict_cookie(db: Database, shop: Shop) -> None:
    site = make_site(db, public_origins=("https://shop.test",))
    visitor = site.visitor(Origin="https://shop.test")
    page = await visitor.get("/sign-in")
    assert page.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    _, email, _ = await enrol(db, shop.tenant.id, "owner")
    answer = await visitor.post("/sign-in", data={"email": email, "password": "an umbrella in the rain"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-s=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    await site.close()


CSRF = [
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://proxied.test"}, 200),
    ({"Sec-Fetch-Site": "same-site", "Origin": ORIGIN}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}, 403),
    ({"Sec-Fetch-Site": "none"}, 403),
    ({"Origin": ORIGIN}, 200),
    ({"Origin": "https://shop.test"}, 403),
    ({"Origin": "http://shop.test.evil.test"}, 403),
    ({"Origin": "http://shop.test:81"}, 403),
    ({"Origin": "null"}, 403),
    ({"Cookie": "s=anything"}, 403),
    ({}, 200),
    ({"Authorization": "Bearer ct_nobody", "Origin": "https://evil.test"}, 200),
    ({"Authorization": "Basic eDp5", "Cookie": "s=anything"}, 403),
]


@pytest.mark.parametrize(("headers", "status"), CSRF)
async def test_state_changes_come_from_our_own_pages_or_from_no_browser(
    probe: Site, headers: dict[str, str], status: int
) -> None:
    visitor = probe.visitor()
    del visitor.headers["Origin"]
    answer = await visitor.post("/probe/count", content=b"abc", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert "another site" in answer.text


async def test_a_bearer_never_falls_back_to_the_cookie(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    path = f"/t/{shop.tenant.slug}/api/v1/me"
    assert (await owner.get(path)).status_code == 200
    assert (await owner.get(path, headers={"Authorization": "Bearer ct_wrong"})).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://shop.test:81"])
async def test_a_foreign_socket_is_refused_before_it_is_accepted(site: Site, shop: Shop, origin: str) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    async with socket(site.app, f"/t/{shop.tenant.slug}/live", origin=origin, cookie=f"s={secret}") as ours:
        assert await ours.next() == {"type": "websocket.close", "code": 1008}


async def test_a_socket_with_a_cookie_must_name_its_origin(site: Site, shop: Shop) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    async with socket(site.app, f"/t/{shop.tenant.slug}/live", cookie=f"s={secret}") as ours:
        assert (await ours.next())["type"] == "websocket.close"


async def test_nobodys_socket_is_told_to_sign_in_and_not_to_come_back(site: Site, shop: Shop) -> None:
    async with socket(site.app, f"/t/{shop.tenant.slug}/live", origin=ORIGIN) as ours:
        assert (await ours.next())["type"] == "websocket.accept"
        assert await ours.next() == {"type": "websocket.close", "code": 4401}


async def test_a_strangers_socket_is_closed_for_good(site: Site, db: Database, shop: Shop) -> None:
    _, _, secret = await enrol(db, shop.tenant.id, "owner")
    async with socket(site.app, "/t/not-theirs/live", origin=ORIGIN, cookie=f"s={secret}") as ours:
        assert (await ours.next())["type"] == "websocket.accept"
        assert await ours.next() == {"type": "websocket.close", "code": 1008}


async def test_a_body_is_refused_by_its_announced_and_by_its_real_size(probe: Site) -> None:
    visitor = probe.visitor()
    most = 2 * 1024 * 1024
    assert (await visitor.post("/probe/count", content=b"x" * most)).json() == {"bytes": most}
    assert (await visitor.post("/probe/count", content=b"x" * (most + 1))).status_code == 413
    assert (await visitor.post("/probe/large", content=b"x" * 3_999_999)).status_code == 200

    async def drip() -> object:
        for _ in range(40):
            yield b"x" * 65_536

    assert (await visitor.post("/probe/count", content=drip())).status_code == 413


async def test_a_large_json_body_is_too_large_and_not_just_broken(site: Site) -> None:
    body = b'{"email": "' + b"x" * 2_200_000 + b'"}'
    answer = await site.visitor().post("/api/v1/auth/token", content=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("slug", ["%00", "UPPER", "x" * 60, "a", "%2e%2e", "ü"])
async def test_a_name_that_no_shop_can_have_is_a_plain_404(site: Site, shop: Shop, slug: str) -> None:
    owner = await site.member(shop)
    assert (await owner.get(f"/t/{slug}/people")).status_code == 404


async def test_a_page_request_gets_a_page_with_the_true_status(probe: Site) -> None:
    visitor = probe.visitor()
    missing = await visitor.get("/probe/errors/missing")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/html; charset=utf-8")
    busy = await visitor.get("/probe/errors/busy")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "7")
    often = await visitor.get("/probe/errors/often")
    assert (often.status_code, often.headers["retry-after"]) == (429, "30")
    lost = await visitor.get("/probe/errors/lost")
    assert lost.status_code == 500
    assert lost.headers["x-request-id"] in lost.text
    assert "ROLLBACK" not in lost.text


async def test_htmx_gets_a_toast_and_a_program_a_problem(probe: Site) -> None:
    visitor = probe.visitor()
    for_htmx = await visitor.get("/probe/errors/missing", headers={"HX-Request": "true"})
    assert (for_htmx.status_code, for_htmx.content) == (404, b"")
    assert '"toast"' in for_htmx.headers["hx-trigger"]
    for_program = await visitor.get("/probe/errors/missing", headers={"Accept": "application/json"})
    assert for_program.headers["content-type"] == "application/problem+json"
    assert for_program.json() == {
        "type": "urn:countertop:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "We can't find that. It may have been moved or removed; go back and pick it again.",
        "code": "not_found",
    }


async def test_htmx_is_sent_to_sign_in_and_back_to_its_page(site: Site) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{ORIGIN}/t/corner/people?x=1"}
    answer = await site.visitor().get("/t/corner/people", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=/t/corner/people%3Fx%3D1"


async def test_a_redirect_says_its_sentence_once(probe: Site) -> None:
    visitor = probe.visitor()
    answer = await visitor.post("/probe/move", data={})
    assert (answer.status_code, answer.headers["location"]) == (303, "/next%20%C3%BC")
    shown = await visitor.get("/probe/said")
    assert "Saved &lt;b&gt;." in shown.text
    assert "Saved" not in (await visitor.get("/probe/said")).text
    swapped = await visitor.post("/probe/move", data={}, headers={"HX-Request": "true"})
    assert (swapped.status_code, swapped.headers["hx-redirect"]) == (204, "/next%20%C3%BC")


async def test_a_toast_stays_one_ascii_header(probe: Site) -> None:
    answer = await probe.visitor().get("/probe/said")
    assert answer.headers["hx-trigger"] == ('{"toast": {"text": "Gr\\u00fc\\u00dfe\\r\\nX-Evil: 1", "tone": "ok"}}')
    assert "x-evil" not in answer.headers


async def test_wrong_fields_are_422_with_their_sentences(probe: Site) -> None:
    answer = await probe.visitor().post("/probe/form", data={"count": "0"}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == {"count": ["The least is 1."]}
    toasted = await probe.visitor().post("/probe/form", data={"count": "0"}, headers={"HX-Request": "true"})
    assert json.loads(toasted.headers["hx-trigger"])["toast"]["text"] == "The least is 1."


@pytest.mark.parametrize("typed", ["--5", "-", "\u0663", "1e3", "5.0"])
async def test_a_whole_number_is_a_whole_number(typed: str) -> None:
    fields = Fields({"count": typed})
    assert fields.whole("count") == 0
    assert fields.errors == {"count": ["Type a whole number."]}


@pytest.mark.parametrize(("locale", "typed", "read"), [("fr", "1 000,5", "1000.500"), ("en", "1.5", "1.500")])
def test_a_quantity_is_read_the_way_of_the_place(locale: str, typed: str, read: str) -> None:
    fields = Fields({"count": typed}, locale)
    assert (str(fields.quantity("count")), fields.errors) == (read, {})


def test_bounds_of_money_are_said_in_its_currency() -> None:
    fields = Fields({"price": "5000000", "float": "0"})
    fields.money("price", currency("EUR"), most=100_000_000)
    fields.money("float", currency("EUR"), least=1)
    assert fields.errors == {"price": ["The most is €1,000,000.00."], "float": ["The least is €0.01."]}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (date, "2026-13-40"), (date, "2026-11-20T12:00:00Z"), (datetime, "x"), (list[int], 1), (dict[str, int], 1),
        (float, "x"), (Annotated[Decimal, Field(max_digits=3)], "1234"), (Annotated[list[int], Field(max_length=1)],
        [1, 2]), (Decimal, "NaN"), (UUID, "x"), (bool, "x"), (int, "x"), (str, 1), (datetime, 1e300),
    ],
)  # fmt: skip
def test_a_finding_is_said_in_our_own_words(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    (found,) = refused.value.errors()
    assert sentence(dict(found)) != found["msg"]
    assert "nput" not in sentence(dict(found))


async def test_broken_json_is_a_problem_with_fields(site: Site) -> None:
    visitor = site.visitor()
    broken = await visitor.post("/api/v1/auth/token", content=b"{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.headers["content-type"]) == (422, "application/problem+json")
    assert broken.json()["code"] == "invalid"
    lacking = await visitor.post("/api/v1/auth/token", json={"email": "a@b.example"})
    assert list(lacking.json()["errors"]) == ["password"]
    assert (await visitor.get("/api/v1/nothing")).json()["code"] == "not_found"
    assert (await visitor.delete("/api/v1/auth/token")).json()["code"] == "method_not_allowed"
