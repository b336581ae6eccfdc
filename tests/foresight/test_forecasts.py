"""Forecasts as they are kept and shown: run by run, to who may see them, with how good they were."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from retail.foresight import queries
from retail.identity.permissions import VIEW_DASHBOARD
from tests.foresight.conftest import forecast_now
from tests.support.web import Site
from tests.support.world import Shop, open_shop


async def kept(shop: Shop) -> list[dict[str, Any]]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT level, measure, store_id, subject_id, likely, low, high FROM forecast_series
                WHERE tenant_id = $1 ORDER BY 1, 2, 3, 4""",
            shop.tenant.id,
        )
    return [dict(row) for row in rows]


async def test_every_level_is_forecast_and_a_second_run_replaces_the_first_with_the_same(traded: Shop) -> None:
    await forecast_now(traded)
    first = await kept(traded)
    levels = {(row["level"], row["measure"]) for row in first}
    assert levels == {
        *((level, measure) for level in ("total", "store", "category") for measure in ("revenue", "units")),
        ("product", "units"),
    }
    assert {len(row["likely"]) for row in first} == {120}
    await forecast_now(traded)
    assert await kept(traded) == first
    async with traded.db.read(traded.scope) as read:
        page = await queries.register(read, limit=50)
        one = await queries.register(read, limit=1)
        rest = await queries.register(read, limit=1, after=one.next)
    assert [entry.run for entry in page.items] == [2] * 7 + [1] * 7
    assert ({entry.run for entry in one.items}, {entry.run for entry in rest.items}, rest.next) == ({2}, {1}, None)


async def test_a_business_that_sold_nothing_has_no_forecast_and_is_told(shop: Shop, site: Site) -> None:
    await forecast_now(shop)
    assert await kept(shop) == []
    owner = await site.member(shop)
    page = await owner.get(f"/t/{shop.tenant.slug}/analytics/forecast")
    assert (page.status_code, "No forecast of this" in page.text) == (200, True)
    assert (await owner.get(f"/t/{shop.tenant.slug}/analytics/forecast/models")).status_code == 200


async def test_the_page_says_what_is_likely_how_good_it_is_and_where_today_goes(traded: Shop, site: Site) -> None:
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    before = await owner.get(at)
    assert "Nothing is forecast yet" in before.text
    await forecast_now(traded)
    page = (await owner.get(at)).text
    assert "Likely in 30 days" in page
    assert "Tried on your own past" in page or "Nothing was clearly better" in page
    assert "Today at its end" in page
    rows = (await owner.get(f"{at}/rows?days=7")).json()
    assert len(rows) == 56 + 7
    assert [row["likely"] is None for row in rows] == [True] * 56 + [False] * 7
    loaf = traded.products[0].id
    goods = (await owner.get(f"{at}/rows?days=7&product={loaf}&store={traded.store}")).json()
    assert sum(Decimal(row["now"]) for row in goods[:56]) > 100
    assert (await owner.get(f"{at}/rows?product={traded.tenant.id}")).status_code == 404
    wrong = await owner.get(f"{at}?days=8")
    assert (wrong.status_code, "f-days-error" in wrong.text) == (422, True)


