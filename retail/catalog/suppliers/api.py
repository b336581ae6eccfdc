"""The JSON API of suppliers: who they are, what they sell, and who sells a product."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.catalog import queries as catalog
from retail.catalog.suppliers import operations, queries, supplies
from retail.catalog.suppliers.queries import SupplierFacts, SupplyFacts, Wanted
from retail.catalog.suppliers.rules import Supplier, Supply
from retail.catalog.suppliers.schemas import NewSupplier, SupplierChange, Terms
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE, VIEW_COSTS
from retail.kit.errors import ChangedMeanwhile, Forbidden, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, UpdatedSince, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import VersionChanged, require_seen, tagged
from retail.runtime.web.responses import json_answer
from retail.tenants.queries import this_tenant

router = APIRouter(tags=["catalogue"])


@router.get("/suppliers")
async def list_suppliers(
    request: Request,
    scope: Scope = allow(VIEW_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    updated_since: UpdatedSince = None,
    q: Annotated[str, Query(max_length=100)] = "",
    archived: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """List suppliers by name; with `updated_since` in the order of their change, archived ones too."""
    async with db(request).read(scope) as read:
        page = await queries.suppliers(read, Wanted(q, archived, updated_since), limit=limit, after=after)
    return json_answer({"items": [_shown(one) for one in page.items], "next": page.next})


@router.post("/suppliers", status_code=201)
async def add_supplier(request: Request, new: NewSupplier, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Add a supplier."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            id = new.id or new_id()
            money = (await this_tenant(tx)).currency
            await operations.add_supplier(tx, id, Supplier(**{"currency": money} | new.said()))
            return _shown(await queries.supplier(tx, id))

        return (await idempotent(request, tx, "suppliers.add", make)).response()


@router.get("/suppliers/{id}")
async def show_supplier(request: Request, id: UUID, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """Give one supplier, archived or not."""
    async with db(request).read(scope) as read:
        return _answer(await queries.supplier(read, id))


@router.patch("/suppliers/{id}")
async def change_supplier(
    request: Request, id: UUID, change: SupplierChange, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Change a supplier; fields left out stay. With `version` or If-Match only if it is still the one that was read."""

    async def run(tx: Tx) -> SupplierFacts:
        await operations.lock_suppliers(tx)
        now = await queries.supplier(tx, id)
        require_seen(request, now.version, change.version)
        await operations.change_supplier(tx, id, replace(operations.as_wanted(now), **change.said()))
        return await queries.supplier(tx, id)

    return _answer(await db(request).run(scope, run))


@router.delete("/suppliers/{id}", status_code=204)
async def archive_supplier(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Archive a supplier; its terms stay, and suggest nothing."""
    await db(request).run(scope, operations.archive_supplier, id)
    return Response(status_code=204)


@router.post("/suppliers/{id}/restoration")
async def restore_supplier(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Bring an archived supplier back."""

    async def run(tx: Tx) -> SupplierFacts:
        await operations.restore_supplier(tx, id)
        return await queries.supplier(tx, id)

    return _answer(await db(request).run(scope, run))


@router.get("/suppliers/{id}/products")
async def list_products_of_supplier(
    request: Request,
    id: UUID,
    scope: Scope = allow(VIEW_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """List what a supplier sells, by the products' names."""
    async with db(request).read(scope) as read:
        await queries.supplier(read, id)
        page = await queries.products_of(read, id, text=q, limit=limit, after=after)
    return json_answer({"items": [_terms(one, scope) for one in page.items], "next": page.next})


@router.get("/products/{id}/suppliers")
async def list_suppliers_of_product(request: Request, id: UUID, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """List who sells a product, the preferred one first; there are fifty at most."""
    async with db(request).read(scope) as read:
        await catalog.product(read, id)
        found = await queries.suppliers_of(read, id)
    return json_answer({"items": [_terms(one, scope) for one in found], "next": None})


@router.put("/products/{id}/suppliers/{supplier}")
async def put_terms(
    request: Request, id: UUID, supplier: UUID, terms: Terms, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Set the terms on which a supplier sells a product. `version` as read, 0 where it doesn't sell it yet."""
    if terms.cost is not None and not scope.holds(VIEW_COSTS):
        raise Forbidden(VIEW_COSTS)

    async def run(tx: Tx) -> SupplyFacts:
        await operations.lock_suppliers(tx)
        now = await _known(tx, id, supplier)
        if now is not None:
            require_seen(request, now.version)
        cost = terms.cost if scope.holds(VIEW_COSTS) or now is None else now.cost
        sent = terms.model_dump(exclude={"version", "cost"})
        try:
            await supplies.put_supply(tx, Supply(id, supplier, cost=cost, **sent), terms.version)
        except ChangedMeanwhile:
            raise VersionChanged(now.version if now else 0) from None
        return await queries.supply(tx, id, supplier)

    stored = await db(request).run(scope, run)
    return tagged(json_answer(_terms(stored, scope)), stored.version)


@router.delete("/products/{id}/suppliers/{supplier}", status_code=204)
async def remove_terms(request: Request, id: UUID, supplier: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Note that a supplier no longer sells a product."""
    await db(request).run(scope, supplies.remove_supply, id, supplier)
    return Response(status_code=204)


async def _known(read: Read, product: UUID, of: UUID) -> SupplyFacts | None:
    try:
        return await queries.supply(read, product, of)
    except NotFound:
        return None


def _answer(one: SupplierFacts) -> Response:
    return tagged(json_answer(_shown(one)), one.version)


def _shown(one: SupplierFacts) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in (*operations.FIELDS, "version", "updated_at", "products")}
    least = told.pop("min_order_minor")
    return {"id": one.id, **told, "min_order": least, "active": one.archived_at is None}


def _terms(one: SupplyFacts, scope: Scope) -> dict[str, Any]:
    return {
        "product": one.product,
        "sku": one.sku,
        "name": one.name,
        "supplier": one.supplier,
        "supplier_name": one.supplier_name,
        "supplier_code": one.supplier_code,
        "currency": one.currency,
        "supplier_sku": one.supplier_sku,
        "pack_quantity": one.pack_quantity,
        "cost": one.cost if scope.holds(VIEW_COSTS) else None,
        "min_order_quantity": one.min_order_quantity,
        "lead_days": one.own_lead_days,
        "preferred": one.preferred,
        "active": not one.supplier_archived and not one.product_archived,
        "version": one.version,
        "updated_at": one.updated_at,
    }
