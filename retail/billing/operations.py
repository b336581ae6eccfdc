"""What an owner and an operator do with a subscription: choose and change a plan, note what was paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from retail.billing.drafts import Draft, Subscription, change, holds_at_once, renewal
from retail.billing.errors import (
    CouponUnknown,
    NothingToPay,
    NotSubscribed,
    PaidTwice,
    SubscriptionChanged,
    TooMuch,
)
from retail.billing.issuing import issue
from retail.billing.plans import plans
from retail.billing.queries import invoice_of, subscription_of, today_of
from retail.kit.ids import new_id
from retail.runtime.audit_record import changed
from retail.runtime.db import Tx
from retail.seller import Seller
from retail.tenants.life import settle

_NEW: Final = """
INSERT INTO subscription (tenant_id, plan, cycle, anchor_day, since, company, address, country, tax_id, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)"""
_CHOOSE: Final = """
UPDATE subscription SET plan = $2, cycle = $3, next_plan = $4, next_cycle = $5, version = version + 1
 WHERE tenant_id = $1"""
_PAID: Final = """
INSERT INTO billing_payment (tenant_id, id, invoice_id, kind, reference, amount_minor, received_on, noted_at, noted_by,
                             noted_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant_id, kind, reference) DO NOTHING RETURNING id"""


# What was noted with a reference, and how much of that was taken back: then the same one may be noted again.
_SAME: Final = """
SELECT count(*) AS noted, count(b.id) AS taken FROM billing_payment p
  LEFT JOIN billing_payment b ON b.tenant_id = p.tenant_id AND b.kind = 'taken_back' AND b.reference = p.id::text
 WHERE p.tenant_id = $1 AND p.kind = $2 AND (p.reference = $3 OR starts_with(p.reference, $3 || ' (again '))"""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who stands on a business's invoices; the tax id is tidied."""

    company: str
    address: str
    country: str
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in for an invoice; `reference` tells it from every other one of its kind."""

    invoice: UUID
    kind: str
    reference: str
    amount_minor: int
    received_on: date
    currency: str = ""


async def subscribe(tx: Tx, plan: str, cycle: str, buyer: Buyer, seller: Seller) -> None:
    """Take a subscription out. On trial the first invoice comes at its end, else now. Raises SubscriptionChanged."""
    await hold_business(tx)
    if await subscription_of(tx) is not None:
        raise SubscriptionChanged
    today = await today_of(tx)
    await tx.execute(
        _NEW, tx.tenant, plan, cycle, today.day, tx.now, buyer.company, buyer.address, buyer.country, buyer.tax_id
    )
    tx.audit("subscription.taken_out", "tenant", tx.tenant, after={"plan": plan, "cycle": cycle})
    ends = await tx.fetchval("SELECT trial_ends_at FROM tenant WHERE id = $1", tx.tenant)
    if ends is None or ends <= tx.now:
        made = await subscription_of(tx)
        assert made is not None  # noqa: S101 - it was stored a moment ago
        await _issue(tx, renewal(made, await plans(tx), seller, today, tx.now))
    await settle(tx)


async def change_plan(tx: Tx, version: int, plan: str, cycle: str, seller: Seller) -> bool:
    """Change plan or cycle; claims that it holds at once. What is smaller holds from the next period on.

    During the trial nothing is invoiced. Choosing what holds already takes a waiting change back. Locks the
    subscription. Raises NotSubscribed, SubscriptionChanged.
    """
    await hold_business(tx)
    known = await _current(tx, version)
    today, all_plans = await today_of(tx), await plans(tx)
    at_once = known.period is None or (
        holds_at_once(known, all_plans, (plan, cycle)) and known.period.first <= today < known.period.end
    )
    if at_once and known.period is not None:
        await _issue(tx, change(known, all_plans, seller, (plan, cycle), today, tx.now))
    elif at_once:
        await tx.execute(_CHOOSE, tx.tenant, plan, cycle, None, None)
    else:
        waits = (plan, cycle) if (plan, cycle) != (known.plan, known.cycle) else (None, None)
        await tx.execute(_CHOOSE, tx.tenant, known.plan, known.cycle, *waits)
    before = {"plan": known.plan, "cycle": known.cycle}
    tx.audit(
        "subscription.changed", "tenant", tx.tenant, **changed(before, {"plan": plan, "cycle": cycle}), at_once=at_once
    )
    await settle(tx)
    return at_once


async def change_buyer(tx: Tx, version: int, buyer: Buyer) -> None:
    """Put another address on the invoices to come. Raises NotSubscribed, SubscriptionChanged."""
    known = await _current(tx, version)
    await tx.execute(
        """UPDATE subscription SET company = $2, address = $3, country = $4, tax_id = $5, version = version + 1
            WHERE tenant_id = $1""",
        tx.tenant, buyer.company, buyer.address, buyer.country, buyer.tax_id,
    )  # fmt: skip
    countries = changed({"country": known.country}, {"country": buyer.country})
    tx.audit("subscription.buyer_changed", "tenant", tx.tenant, **countries)


async def take_coupon(tx: Tx, version: int, code: str) -> None:
    """Take a coupon for the invoices to come; it takes the place of one that isn't used up. Counts as used once.

    Raises NotSubscribed, SubscriptionChanged, CouponUnknown, also for the one that the business has.
    """
    known = await _current(tx, version)
    today = await today_of(tx)
    row = None if known.coupon == code else await tx.fetchrow("SELECT * FROM auth_take_coupon($1, $2)", code, today)
    if row is None:
        raise CouponUnknown
    await tx.execute(
        """UPDATE subscription SET coupon = $2, coupon_points = $3, coupon_left = $4, version = version + 1
            WHERE tenant_id = $1""",
        tx.tenant, code, row["points"], row["periods"],
    )  # fmt: skip
    tx.audit("subscription.coupon_taken", "tenant", tx.tenant, coupon=code, periods=row["periods"])


async def note_payment(tx: Tx, payment: Payment) -> None:
    """Note money that came in; where nothing else is owed, everything works again at once. Locks the business.

    Raises NotFound, NothingToPay, PaidTwice, TooMuch.
    """
    await hold_business(tx)
    invoice = await invoice_of(tx, payment.invoice)
    same = await tx.fetchrow(_SAME, tx.tenant, payment.kind, payment.reference)
    if same is not None and same["noted"] > same["taken"]:
        raise PaidTwice
    if not invoice.open_minor or payment.currency not in {"", invoice.currency}:
        raise NothingToPay
    if payment.amount_minor > invoice.open_minor:
        raise TooMuch
    again = f" (again {same['noted']})" if same is not None and same["noted"] else ""
    made = await tx.fetchval(
        _PAID, tx.tenant, new_id(), invoice.id, payment.kind, f"{payment.reference}{again}"[:200], payment.amount_minor,
        payment.received_on, tx.now, tx.actor.id, tx.actor.name,
    )  # fmt: skip
    if made is None:
        raise PaidTwice
    tx.audit(
        "invoice.paid", "invoice", invoice.id, number=invoice.number, amount_minor=payment.amount_minor,
        reference=payment.reference, kind=payment.kind, currency=invoice.currency,
        open_minor=invoice.open_minor - payment.amount_minor, received_on=payment.received_on,
    )  # fmt: skip
    await settle(tx)


async def note_overpaid(tx: Tx, payment: Payment) -> None:
    """Keep on the trail that money came for which nothing is open: it is to be sent back. Once per reference."""
    known = await tx.fetchval(
        """SELECT id FROM audit_event WHERE tenant_id = $1 AND action = 'invoice.overpaid' AND subject_id = $2
              AND facts->>'reference' = $3""",
        tx.tenant, payment.invoice, payment.reference,
    )  # fmt: skip
    if known is None:
        tx.audit(
            "invoice.overpaid", "invoice", payment.invoice, kind=payment.kind, reference=payment.reference,
            amount_minor=payment.amount_minor, currency=payment.currency,
        )  # fmt: skip


async def _issue(tx: Tx, draft: Draft) -> None:
    numbers = await issue(tx, [draft])
    if draft.id not in numbers:
        raise SubscriptionChanged
    tx.audit(
        "invoice.issued", "invoice", draft.id, number=numbers[draft.id], total_minor=draft.total_minor,
        currency=draft.currency,
    )  # fmt: skip


async def _current(tx: Tx, version: int) -> Subscription:
    known = await subscription_of(tx, lock=True)
    if known is None:
        raise NotSubscribed
    if known.version != version:
        raise SubscriptionChanged
    return known


async def hold_business(tx: Tx) -> None:
    """Hold the business, so that the hourly run leaves it to us."""
    await tx.fetchval("SELECT status FROM tenant WHERE id = $1 FOR NO KEY UPDATE", tx.tenant)
