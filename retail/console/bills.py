"""What the operator sees of a business's bills: plan and use, how it stands, its newest invoices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from retail.billing.drafts import Subscription
from retail.billing.letters import step_words
from retail.billing.pages import limits
from retail.billing.plans import Plan, cycle_words, plans
from retail.billing.queries import Invoice, dues, invoices, plan_of, subscription_of, usage
from retail.runtime.db import Read
from retail.tenants.standing import Standing, decide

NEWEST: Final = 12
"""How many invoices the page shows."""


_PAYMENTS: Final = """
SELECT p.id, i.number, i.currency, p.kind, p.reference, p.amount_minor, p.received_on, p.noted_name,
       EXISTS (SELECT FROM billing_payment b WHERE b.tenant_id = p.tenant_id AND b.kind = 'taken_back'
                  AND b.reference = p.id::text) AS taken
  FROM billing_payment p JOIN billing_invoice i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
 WHERE p.tenant_id = $1 ORDER BY p.noted_at DESC, p.id DESC LIMIT $2"""


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that came in for an invoice, in minor units of `currency`; below zero what takes a transfer back."""

    id: UUID
    number: str
    currency: str
    kind: str
    reference: str
    amount_minor: int
    received_on: date
    noted_name: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Bills:
    """What the operator sees of a business's bills."""

    plan: Plan
    plans: list[tuple[str, str]]
    subscription: Subscription | None
    standing: Standing
    limits: list[tuple[str, int, int | None]]
    invoices: list[Invoice]
    payments: list[Paid]

    @property
    def unpaid(self) -> list[tuple[str, str]]:
        """Give the invoices that a transfer can be noted for."""
        return [(str(one.id), one.number) for one in self.invoices if one.open_minor]


async def bills(read: Read, status: str) -> Bills:
    """Read a business's bills."""
    known, newest = await plans(read), await invoices(read, limit=NEWEST)
    plan = known[await plan_of(read)]
    return Bills(
        plan,
        [(one.key, one.name) for one in known.values()],
        await subscription_of(read),
        decide(await dues(read), read.now, status),
        limits(plan, await usage(read)),
        newest.items,
        [Paid(**dict(row)) for row in await read.fetch(_PAYMENTS, read.tenant, NEWEST)],
    )


def words() -> Mapping[str, Any]:
    """Give what the panel says things with."""
    return {"step_words": step_words, "cycle_words": cycle_words}
