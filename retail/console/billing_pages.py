"""What the operator does about a business's bills: notes a bank transfer that came in, or takes one back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.billing import operations, takebacks
from retail.billing.queries import invoice_of
from retail.console import business_pages as pages
from retail.console import businesses
from retail.kit.errors import Conflict, Invalid
from retail.kit.text import _
from retail.life.closing import REASON_MOST
from retail.runtime.web.context import db, settings
from retail.runtime.web.forms import Fields
from retail.tenants.countries import usual_in


async def note_transfer(request: Request) -> Response:
    """Note a bank transfer; where nothing else is owed, everything works again at once."""
    known, fields = await pages.business_in(request), await Fields.read(request)
    acting = pages.scope_in(request, known.id)
    invoice, reference = fields.uuid("invoice"), fields.text("reference", 200, required=True)
    day = fields.day("received_on")
    if day is not None and day > _sellers_day(request):
        fields.error("received_on", _("Pick today or an earlier day: a transfer is noted once it is there."))
    try:
        fields.check()
        assert invoice is not None  # noqa: S101 - it was asked for
        assert day is not None  # noqa: S101
        async with db(request).read(acting) as read:
            found = await invoice_of(read, invoice)
        amount = fields.money("amount", found.money, least=1)
        fields.check()
        paid = operations.Payment(found.id, "transfer", reference, amount, day)
        await db(request).run(acting, operations.note_payment, paid)
    except Invalid as wrong:
        return await pages.show_again(request, fields.values, wrong.errors, 422, acted="payments")
    except Conflict as refused:
        return await pages.show_again(request, fields.values, {"": [refused.sentence()]}, 409)
    await businesses.note_on_platform(
        db(request), acting, "invoice.paid", number=found.number, amount_minor=amount, reference=reference,
        currency=found.currency, kind="transfer", received_on=day,
    )  # fmt: skip
    return pages.done(request, known, _("The payment is noted."))


async def take_back(request: Request) -> Response:
    """Take a wrongly noted transfer back; the business stands as its bills decide again."""
    known, fields = await pages.business_in(request), await Fields.read(request)
    acting, payment = pages.scope_in(request, known.id), request.path_params["payment"]
    reason = fields.text("reason", REASON_MOST, required=True)
    try:
        fields.check()
        took = await db(request).run(acting, takebacks.take_back, payment, reason, _sellers_day(request))
    except Invalid as wrong:
        return await pages.show_again(request, fields.values, wrong.errors, 422, acted=f"removal-{payment}")
    except Conflict as refused:
        return await pages.show_again(request, {}, {"": [refused.sentence()]}, 409)
    told = asdict(took)
    await businesses.note_on_platform(db(request), acting, "invoice.payment_taken_back", reason=reason, **told)
    return pages.done(request, known, _("The payment is taken back."))


def _sellers_day(request: Request) -> date:
    """Give the day where the seller's bank is, by the usual clock of the country."""
    zone = ZoneInfo(usual_in(settings(request).seller.country).timezone)
    return db(request).clock.now().astimezone(zone).date()
