"""The sections of analytics: each figure is that of the sales themselves, whichever rollup it came from."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail.analytics.rollups.sources import NOBODY
from retail.analytics.sections.asking import Narrowed
from retail.analytics.sections.breakdown import SIDES
from retail.analytics.sections.charts import CHARTS
from retail.analytics.sections.reading import Side, TooLong, figures, tenders, whole_months
from retail.identity.permissions import VIEW_DASHBOARD, VIEW_SALES
from retail.runtime.relay import Relay
from tests.analytics.test_rollups import card, cash, categories, give_back, move, relay_all
from tests.analytics.test_today import region, words
from tests.support.selling import Counter, open_counter
from tests.support.web import Site
from tests.support.world import Shop

FIRST, LAST = date(2026, 7, 3), date(2026, 11, 19)
TRUE = """
SELECT s.business_date AS day, s.local_hour AS hour, s.store_id AS store, s.till_id AS till,
       coalesce(s.cashier_id, $2) AS cashier, coalesce(s.price_group, '') AS "group", l.product_id AS product,
       coalesce(p.category_id, $2) AS category, l.quantity AS units, l.total_minor AS revenue, l.tax_minor AS tax,
       l.cost_minor AS cost, l.discount_minor AS discount, s.id, s.kind,
       (SELECT CASE WHEN min(t.type) = max(t.type) THEN min(t.type) ELSE 'mixed' END FROM tender t
         WHERE t.tenant_id = $1 AND t.sale_id = s.id) AS tender
  FROM sale s JOIN sale_line l ON l.tenant_id = $1 AND l.sale_id = s.id
  JOIN product p ON p.tenant_id = $1 AND p.id = l.product_id
 WHERE s.tenant_id = $1
