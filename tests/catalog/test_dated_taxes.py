"""Taxes: rates by day, parts, other ways to tax, exempt customers; in sales, on tills, on pages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from retail.catalog import jobs
from retail.catalog.operations import change_tax_class
from retail.catalog.snapshot import snapshot
from retail.catalog.taxes import dating, keeping
from retail.catalog.taxes.errors import RateApplied
from retail.catalog.taxes.keeping import ExemptionFacts
from retail.catalog.taxes.parting import parts_of
from retail.catalog.taxes.rules import Part, PartTotal
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.sales.documents import ReturnIn, StoredSale
from retail.sales.queries import stored_sale
from retail.sales.returns import return_goods
from tests.support.buyers import a_customer
from tests.support.days import today
from tests.support.selling import AT, open_counter
from tests.support.web import Site
from tests.support.world import Shop, open_shop

COLA, LOAF = 3, 0
assert jobs.apply_tax_rates  # what is queued is known


def at(day: date, hour: int = 12) -> str:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC).isoformat().replace("+00:00", "Z")


async def sold(shop: Shop, till: UUID | None = None, **changes: Any) -> StoredSale:
    counter = await open_counter(shop, till)
    outcome = await counter.sell(changes.pop("line", shop.products[COLA]), **changes)
    assert outcome.sale is not None, outcome.errors
    return outcome.sale


def codes(sale: StoredSale) -> list[str]:
    return [one.code for one in sale.remarks if one.code != "stock_below_zero"]


async def held(shop: Shop, tax: UUID, *rates: tuple[date, int]) -> None:
    """Have rates held from days that are over, as they are after their days came."""
    async with shop.db.begin(shop.scope) as tx:
        for day, rate in rates:
            await dating._put(tx, tax, day, rate, applied=True, keep=False)


async def test_a_sale_is_taxed_by_its_own_day_on_the_stores_calendar_whenever_it_arrives(shop: Shop) -> None:
    await held(shop, shop.standard, (dating.BEGINNING, 160_000), (date(2026, 11, 21), 190_000))
    late = datetime(2026, 11, 20, 22, 30, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    next_day = datetime(2026, 11, 20, 23, 30, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    first = await sold(shop, occurred_at=late)
    second = await sold(shop, shop.second_till, occurred_at=next_day)  # half past midnight in Berlin
    assert [(one.rate_micros, one.tax) for one in (*first.taxes, *second.taxes)] == [(160_000, 15), (190_000, 18)]
    assert codes(first) == codes(second) == []


async def test_a_planned_rate_is_told_to_tills_and_begins_once(shop: Shop) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    await shop.db.run(shop.scope, dating.date_rate, shop.standard, day, 160_000)
    async with shop.db.read(shop.scope) as read:
        told = (await snapshot(read, 0))["tax_classes"]
        planned = (await dating.dated_rates(read, shop.standard))[0]
    standard = next(one for one in told if one["code"] == "S")
    assert (standard["rate_micros"], standard["rates"]) == (
        190_000,
        [["1970-01-01", 190_000], [day.isoformat(), 160_000]],
    )
    await shop.db.run(shop.scope, dating.apply_rates)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "UPDATE tax_rate SET from_date = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, planned.id, tx.now.date()
        )
    await shop.db.run(shop.scope, dating.apply_rates)
    await shop.db.run(shop.scope, dating.apply_rates)
    async with shop.db.read(shop.scope) as read:
        assert (await dating.dated_rates(read, shop.standard))[0].applied
        rate = await read.fetchval("SELECT rate_micros FROM tax_class WHERE id = $1", shop.standard)
        began = "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = 'tax_rate.began'"
        assert (rate, await read.fetchval(began, read.tenant)) == (160_000, 1)
    with pytest.raises(RateApplied):
        await shop.db.run(shop.scope, dating.undate_rate, planned.id)


async def test_a_day_that_has_begun_is_refused_and_a_planned_rate_is_taken_back(shop: Shop) -> None:
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, dating.date_rate, shop.standard, today(shop), 1)
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, dating.undate_rate, new_id())
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    await shop.db.run(shop.scope, dating.date_rate, shop.standard, day, 160_000)
    async with shop.db.read(shop.scope) as read:
        planned = (await dating.dated_rates(read))[0]
    await shop.db.run(shop.scope, dating.undate_rate, planned.id)
    async with shop.db.read(shop.scope) as read:
        assert [one.from_date for one in await dating.dated_rates(read)] == [dating.BEGINNING]


async def test_parts_stand_on_the_sale_add_up_and_come_back_whole(db: Database) -> None:
    shop = await open_shop(db, prices_include_tax=False, currency="INR", timezone="Asia/Kolkata")
    parts = [Part("CGST", 90_000), Part("SGST", 90_000)]
    assert await db.run(shop.scope, keeping.put_parts, shop.standard, parts) == 180_000
    with pytest.raises(Invalid):
        await db.run(shop.scope, change_tax_class, shop.standard, "Standard", 120_000)
    with pytest.raises(Invalid):
        await db.run(shop.scope, dating.date_rate, shop.standard, date(2099, 1, 1), 120_000)
    counter = await open_counter(shop)
    line = {"product": str(shop.products[COLA].id), "quantity": "3", "unit_price": 103}
    gross = 309 + 56
    outcome = await counter.sell(line, total=gross, tenders=[{"type": "cash", "amount": gross, "change": 0}])
    assert outcome.sale is not None
    sale = outcome.sale
    assert sale.taxes[0].parts == (PartTotal("CGST", 90_000, 28), PartTotal("SGST", 90_000, 28))
    back: list[tuple[int, ...]] = []
    for _ in range(3):
        asked = ReturnIn(new_id(), shop.till, counter.shift, {sale.lines[0].id: 1000}, (), new_id().bytes * 2)
        returned = (await db.run(shop.scope, return_goods, sale.id, asked)).sale
        assert returned is not None
        back.append(tuple(part.tax for part in returned.taxes[0].parts))
        assert sum(back[-1]) == returned.tax
    assert [sum(of) for of in zip(*back, strict=True)] == [-28, -28]
    async with db.read(shop.scope) as read:
        assert (await stored_sale(read, sale.id)).taxes == sale.taxes


async def test_taken_away_is_taxed_as_the_shop_says_and_an_unknown_way_is_remarked_on(shop: Shop) -> None:
    way = new_id()
    await shop.db.run(shop.scope, keeping.put_position, way, "Take away", 0, {shop.standard: shop.reduced})
    sale = await sold(shop, fiscal_position=str(way))
    assert ([(one.code, one.rate_micros, one.tax) for one in sale.taxes], codes(sale)) == ([("R", 70_000, 7)], [])
    assert sale.fiscal_position == way
    await shop.db.run(shop.scope, keeping.archive_position, way)
    after = await sold(shop, shop.second_till, fiscal_position=str(way))
    assert (after.taxes[0].code, codes(after)) == ("R", [])
    for number, unknown in enumerate((str(new_id()), "nonsense", 7), start=2):
        odd = await (await reopened(shop)).sell(shop.products[COLA], fiscal_position=unknown, number=number)
        assert odd.sale is not None
        assert (odd.sale.fiscal_position, odd.sale.taxes[0].code, codes(odd.sale)) == (None, "S", ["unknown_taxing"])


async def reopened(shop: Shop) -> Any:
    from tests.support.selling import Counter

    async with shop.db.read(shop.scope) as read:
        shift = await read.fetchval(
            "SELECT id FROM shift WHERE tenant_id = $1 AND till_id = $2 AND closed_at IS NULL", read.tenant, shop.till
        )
    return Counter(shop, shop.till, shift)


async def test_an_exempt_customer_pays_without_tax_for_that_time_and_nobody_else_does(shop: Shop) -> None:
    acme = str(await a_customer(shop, "Acme", member_card="ACME-1"))
    facts = ExemptionFacts(new_id(), "ACME-1", "Certificate 12", shop.standard, AT.date(), AT.date())
    await shop.db.run(shop.scope, keeping.exempt, facts)
    line = {"product": str(shop.products[COLA].id), "quantity": "1", "unit_price": 92}
    sale = await sold(shop, line=line, customer=acme, exemption=str(facts.id))
    assert (sale.exemption, sale.tax, sale.total, codes(sale)) == (facts.id, 0, 92, [])
    other = await sold(shop, shop.second_till, customer="ACME-2", exemption=str(facts.id))
    assert (other.exemption, other.tax, codes(other)) == (None, 18, ["exemption_refused"])
    late = await (await reopened(shop)).sell(
        shop.products[COLA], customer=acme, exemption=str(facts.id), number=2, occurred_at=at(AT.date(), 23)
    )
    assert late.sale is not None
    assert (late.sale.tax, codes(late.sale)) == (18, ["exemption_refused"])
    wrong = ExemptionFacts(new_id(), "A", "x", None, date(2026, 2, 1), date(2026, 1, 1))
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, keeping.exempt, wrong)


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


async def test_the_pages_plan_rates_set_parts_ways_and_exemptions(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/taxes"
    rates = f"{home}/{shop.standard}/rates"
    day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    assert (await owner.post(rates, data={"new_rate": "16", "from_date": day})).status_code == 303
    page = await owner.get(rates)
    assert "16 %" in plain(page)
    assert "to come" in plain(page)
    refused = await owner.post(rates, data={"new_rate": "101", "from_date": "2020-01-01"})
    assert (refused.status_code, 'id="f-new_rate-error"' in refused.text) == (422, True)
    out = re.search(r'action="([^"]*/rates/[^"]*/removal)"', page.text)
    assert out is not None
    assert (await owner.post(out[1])).status_code == 303
    parts = {"part.0.name": "CGST", "part.0.rate": "9", "part.1.name": "SGST", "part.1.rate": "9"}
    assert (await owner.post(f"{home}/{shop.standard}/parts", data=parts)).status_code == 303
    assert 'value="SGST"' in (await owner.get(rates)).text
    twice = await owner.post(f"{home}/{shop.standard}/parts", data=parts | {"part.1.name": "cgst"})
    assert (twice.status_code, "Two parts have the same name." in plain(twice)) == (422, True)
    ways = f"{home}/positions"
    assert (await owner.post(ways, data={"name": "Take away"})).status_code == 422
    sent = {"name": "Take away", f"as.{shop.standard}": str(shop.reduced)}
    assert (await owner.post(ways, data=sent)).status_code == 303
    assert "Take away Standard 19 % → Reduced 7 %" in plain(await owner.get(ways))
    assert (await owner.post(ways, data=sent)).status_code == 422
    async with shop.db.read(shop.scope) as read:
        way = (await keeping.positions(read))[0].id
    assert (await owner.post(f"{ways}/{way}", data=sent | {"name": "To go"})).status_code == 303
    assert "To go" in plain(await owner.get(f"{ways}/{way}"))
    assert (await owner.post(f"{ways}/{way}/removal")).status_code == 303
    free = f"{home}/exemptions"
    await a_customer(shop, "Acme", member_card="ACME-1", phone="+49 171 2345678")
    who = {"customer": "0171 2345678", "reason": "12", "starts_on": "2026-01-01"}
    assert (await owner.post(free, data=who | {"customer": ""})).status_code == 422
    for nobody in ("nobody", "99999", "ACME-2", str(new_id()), "2345678", "+43 171 2345678"):
        unknown = await owner.post(free, data=who | {"customer": nobody})
        assert (unknown.status_code, 'id="f-customer-error"' in unknown.text) == (422, True), nobody
        assert "No customer has this card" in unknown.text
    assert (await owner.post(free, data=who)).status_code == 303
    shown = await owner.get(free)
    assert "Acme All" in plain(shown)
    end = re.search(r'action="([^"]*/exemptions/[^"]*/ending)"', shown.text)
    assert end is not None
    assert (await owner.post(end[1])).status_code == 303
    assert "Everybody pays their tax" in plain(await owner.get(free))
    clerk = await site.member(shop, "clerk")
    assert [(await clerk.get(path)).status_code for path in (rates, ways, free)] == [403, 403, 403]


async def test_another_business_sees_and_changes_nothing_of_it(site: Site, shop: Shop, db: Database) -> None:
    way = new_id()
    await shop.db.run(shop.scope, keeping.put_position, way, "Take away", 0, {shop.standard: shop.reduced})
    other = await open_shop(db)
    with pytest.raises(NotFound):
        await db.run(other.scope, keeping.archive_position, way)
    with pytest.raises(Invalid):
        await db.run(other.scope, keeping.put_position, new_id(), "X", 0, {shop.standard: shop.reduced})
    sale = await sold(other, fiscal_position=str(way))
    assert (sale.fiscal_position, codes(sale)) == (None, ["unknown_taxing"])


async def test_a_part_with_a_rate_has_a_name_and_one_with_a_name_a_rate(site: Site, shop: Shop) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/taxes/{shop.standard}/parts"
    typed = {"part.0.name": "CGST", "part.0.rate": "9", "part.1.name": "", "part.1.rate": "9"}
    refused = await owner.post(home, data=typed)
    assert (refused.status_code, "Name this part, or empty its rate." in refused.text) == (422, True)
    assert 'id="f-part-1-name-error"' in refused.text, "at its own field"
    assert "CGST" in refused.text, "nothing typed is lost"
    foreseen = await owner.get(f"{home}/preview", params=typed)
    assert foreseen.status_code == 422
    bare = await owner.post(home, data=typed | {"part.1.name": "SGST", "part.1.rate": ""})
    assert (bare.status_code, 'id="f-part-1-rate-error"' in bare.text) == (422, True)
    async with shop.db.read(shop.scope) as read:
        assert shop.standard not in await parts_of(read)
    assert (await owner.post(home, data=typed | {"part.1.name": "SGST"})).status_code == 303
