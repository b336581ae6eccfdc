"""A business under its path and at its own host: the same pages, its own links, cookies of one host, the same 404."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, expect
from starlette.routing import Mount

from retail.app import create_app
from retail.cli.notes import notes
from retail.routes import SITE, TENANT
from retail.runtime.db import Database
from retail.runtime.web.hosts import NO_BUSINESS, first_part, slug_of
from retail.runtime.web.routing import GuardedRoute
from retail.settings import BadSetting, Settings
from tests.support.house import eventually, free_port
from tests.support.selling import open_counter
from tests.support.web import PASSWORD, AnyPace, Site, enrol, enrol_operator, make_site, socket
from tests.support.world import Shop, open_shop

DOMAIN = "tills.test"
LINKS = re.compile(r'(?:href|action|src|hx-get|hx-post)="([^"#]*)"')
_EVERYWHERE = ("/static/", "/kiosk/", "/sign-out", "/account", "/sign-in")


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    made = make_site(db, base_domain=DOMAIN)
    yield made
    await made.close()


def at(site: Site, host: str, secret: str = "") -> httpx.AsyncClient:
    """Give a browser at a host."""
    browser = site.visitor(secret)
    browser.base_url = f"http://{host}"
    browser.headers["Origin"] = f"http://{host}"
    return browser


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("acme.example.com", "acme"), ("ACME.Example.com", "acme"), ("acme.example.com.", "acme"),
        ("acme.example.com:8000", "acme"), ("example.com", None), ("www.example.com", None), ("127.0.0.1:8000", None),
        ("a.b.example.com", NO_BUSINESS), ("-x.example.com", NO_BUSINESS), ("a.example.com", NO_BUSINESS),
        ("evilexample.com", None), ("acme.example.com.evil.test", None), ("", None),
    ],
)  # fmt: skip
def test_a_host_names_a_business(host: str, slug: str | None) -> None:
    assert slug_of(host, "example.com") == slug
    assert slug_of(host, "") is None


def test_a_port_of_the_domain_counts() -> None:
    assert slug_of("acme.localhost:8000", "localhost:8000") == "acme"
    assert slug_of("acme.localhost:9000", "localhost:8000") is None


@pytest.mark.parametrize(
    "wrong",
    ["https://example.com", "example.com/x", "-a.com", "a b", "*.example.com", "127.0.0.1:8000", "example.com:70000"],
)
def test_a_base_domain_is_a_name(wrong: str) -> None:
    with pytest.raises(BadSetting):
        Settings.from_env({"BASE_DOMAIN": wrong})


@pytest.mark.parametrize(
    "wrong", ["shop.example", "https://", "https://[bad", "https://a.b/c", "https://a.b:70000", "*"]
)
def test_a_public_origin_is_an_address(wrong: str) -> None:
    with pytest.raises(BadSetting, match="PUBLIC_ORIGINS must list addresses like"):
        Settings.from_env({"PUBLIC_ORIGINS": f"https://shop.example, http://[::1]:80/,{wrong}"})


def test_the_start_says_where_passkeys_do_not_work() -> None:
    named = {"security_contact": "security@shop.example"}
    assert notes(Settings(**named)) == []
    assert notes(Settings(base_domain="shop.example", **named)) == []
    assert notes(Settings(base_domain="shop.localhost:8931", **named)) == []
    [said] = notes(Settings(base_domain="localhost:8931", port=8931, **named))
    assert "http://localhost:8931 only" in said
    assert "BASE_DOMAIN=shop.localhost:8931" in said
    [said] = notes(Settings(base_domain="tills.test", **named))
    assert said.startswith("Passkeys are off")


def test_the_scheme_follows_from_the_domain() -> None:
    assert Settings(base_domain="example.com").base_url == "https://example.com"
    assert Settings(base_domain="localhost:8000").base_url == "http://localhost:8000"
    assert Settings(base_domain="example.com").is_ours_by_tls("acme.example.com")
    assert not Settings(base_domain="example.com").is_ours_by_tls("evilexample.com")
    assert not Settings(base_domain="").is_ours_by_tls("acme.example.com")


def test_no_page_of_a_business_hides_behind_one_that_is_everybodys() -> None:
    app = create_app(Settings(environment="test", base_domain=DOMAIN))
    shared = {first_part(getattr(route, "path", "")) for route in app.routes if not isinstance(route, Mount)}
    own = {first_part(route.path) for route in TENANT if isinstance(route, GuardedRoute)}
    assert (shared - {"", "t", "platform"}) & own == set()


def pages() -> list[str]:
    """List every page of the site map that needs no id."""
    found = {r.path for r in TENANT if isinstance(r, GuardedRoute) and "GET" in (r.methods or ()) and "{" not in r.path}
    return sorted(found - {"/sales/news"})


async def test_every_page_is_the_same_both_ways_and_links_to_its_own_host(site: Site, shop: Shop) -> None:
    site.app.state.process.paces = AnyPace()
    await (await open_counter(shop)).sell()
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    slug = shop.tenant.slug
    by_path, by_host = at(site, DOMAIN, secret), at(site, f"{slug}.{DOMAIN}", secret)
    paths = pages()
    assert len(paths) > 20
    for path in paths:
        here, there = await by_path.get(f"/t/{slug}{path}"), await by_host.get(path)
        assert here.status_code == there.status_code, path
        if there.status_code == 200 and there.text.startswith("<!DOCTYPE html>"):
            links = [link for link in LINKS.findall(there.text) if link.startswith("/")]
            assert links, path
            assert not [link for link in links if link.startswith("/t/")], path
            others = [
                link for link in LINKS.findall(here.text) if link.startswith("/") and not link.startswith(_EVERYWHERE)
            ]
            assert all(link.startswith((f"/t/{slug}/", "/notices")) or link == "/" for link in others), (path, others)
        lead = await by_host.get(f"/t/{slug}{path}", params={"a": "b"})
        assert (lead.status_code, lead.headers["location"]) == (308, f"{path}?a=b"), path


async def test_the_operators_and_other_businesses_pages_are_not_at_a_business_host(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    _, _, operator = await enrol_operator(site.db)
    host = f"{shop.tenant.slug}.{DOMAIN}"
    mine = at(site, host, secret)
    expected = (await mine.get("/nothing-here")).status_code
    assert expected == 404
    assert (await mine.get(f"/t/{other.tenant.slug}/")).status_code == 404
    assert (await at(site, host, operator).get("/platform")).status_code == 404
    assert (await at(site, DOMAIN, operator).get("/platform")).status_code == 200
    for route in SITE:
        if isinstance(route, GuardedRoute) and route.path.startswith("/platform") and "{" not in route.path:
            assert (await at(site, host, operator).get(route.path)).status_code == 404, route.path


async def test_an_unknown_host_answers_as_one_of_a_business_that_isnt_ones_own(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    answers = []
    for name in ("nobody-has-this", other.tenant.slug, "sub.domain", "wrong_name"):
        for who in ("", secret):
            answer = await at(site, f"{name}.{DOMAIN}", who).get("/products")
            text = re.sub(r"[0-9a-f]{32}", "", answer.text.replace(name, ""))
            answers.append((bool(who), answer.status_code, answer.headers.get("location"), text))
    assert len(set(answers)) == 2
    assert {(who, status) for who, status, _to, _text in answers} == {(False, 303), (True, 404)}


async def test_signing_in_at_its_host_leads_to_the_business_with_a_cookie_of_that_host(site: Site, shop: Shop) -> None:
    host = f"{shop.tenant.slug}.{DOMAIN}"
    for role, first in (("owner", "/"), ("clerk", "/tills")):
        _, email, _ = await enrol(site.db, shop.tenant.id, role)
        browser = at(site, host)
        assert (await browser.get("/products")).headers["location"] == "/sign-in?next=/products"
        answer = await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, first)
        cookies = answer.headers.get_list("set-cookie")
        assert any(cookie.startswith("s=") for cookie in cookies)
        assert not any("domain=" in cookie.lower() for cookie in cookies)


async def test_the_start_of_the_host_leads_a_clerk_to_the_tills(site: Site, shop: Shop) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "clerk")
    clerk = at(site, f"{shop.tenant.slug}.{DOMAIN}", secret)
    answer = await clerk.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tills")
    assert (await clerk.get("/tills")).status_code == 200


async def test_with_tls_in_front_cookies_are_bound_to_their_host(db: Database, shop: Shop) -> None:
    site = make_site(db, base_domain="example.com")
    _, email, _ = await enrol(db, shop.tenant.id, "owner")
    browser = at(site, f"{shop.tenant.slug}.example.com")
    browser.headers["Origin"] = f"https://{shop.tenant.slug}.example.com"
    answer = await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303
    session = next(cookie for cookie in answer.headers.get_list("set-cookie") if "__Host-s=" in cookie)
    assert "Secure" in session
    assert "Path=/" in session
    await site.close()


async def test_one_business_host_may_not_write_at_anothers(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    browser = at(site, f"{shop.tenant.slug}.{DOMAIN}", secret)
    store = {"code": "NEU", "name": "New", "timezone": "Europe/Berlin", "day_cutoff_hour": "4"}
    for foreign in (f"http://{other.tenant.slug}.{DOMAIN}", f"http://{DOMAIN}"):
        assert (await browser.post("/stores", data=store, headers={"Origin": foreign})).status_code == 403
    answer = await browser.post("/stores", data=store)
    assert (answer.status_code, answer.headers["location"]) == (303, "/stores")


async def test_the_api_and_the_till_are_at_the_host_as_well(site: Site, shop: Shop) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    browser = at(site, f"{shop.tenant.slug}.{DOMAIN}", secret)
    setup = await browser.get(f"/api/v1/tills/{shop.till}/setup")
    assert setup.json()["tenant"]["slug"] == shop.tenant.slug
    again = await browser.get(f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/setup")
    assert again.status_code == 200, "a till's client asks there, and follows no redirect"
    assert (await browser.get(f"/tills/{shop.till}/sell")).status_code == 200
    worker = await browser.get("/sw.js")
    assert (worker.status_code, worker.headers["service-worker-allowed"]) == (200, "/")


async def test_a_socket_opens_at_the_host_and_for_its_own_pages_only(site: Site, shop: Shop) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "owner")
    host = f"{shop.tenant.slug}.{DOMAIN}"
    for origin, refused in ((f"http://{host}", False), (f"http://{DOMAIN}", True)):
        async with socket(site.app, "/live", host=host, cookie=f"s={secret}", origin=origin) as ours:
            answer = await ours.next()
            assert (answer["type"] == "websocket.close" and answer.get("code") == 1008) == refused


async def test_a_till_sells_at_the_host_in_a_real_browser(db: Database, shop: Shop, browser: Browser) -> None:
    _, _, secret = await enrol(db, shop.tenant.id, "owner")
    port = free_port()
    site = make_site(db, base_domain=f"localhost:{port}")
    server = uvicorn.Server(uvicorn.Config(site.app, port=port, lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    origin = f"http://{shop.tenant.slug}.localhost:{port}"
    context = await browser.new_context(base_url=origin)
    try:
        await context.add_cookies([{"name": "s", "value": secret, "url": origin}])
        page = await context.new_page()
        await page.goto(f"/tills/{shop.till}/sell")
        await expect(page.get_by_text("Open the shift").first).to_be_visible()
        assert page.url == f"{origin}/tills/{shop.till}/sell"
        worker = "navigator.serviceWorker.ready.then((found) => [found.scope, found.active !== null])"
        assert await page.evaluate(worker) == [f"{origin}/", True]
        await page.goto(f"{origin}/t/{shop.tenant.slug}/products")
        assert page.url == f"{origin}/products"
    finally:
        await context.close()
        server.should_exit = True
        await serving
        await site.close()
