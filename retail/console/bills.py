"""What the operator sees of a business's bills: plan and use, how it stands, its newest invoices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from babel.dates import format_date

from retail.billing.drafts import Subscription
from retail.billing.pages import limits
from retail.billing.plans import Plan, cycle_words, plans
from retail.billing.queries import Invoice, Usage, dues, invoices, plan_of, subscription_of, timezone_of, usage
from retail.kit.text import _, dates_of
from retail.runtime.db import Read
from retail.runtime.web.pages import clock_of
from retail.tenants.life import step_words
from retail.tenants.standing import HELD, Standing, decide

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
    known: dict[str, Plan]
    timezone: str
    on_trial_until: datetime | None
    more: bool

    @property
    def chosen(self) -> str:
        """Name the plan that was chosen: on trial it is another one than holds."""
        return self.subscription.plan if self.subscription else self.plan.key

    @property
    def prolongable(self) -> bool:
        """Claim that its trial can go on: nothing was invoiced yet, and nobody holds it."""
        invoiced = self.subscription is not None and self.subscription.period is not None
        return self.on_trial_until is not None and not invoiced and self.standing.status not in HELD

    @property
    def clock(self) -> Callable[..., str]:
        """Give what writes the days of bills: the business's own."""
        return clock_of(self.timezone)

    @property
    def unpaid(self) -> list[tuple[str, str]]:
        """Give the invoices that a transfer can be noted for."""
        return [(str(one.id), one.number) for one in self.invoices if one.open_minor]


async def bills(read: Read, status: str) -> Bills:
    """Read a business's bills."""
    known, newest = await plans(read), await invoices(read, limit=NEWEST)
    plan, owed = known[await plan_of(read)], await dues(read)
    return Bills(
        plan,
        [(one.key, one.name) for one in known.values()],
        await subscription_of(read),
        decide(owed, read.now, status),
        limits(plan, await usage(read)),
        newest.items,
        [Paid(**dict(row)) for row in await read.fetch(_PAYMENTS, read.tenant, NEWEST)],
        known,
        await timezone_of(read),
        owed.trial_ends_at,
        newest.next is not None,
    )


async def plan_said(read: Read, wanted: str, locale: str) -> str:
    """Say what holds now that a plan was set, from when on the one that was wanted does, and what is beyond it."""
    known, subscription = await plans(read), await subscription_of(read)
    plan, holds = known[wanted], known[await plan_of(read)]
    named = {"plan": plan.name, "now": holds.name}
    if subscription is None:
        said = _("The plan is %(plan)s from now on, without a bill.") % named
    elif holds.key == wanted:
        said = _("The plan is %(plan)s from now on.") % named
    elif subscription.period is None:
        said = (
            _("%(plan)s is chosen. It holds from its first invoice on, when the trial ends; until then %(now)s.")
            % named
        )
    else:
        until = format_date(subscription.period.last, "medium", locale=dates_of(locale))
        said = _("%(plan)s is chosen. %(now)s holds until %(day)s, which is paid for.") % {**named, "day": until}
    return " ".join([said, *_beyond(plan, await usage(read))])


def _beyond(plan: Plan, used: Usage) -> list[str]:
    """Say what a business has more of than a plan has room for, if anything."""
    over = [
        _("%(what)s: %(used)d of %(most)d") % {"what": what, "used": count, "most": most}
        for what, count, most in limits(plan, used)
        if most is not None and count > most
    ]
    if not over:
        return []
    kept = _("%(plan)s has no room for all there is (%(over)s). Nothing is taken away, but nothing new fits.")
    return [kept % {"plan": plan.name, "over": ", ".join(over)}]


def words() -> Mapping[str, Any]:
    """Give what the panel says things with."""
    return {"step_words": step_words, "cycle_words": cycle_words}
