"""The operator reads every business's invoices in one list, as a file, and any of them as its paper."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import httpx
import pytest

from retail.console.invoices import Narrowed, listed
from retail.kit.clock import FixedClock, business_day
from retail.kit.ids import new_id
from retail.kit.text import countries, country_words
from retail.tenants.countries import usual_in
from tests.billing.test_paper import text_of
from tests.billing.worlds import BUYER, DAY, bills, hour, pay, take_out
from tests.support.web import Site, enrol_operator
from tests.support.world import Shop, open_shop

AT = "/platform/invoices"


@pytest.fixture
async def otto(site: Site, still: FixedClock) -> httpx.AsyncClient:
    _person, _email, secret = await enrol_operator(site.db)
    return site.visitor(secret)


async def test_invoices_of_all_businesses_are_narrowed_by_state_business_and_month(
    site: Site, shop: Shop, otto: httpx.AsyncClient, still: FixedClock
) -> None:
    other = await open_shop(site.db)
    await take_out(shop)
    await take_out(other)
    (mine,), (theirs,) = await bills(shop), await bills(other)
    await pay(other, theirs)
    shown = (await otto.get(AT)).text
    assert mine.number in shown
    assert theirs.number in shown
    assert f'href="/platform/businesses/{shop.tenant.slug}#invoices"' in shown
    for asked, has, lacks in (
        ({"state": "open"}, mine, theirs),
        ({"state": "paid"}, theirs, mine),
        ({"q": other.tenant.slug}, theirs, mine),
        ({"q": mine.number}, mine, theirs),
    ):
        found = (await otto.get(AT, params=asked)).text
        assert has.number in found, asked
        assert lacks.number not in found, asked
    issued = business_day(mine.issued_at, usual_in(site.app.state.process.settings.seller.country).timezone)
    month = f"{issued:%Y-%m}"
    assert mine.number in (await otto.get(AT, params={"month": month, "q": shop.tenant.slug})).text
    earlier = f"{issued.year - 1}-{issued.month:02}"
    assert mine.number not in (await otto.get(AT, params={"month": earlier, "q": shop.tenant.slug})).text
    for wrong in ({"state": "lost"}, {"month": "1999-01"}, {"month": "soon"}, {"after": "x"}):
        assert (await otto.get(AT, params=wrong)).status_code == 422, wrong
    assert mine.number not in (await otto.get(AT, params={"state": "overdue", "q": shop.tenant.slug})).text
    await hour(shop, still, 15 * DAY)
    _person, _email, secret = await enrol_operator(site.db)
    late = (await site.visitor(secret).get(AT, params={"state": "overdue", "q": shop.tenant.slug})).text
    assert mine.number in late
    assert ">overdue<" in late


async def test_pages_of_the_list_follow_each_other_without_a_gap(shop: Shop, still: FixedClock) -> None:
    await take_out(shop, "starter")
    await hour(shop, still, 32 * DAY)
    await hour(shop, still, 10 * DAY)
    by, after, found = Narrowed(text=shop.tenant.slug), None, []
    while True:
        async with shop.db.platform() as unit:
            page = await listed(unit, by, after=after, limit=1)
        found += [one.number for one in page.items]
        after = page.next
        if after is None:
            break
    assert found == [one.number for one in reversed(await bills(shop))]


async def test_the_list_goes_out_as_a_file_with_its_filters(site: Site, shop: Shop, otto: httpx.AsyncClient) -> None:
    await take_out(shop)
    (bill,) = await bills(shop)
    answer = await otto.get(f"{AT}/export", params={"format": "csv", "q": shop.tenant.slug})
    assert answer.status_code == 200
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["number"], row["business"], row["state"]) == (bill.number, shop.tenant.name, "open")
    assert (row["net"], row["total"], row["open"], row["currency"]) == ("59.00", "70.21", "70.21", "EUR")
    for path in (AT, f"{AT}/export"):
        assert (await (await site.member(shop)).get(path)).status_code == 403


async def test_an_operator_opens_the_paper_of_any_invoice(site: Site, shop: Shop, otto: httpx.AsyncClient) -> None:
    other = await open_shop(site.db)
    await take_out(shop, buyer=replace(BUYER, country="AT"))
    (bill,) = await bills(shop)
    page = f"/platform/businesses/{shop.tenant.slug}"
    path = f"{page}/invoices/{bill.id}/pdf"
    assert f'href="{path}"' in (await otto.get(page)).text
    fetched = await otto.get(path)
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/pdf")
    text = text_of(fetched.content)[1]
    assert bill.number in text
    assert "10115 Berlin Austria" in text, "a country is named"
    assert (await otto.get(f"{page}/invoices/{new_id()}/pdf")).status_code == 404
    assert (await otto.get(f"/platform/businesses/{other.tenant.slug}/invoices/{bill.id}/pdf")).status_code == 404
    assert (await (await site.member(shop)).get(path)).status_code == 403


async def test_countries_are_called_by_name(site: Site, shop: Shop, otto: httpx.AsyncClient) -> None:
    name = country_words(shop.tenant.country)
    assert name == dict(countries())[shop.tenant.country] != shop.tenant.country
    page = (await otto.get(f"/platform/businesses/{shop.tenant.slug}")).text
    assert f">{name}<" in page
    rows = (await otto.get("/platform/businesses", params={"q": shop.tenant.slug})).text
    assert f">{name}, {shop.tenant.currency}<" in rows
    assert f'<option value="{shop.tenant.country}"' in rows
    assert f">{name}</option>" in rows
    form = (await (await site.member(shop)).get(f"/t/{shop.tenant.slug}/billing")).text
    assert ">Austria</option>" in form
    assert country_words("ZQ") == "ZQ"
