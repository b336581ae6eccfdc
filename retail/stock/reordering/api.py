"""The JSON API of reordering: the rules of a product, for one store or for all, and what to order now."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.catalog.schemas import Exact
from retail.catalog.suppliers import queries as suppliers
from retail.identity.permissions import EDIT_CATALOGUE, MOVE_STOCK, VIEW_COSTS, VIEW_STOCK
from retail.kit.money import MAX_MINOR
from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope, TenantFacts
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer
from retail.stock.api import Many
from retail.stock.reordering.operations import NewRule, lock_rules, set_rule
from retail.stock.reordering.queries import (
    FIELDS,
    ProductRule,
    RuleFacts,
    Suggested,
    paged,
    rules,
    standing_rules,
    suggestions,
)
from retail.stock.reordering.spending import Plan, within
from retail.stock.reordering.words import cost, left_out, why, written
from retail.tenants import queries as tenants

router = APIRouter(tags=["stock"])

Figure = Annotated[Decimal, Field(max_digits=14, decimal_places=3), Exact, Many]


class Rule(BaseModel):
    """When to order a product and how much; fields left out are empty, and a rule without any is removed."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[
        int | None, Field(strict=True, ge=0, description="The version it was read at, 0 where there was none.")
    ] = None
    reorder_point: Annotated[Figure, Field(description="Of one store; that of all stores is the product's.")] | None = (
        None
    )
    safety_stock: Figure | None = None
    target: Figure | None = None
    lead_days: Annotated[int, Field(strict=True)] | None = None
    pack_quantity: Figure | None = None
    minimum_order: Figure | None = None