async def test_who_sees_one_store_sees_its_forecasts_alone(traded: Shop) -> None:
    await forecast_now(traded)
    for stores, levels in (({traded.store}, {"store", "product"}), ({traded.second_store}, set())):
        async with traded.db.read(replace(traded.scope, stores=frozenset(stores))) as read:
            rows = await read.fetch("SELECT DISTINCT level FROM forecast_series WHERE tenant_id = $1", traded.tenant.id)
        assert {row["level"] for row in rows} == levels
    stranger = await open_shop(traded.db)
    async with stranger.db.read(stranger.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM forecast_series") == 0


async def test_the_models_go_out_and_only_who_may_asks_for_a_run(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    owner, base = await site.member(traded), f"/t/{traded.tenant.slug}"
    listed = await owner.get(f"{base}/analytics/forecast/models/export?format=csv")
    assert len(list(csv.DictReader(io.StringIO(listed.text)))) == 7
    days = await owner.get(f"{base}/analytics/forecast/export?format=csv&days=7&store={traded.store}")
    lines = list(csv.DictReader(io.StringIO(days.text)))
    shown = (await owner.get(f"{base}/analytics/forecast/rows?days=7&store={traded.store}")).json()
    assert [line["likely"] for line in lines] == [row["likely"] for row in shown if row["likely"] is not None]
    viewer = await site.holder(traded, VIEW_DASHBOARD)
    assert (await viewer.get(f"{base}/analytics/forecast")).status_code == 200
    assert (await viewer.post(f"{base}/analytics/forecast/runs")).status_code == 403
    assert (await owner.post(f"{base}/analytics/forecast/runs")).status_code == 303


async def test_programs_get_no_days_before_the_first_night_and_404_for_what_nobody_has(
    traded: Shop, site: Site
) -> None:
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/api/v1/analytics/forecast"
    before = await owner.get(at)
    assert (before.status_code, before.json()["items"], before.json()["backtest"]) == (200, [], None)
    await forecast_now(traded)
    assert len((await owner.get(at, params={"days": 7})).json()["items"]) == 7
    other = await open_shop(traded.db)
    for asked in ({"store": str(other.store)}, {"product": str(other.products[0].id), "store": str(traded.store)}):
        assert (await owner.get(at, params=asked)).status_code == 404


async def test_forecasts_are_kept_as_they_were_made_watched_tried_anew_and_told(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    async with traded.db.read(traded.scope) as read:
        rows = await read.fetch("SELECT DISTINCT level, measure FROM forecast_past WHERE tenant_id = $1", read.tenant)
        last = await read.fetchval("SELECT max(last_day) FROM forecast_model WHERE tenant_id = $1", read.tenant)
    assert {tuple(row) for row in rows} == {
        (level, measure) for level in ("total", "store", "category") for measure in ("revenue", "units")
    }
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    page = (await owner.get(at)).text
    assert ("How forecasts held up" in page, "It is said here once 14 days are over" in page) == (True, True)
    # the nights of three weeks said a tenth of what was sold, and two nights before this one found so
    async with traded.db.begin(traded.scope) as tx:
        await tx.execute(
            """INSERT INTO forecast_past (tenant_id, level, measure, store_id, subject_id, first_day, model, likely,
                                          low, high, naive)
               SELECT tenant_id, level, measure, store_id, subject_id, $2::date - n, model,
                      ARRAY(SELECT v / 10 FROM unnest(likely) v), array_fill(0::bigint, ARRAY[28]),
                      array_fill(1::bigint, ARRAY[28]), likely
                 FROM forecast_past, generate_series(0, 60) n WHERE tenant_id = $1 AND level = 'total'""",
            traded.tenant.id, last,
        )  # fmt: skip
        await tx.execute(
            """UPDATE forecast_model SET off_nights = 2, last_day = last_day - 1, base_wape = 0.1, counts_from = NULL
                WHERE tenant_id = $1""",
            traded.tenant.id,
        )
    await forecast_now(traded)
    async with traded.db.read(traded.scope) as read:
        lines = await read.fetch(
            """SELECT level, measure, past_days, past_cover, drift, drifted_on, off_nights, counts_from
                 FROM forecast_model WHERE tenant_id = $1 AND run = 2 AND drift <> '' ORDER BY measure""",
            read.tenant,
        )
        notices = await read.fetch(
            "SELECT facts FROM notice WHERE tenant_id = $1 AND kind = 'forecast_drifted'", read.tenant
        )
        oldest = await read.fetchval("SELECT min(first_day) FROM forecast_past WHERE tenant_id = $1", read.tenant)
    day = last + timedelta(days=1)
    assert [tuple(line) for line in lines] == [
        ("total", measure, 28, Decimal(0), "both", last, 0, day) for measure in ("revenue", "units")
    ]
    assert [json.loads(one["facts"]) for one in notices] == [{"levels": ["total"]}]
    assert oldest == last - timedelta(days=56)
    page = (await owner.get(at)).text
    assert ("It last drifted on" in page, "when its model was chosen, and outside its bounds" in page) == (True, True)
    assert "drifted, tried anew" in (await owner.get(f"{at}/models")).text
    told = (await owner.get(f"/t/{traded.tenant.slug}/api/v1/analytics/forecast")).json()
    assert (told["held_up"]["days"], told["held_up"]["coverage"], told["drifted_on"]) == (
        28,
        "0.0000",
        last.isoformat(),
    )
    quiet = (await owner.get(at, params={"store": str(traded.store)})).text
    assert "It has not drifted since it is watched." in quiet
    assert (
        "aren&#39;t watched"
        in (await owner.get(at, params={"product": str(traded.products[0].id), "store": str(traded.store)})).text
    )
