"""Nobody goes faster than agreed, tills that sell are never held up, and Redis being away changes little."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from retail.kit.errors import TooMany
from retail.runtime.doorbell import connect
from retail.runtime.web.pace import EXPORTS, PACES, SALES, Buckets
from tests.support.crawl import addresses
from tests.support.redis import kill, running_redis
from tests.support.selling import open_counter
from tests.support.web import Site, make_site
from tests.support.world import Shop


@dataclass
class Time:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_five_sales_a_second_are_never_refused_and_ten_not_either() -> None:
    time = Time()
    for rate in (5, 10):
        buckets = Buckets(time)
        for _ in range(rate * 120):
            buckets.take("sale", "till one")
            time.now += 1 / rate


def test_a_burst_is_free_and_what_follows_waits_as_long_as_it_is_told() -> None:
    time = Time()
    buckets = Buckets(time)
    for _ in range(PACES["sale"].burst):
        buckets.take("sale", "till one")
    with pytest.raises(TooMany) as stop:
        buckets.take("sale", "till one")
    assert stop.value.retry_after == 1
    buckets.take("sale", "till two")
    time.now += stop.value.retry_after
    for _ in range(10):
        buckets.take("sale", "till one")
    with pytest.raises(TooMany):
        buckets.take("sale", "till one")


async def test_four_deliveries_of_a_device_run_at_once_and_no_fifth() -> None:
    buckets, done = Buckets(), asyncio.Event()

    async def deliver() -> str:
        try:
            async with buckets.running("journal", "device one"):
                await done.wait()
        except TooMany:
            return "later"
        return "taken in"

    running = [asyncio.create_task(deliver()) for _ in range(4)]
    await asyncio.sleep(0)
    assert await deliver() == "later"
    done.set()
    assert [await task for task in running] == ["taken in"] * 4
    assert await deliver() == "taken in"


async def test_the_api_answers_429_with_the_seconds_to_wait_and_sells_on_afterwards(site: Site, shop: Shop) -> None:
    owner, counter = await site.member(shop), await open_counter(shop)
    path = f"/t/{shop.tenant.slug}/api/v1/sales"
    time = Time()
    site.app.state.process.paces = Buckets(time)
    answers = [await owner.post(path, json=counter.sale()) for _ in range(PACES["sale"].burst + 1)]
    assert [answer.status_code for answer in answers] == [201] * PACES["sale"].burst + [429]
    assert (answers[-1].headers["retry-after"], answers[-1].json()["code"]) == ("1", "too_many_requests")
    time.now += 1
    assert (await owner.post(path, json=counter.sale())).status_code == 201


async def test_files_and_searches_have_a_pace_of_their_own(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    site.app.state.process.paces = Buckets(Time())
    base = f"/t/{shop.tenant.slug}"
    files = [(await owner.get(f"{base}/products/export")).status_code for _ in range(PACES["export"].burst + 1)]
    assert files == [200] * PACES["export"].burst + [429]
    found = [(await owner.get(f"{base}/products?q=x")).status_code for _ in range(PACES["search"].burst + 1)]
    assert found == [200] * PACES["search"].burst + [429]
    assert (await owner.get(f"{base}/products")).status_code == 200


def test_the_patterns_find_the_sales_and_the_files_and_nothing_else(site: Site) -> None:
    paths = {(one.verb, one.path) for one in addresses(site.app.routes)}
    assert {path.removeprefix("/t/{slug}") for verb, path in paths if verb == "POST" and SALES.search(path)} == {
        "/api/v1/devices/farewells",
        "/api/v1/sales",
        "/api/v1/sales/batch",
        "/api/v1/sales/{id}/returns",
        "/api/v1/tills/{till}/journal",
    }
    files = {path for verb, path in paths if verb == "GET" and EXPORTS.search(path)}
    wrong = {path for _verb, path in paths if "export" in path and _verb == "GET"} - files
    lists_and_made_files = {"exports", "{id:uuid}", "{export}", "{export:uuid}"}  # made by jobs, fetched as they were
    assert {path.rpartition("/")[2] for path in wrong} <= lists_and_made_files


async def test_without_redis_sales_go_on_and_guesses_are_still_counted(shop: Shop) -> None:
    with running_redis() as server:
        site = make_site(shop.db)
        site.app.state.process.redis = connect(server.url)
        visitor, counter = site.visitor(), await open_counter(shop)
        owner = await site.member(shop)
        path = f"/t/{shop.tenant.slug}/api/v1/sales"
        assert (await owner.post(path, json=counter.sale())).status_code == 201
        kill(server)
        assert (await owner.post(path, json=counter.sale())).status_code == 201
        tries = [
            (await visitor.post("/sign-in", data={"email": "x@shop.example", "password": "a guess"})).status_code
            for _ in range(7)
        ]
        assert tries == [401] * 5 + [429] * 2
        await site.app.state.process.redis.aclose()
        await site.close()
