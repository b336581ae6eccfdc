"""The JSON API of recommendations: what is bought with a product, what to add to a basket, what is never suggested."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.identity.permissions import EDIT_CATALOGUE, SELL, VIEW_DASHBOARD
from retail.recommending import operations, queries
from retail.recommending.operations import Never
from retail.recommending.queries import Neighbour, NeverRow
from retail.recommending.rules import NEIGHBOURS
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["recommendations"])

MOST_IN_BASKET = 100


class Exclude(BaseModel):
    """What is never to be suggested."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[UUID | None, Field(description="Yours, if you want to know it beforehand.")] = None
    product: UUID
    other: Annotated[
        UUID | None, Field(description="Never with this one, in both directions; without it, `product` anywhere.")
    ] = None


@router.get("/products/{id}/also-bought")
async def list_also_bought(
    request: Request,
    id: UUID,
    scope: Scope = allow(VIEW_DASHBOARD),
    limit: Annotated[int, Query(ge=1, le=NEIGHBOURS, description="How many items at most.")] = NEIGHBOURS,
) -> Response:
    """Give what is bought with a product, the strongest first, with support and lift; of all stores together.

    `together` of `baskets` with this product had both; `support` is that share, `lift` how many times as often as by
    chance. Whoever doesn't see all stores is answered 403.
    """
    async with db(request).read(scope) as read:
        product = await catalog.product(read, id)
        found = await queries.also_bought(read, product.id, limit)
        at = (await queries.state(read)).worked_out_at
    return json_answer({"worked_out_at": at, "items": [_neighbour(one) for one in found], "next": None})


@router.get("/recommendations/add-ons")
async def list_add_ons(
    request: Request,
    scope: Scope = allow(SELL),
    product: Annotated[
        list[UUID], Query(max_length=MOST_IN_BASKET, description="What is in the basket; once per product.")
    ] = [],  # noqa: B006 - FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=50, description="How many items at most.")] = 5,
) -> Response:
    """Rank what to add to a basket; what is in it, excluded or not on sale is left out. Unknown ids add nothing."""
    async with db(request).read(scope) as read:
        found = await queries.add_ons(read, product, limit)
    items = [
        {
            "product": one.product,
            "sku": one.sku,
            "name": one.name,
            "price": one.price_minor,
            "score": _score(one.score),
            "because": one.because,
        }
        for one in found
    ]
    return json_answer({"items": items, "next": None})


@router.get("/recommendations/excludes")
async def list_excludes(
    request: Request,
    scope: Scope = allow(EDIT_CATALOGUE),
    product: UUID | None = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List what is never suggested, the newest first; `product`: with this one on either side."""
    async with db(request).read(scope) as read:
        page = await queries.excludes(read, product=product, limit=limit, after=after)
    return json_answer({"items": [_never(one) for one in page.items], "next": page.next})


@router.post("/recommendations/excludes", status_code=201)
async def create_exclude(request: Request, wanted: Exclude, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Never suggest a product with another, or anywhere. Asked again, the exclude that is there is the answer (200)."""

    async def run(tx: Tx) -> tuple[Never, bool]:
        return await operations.exclude(tx, wanted.product, wanted.other, wanted.id)

    made, is_new = await db(request).run(scope, run)
    return json_answer(_never(made), 201 if is_new else 200)


@router.delete("/recommendations/excludes/{id}", status_code=204)
async def delete_exclude(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take an exclude back; once more does nothing."""
    await db(request).run(scope, operations.take_back, id)
    return Response(status_code=204)


def _neighbour(one: Neighbour) -> dict[str, Any]:
    return {
        "product": one.product,
        "sku": one.sku,
        "name": one.name,
        "place": one.place,
        "score": _score(one.score),
        "together": one.figures.together,
        "baskets": one.figures.baskets,
        "support": f"{one.figures.share:f}",
        "lift": f"{one.figures.lift:f}",
    }


def _never(one: Never | NeverRow) -> dict[str, Any]:
    return {"id": one.id, "product": one.product, "other": one.other, "created_at": one.created_at}


def _score(micros: int) -> str:
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
