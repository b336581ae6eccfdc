"""The list of tries to take money by card: what became of each, and which receipt it paid."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.payments.queries import listed
from retail.payments.rules import OUTCOMES
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import render
from retail.tenants import queries as tenants


def state_words() -> dict[str, str]:
    """Say the states of an attempt in a shop worker's words."""
    return {
        "started": _("Not heard of"),
        "approved": _("Paid"),
        "declined": _("Declined"),
        "cancelled": _("Cancelled"),
        "unknown": _("Nobody knows"),
        "reversed": _("Given back"),
    }


async def index(request: Request) -> Response:
    """List card payments; store and outcome are in the address."""
    asked = Asked.of(request, "/payments")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, outcome = asked.one_of("store", {one.id for one in stores}), asked.option("outcome", OUTCOMES)
        page = await asked.page(
            lambda after: listed(read, store=store, outcome=outcome, limit=DEFAULT_LIMIT, after=after)
        )
    words = state_words()
    return render(
        request,
        "sales/payments/index.html",
        asked.status,
        asked=asked,
        attempts=page.items,
        store_choices=[(str(one.id), one.name) for one in stores],
        outcomes=[(one, words[one]) for one in OUTCOMES],
        state_words=words,
        next=asked.next(page),
    )