"""
_OF = {"week": lambda day: day - timedelta(days=day.weekday()), "month": lambda day: day.replace(day=1)}


@pytest.fixture
async def traded(shop: Shop, relay: Relay) -> Shop:
    """Trade for twenty weeks, in two stores, paid in three ways, to two groups, in three categories."""
    chance = random.Random(7)
    tills = [await open_counter(shop, till) for till in (shop.till, shop.second_till)]
    homes = [None, *await categories(shop)]
    for place, ware in enumerate(shop.products):
        await move(shop, ware.id, homes[place % 3])
    sold: list[tuple[Counter, dict[str, Any]]] = []
    for _sale in range(120):
        counter = chance.choice(tills)
        lines = [(chance.choice(shop.products), chance.choice([1, 2, 5])) for _line in range(3)]
        due = sum(ware.price_minor * many for ware, many in lines)
        at = datetime(2026, 7, 3, 7, tzinfo=UTC) + timedelta(minutes=chance.randrange(139 * 24 * 60))
        sale = counter.sale(
            *lines,
            occurred_at=at.isoformat(),
            tenders=chance.choice([[cash(due)], [card(due)], [cash(due // 2), card(due - due // 2)]]),
            **chance.choice([{}, {"price_group": "Staff"}]),
        )
        sold.append((counter, sale))
        await counter.send(sale)
    for counter, sale in chance.sample(sold, 5):
        await give_back(counter, sale, 0, 1000)
    await relay_all(relay, shop)
    return shop


async def truth(shop: Shop) -> list[dict[str, Any]]:
    async with shop.db.read(shop.scope) as read:
        return [dict(row) for row in await read.fetch(TRUE, shop.tenant.id, NOBODY)]


def key_of(row: dict[str, Any], by: Sequence[Side]) -> tuple[Any, ...]:
    made = {
        **row,
        "week": _OF["week"](row["day"]),
        "month": _OF["month"](row["day"]),
        "weekday": row["day"].isoweekday(),
    }
    return tuple(made[side] for side in by)


def fits(row: dict[str, Any], to: Narrowed) -> bool:
    return (
        (to.stores is None or row["store"] in to.stores)
        and (to.till is None or row["till"] == to.till)
        and (to.cashier is None or row["cashier"] == to.cashier)
        and (not to.tender or row["tender"] == to.tender)
        and (to.group is None or row["group"] == to.group)
        and (to.product is None or row["product"] == to.product)
        and (to.categories is None or row["category"] in to.categories)
    )


async def test_every_combination_of_sides_gives_what_the_sales_say(traded: Shop) -> None:
    chance, shop = random.Random(1), traded
    rows = await truth(shop)
    homes = await categories(shop)
    choices: dict[str, list[Any]] = {
        "stores": [None, (shop.store,), (shop.store, shop.second_store)],
        "till": [None, shop.second_till],
        "cashier": [None, rows[0]["cashier"]],
        "tender": ["", "cash", "mixed"],
        "group": [None, "", "Staff"],
        "product": [None, None, shop.products[0].id],
        "categories": [None, None, (homes[0],), (NOBODY, homes[1])],
    }
    sides: list[Side] = ["day", "week", "month", "hour", "weekday", "store", "till", "cashier", "tender", "group"]
    wares: list[Side] = ["product", "category"]
    answered = 0
    for _turn in range(150):
        to = Narrowed(**{name: chance.choice(values) for name, values in choices.items()})
        by = tuple(chance.sample(sides + wares, chance.randrange(3)))
        days = chance.choice([1, 20, 90, 139])
        first = FIRST + timedelta(days=chance.randrange(0, 139 - days + 1))
        last = first + timedelta(days=days - 1)
        async with shop.db.read(shop.scope) as read:
            try:
                found = await figures(read, to, by, first, last)
            except TooLong:
                assert days > 92
                continue
        answered += 1
        held: dict[tuple[Any, ...], list[Decimal]] = {}
        for row in rows:
            if first <= row["day"] <= last and fits(row, to):
                sums = held.setdefault(key_of(row, by), [Decimal(0)] * 5)
                for place, name in enumerate(("units", "revenue", "tax", "cost", "discount")):
                    sums[place] += row[name]
        told = {
            key: [one.units, Decimal(one.revenue), Decimal(one.tax), Decimal(one.cost), Decimal(one.discount)]
            for key, one in found.items()
        }
        nothing = [Decimal(0)] * 5
        assert {key: one for key, one in told.items() if one != nothing} == {
            key: one for key, one in held.items() if one != nothing
        }, (to, by, first, last)
    assert answered > 75


async def test_sales_and_returns_are_counted_once_by_any_side_but_products(traded: Shop) -> None:
    rows = await truth(traded)
    sold = {row["id"] for row in rows if row["kind"] == "sale"}
    back = {row["id"] for row in rows if row["kind"] == "return"}
    span = (FIRST, date(2026, 12, 31))
    async with traded.db.read(traded.scope) as read:
        for side in ("day", "hour", "till", "tender", "group", "cashier"):
            found = await figures(read, Narrowed(), (side,), *span)  # type: ignore[arg-type]
            assert sum(one.sales for one in found.values()) == len(sold), side
            assert sum(one.returns for one in found.values()) == len(back), side
        paid = await tenders(read, Narrowed(), *span)
    assert sum(one.amount for one in paid) == sum(row["revenue"] for row in rows)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), (date(2026, 1, 1), date(2026, 4, 1))),
        (date(2026, 1, 2), date(2026, 3, 30), (date(2026, 2, 1), date(2026, 3, 1))),
        (date(2026, 1, 2), date(2026, 1, 30), (date(2026, 2, 1), date(2026, 2, 1))),
        (date(2025, 12, 31), date(2026, 1, 31), (date(2026, 1, 1), date(2026, 2, 1))),
    ],
)
def test_whole_months_lie_within_a_time(first: date, last: date, months: tuple[date, date]) -> None:
    assert whole_months(first, last) == months


@pytest.fixture
async def busy(still_shop: Shop, tell: Relay) -> Shop:
    """Sell on Friday 20 November and the Friday before, at a moment that doesn't pass."""
    counter = await open_counter(still_shop)
    loaf, milk = still_shop.products[0], still_shop.products[1]
    await counter.send(
        counter.sale((loaf, 2), occurred_at="2026-11-19T08:10:00Z"),
        counter.sale((milk, 2), occurred_at="2026-11-18T09:10:00Z", price_group="Staff"),
        counter.sale((loaf, 1), occurred_at="2026-11-12T08:10:00Z"),
        counter.sale((milk, 1), occurred_at="2026-11-02T08:10:00Z"),  # the first of all: later days have a before
    )
    await relay_all(tell, still_shop)
    return still_shop


