"""What choosing a plan will do, worked out before anybody takes it: from when, what is invoiced, what is beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from retail.billing.drafts import Draft, Subscription, change, holds_at_once, renewal
from retail.billing.operations import Buyer
from retail.billing.plans import Plan
from retail.billing.queries import Usage
from retail.kit.quantity import format_quantity
from retail.kit.text import _
from retail.seller import Seller


@dataclass(frozen=True, slots=True)
class Preview:
    """What a choice will do; `now` None: nothing is invoiced at once. `next` is drafted as things are today."""

    plan: Plan
    cycle: str
    since: date
    now: Draft | None
    next: Draft


@dataclass(frozen=True, slots=True)
class At:
    """The moment and the day of a preview, the seller, and when the trial ends if it still runs."""

    moment: datetime
    today: date
    seller: Seller
    trial_ends: date | None = None


def unsubscribed(tenant: UUID, to: tuple[str, str], buyer: Buyer, at: At) -> Subscription:
    """Give the subscription that would be taken out."""
    return Subscription(
        tenant, *to, None, None, at.today.day, None, None, buyer.company, buyer.address, buyer.country, buyer.tax_id,
        None, 0, 0, 1,
    )  # fmt: skip


def first(wanted: Subscription, known: Mapping[str, Plan], at: At) -> Preview:
    """Say what taking a subscription out does: on trial nothing is invoiced before its end. Pure."""
    plan, all_plans = known[wanted.plan], dict(known)
    if at.trial_ends is not None:
        return Preview(
            plan, wanted.cycle, at.today, None, renewal(wanted, all_plans, at.seller, at.trial_ends, at.moment)
        )
    now = renewal(wanted, all_plans, at.seller, at.today, at.moment)
    return Preview(plan, wanted.cycle, at.today, now, _following(wanted, now, all_plans, at))


def changed(held: Subscription, to: tuple[str, str], known: Mapping[str, Plan], at: At) -> Preview:
    """Say what a change does, by the rule that change_plan goes by. Pure."""
    plan, all_plans, running = known[to[0]], dict(known), held.period
    if running is None:
        wanted = replace(held, plan=to[0], cycle=to[1], next_plan=None, next_cycle=None)
        begins = at.trial_ends or at.today
        return Preview(plan, to[1], at.today, None, renewal(wanted, all_plans, at.seller, begins, at.moment))
    if holds_at_once(held, all_plans, to) and running.first <= at.today < running.end:
        now = change(held, all_plans, at.seller, to, at.today, at.moment)
        return Preview(plan, to[1], at.today, now, _following(held, now, all_plans, at))
    stays = to == (held.plan, held.cycle)
    wanted = replace(held, next_plan=None if stays else to[0], next_cycle=None if stays else to[1])
    following = renewal(wanted, all_plans, at.seller, at.today, at.moment)
    return Preview(plan, to[1], at.today if stays else following.period_first, None, following)


def _following(held: Subscription, now: Draft, known: dict[str, Plan], at: At) -> Draft:
    """Draft the invoice that follows one that is issued now."""
    then = replace(
        held, plan=now.plan, cycle=now.cycle, next_plan=None, next_cycle=None, anchor_day=now.anchor_day,
        period_first=now.period_first, period_end=now.period_end, coupon_left=now.coupon_left,
    )  # fmt: skip
    return renewal(then, known, at.seller, at.today, at.moment)


def room_of(plan: Plan, used: Usage) -> int | None:
    """Say how many products a plan has room for in the stores that there are; None is any number."""
    return None if plan.products_per_store is None else plan.products_per_store * max(used.stores, 1)


def fits(plan: Plan, used: Usage, locale: str) -> str:
    """Say that what there is fits into a plan, with its room for products: that grows with the stores."""
    room = room_of(plan, used)
    if room is None:
        return _("What you have fits: %(used)s products on sale, of any number.") % {
            "used": format_quantity(Decimal(used.products), locale)
        }
    return _("What you have fits: %(used)s of %(most)s products on sale.") % {
        "used": format_quantity(Decimal(used.products), locale),
        "most": format_quantity(Decimal(room), locale),
    }


def beyond(plan: Plan, used: Usage, locale: str) -> list[str]:
    """Say what a business has more of than a plan has room for: it stays, but none is added."""
    products = room_of(plan, used)
    told = (
        (
            used.people,
            plan.people,
            _("%(used)s of %(most)s people: nobody is taken away, but nobody new can be invited."),
        ),
        (used.stores, plan.stores, _("%(used)s of %(most)s stores: none is taken away, but no new one can be opened.")),
        (used.tills, plan.tills, _("%(used)s of %(most)s tills: none is taken away, but no new one can be set up.")),
        (
            used.products,
            products,
            _("%(used)s of %(most)s products on sale: none is taken away, but no new one can be added."),
        ),
    )
    return [
        words % {"used": format_quantity(Decimal(count), locale), "most": format_quantity(Decimal(most), locale)}
        for count, most, words in told
        if most is not None and count > most
    ]
