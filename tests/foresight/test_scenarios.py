"""What was supposed, kept under a name: once, by who may, listed, opened again, beside what happened, and put away."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from retail.foresight import scenarios
from retail.foresight.asking import Wanted
from retail.foresight.history import last_day
from retail.foresight.scenarios import Supposition
from retail.foresight.supposing import Levers, Line
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import Forbidden, IdempotencyConflict, NotFound
from retail.kit.ids import new_id
from retail.tenants.queries import stores
from tests.foresight.conftest import forecast_now
from tests.support.days import trading_day
from tests.support.web import Site
from tests.support.world import Shop, open_shop


def supposed(shop: Shop, *, days: int = 7, store: UUID | None = None) -> Supposition:
    first = trading_day()
    line = Line([500.0] * days, [400.0] * days, [600.0] * days)
    wanted = Wanted("units", days, store, None, None)
    return Supposition(new_id(), "Cheaper", wanted, Levers(price=-10), -0.6, first, [2.0] * days, line)


async def count(shop: Shop, table: str = "forecast_scenario") -> int:
    async with shop.db.read(shop.scope) as read:
        found: int = await read.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", shop.tenant.id)
    return found


async def kept_actions(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND action LIKE 'scenario.%'", shop.tenant.id
        )
    return sorted(row["action"] for row in rows)


async def test_the_page_keeps_what_its_levers_say_once(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    key = str(new_id())
    form = {"price": "-10", "growth": "0", "off": "0", "days": "7", "name": "Spring", "scenario": key}
    for _time in range(2):
        answer = await owner.post(f"{at}/scenarios", data=form)
        assert (answer.status_code, answer.headers["location"].endswith(f"/scenarios/{key}")) == (303, True)
    assert await count(traded) == 1
    assert await kept_actions(traded) == ["scenario.kept"]
    page = (await owner.get(f"{at}/scenarios/{key}")).text
    assert "None of its days is over yet" in page
    assert "price=-10" in page
    other = await owner.post(f"{at}/scenarios", data=form | {"price": "-20", "name": ""})
    assert not other.headers["location"].endswith(key)
    listed = (await owner.get(f"{at}/scenarios")).text
    assert "Spring" in listed
    assert "prices −20%" in listed, "without a name it is called by its levers"  # noqa: RUF001


async def test_wrong_levers_lead_back_and_keep_nothing(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    answer = await owner.post(f"{at}/scenarios", data={"price": "900", "name": "Dear"})
    assert answer.status_code == 303
    assert "price=900" in answer.headers["location"]
    viewer = await site.holder(traded, VIEW_DASHBOARD)
    assert (await viewer.post(f"{at}/scenarios", data={"price": "10"})).status_code == 403
    assert "Keep as a scenario" not in (await viewer.get(at)).text
    assert await count(traded) == 0


async def test_another_content_under_the_same_id_is_refused_and_changes_nothing(traded: Shop) -> None:
    of = supposed(traded)
    assert await traded.db.run(traded.scope, scenarios.keep, of) == of.id
    with pytest.raises(IdempotencyConflict):
        await traded.db.run(traded.scope, scenarios.keep, replace(of, levers=Levers(price=-20)))
    with pytest.raises(Forbidden):
        await traded.db.run(
            replace(traded.scope, permissions=frozenset({VIEW_DASHBOARD}), rights={}), scenarios.keep, supposed(traded)
        )
    async with traded.db.read(traded.scope) as read:
        assert (await scenarios.scenario(read, of.id)).levers == Levers(price=-10)
    assert await count(traded) == 1


async def test_it_stands_beside_what_happened_and_says_which_was_nearer(traded: Shop, site: Site) -> None:
    async with traded.db.read(traded.scope) as read:
        over = last_day(read, await stores(read))
    of = replace(supposed(traded), first=over - timedelta(days=4))
    await traded.db.run(traded.scope, scenarios.keep, of)
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast/scenarios/{of.id}"
    page = (await owner.get(at)).text
    assert "Of 7 days 5 are over: forecast 10, supposed 2,500, sold" in page
    assert "The plain forecast came nearer." in page
    rows = (await owner.get(f"{at}/rows")).json()
    assert [row["now"] is None for row in rows] == [False] * 5 + [True] * 2
    async with traded.db.read(traded.scope) as read:
        sold = await read.fetchval(
            "SELECT sum(units) FROM sales_hour WHERE tenant_id = $1 AND business_date BETWEEN $2 AND $3",
            traded.tenant.id,
            of.first,
            over,
        )
    assert sum(Decimal(row["now"]) for row in rows[:5]) == sold


async def test_it_is_listed_page_by_page_goes_out_and_is_put_away(traded: Shop, site: Site) -> None:
    ids = [await traded.db.run(traded.scope, scenarios.keep, supposed(traded)) for _time in range(3)]
    async with traded.db.read(traded.scope) as read:
        first = await scenarios.scenarios(read, archived=False, limit=2)
        rest = await scenarios.scenarios(read, archived=False, limit=2, after=first.next)
    assert [one.id for one in (*first.items, *rest.items)] == ids[::-1]
    assert rest.next is None
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast/scenarios"
    for _time in range(2):
        assert (await owner.post(f"{at}/{ids[0]}/archive")).status_code == 303
    assert await kept_actions(traded) == ["scenario.archived", *["scenario.kept"] * 3]
    lines = list(csv.DictReader(io.StringIO((await owner.get(f"{at}/export?format=csv")).text)))
    assert [line["id"] for line in lines] == [str(ids[2]), str(ids[1])]
    away = list(csv.DictReader(io.StringIO((await owner.get(f"{at}/export?format=csv&show=archived")).text)))
    assert [line["id"] for line in away] == [str(ids[0])]


async def test_a_file_has_amounts_in_the_currencys_own_units_and_goods_as_counted(traded: Shop, site: Site) -> None:
    goods = supposed(traded)
    money = replace(supposed(traded), wanted=replace(goods.wanted, measure="revenue"), name="Dearer")
    for one in (goods, money):
        await traded.db.run(traded.scope, scenarios.keep, one)
    owner = await site.member(traded)
    at = f"/t/{traded.tenant.slug}/analytics/forecast/scenarios/export?format=csv"
    rows = list(csv.DictReader(io.StringIO((await owner.get(at)).text.lstrip("\ufeff"))))
    sums = {row["name"]: (Decimal(row["forecast"]), Decimal(row["supposed"])) for row in rows}
    assert sums == {"Cheaper": (14, 3500), "Dearer": (Decimal("0.14"), 35)}


async def test_who_sees_one_store_sees_its_scenarios_alone(traded: Shop) -> None:
    own = await traded.db.run(traded.scope, scenarios.keep, supposed(traded, store=traded.store))
    whole = await traded.db.run(traded.scope, scenarios.keep, supposed(traded))
    here = replace(traded.scope, stores=frozenset({traded.store}))
    stranger = await open_shop(traded.db)
    async with traded.db.read(here) as read:
        assert [one.id for one in (await scenarios.scenarios(read, archived=False, limit=9)).items] == [own]
        with pytest.raises(NotFound):
            await scenarios.scenario(read, whole)
    async with stranger.db.read(stranger.scope) as read:
        assert (await scenarios.scenarios(read, archived=False, limit=9)).items == []
