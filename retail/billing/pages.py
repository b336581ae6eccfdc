"""The owner's pages of the subscription: how it stands and what comes next, plans and usage, the list of invoices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.billing import operations, queries
from retail.billing.cards import card_of
from retail.billing.drafts import Subscription, change, holds_at_once
from retail.billing.plans import Plan, cycle_words, feature_words, plans
from retail.billing.previews import At
from retail.billing.queries import Usage
from retail.billing.taxes import UNION, is_union_tax_id, tidy_tax_id
from retail.identity.permissions import MANAGE_BILLING
from retail.kit.clock import business_day
from retail.kit.errors import Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _, countries
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import redirect, render
from retail.seller import Seller
from retail.tenants.life import Life, life_of, step_words
from retail.tenants.standing import HELD, decide
from retail.tenants.standstill import LIVES

CYCLES: Final = ("month", "year")


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan in a cycle, as the owner can choose it now; `now_minor` is what is invoiced at once, without tax."""

    plan: Plan
    cycle: str
    price_minor: int
    current: bool
    waiting: bool
    at_once: bool
    now_minor: int | None


async def index(request: Request) -> Response:
    """Show the subscription."""
    return await show_again(request, {}, {}, 200)


async def standing(request: Request) -> Response:
    """Give the banner that says how the business stands; open pages ask for it when that has changed."""
    async with db(request).read(scope(request)) as read:
        life = await life_of(read, read.tenant)
        found = life.standing if life else None
    return render(request, "shared/_standing.html", standing=found)


