"""How far the app answers without a network: every section of the back office, never a till, never a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retail.analytics.pocket.reach import LEFT_OUT, OWN, SECTIONS, allowed
from retail.routes import SITE, TENANT
from retail.runtime.web.assets import ROOT
from retail.runtime.web.routing import GuardedRoute
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

ADDRESSES = [one.path for one in TENANT if isinstance(one, GuardedRoute) and "GET" in (one.methods or ())]


def test_every_section_of_the_back_office_is_within_reach_and_no_till() -> None:
    assert {address.split("/")[1] for address in ADDRESSES} == {*SECTIONS, *LEFT_OUT}
    assert not LEFT_OUT & {*SECTIONS}
    for others in ("tills", "kiosk", "sign-in", "sign-up", "display", "confirm", "api", "t", "account"):
        assert not others.startswith(SECTIONS), "a scope is the beginning of an address"


@pytest.mark.parametrize("base", ["", "/t/corner"])
def test_a_worker_may_have_the_app_or_one_section_and_nothing_that_a_stranger_names(base: str) -> None:
    to = f"{base}/notices/browsers"
    assert allowed(to, "") == f"{base}/pocket"
    assert allowed(to, "products") == f"{base}/products"
    for wrong in ("tills", "tills/", "", "/", "products/../tills", "sign-in", "kiosk", "display", "t"):
        assert allowed(to, wrong) == ("/office.js" if wrong else f"{base}/pocket")
    assert allowed("https://evil.test/notices/browsers", "products") == "/office.js"
    assert allowed(to, "account") == "/office.js", "a business has no page of somebody's own"


def test_the_pages_of_no_business_have_a_worker_each_and_no_other_page_begins_like_them() -> None:
    assert [allowed("", one) for one in (*OWN, "", "products", "sign-in", "t", "kiosk")] == [
        "/account", "/platform", *["/office.js"] * 5,
    ]  # fmt: skip
    paths = {one.path for one in SITE if isinstance(one, GuardedRoute)} | {f"/{one}" for one in (*SECTIONS, *LEFT_OUT)}
    for own in OWN:
        assert [path for path in paths if path.startswith(f"/{own}") and path.split("/")[1] != own] == []


async def test_their_page_without_a_network_is_of_nobody_and_says_nothing_of_a_business(site: Site, shop: Shop) -> None:
    for visitor in (site.visitor(), await site.member(shop)):
        page = await visitor.get("/offline")
        assert page.status_code == 200
        assert "This page needs the network" in page.text
        assert shop.tenant.name not in page.text
        assert "data-kept" not in page.text


async def test_a_page_of_the_app_names_the_sections_and_the_server_allows_each(site: Site, shop: Shop) -> None:
    of = f"/t/{shop.tenant.slug}"
    visitor = await site.member(shop)
    for page in ("/pocket", "/pocket/stock", "/pocket/orders", "/pocket/photo"):
        [named] = re.findall(r'name="office-reach" content="([^"]+)"', (await visitor.get(f"{of}{page}")).text)
        assert named.split() == [*SECTIONS]
    answer = await visitor.get(f"/office.js?to={of}/notices/browsers&at=shifts")
    assert answer.headers["service-worker-allowed"] == f"{of}/shifts"
    assert "office-reach" not in (await visitor.get(f"{of}/products")).text


def test_what_is_loaded_down_is_handed_through() -> None:
    """Each address that answers with a file is one that the worker leaves to the browser, and no page is."""
    [pattern] = re.findall(r"const FILES = /(.+)/;", Path(ROOT / "static/js/office_worker.js").read_text())
    files = re.compile(pattern.replace("\\/", "/"))
    filled = {address: re.sub(r"\{[^}]+\}", "a1", address) for address in ADDRESSES}
    assert sorted(one for one, path in filled.items() if files.search(path) and not one.endswith("/export")) == [
        "/billing/invoices/{invoice:uuid}/pdf",
        "/exports/{export:uuid}",
        "/logo/{name}-{side:int}.webp",
        "/messages/{thread:uuid}/files/{file:uuid}",
        "/pocket/manifest.webmanifest",
        "/privacy/exports/{export}",
        "/products/exports/{id:uuid}",
        "/products/imports/{id:uuid}/report",
        "/products/labels/preview.svg",
        "/products/pictures/{name}-{side:int}.webp",
    ]


async def test_the_door_to_the_tills_leads_there(site: Site, shop: Shop) -> None:
    of = f"/t/{shop.tenant.slug}"
    answer = await (await site.member(shop)).get(f"{of}/pocket/tills")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{of}/tills")
