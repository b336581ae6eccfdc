"""What to look at: each source, its rights, its rank; and other words, of which not one may carry a fact."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail.analytics.rollups.sources import NOBODY
from retail.analytics.sections.insights.insight import Insight, ranked
from retail.analytics.sections.insights.phrasing import BadPhrasingUrl, Phrasing, PhrasingFailed, braced, fits
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.relay import Relay
from retail.runtime.web.outgoing import Outgoing
from retail.tenants.settings_changes import change
from tests.analytics.test_rollups import relay_all
from tests.analytics.test_today import region, words
from tests.support.http_office import Answer, HttpOffice, http_office
from tests.support.selling import open_counter
from tests.support.web import Site, make_site
from tests.support.world import Shop

FELL = "%(name)s brought %(amount)s less than before (%(change)s)."


def an_insight(text: str = FELL, at_stake: int = 12_000, **facts: str) -> Insight:
    told = facts or {"name": "Whole milk", "amount": "€120", "change": "18% down"}
    return Insight("product_fell", text, told, at_stake, "/evidence", "/action", "Do it", "view_dashboard")


def test_the_most_money_comes_first_and_trifles_are_left_out() -> None:
    found = [an_insight(at_stake=at) for at in (199, 5_000, 200, 90_000)]
    assert [one.at_stake for one in ranked(found, 100_000)] == [90_000, 5_000, 200]
    assert ranked([an_insight(at_stake=0)], 0) == []


def test_a_sentence_has_the_same_facts_in_its_own_words_and_in_others() -> None:
    one = an_insight()
    assert one.sentence == "Whole milk brought €120 less than before (18% down)."
    assert replace(one, said="Down by {amount} ({change}): {name}.").sentence == "Down by €120 (18% down): Whole milk."
    assert braced(FELL) == "{name} brought {amount} less than before ({change})."


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ("{name} lost {amount} ({change}).", True),
        ("{change} {amount} {name}", True),
        ("{name} lost {amount}.", False),
        ("{name} lost {amount} ({change}) of {amount}.", False),
        ("{name} lost {amount} ({change}) in {store}.", False),
        ("{name} lost {amount} ({change}), 3 times.", False),
        ("{name} lost {amount} ({change}) and ٣.", False),
        ("<b>{name}</b> lost {amount} ({change}).", False),
        ("{name} lost {amount}\n({change}).", False),
        ("{name} lost {amount} ({change}) {", False),
        ("{name} lost {amount} ({change})" + "!" * 240, False),
        ("", False),
        (None, False),
        (7, False),
    ],
)
def test_other_words_are_taken_only_with_every_place_once_and_nothing_like_a_fact(said: object, good: bool) -> None:
    assert fits(FELL, said) is good


@pytest.fixture
async def service() -> AsyncIterator[HttpOffice]:
    async with http_office() as made:
        yield made


def phrasing(service: HttpOffice) -> Phrasing:
    url = f"http://k%2Fey@{service.place}/v1/chat/completions?model=small"
    return Phrasing(url, Outgoing(exceptions=[service.place]))


def answered(rows: object, fence: str = "%s") -> Answer:
    content = fence % json.dumps(rows)
    return Answer(200, body=json.dumps({"choices": [{"message": {"content": content}}]}).encode())


async def test_no_name_and_no_figure_leaves_and_good_words_come_back(service: HttpOffice) -> None:
    said = [{"n": 0, "text": "{name} is down by {amount} ({change})."}, {"n": 1, "text": "Discounts grew by 5 euros."}]
    service.answers = [answered(said, "```json\n%s\n```")]
    found = [an_insight(), an_insight("Discounts grew by %(amount)s.", amount="€77")]
    told = await phrasing(service).phrased(found, "de-AT")
    assert [one.sentence for one in told] == ["Whole milk is down by €120 (18% down).", "Discounts grew by €77."]
    ((path, headers, body),) = service.taken
    sent = json.loads(body)
    assert (path, headers["authorization"], sent["model"]) == ("/v1/chat/completions", "Bearer k/ey", "small")
    assert "German" in sent["messages"][0]["content"]
    assert json.loads(sent["messages"][1]["content"]) == [
        {"n": 0, "kind": "product_fell", "text": "{name} brought {amount} less than before ({change})."},
        {"n": 1, "kind": "product_fell", "text": "Discounts grew by {amount}."},
    ]
    assert not {"milk", "120", "18", "77"} & set(body.decode().replace('"', " ").split())


@pytest.mark.parametrize(
    "answer",
    [Answer(500), Answer(200, body=b"busy"), answered({"n": 1}), answered([{"n": "x", "text": "y"}]), answered([3])],
)
async def test_what_is_no_list_of_sentences_changes_nothing(service: HttpOffice, answer: Answer) -> None:
    service.answers = [answer]
    with pytest.raises(PhrasingFailed):
        await phrasing(service).phrased([an_insight()], "en")


@pytest.mark.parametrize("url", ["https://api.example/v1?model=m", "https://k@api.example/v1", "https://k@/v1?model=m"])
def test_an_address_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(BadPhrasingUrl):
        Phrasing(url, Outgoing())


@pytest.fixture
async def sold(still_shop: Shop, tell: Relay) -> Shop:
    """Sell a loaf on each of two days, a fortnight apart."""
    counter = await open_counter(still_shop)
    loaf = still_shop.products[0]
    await counter.send(
        counter.sale((loaf, 2), occurred_at="2026-11-19T08:10:00Z"),
        counter.sale((loaf, 1), occurred_at="2026-11-05T08:10:00Z"),
    )
    await relay_all(tell, still_shop)
    return still_shop


async def insert(shop: Shop, table: str, **row: Any) -> None:
    async with shop.db.begin(shop.scope) as tx:
        row = {"tenant_id": tx.tenant, **row}
        names, places = ", ".join(row), ", ".join(f"${place}" for place in range(1, len(row) + 1))
        await tx.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())


async def everything(shop: Shop) -> UUID:
    """Give each source that doesn't stand on sales something to say; return the unusual day."""
    day = new_id()
    moment = shop.db.clock.now()
    await insert(
        shop, "unusual_day", id=day, store_id=shop.store, business_date=date(2026, 11, 18), hour=24, sold_minor=40_000,
        expected_minor=80_000, low_minor=60_000, high_minor=100_000, z=Decimal(-6), threshold=Decimal(4),
        severity="medium", found_at=moment, updated_at=moment,
    )  # fmt: skip
    await insert(shop, "forecast_state", begun=1, shown=1)
    await insert(
        shop, "forecast_series", run=1, level="total", measure="revenue", store_id=NOBODY, subject_id=NOBODY,
        rung="grown", first_day=date(2026, 11, 20), likely=[Decimal(1)] * 28, low=[Decimal(0)] * 28,
        high=[Decimal(9)] * 28,
    )  # fmt: skip
    await insert(
        shop, "segment_state", begun=1, shown=1, worked_out_at=moment, first_day=date(2026, 1, 1),
        last_day=date(2026, 11, 19), standing="ready", customers=90, history_days=300, value_method="rate",
        value_days=90, value_error_minor=1, floor_error_minor=2, value_told_minor=3, value_came_minor=4,
        risk_known=True,
    )  # fmt: skip
    await insert(
        shop, "segment_total", run=1, segment="at_risk", customers=12, sales=20, spend_minor=1, value_minor=123_400,
        at_high=3,
    )  # fmt: skip
    lot, loaf = new_id(), shop.products[0].id
    await insert(
        shop, "lot", id=lot, product_id=loaf, code="L1", expires_on=date(2026, 11, 25), received_at=moment,
        created_at=moment,
    )  # fmt: skip
    await insert(shop, "lot_balance", lot_id=lot, product_id=loaf, store_id=shop.store, on_hand=Decimal(7))
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET unit_cost = 100 WHERE tenant_id = $1 AND id = $2", tx.tenant, loaf)
        await tx.execute("UPDATE stock_balance SET unit_cost = 100 WHERE tenant_id = $1", tx.tenant)
    acts = [new_id(), new_id()]
    for act, amount in zip(acts, (1_500, 700), strict=True):
        await insert(
            shop, "risk_act", id=act, kind="override", store_id=shop.store, till_id=shop.till, cashier_id=new_id(),
            subject_id=new_id(), amount_minor=amount, explained=False, approved=False,
            occurred_at=moment - timedelta(days=1), created_at=moment,
        )  # fmt: skip
    for known in (acts, acts[:1]):
        alert = new_id()
        await insert(
            shop, "risk_alert", id=alert, kind="override", outcome="alert", least=1, minutes=9, store_id=shop.store,
            cashier_id=new_id(), occurred_at=moment - timedelta(days=1), created_at=moment,
        )  # fmt: skip
        for act in known:
            await insert(shop, "risk_evidence", alert_id=alert, act_id=act)
    return day


