"""What an invoice will say, worked out before it gets its number: lines, discount, tax, days. Nothing here awaits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from retail.billing.periods import Period, period_from, unused
from retail.billing.plans import Plan
from retail.billing.taxes import tax_between
from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.seller import Seller

DUE_IN: Final = timedelta(days=14)
"""How long after its invoice a business has until it is past due."""
_WHOLE: Final = 10_000
Reason = Literal["first", "renewal", "change"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A business's choice, as it is stored; `period` None: nothing was invoiced yet."""

    tenant_id: UUID
    plan: str
    cycle: str
    next_plan: str | None
    next_cycle: str | None
    anchor_day: int
    period_first: date | None
    period_end: date | None
    company: str
    address: str
    country: str
    tax_id: str
    coupon: str | None
    coupon_points: int
    coupon_left: int
    version: int

    @property
    def period(self) -> Period | None:
        """Give the days that were invoiced last."""
        if self.period_first is None or self.period_end is None:
            return None
        return Period(self.period_first, self.period_end)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice; `what` is plan, credit or coupon, and `minor` is below zero where it takes off."""

    what: str
    plan: str
    cycle: str
    first: str
    end: str
    minor: int
    points: int = 0


def days_of(line: Mapping[str, Any]) -> tuple[date, date] | None:
    """Give the first and the last day of a stored line; None for one that is about no days."""
    if not line["first"]:
        return None
    return date.fromisoformat(line["first"]), date.fromisoformat(line["end"]) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice without a number. Amounts in minor units of `currency`; the version is the subscription's."""

    tenant_id: UUID
    reason: Reason
    due_at: datetime
    period_first: date
    period_end: date
    plan: str
    cycle: str
    currency: str
    net_minor: int
    tax_micros: int
    tax_kind: str
    tax_minor: int
    total_minor: int
    lines: list[dict[str, Any]]
    seller: dict[str, str]
    buyer: dict[str, str]
    version: int
    coupon_left: int
    anchor_day: int
    id: UUID = field(default_factory=new_id)


def renewal(subscription: Subscription, known: dict[str, Plan], seller: Seller, today: date, at: datetime) -> Draft:
    """Draft the invoice of the next period: the first one begins today, the others where the last one ended."""
    plan, cycle = subscription.next_plan or subscription.plan, subscription.next_cycle or subscription.cycle
    first = subscription.period_end or today
    anchor = subscription.anchor_day if subscription.period_end else today.day
    period = period_from(first, cycle, anchor)
    line = Line("plan", plan, cycle, str(period.first), str(period.end), known[plan].price(cycle))
    reason: Reason = "renewal" if subscription.period_end else "first"
    return _draft(subscription, known[plan], cycle, (period, anchor), [line], reason, seller, at)


def change(  # noqa: PLR0917 - what an invoice is drafted from
    subscription: Subscription, known: dict[str, Plan], seller: Seller, to: tuple[str, str], today: date, at: datetime
) -> Draft:
    """Draft the invoice of a change that holds at once, in a period that runs.

    The same cycle goes on to the period's end, and both plans are reckoned by its days; another one begins today. What
    isn't used of the old one is taken off. Raises ValueError without a running period.
    """
    plan, cycle = to
    running = subscription.period
    if running is None or not running.first <= today < running.end:
        raise ValueError("there is no running period to change")
    before = known[subscription.plan].price(subscription.cycle)
    back = Line(
        "credit", subscription.plan, subscription.cycle, str(today), str(running.end), -unused(before, running, today)
    )
    if cycle == subscription.cycle:
        period, anchor = running, subscription.anchor_day
        cost = unused(known[plan].price(cycle), running, today)
    else:
        period, anchor = period_from(today, cycle, today.day), today.day
        cost = known[plan].price(cycle)
    line = Line("plan", plan, cycle, str(today), str(period.end), cost)
    return _draft(subscription, known[plan], cycle, (period, anchor), [line, back], "change", seller, at)


def holds_at_once(subscription: Subscription, known: dict[str, Plan], to: tuple[str, str]) -> bool:
    """Claim that a change holds at once: to a larger plan, or from months to years; what is smaller waits."""
    plan, cycle = to
    larger = known[plan].position - known[subscription.plan].position
    longer = (cycle == "year") - (subscription.cycle == "year")
    return larger >= 0 and longer >= 0 and larger + longer > 0


def _draft(  # noqa: PLR0917 - what an invoice is made of
    subscription: Subscription,
    plan: Plan,
    cycle: str,
    days: tuple[Period, int],
    lines: list[Line],
    reason: Reason,
    seller: Seller,
    at: datetime,
) -> Draft:
    (period, anchor), net = days, sum(line.minor for line in lines)
    left = subscription.coupon_left
    if left and net > 0:
        off = mul_div(net, subscription.coupon_points, _WHOLE)
        lines = [*lines, Line("coupon", plan.key, cycle, "", "", -off, subscription.coupon_points)]
        net, left = net - off, left - 1
    tax = tax_between(seller.country, subscription.country, subscription.tax_id)
    taxed = mul_div(net, tax.rate_micros, 1_000_000)
    return Draft(
        subscription.tenant_id, reason, at + DUE_IN, period.first, period.end, plan.key, cycle, plan.currency, net,
        tax.rate_micros, tax.kind, taxed, net + taxed, [asdict(line) for line in lines], _seller(seller),
        _buyer(subscription), subscription.version, left, anchor,
    )  # fmt: skip


def _seller(seller: Seller) -> dict[str, str]:
    return {
        "name": seller.name, "address": seller.address, "country": seller.country, "tax_id": seller.tax_id,
        "iban": seller.iban, "bic": seller.bic,
    }  # fmt: skip


def _buyer(subscription: Subscription) -> dict[str, str]:
    return {
        "name": subscription.company, "address": subscription.address, "country": subscription.country,
        "tax_id": subscription.tax_id,
    }  # fmt: skip
