"""The owner's pages: choosing and changing a plan, what comes next, and that nobody else sees or does it."""

from __future__ import annotations

import re

import pytest

from retail.kit.clock import FixedClock
from retail.tenants.life import FROZEN, step
from retail.tenants.standstill import LIVES
from tests.billing.worlds import DAY, bills, hour, pay, put_on_trial, rows, status, take_out
from tests.support.web import Site, enrol_operator
from tests.support.world import Shop, open_shop

CHOICE = {
    "plan": "starter", "cycle": "month", "company": "Corner & Co", "address": "Altstadt 1", "country": "DE",
    "tax_id": "",
}  # fmt: skip


async def test_the_owner_chooses_a_plan_and_changes_it_alone(site: Site, shop: Shop, still: FixedClock) -> None:
    browser, page = await site.member(shop), f"/t/{shop.tenant.slug}/billing"
    assert "Choose a plan" in (await browser.get(page)).text
    for wrong in ({"plan": "free"}, {"cycle": "day"}, {"company": ""}, {"country": "XX"}, {"tax_id": "12345"}):
        assert (await browser.post(f"{page}/subscription", data=CHOICE | wrong)).status_code == 422, wrong
    assert (await browser.post(f"{page}/subscription", data=CHOICE)).status_code == 303
    assert (await browser.post(f"{page}/subscription", data=CHOICE)).status_code == 409
    (first,) = await bills(shop)
    assert (first.net_minor, first.total_minor) == (1900, 2261)
    shown = (await browser.get(page)).text
    assert f"Invoice {first.number} of €22.61 falls due." in shown
    assert "A bill is unpaid" not in shown
    assert first.number in shown
    assert "Change the plan" in shown
    up = {"plan": "pro", "cycle": "month", "version": "2"}
    assert (await browser.post(f"{page}/plan", data=up)).status_code == 303
    assert (await browser.post(f"{page}/plan", data=up)).status_code == 409, "it was seen before the change"
    second = (await bills(shop))[1]
    assert (second.reason, second.net_minor) == ("change", 5900 - 1900)
    down = {"plan": "starter", "cycle": "month", "version": "3"}
    assert (await browser.post(f"{page}/plan", data=down)).status_code == 303
    assert len(await bills(shop)) == 2, "what is smaller waits for the period's end"
    (kept,) = await rows(shop, "SELECT plan, next_plan FROM subscription WHERE tenant_id = $1")
    assert tuple(kept) == ("pro", "starter")
    assert "Stay monthly" in (await browser.get(page)).text
    for bill in await bills(shop):
        await pay(shop, bill)
    await hour(shop, still, 32 * DAY)
    third = (await bills(shop))[2]
    assert (third.plan, third.net_minor, third.reason) == ("starter", 1900, "renewal")


