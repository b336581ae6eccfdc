"""The JSON API of the catalogue: products, and the tills' snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.catalog import operations, queries
from retail.catalog.codes.api import router as codes
from retail.catalog.errors import ProductChanged
from retail.catalog.group_api import router as groups
from retail.catalog.prices.api import router as prices
from retail.catalog.prices.list_api import router as price_lists
from retail.catalog.products.drafting import checked, draft_of, merged, require_costs
from retail.catalog.products.family_api import router as families
from retail.catalog.products.pictures import pictures as pictures_of
from retail.catalog.products.programs import trait_facts
from retail.catalog.products.reading import traits_of
from retail.catalog.schemas import NewProduct, ProductChange
from retail.catalog.snapshot import snapshot
from retail.catalog.suppliers.api import router as suppliers
from retail.identity.permissions import EDIT_CATALOGUE, SELL, VIEW_CATALOGUE, VIEW_COSTS
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, UpdatedSince, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer, packed_answer

router = APIRouter(tags=["catalogue"])
router.routes += groups.routes
router.routes += codes.routes
router.routes += families.routes
router.routes += prices.routes
router.routes += price_lists.routes
router.routes += suppliers.routes


@router.get("/products")
async def list_products(
    request: Request,
    scope: Scope = allow(VIEW_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    updated_since: UpdatedSince = None,
    barcode: Annotated[str, Query(max_length=48)] = "",
    sku: Annotated[str, Query(max_length=60)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    category: UUID | None = None,
) -> Response:
    """List products; with `updated_since` in the order of their change, archived ones too."""
    wanted = queries.Wanted(q, barcode, sku, category, updated_since)
    async with db(request).read(scope) as read:
        page = await queries.products(read, wanted, limit=limit, after=after)
        traits = await traits_of(read, [item.id for item in page.items])
    items = [_shown(item, scope) | trait_facts(traits[item.id]) for item in page.items]
    return json_answer({"items": items, "next": page.next})


@router.post("/products", status_code=201)
async def create_product(request: Request, new: NewProduct, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Put a product on sale."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            require_costs(scope, new)
            draft = await checked(tx, merged(operations.Draft(new.id or new_id(), "", "", UUID(int=0), 0), new))
            if await tx.fetchval("SELECT 1 FROM product WHERE tenant_id = $1 AND id = $2", tx.tenant, draft.id):
                raise Invalid({"id": ["A product with this id exists; change it with PATCH."]})
            await operations.put_products(tx, [draft])
            return await _told(tx, draft.id, scope)

        answered = await idempotent(request, tx, "products.create", make)
    return json_answer(answered.body, 200 if answered.replayed else 201)


@router.get("/products/{id}")
async def show_product(request: Request, id: UUID, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """Give one product."""
    async with db(request).read(scope) as read:
        known = await queries.product(read, id)
        told = await _told(read, id, scope)
    return tagged(json_answer(told), known.version)


@router.patch("/products/{id}")
async def change_product(
    request: Request, id: UUID, change: ProductChange, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Change a product; fields left out stay. With `version` or If-Match only if it is still the one that was read."""
    async with db(request).begin(scope) as tx:
        await operations.lock_catalogue(tx)
        now = await queries.product(tx, id)
        require_seen(request, now.version)
        require_costs(scope, change)
        if change.version not in {None, now.version}:
            raise ProductChanged(now.version)
        before = (await traits_of(tx, [id]))[id]
        draft = await checked(tx, merged(replace(draft_of(now), traits=before), change))
        await operations.put_products(tx, [draft])
        stored = await queries.product(tx, id)
        told = await _told(tx, id, scope)
    return tagged(json_answer(told), stored.version)


@router.delete("/products/{id}", status_code=204)
async def archive_product(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take a product off sale; its history stays."""
    await db(request).run(scope, operations.archive_product, id)
    return Response(status_code=204)


@router.post("/products/{id}/restoration")
async def restore_product(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Put an archived product back on sale; one that is on sale stays as it is."""
    async with db(request).begin(scope) as tx:
        await operations.restore_product(tx, id)
        stored, told = await queries.product(tx, id), await _told(tx, id, scope)
    return tagged(json_answer(told), stored.version)


@router.get("/catalogue")
async def catalogue(
    request: Request,
    scope: Scope = allow(SELL),
    since: Annotated[int, Query(ge=0, le=2**62)] = 0,
    store: UUID | None = None,
) -> Response:
    """Give the tills' columnar copy, at a store's prices: everything, or what changed since a version."""
    async with db(request).read(scope) as read:
        told = await snapshot(read, since, store)
    return await packed_answer(request, told)


async def _told(read: Read, id: UUID, scope: Scope) -> dict[str, Any]:
    traits = (await traits_of(read, [id]))[id]
    pictures = [one.name for one in await pictures_of(read, id)]
    return _shown(await queries.product(read, id), scope) | trait_facts(traits) | {"pictures": pictures}


def _shown(product: queries.ProductFacts, scope: Scope) -> dict[str, Any]:
    return {
        "id": product.id,
        "sku": product.sku,
        "name": product.name,
        "barcodes": list(product.barcodes),
        "category": product.category,
        "category_name": product.category_name,
        "price": product.price_minor,
        "tax_class": product.tax_class,
        "rate_micros": product.rate_micros,
        "family": product.family,
        "options": dict(product.options),
        "unit": product.unit,
        "unit_cost": product.unit_cost if scope.holds(VIEW_COSTS) else None,
        "reorder_point": product.reorder_point,
        "favourite": product.favourite,
        "active": product.archived_at is None,
        "version": product.version,
        "updated_at": product.updated_at,
    }
