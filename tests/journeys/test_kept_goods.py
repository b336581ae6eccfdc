"""Goods kept for a customer at one till are paid on at another and handed over as agreed; others are cancelled."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from retail.ledger.queries import accounts
from tests.support.buyers import a_customer
from tests.support.counter import Counter
from tests.support.day import Day
from tests.support.house import eventually

FACTS = ("till", "number", "kind", "total_minor", "exceptions")
LOAVES = "2 Sourdough loaf 800 g €8.40"


async def keep(till: Counter, name: str, total: str) -> None:
    """Keep what is in the cart for somebody, as far as the payment of the least."""
    await expect(till.page.locator(".acts .keep")).to_be_visible()
    await till.page.keyboard.press("F4")
    await expect(till.page.get_by_label("Find a customer")).to_be_focused()
    await till.press(name)
    await till.page.get_by_role("button", name=name).click()
    await expect(till.page.locator(".who b")).to_have_text(name)
    await till.page.keyboard.press("Shift+F7")
    await till.shows(f"Keep for {name}")
    await expect(till.page.locator("dialog output")).to_have_text(total)
    await till.tap("Keep and take payment")
    await till.shows("Down payment L-")


async def paid(till: Counter, digits: str, due: str) -> None:
    await till.press(digits)
    await till.tap("Complete sale")
    await till.shows(f"{due} still due")
    await till.tap("Next sale")


async def open_kept(till: Counter, number: str) -> None:
    await till.page.keyboard.press("Shift+F8")
    await till.page.get_by_role("button", name=number).locator("visible=true").click()
    await till.shows(f"Kept goods {number}")


async def layaways(day: Day) -> list[tuple[Any, ...]]:
    async with day.house.db.read(day.shop.scope) as read:
        rows = await read.fetch(
            """SELECT number, coalesce(ended_how, 'open'), total_minor FROM layaway WHERE tenant_id = $1
                ORDER BY number""",
            read.tenant,
        )
    return [tuple(row) for row in rows]


async def booked(day: Day) -> dict[str, int]:
    """Give what the books say of down payments, and of those that were kept."""
    async with day.house.db.read(day.shop.scope) as read:
        return {one.code: one.balance_minor for one in await accounts(read) if one.code in {"2240", "4210"}}


async def test_goods_are_kept_paid_on_elsewhere_and_handed_over_at_the_price_agreed(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "3", milk: "3"})
    await a_customer(day.shop, "Lena Marsh")
    one = await day.at_till(await day.device("owner"), float_digits="5000")
    two = await day.at_till(await day.device("owner"), day.shop.second_till, float_digits="5000")

    await one.scan(bread, 2)
    await one.has_lines(LOAVES)
    await keep(one, "Lena Marsh", "€1.68")
    await paid(one, "168", "€6.72")
    await one.has_sent_everything()
    assert await layaways(day) == [(1, "open", 840)]

    async with day.house.db.begin(day.shop.scope) as tx:
        await tx.execute("UPDATE product SET price_minor = 990 WHERE tenant_id = $1 AND id = $2", tx.tenant, bread.id)
    await open_kept(two, "L-1")
    await two.tap("Take a payment")
    await two.press("200")
    await two.page.keyboard.press("Enter")
    await two.shows("Down payment L-1")
    await paid(two, "500", "€4.72")
    await two.has_sent_everything()

    await open_kept(one, "L-1")
    await one.tap("Hand over")
    await one.has_lines(LOAVES)
    await expect(one.page.locator(".charge .num")).to_have_text("€4.72")
    await one.pay_cash()
    await one.has_sent_everything()
    assert await layaways(day) == [(1, "fetched", 840)]
    told = [tuple(row[name] for name in FACTS) for row in await day.sales()]
    assert told == [("T1", 1, "payment", 0, []), ("T1", 2, "sale", 840, []), ("T2", 1, "payment", 0, [])]
    assert await booked(day) == {"2240": 0, "4210": 0}
    await day.every_check_holds()


async def test_what_is_cancelled_gives_the_money_back_and_the_goods_to_others(day: Day) -> None:
    _bread, milk, *_rest = day.shop.products
    await day.stock_up({milk: "1"})
    await a_customer(day.shop, "Lena Marsh")
    till = await day.at_till(await day.device("owner"), float_digits="5000")
    await till.scan(milk)
    await till.has_lines("1 Whole milk 1 l €1.35")
    await keep(till, "Lena Marsh", "€0.27")
    await paid(till, "27", "€1.08")
    await open_kept(till, "L-1")
    await till.tap("Cancel")
    await till.shows("Cancel L-1?")
    await till.tap("Give back €0.27")
    await till.shows("Give in cash")
    await till.tap("Done")
    await till.has_sent_everything()
    assert await layaways(day) == [(1, "cancelled", 135)]

    async def reserved() -> int:
        async with day.house.db.read(day.shop.scope) as read:
            return int(
                await read.fetchval(
                    "SELECT count(*) FROM reservation WHERE tenant_id = $1 AND released_at IS NULL", read.tenant
                )
            )

    await eventually(reserved, 0)
    assert await booked(day) == {"2240": 0, "4210": 0}
    await day.every_check_holds()
