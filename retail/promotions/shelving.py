"""What offers need to know of products: the categories they lie in, their tags, and which of them are deposits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.promotions.basket import Item
from retail.runtime.db import Read

_PRODUCTS: Final = """
SELECT p.id, p.category_id, p.tags, p.decimals > 0 AS weighed, p.kind,
       EXISTS (SELECT FROM product b WHERE b.tenant_id = $1 AND b.deposit_id = p.id) AS is_deposit
  FROM product p WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A product as offers see it."""

    categories: tuple[str, ...]
    tags: tuple[str, ...]
    weighed: bool
    type: str


_NOTHING: Final = Known((), (), weighed=False, type="goods")


async def known_products(read: Read, products: Collection[UUID]) -> dict[UUID, Known]:
    """Give what is to be known of products; those that aren't there are left out."""
    rows = await read.fetch(_PRODUCTS, read.tenant, list(products))
    parents = {
        row["id"]: row["parent_id"]
        for row in await read.fetch("SELECT id, parent_id FROM category WHERE tenant_id = $1", read.tenant)
    }
    return {
        row["id"]: Known(
            tuple(str(one) for one in _path(row["category_id"], parents)),
            tuple(row["tags"]),
            row["weighed"],
            "deposit" if row["is_deposit"] else row["kind"],
        )
        for row in rows
    }


def _path(category: UUID | None, parents: Mapping[UUID, UUID | None]) -> list[UUID]:
    path = []
    while category is not None and category not in path:
        path.append(category)
        category = parents.get(category)
    return path


def item(
    id: object, product: UUID | None, quantity_milli: int, price: int, known: Mapping[UUID, Known], *, by_hand: bool
) -> Item:
    """Make a line as offers see it; what isn't in the catalogue belongs to no goods but everything."""
    of = known.get(product, _NOTHING) if product else _NOTHING
    return Item(
        str(id), str(product or ""), quantity_milli, price, of.categories, of.tags, of.weighed, of.type, by_hand
    )
