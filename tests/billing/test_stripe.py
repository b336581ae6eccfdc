"""Paying by card: the checkout page, signed events, and that only what the provider says when asked back counts."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from retail.billing.stripe import NotSigned, read_event
from retail.tenants.standstill import LIVES
from tests.billing.provider import SECRETS, body_of, deliver, led_to, sign
from tests.billing.worlds import bills, rows, status, take_out
from tests.support.fake_stripe import FakeStripe
from tests.support.web import Site
from tests.support.world import Shop

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def owe(shop: Shop) -> UUID:
    """Let a business owe an invoice that fell due a month ago, and be frozen for it."""
    await take_out(shop)
    (bill,) = await bills(shop)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET status = 'suspended' WHERE id = $1", tx.tenant)
    LIVES.forget(shop.tenant.id)
    return bill.id


async def open_checkout(site: Site, shop: Shop, invoice: UUID, stripe: FakeStripe) -> str:
    browser = await site.member(shop)
    answer = await browser.post(f"/t/{shop.tenant.slug}/billing/invoices/{invoice}/checkout")
    return led_to(answer)


async def test_a_paid_invoice_unfreezes_at_once_and_counts_once_for_ten_copies(
    paying: Site, shop: Shop, stripe: FakeStripe
) -> None:
    invoice = await owe(shop)
    session = await open_checkout(paying, shop, invoice, stripe)
    assert await open_checkout(paying, shop, invoice, stripe) == session, "two clicks are one page"
    stripe.pay(session)
    body = body_of(session)
    answers = await asyncio.gather(*(deliver(paying, body) for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {204, 503}, "on a busy machine some are to come again"
    assert (await deliver(paying, body)).status_code == 204
    assert await status(shop) == "active"
    paid = await rows(shop, "SELECT kind, amount_minor, reference FROM billing_payment WHERE tenant_id = $1")
    assert [tuple(one) for one in paid] == [("stripe", 7021, f"pi_{session}")]
    asked = len(stripe.asked)
    assert (await deliver(paying, body)).status_code == 204
    assert len(stripe.asked) == asked, "a known event asks for nothing"


async def test_a_forged_or_old_or_foreign_event_changes_nothing(paying: Site, shop: Shop, stripe: FakeStripe) -> None:
    invoice = await owe(shop)
    session = await open_checkout(paying, shop, invoice, stripe)
    stripe.pay(session)
    body = body_of(session)
    assert (await deliver(paying, body, secret="whsec_other")).status_code == 400
    assert (await deliver(paying, body, ago=300)).status_code == 400
    assert (await deliver(paying, body, ago=-301)).status_code == 400
    visitor = paying.visitor()
    assert (await visitor.post("/stripe-events", content=body)).status_code == 400
    assert await status(shop) == "suspended"
    assert (await deliver(paying, body, secret=SECRETS[1], ago=299)).status_code == 204, "the older secret still counts"
    assert await status(shop) == "active"


async def test_what_an_event_says_is_not_believed(paying: Site, shop: Shop, stripe: FakeStripe) -> None:
    invoice = await owe(shop)
    session = await open_checkout(paying, shop, invoice, stripe)
    lie = body_of(session, payment_status="paid", metadata={"tenant": str(shop.tenant.id), "invoice": str(invoice)})
    assert (await deliver(paying, lie)).status_code == 204
    assert await status(shop) == "suspended", "asked back, the provider says that it is unpaid"
    assert not await rows(shop, "SELECT id FROM billing_payment WHERE tenant_id = $1")


async def test_an_event_comes_again_while_the_provider_cannot_be_asked(
    paying: Site, shop: Shop, stripe: FakeStripe
) -> None:
    invoice = await owe(shop)
    session = await open_checkout(paying, shop, invoice, stripe)
    stripe.pay(session)
    body = body_of(session)
    stripe.down = True
    assert (await deliver(paying, body)).status_code == 503
    assert await status(shop) == "suspended"
    stripe.down = False
    assert (await deliver(paying, body)).status_code == 204
    assert await status(shop) == "active"


async def test_money_for_nothing_is_kept_on_the_trail(paying: Site, shop: Shop, stripe: FakeStripe) -> None:
    invoice = await owe(shop)
    session = await open_checkout(paying, shop, invoice, stripe)
    stripe.pay(session)
    await deliver(paying, body_of(session))
    stripe.sessions["cs_again"] = stripe.sessions[session] | {
        "id": "cs_again",
        "payment_intent": {"id": "pi_again", "object": "payment_intent"},
    }
    for _ in range(2):
        assert (await deliver(paying, body_of("cs_again"))).status_code == 204
    told = await rows(shop, "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'invoice.overpaid'")
    assert [json.loads(one["facts"])["reference"] for one in told] == ["pi_again"]
    assert len(await rows(shop, "SELECT id FROM billing_payment WHERE tenant_id = $1")) == 1


@pytest.mark.parametrize("header", ["", "t=,v1=", "v1=ab", "t=1,t=2,v1=ab", "t=9e9,v1=ab", "t=١٢,v1=ab", "t=1" * 99])
def test_nonsense_is_no_signature(header: str) -> None:
    with pytest.raises(NotSigned):
        read_event(SECRETS, header, b"{}", NOW)


def test_a_signature_holds_for_its_body_and_its_five_minutes() -> None:
    body, at = b'{"id":"e","type":"t","data":{"object":{"id":"o"}}}', int(NOW.timestamp())
    header = f"t={at},v1={sign(SECRETS[1], at, body)}"
    assert read_event(SECRETS, header, body, NOW).about == "o"
    for wrong in (body + b" ", body.replace(b"o", b"p")):
        with pytest.raises(NotSigned):
            read_event(SECRETS, header, wrong, NOW)
    with pytest.raises(NotSigned):
        read_event(SECRETS, header, body, NOW + timedelta(minutes=5))
    with pytest.raises(NotSigned):
        read_event((), header, body, NOW)
