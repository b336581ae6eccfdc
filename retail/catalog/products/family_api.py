"""The JSON API of families: made of options, with variants that are put on sale, taken in and let go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.catalog.operations import Draft, lock_catalogue
from retail.catalog.products import families
from retail.catalog.products.drafting import Known, draft_problems, known, merged, require_costs
from retail.catalog.products.families import FamilyFacts, Listed, Variant, version_of
from retail.catalog.products.traits import problems as trait_problems
from retail.catalog.products.variants import Choice, options_of, problems, variant_name
from retail.catalog.schemas import FamilyChange, Joining, NewFamily, NewVariant
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["catalogue"])


@router.get("/families")
async def list_families(
    request: Request,
    scope: Scope = allow(VIEW_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """List the families by name; `variants` counts those on sale, whose prices are given from the least to the most."""
    async with db(request).read(scope) as read:
        page = await families.families_page(read, text=q, limit=limit, after=after)
    return json_answer({"items": [_listed(one) for one in page.items], "next": page.next})


@router.post("/families", status_code=201)
async def create_family(request: Request, new: NewFamily, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Make a family, with its variants if there are any yet."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            await lock_catalogue(tx)
            made = FamilyFacts(new.id or new_id(), new.name, tuple(new.options))
            if await _there(tx, made.id):
                raise Invalid({"id": [_("This id exists; change it with PATCH.")]})
            await families.put_family(tx, made, await _drafts(tx, scope, made, new.variants, "variants.{}."))
            return _shown(await families.family(tx, made.id))

        return (await idempotent(request, tx, "families.create", make)).response()


@router.get("/families/{id}")
async def show_family(request: Request, id: UUID, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """Give a family with its variants, by when they came."""
    async with db(request).read(scope) as read:
        return _answer(await families.family(read, id))


@router.patch("/families/{id}")
async def change_family(
    request: Request, id: UUID, change: FamilyChange, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Give a family another name; its variants keep theirs. With `version` or If-Match only if it is still as read."""

    async def run(tx: Tx) -> FamilyFacts:
        await lock_catalogue(tx)
        now = await families.family(tx, id)
        require_seen(request, version_of(now), change.version)
        if change.name in {None, now.name}:
            return now
        await families.put_family(tx, replace(now, name=change.name or now.name), [])
        return await families.family(tx, id)

    return _answer(await db(request).run(scope, run))


@router.delete("/families/{id}", status_code=204)
async def remove_family(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Remove a family that has no variants any more."""
    await db(request).run(scope, families.remove_family, id)
    return Response(status_code=204)


@router.post("/families/{id}/variants", status_code=201)
async def add_variant(request: Request, id: UUID, new: NewVariant, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Put a product on sale as a variant of a family."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            await lock_catalogue(tx)
            now = await families.family(tx, id)
            ((draft, choice),) = await _drafts(tx, scope, now, [new], "")
            await families.put_family(tx, now, [(draft, choice)])
            return _variant(await _variant_of(tx, id, draft.id), now.options)

        return (await idempotent(request, tx, "families.variant", make)).response()


@router.put("/families/{id}/variants/{product}")
async def adopt_product(
    request: Request, id: UUID, product: UUID, wanted: Joining, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Take a product that is there into a family, or give a variant other values."""

    async def run(tx: Tx) -> dict[str, Any]:
        await lock_catalogue(tx)
        now = await families.family(tx, id)
        others = [one.choice for one in now.variants if one.id != product]
        errors = _choice_problems(now, others, [wanted.options], "")
        if errors:
            raise Invalid(errors)
        await families.adopt(tx, id, product, wanted.options)
        return _variant(await _variant_of(tx, id, product), now.options)

    return json_answer(await db(request).run(scope, run))


@router.delete("/families/{id}/variants/{product}", status_code=204)
async def release_variant(request: Request, id: UUID, product: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take a variant out of its family; it stays a product like any other."""

    async def run(tx: Tx) -> None:
        await lock_catalogue(tx)
        await _variant_of(tx, id, product)
        await families.leave(tx, product)

    await db(request).run(scope, run)
    return Response(status_code=204)


async def _drafts(
    tx: Tx, scope: Scope, of: FamilyFacts, new: Sequence[NewVariant], at: str
) -> list[tuple[Draft, Choice]]:
    """Give new variants as drafts; `at` is what stands before their fields. Raises Invalid, Forbidden."""
    there = await known(tx)
    ids = [one.id or new_id() for one in new]
    taken = await tx.fetch("SELECT id FROM product WHERE tenant_id = $1 AND id = ANY($2)", tx.tenant, ids)
    errors = _choice_problems(of, [one.choice for one in of.variants], [one.options for one in new], at)
    errors |= _id_problems(ids, {row["id"] for row in taken}, at)
    made: list[tuple[Draft, Choice]] = []
    for place, (id, one) in enumerate(zip(ids, new, strict=True)):
        require_costs(scope, one)
        choice = {name: one.options[name] for name in of.options if name in one.options}
        usual = Draft(id, "", variant_name(of.name, choice), UUID(int=0), 0)
        draft = merged(usual, one)
        errors |= _placed(draft, there, at.format(place))
        made.append((draft, choice))
    if errors:
        raise Invalid(errors)
    return made


def _placed(draft: Draft, there: Known, at: str) -> dict[str, list[str]]:
    wrong = draft_problems(draft, there)
    if draft.traits:
        wrong = trait_problems(draft.traits, draft.unit) | wrong
    return {f"{at}{name}": sentences for name, sentences in wrong.items()}


def _choice_problems(of: FamilyFacts, there: Sequence[Choice], new: Sequence[Choice], at: str) -> dict[str, list[str]]:
    """Say which variants haven't one value of each option, and what is wrong with all values together, by field."""
    errors = {
        f"{at.format(place)}options": [_("Give each variant one value of each option.")]
        for place, choice in enumerate(new)
        if set(choice) != set(of.options)
    }
    wrong = [] if errors else problems(options_of(of.options, [*there, *new]))
    return {"options": wrong} if wrong else errors


def _id_problems(ids: Sequence[UUID], taken: set[UUID], at: str) -> dict[str, list[str]]:
    wrong = {place for place, id in enumerate(ids) if id in taken or ids.index(id) < place}
    return {f"{at.format(place)}id": [_("A product with this id exists; change it with PATCH.")] for place in wrong}


async def _there(read: Read, id: UUID) -> bool:
    try:
        await families.family(read, id)
    except NotFound:
        return False
    return True


async def _variant_of(read: Read, id: UUID, product: UUID) -> Variant:
    """Give a variant of this very family. Raises NotFound."""
    for one in (await families.family(read, id)).variants:
        if one.id == product:
            return one
    raise NotFound("product")


def _answer(one: FamilyFacts) -> Response:
    return tagged(json_answer(_shown(one)), version_of(one))


def _listed(one: Listed) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "options": list(one.options),
        "variants": one.variants,
        "least_price": one.least_minor,
        "most_price": one.most_minor,
        "version": version_of(one),
    }


def _shown(one: FamilyFacts) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "options": list(one.options),
        "variants": [_variant(each, one.options) for each in one.variants],
        "version": version_of(one),
    }


def _variant(one: Variant, options: Sequence[str]) -> dict[str, Any]:
    return {
        "product": one.id,
        "sku": one.sku,
        "name": one.name,
        "price": one.price_minor,
        "barcode": one.barcode or None,
        "options": {name: one.choice[name] for name in options if name in one.choice},
        "active": not one.archived,
    }
