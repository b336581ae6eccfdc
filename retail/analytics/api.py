"""The JSON API of analytics: figures of a time, and the same by group."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.analytics import groups, queries
from retail.identity.permissions import VIEW_COSTS, VIEW_DASHBOARD
from retail.kit.clock import business_day
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.tenants.queries import stores

router = APIRouter(tags=["analytics"])

First = Annotated[date | None, Query(alias="from", description="First business day; today without it.")]
Last = Annotated[date | None, Query(alias="to", description="Last business day, included; today without it.")]


@router.get("/analytics/kpis")
async def kpis(
    request: Request,
    scope: Scope = allow(VIEW_DASHBOARD),
    first: First = None,
    last: Last = None,
    store: UUID | None = None,
) -> Response:
    """Give revenue (as charged, less returns), sales, units, average basket, gross margin, refunds and tax.

    What goods cost, and the margin with it, is null for whoever may not see costs.
    """
    async with db(request).read(scope) as read:
        begin, end = await _days(read, first, last, store)
        sums = await queries.kpis(read, begin, end, store)
    costs = scope.holds(VIEW_COSTS)
    return json_answer(
        {
            "from": begin,
            "to": end,
            "revenue": sums.revenue,
            "sales": sums.sales,
            "units": sums.units,
            "average_basket": sums.average_basket,
            "gross_margin": sums.gross_margin if costs else None,
            "margin": sums.margin if costs else None,
            "refunds": sums.refunds,
            "returns": sums.returns,
            "tax": sums.tax,
            "cost": sums.cost if costs else None,
        }
    )


@router.get("/analytics/sales")
async def sales(
    request: Request,
    group: groups.Group,
    scope: Scope = allow(VIEW_DASHBOARD),
    first: First = None,
    last: Last = None,
    store: UUID | None = None,
) -> Response:
    """Give sales by group. `margin` is in minor units, `gross_margin` a share.

    Both are null where a group can't tell, and for whoever may not see costs.
    """
    async with db(request).read(scope) as read:
        begin, end = await _days(read, first, last, store)
        rows = await groups.grouped(read, group, begin, end, store)
    if not scope.holds(VIEW_COSTS):
        rows = [replace(row, margin=None, gross_margin=None) for row in rows]
    return json_answer({"from": begin, "to": end, "group": group, "items": rows})


async def _days(read: Read, first: date | None, last: date | None, store: UUID | None) -> tuple[date, date]:
    """Fill in what the address leaves out. Raises NotFound for an unknown store, Invalid for days out of order."""
    await queries.plan_for_any_business(read)
    places = await stores(read)
    if store and store not in {place.id for place in places}:
        raise NotFound("store")
    shown = [place for place in places if store in (None, place.id)]
    today = max(
        (business_day(read.now, place.timezone, place.day_cutoff_hour) for place in shown), default=read.now.date()
    )
    begin, end = first or last or today, last or today
    if end < begin:
        raise Invalid({"to": [_("The last day must not come before the first.")]})
    return begin, end
