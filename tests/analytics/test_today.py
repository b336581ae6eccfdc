"""The page Today: exact figures, each store's own day, live regions that are the page's own, and a bounded cost."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retail.analytics import rebuild, today
from retail.console.queries import activity
from retail.kit.ids import new_id
from retail.live import switchboard
from retail.runtime.db import Database
from retail.runtime.realtime.canvas import Audience
from retail.runtime.relay import Relay
from retail.runtime.web.assets import Assets
from retail.runtime.web.pages import to_html
from retail.tenants.operations import NewStore, NewTill, open_store, set_up_till
from tests.analytics.test_rollups import relay_all
from tests.support.selling import Counter, open_counter
from tests.support.web import Site
from tests.support.world import Shop, open_shop

REGIONS = ("today-head", "today-kpis", "today-margin", "today-feed", "today-hours", "today-runs-out", "today-worth")


def region(html: str, id: str) -> str:
    """Cut an element out of a page by its id, and forget how it was indented."""
    start = re.search(rf'<(\w+)[^>]*\bid="{id}"', html)
    assert start, id
    tag, depth = start[1], 0
    for found in re.finditer(rf"<(/?){tag}\b", html[start.start() :]):
        depth += -1 if found[1] else 1
        if depth == 0:
            return re.sub(r"\s+", " ", html[start.start() :][: found.end() + 1])
    raise AssertionError(f"{id} does not end")


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.fixture
async def counter(still_shop: Shop) -> Counter:
    return await open_counter(still_shop)


async def test_the_tiles_say_what_was_sold_and_how_it_compares(still_site: Site, counter: Counter, tell: Relay) -> None:
    shop = counter.shop
    loaf, milk = shop.products[0], shop.products[1]
    await counter.send(
        counter.sale((loaf, 2), occurred_at="2026-11-20T08:10:00Z"),
        counter.sale((milk, 2), occurred_at="2026-11-20T09:10:00Z"),
        counter.sale((milk, 1), occurred_at="2026-11-20T13:10:00Z"),  # in the hour that runs: not compared yet
        counter.sale((loaf, 2), occurred_at="2026-11-13T08:10:00Z"),
        counter.sale((loaf, 9), occurred_at="2026-11-13T13:10:00Z"),  # a week ago, later than it is now
    )
    await relay_all(tell, shop)
    visitor = await still_site.member(shop)
    page = (await visitor.get(f"/t/{shop.tenant.slug}/")).text
    tiles = words(region(page, "today-kpis"))
    assert "Revenue up +32.1% €12.45" in tiles  # 8.40 + 2.70 + 1.35; compared 11.10 with 8.40
    assert "Sales up +100.0% 3" in tiles
    assert "Average basket down \N{MINUS SIGN}33.9% €4.15" in tiles
    assert "Gross margin" in words(region(page, "today-margin"))
    assert words(region(page, "today-head")).startswith("Today, Friday 20 November Good afternoon")
    assert "compared with Friday 13 November, hours that are over" in words(page)
    assert words(region(page, "today-hours")) == (
        "Hour Revenue Sales Friday 13 November 09 €8.40 1 €8.40 10 €2.70 1 €0.00 11 €0.00 0 €0.00"
        " 12 €0.00 0 €0.00 13 €0.00 0 €0.00 14 €1.35 1 €37.80"
    )
    assert "Till 1 · Altstadt 14:10 · 1 item · cash €1.35" in words(region(page, "today-feed"))


async def test_a_sale_whose_clock_is_ahead_stands_in_the_feed_where_it_arrived(
    still_site: Site, counter: Counter, tell: Relay
) -> None:
    await counter.send(counter.sale(occurred_at="2027-01-01T20:00:00Z"))
    await relay_all(tell, counter.shop)
    visitor = await still_site.member(counter.shop)
    page = (await visitor.get(f"/t/{counter.shop.tenant.slug}/")).text
    feed = words(region(page, "today-feed"))
    assert "€4.20" in feed
    assert "21:00" not in feed
    async with counter.shop.db.read(counter.shop.scope) as read:
        now = read.now
        assert (await activity(read)).last_sale_at == now


async def test_a_store_shows_its_own_figures_and_a_strangers_store_is_nowhere(
    still_site: Site, counter: Counter, tell: Relay
) -> None:
    shop, slug = counter.shop, counter.shop.tenant.slug
    await counter.send(counter.sale(occurred_at="2026-11-20T08:10:00Z"))
    await relay_all(tell, shop)
    visitor = await still_site.member(shop)
    here = (await visitor.get(f"/t/{slug}/?store={shop.store}")).text
    there = (await visitor.get(f"/t/{slug}/?store={shop.second_store}")).text
    assert "€4.20" in region(here, "today-kpis")
    assert "€4.20" not in region(there, "today-kpis")
    assert f"/t/{slug}/live?topic=today:{shop.store}" in here
    stranger = await open_shop(shop.db)
    for other in (stranger.store, new_id(), "nonsense"):
        assert (await visitor.get(f"/t/{slug}/?store={other}")).status_code == 404
    theirs = await still_site.member(stranger)
    assert "€4.20" not in (await theirs.get(f"/t/{stranger.tenant.slug}/")).text


async def test_the_small_hours_belong_to_the_day_before(still_site: Site, still_shop: Shop, tell: Relay) -> None:
    store, till = new_id(), new_id()
    async with still_shop.db.begin(still_shop.scope) as tx:
        await open_store(tx, NewStore(store, "BAR", "Bar", "Europe/Berlin", day_cutoff_hour=5))
        await set_up_till(tx, NewTill(till, store, "B1", "Bar 1"))
    counter = await open_counter(still_shop, till)
    await counter.send(
        counter.sale(occurred_at="2026-11-19T22:30:00Z"), counter.sale(occurred_at="2026-11-20T01:30:00Z")
    )
    await relay_all(tell, still_shop)
    visitor = await still_site.member(still_shop)
    slug = still_shop.tenant.slug
    yesterday = (await visitor.get(f"/t/{slug}/?store={store}&on=2026-11-19")).text
    assert "23 €4.20 1 €0.00 00 €0.00 0 €0.00 01 €0.00 0 €0.00 02 €4.20 1" in words(yesterday)
    assert "No sales yet" in (await visitor.get(f"/t/{slug}/?store={store}")).text


async def test_longer_times_are_drawn_by_day(still_site: Site, counter: Counter, tell: Relay) -> None:
    shop = counter.shop
    await counter.send(
        counter.sale(occurred_at="2026-11-17T08:10:00Z"), counter.sale(occurred_at="2026-11-10T08:10:00Z")
    )
    await relay_all(tell, shop)
    visitor = await still_site.member(shop)
    page = (await visitor.get(f"/t/{shop.tenant.slug}/?period=week")).text
    assert "Tue 17 €4.20 1 €4.20" in words(page)
    assert "topic=today" not in page  # only the day of today is live
    rows = (await visitor.get(f"/t/{shop.tenant.slug}/today/revenue?period=week")).json()
    assert [row["now"] for row in rows] == ["0.00", "4.20", "0.00", "0.00", "0.00", None, None]
    assert {row["before"] for row in rows} == {"0.00", "4.20"}
    custom = await visitor.get(f"/t/{shop.tenant.slug}/?period=custom&from=2026-11-10&to=2026-11-17")
    assert "€8.40" in region(custom.text, "today-kpis")


async def test_a_new_business_is_shown_its_first_steps(still_site: Site, still_shop: Shop) -> None:
    visitor = await still_site.member(still_shop)
    page = await visitor.get(f"/t/{still_shop.tenant.slug}/")
    assert page.status_code == 200
    assert "make the first sale" in page.text
    assert "today-kpis" not in page.text


@pytest.mark.parametrize("of_one_store", [False, True])
async def test_what_is_pushed_is_what_the_page_would_show(
    still_site: Site, counter: Counter, tell: Relay, *, of_one_store: bool
) -> None:
    """Page before + sale + swaps == page fresh: for the push and for the refetch alike."""
    shop = counter.shop
    await counter.send(counter.sale((shop.products[0], 3), occurred_at="2026-11-19T08:10:00Z"))
    await relay_all(tell, shop)
    await shop.db.run(shop.scope, rebuild)
    visitor = await still_site.member(shop)
    query = f"?store={shop.store}" if of_one_store else ""
    before = (await visitor.get(f"/t/{shop.tenant.slug}/{query}")).text
    await counter.send(counter.sale((shop.products[0], 2), (shop.products[3], 5), occurred_at="2026-11-20T13:20:00Z"))
    await relay_all(tell, shop)
    fresh = (await visitor.get(f"/t/{shop.tenant.slug}/{query}")).text
    where = shop.store if of_one_store else "all"
    pushed = await painted(shop, f"today:{where}")
    assert set(pushed) == {"today-head", "today-kpis", "today-feed", "today-hours"}
    margins = await painted(shop, f"margin:{where}")
    assert set(margins) == {"today-margin"}
    pushed |= margins
    for id, html in pushed.items():
        assert region(html, id) == region(fresh, id)
    refetched = (await visitor.get(f"/t/{shop.tenant.slug}/today/regions{query}")).text
    assert [id for id in REGIONS if region(refetched, id) != region(fresh, id)] == []
    assert region(before, "today-kpis") != region(fresh, "today-kpis")


async def painted(shop: Shop, topic: str) -> dict[str, str]:
    """Render every pushed region of a topic as the live hub does."""
    board, audience = switchboard(), Audience(shop.tenant, "en")
    html = {}
    for found in board.regions(topic):
        async with shop.db.read(shop.scope) as read:
            context = await found.partial.context(read, found.names)
        html[found.target.removeprefix("#")] = to_html(
            found.partial.template, assets=Assets(), tenant=audience.tenant, **context
        )
    return html


async def test_the_pushed_curve_is_the_pages_curve(still_site: Site, counter: Counter, tell: Relay) -> None:
    shop = counter.shop
    await counter.send(counter.sale(occurred_at="2026-11-20T13:20:00Z"))
    await relay_all(tell, shop)
    ((chart, names),) = switchboard().charts("today:all")
    async with shop.db.read(shop.scope) as read:
        pushed = list(await chart.rows(read, names))
    visitor = await still_site.member(shop)
    assert (await visitor.get(f"/t/{shop.tenant.slug}/today/revenue")).json() == pushed
    assert pushed == [
        {"place": 10, "label": "14", "now": "4.20", "before": "0.00", "running": True, "tail": True,
         "tip": "14 · €4.20 · (€0.00)"},
    ]  # fmt: skip


async def test_worth_knowing_names_what_waits_and_is_silent_otherwise(
    still_site: Site, counter: Counter, tell: Relay
) -> None:
    shop, slug = counter.shop, counter.shop.tenant.slug
    await counter.send(counter.sale(total=1, occurred_at="2026-11-20T13:20:00Z"))
    await relay_all(tell, shop)
    visitor = await still_site.member(shop)
    known = words(region((await visitor.get(f"/t/{slug}/")).text, "today-worth"))
    assert re.match(r"\d+ things? about sales? to look at the oldest since", known)
    assert words(region((await visitor.get(f"/t/{slug}/?store={shop.second_store}")).text, "today-worth")) == ""


async def test_the_page_asks_the_database_a_fixed_number_of_times(
    still_site: Site, counter: Counter, tell: Relay
) -> None:
    shop = counter.shop
    visitor = await still_site.member(shop)

    async def statements() -> int:
        async with counted(shop.db) as asked:
            assert (await visitor.get(f"/t/{shop.tenant.slug}/")).status_code == 200
        return len(asked)

    await counter.send(counter.sale(occurred_at="2026-11-20T08:10:00Z"))
    await relay_all(tell, shop)
    await visitor.get(f"/t/{shop.tenant.slug}/")
    few = await statements()
    at = [f"2026-11-{day}T{hour:02}:10:00Z" for day in (13, 18, 20) for hour in range(8, 13)]
    await counter.send(*[counter.sale(*shop.products[:5], occurred_at=moment) for moment in at * 3])
    await relay_all(tell, shop)
    assert await statements() == few <= 12


@asynccontextmanager
async def counted(db: Database) -> AsyncIterator[list[str]]:
    """Note every statement that goes to the server."""
    asked: list[str] = []

    def note(record: Any) -> None:
        asked.append(record.query)

    connections = [holder._con for holder in db._pool._holders if holder._con is not None]
    for connection in connections:
        connection.add_query_logger(note)
    yield asked
    for connection in connections:
        connection.remove_query_logger(note)


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [("03:10", "evening"), ("04:00", "morning"), ("11:59", "morning"), ("12:00", "afternoon"), ("18:00", "evening")],
)
async def test_the_greeting_goes_by_the_clock_of_the_business(shop: Shop, hour: str, greeting: str) -> None:
    async with shop.db.read(shop.scope) as read:
        on = await today.ground(read, shop.tenant)
    local = datetime.fromisoformat(f"2026-11-21T{hour}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert today.part_of_day(dataclasses.replace(on, now=local.astimezone(UTC))) == greeting
