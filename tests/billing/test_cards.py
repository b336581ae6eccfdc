"""A kept card: given on the provider's page, charged with every invoice, refused, tried again, and forgotten."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.billing import receiving
from retail.billing.cards import card_of
from retail.billing.errors import NoCards
from retail.kit.clock import FixedClock
from retail.runtime.mail import letters
from retail.settings import Settings, use_settings
from retail.tenants.life import CLOSED, CLOSING, step
from tests.billing.provider import body_of, deliver, led_to, settings_with
from tests.billing.worlds import DAY, bills, hour, rows, status, take_out
from tests.support.fake_stripe import FakeStripe
from tests.support.told import posted, relay
from tests.support.web import Site, enrol
from tests.support.working import work_off
from tests.support.world import Shop, open_shop


@pytest.fixture(autouse=True)
async def jobs_ask_it(_settings: None, stripe: FakeStripe) -> AsyncIterator[None]:
    """Let jobs ask the same provider as the pages."""
    use_settings(Settings(**settings_with(stripe)))
    yield
    use_settings(Settings(environment="test"))


async def keep(site: Site, shop: Shop, stripe: FakeStripe) -> str:
    """Give a card on the provider's page; gives the session."""
    browser = await site.member(shop)
    answer = await browser.post(f"/t/{shop.tenant.slug}/billing/card")
    session = led_to(answer)
    stripe.pay(session)
    assert (await deliver(site, body_of(session))).status_code == 204
    return session


async def charges(shop: Shop) -> list[tuple[Any, ...]]:
    found = await rows(shop, "SELECT outcome, why FROM billing_charge WHERE tenant_id = $1 ORDER BY asked_at, id")
    return [tuple(one) for one in found]


async def kinds(shop: Shop, email: str) -> list[str]:
    async with shop.db.platform() as unit:
        return [one.kind for one in reversed((await letters(unit, q=email)).items)]


async def test_a_card_is_kept_and_every_invoice_is_charged_to_it(
    paying: Site, shop: Shop, stripe: FakeStripe, still: FixedClock
) -> None:
    _person, email, _secret = await enrol(shop.db, shop.tenant.id, "owner")
    await keep(paying, shop, stripe)
    page = (await (await paying.member(shop)).get(f"/t/{shop.tenant.slug}/billing")).text
    assert "Visa •••• 4242" in page
    await take_out(shop)
    await work_off(shop.db, shop.tenant.id)
    (first,) = await bills(shop)
    assert (first.open_minor, await status(shop)) == (0, "active")
    await hour(shop, still, 31 * DAY)
    await work_off(shop.db, shop.tenant.id)
    assert [one.open_minor for one in await bills(shop)] == [0, 0], "a renewal too, and nobody did anything"
    assert [tuple(one) for one in await charges(shop)] == [("paid", "")] * 2
    assert await kinds(shop, email) == ["billing_invoice", "billing_paid"] * 2
    assert {made["customer"] for made in stripe.intents.values()} == {next(iter(stripe.sessions.values()))["customer"]}
    for sent in stripe.headers:
        assert not {"x-stripe-client-user-agent", "x-stripe-client-telemetry"} & set(sent)


async def test_a_refused_card_is_told_of_and_tried_again_until_the_invoice_is_due(
    paying: Site, shop: Shop, stripe: FakeStripe, still: FixedClock
) -> None:
    _person, email, _secret = await enrol(shop.db, shop.tenant.id, "owner")
    await keep(paying, shop, stripe)
    stripe.refuses = "insufficient_funds"
    await take_out(shop)
    await work_off(shop.db, shop.tenant.id)
    assert await charges(shop) == [("refused", "insufficient_funds")]
    (bill,) = await bills(shop)
    page = f"/t/{shop.tenant.slug}/billing/invoices/{bill.id}"
    shown = (await (await paying.member(shop)).get(page)).text
    assert "There is not enough money on it. It is tried again on" in shown
    for days, tries in ((2, 1), (1, 2), (4, 3), (6, 4), (20, 4)):
        still.advance(days * DAY)
        await work_off(shop.db, shop.tenant.id)
        assert len(await charges(shop)) == tries, days
    told = [one for one in await kinds(shop, email) if one == "billing_refused"]
    assert len(told) == 4
    rung = [facts for kind, facts in await posted(shop) if kind == "payment_failed"]
    assert rung == [{"number": bill.number}] * 4
    assert "It is not tried again by itself." in (await (await paying.member(shop)).get(page)).text


async def test_another_card_pays_what_the_first_one_could_not(
    paying: Site, shop: Shop, stripe: FakeStripe, still: FixedClock
) -> None:
    first = await keep(paying, shop, stripe)
    stripe.refuses = "expired_card"
    await take_out(shop)
    await work_off(shop.db, shop.tenant.id)
    await hour(shop, still, 30 * DAY)
    await work_off(shop.db, shop.tenant.id)
    assert await status(shop) == "read_only"
    stripe.refuses = ""
    await keep(paying, shop, stripe)
    await work_off(shop.db, shop.tenant.id)
    assert not any(one.open_minor for one in await bills(shop))
    assert await status(shop) == "active", "everything works again"
    assert stripe.forgotten == [f"cus_{first}"], "the provider forgets the card before"


async def test_cards_that_are_refused_one_after_the_other_are_not_tried_the_oftener(
    paying: Site, shop: Shop, stripe: FakeStripe, still: FixedClock
) -> None:
    stripe.refuses = "card_declined"
    await take_out(shop)
    for _card in range(3):
        still.advance(timedelta(hours=1))
        await keep(paying, shop, stripe)
        still.advance(timedelta(minutes=1))
        await work_off(shop.db, shop.tenant.id)
    assert len(await charges(shop)) == 3, "each card once, at once"
    for days, tries in ((3, 4), (4, 5), (6, 6), (5, 6)):
        still.advance(days * DAY)
        await work_off(shop.db, shop.tenant.id)
        assert len(await charges(shop)) == tries, days


