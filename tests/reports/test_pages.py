"""Reports as pages and files: totals that are counted and not added, walls, and the same numbers in every form."""

from __future__ import annotations

import csv
import io
import re
from uuid import UUID

import pytest

from retail.automation.reports.bases import BASES, READY
from retail.identity.permissions import VIEW_COSTS, VIEW_DASHBOARD, VIEW_STOCK
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.working import work_off
from tests.support.world import Shop, open_shop

SPAN = "span=last_7"


def at(shop: Shop, path: str = "") -> str:
    return f"/t/{shop.tenant.slug}/reports{path}"


def foot(page: str) -> list[str]:
    """Give the cells of the totals."""
    found = re.search(r"<tfoot>(.*?)</tfoot>", page, re.DOTALL)
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", found[1] if found else "", re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


async def fetch_file(shop: Shop, who: object, form: str, base: str, query: str) -> bytes:
    """Have a file made, and fetch the newest."""
    made = await who.post(at(shop, f"/{base}/files"), data={"form": form, "query": query, "title": "Mine"})  # type: ignore[attr-defined]
    assert made.status_code == 303, made.text
    await work_off(shop.db, shop.tenant.id)
    files = (await who.get(f"/t/{shop.tenant.slug}/products/exports")).text  # type: ignore[attr-defined]
    link = re.search(r"/products/exports/[0-9a-f-]{36}", files)
    assert link, "the file is ready"
    found = await who.get(f"/t/{shop.tenant.slug}{link[0]}")  # type: ignore[attr-defined]
    assert found.status_code == 200
    return bytes(found.content)


async def test_a_sale_of_two_products_counts_once_in_the_total(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    page = (await owner.get(at(traded, f"/figures?{SPAN}&side=product&m=sales&m=revenue"))).text
    bread, milk = traded.products[0], traded.products[1]
    revenue = 3 * (bread.price_minor + 2 * milk.price_minor)
    assert foot(page)[2] == "6", "six sales, though the products were in nine"
    assert foot(page)[1].replace("€", "").strip().replace(",", ".") == f"{revenue / 100:.2f}"
    by_category = (await owner.get(at(traded, f"/figures?{SPAN}&side=category&m=sales"))).text
    assert foot(by_category)[1] == "6"
    assert "\u2013" in re.sub(r"<tfoot>.*", "", by_category, flags=re.DOTALL), "of a category nobody knows how many"


async def test_page_and_files_say_the_same(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    query = f"{SPAN}&side=day&m=revenue&m=sales"
    table = (await fetch_file(traded, owner, "csv", "figures", query)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table)))
    daily = traded.products[0].price_minor + 2 * traded.products[1].price_minor
    assert [row[:3] for row in rows[1:4]] == [[rows[at][0], f"{daily / 100:.2f}", "2"] for at in (1, 2, 3)]
    assert rows[4][:3] == ["Total", f"{3 * daily / 100:.2f}", "6"]
    assert (await fetch_file(traded, owner, "pdf", "figures", query)).startswith(b"%PDF-")
    assert (await fetch_file(traded, owner, "xlsx", "figures", query)).startswith(b"PK")


