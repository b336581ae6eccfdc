"""Which names of a Host header are ours: a stranger's name that leads here (DNS rebinding) opens nothing."""

from __future__ import annotations

import socket as machine

import pytest

from retail.runtime.db import Database
from retail.runtime.web.names import Names, own_names
from retail.settings import BadSetting, Settings
from tests.support.web import Site, enrol, make_site, socket
from tests.support.world import Shop

LAN = Settings(port=8000)
NAMED = Settings(
    base_domain="example.com:8443", public_origins=("https://till.shop.example",), allowed_hosts=("pi.lan", "web")
)


@pytest.mark.parametrize(
    ("settings", "host", "ours"),
    [
        (LAN, "127.0.0.1:8000", True), (LAN, "localhost", True), (LAN, "acme.localhost:8000", True),
        (LAN, "LOCALHOST.:8000", True), (LAN, "192.168.1.20:8000", True), (LAN, "[::1]:8000", True),
        (LAN, "[fe80::12]", True), (LAN, "8.8.8.8", True),
        (LAN, "evil.test", False), (LAN, "localhost.evil.test", False), (LAN, "evil-localhost", False),
        (LAN, "127.0.0.1.evil.test", False), (LAN, "127.1", False), (LAN, "[::1", False), (LAN, "::1", False),
        (LAN, "", False), (LAN, "localhost@evil.test", False), (LAN, "localhost evil.test", False),
        (LAN, "localhost:evil", False), (LAN, "evil.test\n.localhost", False), (LAN, "[evil]", False),
        (NAMED, "example.com", True), (NAMED, "acme.example.com:8443", True), (NAMED, "a.b.example.com", True),
        (NAMED, "evilexample.com", False), (NAMED, "example.com.evil.test", False),
        (NAMED, "till.shop.example", True), (NAMED, "shop.example", False), (NAMED, "x.till.shop.example", False),
        (NAMED, "pi.lan:80", True), (NAMED, "web", True), (NAMED, "x.pi.lan", False),
        (Settings(host="till-pc"), "till-pc:8000", True),
    ],
)  # fmt: skip
def test_a_name_is_ours_or_not(settings: Settings, host: str, ours: bool) -> None:
    assert Names(settings).hold(host) is ours


def test_without_a_list_the_machines_own_name_is_answered() -> None:
    name = machine.gethostname().lower()
    assert own_names() == {name, f"{name.partition('.')[0]}.local"}
    assert Names(LAN).hold(f"{name}:8000")
    assert not Names(NAMED).hold(f"{name}:8000"), "a list says all the names there are"


@pytest.mark.parametrize("wrong", ["https://shop.lan", "shop.lan:8000", "*", ".shop.lan", "a b", "[::1]"])
def test_the_list_holds_names(wrong: str) -> None:
    assert Settings.from_env({"ALLOWED_HOSTS": "Shop.LAN, web."}).allowed_hosts == ("shop.lan", "web")
    with pytest.raises(BadSetting, match="ALLOWED_HOSTS must list names"):
        Settings.from_env({"ALLOWED_HOSTS": wrong})


async def test_a_strangers_name_is_answered_with_what_to_set_and_nothing_else(site: Site, shop: Shop) -> None:
    _, email, secret = await enrol(site.db, shop.tenant.id, "owner")
    slug = shop.tenant.slug
    for path in (f"/t/{slug}/people", "/account", "/sign-in", "/static/css/base.css", "/metrics", "/api/v1/me"):
        answer = await site.visitor(secret, Host="rebound.evil.test").get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 421, path
        assert "rebound.evil.test" in answer.text
        assert "ALLOWED_HOSTS" in answer.text
        assert email not in answer.text
    problem = await site.visitor(secret, Host="rebound.evil.test").post(f"/t/{slug}/api/v1/sales", json={})
    assert (problem.status_code, problem.json()["code"]) == (421, "unknown_name")
    assert (await site.visitor(secret).get(f"/t/{slug}/people")).status_code == 200


async def test_what_watches_us_may_call_us_anything(site: Site) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await site.visitor(Host="web-7f9c:8000").get(path)).status_code in {200, 503}


async def test_a_socket_by_a_strangers_name_is_never_accepted(db: Database, shop: Shop) -> None:
    site = make_site(db)
    _, _, secret = await enrol(db, shop.tenant.id, "owner")
    path, evil = f"/t/{shop.tenant.slug}/live", "rebound.evil.test"
    async with socket(site.app, path, host=evil, cookie=f"s={secret}", origin=f"http://{evil}") as theirs:
        assert await theirs.next() == {"type": "websocket.close", "code": 1008}
    async with socket(site.app, "/api/v1/events", host=evil) as program:
        assert await program.next() == {"type": "websocket.close", "code": 1008}
    await site.close()