@router.get("/stock/rules")
async def list_rules(
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    product: UUID | None = None,
    store: UUID | None = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List the rules of reordering that were set, by the products' names; `store` is null where one is for all."""
    async with db(request).read(scope) as read:
        await _require(read, product, store)
        page = await standing_rules(read, product=product, store=store, limit=limit, after=after)
    return json_answer({"items": [_listed(one) for one in page.items], "next": page.next})


@router.get("/stock/rules/{product}")
async def show_rule(request: Request, product: UUID, scope: Scope = allow(VIEW_STOCK)) -> Response:
    """Give a product's rule for all stores; version 0 and nothing set where there is none."""
    async with db(request).read(scope) as read:
        return _answer(product, await _now(read, product, None))


@router.put("/stock/rules/{product}")
async def put_rule(
    request: Request, product: UUID, wanted: Rule, scope: Scope = allow(MOVE_STOCK, also=EDIT_CATALOGUE)
) -> Response:
    """Set a product's rule for all stores. With `version` or If-Match only if it is still the one that was read."""
    return await _put(request, scope, product, None, wanted)


@router.get("/stock/rules/{product}/stores/{store}")
async def show_rule_of_store(
    request: Request, product: UUID, store: UUID, scope: Scope = allow(VIEW_STOCK)
) -> Response:
    """Give a product's own rule in a store; version 0 and nothing set where there is none."""
    async with db(request).read(scope) as read:
        return _answer(product, await _now(read, product, store))


@router.put("/stock/rules/{product}/stores/{store}")
async def put_rule_of_store(
    request: Request, product: UUID, store: UUID, wanted: Rule, scope: Scope = allow(MOVE_STOCK)
) -> Response:
    """Set a product's rule for one store, which wins field by field. `version` and If-Match as for all stores."""
    return await _put(request, scope, product, store, wanted)


@router.get("/stock/suggestions")
async def list_suggestions(
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    store: UUID | None = None,
    product: UUID | None = None,
    supplier: UUID | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    budget: Annotated[
        int | None, Query(ge=1, le=MAX_MINOR, description="Spend at most so much, in minor units.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List what should be ordered now and why, what runs out first at the top; `supplier`: usually bought there.

    With a `budget`, which needs the right to see costs, `in_budget` says of each how much of the order it buys where it
    saves the most margin, what that costs, the margin that the rest is expected to lose, and why it is left out.
    """
    async with db(request).read(scope) as read:
        await _require(read, product, store)
        if supplier:
            await suppliers.supplier(read, supplier)
        found = await suggestions(read, store=store, product=product, text=q, supplier=supplier)
        plan = {} if budget is None else await within(read, found, budget)
        page, facts = paged(found, limit=limit, after=after), await tenants.this_tenant(read)
    items = [_suggested(one, scope) | _in_budget(one, plan, facts) for one in page.items]
    return json_answer({"items": items, "next": page.next})


async def _put(request: Request, scope: Scope, product: UUID, store: UUID | None, wanted: Rule) -> Response:
    given = wanted.model_dump(exclude={"version"})

    async def run(tx: Tx) -> RuleFacts:
        await lock_rules(tx, product)
        now = await _now(tx, product, store)
        require_seen(request, now.version, wanted.version)
        await set_rule(tx, NewRule(product, store, version=now.version, **given))
        return await _now(tx, product, store)

    return _answer(product, await db(request).run(scope, run))


async def _require(read: Read, product: UUID | None, store: UUID | None) -> None:
    """Raise NotFound for what isn't there."""
    if product:
        await catalog.product(read, product)
    if store:
        await tenants.store(read, store)


async def _now(read: Read, product: UUID, store: UUID | None) -> RuleFacts:
    await _require(read, product, store)
    return (await rules(read, product)).get(store, RuleFacts(store))


def _answer(product: UUID, rule: RuleFacts) -> Response:
    return tagged(json_answer({"product": product} | _rule(rule)), rule.version)


def _listed(one: ProductRule) -> dict[str, Any]:
    return {"product": one.product, "sku": one.sku, "name": one.name} | _rule(one.rule)


def _rule(rule: RuleFacts) -> dict[str, Any]:
    figures = {name: getattr(rule, name) for name in FIELDS}
    told = {name: _figure(value) if isinstance(value, Decimal) else value for name, value in figures.items()}
    return {"store": rule.store} | told | {"version": rule.version}


def _suggested(one: Suggested, scope: Scope) -> dict[str, Any]:
    need, made, costs = one.need, one.suggestion, scope.holds(VIEW_COSTS)
    return {
        "product": one.product,
        "sku": one.sku,
        "name": one.name,
        "unit": one.unit,
        "store": one.store,
        "store_name": one.store_name,
        "on_hand": _figure(need.on_hand),
        "reserved": _figure(need.reserved),
        "incoming": _figure(need.incoming),
        "per_day": written(need.per_day),
        "point": written(made.point),
        "reach": written(made.reach),
        "order": written(made.order),
        "packs": made.packs,
        "pack_quantity": None if need.pack_quantity is None else _figure(need.pack_quantity),
        "raised_to_minimum": made.raised_to_minimum,
        "why": why(one),
        "expected": None if made.use is None else written(made.use),
        "expected_days": None if made.use is None else need.span,
        "safety": written(made.safety),
        "service_percent": need.ahead.service if need.ahead and made.use is not None else None,
        "runs_out_on": one.runs_out,
        "gone_percent": one.ending.chance,
        "gone_by": one.ending.before,
        "supplier": one.supplier,
        "supplier_name": one.supplier_name or None,
        "unit_cost": one.unit_cost if costs else None,
        "cost": cost(one) if costs else None,
    }


def _in_budget(one: Suggested, plan: Plan, facts: TenantFacts) -> dict[str, Any]:
    bought = plan.get((one.store, one.product))
    if bought is None:
        return {"in_budget": None}
    told = {"order": written(bought.quantity), "cost": bought.cost_minor, "lost_margin": bought.lost}
    return {"in_budget": told | {"left_out_why": left_out(one, bought, facts) or None}}


def _figure(quantity: Decimal) -> str:
    return quantity_text(to_milli(quantity))
