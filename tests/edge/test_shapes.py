"""Requests of every wrong shape: refused with a sentence, the same way everywhere, never a fault of ours."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from retail.api import create_api
from retail.kit.ids import new_id
from retail.runtime.web.context import person
from retail.runtime.web.forms import Fields
from retail.runtime.web.routing import PUBLIC, get, post
from retail.runtime.web.shape import ONCE
from tests.support.crawl import addresses
from tests.support.web import ORIGIN, Site, enrol, make_site
from tests.support.world import Shop

HUGE = ["-1", "0", str(2**31), str(2**63), str(2**64), "1e400", "-1e400", "NaN", "Infinity", "1" * 3000, "0x10",
        "1_000", "\u0661", "\x00", "a\x00b", "\U0001f600", "'; DROP TABLE sale; --", "{{7*7}}",
        "%s%n", "../..", "x" * 3000]  # fmt: skip
BODIES: list[bytes] = [
    b"", b"null", b"[]", b'""', b"0", b"1e400", b'{"a":1e400}', b'{"a":NaN}', b"{", b"\xff\xfe", b'{"a":"\\u0000"}',
    b'{"a":"\\ud800"}', b"[" * 5000 + b"]" * 5000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b"9" * 5000,
    b'{"__proto__":{"x":1},"constructor":1}', b'{"id":1,"id":2}', b"\x00",
]  # fmt: skip


async def tell(request: Request) -> Response:
    fields = await Fields.read(request) if request.method == "POST" else Fields(request.query_params)
    return JSONResponse({"value": fields.text("a")})


PROBES = [get("/probe/tell", tell, permission=PUBLIC), post("/probe/tell", tell, permission=PUBLIC)]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in create_api().openapi()["paths"].items():
        for verb in ("get", "post", "put", "patch", "delete"):
            if verb in verbs:
                yield verb.upper(), path, verbs[verb]


OPERATIONS = list(operations())
LEAVES_BE = ("/auth/logout",)


PLAIN: dict[str, list[Any]] = {
    "integer": [0, 1, -1, 2**31, 2**53, 2**63 - 1, 2**63, 10**30],
    "number": [0, 1.5, -1, 1e308, 10**400],
    "boolean": [True, False],
    "null": [None],
    "string": ["01a1fbca-34e1-75fe-ae06-c03000000000", "x", "", "\x00", "1.5", "1e400", "2026-11-20", "9" * 40,
               "0001-01-01T00:00:00Z"],
}  # fmt: skip
WRONG = [None, [], {}, True, -1, 2**63, 10**400, "\x00", "x" * 5000, "1e400", [[[]]], "\U0001f600"]


def filled(schema: dict[str, Any], known: dict[str, Any], draw: random.Random, depth: int = 0) -> Any:
    """Make a document that looks like what an operation asks for, with one wrong value after another in it."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    several = next((schema[name] for name in ("anyOf", "oneOf", "allOf") if name in schema), None)
    if depth > 8 or draw.random() < 0.15:
        return draw.choice(WRONG)
    if several:
        return filled(draw.choice(several), known, draw, depth + 1)
    if "properties" in schema:
        return {name: filled(of, known, draw, depth + 1) for name, of in schema["properties"].items()}
    if schema.get("type") == "array":
        return [filled(schema.get("items", {}), known, draw, depth + 1) for _ in range(draw.randint(0, 3))]
    return draw.choice(schema.get("enum") or PLAIN.get(schema.get("type", ""), WRONG))


@pytest.fixture
async def owner(site: Site, shop: Shop) -> Any:
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "owner")
    client = site.visitor(secret, Accept="application/json")
    client.base_url = f"{ORIGIN}/t/{shop.tenant.slug}/"
    return client


@pytest.mark.parametrize("seed", range(4))
async def test_no_document_and_no_number_breaks_the_api(site: Site, shop: Shop, owner: Any, seed: int) -> None:
    draw = random.Random(seed)  # the same wrong requests at every run
    schemas = create_api().openapi()["components"]["schemas"]
    known = {"till": str(shop.till), "store": str(shop.store), "product": str(shop.products[0].id)}
    broken = []
    for verb, path, operation in OPERATIONS:
        if path.endswith(LEAVES_BE):
            continue
        site.app.state.process.paces = None
        at, query = path, {}
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                value = known.get(parameter["name"], draw.choice([str(new_id()), *HUGE[:8]]))
                at = at.replace(f"{{{parameter['name']}}}", value)
            elif parameter["in"] == "query" and draw.random() < 0.7:
                query[parameter["name"]] = draw.choice(HUGE)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        sent = json.dumps(filled(body, schemas, draw)).encode() if seed else draw.choice(BODIES)
        answer = await owner.request(
            verb,
            f"api/v1{at}",
            params=query,
            **({} if verb == "GET" else {"content": sent, "headers": {"Content-Type": "application/json"}}),
        )
        if answer.status_code >= 500:
            broken.append((verb, path, query, sent[:300], answer.text[:300]))
    assert broken == []
    assert len(OPERATIONS) > 60


