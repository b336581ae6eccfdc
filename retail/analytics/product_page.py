"""One product on one page: what it is, what there is of it, what moved, how it sold, what it cost when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics.writing import day_label, long_day
from retail.catalog import queries as catalog
from retail.catalog.costs import cost_of
from retail.catalog.products import modifiers, price_trail, reading
from retail.catalog.products.families import family
from retail.catalog.products.pictures import pictures
from retail.catalog.products.traits import KIT, Traits, content_words
from retail.catalog.suppliers.forms import with_costs
from retail.catalog.suppliers.queries import suppliers_of
from retail.identity.permissions import VIEW_COSTS, VIEW_DASHBOARD, VIEW_STOCK
from retail.kit.clock import business_day
from retail.kit.money import currency, format_cost, format_money
from retail.kit.quantity import format_quantity
from retail.kit.text import _
from retail.recommending.pages import panel
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.responses import json_answer, render
from retail.stock import levels, moved
from retail.stock.costing.layers import layers_left
from retail.stock.costing.settling import FIFO, method_of
from retail.stock.handlers import kind_names
from retail.stock.levels import Narrowed, StockLevel
from retail.tenants import queries as tenants

WEEKS: Final = 26
_LONG: Final = 31
_MOVES: Final = 8
_WEEKLY: Final = """
SELECT w.first, coalesce(sum(d.units), 0) AS units, coalesce(sum(d.revenue_minor), 0)::bigint AS revenue
  FROM generate_series($4::date, $5::date, interval '7 days') AS g (at)
 CROSS JOIN LATERAL (SELECT g.at::date AS first) w
  LEFT JOIN product_day d ON d.tenant_id = $1 AND d.product_id = $2 AND d.store_id = ANY ($3::uuid[])
                         AND d.business_date >= w.first AND d.business_date < w.first + 7
 GROUP BY w.first ORDER BY w.first
"""


@dataclass(frozen=True, slots=True)
class Week:
    """What was sold in a week, written with its first day."""

    label: str
    words: str
    units: Decimal
    revenue: int


async def show(request: Request) -> Response:
    """Show a product; its stock to who may see stock, its sales to who may see figures. Raises NotFound."""
    who, id = scope(request), UUID(str(request.path_params["id"]))
    async with db(request).read(who) as read:
        product = await catalog.product(read, id)
        traits = (await reading.traits_of(read, [id]))[id]
        context = await _about(read, product, traits)
        if who.holds(VIEW_COSTS):
            context["cost"] = await cost_of(read, id)
        context["supplies"] = with_costs(await suppliers_of(read, id), tenant(request).locale)
        if who.may(VIEW_STOCK) and traits.kind != "service":
            context |= await _stock(read, id)
        if who.holds(VIEW_COSTS) and context.get("total") is not None and await method_of(read) == FIFO:
            context["layers"] = await layers_left(read, id)
        if who.may(VIEW_DASHBOARD):
            weeks = await _weeks(read, tenant(request), id)
            context |= {"weeks": weeks, "sold": sum((one.units for one in weeks), Decimal(0))}
            context |= await panel(read, id, tenant(request).locale)
    at = edge(request)
    live = "&".join(f"topic=stock:{one.store}" for one in context.get("levels", ()))
    return render(
        request,
        "analytics/products/show.html",
        product=product,
        traits=traits,
        kinds=kind_names(),
        cost_words=lambda cost: format_cost(cost, tenant(request).money, tenant(request).locale),
        live=f"{at.base}/live?{live}" if live else None,
        **context,
    )


async def sold(request: Request) -> Response:
    """Give the rows of the product's chart: what was sold, by week."""
    facts = tenant(request)
    async with db(request).read(scope(request)) as read:
        product = await catalog.product(read, UUID(str(request.path_params["id"])))
        weeks = await _weeks(read, facts, product.id)
    rows = [
        {
            "place": at,
            "label": one.label,
            "units": f"{one.units:f}",
            "tip": f"{one.words}: {format_quantity(one.units, facts.locale)} · "
            f"{format_money(one.revenue, currency(facts.currency), facts.locale)}",
        }
        for at, one in enumerate(weeks)
    ]
    return json_answer(rows, headers={"Cache-Control": "no-store"})


async def _about(read: Read, product: catalog.ProductFacts, traits: Traits) -> dict[str, Any]:
    known = await modifiers.groups(read) if traits.modifier_groups else []
    parts = await reading.parts_of(read, product.id) if traits.kind == KIT else []
    deposit = await catalog.product(read, traits.deposit) if traits.deposit else None
    of = await read.fetchval("SELECT family_id FROM product WHERE tenant_id = $1 AND id = $2", read.tenant, product.id)
    return {
        "pictures": await pictures(read, product.id),
        "parts": parts,
        "packs": await reading.kits_with(read, product.id),
        "deposit": deposit,
        "choices": modifiers.of_products(known, traits.modifier_groups),
        "family": await family(read, of) if of else None,
        "content": content_words(traits.content_milli, traits.content_unit),
        "prices": await price_trail.prices(read, product.id),
        "scheduled": _scheduled(traits, read.now),
        "levels": [],
        "moves": [],
    }


def _scheduled(traits: Traits, now: datetime) -> str:
    """Say in a word that a product isn't on sale by its schedule: "soon" or "over"; '' where it is."""
    if traits.on_sale(now):
        return ""
    return "soon" if traits.available_from and now < traits.available_from else "over"


async def _stock(read: Read, id: UUID) -> dict[str, Any]:
    found: Sequence[StockLevel] = (await levels.levels(read, Narrowed(product=id, archived=True), limit=500)).items
    history = await moved.moves(read, product=id, limit=_MOVES)
    hidden = any(one.hidden for one in found)  # counted blind: neither the sum nor what moved is told
    return {
        "levels": found,
        "total": None if hidden else sum((one.on_hand for one in found), Decimal(0)),
        "moves": history.items,
        "more_moves": history.next is not None,
    }


async def _weeks(read: Read, facts: TenantFacts, id: UUID) -> list[Week]:
    stores = await tenants.stores(read)
    today = max((business_day(read.now, one.timezone, one.day_cutoff_hour) for one in stores), default=read.now.date())
    last = today - timedelta(days=today.weekday())
    first = last - timedelta(weeks=WEEKS - 1)
    rows = await read.fetch(_WEEKLY, read.tenant, id, [one.id for one in stores], first, last)
    return [
        Week(day_label(day, _LONG, facts.locale), _week_words(day, facts.locale), units, revenue)
        for day, units, revenue in rows
    ]


def _week_words(day: date, locale: str) -> str:
    return _("Week of %(day)s") % {"day": long_day(day, locale)}
