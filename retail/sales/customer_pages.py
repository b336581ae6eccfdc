"""What the page of a customer shows: what is known of them, and what they bought. The page is of analytics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from retail.catalog.handlers import uuid_in
from retail.customers import queries
from retail.identity.permissions import VIEW_SALES
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import scope
from retail.sales import listing
from retail.sales.labels import receipt_label
from retail.sales.layaways.pages import state_words
from retail.sales.layaways.queries import LayawayFacts, layaways
from retail.sales.layaways.queries import Wanted as LayawaysWanted

_KEPT_MOST: Final = 10
_TRADE: Final = """
SELECT count(*) FILTER (WHERE s.kind = 'sale')::int AS sales, coalesce(sum(s.total_minor), 0)::bigint AS total,
       min(s.occurred_at) AS first, max(s.occurred_at) AS last
  FROM sale s WHERE s.tenant_id = $1 AND s.customer_id = ANY ($2) AND s.kind <> 'payment'
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


async def about(request: Request, read: Read, asked: Asked) -> dict[str, Any]:
    """Gather what the page of a customer shows: how to reach them, on which terms they buy, what they bought."""
    id = uuid_in(request)
    sees = scope(request).may(VIEW_SALES)
    found = await queries.customer(read, id)
    ids = await queries.merged_ids(read, id)
    wanted = listing.Wanted(customers=frozenset(ids))
    page: Page[listing.Listed] = Page([], None)
    kept: Page[LayawayFacts] = Page([], None)
    if sees:
        kept = await layaways(read, LayawaysWanted(customer=id), limit=_KEPT_MOST)
        page = await asked.page(lambda after: listing.sales(read, wanted, limit=DEFAULT_LIMIT, after=after))
    return {
        "customer": found,
        "merged": len(ids) - 1,
        "into": await queries.known(read, found.merged_into) if found.merged_into else None,
        "alike": [] if found.archived_at else await queries.alike(read, found),
        "exemptions": await queries.exemptions_of(read, found),
        "trade": await trade_of(read, ids) if sees else None,
        "sales": page.items,
        "kept": kept.items,
        "more_kept": kept.next is not None,
        "kept_states": state_words() if kept.items else {},
        "label": receipt_label,
        "next": asked.next(page),
    }
