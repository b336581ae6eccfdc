"""The pages of recommendations: a product's panel, the pairs, what is never suggested, and working it out now."""

from __future__ import annotations

import csv
import io
import re

import httpx
import pytest

from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE, VIEW_DASHBOARD
from tests.recommending.conftest import BREAD, CHOCOLATE, COLA, MILK, ROLL, Trade
from tests.support.web import Site
from tests.support.working import work_off

PATH = "/products/recommendations"


def at(trade: Trade, path: str = PATH) -> str:
    return f"/t/{trade.shop.tenant.slug}{path}"


def plain(page: str, id: str) -> str:
    """Give the words of a page's part."""
    part = page[page.index(f'id="{id}"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


async def products_page(who: httpx.AsyncClient, trade: Trade, place: int) -> str:
    answer = await who.get(at(trade, f"/products/{trade.id(place)}"))
    assert answer.status_code == 200
    return answer.text


async def test_a_products_page_says_what_is_bought_with_it_and_excludes_it_at_a_press(
    site: Site, traded: Trade
) -> None:
    owner = await site.member(traded.shop)
    words = plain(await products_page(owner, traded, BREAD), "together")
    assert "Whole milk 1 l SKU-002 in 5 of 10 baskets about as often as by chance" in words
    assert "Dark chocolate 70 % SKU-003 in 4 of 10 baskets 1.5 times as often as by chance" in words
    form = {"product": str(traded.id(BREAD)), "other": str(traded.id(MILK)), "at": str(traded.id(BREAD))}
    answer = await owner.post(at(traded, f"{PATH}/excludes"), data=form)
    assert answer.headers["location"].endswith(f"/products/{traded.id(BREAD)}#together")
    page = await products_page(owner, traded, BREAD)
    assert "in 5 of 10" not in page
    assert "Never suggested together Whole milk 1 l" in plain(page, "together")
    [back] = re.findall(rf'action="[^"]*({PATH}/excludes/[0-9a-f-]+/removal)"', page)
    await owner.post(at(traded, back), data={"at": str(traded.id(BREAD))})
    assert "in 5 of 10 baskets" in await products_page(owner, traded, BREAD)


async def test_a_product_can_be_kept_from_being_suggested_at_all(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    form = {"product": str(traded.id(MILK)), "at": str(traded.id(MILK))}
    await owner.post(at(traded, f"{PATH}/excludes"), data=form)
    page = await products_page(owner, traded, MILK)
    assert "never suggested" in plain(page, "together")
    assert "Suggest this product again" in page
    assert "Whole milk" not in plain(await products_page(owner, traded, COLA), "together").split("All pairs")[1][:120]


@pytest.mark.parametrize("place", [ROLL, MILK])
async def test_where_there_is_nothing_the_panel_says_why(site: Site, trade: Trade, place: int) -> None:
    owner = await site.member(trade.shop)
    assert "it is here from tomorrow on" in await products_page(owner, trade, place)
    await trade.sell((ROLL,), (MILK,))
    await trade.work_out()
    assert "three times or oftener" in await products_page(owner, trade, place)


async def test_the_panel_is_for_who_may_see_figures_and_its_forms_for_who_may_change_products(
    site: Site, traded: Trade
) -> None:
    blind = await site.holder(traded.shop, VIEW_CATALOGUE)
    assert "together" not in await products_page(blind, traded, BREAD)
    reader = await site.holder(traded.shop, VIEW_CATALOGUE, VIEW_DASHBOARD)
    page = await products_page(reader, traded, BREAD)
    assert "in 5 of 10 baskets" in page
    assert f"{PATH}/excludes" not in page
    assert (await reader.post(at(traded, f"{PATH}/excludes"), data={})).status_code == 403
    assert (await reader.post(at(traded, f"{PATH}/runs"))).status_code == 403


async def test_the_list_is_empty_runs_with_a_bar_and_has_each_pair_once(site: Site, trade: Trade) -> None:
    owner = await site.member(trade.shop)
    assert "Nothing is worked out yet" in (await owner.get(at(trade))).text
    await trade.sell(*[(BREAD, MILK)] * 3, *[(BREAD, CHOCOLATE)] * 4)
    answer = await owner.post(at(trade, f"{PATH}/runs"))
    assert answer.headers["location"] == at(trade)
    running = (await owner.get(at(trade))).text
    assert 'hx-trigger="every 1s"' in running
    assert "<progress" in running
    assert "Work it out now" not in running
    await work_off(trade.shop.db, trade.shop.tenant.id)
    done = (await owner.get(at(trade))).text
    assert "<progress" not in done
    assert "Worked out" in done
    assert done.count("in 4 of") == 1
    assert done.count("in 3 of") == 1


async def test_a_run_that_failed_for_good_is_said(site: Site, traded: Trade) -> None:
    async with traded.shop.db.begin(traded.shop.scope) as tx:
        await tx.execute("UPDATE job SET failed_at = $2, finished_at = NULL WHERE tenant_id = $1", tx.tenant, tx.now)
    page = (await (await site.member(traded.shop)).get(at(traded))).text
    assert "The last run failed" in page
    assert "Work it out now" in page


async def test_search_and_filters_narrow_the_list_and_its_file_alike(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    for query, names in (
        ("q=loaf", {"Whole milk 1 l", "Dark chocolate 70 %"}),
        ("least=10", set()),
        (f"category={traded.shop.category}&q=330", {"Cola 330 ml"}),
    ):
        page = (await owner.get(at(traded, f"{PATH}?{query}"))).text
        file = (await owner.get(at(traded, f"{PATH}/export?format=csv&{query}"))).text
        rows = list(csv.DictReader(io.StringIO(file.lstrip("\ufeff"))))
        told = {row["name"] for row in rows} | {row["other_name"] for row in rows}
        assert names <= told
        assert bool(rows) == bool(names) == ("No pair fits" not in page)
        assert all(name in page for name in names)
    assert (await owner.get(at(traded, f"{PATH}?least=7"))).status_code == 422
    assert (await owner.get(at(traded, f"{PATH}?sort=lift"))).status_code == 422


async def test_what_is_never_suggested_is_a_list_of_its_own(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    path = at(traded, f"{PATH}/excludes")
    assert "Everything may be suggested" in (await owner.get(path)).text
    await traded.exclude(MILK, BREAD)
    made = await traded.exclude(COLA)
    page = (await owner.get(path)).text
    assert "any product" in page
    assert "Sourdough" not in (await owner.get(f"{path}?q=330")).text
    answer = await owner.post(f"{path}/{made.id}/removal", data={"on": "excludes"})
    assert answer.headers["location"] == path
    assert "any product" not in (await owner.get(path)).text
    refused = await owner.post(path, data={"product": str(traded.id(MILK)), "other": str(traded.id(MILK))})
    assert refused.status_code == 303
    assert "isn&#39;t suggested with itself" in (await owner.get(at(traded))).text


async def test_the_list_of_excludes_is_for_who_may_change_products(site: Site, traded: Trade) -> None:
    assert (
        await (await site.holder(traded.shop, VIEW_DASHBOARD)).get(at(traded, f"{PATH}/excludes"))
    ).status_code == 403
    editor = await site.holder(traded.shop, EDIT_CATALOGUE)
    assert (await editor.get(at(traded, f"{PATH}/excludes"))).status_code == 200
    assert (await editor.get(at(traded))).status_code == 403
