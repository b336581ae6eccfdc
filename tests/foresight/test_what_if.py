"""What if on the page: by its address and over the socket the same answer, and no costs for who may not see them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retail.foresight.channels import ASKS
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import Invalid, NotFound
from retail.live import switchboard
from retail.tenants.queries import this_tenant
from tests.foresight.conftest import forecast_now
from tests.support.shelves import stocked
from tests.support.web import Site
from tests.support.world import Shop, open_shop

(WHAT_IF,) = ASKS


async def test_the_page_answers_by_its_address_with_costs_for_who_may_see_them(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    plain = (await owner.get(at)).text
    assert "That is an assumption: no price has moved here yet." in plain
    page = await owner.get(f"{at}?price=10&growth=5")
    assert page.status_code == 200
    assert "Margin" in page.text
    assert 'value="10"' in page.text
    viewer = await site.holder(traded, VIEW_DASHBOARD)
    seen = (await viewer.get(f"{at}?price=10")).text
    assert ("What if" in seen, "Margin" in seen) == (True, False)
    rows = (await owner.get(f"{at}/supposed?days=7&growth=100")).json()
    assert len(rows) == 7
    assert all(float(row["likely"]) == pytest.approx(2 * float(row["now"]), abs=0.02) for row in rows)


async def test_wrong_levers_are_told_at_their_fields_and_the_forecast_stays(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    page = await owner.get(f"{at}?price=900&off_from=2026-12-02&off_to=2026-12-01&closed1=x")
    assert "Likely in 30 days" in page.text
    assert "The last day can&#39;t be before the first." in page.text
    assert (await owner.get(f"{at}/supposed?price=900")).status_code == 422


async def test_of_a_product_in_a_store_it_says_when_it_runs_out_and_when_to_order(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    await stocked(traded, "60")
    owner, at = await site.member(traded), f"/t/{traded.tenant.slug}/analytics/forecast"
    page = (await owner.get(f"{at}?product={traded.products[0].id}&store={traded.store}&lead=5")).text
    assert "When an order goes out" in page
    assert "available" in page


async def test_the_socket_answers_as_the_page_does(traded: Shop) -> None:
    await forecast_now(traded)
    assert switchboard().asks["what-if"] is WHAT_IF
    values = {"days": "7", "price": "-10", "closed1": "2026-01-01"}
    async with traded.db.read(traded.scope) as read:
        facts = await this_tenant(read)
        told = await WHAT_IF.answer(read, facts, values)
        assert len(told.charts["supposed"]) == 7
        assert {target for _template, target in told.regions} == {"#supposed", "#supposed-days"}
        wrong = await WHAT_IF.answer(read, facts, {"price": "900"})
        assert [target for _template, target in wrong.regions] == ["#supposed"]
        with pytest.raises(Invalid):
            await WHAT_IF.answer(read, facts, {"days": "8"})


async def test_who_sees_another_store_is_answered_nothing(traded: Shop) -> None:
    await forecast_now(traded)
    stranger = await open_shop(traded.db)
    elsewhere = replace(traded.scope, stores=frozenset({traded.second_store}))
    for scope in (elsewhere, stranger.scope):
        async with traded.db.read(scope) as read:
            facts = await this_tenant(read)
            with pytest.raises(NotFound):
                await WHAT_IF.answer(read, facts, {})