async def told(site: Site, shop: Shop, query: str = "") -> dict[str, dict[str, Any]]:
    """Ask as a program of the owner; give what is told, by kind."""
    owner = await site.member(shop)
    answer = await owner.get(f"/t/{shop.tenant.slug}/api/v1/analytics/insights{query}")
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [one["at_stake"] for one in items] == sorted((one["at_stake"] for one in items), reverse=True)
    return {one["kind"]: one for one in items}


async def test_every_source_tells_what_it_knows_ranked_by_money(still_site: Site, sold: Shop) -> None:
    day = await everything(sold)
    found = await told(still_site, sold)
    assert {kind: one["at_stake"] for kind, one in found.items() if kind != "dead"} == {
        "customers_at_risk": 123_400,
        "unusual": 40_000,
        "alerts": 2_200,
        "expiring": 700,
        "forecast_falls": 3 * sold.products[0].price_minor - 28,
    }
    assert found["unusual"]["evidence"] == f"/analytics/unusual/{day}"
    assert found["alerts"]["sentence"] == "2 open alerts of loss prevention of the last 30 days are about €22.00."
    assert found["customers_at_risk"]["sentence"].startswith("12 customers are drifting off")
    assert found["expiring"]["facts"] == {"amount": "€7.00"}
    again = await told(still_site, sold)
    assert again == found, "the same figures give the same sentences"


