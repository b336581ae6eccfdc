"""X and Z reports say what came of each part of a tax that is made of parts: on pages, on paper, in the API."""

from __future__ import annotations

import re
from typing import Any

import httpx

from retail.cash.queries import z_report
from retail.catalog.taxes import keeping
from retail.catalog.taxes.rules import Part
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.sales import closing
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from tests.support.selling import AT, Counter, open_counter
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

COLA = 3
HALVES = [Part("CGST", 90_000), Part("SGST", 90_000)]


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


async def in_india(db: Database) -> tuple[Shop, Counter]:
    shop = await open_shop(db, prices_include_tax=False, currency="INR", timezone="Asia/Kolkata")
    await db.run(shop.scope, keeping.put_parts, shop.standard, HALVES)
    return shop, await open_counter(shop)


async def sell(counter: Counter, net: int, tax: int) -> Any:
    line = {"product": str(counter.shop.products[COLA].id), "quantity": "1", "unit_price": net}
    tenders = [{"type": "cash", "amount": net + tax, "change": 0}]
    sold = await counter.sell(line, total=net + tax, tenders=tenders, price_override=True)
    assert sold.sale is not None, sold.errors
    return sold.sale


async def test_the_parts_stand_on_the_x_and_the_z_report_less_what_came_back(db: Database, site: Site) -> None:
    shop, counter = await in_india(db)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    sale = await sell(counter, 305, 55)  # 28 and 27
    await sell(counter, 309, 56)
    asked = ReturnIn(new_id(), shop.till, counter.shift, {sale.lines[0].id: 1000}, (), new_id().bytes * 2)
    await db.run(shop.scope, return_goods, sale.id, asked)
    words = "Standard 19 % 18 % ₹3.09 ₹0.56 CGST 9 % ₹0.28 SGST 9 % ₹0.28"
    assert words in plain(await owner.get(f"{home}/shifts/{counter.shift}/x"))
    answer = await owner.post(f"{home}/api/v1/shifts/{counter.shift}/closure", json={"counted": 10_365})
    assert answer.status_code == 201, answer.text
    parts = [{"name": "CGST", "rate_micros": 90_000, "tax": 28}, {"name": "SGST", "rate_micros": 90_000, "tax": 28}]
    taxes = [{"code": "S", "rate_micros": 180_000, "base": 309, "tax": 56, "parts": parts}]
    assert answer.json()["taxes"] == taxes
    assert (await owner.get(f"{home}/api/v1/shifts/{counter.shift}")).json()["z_report"]["taxes"] == taxes
    assert words in plain(await owner.get(f"{home}/shifts/{counter.shift}/z"))
    shown = plain(await owner.get(f"{home}/shifts/{counter.shift}"))
    assert "Tax: Standard 19 % 18 % ₹0.56 CGST 9 % ₹0.28 SGST 9 % ₹0.28" in shown


async def test_what_a_report_says_stays_when_the_parts_change(db: Database, site: Site) -> None:
    shop, counter = await in_india(db)
    await sell(counter, 309, 56)
    before = (await db.run(shop.scope, closing.close, counter.shift, 10_365, None, AT)).report
    await db.run(shop.scope, keeping.put_parts, shop.standard, [Part("IGST", 180_000)])
    async with db.read(shop.scope) as read:
        z = await z_report(read, counter.shift)
    assert z is not None
    assert z.report == before
    owner = await site.member(shop)
    assert "CGST 9 % ₹0.28" in plain(await owner.get(f"/t/{shop.tenant.slug}/shifts/{counter.shift}/z"))


async def test_what_was_sold_before_a_tax_had_parts_is_told_apart(db: Database, site: Site) -> None:
    shop = await open_shop(db, prices_include_tax=False, currency="INR", timezone="Asia/Kolkata")
    counter = await open_counter(shop)
    await sell(counter, 300, 57)
    await db.run(shop.scope, keeping.put_parts, shop.standard, [Part("CGST", 95_000), Part("SGST", 95_000)])
    await sell(counter, 400, 76)
    owner = await site.member(shop)
    paper = plain(await owner.get(f"/t/{shop.tenant.slug}/shifts/{counter.shift}/x"))
    assert "Standard 19 % ₹7.00 ₹1.33 CGST 9.5 % ₹0.38 SGST 9.5 % ₹0.38 Without parts ₹0.57" in paper


async def test_a_tax_without_parts_says_nothing_of_them(shop: Shop) -> None:
    counter = await open_counter(shop)
    await counter.send(counter.sale(shop.products[COLA]))
    z = await shop.db.run(shop.scope, closing.close, counter.shift, 10_000, None, AT)
    assert [set(tax) for tax in z.report["taxes"]] == [{"code", "rate_micros", "base", "tax"}]
