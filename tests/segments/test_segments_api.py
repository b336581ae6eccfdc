"""The API of segments: what each adds up to, how customers stand, moves, cohorts; and customers by segment."""

from __future__ import annotations

import httpx
import pytest

from retail.identity.permissions import VIEW_CUSTOMERS, VIEW_DASHBOARD
from retail.kit.ids import new_id
from tests.segments.conftest import Trade
from tests.support.web import Site
from tests.support.world import open_shop


def at(trade: Trade, path: str) -> str:
    return f"/t/{trade.shop.tenant.slug}/api/v1{path}"


@pytest.fixture
async def owner(site: Site, traded: Trade) -> httpx.AsyncClient:
    return await site.member(traded.shop)


async def test_segments_are_told_with_how_good_they_are(traded: Trade, owner: httpx.AsyncClient) -> None:
    answer = (await owner.get(at(traded, "/analytics/customers/segments"))).json()
    now, listed = await traded.state(), await traded.listed()
    assert (answer["standing"], answer["customers"], answer["next"]) == ("ready", 82, None)
    assert answer["worked_out_at"].endswith("Z")
    names = [one["segment"] for one in answer["items"]]
    assert names == [one for one in ("vip", "loyal", "active", "new", "at_risk", "lost") if one in names]
    vip = answer["items"][0]
    of = [one for one in listed if one.segment == "vip"]
    assert (vip["customers"], vip["spent"]) == (len(of), sum(one.spend_minor for one in of))
    assert (vip["value"] is None) == (now.value_method is None) == (answer["value_backtest"] is None)
    if now.value_method:
        assert answer["value_backtest"]["same_again_error"] == now.floor_error_minor
        assert vip["value"] == sum(one.value_minor or 0 for one in of)
    assert 0 <= float(answer["risk_backtest"]["auc"]) <= 1


async def test_standings_are_listed_page_by_page_and_narrowed(traded: Trade, owner: httpx.AsyncClient) -> None:
    path = at(traded, "/analytics/customers")
    first = (await owner.get(f"{path}?limit=50")).json()
    second = (await owner.get(f"{path}?limit=50&after={first['next']}")).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 32, None)
    lost = (await owner.get(f"{path}?segment=lost&sort=last&limit=500")).json()["items"]
    assert {one["segment"] for one in lost} == {"lost"}
    assert [one["last_visit"] for one in lost] == sorted((one["last_visit"] for one in lost), reverse=True)
    one = (await owner.get(f"{path}?q=vera 00")).json()["items"][0]
    assert one["customer"] == str(traded.people["Vera 00"])
    assert set(one) == {
        "customer", "name", "segment", "recency", "frequency", "money", "visits", "sales", "spent", "first_visit",
        "last_visit", "interval_days", "next_visit", "risk", "value",
    }  # fmt: skip
    assert (await owner.get(at(traded, f"/customers/{one['customer']}/standing"))).json() == one
    for wrong in ("segment=best", "sort=name", "risk=grave", "after=nonsense"):
        assert (await owner.get(f"{path}?{wrong}")).status_code == 422


async def test_who_has_not_bought_has_no_segment(traded: Trade, owner: httpx.AsyncClient) -> None:
    nobody = await traded.person("Never Bought")
    answer = (await owner.get(at(traded, f"/customers/{nobody}/standing"))).json()
    assert answer == {"customer": str(nobody), "segment": None}
    assert (await owner.get(at(traded, f"/customers/{new_id()}/standing"))).status_code == 404


async def test_moves_and_cohorts(traded: Trade, owner: httpx.AsyncClient) -> None:
    moves = (await owner.get(at(traded, "/analytics/customers/moves?became=lost&limit=500"))).json()["items"]
    assert moves
    assert {one["became"] for one in moves} == {"lost"}
    own = (await owner.get(at(traded, f"/analytics/customers/moves?customer={traded.people['Lars 00']}"))).json()
    assert {one["customer"] for one in own["items"]} == {str(traded.people["Lars 00"])}
    cohorts = (await owner.get(at(traded, "/analytics/customers/cohorts"))).json()["items"]
    assert sum(one["customers"] for one in cohorts if one["later"] == 0) == 82
    assert set(cohorts[0]) == {"first_month", "later", "customers", "came"}


async def test_customers_are_listed_by_segment(site: Site, traded: Trade, owner: httpx.AsyncClient) -> None:
    found = (await owner.get(at(traded, "/customers?segment=new"))).json()["items"]
    assert {one["name"][:4] for one in found} == {"Nora"}
    assert len(found) == 12
    clerk = await site.holder(traded.shop, VIEW_CUSTOMERS)
    assert (await clerk.get(at(traded, "/customers?segment=new"))).status_code == 403
    assert (await clerk.get(at(traded, "/customers"))).status_code == 200


@pytest.mark.parametrize("missing", [VIEW_DASHBOARD, VIEW_CUSTOMERS])
async def test_both_rights_are_asked_for(site: Site, traded: Trade, missing: str) -> None:
    who = await site.holder(traded.shop, *({VIEW_DASHBOARD, VIEW_CUSTOMERS} - {missing}))
    standing = f"/customers/{traded.people['Vera 00']}/standing"
    for path in ("/segments", "", "/moves", "/cohorts"):
        assert (await who.get(at(traded, f"/analytics/customers{path}"))).status_code == 403
    assert (await who.get(at(traded, standing))).status_code == 403


async def test_another_business_is_as_one_that_does_not_exist(site: Site, traded: Trade) -> None:
    other = await open_shop(site.db)
    stranger = await site.member(other)
    base = f"/t/{other.tenant.slug}/api/v1"
    assert (await stranger.get(f"{base}/customers/{traded.people['Vera 00']}/standing")).status_code == 404
    for path in ("/analytics/customers/segments", "/analytics/customers", "/analytics/customers/moves"):
        assert (await stranger.get(base + path)).json()["items"] == []
    assert (await stranger.get(f"{base}/customers?segment=vip")).json()["items"] == []
