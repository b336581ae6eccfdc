"""The hourly run: a business from its trial through all steps and back, and thousands at once."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from retail.audit import anchors
from retail.audit.anchors import Anchors, Outside
from retail.billing.errors import PaidTwice, TooMuch
from retail.billing.operations import subscribe
from retail.billing.run import run
from retail.kit.clock import FixedClock
from retail.life.jobs import erase
from retail.runtime.keys import Keyring
from retail.settings import Settings, use_settings
from retail.tenants.life import FROZEN, settle, step
from tests.billing.worlds import BUYER, DAY, SELLER, bills, hour, pay, put_on_trial, rows, status, take_out
from tests.support.database import Clone
from tests.support.working import work_off
from tests.support.world import Shop, open_shop


async def test_a_trial_without_a_plan_goes_through_all_steps_and_back_when_one_is_taken_and_paid(
    shop: Shop, still: FixedClock
) -> None:
    await put_on_trial(shop, still.now() + DAY)
    await hour(shop, still)
    assert await status(shop) == "trial"
    seen = []
    for days in (1, 7, 7, 14, 62):
        await hour(shop, still, days * DAY)
        seen.append(await status(shop))
    assert seen == ["past_due", "grace", "read_only", "suspended", "suspended"]
    moves = await rows(shop, "SELECT before, after FROM billing_step WHERE tenant_id = $1 ORDER BY at")
    assert [tuple(move) for move in moves] == [
        ("trial", "past_due"), ("past_due", "grace"), ("grace", "read_only"), ("read_only", "suspended"),
    ]  # fmt: skip
    await take_out(shop)
    assert await status(shop) == "active", "its first invoice is not due yet"
    (first,) = await bills(shop)
    assert (first.net_minor, first.tax_minor, first.total_minor) == (5900, 1121, 7021)
    await pay(shop, first)
    await hour(shop, still, 20 * DAY)
    assert await status(shop) == "active"


async def test_periods_are_invoiced_one_after_the_other_and_an_older_debt_keeps_its_step(
    shop: Shop, still: FixedClock
) -> None:
    await put_on_trial(shop, still.now() + DAY)
    await take_out(shop, "starter")
    await hour(shop, still, DAY)
    assert await status(shop) == "active"
    await hour(shop, still)
    (first,) = await bills(shop)
    assert (first.reason, first.plan, first.total_minor) == ("first", "starter", 2261)
    await hour(shop, still, 32 * DAY)
    one, two = await bills(shop)
    assert (two.period_first, two.reason) == (one.period_end, "renewal")
    assert await status(shop) == "read_only"
    await pay(shop, two)
    assert await status(shop) == "read_only", "the older one is unpaid"
    await pay(shop, one, 1000)
    assert await status(shop) == "read_only", "not in full"
    await pay(shop, one, 1261, "rest")
    assert await status(shop) == "active"


async def test_a_payment_counts_once_and_never_too_much(shop: Shop, still: FixedClock) -> None:
    await take_out(shop)
    (bill,) = await bills(shop)
    with pytest.raises(TooMuch):
        await pay(shop, bill, bill.total_minor + 1)
    await pay(shop, bill, 100, "one")
    with pytest.raises(PaidTwice):
        await pay(shop, bill, 100, "one")
    assert (await bills(shop))[0].open_minor == bill.total_minor - 100


async def test_an_operators_freeze_stays_whatever_is_paid_and_ends_as_the_bills_decide(
    shop: Shop, still: FixedClock
) -> None:
    await take_out(shop)
    (bill,) = await bills(shop)
    await shop.db.run(shop.scope, step, FROZEN)
    await hour(shop, still, 22 * DAY)
    assert await status(shop) == "frozen"
    await shop.db.run(shop.scope, settle, lift=True)
    assert await status(shop) == "grace", "it was not paid meanwhile"
    await shop.db.run(shop.scope, step, FROZEN)
    await pay(shop, bill)
    assert await status(shop) == "frozen"
    await shop.db.run(shop.scope, settle, lift=True)
    assert await status(shop) == "active"


async def test_numbers_have_no_gap_though_businesses_subscribe_and_fail_side_by_side(
    shop: Shop, still: FixedClock
) -> None:
    shops = [shop, *[await open_shop(shop.db) for _ in range(4)]]

    async def one(each: Shop, *, fails: bool) -> None:
        try:
            async with each.db.begin(each.scope) as tx:
                await subscribe(tx, "starter", "year", BUYER, SELLER)
                if fails:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return

    await asyncio.gather(*(one(each, fails=place % 2 == 1) for place, each in enumerate(shops)))
    await run(shop.db, SELLER)
    numbers = sorted([(await bills(each))[0].number for each in shops[::2]])
    sequence = [int(number.partition("-")[2]) for number in numbers]
    assert sequence == list(range(sequence[0], sequence[0] + 3))
    assert not any([await bills(each) for each in shops[1::2]])


async def test_two_runs_side_by_side_do_everything_once(shop: Shop, still: FixedClock) -> None:
    shops = [shop, *[await open_shop(shop.db) for _ in range(3)]]
    for each in shops:
        await put_on_trial(each, still.now() + timedelta(minutes=1))
        await take_out(each)
    still.advance(timedelta(hours=1))
    await asyncio.gather(run(shop.db, SELLER), run(shop.db, SELLER))
    for each in shops:
        assert len(await bills(each)) == 1
        assert await status(each) == "active"
        assert len(await rows(each, "SELECT id FROM billing_step WHERE tenant_id = $1")) <= 1


async def test_after_ninety_days_the_business_is_closed_and_its_invoices_are_kept(
    shop: Shop, still: FixedClock, clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(environment="test", data_dir=tmp_path)
    use_settings(settings)
    monkeypatch.setattr(anchors, "_of_process", [Outside(Keyring.open(settings, {}), Anchors(tmp_path / "anchors"))])
    await take_out(shop)
    (bill,) = await bills(shop)
    await pay(shop, bill, 21)
    await hour(shop, still, 104 * DAY)
    assert await status(shop) == "suspended"
    await hour(shop, still)
    waiting = await rows(shop, "SELECT id FROM job WHERE tenant_id = $1 AND name = 'billing.close'")
    assert len(waiting) == 1
    await work_off(shop.db, shop.tenant.id)
    assert await status(shop) == "closed"
    still.advance(31 * DAY)
    async with shop.db.begin(shop.scope) as tx:
        past = tx.now - 200 * DAY
        await tx.execute(
            "UPDATE tenant SET closed_at = $2, delete_after = $3 WHERE id = $1", tx.tenant, past, past + 31 * DAY
        )
    await erase(shop.db, shop.tenant.id)
    admin = await asyncpg.connect(clone.admin_url)
    try:
        kept = await admin.fetchrow("SELECT invoice, payments FROM kept_invoice WHERE number = $1", bill.number)
    finally:
        await admin.close()
    assert kept is not None
    assert json.loads(kept["invoice"])["total_minor"] == bill.total_minor
    assert [one["amount_minor"] for one in json.loads(kept["payments"])] == [21]
