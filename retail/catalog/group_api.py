"""The JSON API of categories; that of tax classes is beside it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from retail.catalog import operations, queries
from retail.catalog.editing import add_inside, stamp_of
from retail.catalog.products.placing import place_category
from retail.catalog.products.tree import Spot
from retail.catalog.schemas import CategoryChange, NewCategory
from retail.catalog.taxes.api import router as taxes
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["catalogue"])
router.routes += taxes.routes


@router.get("/categories")
async def list_categories(request: Request, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """List the categories in the order of the till's chips."""
    async with db(request).read(scope) as read:
        return json_answer({"items": [_shown(one) for one in await queries.categories(read)], "next": None})


@router.post("/categories", status_code=201)
async def add_category(request: Request, new: NewCategory, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Add a category, at the top or inside its `parent`."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            id = new.id or new_id()
            await operations.lock_catalogue(tx)
            _refuse_known(id, {one.id for one in await queries.categories(tx)})
            await add_inside(tx, id, new.name, new.hue, new.position, new.parent)
            return _shown(await queries.category(tx, id))

        return (await idempotent(request, tx, "categories.add", make)).response()


@router.patch("/categories/{id}")
async def change_category(
    request: Request, id: UUID, change: CategoryChange, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Change a category; fields left out stay. With `version` or If-Match only if it is still the one that was read."""

    async def run(tx: Tx) -> queries.CategoryFacts:
        await operations.lock_catalogue(tx)
        known = await queries.category(tx, id)
        require_seen(request, stamp_of(known), change.version)
        now = replace(known, **change.given("name", "hue", "position"))
        moves = "parent" in change.model_fields_set and change.parent != known.parent
        going = Spot(change.parent) if moves else None
        await operations.change_category(tx, id, now.name, now.hue, now.position, going)
        if going is not None:
            await place_category(tx, id, going)
        return await queries.category(tx, id)

    return _answer(await db(request).run(scope, run))


@router.delete("/categories/{id}", status_code=204)
async def remove_category(
    request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE), products_to: UUID | None = None
) -> Response:
    """Remove a category that nothing is in; `products_to`: its products, on sale or off, move to that one first."""
    await db(request).run(scope, operations.remove_category, id, products_to)
    return Response(status_code=204)


def _shown(one: queries.CategoryFacts) -> dict[str, Any]:
    told = {name: value for name, value in asdict(one).items() if name != "called"}
    return {**told, "version": stamp_of(one)}


def _answer(one: queries.CategoryFacts) -> Response:
    return tagged(json_answer(_shown(one)), stamp_of(one))


def _refuse_known(id: UUID, known: set[UUID]) -> None:
    if id in known:
        raise Invalid({"id": [_("This id exists; change it with PATCH.")]})
