"""Saving what a person edits: refused where somebody else has saved since the form was opened.

`seen` is the stamp that the form was drawn with; '' saves whatever has happened, as a program does that never looked.
A form that wants what is stored already is done whatever it saw: a double click is no second person.
All of it runs behind the lock of the catalogue's head, so of two forms that saw the same only one is saved.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from retail.catalog import operations, queries
from retail.catalog.errors import MadeBefore
from retail.catalog.operations import Draft
from retail.catalog.products.drafting import draft_of
from retail.catalog.products.placing import place_category, tree
from retail.catalog.products.reading import traits_of
from retail.catalog.products.tree import Spot, place_problem
from retail.catalog.queries import CategoryFacts, ProductFacts, TaxClassFacts
from retail.kit.errors import ChangedMeanwhile, Invalid, NotFound
from retail.kit.stamps import stamp
from retail.runtime.db import Tx


def stamp_of(facts: ProductFacts | CategoryFacts | TaxClassFacts) -> str:
    """Give the stamp of what a form shows of a thing."""
    if isinstance(facts, ProductFacts):
        return stamp(facts.id, facts.version)
    if isinstance(facts, CategoryFacts):
        return stamp(facts.id, facts.name, facts.hue, facts.position, facts.parent)
    return stamp(facts.id, facts.name, facts.rate_micros)


async def add_product(tx: Tx, draft: Draft) -> None:
    """Put a new product on sale; the same draft once more does nothing: a form that is sent twice makes one.

    Raises MadeBefore where its id has become something else meanwhile, SkuTaken, BarcodeTaken, PlanFull, Invalid.
    """
    await operations.lock_catalogue(tx)
    try:
        made = await queries.product(tx, draft.id)
    except NotFound:
        await operations.put_products(tx, [draft])
        return
    if made.archived_at is not None or not await _is(tx, draft, made):
        raise MadeBefore


async def _is(tx: Tx, draft: Draft, made: ProductFacts) -> bool:
    """Claim that a product is what a draft wants; what the draft leaves to us may be anything."""
    traits = (await traits_of(tx, [made.id]))[made.id]
    now = replace(draft_of(made), traits=traits)
    wanted = replace(draft, sku=draft.sku or made.sku, barcodes=draft.barcodes or made.barcodes)
    return replace(wanted, traits=draft.traits or traits) == now


async def save_product(tx: Tx, draft: Draft, seen: str) -> None:
    """Change a product. Raises ChangedMeanwhile, NotFound, SkuTaken, BarcodeTaken."""
    await operations.lock_catalogue(tx)
    now = await queries.product(tx, draft.id)
    if _saw_another(seen, now):
        if now.archived_at is None and draft.barcodes == now.barcodes and await _is(tx, draft, now):
            return
        raise ChangedMeanwhile
    await operations.put_products(tx, [draft])


async def add_inside(  # noqa: PLR0917 - a category has these
    tx: Tx, id: UUID, name: str, hue: int, position: int | None, parent: UUID | None
) -> None:
    """Add a category inside another one, or at the top. Raises CategoryTaken, Invalid."""
    await operations.lock_catalogue(tx)
    if parent is not None:
        _names, parents, _siblings = await tree(tx)
        if problem := place_problem(id, parent, {**parents, id: None}):
            raise Invalid({"parent": [problem]})
    await operations.add_category(tx, id, name, hue, None if parent else position, parent)


async def save_category(tx: Tx, changed: CategoryFacts, seen: str) -> None:
    """Change a category, also which one it lies in. Raises ChangedMeanwhile, NotFound, CategoryTaken, Invalid."""
    await operations.lock_catalogue(tx)
    now = await queries.category(tx, changed.id)
    if _saw_another(seen, now):
        if stamp_of(changed) == stamp_of(now):
            return
        raise ChangedMeanwhile
    going = Spot(changed.parent) if changed.parent != now.parent else None
    await operations.change_category(tx, changed.id, changed.name, changed.hue, changed.position, going)
    if going is not None:
        await place_category(tx, changed.id, going)


async def save_tax_class(tx: Tx, id: UUID, name: str, rate_micros: int, seen: str) -> None:
    """Change a tax class. Raises ChangedMeanwhile, NotFound."""
    await operations.lock_catalogue(tx)
    now = await queries.tax_class(tx, id)
    if _saw_another(seen, now):
        if (name, rate_micros) == (now.name, now.rate_micros):
            return
        raise ChangedMeanwhile
    await operations.change_tax_class(tx, id, name, rate_micros)


def _saw_another(seen: str, now: ProductFacts | CategoryFacts | TaxClassFacts) -> bool:
    return bool(seen) and seen != stamp_of(now)