async def test_the_overview_compares_the_days_that_are_over_with_the_same_weekdays(
    still_site: Site, busy: Shop
) -> None:
    owner, at = await still_site.member(busy), f"/t/{busy.tenant.slug}/analytics"
    page = (await owner.get(f"{at}?from=2026-11-16&to=2026-11-20")).text
    assert "Revenue up +164.3% €11.10" in words(region(page, "kpi-revenue")), "8.40 + 2.70 beside 4.20"
    assert "Sales up +100.0% 2" in words(region(page, "kpi-sales"))
    assert f"/t/{busy.tenant.slug}/sales?from=2026-11-16&amp;to=2026-11-20" in region(page, "kpi-revenue")
    assert "16-20 Nov 2026, beside 9-13 Nov 2026" in words(region(page, "days")).replace("\u2009", "").replace(
        "\u2013", "-"
    )
    early = (await owner.get(f"{at}?from=2026-11-02&to=2026-11-08")).text
    first = words(region(early, "kpi-revenue"))
    assert first == "Revenue €1.35 After refunds", "there is nothing to compare the first week with"
    assert "beside" not in words(region(early, "days"))
    alone = (await owner.get(f"{at}?from=2026-11-16&to=2026-11-20&against=none&group=Staff")).text
    assert words(region(alone, "kpi-revenue")) == "Revenue €2.70 After refunds"


async def test_what_to_look_at_is_ranked_by_money_and_leads_to_its_evidence(still_site: Site, busy: Shop) -> None:
    owner, at = await still_site.member(busy), f"/t/{busy.tenant.slug}/analytics"
    page = (await owner.get(f"{at}?from=2026-11-02&to=2026-11-08")).text
    assert "less than before" not in page, "there is nothing before to fall from"
    page = (await owner.get(f"{at}?from=2026-11-16&to=2026-11-20&product={busy.products[1].id}")).text
    assert "less than before" not in words(region(page, "figures")), "it grew"
    scope = busy.scope
    async with busy.db.begin(scope) as tx:
        await tx.execute(
            "UPDATE sales_hour SET revenue_minor = 99900 WHERE tenant_id = $1 AND business_date = '2026-11-12'",
            tx.tenant,
        )
        await tx.execute(
            "UPDATE product_day SET revenue_minor = 99900 WHERE tenant_id = $1 AND business_date = '2026-11-12'",
            tx.tenant,
        )
        await tx.execute(
            "UPDATE category_day SET revenue_minor = 99900 WHERE tenant_id = $1 AND business_date = '2026-11-12'",
            tx.tenant,
        )
    told = words(region((await owner.get(f"{at}?from=2026-11-16&to=2026-11-20")).text, "figures"))
    loaf = busy.products[0].name
    assert f"{loaf} brought €990.60 less than before" in told
    assert "Groceries brought €987.90 less than before" in told
    assert told.index(f"{loaf} brought") < told.index("Groceries brought")


async def test_a_number_leads_to_just_the_receipts_behind_it(still_site: Site, busy: Shop) -> None:
    owner, shop = await still_site.member(busy), busy
    base = f"/t/{shop.tenant.slug}"
    for query, receipts in [
        (f"product={shop.products[0].id}", 2),
        (f"product={shop.products[1].id}", 2),
        ("group=Staff", 1),
        ("group=none", 3),
        (f"category={shop.category}", 4),
        ("category=none", 0),
        ("tender=cash", 4),
        ("tender=mixed", 0),
        ("cashier=none", 0),
        ("region=North", 0),
    ]:
        page = await owner.get(f"{base}/sales?{query}")
        assert page.status_code == 200
        assert (
            page.text.count(f'href="{base}/sales/')
            - page.text.count(f'href="{base}/sales/export')
            - page.text.count(f'href="{base}/sales/receipts')
            - page.text.count(f'href="{base}/sales/layaways')
            == receipts
        ), query
        if receipts:
            assert "Only those behind a figure" in page.text
    listed = await owner.get(f"{base}/sales/receipts/export?format=csv&product={shop.products[1].id}")
    assert len(list(csv.DictReader(io.StringIO(listed.text)))) == 2