async def test_what_is_out_of_stock_and_sold_lately_is_told_with_a_days_cost(still_site: Site, sold: Shop) -> None:
    loaf = sold.products[0]
    async with sold.db.begin(sold.scope) as tx:
        await tx.execute(
            """INSERT INTO stock_balance (tenant_id, store_id, product_id, on_hand, unit_cost, worth, updated_at)
               SELECT $1, $2, $3, -coalesce(sum(d.quantity), 0), 100, 0, $4 FROM stock_delta d
                WHERE d.tenant_id = $1 AND d.store_id = $2 AND d.product_id = $3
                   ON CONFLICT (tenant_id, store_id, product_id) DO UPDATE SET on_hand = excluded.on_hand""",
            tx.tenant, sold.store, loaf.id, tx.now,
        )  # fmt: skip
        await tx.execute("DELETE FROM product_pace WHERE tenant_id = $1", tx.tenant)
    await insert(
        sold, "product_pace", store_id=sold.store, product_id=loaf.id, as_of=date(2026, 11, 20),
        units=Decimal(56), days=28,
    )  # fmt: skip
    one = (await told(still_site, sold))["out_of_stock"]
    assert one["at_stake"] == 2 * loaf.price_minor, "two a day"
    assert one["sentence"].startswith(f"{loaf.name} in ")
    assert "is out of stock; at the pace of the last four weeks a day without it costs about" in one["sentence"]
    owner = await still_site.member(sold)
    page = (await owner.get(f"/t/{sold.tenant.slug}/analytics/insights")).text
    assert "are at stake. The sentences overlap" in page


async def test_what_a_store_narrows_and_what_more_than_a_store_leaves_out(still_site: Site, sold: Shop) -> None:
    await everything(sold)
    of_store = await told(still_site, sold, f"?store={sold.store}")
    assert {"unusual", "alerts", "expiring"} <= set(of_store)
    assert not {"customers_at_risk", "forecast_falls"} & set(of_store), "those are of all stores"
    elsewhere = await told(still_site, sold, f"?store={sold.second_store}")
    assert not {"unusual", "alerts", "expiring"} & set(elsewhere)
    narrow = await told(still_site, sold, f"?product={sold.products[0].id}")
    assert not {"unusual", "alerts", "expiring", "customers_at_risk", "forecast_falls"} & set(narrow)
    async with sold.db.begin(sold.scope) as tx:
        await tx.execute(
            """INSERT INTO risk_verdict (tenant_id, alert_id, verdict, note, actor_name, decided_at)
               SELECT tenant_id, id, 'dismissed', 'x', 'Olga', $2 FROM risk_alert WHERE tenant_id = $1""",
            tx.tenant, tx.now,
        )  # fmt: skip
    assert "alerts" not in await told(still_site, sold), "somebody has settled them"


async def test_who_may_see_less_is_told_less(still_site: Site, sold: Shop) -> None:
    await everything(sold)
    viewer = await still_site.holder(sold, VIEW_DASHBOARD)
    page = words(region((await viewer.get(f"/t/{sold.tenant.slug}/analytics/insights")).text, "figures"))
    assert "less than expected" in page
    assert "open alerts" not in page
    assert "expire within a week" not in page
    assert "Say what it was" not in page, "an action is offered to who may do it"
    owner = await still_site.member(sold)
    whole = (await owner.get(f"/t/{sold.tenant.slug}/analytics/insights")).text
    assert "Say what it was" in whole
    assert "In other words" not in whole, "off as delivered"


async def test_other_words_are_turned_on_twice_asked_for_once_and_never_needed(
    still: Database, sold: Shop, service: HttpOffice
) -> None:
    await everything(sold)
    api = f"http://k@{service.place}/v1/chat/completions?model=m"
    site = make_site(still, phrasing_api=api, outgoing_exceptions=(service.place,))
    owner, at = await site.member(sold), f"/t/{sold.tenant.slug}/analytics/insights"
    assert "In other words" not in (await owner.get(at)).text
    assert "Other words are turned off" in (await owner.post(f"{at}/words")).text
    await sold.db.run(sold.scope, change, {"insights_worded": True})
    page = (await owner.get(at)).text
    assert "In other words" in page
    assert service.taken == [], "nothing is asked until somebody presses"
    service.answers = [Answer(503), answered([{"n": 0, "text": "Win back {customers} people: {amount}."}])]
    failed = words(region((await owner.post(f"{at}/words")).text, "figures"))
    assert "No other words came" in failed
    assert "12 customers are drifting off" in failed
    good = words(region((await owner.post(f"{at}/words")).text, "figures"))
    assert "Win back 12 people: €1,234." in good
    assert "less than expected" in good, "those for which nothing came stay as they are"
    assert len(service.taken) == 2
    assert sold.tenant.name not in service.taken[1][2].decode()
    await site.close()
