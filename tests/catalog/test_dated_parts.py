"""Taxes made of parts from a day to come on: planned, shown beforehand, told to tills, begun; each day by its own."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from migrations import m0043_dated_parts
from retail.catalog.operations import change_tax_class
from retail.catalog.snapshot import snapshot
from retail.catalog.taxes import dating, keeping
from retail.catalog.taxes.outlooks import outlook
from retail.catalog.taxes.parting import parts_of, written
from retail.catalog.taxes.rules import Part, PartTotal, parts_at
from retail.kit.errors import Invalid
from retail.runtime.db import Database
from tests.catalog.test_dated_taxes import sold
from tests.support.days import today
from tests.support.web import Site
from tests.support.world import Shop, open_shop

COLA = 3
HALVES = (Part("CGST", 90_000), Part("SGST", 90_000))
LARGER = (Part("CGST", 100_000), Part("SGST", 100_000))
SOON = (datetime.now(UTC) + timedelta(days=30)).date()


async def in_india(db: Database) -> Shop:
    shop = await open_shop(db, prices_include_tax=False, currency="INR", timezone="Asia/Kolkata")
    await db.run(shop.scope, keeping.put_parts, shop.standard, HALVES)
    return shop


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


async def let_it_be(shop: Shop, day: date) -> None:
    """Bring the planned rate's day forward, as time does."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "UPDATE tax_rate SET from_date = $2 WHERE tenant_id = $1 AND applied_at IS NULL", tx.tenant, day
        )


def test_the_parts_of_a_day_are_those_of_the_rate_that_holds_then() -> None:
    history = [(date(1970, 1, 1), ()), (date(2026, 12, 1), HALVES), (date(2027, 1, 1), LARGER)]
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [parts_at(history, day, LARGER) for day in days] == [(), HALVES, HALVES, LARGER]
    assert parts_at([], days[0], LARGER) == LARGER


async def test_planned_parts_are_told_to_tills_and_begin_with_their_rate(db: Database) -> None:
    shop = await in_india(db)
    await db.run(shop.scope, dating.date_parts, shop.standard, SOON, LARGER)
    async with db.read(shop.scope) as read:
        told = next(one for one in (await snapshot(read, 0))["tax_classes"] if one["code"] == "S")
    as_told = [[{"name": one.name, "rate_micros": one.rate_micros, "compound": False} for one in parts]
               for parts in (HALVES, LARGER)]  # fmt: skip
    assert told["rates"] == [["1970-01-01", 180_000, as_told[0]], [SOON.isoformat(), 200_000, as_told[1]]]
    assert (told["rate_micros"], told["parts"]) == (180_000, as_told[0])
    await let_it_be(shop, today(shop, ahead=-1))
    await db.run(shop.scope, dating.apply_rates)
    await db.run(shop.scope, dating.apply_rates)
    async with db.read(shop.scope) as read:
        assert (await parts_of(read))[shop.standard] == LARGER
        assert await read.fetchval("SELECT rate_micros FROM tax_class WHERE id = $1", shop.standard) == 200_000
        began = await read.fetch("SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'tax_rate.began'",
                                 read.tenant)  # fmt: skip
    assert len(began) == 1
    assert "CGST 100000" in str(began[0]["facts"])


async def test_a_sale_is_split_as_its_own_day_has_it_whenever_it_arrives(db: Database) -> None:
    shop = await in_india(db)
    async with db.begin(shop.scope) as tx:
        await dating._put(tx, shop.standard, dating.BEGINNING, 180_000, HALVES, applied=True, keep=False)
        await dating._put(tx, shop.standard, date(2026, 11, 21), 200_000, LARGER, applied=True, keep=False)

    async def at(moment: datetime, till: Any, tax: int) -> tuple[PartTotal, ...]:
        line = {"product": str(shop.products[COLA].id), "quantity": "1", "unit_price": 300}
        paid = [{"type": "cash", "amount": 300 + tax, "change": 0}]
        when = moment.isoformat().replace("+00:00", "Z")
        return (await sold(shop, till, line=line, total=300 + tax, tenders=paid, occurred_at=when)).taxes[0].parts

    before = await at(datetime(2026, 11, 20, 18, 0, tzinfo=UTC), shop.till, 54)  # half past eleven in Kolkata
    after = await at(datetime(2026, 11, 20, 19, 0, tzinfo=UTC), shop.second_till, 60)
    assert before == (PartTotal("CGST", 90_000, 27), PartTotal("SGST", 90_000, 27))
    assert after == (PartTotal("CGST", 100_000, 30), PartTotal("SGST", 100_000, 30))


async def test_parts_changed_at_once_hold_from_today_and_leave_the_days_before(db: Database) -> None:
    shop = await in_india(db)
    await db.run(shop.scope, dating.date_parts, shop.standard, SOON, LARGER)
    inter = (Part("IGST", 180_000),)
    await db.run(shop.scope, keeping.put_parts, shop.standard, inter)  # the same rate in all
    async with db.read(shop.scope) as read:
        held = (await dating.histories(read))[shop.standard]
    assert [(one.rate_micros, one.parts) for one in held] == [(180_000, HALVES), (180_000, inter), (200_000, LARGER)]


