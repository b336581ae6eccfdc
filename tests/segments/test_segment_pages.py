"""The pages of segments: the tables and charts, moves, the list with its filters and files, and a customer's panel."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from retail.audit import EXPORT
from retail.identity.grants import NewGrant, give_grant
from retail.identity.operations import NewMember, add_member
from retail.identity.permissions import EDIT_CUSTOMERS, VIEW_CUSTOMERS, VIEW_DASHBOARD
from retail.kit.ids import new_id
from retail.live import projections
from retail.runtime.tenancy import Scope
from retail.segments.queries import Wanted
from tests.segments.conftest import Trade, a_past
from tests.support.web import PASSWORD_HASH, Site, role_with, session
from tests.support.working import work_off
from tests.support.world import open_shop

PATH = "/analytics/customers"


def at(trade: Trade, path: str = PATH) -> str:
    return f"/t/{trade.shop.tenant.slug}{path}"


def words(page: str, id: str = "") -> str:
    """Give the words of a page, or of the part with an id and what follows."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index(f'id="{id}"') :] if id else page).split())


async def shown(who: httpx.AsyncClient, trade: Trade, path: str = PATH, status: int = 200) -> str:
    answer = await who.get(at(trade, path))
    assert answer.status_code == status, path
    return answer.text


async def rows(who: httpx.AsyncClient, trade: Trade, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await who.get(at(trade, f"{PATH}/{path}"))).json()
    return found


async def test_before_anything_is_known_the_page_says_so_and_works_it_out_at_a_press(site: Site, trade: Trade) -> None:
    owner = await site.member(trade.shop)
    page = await shown(owner, trade)
    assert "Nothing is worked out yet" in page
    assert "<h1>Customers</h1>" in page
    answer = await owner.post(at(trade, f"{PATH}/runs"))
    assert answer.headers["location"].endswith(PATH)
    assert "Working out who your customers are" in await shown(owner, trade)
    await work_off(trade.shop.db, trade.shop.tenant.id)
    page = await shown(owner, trade)
    assert "0 known customers have bought so far. From 30 on they are told apart" in words(page)
    assert 'id="totals"' not in page


