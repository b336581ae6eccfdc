"""Pages of reordering: what to order now and why, and the rules of a product."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.catalog.suppliers.queries import preferred_ones, suppliers_of
from retail.kit.clock import business_day
from retail.kit.errors import DomainError, Invalid
from retail.kit.quantity import format_field
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.reordering.effects import FIRST, Row, Shown, effect_rows, together
from retail.stock.reordering.operations import NewRule, set_rule
from retail.stock.reordering.queries import FIELDS, needs, rules, suggestions
from retail.stock.reordering.rules import ending, point_of, suggest
from retail.stock.reordering.spending import Plan, budget_in, within
from retail.stock.reordering.summing import InShort, in_short
from retail.stock.reordering.words import cost, left_out, why
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants

MOST: Final = 500


async def index(request: Request) -> Response:
    """List what should be ordered now, and why."""
    asked = Asked.of(request, "/stock/suggestions")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        sellers = await preferred_ones(read)
        store, text = asked.one_of("store", {one.id for one in stores}), asked.search()
        choices = await store_choices(read, stores, store)
        supplier = asked.one_of("supplier", {id for id, _name in sellers})
        budget = await budget_in(read, asked)
        found, plan = InShort(0, 0, []), {}
        if budget and not asked.errors:
            every = await suggestions(read, store=store, text=text, supplier=supplier)
            plan = await within(read, every, budget)
            found = InShort(len(every), sum(map(cost, every)), every[:MOST])
        elif not asked.errors:
            found = await in_short(read, most=MOST, store=store, text=text, supplier=supplier)
    facts = tenant(request)
    return render(
        request,
        "stock/suggestions.html",
        asked.status,
        asked=asked,
        rows=[(one, why(one), cost(one)) for one in found.first],
        bought=plan,
        left_out=lambda one: left_out(one, plan[one.store, one.product], facts),
        spent=_spent(plan, budget) if budget and plan else None,
        effects=_effects(found),
        more=found.count - len(found.first),
        total=found.cost_minor,
        store_choices=choices,
        supplier_choices=[(str(id), name) for id, name in sellers],
    )


def _effects(found: InShort) -> list[Shown]:
    rows = [Row(one.name, one.need, one.unit_cost, (one.store, one.product)) for one in found.first[:FIRST]]
    return together(effect_rows(rows))


def _spent(plan: Plan, budget: int) -> dict[str, int]:
    bought = plan.values()
    return {
        "budget": budget,
        "cost": sum(one.cost_minor for one in bought),
        "orders": sum(1 for one in bought if one.quantity),
        "short": sum(1 for one in bought if one.least_minor is not None),
        "lost": sum(one.lost for one in bought),
    }


async def product_rules(request: Request) -> Response:
    """Show the rules of a product, one per store and one for all."""
    return await _rules(request, {}, {})


async def put_rule(request: Request) -> Response:
    """Set a rule; one without a figure is removed."""
    product: UUID = request.path_params["product"]
    fields = await Fields.read(request)
    store = fields.uuid("store", required=False)
    given = {name: _figure(fields, name) for name in FIELDS if name != "lead_days"}
    lead = fields.whole("lead_days", required=False, least=0) if fields.raw("lead_days").strip() else None
    version = fields.whole("version", required=False, least=0)
    try:
        fields.check()
        rule = NewRule(product, store, lead_days=lead, version=version, **given)
        await db(request).run(scope(request), set_rule, rule)
    except Invalid as wrong:
        return await _rules(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _rules(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/stock/{product}/rules", said=_("Saved."))


def _figure(fields: Fields, name: str) -> Decimal | None:
    return fields.quantity(name) if fields.raw(name).strip() else None


async def _rules(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int = 200
) -> Response:
    product: UUID = request.path_params["product"]
    async with db(request).read(scope(request)) as read:
        facts = await catalog.product(read, product)
        known = await rules(read, product)
        there = await needs(read, product)
        sellers = await suppliers_of(read, product)
        stores = await tenants.open_stores(read)
        today = business_day(read.now, tenant(request).timezone)
    rows = []
    for store, name in [(None, _("All stores")), *((one.id, one.name) for one in stores)]:
        rule, need = known.get(store), there.get(store) if store else None
        here = typed if typed.get("store", "") == str(store or "") and errors else {}
        values = {field: _shown(getattr(rule, field, None), tenant(request).locale) for field in FIELDS} | dict(here)
        rows.append(
            {
                "store": store,
                "name": name,
                "values": values | {"version": str(rule.version if rule else 0)},
                "errors": errors if here else {},
                "need": need,
                "point": point_of(need) if need else None,
                "suggestion": suggest(need) if need else None,
                "ending": ending(need, today) if need else None,
            }
        )
    usual = next((one for one in sellers if one.preferred and not one.supplier_archived), None)
    return render(request, "stock/rules.html", status, product=facts, rows=rows, usual=usual)


def _shown(value: Decimal | int | None, locale: str) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else format_field(value, locale)