async def test_a_tax_becomes_one_of_parts_on_a_day_and_can_be_taken_back(shop: Shop) -> None:
    await shop.db.run(shop.scope, dating.date_parts, shop.standard, SOON, HALVES)
    async with shop.db.read(shop.scope) as read:
        planned = (await dating.dated_rates(read, shop.standard))[0]
    assert (planned.rate_micros, planned.parts, planned.applied) == (180_000, HALVES, False)
    await shop.db.run(shop.scope, change_tax_class, shop.standard, "Standard", 200_000)  # up to then it is one
    await shop.db.run(shop.scope, dating.undate_rate, planned.id)
    await shop.db.run(shop.scope, dating.apply_rates)
    async with shop.db.read(shop.scope) as read:
        assert await parts_of(read) == {}


async def test_what_cannot_be_planned_is_refused_at_its_field_and_leaves_nothing(db: Database) -> None:
    shop = await in_india(db)

    async def refused(day: date, parts: tuple[Part, ...]) -> dict[str, list[str]]:
        with pytest.raises(Invalid) as wrong:
            await db.run(shop.scope, dating.date_parts, shop.standard, day, parts)
        async with db.read(shop.scope) as read:
            with pytest.raises(Invalid) as foreseen:
                await outlook(read, shop.standard, day, parts)
            assert await dating.dated_rates(read) == []
        assert foreseen.value.errors == wrong.value.errors
        return wrong.value.errors

    assert list(await refused(today(shop), LARGER)) == ["parts_from"]
    assert await refused(SOON, ()) == {"parts": ["Name at least one part. One alone is fine, such as IGST."]}
    assert list(await refused(SOON, (Part("A", 1), Part("a", 1)))) == ["parts"]
    with pytest.raises(Invalid) as single:
        await db.run(shop.scope, dating.date_rate, shop.standard, SOON, 120_000)
    assert list(single.value.errors) == ["new_rate"]
    other = await open_shop(db)
    await db.run(other.scope, dating.date_rate, other.standard, SOON, 120_000)
    with pytest.raises(Invalid) as bare:
        await db.run(other.scope, keeping.put_parts, other.standard, HALVES)
    assert "A rate without parts is planned" in bare.value.errors["parts"][0]


async def test_what_is_typed_is_shown_with_when_it_begins_and_what_it_replaces(db: Database) -> None:
    shop = await in_india(db)
    later = SOON + timedelta(days=30)
    await db.run(shop.scope, dating.date_parts, shop.standard, later, LARGER)
    async with db.read(shop.scope) as read:
        seen = await outlook(read, shop.standard, SOON, (Part("GST", 50_000), Part("PST", 99_750, compound=True)))
        again = await outlook(read, shop.standard, later, HALVES)
        at_once = await outlook(read, shop.standard, None, ())
    assert (seen.begins, seen.before_micros, seen.rate_micros, seen.until) == (SOON, 180_000, 154_738, later)
    assert [(part.name, part.tax) for part in seen.parts] == [("GST", 500), ("PST", 1_047)]
    assert (seen.replaces, again.replaces, again.until) == (False, True, None)
    assert (at_once.rate_micros, at_once.parts, at_once.until) == (180_000, (), later)


async def test_the_page_plans_parts_after_showing_them(site: Site, db: Database) -> None:
    shop = await in_india(db)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/taxes/{shop.standard}"
    page = await owner.get(f"{home}/rates")
    assert ('name="new_rate"' in page.text, 'name="parts_from"' in page.text) == (False, True)
    typed = {"part.0.name": "CGST", "part.0.rate": "10", "part.1.name": "SGST", "part.1.rate": "10"}
    planned = typed | {"parts_from": SOON.isoformat()}
    seen = plain(await owner.get(f"{home}/parts/preview", params=planned))
    assert "on: 20 %. Up to then 18 %." in seen
    assert "CGST 10 % ₹10.00 SGST 10 % ₹10.00" in seen
    assert "From now on: 20 %. It is 18 % now." in plain(await owner.get(f"{home}/parts/preview", params=typed))
    early = planned | {"parts_from": "2020-01-01"}
    wrong = await owner.get(f"{home}/parts/preview", params=early)
    assert (wrong.status_code, "Pick a day after today" in plain(wrong)) == (422, True)
    refused = await owner.post(f"{home}/parts", data=early)
    assert (refused.status_code, 'id="f-parts_from-error"' in refused.text) == (422, True)
    async with db.read(shop.scope) as read:
        assert await dating.dated_rates(read) == []
    assert (await owner.post(f"{home}/parts", data=planned)).status_code == 303
    shown = plain(await owner.get(f"{home}/rates"))
    assert "to come 20 % CGST 10 % SGST 10 %" in shown
    assert (await (await site.member(shop, "clerk")).get(f"{home}/parts/preview")).status_code == 403


async def test_rates_that_were_dated_before_keep_the_parts_that_they_were_split_into(db: Database) -> None:
    shop = await in_india(db)
    async with db.begin(shop.scope) as tx:
        await dating._put(tx, shop.standard, dating.BEGINNING, 120_000, applied=True, keep=False)
        await dating._put(tx, shop.standard, date(2026, 11, 1), 180_000, applied=True, keep=False)
    fill = m0043_dated_parts.PARTS.split("SECURITY;\n")[3].split(";")[0]
    async with db.begin(shop.scope) as tx:
        await tx.execute(fill)
        rows = await tx.fetch("SELECT rate_micros, parts FROM tax_rate WHERE tenant_id = $1 ORDER BY 1", tx.tenant)
    assert [row["rate_micros"] for row in rows if row["parts"]] == [180_000]
    assert dating.read_parts(rows[1]["parts"]) == HALVES == dating.read_parts(written(HALVES))