async def test_a_card_given_while_paying_is_kept_only_where_that_was_asked_for(
    paying: Site, shop: Shop, stripe: FakeStripe
) -> None:
    await take_out(shop)
    (bill,) = await bills(shop)
    browser, page = await paying.member(shop), f"/t/{shop.tenant.slug}/billing/invoices/{bill.id}/checkout"
    once = led_to(await browser.post(page))
    kept = led_to(await browser.post(page, data={"keep": "on"}))
    assert once != kept
    assert (stripe.sessions[once]["kept"], stripe.sessions[kept]["kept"]) == ("", "off_session")
    stripe.pay(once)
    await deliver(paying, body_of(once))
    async with shop.db.read(shop.scope) as read:
        assert await card_of(read) is None
    stripe.pay(kept)
    await deliver(paying, body_of(kept))
    async with shop.db.read(shop.scope) as read:
        card = await card_of(read)
    assert card is not None
    assert (card.customer, card.last_four, card.expires) == (f"cus_{kept}", "4242", "2031-04")


async def test_what_a_bank_says_late_counts_when_it_says_it(paying: Site, shop: Shop, stripe: FakeStripe) -> None:
    await keep(paying, shop, stripe)
    stripe.thinks = True
    await take_out(shop)
    await work_off(shop.db, shop.tenant.id)
    assert await charges(shop) == [("waits", "")]
    (intent,) = stripe.intents
    (bill,) = await bills(shop)
    assert bill.open_minor
    lie = body_of(intent, "payment_intent.succeeded", status="succeeded")
    assert (await deliver(paying, lie)).status_code == 204
    assert (await bills(shop))[0].open_minor, "asked back, the provider says that the bank still thinks"
    stripe.settle(intent)
    assert (await deliver(paying, body_of(intent, "payment_intent.succeeded"))).status_code == 204
    assert (await charges(shop), (await bills(shop))[0].open_minor) == ([("paid", "")], 0)
    assert len(await rows(shop, "SELECT id FROM billing_payment WHERE tenant_id = $1")) == 1


async def test_a_charge_that_was_never_heard_of_is_asked_for_again_under_its_own_key(
    paying: Site, shop: Shop, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(paying, shop, stripe)
    await take_out(shop)
    (bill,) = await bills(shop)
    scope, keys = shop.scope, []

    class Dies:
        """Charges, and is killed before anybody hears of it."""

        async def charge(self, tenant: UUID, invoice: Any, card: Any, key: str) -> None:
            keys.append(key)
            if len(keys) == 1:
                raise NoCards

    async def not_in_a_job(_tx: object) -> None:
        return None

    monkeypatch.setattr(receiving, "hold", not_in_a_job)
    for _time in range(2):
        with pytest.raises((NoCards, AttributeError)):
            await receiving.charge_now(shop.db, scope, Dies(), bill.id, "")  # type: ignore[arg-type]
    assert len(keys) == 2
    assert keys[0] == keys[1]


async def test_a_forgotten_card_is_charged_no_more_and_the_provider_forgets_it(
    paying: Site, shop: Shop, stripe: FakeStripe
) -> None:
    session = await keep(paying, shop, stripe)
    browser, page = await paying.member(shop), f"/t/{shop.tenant.slug}/billing"
    assert (await browser.post(f"{page}/card/removal")).status_code == 303
    assert (await browser.post(f"{page}/card/removal")).status_code == 409
    await take_out(shop)
    await work_off(shop.db, shop.tenant.id)
    assert stripe.forgotten == [f"cus_{session}"]
    assert (await charges(shop), len(stripe.intents)) == ([], 0)
    trail = await rows(
        shop,
        "SELECT action, facts FROM audit_event WHERE tenant_id = $1 AND action LIKE 'subscription.card%' ORDER BY at",
    )
    assert [one["action"] for one in trail] == ["subscription.card_kept", "subscription.card_removed"]
    assert json.loads(trail[0]["facts"])["last_four"] == "4242"
    assert "cus_" not in trail[0]["facts"]


@pytest.mark.parametrize("again", [False, True])
async def test_the_provider_forgets_the_card_of_a_business_that_is_closed_and_of_none_that_was_opened_again(
    paying: Site, shop: Shop, stripe: FakeStripe, again: bool
) -> None:
    session = await keep(paying, shop, stripe)
    async with shop.db.begin(shop.scope) as tx:
        await step(tx, CLOSING)
        await step(tx, CLOSED)
        if again:
            await step(tx, "active")
    await relay(shop)
    await work_off(shop.db, shop.tenant.id)
    assert stripe.forgotten == ([] if again else [f"cus_{session}"])
    async with shop.db.read(shop.scope) as read:
        assert (await card_of(read) is not None) is again


async def test_a_card_of_another_business_is_out_of_reach(paying: Site, shop: Shop, stripe: FakeStripe) -> None:
    other = await open_shop(shop.db)
    await keep(paying, other, stripe)
    await take_out(shop)
    await work_off(shop.db, shop.tenant.id)
    assert await charges(shop) == []
    page = await (await paying.member(shop)).get(f"/t/{shop.tenant.slug}/billing")
    assert "No card is kept" in page.text
    clerk = await paying.member(shop, "clerk")
    assert (await clerk.post(f"/t/{shop.tenant.slug}/billing/card")).status_code == 403