async def test_a_choice_is_shown_before_it_is_taken_and_never_preset_to_less(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = 'enterprise' WHERE id = $1", tx.tenant)
    browser, page = await site.member(shop), f"/t/{shop.tenant.slug}/billing"
    shown = (await browser.get(page)).text
    assert '<option value="enterprise" selected' in " ".join(shown.split())
    seen = await browser.post(f"{page}/preview", data=CHOICE)
    assert seen.status_code == 200
    for words in ("It holds at once.", "€19.00", "€3.61", "€22.61", "of 1 stores: none is taken away", "Take it"):
        assert words in seen.text, words
    assert not await bills(shop), "nothing is stored by looking"
    back = await browser.post(f"{page}/preview", data=CHOICE | {"company": "Typed & Sons", "back": "on"})
    assert "Typed &amp; Sons" in back.text
    assert (await browser.post(f"{page}/preview", data=CHOICE | {"company": ""})).status_code == 422
    await browser.post(f"{page}/subscription", data=CHOICE)
    up = {"plan": "pro", "cycle": "month", "version": "2"}
    seen = await browser.post(f"{page}/preview", data=up)
    for words in ("It holds at once.", "Not used of Starter", "€47.60", "€70.21"):
        assert words in seen.text, words
    assert (await browser.post(f"{page}/preview", data=up | {"version": "1"})).status_code == 409
    await browser.post(f"{page}/plan", data=up)
    down = await browser.post(f"{page}/preview", data=CHOICE | {"version": "3"})
    assert "It holds from" in down.text
    assert "Nothing is invoiced now." in down.text
    assert len(await bills(shop)) == 2


async def test_a_plan_chosen_on_trial_costs_nothing_until_the_trial_ends(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    await put_on_trial(shop, still.now() + 3 * DAY)
    browser, page = await site.member(shop), f"/t/{shop.tenant.slug}/billing"
    shown = (await browser.get(page)).text
    assert "if no plan is chosen" in shown
    assert "The trial ends without a plan." in shown
    assert "A bill is unpaid" not in shown
    otto = site.visitor((await enrol_operator(site.db))[2])
    assert "The trial ends without a plan." in (await otto.get(f"/platform/businesses/{shop.tenant.slug}")).text
    await browser.post(f"{page}/subscription", data=CHOICE)
    await browser.post(f"{page}/plan", data={"plan": "pro", "cycle": "year", "version": "1"})
    assert not await bills(shop)
    assert "the trial ends" in (await browser.get(page)).text
    await hour(shop, still, 3 * DAY)
    (first,) = await bills(shop)
    assert (first.plan, first.cycle, first.net_minor) == ("pro", "year", 59000)


async def test_the_banner_says_what_comes_next_and_the_pages_go_still_by_grades(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    await take_out(shop)
    base = f"/t/{shop.tenant.slug}"
    store = {"name": "X", "code": "X", "timezone": "UTC"}
    answers = {}
    for days in (14, 7, 7, 14):
        await hour(shop, still, days * DAY)
        LIVES.forget(shop.tenant.id)
        browser = await site.member(shop)  # who was signed in before the weeks passed is no longer
        banner = (await browser.get(f"{base}/billing/standing")).text
        stands = await status(shop)
        assert "A bill is unpaid" in banner
        assert "A bill is unpaid" in (await browser.get(f"{base}/products")).text
        changed = await browser.post(f"{base}/stores", data=store | {"code": ""})
        approved = await browser.post(f"{base}/api/v1/coupons/check", json={"code": "none"})
        paying = await browser.post(f"{base}/billing/buyer", data=CHOICE | {"version": "2"})
        exported = await browser.get(f"{base}/exports")
        answers[stands] = (
            changed.status_code != 403, approved.status_code != 403, paying.status_code != 403, exported.status_code
        )  # fmt: skip
    assert answers == {
        "past_due": (True, True, True, 200),
        "grace": (False, True, True, 200),
        "read_only": (False, True, True, 200),
        "suspended": (False, False, True, 200),
    }
    (bill,) = await bills(shop)
    await pay(shop, bill)
    assert "A bill is unpaid" not in (await browser.get(f"{base}/billing/standing")).text


async def test_from_read_only_on_no_shift_begins_and_an_open_one_goes_on(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    from tests.support.selling import open_counter

    await open_counter(shop)
    await take_out(shop)
    await hour(shop, still, 29 * DAY)
    assert await status(shop) == "read_only"
    LIVES.forget(shop.tenant.id)
    browser, base = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/tills"
    claim = {"device": str(shop.store), "label": "Front"}
    assert (await browser.post(f"{base}/{shop.till}/claims", json=claim)).status_code == 200
    other = await browser.post(f"{base}/{shop.second_till}/claims", json=claim)
    assert (other.status_code, other.json()["code"]) == (403, "stands_still")
    setup = await browser.get(f"{base}/{shop.till}/setup")
    assert setup.json()["status"] == "read_only"


@pytest.mark.parametrize("role", ["manager", "clerk", "viewer"])
async def test_only_who_may_sees_and_does_it(site: Site, shop: Shop, role: str) -> None:
    await take_out(shop)
    (bill,) = await bills(shop)
    other = await site.member(shop, role)
    foreign = await site.member(await open_shop(shop.db))
    base = f"/t/{shop.tenant.slug}/billing"
    for path in (base, f"{base}/invoices/{bill.id}"):
        assert (await other.get(path)).status_code == 403
        assert (await foreign.get(path)).status_code == 404
    for path in ("subscription", "plan", "buyer", f"invoices/{bill.id}/checkout"):
        assert (await other.post(f"{base}/{path}", data=CHOICE)).status_code == 403
        assert (await foreign.post(f"{base}/{path}", data=CHOICE)).status_code == 404
    elsewhere = await open_shop(shop.db)
    own = await site.member(elsewhere)
    assert (await own.get(f"/t/{elsewhere.tenant.slug}/billing/invoices/{bill.id}")).status_code == 404


async def test_an_operator_notes_a_transfer_and_it_opens_the_business(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    await take_out(shop)
    await hour(shop, still, 22 * DAY)
    (bill,) = await bills(shop)
    _, _, secret = await enrol_operator(site.db)
    browser, page = site.visitor(secret), f"/platform/businesses/{shop.tenant.slug}"
    shown = (await browser.get(page)).text
    assert bill.number in shown
    assert "in grace" in shown
    noted = {"invoice": str(bill.id), "amount": "70.21", "reference": "SEPA 1", "received_on": "2026-12-01"}
    for wrong in (
        {"amount": ""},
        {"amount": "70.22"},
        {"reference": ""},
        {"invoice": ""},
        {"received_on": "2027-12-01"},
    ):
        answer = await browser.post(f"{page}/payments", data=noted | wrong)
        assert answer.status_code in {409, 422}, wrong
    assert await status(shop) == "grace"
    assert (await browser.post(f"{page}/payments", data=noted)).status_code == 303
    assert await status(shop) == "active"
    assert (await browser.post(f"{page}/payments", data=noted)).status_code == 409
    told = await rows(shop, "SELECT actor_name FROM audit_event WHERE tenant_id = $1 AND action = 'invoice.paid'")
    assert [one["actor_name"] for one in told] == ["Otto Operator"]
    (payment,) = await rows(shop, "SELECT id FROM billing_payment WHERE tenant_id = $1")
    back = f"{page}/payments/{payment['id']}/removal"
    assert back in (await browser.get(page)).text
    assert (await (await site.member(shop)).post(back)).status_code == 403
    assert (await browser.post(back)).status_code == 422, "a reason is asked for"
    why = {"reason": "Booked for the wrong shop"}
    assert (await browser.post(back, data=why)).status_code == 303
    assert await status(shop) == "grace", "it stands as its bills decide again"
    assert (await browser.post(back, data=why)).status_code == 409
    assert "taken back" in (await browser.get(page)).text
    assert (await browser.post(f"{page}/payments", data=noted)).status_code == 303, "it may be noted as it was"
    assert (await browser.post(f"{page}/payments", data=noted)).status_code == 409
    assert await status(shop) == "active"
    assert (await bills(shop))[0].open_minor == 0
    trail = await rows(
        shop, "SELECT id FROM audit_event WHERE tenant_id = $1 AND action = 'invoice.payment_taken_back'"
    )
    assert len(trail) == 1
    own = (await (await site.member(shop)).get(f"/t/{shop.tenant.slug}/audit")).text
    platform = (await browser.get("/platform/audit")).text
    for shown in (own, platform):
        assert f"Number: {bill.number}; Amount: €70.21; Kind: transfer; Reference: SEPA 1" in shown
        assert f"Number: {bill.number}; Amount: €70.21; Reason: Booked for the wrong shop; Reference: SEPA 1" in shown
        assert "Otto Operator" in shown


async def test_a_coupon_of_the_operator_takes_its_share_off_and_counts(
    site: Site, shop: Shop, still: FixedClock
) -> None:
    _, _, secret = await enrol_operator(site.db)
    operator, code = site.visitor(secret), f"SPRING-{shop.tenant.id.hex[-12:].upper()}"
    made = {"code": code, "percent": "50", "periods": "2", "most": "1", "until": ""}
    for wrong in ({"code": "a b"}, {"percent": "0"}, {"percent": "101"}, {"periods": ""}):
        assert (await operator.post("/platform/coupons", data=made | wrong)).status_code == 422, wrong
    assert (await operator.post("/platform/coupons", data=made)).status_code == 303
    assert (await operator.post("/platform/coupons", data=made)).status_code == 409
    assert code in (await operator.get("/platform/coupons")).text
    await put_on_trial(shop, still.now() + DAY)
    await take_out(shop, "starter")
    browser, page = await site.member(shop), f"/t/{shop.tenant.slug}/billing"
    assert (await browser.post(f"{page}/coupon", data={"code": "NONE-1", "version": "1"})).status_code == 409
    assert (await browser.post(f"{page}/coupon", data={"code": code.lower(), "version": "1"})).status_code == 303
    assert "50 % off the next 2 invoices" in (await browser.get(page)).text
    again = await browser.post(f"{page}/coupon", data={"code": code, "version": "2"})
    assert again.status_code == 409
    other = await open_shop(shop.db)
    await take_out(other)
    late = await (await site.member(other)).post(
        f"/t/{other.tenant.slug}/billing/coupon", data={"code": code, "version": "2"}
    )
    assert late.status_code == 409, "it was for one business"
    nets = []
    for days in (1, 31, 31):
        await hour(shop, still, days * DAY)
        for bill in await bills(shop):
            if bill.open_minor:
                await pay(shop, bill)
                nets.append(bill.net_minor)
    assert nets == [950, 950, 1900]


async def test_a_plan_has_room_for_so_many_and_what_is_there_stays(site: Site, shop: Shop) -> None:
    await take_out(shop, "starter")
    browser, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    store = await browser.post(f"{base}/api/v1/stores", json={"code": "X", "name": "X", "timezone": "UTC"})
    assert (store.status_code, store.json()["code"]) == (409, "plan_too_small")
    till = await browser.post(f"{base}/api/v1/tills", json={"store": str(shop.store), "code": "T9", "name": "9"})
    assert (till.status_code, till.json()["code"]) == (409, "plan_too_small")
    assert len(await rows(shop, "SELECT id FROM store WHERE tenant_id = $1")) == 2, "what is there stays"
    await browser.post(f"{base}/billing/plan", data={"plan": "pro", "cycle": "month", "version": "2"})
    store = await browser.post(f"{base}/api/v1/stores", json={"code": "X", "name": "X", "timezone": "UTC"})
    assert store.status_code == 201, store.text


async def test_the_invoices_go_out_as_a_file(site: Site, shop: Shop) -> None:
    await take_out(shop)
    (bill,) = await bills(shop)
    answer = await (await site.member(shop)).get(f"/t/{shop.tenant.slug}/billing/invoices/export?format=csv")
    assert answer.status_code == 200
    assert f"{bill.number}," in answer.text
    assert ",EUR,59.00,11.21,70.21,70.21" in answer.text


async def test_a_freeze_by_an_operator_is_said_on_every_page_without_a_way_to_pay(site: Site, shop: Shop) -> None:
    browser, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    async with shop.db.begin(shop.scope) as tx:
        await step(tx, FROZEN, reason="test")
    LIVES.forget(shop.tenant.id)
    banner = (await browser.get(f"{base}/billing/standing")).text
    assert "An operator has frozen this business" in banner
    assert "Pay now" not in banner
    assert "An operator has frozen this business" in (await browser.get(f"{base}/billing")).text


async def test_an_operator_is_told_what_holds_now_and_what_from_when(site: Site, shop: Shop, still: FixedClock) -> None:
    page = f"/platform/businesses/{shop.tenant.slug}"

    async def said(plan: str) -> str:
        _person, _email, secret = await enrol_operator(site.db)
        operator = site.visitor(secret)
        shown = (await operator.post(f"{page}/plan/preview", data={"plan": plan})).text
        version = re.search(r'name="version"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="version"', shown)
        assert version is not None
        setting = {"plan": plan, "version": version[1] or version[2], "reason": "As agreed by phone"}
        sent = await operator.post(f"{page}/plan", data=setting)
        assert sent.status_code == 303, sent.text
        return (await operator.get(page)).text.replace("&#39;", "'")

    assert "The plan is Pro from now on, without a bill." in await said("pro")
    await put_on_trial(shop, still.now() + 3 * DAY)
    await take_out(shop, "pro")
    on_trial = await said("starter")
    assert "Starter is chosen. It holds from its first invoice on, when the trial ends; until then Pro." in on_trial
    assert "Starter has no room for all there is (Stores: 2 of 1" in on_trial
    assert "no room for all" not in await said("enterprise")
    await hour(shop, still, 3 * DAY)
    assert "Starter is chosen. Enterprise holds until" in await said("starter")
    assert "The plan is Enterprise from now on." in await said("enterprise")
