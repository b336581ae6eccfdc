"""Days of bills are the business's own: where it is tomorrow already, or still yesterday, an invoice says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retail.billing.paper import invoice_pdf
from retail.billing.plans import plans
from retail.kit.clock import FixedClock
from tests.billing.test_pages import CHOICE
from tests.billing.test_paper import text_of
from tests.billing.worlds import DAY, bills, hour, pay, put_on_trial, rows, take_out
from tests.support.letters import letters_to
from tests.support.web import Site, enrol, enrol_operator
from tests.support.working import work_off
from tests.support.world import Shop

EARLY, LATE = "Pacific/Auckland", "Pacific/Honolulu"
LATE_IN_THE_DAY = datetime(2027, 3, 1, 22, tzinfo=UTC)
"""The second of March in Auckland, the first in London and Honolulu."""


async def placed(shop: Shop, zone: str) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET timezone = $2 WHERE id = $1", tx.tenant, zone)


def at(clock: FixedClock, moment: datetime) -> None:
    clock.advance(moment - clock.now())


@pytest.mark.parametrize("case", [(EARLY, 2, 16), (LATE, 1, 15)], ids=["east", "west"])
async def test_an_invoice_has_the_days_of_its_business_wherever_it_is_read(
    site: Site, shop: Shop, still: FixedClock, case: tuple[str, int, int]
) -> None:
    zone, issued, due = case
    await placed(shop, zone)
    at(still, LATE_IN_THE_DAY)
    _person, email, session = await enrol(site.db, shop.tenant.id, "owner")
    await take_out(shop)
    (bill,) = await bills(shop)
    assert (bill.period_first.day, bill.period_first.month) == (issued, 3)
    async with shop.db.read(shop.scope) as read:
        known = await plans(read)
    paper = text_of(await invoice_pdf(bill, known, "en-GB", zone))[1]
    assert f"Issued {issued} Mar 2027 To be paid until {due} Mar 2027" in paper
    fetched = await site.visitor(session).get(f"/t/{shop.tenant.slug}/billing/invoices/{bill.id}/pdf")
    assert f"Issued {issued} Mar 2027" in text_of(fetched.content)[1]
    own = (await site.visitor(session).get(f"/t/{shop.tenant.slug}/billing")).text
    otto = site.visitor((await enrol_operator(site.db))[2])
    console = (await otto.get(f"/platform/businesses/{shop.tenant.slug}")).text
    for page in (own, console):
        assert f'<td class="num" data-label="Issued">{issued} Mar 2027</td>' in page
        assert f'<td class="num" data-label="Due">{due} Mar 2027</td>' in page
        assert f"ext step on {due} Mar 2027:" in page or f"Next step, on {due} Mar 2027," in page
    assert f"Days by the business's own clock, {zone}." in console
    await work_off(shop.db, shop.tenant.id)
    [letter] = await letters_to(shop.db, email, "billing_invoice")
    assert f"{due} March 2027" in letter.text


async def test_a_period_is_renewed_when_its_end_has_come_where_the_business_is(shop: Shop, still: FixedClock) -> None:
    await placed(shop, EARLY)
    at(still, LATE_IN_THE_DAY)
    await take_out(shop)
    await pay(shop, (await bills(shop))[0])
    at(still, datetime(2027, 4, 1, 10, 30, tzinfo=UTC))
    await hour(shop, still, timedelta())
    assert len(await bills(shop)) == 1, "it is the first of April there, at midnight the second begins"
    await hour(shop, still, timedelta(hours=1))
    assert [(one.period_first.month, one.period_first.day) for one in await bills(shop)] == [(3, 2), (4, 2)]


async def test_west_of_london_a_period_lasts_to_its_last_evening(shop: Shop, still: FixedClock) -> None:
    await placed(shop, LATE)
    at(still, LATE_IN_THE_DAY)
    await take_out(shop)
    await pay(shop, (await bills(shop))[0])
    at(still, datetime(2027, 4, 1, 9, tzinfo=UTC))
    await hour(shop, still, timedelta())
    assert len(await bills(shop)) == 1, "there it is the last evening of March"
    await hour(shop, still, timedelta(hours=1))
    assert [(one.period_first.month, one.period_first.day) for one in await bills(shop)] == [(3, 1), (4, 1)]


async def test_what_is_chosen_on_trial_is_shown_to_the_owner_and_to_operators(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    await placed(shop, EARLY)
    at(still, LATE_IN_THE_DAY)
    await put_on_trial(shop, still.now() + 3 * DAY)
    browser, page = await site.member(shop), f"/t/{shop.tenant.slug}/billing"
    await browser.post(f"{page}/subscription", data=CHOICE | {"plan": "pro", "cycle": "year"})
    ((holds,),) = [tuple(row) for row in await rows(shop, "SELECT initcap(plan) FROM tenant WHERE id = $1")]
    own = " ".join((await browser.get(page)).text.split())
    otto = site.visitor((await enrol_operator(site.db))[2])
    console = " ".join((await otto.get(f"/platform/businesses/{shop.tenant.slug}")).text.split())
    for shown in (own, console):
        for label, value in (("Plan on trial", holds), ("Chosen", "Pro · yearly")):
            assert f">{label}<" in shown, label
            assert f">{value}<" in shown, value
    assert '<option value="pro" selected' in console
    assert ">chosen<" in own
    assert ">yours<" not in own
