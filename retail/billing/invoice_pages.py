"""An invoice: what it is for, paying it by card, its paper."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.billing import queries
from retail.billing.cards import card_of, charge_of
from retail.billing.drafts import days_of
from retail.billing.errors import NothingToPay
from retail.billing.letters import refusal_words
from retail.billing.paper import invoice_pdf
from retail.billing.plans import Plan, cycle_words, plans
from retail.billing.queries import Invoice
from retail.billing.stripe import Stripe
from retail.kit.errors import Conflict
from retail.kit.text import _
from retail.runtime.web.context import db, edge, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.outgoing import Outgoing
from retail.runtime.web.responses import lead_away, render


async def invoice(request: Request) -> Response:
    """Show one invoice."""
    return await _invoice_page(request, {}, 200)


async def pay(request: Request) -> Response:
    """Lead to the page on which an invoice is paid by card."""
    fields = await Fields.read(request)
    wanted: UUID = request.path_params["invoice"]
    async with db(request).read(scope(request)) as read:
        found = await queries.invoice_of(read, wanted)
    here = edge(request)
    back = here.origin + here.base + f"/billing/invoices/{wanted}"
    try:
        if not found.open_minor:
            raise NothingToPay
        what = _("Invoice %(number)s") % {"number": found.number}
        provider = Stripe(settings(request).seller, Outgoing.of(settings(request)))
        address = await provider.checkout(tenant(request).id, found, what, back, keep=fields.flag("keep"))
    except Conflict as refused:
        return await _invoice_page(request, {"": [refused.sentence()]}, 409)
    return lead_away(request, address)


async def paper(request: Request) -> Response:
    """Give an invoice as a PDF."""
    async with db(request).read(scope(request)) as read:
        found, known = await queries.invoice_of(read, request.path_params["invoice"]), await plans(read)
    return await pdf_of(found, known, tenant(request).locale, tenant(request).timezone)


async def pdf_of(found: Invoice, known: Mapping[str, Plan], locale: str, timezone: str) -> Response:
    """Answer with an invoice's paper."""
    made = await invoice_pdf(found, known, locale, timezone)
    name = f'attachment; filename="{found.number}.pdf"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


async def _invoice_page(request: Request, errors: Mapping[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        found: Invoice = await queries.invoice_of(read, request.path_params["invoice"])
        paid, known = await queries.payments_of(read, found.id), await plans(read)
        card, charge = await card_of(read), await charge_of(read, found.id)
    return render(
        request,
        "billing/invoice.html",
        status,
        invoice=found,
        days=days_of,
        payments=paid,
        known=known,
        cycle_words=cycle_words,
        by_card=bool(settings(request).seller.stripe_secret_key),
        card=card,
        charge=charge,
        refusal_words=refusal_words,
        came_back=request.query_params.get("paid") == "card",
        errors=errors,
    )
