"""Keeping a card for the invoices to come, and keeping it no more."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.billing.cards import remove_card
from retail.billing.plans import plans
from retail.billing.queries import plan_of
from retail.billing.stripe import Stripe
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.web.context import db, edge, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.outgoing import Outgoing
from retail.runtime.web.responses import lead_away, redirect


async def keep(request: Request) -> Response:
    """Lead to the provider's page on which a card is given. Raises NoCards."""
    fields = await Fields.read(request)
    key = fields.uuid("key", required=False) or new_id()
    fields.check()
    async with db(request).read(scope(request)) as read:
        plan = (await plans(read))[await plan_of(read)]
    here = edge(request)
    provider = Stripe(settings(request).seller, Outgoing.of(settings(request)))
    back = here.origin + here.base + "/billing"
    address = await provider.card_page(tenant(request).id, plan.currency, back, key)
    return lead_away(request, address)


async def remove(request: Request) -> Response:
    """Keep no card any more. Raises NoCardKept."""
    await db(request).run(scope(request), remove_card)
    return redirect(request, "/billing", said=_("The card is forgotten. Invoices are paid by hand again."))