@pytest.mark.parametrize("section", ["", "/sales", "/products"])
async def test_each_section_says_what_was_asked_wrongly_and_shows_no_figure(
    still_site: Site, busy: Shop, section: str
) -> None:
    owner, at = await still_site.member(busy), f"/t/{busy.tenant.slug}/analytics{section}"
    for query, name in [
        ("from=yesterday", "from"),
        ("from=2020-01-01&to=2026-11-20", "from"),
        ("store=1", "store"),
        ("category=6f2c1d0a-52f4-4c44-9a52-0a7a3d3c9b11", "category"),
        ("against=luck", "against"),
    ]:
        page = await owner.get(f"{at}?{query}")
        assert page.status_code == 422, query
        assert f'id="f-{name}-error"' in page.text, query
        assert "€" not in words(region(page.text, "figures")), query
    assert (await owner.get(at)).status_code == 200


async def test_what_only_facts_know_of_long_times_is_said_instead_of_guessed(still_site: Site, busy: Shop) -> None:
    owner, at = await still_site.member(busy), f"/t/{busy.tenant.slug}/analytics"
    long = f"from=2026-06-01&to=2026-11-20&group=Staff&product={busy.products[1].id}"
    page = await owner.get(f"{at}?{long}")
    assert "at most 92 days" in words(region(page.text, "figures"))
    chart = await owner.get(f"{at}/charts/trend?{long}")
    assert (chart.status_code, "at most 92 days" in chart.text) == (422, True)
    short = await owner.get(f"{at}?{long.replace('2026-06-01', '2026-11-01')}")
    assert "€2.70" in words(region(short.text, "kpi-revenue"))


@pytest.mark.parametrize("name", sorted(CHARTS))
async def test_every_chart_has_rows_and_costs_are_for_who_may_see_them(still_site: Site, busy: Shop, name: str) -> None:
    owner, at = await still_site.member(busy), f"/t/{busy.tenant.slug}/analytics/charts/{name}"
    answer = await owner.get(f"{at}?from=2026-11-16&to=2026-11-20")
    assert answer.status_code == 200
    rows = answer.json()
    assert name == "price-effects" or rows
    assert all(isinstance(row["tip"], str) for row in rows)
    clerk = await still_site.holder(busy, VIEW_DASHBOARD)
    assert (await clerk.get(at)).status_code == (404 if CHARTS[name].costs else 200)
    assert (await owner.get(f"{at}nothing")).status_code == 404


async def test_figures_go_out_as_their_page_shows_them(still_site: Site, busy: Shop) -> None:
    owner, at = await still_site.member(busy), f"/t/{busy.tenant.slug}/analytics/figures/export"
    for side in ("time", *SIDES):
        answer = await owner.get(f"{at}?format=csv&side={side}&from=2026-11-16&to=2026-11-20")
        assert answer.status_code == 200, side
        lines = list(csv.DictReader(io.StringIO(answer.text)))
        assert sum(Decimal(line["revenue"]) for line in lines) == Decimal("11.10"), side
    few = await still_site.holder(busy, VIEW_DASHBOARD, VIEW_SALES, "export")
    header = (await few.get(f"{at}?format=csv&side=product")).text.split("\n")[0]
    assert "cost" not in header
    assert "margin" not in header


async def test_someone_of_one_store_sees_the_figures_of_that_store_alone(busy: Shop) -> None:
    for stores, revenue in (({busy.store}, 1110), ({busy.second_store}, 0)):
        scope = replace(busy.scope, stores=frozenset(stores))
        async with busy.db.read(scope) as read:
            for by in ((), ("product",), ("category",), ("till",), ("group", "product")):
                found = await figures(read, Narrowed(), by, date(2026, 11, 16), date(2026, 11, 20))  # type: ignore[arg-type]
                assert sum(one.revenue for one in found.values()) == revenue, (stores, by)


def test_nobody_is_no_id_of_anything() -> None:
    assert UUID(int=0) == NOBODY
