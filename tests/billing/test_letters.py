"""What owners hear by mail, what the trail keeps of the run's moves, and what open pages and tills hear at once."""

from __future__ import annotations

import json
from datetime import UTC

import pytest

from retail.billing.jobs import REMIND_JOB
from retail.kit.clock import FixedClock
from retail.runtime.jobs import enqueue
from retail.runtime.mail import letters
from retail.tenants.life import settle
from tests.billing.worlds import DAY, bills, hour, pay, put_on_trial, rows, status, take_out
from tests.support.told import posted, relay
from tests.support.web import Site, enrol, session
from tests.support.working import work_off
from tests.support.world import Shop


async def mailed(shop: Shop, email: str) -> list[tuple[str, str]]:
    async with shop.db.platform() as unit:
        found = await letters(unit, q=email)
    return [(one.kind, one.subject) for one in reversed(found.items)]


async def test_each_step_for_the_worse_is_told_to_the_owners_once_and_stands_on_the_trail(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    _other, clerk, _kept = await enrol(site.db, shop.tenant.id, "clerk")
    await put_on_trial(shop, still.now() + DAY)
    await take_out(shop)
    for days in (1, 14, 7):
        await hour(shop, still, days * DAY)
        await work_off(site.db, shop.tenant.id)
        await work_off(site.db, shop.tenant.id)
    (bill,) = await bills(shop)
    told = await mailed(shop, email)
    assert told == [
        ("billing_invoice", f"Invoice {bill.number} for Corner & Co"),
        ("billing_step", "Corner & Co: a bill is unpaid"),
        ("billing_step", "Corner & Co: a bill is unpaid"),
    ]
    assert not await mailed(shop, clerk)
    rung = [facts for kind, facts in reversed(await posted(shop)) if kind == "billing_step"]
    assert rung == [{"status": "past_due"}, {"status": "grace"}]
    await relay(shop)
    await work_off(site.db, shop.tenant.id)
    bell = (await site.visitor(await session(site.db, person)).get(f"/t/{shop.tenant.slug}/notices")).text
    assert "A bill is unpaid. Everything still works." in bell
    assert "A bill is unpaid. The back office can be read, but not changed." in bell
    trail = await rows(
        shop,
        """SELECT action, actor_kind FROM audit_event WHERE tenant_id = $1 AND subject_kind = 'tenant'
              AND action IN ('tenant.active', 'tenant.past_due', 'tenant.grace') ORDER BY at, id""",
    )
    assert [tuple(one) for one in trail] == [
        ("tenant.active", "system"), ("tenant.past_due", "system"), ("tenant.grace", "system"),
    ]  # fmt: skip


async def test_a_letter_says_what_comes_next_and_on_which_day(site: Site, shop: Shop, still: FixedClock) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await take_out(shop)
    await hour(shop, still, 21 * DAY)
    (bill,) = await bills(shop)
    await work_off(site.db, shop.tenant.id)
    async with shop.db.platform() as unit:
        found = await letters(unit, q=email)
        row = await unit.fetchrow("SELECT * FROM auth_mail($1)", found.items[0].id)
    assert row is not None
    text = " ".join(row["text_body"].split())
    assert "The back office can be read, but not changed. Tills sell as always." in text
    day = (bill.due_at + 14 * DAY).strftime("%-d %B %Y")
    assert f"What comes next, on {day}: No new shift can be opened." in text


async def test_nobody_is_told_of_a_step_that_was_paid_before_the_letter_was_written(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await take_out(shop)
    await work_off(site.db, shop.tenant.id)
    await hour(shop, still, 21 * DAY)
    (bill,) = await bills(shop)
    await pay(shop, bill)
    await work_off(site.db, shop.tenant.id)
    assert [kind for kind, _subject in await mailed(shop, email)] == ["billing_invoice"]


@pytest.mark.parametrize("by_run", [True, False])
async def test_pages_and_tills_hear_of_every_move_in_its_own_transaction(
    shop: Shop, still: FixedClock, by_run: bool
) -> None:
    await take_out(shop)
    still.advance(15 * DAY)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("DELETE FROM outbox WHERE tenant_id = $1", tx.tenant)
    if by_run:
        await hour(shop, still)
    else:
        await shop.db.run(shop.scope, settle)
    assert await status(shop) == "past_due"
    told = await rows(shop, "SELECT name, body FROM outbox WHERE tenant_id = $1")
    heard = {one["name"]: json.loads(one["body"]) for one in told}
    assert heard["tenant.moved"] == {"before": "active", "after": "past_due"}
    assert heard["access.changed"] == {"person": None}


async def test_three_days_ahead_owners_hear_what_comes_unless_it_is_paid(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await take_out(shop)
    (bill,) = await bills(shop)
    still.advance(10 * DAY)
    await work_off(site.db, shop.tenant.id)
    assert [kind for kind, _subject in await mailed(shop, email)] == ["billing_invoice"]
    still.advance(DAY)
    await work_off(site.db, shop.tenant.id)
    day = bill.due_at.strftime("%-d %B %Y")
    assert (await mailed(shop, email))[1:] == [("billing_ahead", f"Corner & Co: an invoice is due on {day}")]
    await pay(shop, bill)
    await hour(shop, still, 20 * DAY)
    (_first, second) = await bills(shop)
    await pay(shop, second)
    await hour(shop, still, 13 * DAY)
    await work_off(site.db, shop.tenant.id)
    assert [kind for kind, _subject in await mailed(shop, email)] == [
        "billing_invoice", "billing_ahead", "billing_invoice",
    ]  # fmt: skip


async def test_a_trial_without_a_plan_is_told_of_its_end(site: Site, shop: Shop, still: FixedClock) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await put_on_trial(shop, still.now() + 3 * DAY)
    async with shop.db.begin(shop.scope) as tx:
        await enqueue(tx, REMIND_JOB)
    await work_off(site.db, shop.tenant.id)
    (told,) = await mailed(shop, email)
    assert told[0] == "billing_ahead"
    assert told[1].startswith("Corner & Co: your trial ends on ")


async def test_a_years_renewal_is_told_two_weeks_ahead_with_its_price(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await take_out(shop, cycle="year")
    await work_off(site.db, shop.tenant.id)
    (bill,) = await bills(shop)
    await pay(shop, bill)
    until = bill.period_end - still.now().astimezone(UTC).date()
    still.advance(until - 15 * DAY)
    await work_off(site.db, shop.tenant.id)
    assert [kind for kind, _subject in await mailed(shop, email)] == ["billing_invoice"]
    still.advance(DAY)
    await work_off(site.db, shop.tenant.id)
    day = bill.period_end.strftime("%-d %B %Y")
    assert (await mailed(shop, email))[1:] == [("billing_renewal", f"Corner & Co: your plan is renewed on {day}")]


@pytest.mark.parametrize("paid", [False, True])
async def test_a_week_before_a_business_is_closed_its_owners_are_told_once_more(
    site: Site, shop: Shop, still: FixedClock, paid: bool
) -> None:
    _person, email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await take_out(shop)
    await work_off(site.db, shop.tenant.id)
    await hour(shop, still, (14 + 28) * DAY)
    await work_off(site.db, shop.tenant.id)
    assert await status(shop) == "suspended"
    before = len(await mailed(shop, email))
    if paid:
        for bill in await bills(shop):
            await pay(shop, bill)
    still.advance((90 - 28 - 8) * DAY)
    await work_off(site.db, shop.tenant.id)
    assert len(await mailed(shop, email)) == before
    still.advance(2 * DAY)
    await work_off(site.db, shop.tenant.id)
    told = (await mailed(shop, email))[before:]
    assert told == ([] if paid else [("billing_step", "Corner & Co: a bill is unpaid")])