async def test_no_query_and_no_field_breaks_a_page(site: Site, shop: Shop, owner: Any) -> None:
    broken, names = [], ("q", "after", "sort", "from", "to", "day", "store", "till", "page", "limit", "next", "ids")
    for place, one in enumerate(addresses(site.app.routes)):
        if not one.path.startswith("/t/{slug}") or one.api or "sign-out" in one.path:
            continue
        site.app.state.process.paces = None
        values = {name: HUGE[(place + at) % len(HUGE)] for at, name in enumerate(names)}
        path = one.of(shop).removeprefix(f"/t/{shop.tenant.slug}").lstrip("/")
        wanted = {"params": values} if one.verb == "GET" else {"data": values}
        answer = await owner.request(one.verb, path, **wanted)
        if answer.status_code >= 500 and answer.status_code != 503:
            broken.append((one.verb, one.path, answer.status_code, answer.text[:300]))
    assert broken == []


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_broken_json_is_refused_and_no_fault(site: Site, shop: Shop, owner: Any, body: bytes) -> None:
    for path in ("api/v1/sales", "api/v1/sales/batch", f"api/v1/tills/{shop.till}/journal", "api/v1/products",
                 "api/v1/auth/token", "api/v1/devices/enrolments", "api/v1/stock/receipts"):  # fmt: skip
        answer = await owner.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 404, 405, 422}, (path, answer.status_code)


async def test_of_what_is_repeated_the_last_counts_everywhere(site: Site) -> None:
    site.app.router.routes[:0] = PROBES
    visitor = site.visitor()
    assert (await visitor.get("/probe/tell?a=1&a=2")).json() == {"value": "2"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await visitor.post("/probe/tell?a=3", content=b"a=1&a=2", headers=form)).json() == {"value": "2"}
    double = b'{"email":"x@shop.example","email":7,"password":"x"}'
    answer = await visitor.post("/api/v1/auth/token", content=double, headers={"Content-Type": "application/json"})
    assert list(answer.json()["errors"]) == ["email"]


@pytest.mark.parametrize(
    "name", sorted(one.decode() for one in ONCE - {b"transfer-encoding", b"content-length", b"cookie"})
)
async def test_what_means_one_thing_is_said_once(site: Site, name: str) -> None:
    visitor = site.visitor()
    if name == "origin":
        del visitor.headers["Origin"]
    answer = await visitor.get("/healthz", headers=[(name, "one"), (name, "two")])  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert (await visitor.get("/healthz", headers={name: "one"} if name != "host" else {})).status_code == 200


@pytest.mark.parametrize(
    "typed", ["%2527", "&amp;lt;", "%253Cscript%253E", "{{7*7}}", "{0.__class__}", "%(a)s", "${7*7}"]
)
async def test_what_is_typed_is_decoded_once_and_never_run(site: Site, typed: str) -> None:
    site.app.router.routes[:0] = PROBES
    assert (await site.visitor().post("/probe/tell", data={"a": typed})).json() == {"value": typed}


CLOSED = ["/.git/", "/.git/config", "/.git/HEAD", "/.env", "/docs", "/redoc", "/openapi.json", "/static/",
          "/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/kiosk/../.env",
          "/static/css/", "/server-status", "/debug", "/admin", "/_test",
          "/.data/keys/audit", "/static/.DS_Store", "/wp-login.php", "/phpinfo.php"]  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
async def test_these_doors_are_closed(site: Site, path: str) -> None:
    answer = await site.visitor().get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
    assert "Index of" not in answer.text


async def test_trace_and_unknown_verbs_are_closed(site: Site) -> None:
    visitor = site.visitor()
    for verb in ("TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"):
        answer = await visitor.request(verb, "/sign-in", headers={"X-Canary": "canary"})
        assert answer.status_code in {403, 405}
        assert "canary" not in answer.text


async def test_a_fault_says_nothing_of_its_inside(site: Site) -> None:
    async def fail(request: Request) -> Response:
        raise RuntimeError(f"secret place {person}")

    site.app.router.routes[:0] = [get("/probe/fault", fail, permission=PUBLIC)]
    for accept in ("text/html", "application/json"):
        answer = await site.visitor(Accept=accept).get("/probe/fault")
        assert answer.status_code == 500
        assert "secret place" not in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers["x-request-id"] in answer.text


async def test_security_txt_is_there_and_private_pages_are_in_no_index(site: Site, shop: Shop) -> None:
    named = make_site(site.db, security_contact="security@shop.example", public_origins=("https://shop.test",))
    told = await named.visitor().get("/.well-known/security.txt")
    assert (told.status_code, told.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    lines = dict(line.split(": ", 1) for line in told.text.splitlines())
    assert set(lines) == {"Contact", "Expires", "Preferred-Languages", "Canonical"}, "what RFC 9116 asks for, once each"
    assert lines["Contact"] == "mailto:security@shop.example"
    assert lines["Canonical"] == "https://shop.test/.well-known/security.txt"
    assert len(told.text.splitlines()) == len(lines)
    await named.close()
    assert (await site.visitor().get("/.well-known/security.txt")).status_code == 404, "nobody to name"
    owner = await site.member(shop)
    page = await owner.get(f"/t/{shop.tenant.slug}/products")
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
