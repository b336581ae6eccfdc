"""Reading in a signed-in person's name: other sites may lead here, neither embed nor fetch; tokens open no pages."""

from __future__ import annotations

import pytest

from retail.identity.tokens import create_token
from tests.support.web import Site
from tests.support.world import Shop

LED = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OTHERS = [
    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
    {},
]


@pytest.mark.parametrize("path", ["/people", "/api/v1/sales", "/products/export"])
@pytest.mark.parametrize("place", ["cross-site", "same-site"])
async def test_another_site_may_lead_here_and_read_nothing(site: Site, shop: Shop, path: str, place: str) -> None:
    owner = await site.member(shop)
    address = f"/t/{shop.tenant.slug}{path}"
    assert (await owner.get(address, headers={"Sec-Fetch-Site": place} | LED)).status_code == 200
    for way in OTHERS:
        answer = await owner.get(address, headers={"Sec-Fetch-Site": place} | way)
        assert answer.status_code == 403
        assert shop.tenant.name not in answer.text


@pytest.mark.parametrize("place", ["same-origin", "none"])
async def test_our_own_pages_and_the_address_bar_read_as_before(site: Site, shop: Shop, place: str) -> None:
    owner = await site.member(shop)
    for way in (LED, *OTHERS):
        answer = await owner.get(f"/t/{shop.tenant.slug}/people", headers={"Sec-Fetch-Site": place} | way)
        assert answer.status_code == 200


async def test_a_program_reads_the_api_from_wherever_it_runs_and_no_page(site: Site, shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        token = await create_token(tx, role="owner", name="a program")
    program = site.visitor(Authorization=f"Bearer {token}")
    assert (await program.get("/api/v1/products", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200
    page = await program.get(f"/t/{shop.tenant.slug}/people")
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")


async def test_a_token_beside_a_cookie_opens_no_page_either(site: Site, shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        token = await create_token(tx, role="viewer", name="a program")
    owner = await site.member(shop)
    page = await owner.get(f"/t/{shop.tenant.slug}/people", headers={"Authorization": f"Bearer {token}"})
    assert page.status_code == 303