@pytest.mark.parametrize("name", READY)
async def test_every_ready_report_opens_and_goes_out(name: str, traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    page = await owner.get(at(traded, f"/{name}"))
    assert page.status_code == 200, page.text
    assert (await fetch_file(traded, owner, "csv", name, "")).strip()
    assert (await fetch_file(traded, owner, "pdf", name, "")).startswith(b"%PDF-")


@pytest.mark.parametrize("name", READY)
async def test_a_report_asks_for_the_rights_of_what_it_shows(name: str, traded: Shop, site: Site) -> None:
    rights = BASES[name].rights
    less = await site.holder(traded, *({VIEW_DASHBOARD, VIEW_STOCK, "export"} - set(rights)))
    assert (await less.get(at(traded, f"/{name}"))).status_code == 403
    assert (await less.post(at(traded, f"/{name}/files"), data={"form": "csv", "query": ""})).status_code == 403


async def test_costs_are_for_who_may_see_them_on_the_page_and_in_the_file(traded: Shop, site: Site) -> None:
    query = f"{SPAN}&side=day&m=revenue&m=margin&m=cost"
    less = await site.holder(traded, VIEW_DASHBOARD, "export")
    page = (await less.get(at(traded, f"/figures?{query}"))).text
    assert "Revenue" in page
    assert 'data-label="Margin"' not in page
    header = (await fetch_file(traded, less, "csv", "figures", query)).decode("utf-8-sig").splitlines()[0]
    assert "Margin" not in header
    more = await site.holder(traded, VIEW_DASHBOARD, VIEW_COSTS, "export")
    assert 'data-label="Margin"' in (await more.get(at(traded, f"/figures?{query}"))).text


async def test_a_report_is_kept_for_oneself_until_it_is_shared(traded: Shop, site: Site) -> None:
    owner, other = await site.member(traded), await site.member(traded, "manager")
    key = str(new_id())
    draft = {"key": key, "name": "Bread each day", "base": "figures", "query": "side=day&m=revenue&after=x"}
    for _twice in range(2):
        assert (await owner.post(at(traded), data=draft)).status_code == 303
    home = (await owner.get(at(traded))).text
    assert home.count("Bread each day</a>") == 1
    assert f"/reports/figures?report={key}&amp;m=revenue&amp;side=day" in home
    assert "Bread each day" not in (await other.get(at(traded))).text
    assert (await other.get(at(traded, f"/figures?report={key}"))).status_code == 404
    change = draft | {"name": "Bread, by the day", "shared": "on"}
    assert (await other.post(at(traded, f"/kept/{key}"), data=change)).status_code == 404
    assert (await owner.post(at(traded, f"/kept/{key}"), data=change)).status_code == 303
    assert "Bread, by the day" in (await other.get(at(traded, f"/figures?report={key}"))).text
    viewer = await site.member(traded, "viewer")
    assert (await viewer.post(at(traded, f"/kept/{key}"), data=draft)).status_code == 403
    assert (await viewer.post(at(traded), data=change | {"key": str(new_id())})).status_code == 403
    assert (await owner.post(at(traded, f"/kept/{key}/archiving"))).status_code == 303
    assert "Bread, by the day" not in (await owner.get(at(traded))).text
    assert "Bread, by the day" in (await owner.get(at(traded, "?show=archived"))).text
    assert (await owner.post(at(traded, f"/kept/{key}/restoring"))).status_code == 303
    listed = (await owner.get(f"/t/{traded.tenant.slug}/reports/export?format=csv&q=bread")).text
    assert "Bread, by the day" in listed


async def test_another_business_has_none_of_it(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    key = UUID(int=new_id().int)
    draft = {"key": str(key), "name": "Ours", "base": "daily", "query": "", "shared": "on"}
    assert (await owner.post(at(traded), data=draft)).status_code == 303
    other = await open_shop(traded.db)
    stranger = await site.member(other)
    assert (await stranger.get(at(traded))).status_code == 404
    assert (await stranger.get(at(other, f"/daily?report={key}"))).status_code == 404
    assert (await stranger.post(at(other, f"/kept/{key}/archiving"))).status_code == 404


async def test_what_cannot_be_asked_is_told(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    for query in (
        "span=never",
        "side=colour",
        "m=luck",
        "store=x",
        "side=product&beside=day&from=2025-01-01&to=2026-01-01",
    ):
        page = await owner.get(at(traded, f"/figures?{query}"))
        assert page.status_code == 422, query
    assert (await owner.get(at(traded, "/daily?after=nonsense"))).status_code == 422


async def test_a_chart_of_two_sides_shows_all_of_the_first(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    query = f"{SPAN}&side=product&beside=day&m=revenue&m=basket"
    parts = (await owner.get(at(traded, f"/figures/chart?{query}&chart=parts"))).json()
    bread, milk = traded.products[0], traded.products[1]
    whole = 3 * (bread.price_minor + 2 * milk.price_minor)
    assert sum(int(one["now"].replace(".", "")) for one in parts) == whole
    assert len(parts) == 2
    means = (await owner.get(at(traded, f"/figures/chart?{SPAN}&side=day&m=basket&chart=parts"))).json()
    assert [one["now"] for one in means] == [f"{whole / 3 / 2 / 100:.2f}"] * 3


async def test_the_chart_and_the_receipts_behind_a_row(traded: Shop, site: Site) -> None:
    owner = await site.member(traded)
    rows = (await owner.get(at(traded, f"/daily/chart?{SPAN}"))).json()
    assert len(rows) == 3
    page = (await owner.get(at(traded, f"/daily?{SPAN}"))).text
    link = re.search(r'<th scope="row"><a href="(/t/[^"]+/sales\?[^"]+)"', page)
    assert link
    receipts = await owner.get(link[1].replace("&amp;", "&"))
    assert receipts.status_code == 200
    assert receipts.text.count('data-label="Total"') in {0, 2}
