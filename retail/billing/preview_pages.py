"""The page between choosing a plan and taking it: nothing is stored before *Take it* is pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from retail.billing import previews, queries
from retail.billing.drafts import days_of
from retail.billing.errors import NotSubscribed, SubscriptionChanged
from retail.billing.pages import buyer_of, choice_of, seller_of, show_again
from retail.billing.plans import Plan, cycle_words, plans
from retail.billing.previews import At, Preview
from retail.kit.clock import business_day
from retail.kit.errors import Conflict, Invalid
from retail.runtime.db import Read
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import render
from retail.seller import Seller
from retail.tenants.life import life_of

_KEPT = ("plan", "cycle", "version", "company", "address", "country", "tax_id")


async def preview(request: Request) -> Response:
    """Show what a choice will do; *Back* comes here too, and finds everything as it was typed."""
    fields = await Fields.read(request)
    plan, cycle = await choice_of(request, fields)
    if fields.flag("back"):
        return await show_again(request, fields.values, {}, 200)
    try:
        async with db(request).read(scope(request)) as read:
            known = await plans(read)
            seen = await _preview(read, fields, (plan, cycle), known, seller_of(request))
            used = await queries.usage(read)
            held = await queries.subscription_of(read)
    except Invalid as wrong:
        return await show_again(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await show_again(request, fields.values, {"": [refused.sentence()]}, 409)
    locale = tenant(request).locale
    return render(
        request, "billing/preview.html", seen=seen, known=known, subscription=held,
        beyond=previews.beyond(seen.plan, used, locale), fits=previews.fits(seen.plan, used, locale),
        values={name: fields.values[name] for name in _KEPT if fields.values.get(name)}, days=days_of,
        cycle_words=cycle_words, today=business_day(read.now, tenant(request).timezone), facts=tenant(request),
    )  # fmt: skip


async def _preview(
    read: Read, fields: Fields, to: tuple[str, str], known: Mapping[str, Plan], seller: Seller
) -> Preview:
    held, life = await queries.subscription_of(read), await life_of(read, read.tenant)
    zone = await queries.timezone_of(read)
    ends = life.trial_ends_at if life else None
    at = At(read.now, business_day(read.now, zone), seller)
    if ends is not None and ends > read.now:
        at = replace(at, trial_ends=business_day(ends, zone))
    if "version" in fields.values:
        version = fields.whole("version", least=1)
        fields.check()
        if held is None:
            raise NotSubscribed
        if held.version != version:
            raise SubscriptionChanged
        return previews.changed(held, to, known, at)
    buyer = buyer_of(fields)
    fields.check()
    if held is not None:
        raise SubscriptionChanged
    return previews.first(previews.unsubscribed(read.tenant, to, buyer, at), known, at)
