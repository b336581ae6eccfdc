"""The list of voids: what was taken out of sales before they were paid, by whom, and why."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import render
from retail.sales.voids import voids
from retail.tenants import queries as tenants

KINDS: Final = ("line", "sale")


async def index(request: Request) -> Response:
    """List voids; store and kind are in the address."""
    asked = Asked.of(request, "/voids")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, kind = asked.one_of("store", {one.id for one in stores}), asked.option("kind", KINDS)
        page = await asked.page(lambda after: voids(read, store=store, kind=kind, limit=DEFAULT_LIMIT, after=after))
    return render(
        request,
        "sales/voids/index.html",
        asked.status,
        asked=asked,
        voids=page.items,
        store_choices=[(str(one.id), one.name) for one in stores],
        kinds=[("line", _("Lines")), ("sale", _("Whole sales"))],
        next=asked.next(page),
    )
