"""Money and cards that the payment provider tells of: noted once, whether the event or the charge hears of it first."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from retail.billing import letters
from retail.billing.cards import begin_charge, end_charge, keep_card, waiting_charges
from retail.billing.errors import NothingToPay, PaidTwice, TooMuch
from retail.billing.operations import Payment, note_overpaid, note_payment
from retail.billing.queries import Invoice, today_of
from retail.billing.stripe import Card, Charged, Done, Paid, Stripe
from retail.kit.errors import NotFound
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold
from retail.runtime.tenancy import Actor, Scope
from retail.tenants.standstill import LIVES

_PROVIDER: Final = Actor("system", None, "Stripe")
logger = logging.getLogger(__name__)


async def take_done(database: Database, done: Done) -> None:
    """Note what was paid on a page of the provider, and keep the card that was to be kept."""
    if done.paid is not None:
        await take_payment(database, done.paid)
    if done.card is not None and done.tenant is not None:
        try:
            await database.run(_acting(done.tenant), keep_card, done.card)
        except NotFound:
            logger.warning("A card names a business that isn't here; it is left to the provider.")


async def take_payment(database: Database, paid: Paid) -> None:
    """Note a payment; one that nothing is open for is kept on the trail, for somebody to send it back."""
    acting = _acting(paid.tenant)
    async with database.read(acting) as read:
        day = await today_of(read)
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


async def take_charged(database: Database, became: Charged, base_url: str) -> None:
    """Note what a bank said at last of a charge that it was still thinking about; what was paid is paid anyway."""
    if became.paid is not None:
        await take_payment(database, became.paid)
    acting = _acting(became.tenant)
    async with database.read(acting) as read:
        waiting = await waiting_charges(read, became.invoice, became.reference)
    for charge in waiting:
        await database.run(acting, _end, charge, became, base_url)


async def charge_now(database: Database, scope: Scope, provider: Stripe, invoice: UUID, base_url: str) -> None:
    """Charge the kept card with an invoice, in a job. Raises NoCards where the provider can't be asked: come again."""
    asked = await database.run(scope, _begin, invoice)
    if asked is None:
        return
    charge, found, card = asked
    became = await provider.charge(scope.tenant, found, card, charge.hex)
    if became.paid is not None:
        await take_payment(database, became.paid)
    await database.run(scope, _end, charge, became, base_url)


async def _begin(tx: Tx, invoice: UUID) -> tuple[UUID, Invoice, Card] | None:
    await hold(tx)
    return await begin_charge(tx, invoice)


async def _end(tx: Tx, charge: UUID, became: Charged, base_url: str) -> None:
    ended = await end_charge(tx, charge, became)
    if ended is None:
        return
    if became.outcome == "refused":
        await letters.tell_refused(tx, became.invoice, became.why, ended.again_at, base_url)
    elif became.outcome == "paid":
        await letters.tell_paid(tx, became.invoice, base_url)


def _acting(tenant: UUID) -> Scope:
    return Scope(tenant, _PROVIDER, role="system")
