"""The page of a customer: what is known of them, and what they bought; it stands here because sales know customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.customers import queries
from retail.identity.permissions import VIEW_SALES
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import render
from retail.sales import listing
from retail.sales.labels import receipt_label

_TRADE: Final = """
SELECT count(*) FILTER (WHERE s.kind = 'sale')::int AS sales, coalesce(sum(s.total_minor), 0)::bigint AS total,
       min(s.occurred_at) AS first, max(s.occurred_at) AS last
  FROM sale s WHERE s.tenant_id = $1 AND s.customer_id = ANY ($2)
"""


@dataclass(frozen=True, slots=True)
class Trade:
    """What a customer bought all in all: returns are taken off the total, in minor units."""

    sales: int
    total_minor: int
    first: datetime | None
    last: datetime | None


async def trade_of(read: Read, ids: Sequence[UUID]) -> Trade:
    """Add up what was sold to these ids of one customer."""
    row = await read.fetchrow(_TRADE, read.tenant, list(ids))
    return Trade(*row.values()) if row else Trade(0, 0, None, None)


async def show(request: Request) -> Response:
    """Show a customer: how to reach them, on which terms they buy, what they bought."""
    id = uuid_in(request)
    asked = Asked.of(request, f"/customers/{id}")
    sees = scope(request).may(VIEW_SALES)
    async with db(request).read(scope(request)) as read:
        found = await queries.customer(read, id)
        ids = await queries.merged_ids(read, id)
        wanted = listing.Wanted(customers=frozenset(ids))
        page = (
            await asked.page(lambda after: listing.sales(read, wanted, limit=DEFAULT_LIMIT, after=after))
            if sees
            else Page[listing.Listed]([], None)
        )
        trade = await trade_of(read, ids) if sees else None
        into = await queries.known(read, found.merged_into) if found.merged_into else None
        alike = [] if found.archived_at else await queries.alike(read, found)
        exemptions = await queries.exemptions_of(read, found)
    return render(
        request,
        "customers/show.html",
        asked.status,
        customer=found,
        merged=len(ids) - 1,
        into=into,
        alike=alike,
        exemptions=exemptions,
        trade=trade,
        asked=asked,
        sales=page.items,
        label=receipt_label,
        next=asked.next(page),
    )
