"""Taking a transfer back that was noted wrongly: a row of its own, below zero; nothing that was noted changes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Final
from uuid import UUID

from retail.billing.errors import TakenBack
from retail.billing.operations import hold_business
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.tenants.life import settle

_NOTED: Final = """
SELECT p.invoice_id, p.amount_minor, p.reference, i.number, i.currency FROM billing_payment p
  JOIN billing_invoice i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
 WHERE p.tenant_id = $1 AND p.id = $2 AND p.kind = 'transfer'"""
_TAKE: Final = """
INSERT INTO billing_payment (tenant_id, id, invoice_id, kind, reference, amount_minor, received_on, noted_at, noted_by,
                             noted_name)
VALUES ($1, $2, $3, 'taken_back', $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, kind, reference) DO NOTHING RETURNING id"""


@dataclass(frozen=True, slots=True)
class TookBack:
    """What was taken back: of which invoice, how much in minor units of its currency, by which reference."""

    number: str
    amount_minor: int
    currency: str
    reference: str


async def take_back(tx: Tx, payment: UUID, reason: str, day: date) -> TookBack:
    """Take a noted transfer back, on the seller's `day`; the business stands as its bills decide. Locks it.

    Raises NotFound for a payment that is no transfer of this business, TakenBack for one that is taken back already.
    """
    await hold_business(tx)
    row = await tx.fetchrow(_NOTED, tx.tenant, payment)
    if row is None:
        raise NotFound("payment")
    made = await tx.fetchval(
        _TAKE, tx.tenant, new_id(), row["invoice_id"], str(payment), -row["amount_minor"],
        day, tx.now, tx.actor.id, tx.actor.name,
    )  # fmt: skip
    if made is None:
        raise TakenBack
    took = TookBack(row["number"], row["amount_minor"], row["currency"], row["reference"])
    tx.audit("invoice.payment_taken_back", "invoice", row["invoice_id"], reason=reason, **asdict(took))
    await settle(tx)
    return took
