"""What the payment provider tells: signed, not old, counted once, and believed only after asking back."""

from __future__ import annotations

import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.billing.errors import NoCards
from retail.billing.receiving import take_charged, take_done
from retail.billing.stripe import INTENTS, SESSIONS, NotSigned, Stripe, StripeEvent, load, read_event
from retail.runtime.db import Database
from retail.runtime.web.context import db, settings
from retail.runtime.web.outgoing import Outgoing

MOST_BYTES: Final = 256 * 1024
logger = logging.getLogger(__name__)


async def stripe(request: Request) -> Response:
    """Take an event: 400 for one that isn't signed, 503 (it comes again) where the provider can't be asked back."""
    seller, body = settings(request).seller, await request.body()
    database = db(request)
    await load()
    try:
        told = read_event(
            seller.stripe_webhook_secrets, request.headers.get("stripe-signature", ""), body, database.clock.now()
        )
    except NotSigned:
        logger.warning("A payment event without a good signature was refused.")
        return Response(status_code=400)
    try:
        provider = Stripe(seller, Outgoing.of(settings(request)))
        await take(database, provider, told, settings(request).base_url)
    except NoCards:
        return Response(status_code=503, headers={"Retry-After": "60"})
    return Response(status_code=204)


async def take(database: Database, provider: Stripe, told: StripeEvent, base_url: str) -> None:
    """Do what an event means, once. Raises NoCards: then it isn't done, and is to come again."""
    async with database.platform() as unit:
        fresh = await unit.fetchval("SELECT auth_billing_event($1, $2, $3)", told.id[:200], told.kind[:100], unit.now)
    if not fresh:
        return
    if told.kind in SESSIONS:
        await take_done(database, await provider.done(told.about))
    elif told.kind in INTENTS and (became := await provider.charged(told.about)) is not None:
        await take_charged(database, became, base_url)
    async with database.platform() as unit:
        await unit.execute("SELECT auth_billing_event_done($1, $2)", told.id[:200], unit.now)
