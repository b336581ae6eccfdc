"""What a price list asks, product by product: the lines of its page and of the API."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list asks for a product from a quantity on, beside the product's own price; in the list's money."""

    product: UUID
    sku: str
    name: str
    own_minor: int
    min_quantity: Decimal
    price_minor: int


_LINES: Final = """
SELECT p.id, p.sku, p.name, p.price_minor, i.min_quantity, i.price_minor AS listed, p.sort_name
  FROM list_price i JOIN product p ON p.tenant_id = $1 AND p.id = i.product_id
 WHERE i.tenant_id = $1 AND i.list_id = $2"""
_BY_NAME: Final = Order(
    "name",
    (
        Key("p.sort_name", "sort_name", str),
        Key("p.id", "id", UUID),
        Key("i.min_quantity", "min_quantity", Decimal),
    ),
)


async def lines(read: Read, of: UUID, *, text: str = "", limit: int, after: str | None = None) -> Page[Listed]:
    """Give a page of what a list asks, by the products' names. Raises Invalid for another list's cursor."""
    where = Conditions(read.tenant, of)
    narrow_to_words(where, text)
    _BY_NAME.go_on(where, after)
    sql = f"{_LINES}{where.sql} ORDER BY {_BY_NAME.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([Listed(*list(row.values())[:6]) for row in rows[:limit]], _BY_NAME.following(rows, limit))
