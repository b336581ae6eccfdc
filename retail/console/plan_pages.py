"""The operator's way to another plan, and to a longer trial: what it does is shown first, and why is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from retail.billing import previews
from retail.billing.drafts import days_of
from retail.billing.plans import cycle_words, plans
from retail.billing.trials import MOST_DAYS
from retail.console import business_pages as pages
from retail.console import subscriptions
from retail.console.bills import plan_said
from retail.console.businesses import Business
from retail.console.subscriptions import Setting
from retail.kit.clock import business_day
from retail.kit.errors import Conflict, Invalid
from retail.kit.text import _
from retail.life.closing import REASON_MOST
from retail.runtime.web.context import db, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import render

_LOCALE = "en-GB"


async def preview(request: Request) -> Response:
    """Show what setting a plan would do: from when, what it costs, what the business has more of than fits."""
    known, fields = await pages.business_in(request), await Fields.read(request)
    wanted = await _plan(request, fields)
    if fields.errors:
        raise Invalid(fields.errors)
    return await _shown(request, known, wanted, {}, {}, 200)


async def update(request: Request) -> Response:
    """Set the plan, with its reason; what the business has stays, also where it is more than the plan has room for."""
    known, fields = await pages.business_in(request), await Fields.read(request)
    wanted = await _plan(request, fields)
    if fields.errors:
        raise Invalid(fields.errors)
    reason, version = fields.text("reason", REASON_MOST, required=True), fields.whole("version", required=False)
    acting = pages.scope_in(request, known.id)
    try:
        fields.check()
        setting = Setting(wanted, version, reason, settings(request).seller)
        await subscriptions.set_plan_of(db(request), acting, setting, settings(request).base_url)
    except Invalid as wrong:
        return await _shown(request, known, wanted, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _shown(request, known, wanted, fields.values, {"": [refused.sentence()]}, 409)
    async with db(request).read(acting) as read:
        said = await plan_said(read, wanted, known.locale)
    return pages.done(request, known, said)


async def prolong(request: Request) -> Response:
    """Give a business more days of trial."""
    known, fields = await pages.business_in(request), await Fields.read(request)
    days, reason = (
        fields.whole("days", least=1, most=MOST_DAYS), fields.text("reason", REASON_MOST, required=True),
    )  # fmt: skip
    acting, base = pages.scope_in(request, known.id), settings(request).base_url
    try:
        fields.check()
        await subscriptions.prolong_trial(db(request), acting, days, reason, base)
    except Invalid as wrong:
        return await pages.show_again(request, fields.values, wrong.errors, 422, acted="trial")
    except Conflict as refused:
        return await pages.show_again(request, fields.values, {"": [refused.sentence()]}, 409)
    return pages.done(request, known, _("The trial goes on. Its owners are told by mail."))


async def _plan(request: Request, fields: Fields) -> str:
    async with db(request).platform() as unit:
        return fields.choice("plan", await plans(unit))


async def _shown(  # noqa: PLR0917 - a page with its errors
    request: Request,
    known: Business,
    wanted: str,
    typed: Mapping[str, str],
    errors: Mapping[str, list[str]],
    status: int,
) -> Response:
    async with db(request).read(pages.scope_in(request, known.id)) as read:
        every = await plans(read)
        found = await subscriptions.seen(read, wanted, settings(request).seller)
    plan = every[wanted]
    return render(
        request, "console/tenants/plan.html", status, business=known, seen=found.preview, plan=plan, known=every,
        version=found.version, beyond=previews.beyond(plan, found.used, _LOCALE),
        fits=previews.fits(plan, found.used, _LOCALE), days=days_of, cycle_words=cycle_words,
        today=business_day(read.now, known.timezone), values={"reason": "", **typed}, errors=errors,
    )  # fmt: skip
