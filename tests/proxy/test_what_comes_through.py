"""What reaches the shop through the proxy: one request for one request, from where it really came, and no more."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence

import pytest
from starlette.routing import BaseRoute, Mount
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from retail.app import create_app
from retail.runtime.db import Database
from retail.runtime.web import context, protocol
from retail.runtime.web.routing import GuardedRoute
from retail.settings import Settings
from tests.support.front import CONFIGURATION, DOMAIN, STRANGER, Front
from tests.support.web import PASSWORD, enrol
from tests.support.world import Shop, open_shop

HEAD = b"POST /sign-in HTTP/1.1\r\nHost: example.com\r\nContent-Type: text/plain\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"
CHUNKS = b"0\r\n\r\n"
AMBIGUOUS = {
    "CL.TE": HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS + b"G" + NEXT,
    "TE.CL": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n" + NEXT + CHUNKS,
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + NEXT,
    "one length twice": HEAD + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd" + NEXT,
    "a list of lengths": HEAD + b"Content-Length: 0, 44\r\n\r\n" + NEXT,
    "a signed length": HEAD + b"Content-Length: +0\r\n\r\n" + NEXT,
    "a length of nothing": HEAD + b"Content-Length: -1\r\n\r\n" + NEXT,
    "obs-fold": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + CHUNKS + NEXT,
    "a folded length": HEAD + b"Content-Length: 0\r\n 44\r\n\r\n" + NEXT,
    "blank before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNKS + NEXT,
    "another coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS + NEXT,
    "two codings": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKS + NEXT,
    "coding twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n" + CHUNKS + NEXT,
    "two hosts": b"GET / HTTP/1.1\r\nHost: example.com\r\nHost: acme.example.com\r\n\r\n" + NEXT,
    "no host": b"GET / HTTP/1.1\r\n\r\n" + NEXT,
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: example.com\r\nX-A: a\x00b\r\n\r\n" + NEXT,
    "a chunk's length out of bounds": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + NEXT,
}


@pytest.mark.parametrize("kind", AMBIGUOUS)
async def test_a_request_that_can_mean_two_things_is_refused_and_nothing_behind_it_is_read(
    front: Front, kind: str
) -> None:
    before = len(front.requests)
    answer = await front.raw(AMBIGUOUS[kind])
    assert re.match(rb"HTTP/1\.1 (400|501) ", answer), answer[:80]
    assert answer.count(b"HTTP/1.1 ") == 1, "one answer, then the connection ends"
    assert [one["path"] for one in front.requests[before:]] == []


async def test_the_way_of_asking_has_teeth(front: Front) -> None:
    """The same bytes without the ambiguity are two requests, and both arrive."""
    before = len(front.requests)
    plain = b"GET /healthz HTTP/1.1\r\nHost: example.com\r\n\r\n"
    answer = await front.raw(plain + NEXT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 ") == 2
    assert [one["path"] for one in front.requests[before:]] == ["/healthz", "/smuggled"]


async def test_chunks_are_counted_and_written_anew(front: Front) -> None:
    body = b"5\r\nemail\r\n5\r\n=nobo\r\n" + CHUNKS
    typed = HEAD.replace(b"text/plain", b"application/x-www-form-urlencoded") + b"Origin: https://example.com\r\n"
    typed += b"Connection: close\r\n"
    answer = await front.raw(typed + b"Transfer-Encoding: chunked\r\n\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 401 "), "a form with an address that nobody has"
    assert answer.count(b"HTTP/1.1 ") == 1
    assert front.requests[-1]["path"] == "/sign-in"


async def test_where_a_client_says_that_it_comes_from_changes_nothing(front: Front) -> None:
    forged = "198.51.100.7"
    browser = front.browser()
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X_Forwarded_For", "X-Client-IP", "True-Client-IP"):
        value = f"for={forged};host=evil.test;proto=http" if name == "Forwarded" else f"{forged}, 127.0.0.1"
        assert (await browser.get("/sign-in", headers={name: value})).status_code == 200
        assert front.requests[-1]["ip"] == STRANGER, name
    answer = await browser.get(
        "/t/acme/products",
        headers={"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "http", "X-Original-URL": "/"},
    )
    assert answer.status_code == 303
    assert "evil.test" not in answer.headers["location"]
    assert front.requests[-1]["path"] == "/t/acme/products"


async def test_nobody_is_on_the_loopback_behind_the_proxy(front: Front) -> None:
    """/metrics is open to this machine alone, and through the proxy nobody is this machine."""
    assert (await front.browser(source="127.0.0.1").get("/metrics")).status_code == 404


async def test_a_business_is_at_its_host_and_anothers_session_is_worth_nothing_there(
    front: Front, db: Database, shop: Shop
) -> None:
    other = await open_shop(db)
    _, email, _ = await enrol(db, shop.tenant.id, "owner")
    mine = front.browser(f"{shop.tenant.slug}.{DOMAIN}")
    assert (await mine.get("/products")).headers["location"] == "/sign-in?next=/products"
    assert (await mine.post("/sign-in", data={"email": email, "password": PASSWORD})).status_code == 303
    cookie = next(one for one in mine.cookies.jar if one.name == "__Host-s")
    assert cookie.secure
    assert cookie.domain == f"{shop.tenant.slug}.{DOMAIN}"
    assert shop.products[0].name in (await mine.get("/products")).text
    assert (await mine.get(f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/setup")).status_code == 200
    theirs = front.browser(f"{other.tenant.slug}.{DOMAIN}")
    stolen = {"Cookie": f"__Host-s={cookie.value}"}
    assert (await theirs.get("/products", headers=stolen)).status_code == 404
    assert (await theirs.get(f"/t/{other.tenant.slug}/api/v1/products", headers=stolen)).status_code == 404
    assert (await mine.get(f"/t/{other.tenant.slug}/products")).status_code == 404
    foreign = {"Origin": f"https://{other.tenant.slug}.{DOMAIN}"}
    assert (await mine.post("/stores", data={"code": "X"}, headers=foreign)).status_code == 403


async def test_a_socket_over_tls_opens_and_tells_what_happens(front: Front, db: Database, shop: Shop) -> None:
    _, _, secret = await enrol(db, shop.tenant.id, "owner")
    host = f"{shop.tenant.slug}.{DOMAIN}"
    there = {"host": "127.0.0.1", "port": front.tls_port, "ssl": front.trust(), "local_addr": (STRANGER, 0)}
    own = {"Cookie": f"__Host-s={secret}"}
    async with connect(
        f"wss://{host}/api/v1/events", origin=f"https://{host}", additional_headers=own, **there
    ) as opened:
        await opened.send(json.dumps({"token": None, "topics": ["catalogue"], "since": None}))
        assert json.loads(await opened.recv())["type"] in {"live", "lagging"}
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        async with connect(
            f"wss://{host}/api/v1/events", origin=f"https://{DOMAIN}.evil.test", additional_headers=own, **there
        ) as refused:
            await refused.recv()


async def test_the_sockets_of_customer_displays_come_through(front: Front, db: Database, shop: Shop) -> None:
    _, _, secret = await enrol(db, shop.tenant.id, "owner")
    host = f"{shop.tenant.slug}.{DOMAIN}"
    there = {"host": "127.0.0.1", "port": front.tls_port, "ssl": front.trust(), "local_addr": (STRANGER, 0)}
    own = {"Cookie": f"__Host-s={secret}"}
    feed = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/display-feed"
    for path, code in (("/display/live", 4401), (feed, 4404)):
        async with connect(f"wss://{host}{path}", origin=f"https://{host}", additional_headers=own, **there) as opened:
            await opened.wait_closed()
        assert opened.close_code == code, path


async def test_nothing_becomes_a_socket_that_is_none(front: Front) -> None:
    for path, upgrade in (("/sign-in", "websocket"), ("/api/v1/events", "h2c"), ("/sign-in", "h2c")):
        request = f"GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        request += f"Upgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: close\r\n\r\n"
        answer = await front.raw(request.encode())
        assert answer.startswith(b"HTTP/1.1 "), path
        assert not answer.startswith(b"HTTP/1.1 101"), (path, upgrade)


def limits(found: Sequence[BaseRoute], prefix: str = "") -> dict[str, int]:
    """Give each address with how many bytes its largest body may have."""
    listed: dict[str, int] = {}
    for route in found:
        if isinstance(route, Mount):
            listed |= limits(getattr(route.app, "routes", None) or route.routes or [], prefix + route.path)
        elif isinstance(route, GuardedRoute):
            most = inspect.getclosurevars(route.endpoint).nonlocals["most_bytes"]
            path = prefix + route.path
            listed[path] = max(most, listed.get(path, context.BODY_LIMIT))
    return listed


def test_bodies_may_be_as_large_as_the_shop_takes_them_and_no_larger() -> None:
    text = CONFIGURATION.read_text()
    places = re.findall(r"location ~ (\S+) \{\n +client_max_body_size (\d+)k;", text)
    assert len(places) == 3
    assert re.search(r"^    client_max_body_size 2m;", text, re.MULTILINE)
    assert context.BODY_LIMIT == 2 * 1024 * 1024
    found = limits(create_app(Settings(environment="test")).routes)
    assert sum(most > context.BODY_LIMIT for most in found.values()) == 7
    for path, most in found.items():
        for asked in {path.replace("{slug}", "acme"), path.removeprefix("/t/{slug}")}:
            sizes = [int(size) * 1024 for pattern, size in places if re.search(pattern, re.sub(r"\{.+?\}", "1", asked))]
            assert (sizes or [context.BODY_LIMIT]) == [most], asked
    assert "large_client_header_buffers 4 16k;" in text
    assert protocol.MOST_HEAD_BYTES == 4 * 16 * 1024
    assert f"client_header_timeout {protocol.HEAD_SECONDS:.0f}s;" in text


async def test_too_much_is_refused_before_the_shop_reads_it(front: Front) -> None:
    browser, before = front.browser(), len(front.requests)
    assert (await browser.post("/sign-in", content=b"x" * (context.BODY_LIMIT + 1))).status_code == 413
    assert (await browser.get("/sign-in", headers={"X-Long": "x" * 70_000})).status_code in {400, 431}
    assert [one["path"] for one in front.requests[before:]] == []
    assert (await browser.get("/sign-in", headers={"X-Long": "x" * 8_000})).status_code == 200


async def test_the_shop_packs_and_the_proxy_does_not(front: Front) -> None:
    browser = front.browser()
    packed = await browser.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert packed.headers.get_list("content-encoding") == ["gzip"]
    small = await browser.get("/healthz", headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in small.headers


async def test_the_proxys_log_has_no_secret_of_an_address(front: Front) -> None:
    secret = "s3cret-of-a-mail"
    browser = front.browser()
    await browser.get("/invitation", params={"token": secret}, headers={"Referer": f"https://{DOMAIN}/?token={secret}"})
    await browser.get("/t/acme/customers", params={"q": "jane@example.org"}, headers={"Cookie": f"__Host-s={secret}"})
    written = [json.loads(line) for line in front.log.splitlines()]
    assert {"/invitation", "/t/acme/customers"} <= {line["path"] for line in written}
    assert secret not in front.log
    assert "jane@" not in front.log
    assert {line["ip"] for line in written} >= {STRANGER}
