"""Saving what a person edits: refused where somebody else has saved since the form was opened.

`seen` is the stamp that the form was drawn with; '' saves whatever has happened, as a program does that never looked.
All of it runs behind the lock of the catalogue's head, so of two forms that saw the same only one is saved.
"""

from __future__ import annotations

from uuid import UUID

from retail.catalog import operations, queries
from retail.catalog.operations import Draft
from retail.catalog.queries import CategoryFacts, ProductFacts, TaxClassFacts
from retail.kit.errors import ChangedMeanwhile
from retail.kit.stamps import stamp
from retail.runtime.db import Tx


def stamp_of(facts: ProductFacts | CategoryFacts | TaxClassFacts) -> str:
    """Give the stamp of what a form shows of a thing."""
    if isinstance(facts, ProductFacts):
        return stamp(facts.id, facts.version)
    if isinstance(facts, CategoryFacts):
        return stamp(facts.id, facts.name, facts.hue, facts.position)
    return stamp(facts.id, facts.name, facts.rate_micros)


async def save_product(tx: Tx, draft: Draft, seen: str) -> None:
    """Change a product. Raises ChangedMeanwhile, NotFound, SkuTaken, BarcodeTaken."""
    await operations.lock_catalogue(tx)
    _check(seen, await queries.product(tx, draft.id))
    await operations.put_products(tx, [draft])


async def save_category(tx: Tx, id: UUID, name: str, hue: int, position: int, seen: str) -> None:  # noqa: PLR0917
    """Change a category. Raises ChangedMeanwhile, NotFound, CategoryTaken."""
    await operations.lock_catalogue(tx)
    _check(seen, await queries.category(tx, id))
    await operations.change_category(tx, id, name, hue, position)


async def save_tax_class(tx: Tx, id: UUID, name: str, rate_micros: int, seen: str) -> None:
    """Change a tax class. Raises ChangedMeanwhile, NotFound."""
    await operations.lock_catalogue(tx)
    _check(seen, await queries.tax_class(tx, id))
    await operations.change_tax_class(tx, id, name, rate_micros)


def _check(seen: str, now: ProductFacts | CategoryFacts | TaxClassFacts) -> None:
    if seen and seen != stamp_of(now):
        raise ChangedMeanwhile
