"""What is odd about how sales were paid: card money that no terminal approved, notes at another rate, lost sales.

Asked only where a sale names an attempt, or notes of another currency: most sales cost nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from retail.kit.money import currency
from retail.payments import FOREIGN_CASH, LOOK, worth
from retail.payments.queries import Paid, paid, rates_then
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.tenancy import Scope
from retail.sales.documents import StoredSale, TenderIn
from retail.sales.remarks import Remark
from retail.sales.writing import remark

WITHOUT_SALE: Final = "payment_without_sale"


async def sure_payments(tx: Tx, sales: Sequence[StoredSale]) -> Sequence[StoredSale]:
    """Remark on the tenders of sales that disagree with their attempt, or with the rate of their day."""
    attempts = {one.attempt for sale in sales for one in sale.tenders if one.attempt is not None}
    notes = [(one.foreign.currency, sale.business_date) for sale in sales for one in sale.tenders if one.foreign]
    if not attempts and not notes and not any(one.type == FOREIGN_CASH for sale in sales for one in sale.tenders):
        return sales
    known = await paid(tx, sorted(attempts)) if attempts else {}
    rates = await rates_then(tx, notes) if notes else {}
    marked = []
    for sale in sales:
        remarks = [
            one
            for tender in sale.tenders
            for one in (*_unsettled(tender, known), *_at_another_rate(sale, tender, rates))
        ]
        marked.append(replace(sale, remarks=(*sale.remarks, *remarks)) if remarks else sale)
    return marked


def _unsettled(tender: TenderIn, known: Mapping[UUID, Paid]) -> list[Remark]:
    if tender.attempt is None:
        return []
    found = known.get(tender.attempt)
    state, approved = (found.state, found.approved_minor) if found else ("started", 0)
    if state == "approved" and approved == tender.amount:
        return []
    facts = {"attempt": str(tender.attempt), "amount": tender.amount, "outcome": state, "taken": approved}
    return [Remark("payment_not_settled", facts)]


def _at_another_rate(sale: StoredSale, tender: TenderIn, rates: Mapping[tuple[str, date], int]) -> list[Remark]:
    if tender.type != FOREIGN_CASH:
        return []
    of = tender.foreign
    if of is None:
        return [Remark("rate_differs", {"currency": "?", "amount": tender.amount, "due": 0})]
    rate = rates.get((of.currency, sale.business_date), 0)
    exponents = currency(of.currency).exponent, currency(sale.currency).exponent
    due = worth(of.minor, rate, *exponents)
    if rate == of.rate_billionths and due == tender.amount:
        return []
    return [Remark("rate_differs", {"currency": of.currency, "amount": tender.amount, "due": due})]


@job(LOOK)
async def look_for_sale(db: Database, scope: Scope, *, attempt: str) -> None:
    """Tell somebody where money was taken by card and its sale has not arrived."""
    async with db.begin(scope) as tx:
        await hold(tx)
        await tell_of_lost(tx, UUID(attempt))


async def tell_of_lost(tx: Tx, attempt: UUID) -> None:
    """Put an approved attempt that no sale has among what needs a look, once."""
    row = await tx.fetchrow(
        """SELECT a.basket_id, a.till_id, a.store_id, a.started_at FROM payment_attempt a
            WHERE a.tenant_id = $1 AND a.id = $2
              AND NOT EXISTS (SELECT FROM tender p WHERE p.tenant_id = $1 AND p.attempt_id = a.id)
              AND NOT EXISTS (SELECT FROM sync_exception e
                               WHERE e.tenant_id = $1 AND e.till_id = a.till_id AND e.code = $3
                                 AND e.facts ->> 'attempt' = a.id::text)""",
        tx.tenant,
        attempt,
        WITHOUT_SALE,
    )
    found = (await paid(tx, [attempt])).get(attempt)
    if row is None or found is None or found.state != "approved":
        return
    facts = {"attempt": str(attempt), "amount": found.approved_minor, "reference": found.reference}
    await remark(tx, row["till_id"], [Remark(WITHOUT_SALE, facts)])
    tx.audit("payment.missed", "till", row["till_id"], payment=attempt, amount=found.approved_minor)
