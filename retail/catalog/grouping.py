"""Making, changing and removing categories; each has a name that no other one in the same place has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.catalog.errors import CategoryHolds, CategoryInUse, CategoryTaken
from retail.catalog.events import CatalogueChanged
from retail.catalog.products.tree import Spot
from retail.catalog.products.versions import next_version
from retail.catalog.remembering import audit_products, category_now, products_now
from retail.catalog.tables import Category
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Tx

_LAST_PLACE: Final = "SELECT coalesce(max(position) + 1, 1) FROM category WHERE tenant_id = $1 AND parent_id = $2"
_LAST_PLACE_AT_TOP: Final = """
SELECT coalesce(max(position) + 1, 1) FROM category WHERE tenant_id = $1 AND parent_id IS NULL
"""
_TAKEN: Final = "SELECT 1 FROM category WHERE tenant_id = $1 AND lower(name) = lower($3) AND id <> $2"
_TAKEN_INSIDE: Final = f"{_TAKEN} AND parent_id = $4"
_TAKEN_AT_TOP: Final = f"{_TAKEN} AND parent_id IS NULL"


async def add_category(  # noqa: PLR0917 - a category has these
    tx: Tx, id: UUID, name: str, hue: int, position: int | None = None, parent: UUID | None = None
) -> None:
    """Add a category inside `parent` or at the top, without a position as the last one there. Raises CategoryTaken.

    `hue` in degrees tints its tiles. The caller has looked that it doesn't lie too deep.
    """
    version = await next_version(tx)
    await refuse_taken_name(tx, id, name, parent)
    if position is None:
        position = await tx.fetchval(_LAST_PLACE if parent else _LAST_PLACE_AT_TOP, *filter(None, (tx.tenant, parent)))
    await Category.insert(Category(tenant_id=tx.tenant, id=id, name=name, hue=hue, position=position, parent_id=parent))
    told = {"name": name, "hue": hue, "position": position}
    if parent is not None:
        told["inside"] = (await category_now(tx, parent)).get("name")
    tx.audit("category.added", "category", id, after=told)
    tx.emit(CatalogueChanged(version))


async def change_category(  # noqa: PLR0917 - a category has these
    tx: Tx, id: UUID, name: str, hue: int, position: int, going: Spot | None = None
) -> None:
    """Give a category another name, hue or place among the till's chips. Raises NotFound, CategoryTaken.

    `going`: the caller puts it there next, so that its name must be free there and not where it is.
    """
    version = await next_version(tx)
    if going is None:
        here = await tx.fetchval("SELECT parent_id FROM category WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
        going = Spot(here)
    await refuse_taken_name(tx, id, name, going.parent)
    before = await category_now(tx, id)
    tag = await tx.execute(
        "UPDATE category SET name = $3, hue = $4, position = $5 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        name,
        hue,
        position,
    )
    if tag != "UPDATE 1":
        raise NotFound("category")
    told = changed(before, {"name": name, "hue": hue, "position": position})
    tx.audit("category.changed", "category", id, name=name, version=version, **told)
    tx.emit(CatalogueChanged(version))


async def remove_category(tx: Tx, id: UUID, to: UUID | None = None) -> None:
    """Remove a category that nothing is in; `to`: after its products, on sale or off, were moved to another one.

    Raises NotFound, CategoryInUse, CategoryHolds, Invalid.
    """
    version = await next_version(tx)
    held = await tx.fetchval("SELECT count(*) FROM category WHERE tenant_id = $1 AND parent_id = $2", tx.tenant, id)
    if held:
        raise CategoryHolds(held)
    rows = await tx.fetch("SELECT id FROM product WHERE tenant_id = $1 AND category_id = $2", tx.tenant, id)
    if rows and to is None:
        raise CategoryInUse(len(rows))
    if rows and to is not None:
        await _move_products(tx, [row["id"] for row in rows], id, to, version)
    name = await tx.fetchval("DELETE FROM category WHERE tenant_id = $1 AND id = $2 RETURNING name", tx.tenant, id)
    if name is None:
        raise NotFound("category")
    tx.audit("category.removed", "category", id, before={"name": name}, version=version)
    tx.emit(CatalogueChanged(version))


async def _move_products(tx: Tx, products: Sequence[UUID], away: UUID, to: UUID, version: int) -> None:
    """Give products another category. Raises Invalid where that one isn't there, or is the one that they leave."""
    there = await tx.fetchval("SELECT 1 FROM category WHERE tenant_id = $1 AND id = $2", tx.tenant, to)
    if not there or to == away:
        raise Invalid({"to": [_("Pick another category of the list for its products.")]})
    before = await products_now(tx, products)
    await tx.execute(
        "UPDATE product SET category_id = $3, version = $4, updated_at = $5 WHERE tenant_id = $1 AND id = ANY ($2)",
        tx.tenant,
        list(products),
        to,
        version,
        tx.now,
    )
    await audit_products(tx, "product.put", before, list(products), version=version)


async def refuse_taken_name(tx: Tx, id: UUID, name: str, parent: UUID | None) -> None:
    """Raise CategoryTaken for a name that another one in the same place has, in upper or lower case.

    A file of products names categories either way.
    """
    beside, given = (_TAKEN_INSIDE, (parent,)) if parent else (_TAKEN_AT_TOP, ())
    if await tx.fetchval(beside, tx.tenant, id, name, *given):
        raise CategoryTaken
