"""Lists that are too long, or take too long, for somebody who waits: told at once, and made by a job instead."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from retail.automation.exports import making, pages
from retail.automation.exports.lists import LISTS
from tests.automation.conftest import Exchange
from tests.support.web import Site

OFFERED = "/products/exports?list="
READ_BY_SQL = (
    "products",
    "prices",
    "stock",
    "suppliers",
    "supplier_products",
    "customers",
    "moves",
    "sales",
    "journal",
)


@pytest.mark.parametrize("name", READ_BY_SQL)
async def test_a_list_knows_that_it_is_long_before_it_reads_a_row(exchange: Exchange, name: str) -> None:
    shop = exchange.shop
    async with shop.db.read(shop.scope) as read:
        assert await LISTS[name].longer(read, None, -1)
        assert not await LISTS[name].longer(read, None, 10_000)
        if name in {"products", "prices"}:
            assert await LISTS[name].longer(read, None, len(shop.products) - 1)
            assert not await LISTS[name].longer(read, None, len(shop.products))


async def test_no_row_of_a_long_list_is_written_for_somebody_who_waits(
    site: Site, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def note(_file: object, rows: Sequence[Sequence[object]]) -> None:
        written.append(len(rows))

    monkeypatch.setattr(making, "_add", note)
    monkeypatch.setattr(making, "AT_ONCE", 1)
    monkeypatch.setattr(pages, "AT_ONCE", 3)
    owner = await site.member(exchange.shop)
    answer = await owner.get(f"/t/{exchange.shop.tenant.slug}/products/export")
    assert (answer.status_code, OFFERED in answer.headers["location"], written) == (303, True, [])


async def test_a_list_that_takes_too_long_to_write_is_made_by_a_job(
    site: Site, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "AT_ONCE_SECONDS", -1)
    owner = await site.member(exchange.shop)
    answer = await owner.get(f"/t/{exchange.shop.tenant.slug}/products/export")
    assert (answer.status_code, OFFERED in answer.headers["location"]) == (303, True)


async def test_a_list_whose_query_takes_too_long_is_made_by_a_job(
    site: Site, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(_self: object, read: Any, *_args: object, **_more: object) -> AsyncIterator[Sequence[object]]:
        await read.fetch("SELECT pg_sleep(30)")
        yield []

    monkeypatch.setattr(pages, "AT_ONCE_SECONDS", 1)
    monkeypatch.setattr(type(LISTS["categories"]), "rows", slow)
    owner = await site.member(exchange.shop)
    async with asyncio.timeout(20):
        answer = await owner.get(f"/t/{exchange.shop.tenant.slug}/products/categories/export?format=json")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/products/exports?list=categories&format=json")
    offered = (await owner.get(answer.headers["location"])).text
    assert "This list is long." in offered
    assert re.search(r'<option value="categories"\s+selected', offered)


async def test_a_link_to_a_list_lets_the_browser_follow_to_where_a_long_one_is_made(
    site: Site, exchange: Exchange
) -> None:
    owner = await site.member(exchange.shop)
    for page, list_of in (("/products", "/products/export"), ("/stock", "/stock/export"), ("/sales", "/sales/export")):
        links = re.findall(
            rf"<a[^>]*{list_of}\?[^>]*>", (await owner.get(f"/t/{exchange.shop.tenant.slug}{page}")).text
        )
        assert links
        # with it the page that the answer leads to would be saved as the file
        assert [link for link in links if re.search(r"\bdownload\b", link)] == []
