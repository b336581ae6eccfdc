"""What the payment provider tells: signed, not old, counted once, and believed only after asking back."""

from __future__ import annotations

import logging
from datetime import UTC
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.billing.errors import NoCards, NothingToPay, PaidTwice, TooMuch
from retail.billing.operations import Payment, note_overpaid, note_payment
from retail.billing.stripe import TOLD_OF, NotSigned, Paid, Stripe, StripeEvent, read_event
from retail.kit.errors import NotFound
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import db, settings
from retail.runtime.web.outgoing import Outgoing
from retail.tenants.standstill import LIVES

MOST_BYTES: Final = 256 * 1024
_PROVIDER: Final = Actor("system", None, "Stripe")
logger = logging.getLogger(__name__)


async def stripe(request: Request) -> Response:
    """Take an event: 400 for one that isn't signed, 503 (it comes again) where the provider can't be asked back."""
    seller, body = settings(request).seller, await request.body()
    database = db(request)
    try:
        told = read_event(
            seller.stripe_webhook_secrets, request.headers.get("stripe-signature", ""), body, database.clock.now()
        )
    except NotSigned:
        logger.warning("A payment event without a good signature was refused.")
        return Response(status_code=400)
    try:
        await take(database, Stripe(seller, Outgoing.of(settings(request))), told)
    except NoCards:
        return Response(status_code=503, headers={"Retry-After": "60"})
    return Response(status_code=204)


async def take(database: Database, provider: Stripe, told: StripeEvent) -> None:
    """Do what an event means, once. Raises NoCards: then it isn't done, and is to come again."""
    async with database.platform() as unit:
        fresh = await unit.fetchval("SELECT auth_billing_event($1, $2, $3)", told.id[:200], told.kind[:100], unit.now)
    if not fresh:
        return
    paid = await provider.paid(told.session) if told.kind in TOLD_OF else None
    if paid is not None:
        await _note(database, paid)
    async with database.platform() as unit:
        await unit.execute("SELECT auth_billing_event_done($1, $2)", told.id[:200], unit.now)


async def _note(database: Database, paid: Paid) -> None:
    """Note a payment; one that nothing is open for is kept on the trail, for somebody to send it back."""
    acting = Scope(paid.tenant, _PROVIDER, role="system")
    day = database.clock.now().astimezone(UTC).date()
    payment = Payment(paid.invoice, "stripe", paid.reference, paid.amount_minor, day, paid.currency)
    try:
        await database.run(acting, note_payment, payment)
    except PaidTwice:
        return
    except NotFound:
        logger.warning("A payment names an invoice that isn't here; it is left to the provider's own page.")
        return
    except (NothingToPay, TooMuch):
        await database.run(acting, note_overpaid, payment)
    LIVES.forget(paid.tenant)
