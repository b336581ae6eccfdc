"""The card that a business keeps at the payment provider: kept, forgotten, charged; each charge is a row first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.billing.errors import NoCardKept
from retail.billing.operations import hold_business
from retail.billing.queries import Invoice, invoice_of
from retail.billing.stripe import Card, Charged
from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import enqueue
from retail.runtime.notices import post_notice

CHARGE_JOB: Final = "billing.charge"
FORGET_JOB: Final = "billing.forget_card"
AGAIN: Final = (timedelta(days=3), timedelta(days=7), timedelta(days=13))
"""When a charge that was refused is tried again, from the invoice's day on; the last time a day before it is due."""

_CARD: Final = "SELECT customer, method, brand, last_four, expires FROM billing_card WHERE tenant_id = $1"
_KEEP: Final = """
INSERT INTO billing_card (tenant_id, customer, method, brand, last_four, expires, kept_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (tenant_id) DO UPDATE
   SET customer = excluded.customer, method = excluded.method, brand = excluded.brand,
       last_four = excluded.last_four, expires = excluded.expires, kept_at = excluded.kept_at"""
_OPEN: Final = """
SELECT i.id FROM billing_invoice i
 WHERE i.tenant_id = $1 AND i.total_minor > coalesce((SELECT sum(p.amount_minor) FROM billing_payment p
        WHERE p.tenant_id = i.tenant_id AND p.invoice_id = i.id), 0)
 ORDER BY i.issued_at, i.id"""
_NEWEST: Final = """
SELECT id, amount_minor, last_four, asked_at, outcome, why, again_at FROM billing_charge
 WHERE tenant_id = $1 AND invoice_id = $2 ORDER BY asked_at DESC, id DESC LIMIT 1"""
_ASK: Final = """
INSERT INTO billing_charge (tenant_id, id, invoice_id, amount_minor, last_four, asked_at, reference, why)
VALUES ($1, $2, $3, $4, $5, $6, '', '')"""
_END: Final = """
UPDATE billing_charge SET outcome = $3, reference = $4, why = $5, again_at = $6
 WHERE tenant_id = $1 AND id = $2 AND (outcome IS NULL OR outcome = 'waits' AND $3 <> 'waits') RETURNING id"""


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as it is stored; `outcome` None: nobody knows yet what became of it."""

    id: UUID
    amount_minor: int
    last_four: str
    asked_at: datetime
    outcome: str | None
    why: str
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A charge whose end was noted just now, and when it is tried again where it was refused."""

    again_at: datetime | None


async def card_of(read: Read, *, lock: bool = False) -> Card | None:
    """Give the card that the business keeps, None where it keeps none."""
    row = await read.fetchrow(_CARD + (" FOR UPDATE" if lock else ""), read.tenant)
    return Card(**row) if row else None


async def charge_of(read: Read, invoice: UUID) -> Charge | None:
    """Give the newest charge of an invoice."""
    row = await read.fetchrow(_NEWEST, read.tenant, invoice)
    return Charge(**row) if row else None


async def keep_card(tx: Tx, card: Card) -> None:
    """Keep a card in the place of the one before; what is open is charged to it. Twice the same changes nothing."""
    await hold_business(tx)
    before = await card_of(tx, lock=True)
    if before == card:
        return
    await tx.execute(_KEEP, tx.tenant, card.customer, card.method, card.brand, card.last_four, card.expires, tx.now)
    tx.audit("subscription.card_kept", "tenant", tx.tenant, brand=card.brand, last_four=card.last_four)
    if before is not None and before.customer != card.customer:
        await enqueue(tx, FORGET_JOB, {"customer": before.customer})
    for row in await tx.fetch(_OPEN, tx.tenant):
        await enqueue(tx, CHARGE_JOB, {"invoice": row["id"]})


async def remove_card(tx: Tx) -> None:
    """Keep no card any more: invoices are paid by hand again, and the provider forgets it. Raises NoCardKept."""
    await hold_business(tx)
    before = await card_of(tx, lock=True)
    if before is None:
        raise NoCardKept
    await tx.execute("DELETE FROM billing_card WHERE tenant_id = $1", tx.tenant)
    await enqueue(tx, FORGET_JOB, {"customer": before.customer})
    tx.audit("subscription.card_removed", "tenant", tx.tenant, brand=before.brand, last_four=before.last_four)


async def begin_charge(tx: Tx, id: UUID) -> tuple[UUID, Invoice, Card] | None:
    """Say what to ask the provider for, under which key; None: nothing is open, no card is kept, or it isn't time.

    A charge that was asked for and never heard of is asked for again, with its own key. Locks the business.
    """
    await hold_business(tx)
    card, invoice, newest = await card_of(tx), await invoice_of(tx, id), await charge_of(tx, id)
    if card is None or not invoice.open_minor or (newest and await _is_enough(tx, newest)):
        return None
    if (
        newest
        and newest.outcome is None
        and (newest.amount_minor, newest.last_four)
        == (
            invoice.open_minor,
            card.last_four,
        )
    ):
        return newest.id, invoice, card
    key = new_id()
    await tx.execute(_ASK, tx.tenant, key, invoice.id, invoice.open_minor, card.last_four, tx.now)
    return key, invoice, card


async def _is_enough(tx: Tx, newest: Charge) -> bool:
    """Claim that nothing is to be asked now: a bank still thinks, or refused this card and its next turn is to come."""
    if newest.outcome != "refused":
        return newest.outcome == "waits"
    kept = await tx.fetchval("SELECT kept_at FROM billing_card WHERE tenant_id = $1", tx.tenant)
    return bool(kept < newest.asked_at and (newest.again_at is None or newest.again_at > tx.now))


async def end_charge(tx: Tx, charge: UUID, became: Charged) -> Ended | None:
    """Note what became of a charge; None where that is noted already. What was refused rings, and is tried again.

    What was paid is noted apart from this: a payment is one whoever asked for it.
    """
    invoice, again = await invoice_of(tx, became.invoice), None
    if became.outcome == "refused":
        again = next((at for after in AGAIN if (at := invoice.issued_at + after) > tx.now), None)
    done = await tx.fetchval(_END, tx.tenant, charge, became.outcome, became.reference, became.why, again)
    if done is None:
        return None
    if became.outcome == "refused":
        tx.audit("invoice.charge_refused", "invoice", invoice.id, number=invoice.number, why=became.why)
        await post_notice(tx, "payment_failed", subject=invoice.id, key=str(charge), number=invoice.number)
    if again is not None:
        await enqueue(tx, CHARGE_JOB, {"invoice": invoice.id}, again)
    return Ended(again)


async def waiting_charges(read: Read, invoice: UUID, reference: str) -> Sequence[UUID]:
    """Name the charges of an invoice that a bank was still thinking about under this reference."""
    rows = await read.fetch(
        """SELECT id FROM billing_charge
            WHERE tenant_id = $1 AND invoice_id = $2 AND reference = $3 AND outcome = 'waits'""",
        read.tenant,
        invoice,
        reference,
    )
    return [row["id"] for row in rows]
