"""An unpaid bill and its payment, as the people of a shop see them: at an open page, without a reload."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from retail.billing.drafts import DUE_IN
from retail.billing.operations import Buyer, Payment, note_payment, subscribe
from retail.billing.queries import Invoice, invoices
from retail.seller import Seller
from retail.tenants.life import settle
from tests.support.day import Day
from tests.support.house import eventually

UNPAID = "A bill is unpaid"


async def owe(day: Day, since: timedelta) -> Invoice:
    """Let an invoice be overdue for so long: it was issued so long ago, whoever asks the bills and when."""
    db, scope = day.house.db, day.shop.scope
    before = db.clock
    db.clock = Standing(before.now() - DUE_IN - since)
    try:
        await db.run(scope, subscribe, "pro", "month", Buyer("Corner & Co", "Altstadt 1", "DE"), Seller())
    finally:
        db.clock = before
    await db.run(scope, settle)
    async with db.read(scope) as read:
        (made,) = (await invoices(read)).items
    return made


class Standing:
    """A clock that stands at another moment."""

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

    async def answer() -> tuple[int, str]:
        made = await owner.context.request.post(
            f"{owner.origin}{day.path('/api/v1/categories')}", data={"name": "New"}, headers={"Origin": owner.origin}
        )
        return made.status, (await made.json())["code"]

    await eventually(answer, (403, "stands_still"))  # the door remembers for two seconds
    today = day.house.db.clock.now().astimezone(UTC).date()
    await day.house.db.run(
        day.shop.scope, note_payment, Payment(invoice.id, "transfer", "SEPA 1", invoice.total_minor, today)
    )
    await expect(page.locator("#standing").get_by_text(UNPAID)).to_have_count(0)


async def test_an_open_page_of_the_subscription_follows_the_bills_and_keeps_what_is_being_typed(day: Day) -> None:
    owner = await day.device("owner")
    page = await owner.visit(day.path("/billing"))
    state, stands = page.locator("#billing-state"), page.locator("#stands")
    await expect(state).to_have_text("active")
    await page.get_by_label("Name on the invoice").fill("Half a na")
    await page.evaluate("document.body.dataset.same = 'page'")
    invoice = await owe(day, timedelta(days=15))
    await expect(state).not_to_have_text("active")
    owed = await state.inner_text()
    await expect(page.locator("#standing").get_by_text(UNPAID)).to_be_visible()
    await expect(page.locator("#invoices")).to_contain_text(invoice.number)
    await expect(stands).to_contain_text("Pro")
    await expect(page.get_by_label("Name on the invoice")).to_have_value("Half a na")
    today = day.house.db.clock.now().astimezone(UTC).date()
    await day.house.db.run(
        day.shop.scope, note_payment, Payment(invoice.id, "transfer", "SEPA 2", invoice.total_minor, today)
    )
    await expect(state).not_to_have_text(owed)
    await expect(state).to_have_text("active")
    await expect(page.locator("#invoices").get_by_text("paid", exact=True)).to_be_visible()
    assert await page.evaluate("document.body.dataset.same") == "page", "nothing was loaded anew"
