"""Figures for programs: exact, and the same whichever way they are grouped."""

from __future__ import annotations

import pytest

from retail.analytics.groups import MOST_DAYS_OF_SALES
from retail.kit.ids import new_id
from retail.runtime.relay import Relay
from tests.analytics.test_rollups import give_back, relay_all
from tests.support.selling import open_counter
from tests.support.web import Site
from tests.support.world import Shop, open_shop

RANGE = "from=2026-11-13&to=2026-11-20"


@pytest.fixture
async def sold(still_shop: Shop, tell: Relay) -> Shop:
    """Two tills, two days, three products, one line without a product, one return, two kinds of money."""
    counter, second = await open_counter(still_shop), await open_counter(still_shop, still_shop.second_till)
    loaf, milk, cola = still_shop.products[0], still_shop.products[1], still_shop.products[3]
    nameless = {"name": "Postcard", "quantity": "1", "unit_price": 150, "tax_code": "S"}
    card = [{"type": "card", "amount": 690, "change": 0}]
    bought = counter.sale((loaf, 2), (cola, 3), occurred_at="2026-11-20T08:10:00Z")
    by_card = counter.sale((milk, 2), (loaf, 1), tenders=card, occurred_at="2026-11-18T08:10:00Z")
    await counter.send(bought, by_card)
    await second.send(second.sale((cola, 1), nameless, occurred_at="2026-11-20T09:10:00Z"))
    await give_back(counter, bought, 1, 1000)
    await relay_all(tell, still_shop)
    return still_shop


async def items(site: Site, shop: Shop, group: str, days: str = RANGE) -> list[dict[str, object]]:
    visitor = await site.member(shop, "viewer")
    answer = await visitor.get(f"/t/{shop.tenant.slug}/api/v1/analytics/sales?{days}&group={group}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_the_kpis_are_exact(still_site: Site, sold: Shop) -> None:
    visitor = await still_site.member(sold, "viewer")
    answer = await visitor.get(f"/t/{sold.tenant.slug}/api/v1/analytics/kpis?{RANGE}")
    found = answer.json()
    assert {name: found[name] for name in ("revenue", "sales", "returns", "refunds", "units", "average_basket")} == {
        "revenue": 1170 + 690 + 260 - 110,
        "sales": 3,
        "returns": 1,
        "refunds": 110,
        "units": "9.000",
        "average_basket": 707,
    }
    assert found["margin"] == found["revenue"] - found["tax"] - found["cost"]
    assert isinstance(found["gross_margin"], str)
    today = (await visitor.get(f"/t/{sold.tenant.slug}/api/v1/analytics/kpis")).json()
    assert (today["from"], today["to"], today["revenue"]) == ("2026-11-20", "2026-11-20", 1320)
    elsewhere = await visitor.get(f"/t/{sold.tenant.slug}/api/v1/analytics/kpis?{RANGE}&store={sold.second_store}")
    assert (elsewhere.json()["revenue"], elsewhere.json()["gross_margin"]) == (0, None)


GROUPS = ("hour", "day", "week", "month", "store", "till", "category", "product", "cashier", "tender")


@pytest.mark.parametrize("group", GROUPS)
async def test_every_group_adds_up_to_the_whole(still_site: Site, sold: Shop, group: str) -> None:
    rows = await items(still_site, sold, group)
    assert sum(int(str(row["revenue"])) for row in rows) == 2010


async def test_each_group_says_what_it_is_about(still_site: Site, sold: Shop) -> None:
    by_day = await items(still_site, sold, "day")
    assert [(row["key"], row["revenue"], row["sales"]) for row in by_day] == [
        ("2026-11-18", 690, 1),
        ("2026-11-20", 1320, 2),
    ]
    assert [row["key"] for row in await items(still_site, sold, "week")] == ["2026-W47"]
    assert [row["key"] for row in await items(still_site, sold, "hour")][:2] == ["2026-11-18T09", "2026-11-20T09"]
    products = {
        row["name"]: (row["revenue"], row["sales"], row["units"]) for row in await items(still_site, sold, "product")
    }
    assert products == {
        "Sourdough loaf 800 g": (1260, 2, "3.000"),
        "Whole milk 1 l": (270, 1, "2.000"),
        "Cola 330 ml": (330, 2, "3.000"),
        "": (150, 1, "1.000"),
    }
    categories = {row["name"]: (row["revenue"], row["sales"]) for row in await items(still_site, sold, "category")}
    assert categories == {"Groceries": (1860, 3), "": (150, 1)}
    tenders = {row["key"]: (row["revenue"], row["sales"]) for row in await items(still_site, sold, "tender")}
    assert tenders == {"cash": (1320, 2), "card": (690, 1)}
    tills = {row["name"]: (row["revenue"], row["sales"]) for row in await items(still_site, sold, "till")}
    assert tills == {"Till 1": (1750, 2), "Till 2": (260, 1)}


async def test_what_cannot_be_answered_is_refused_with_the_reason(still_site: Site, sold: Shop) -> None:
    visitor = await still_site.member(sold)
    base = f"/t/{sold.tenant.slug}/api/v1/analytics"
    backwards = await visitor.get(f"{base}/kpis?from=2026-11-20&to=2026-11-01")
    assert (backwards.status_code, backwards.json()["errors"]["to"]) == (
        422,
        ["The last day must not come before the first."],
    )
    long = await visitor.get(f"{base}/sales?group=till&from=2026-01-01&to=2026-11-20")
    assert long.json()["errors"]["to"] == [f"Ask for at most {MOST_DAYS_OF_SALES} days by till."]
    assert (await visitor.get(f"{base}/sales?group=weather")).status_code == 422
    stranger = await open_shop(sold.db)
    for other in (stranger.store, new_id()):
        assert (await visitor.get(f"{base}/kpis?store={other}")).status_code == 404


async def test_a_long_time_by_category_leaves_out_what_would_cost_too_much(still_site: Site, sold: Shop) -> None:
    rows = await items(still_site, sold, "category", "from=2026-01-01&to=2026-11-20")
    assert {row["name"]: (row["revenue"], row["sales"]) for row in rows} == {"Groceries": (1860, None), "": (150, None)}


async def test_another_business_finds_nothing_and_a_clerk_may_not_ask(still_site: Site, sold: Shop) -> None:
    stranger = await open_shop(sold.db)
    assert await items(still_site, stranger, "product") == []
    clerk = await still_site.member(sold, "clerk")
    assert (await clerk.get(f"/t/{sold.tenant.slug}/api/v1/analytics/kpis")).status_code == 403


async def test_hours_stand_in_the_order_of_the_business_day(still_site: Site, still_shop: Shop, tell: Relay) -> None:
    counter = await open_counter(still_shop)
    await counter.send(
        *(counter.sale(occurred_at=f"2026-11-{at}:10:00Z") for at in ("18T01", "17T10", "18T08")),
    )
    await relay_all(tell, still_shop)
    by_hour = [row["key"] for row in await items(still_site, still_shop, "hour")]
    assert by_hour[:3] == ["2026-11-17T11", "2026-11-17T02", "2026-11-18T09"]  # a business day begins at four
