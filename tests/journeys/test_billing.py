"""An unpaid bill and its payment, as the people of a shop see them: at an open page, without a reload."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from retail.billing.operations import Buyer, Payment, note_payment, subscribe
from retail.billing.queries import Invoice, invoices
from retail.seller import Seller
from retail.tenants.life import settle
from tests.support.day import Day

UNPAID = "A bill is unpaid"


async def owe(day: Day, since: timedelta) -> Invoice:
    """Let an invoice be overdue for so long: it was issued long ago, and the bills are asked."""
    db, scope = day.house.db, day.shop.scope
    await db.run(scope, subscribe, "pro", "month", Buyer("Corner & Co", "Altstadt 1", "DE"), Seller())
    async with db.read(scope) as read:
        (made,) = (await invoices(read)).items
    before = db.clock
    db.clock = Later(made.due_at + since)
    try:
        await db.run(scope, settle)
    finally:
        db.clock = before
    return made


class Later:
    """A clock that stands at a moment to come."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


async def test_an_open_page_hears_of_the_freeze_and_of_its_end_without_a_reload(day: Day) -> None:
    owner = await day.device("owner")
    page = await owner.visit(day.path("/shifts"))
    await expect(page.locator("[data-live-status].ok")).to_be_visible()
    invoice = await owe(day, timedelta(days=15))
    await expect(page.locator("#standing").get_by_text(UNPAID)).to_be_visible()
    refused = await owner.context.request.post(
        f"{owner.origin}{day.path('/api/v1/categories')}", data={"name": "New"}, headers={"Origin": owner.origin}
    )
    assert (refused.status, (await refused.json())["code"]) == (403, "stands_still")
    today = day.house.db.clock.now().astimezone(UTC).date()
    await day.house.db.run(
        day.shop.scope, note_payment, Payment(invoice.id, "transfer", "SEPA 1", invoice.total_minor, today)
    )
    await expect(page.locator("#standing").get_by_text(UNPAID)).to_have_count(0)