async def subscribe(request: Request) -> Response:
    """Take a subscription out."""
    fields = await Fields.read(request)
    plan, cycle = await choice_of(request, fields)
    buyer = buyer_of(fields)
    try:
        fields.check()
        await db(request).run(scope(request), operations.subscribe, plan, cycle, buyer, seller_of(request))
    except Invalid as wrong:
        return await show_again(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await show_again(request, fields.values, {"": [refused.sentence()]}, 409)
    return _done(request, _("Your plan is chosen. Thank you."))


async def change_plan(request: Request) -> Response:
    """Change plan or cycle."""
    fields = await Fields.read(request)
    plan, cycle = await choice_of(request, fields)
    version = fields.whole("version", least=1)
    try:
        fields.check()
        at_once = await db(request).run(
            scope(request), operations.change_plan, version, plan, cycle, seller_of(request)
        )
    except Invalid as wrong:
        return await show_again(request, {}, wrong.errors, 422)
    except Conflict as refused:
        return await show_again(request, {}, {"": [refused.sentence()]}, 409)
    return _done(request, _("The plan is changed.") if at_once else _("The plan changes when what is paid for ends."))


async def change_buyer(request: Request) -> Response:
    """Put another address on the invoices to come."""
    fields = await Fields.read(request)
    buyer, version = buyer_of(fields), fields.whole("version", least=1)
    try:
        fields.check()
        await db(request).run(scope(request), operations.change_buyer, version, buyer)
    except Invalid as wrong:
        return await show_again(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await show_again(request, fields.values, {"": [refused.sentence()]}, 409)
    return _done(request, _("Saved. It stands on the invoices to come."))


async def take_coupon(request: Request) -> Response:
    """Take a coupon; after ten tries in an hour the next has to wait."""
    await limit(request, "plan.coupon", str(tenant(request).id))
    fields = await Fields.read(request)
    code, version = fields.text("code", 30, required=True).upper(), fields.whole("version", least=1)
    try:
        fields.check()
        await db(request).run(scope(request), operations.take_coupon, version, code)
    except Invalid as wrong:
        return await show_again(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await show_again(request, fields.values, {"code": [refused.sentence()]}, 409)
    return _done(request, _("The coupon is taken off the invoices to come."))


def _done(request: Request, said: str) -> Response:
    LIVES.forget(tenant(request).id)
    return redirect(request, "/billing", said=said)


async def choice_of(request: Request, fields: Fields) -> tuple[str, str]:
    """Read the plan and the cycle that were chosen."""
    async with db(request).platform() as unit:
        known = await plans(unit)
    return fields.choice("plan", known), fields.choice("cycle", CYCLES)


def buyer_of(fields: Fields) -> operations.Buyer:
    """Read who stands on the invoices."""
    country = fields.choice("country", dict(countries()))
    tax_id = tidy_tax_id(fields.text("tax_id", 40))
    if tax_id and country in UNION and not is_union_tax_id(tax_id, country):
        fields.error(
            "tax_id", _("A tax id of this country begins with its letters, like DE123456789. Or leave it out.")
        )
    company, address = fields.text("company", 120, required=True), fields.text("address", 400, required=True)
    return operations.Buyer(company, address, country, tax_id)


def seller_of(request: Request) -> Seller:
    """Give who issues the invoices."""
    return settings(request).seller


def offers(known: Mapping[str, Plan], subscription: Subscription | None, at: At) -> dict[str, list[Offer]]:
    """Give what can be chosen, by cycle; of each what it would cost at once. Pure."""
    all_plans = dict(known)
    found: dict[str, list[Offer]] = {cycle: [] for cycle in CYCLES}
    for plan in known.values():
        for cycle in CYCLES:
            to = (plan.key, cycle)
            current = subscription is not None and (subscription.plan, subscription.cycle) == to
            waiting = subscription is not None and (subscription.next_plan, subscription.next_cycle) == to
            at_once, cost = True, None
            if subscription is not None and subscription.period is not None and not current:
                running = subscription.period.first <= at.today < subscription.period.end
                at_once = running and holds_at_once(subscription, all_plans, to)
                if at_once:
                    cost = change(subscription, all_plans, at.seller, to, at.today, at.moment).net_minor
            found[cycle].append(Offer(plan, cycle, plan.price(cycle), current, waiting, at_once, cost))
    return found


async def show_again(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int
) -> Response:
    """Show the subscription, with what was typed and what is wrong with it."""
    facts, seller = tenant(request), seller_of(request)
    asked = Asked.of(request, "/billing")
    async with db(request).read(scope(request)) as read:
        known, subscription = await plans(read), await queries.subscription_of(read)
        page = await asked.page(lambda after: queries.invoices(read, after=after))
        used = await queries.usage(read)
        life = await life_of(read, read.tenant) or Life("active")
        stands = decide(await queries.dues(read), read.now, life.status)
        choices = offers(known, subscription, At(read.now, business_day(read.now, facts.timezone), seller))
        plan, card = known[await queries.plan_of(read)], await card_of(read)
    values = {
        "company": facts.name,
        "address": "",
        "country": facts.country,
        "tax_id": "",
        "plan": plan.key,
        "cycle": "month",
        "code": "",
    }
    if subscription is not None:
        values |= {name: getattr(subscription, name) for name in ("company", "address", "country", "tax_id")}
    return render(
        request,
        "billing/index.html",
        status if status != 200 else asked.status,
        asked=asked,
        page=page,
        subscription=subscription,
        stands=stands,
        held=life.status in HELD,
        status_words=life.words,
        step_words=step_words,
        offers=choices,
        plan=plan,
        known=known,
        plan_choices=[(one.key, one.name) for one in known.values()],
        limits=limits(plan, used),
        cycle_words=cycle_words,
        feature_words=feature_words,
        countries=countries(),
        by_card=bool(seller.stripe_secret_key),
        card=card,
        card_key=new_id(),
        came_back=request.query_params.get("kept") == "card",
        values=values | dict(typed),
        errors=errors,
        may_change=scope(request).may(MANAGE_BILLING),
    )


def limits(plan: Plan, used: Usage) -> list[tuple[str, int, int | None]]:
    """Give what is used of a plan: what it is, how many there are, how many there may be."""
    products = None if plan.products_per_store is None else plan.products_per_store * max(used.stores, 1)
    return [
        (_("People"), used.people, plan.people),
        (_("Stores"), used.stores, plan.stores),
        (_("Tills"), used.tills, plan.tills),
        (_("Products on sale"), used.products, products),
    ]