async def test_the_six_segments_stand_with_their_figures_and_what_to_do(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    page = await shown(owner, traded)
    listed = await traded.listed()
    spend = sum(one.spend_minor for one in listed)
    vip = [one for one in listed if one.segment == "vip"]
    share = (sum(one.spend_minor for one in vip) * 1000 // spend + 5) // 10
    told = words(page, "totals")
    assert f"VIP They come the most often and spend the most. {len(vip)} {share}%" in told
    basket = sum(one.spend_minor for one in vip) // sum(one.sales for one in vip)
    assert f"€{basket / 100:.2f}" in told
    for name in ("Loyal", "Active", "New", "At risk", "Lost"):
        assert name in told
    assert "Thank them by name" in told
    assert "Ask them once with a strong offer" in told


async def test_the_tabs_lead_to_the_sections_and_this_one_is_here(site: Site, traded: Trade) -> None:
    page = await shown(await site.member(traded.shop), traded)
    strip = page[page.index('<nav class="tabs"') : page.index("</nav>", page.index('<nav class="tabs"'))]
    assert re.findall(r">(\w+)</a>", strip) == [
        "Overview",
        "Insights",
        "Sales",
        "Forecast",
        "Unusual",
        "Customers",
        "Products",
    ]
    assert re.findall(r'aria-current="page">(\w+)<', strip) == ["Customers"]
    assert f'href="{at(traded, "/analytics/forecast")}"' in strip


async def test_charts_have_the_same_figures_as_their_tables(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    page = await shown(owner, traded)
    moved = await rows(owner, traded, "moved")
    assert len(moved) == 6 * 7, "every source for every segment: colours stay theirs"
    table = words(page, "chart-moved")
    for to in ("VIP", "Lost"):
        counts = [str(one["many"] or "\u2013") for one in moved if one["to"] == to]
        assert f"{to} {' '.join(counts)}" in table
    hours = await rows(owner, traded, "hours")
    assert sum(int(one["now"]) for one in hours) == len(a_past())
    assert {one["day"] for one in hours} <= {
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    }
    cohorts = await rows(owner, traded, "cohorts")
    assert all(one["later"] > 0 and 0 <= Decimal(one["share"]) <= 1 for one in cohorts)
    first = cohorts[0]
    assert f"{first['month']} " in words(page, "chart-cohorts")
    assert first["label"] in words(page, "chart-cohorts")


async def test_the_list_is_narrowed_sorted_and_paged_by_its_address(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    page = words(await shown(owner, traded, f"{PATH}?segment=lost"), "standings")
    assert page.count("Lars ") == 20
    assert "Vera" not in page
    whole = await shown(owner, traded)
    assert 'rel="next"' in whole
    last = await shown(owner, traded, f"{PATH}?sort=last")
    assert words(last, "standings").index("Lars") < words(last, "standings").index("Show more")
    high = await traded.listed(Wanted(risk="high"))
    told = words(await shown(owner, traded, f"{PATH}?risk=high"), "standings")
    assert all(one.name in told for one in high[:20])
    assert "Nobody fits" in await shown(owner, traded, f"{PATH}?segment=vip&q=lars")
    await shown(owner, traded, f"{PATH}?segment=best", 422)
    await shown(owner, traded, f"{PATH}?risk=grave", 422)
    await shown(owner, traded, f"{PATH}?sort=name", 422)


async def test_files_say_what_their_pages_say(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)

    async def file(path: str) -> list[dict[str, str]]:
        answer = await owner.get(at(traded, path))
        assert answer.status_code == 200, path
        return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))

    everybody = {one.name: one for one in await traded.listed()}
    told = await file(f"{PATH}/export?format=csv")
    assert {row["name"]: row["segment"] for row in told} == {one.name: one.segment for one in everybody.values()}
    assert {row["name"]: row["spent"] for row in told} == {
        one.name: f"{one.spend_minor / 100:.2f}" for one in everybody.values()
    }
    assert {row["segment"] for row in await file(f"{PATH}/export?format=csv&segment=lost")} == {"lost"}
    moves = await file(f"{PATH}/moves/export?format=csv&became=lost")
    assert moves
    assert {row["to"] for row in moves} == {"lost"}
    cohorts = await file(f"{PATH}/cohorts/export?format=csv")
    assert sum(row["months_later"] != "0" for row in cohorts) == len(await rows(owner, traded, "cohorts"))
    assert sum(int(row["came"]) for row in cohorts if row["months_later"] == "0") == 82


async def test_moves_are_listed_with_their_chart_by_month(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    page = await shown(owner, traded, f"{PATH}/moves")
    assert "Moves between segments" in page
    newest = (await traded.moves())[0]
    assert newest.name in page
    month = f"{newest.moved_on:%Y-%m}"
    one = await shown(owner, traded, f"{PATH}/moves?month={month}")
    assert f"month={month}" in one[one.index("data-rows") : one.index("data-rows") + 200]
    assert sum(row["many"] for row in await rows(owner, traded, f"moved?month={month}")) > 0
    assert "Nobody fits" in await shown(owner, traded, f"{PATH}/moves?was=lost&became=new")
    await shown(owner, traded, f"{PATH}/moves?month=1999-01", 422)


async def test_a_customers_page_says_their_segment_value_risk_next_visit_and_moves(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    page = await shown(owner, traded, f"/customers/{traded.people['Lars 00']}")
    told = words(page, "segment")
    assert told.startswith('id="segment"') or "Lost They have stayed away" in told
    assert "Risk of staying away high" in told
    assert "Next visit: expected, not seen since." in told
    assert "→ Lost" in told
    nobody = await traded.person("Never Bought")
    assert 'id="segment"' not in await shown(owner, traded, f"/customers/{nobody}")


async def test_the_customers_list_is_narrowed_to_a_segment_and_its_file_too(site: Site, traded: Trade) -> None:
    owner = await site.member(traded.shop)
    page = words(await shown(owner, traded, "/customers?segment=new"))
    assert page.count("Nora ") == 12
    assert "Vera" not in page
    file = await owner.get(at(traded, "/customers/export?format=csv&segment=new"))
    assert file.text.count("Nora ") == 12
    assert "Vera" not in file.text
    clerk = await site.holder(traded.shop, VIEW_CUSTOMERS)
    assert "All segments" not in await shown(clerk, traded, "/customers")
    await shown(clerk, traded, "/customers?segment=new", 422)


@pytest.mark.parametrize("missing", [VIEW_DASHBOARD, VIEW_CUSTOMERS])
async def test_both_rights_are_asked_for(site: Site, traded: Trade, missing: str) -> None:
    who = await site.holder(traded.shop, *({VIEW_DASHBOARD, VIEW_CUSTOMERS} - {missing}))
    for path in ("", "/moves", "/moved", "/cohorts", "/hours"):
        assert (await who.get(at(traded, PATH + path))).status_code == 403
    page = await who.get(at(traded, f"/customers/{traded.people['Vera 00']}"))
    assert page.status_code == (200 if missing == VIEW_DASHBOARD else 403)
    assert 'id="segment"' not in page.text


async def test_who_sees_the_figures_may_not_have_them_worked_out(site: Site, traded: Trade) -> None:
    looker = await site.holder(traded.shop, VIEW_DASHBOARD, VIEW_CUSTOMERS)
    assert "Work it out now" not in await shown(looker, traded)
    assert (await looker.post(at(traded, f"{PATH}/runs"))).status_code == 403
    may = await site.holder(traded.shop, VIEW_DASHBOARD, VIEW_CUSTOMERS, EDIT_CUSTOMERS)
    assert "Work it out now" in await shown(may, traded)


async def test_another_business_sees_nothing_of_it(site: Site, traded: Trade) -> None:
    other = await open_shop(site.db)
    stranger = await site.member(other)
    base = f"/t/{other.tenant.slug}"
    assert "Vera" not in (await stranger.get(f"{base}{PATH}")).text
    assert "Vera" not in (await stranger.get(f"{base}{PATH}/moves")).text
    assert (await stranger.get(f"{base}{PATH}/cohorts")).json() == []
    assert (await stranger.get(f"{base}/customers/{traded.people['Vera 00']}")).status_code == 404


async def of_one_store(site: Site, trade: Trade) -> httpx.AsyncClient:
    """Give a browser of somebody who has both rights in one store alone."""
    shop = trade.shop
    role = await role_with(site.db, shop.tenant.id, VIEW_DASHBOARD, VIEW_CUSTOMERS, EXPORT)
    new = NewMember(
        f"{new_id().hex}@one.example", "Una Storey", await role_with(site.db, shop.tenant.id), PASSWORD_HASH
    )
    member = await site.db.run(Scope.system(shop.tenant.id), add_member, new)
    async with site.db.begin(Scope.system(shop.tenant.id)) as tx:
        await give_grant(tx, member.id, NewGrant(role, shop.store))
    return site.visitor(await session(site.db, member.person_id))


async def test_who_sees_one_store_is_told_whom_this_is_for(site: Site, traded: Trade) -> None:
    who = await of_one_store(site, traded)
    for path in (PATH, f"{PATH}/moves", "/products/recommendations"):
        page = await shown(who, traded, path)
        assert "For who sees all stores" in page
        assert "Vera" not in page
    for path in ("/moved", "/cohorts", "/hours", "/export?format=csv", "/moves/export?format=csv"):
        assert (await who.get(at(traded, PATH + path))).status_code == 403
    assert 'id="segment"' not in await shown(who, traded, f"/customers/{traded.people['Vera 00']}")
    assert (await who.get(at(traded, "/customers?segment=vip"))).status_code == 422


async def test_a_file_that_a_job_makes_asks_for_both_rights_too(
    site: Site, traded: Trade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projections()  # the worker knows the job
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    form = {"list": "segments", "format": "csv"}
    who = await site.holder(traded.shop, VIEW_DASHBOARD, EXPORT)
    page = await shown(who, traded, "/products/exports")
    assert "Segments of customers" not in page
    assert (await who.post(at(traded, "/products/exports"), data=form)).status_code == 403
    may = await site.holder(traded.shop, VIEW_DASHBOARD, VIEW_CUSTOMERS, EXPORT)
    assert "Segments of customers" in await shown(may, traded, "/products/exports")
    assert (await may.post(at(traded, "/products/exports"), data=form)).status_code == 303
    assert (
        await (await of_one_store(site, traded)).post(at(traded, "/products/exports"), data=form)
    ).status_code == 403
