"""The stock in a look: what it is worth, what is low, gone, dead, out of date soon or on its way, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.permissions import VIEW_COSTS
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope
from retail.runtime.web.responses import render
from retail.stock import insights
from retail.stock.counts import queries as counts
from retail.stock.levels import worth
from retail.stock.reordering.summing import in_short
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants

MOST: Final = 8
SOON: Final = 14
_EXPIRING: Final = """
SELECT count(DISTINCT b.product_id) FROM lot_balance b JOIN lot l ON l.tenant_id = b.tenant_id AND l.id = b.lot_id
 WHERE b.tenant_id = $1 AND ($2::uuid IS NULL OR b.store_id = $2) AND b.on_hand > 0
   AND l.expires_on <= $3::date + $4::integer
"""
_IN_TRANSIT: Final = """
SELECT count(DISTINCT t.id) AS transfers, coalesce(sum(round(l.quantity * l.unit_cost)), 0)::bigint AS worth
  FROM transfer t JOIN transfer_line l ON l.tenant_id = t.tenant_id AND l.transfer_id = t.id
 WHERE t.tenant_id = $1 AND t.state = 'sent' AND ($2::uuid IS NULL OR t.to_store_id = $2 OR t.from_store_id = $2)
"""

# The few that are gone are found first; only of them is asked whether anything ever moved.
_OUT: Final = """
WITH gone AS MATERIALIZED (
  SELECT store_id, product_id FROM stock_balance
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2) AND on_hand <= 0)
SELECT count(DISTINCT g.product_id) FROM gone g
  JOIN product p ON p.tenant_id = $1 AND p.id = g.product_id AND p.archived_at IS NULL
 WHERE EXISTS (SELECT FROM stock_move m WHERE m.tenant_id = $1 AND m.product_id = g.product_id
                  AND m.store_id = g.store_id)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page says in figures; the value is None for whoever may not see costs."""

    value_minor: int | None
    held: int
    low: int
    out: int
    dead: int
    dead_minor: int | None
    open_counts: int
    expiring: int
    in_transit: int
    in_transit_minor: int | None


async def index(request: Request) -> Response:
    """Show the stock in a look."""
    asked = Asked.of(request, "/stock/overview")
    async with db(request).read(scope(request), seconds=30) as read:
        stores = await tenants.stores(read)
        store = asked.one_of("store", {one.id for one in stores})
        choices = await store_choices(read, stores, store)
        dead = await insights.dead_in_short(read, store, MOST)
        figures = await _figures(read, store, dead)
        wanted = await in_short(read, store=store, most=MOST)
        going = (await counts.counts(read, store=store, state="open", limit=MOST)).items
    shown = [one.id for one in stores if store in {None, one.id}]
    return render(
        request,
        "stock/overview.html",
        asked.status,
        asked=asked,
        figures=figures,
        wanted=wanted.first,
        wanted_in_all=wanted.count,
        dead=dead.dearest,
        counts=going,
        store_choices=choices,
        live=f"{edge(request).base}/live?{urlencode([('topic', f'stock:{one}') for one in shown])}",
    )


async def _figures(read: Read, store: UUID | None, dead: insights.DeadInShort) -> Figures:
    all_of_it = await worth(read, store)
    costs = read.scope.holds(VIEW_COSTS)
    going = await counts.counts(read, store=store, state="open", limit=100)
    on_the_way = await read.fetchrow(_IN_TRANSIT, read.tenant, store)
    return Figures(
        all_of_it.value_minor if costs else None,
        all_of_it.products,
        all_of_it.low,
        int(await read.fetchval(_OUT, read.tenant, store)),
        dead.products,
        dead.value if costs else None,
        len(going.items),
        int(await read.fetchval(_EXPIRING, read.tenant, store, read.now.date(), SOON)),
        on_the_way["transfers"] if on_the_way else 0,
        on_the_way["worth"] if costs and on_the_way else None,
    )
