"""Reads of the catalogue for pages and the API. Search runs over the tenant's own rows only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import Wanted as Wanted  # noqa: PLC0414 - for all who ask for products
from retail.catalog.lists.wanted import narrowing as narrowing  # noqa: PLC0414
from retail.catalog.products.tree import called_apart, in_order
from retail.catalog.rules import tax_words
from retail.catalog.tables import Category, TaxClass
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order, Orders

_ID: Final = Key("p.id", "id", UUID)
_NAME: Final = Key("p.sort_name", "sort_name", str)
BY_NAME: Final = Order("name", (_NAME, _ID))
AS_CHANGED: Final = Order("changed", (Key("p.updated_at", "updated_at", datetime), _ID))
ORDERS: Final = Orders(
    BY_NAME,
    Order("sku", (Key("p.sku", "sku", str),)),
    Order("category", (Key("coalesce(lower(c.name), '')", "sort_category", str), _NAME, _ID)),
    Order("price", (Key("p.price_minor", "price_minor", int), _ID), descending=True),
    AS_CHANGED.turned,
)
"""What the list of products sorts by. Name, SKU and price have an index; by category the shop's own are sorted."""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product with its barcodes, category and tax class. Amounts in minor units; the cost may have six decimals.

    `options`: what tells a variant of a `family` apart.
    """

    id: UUID
    sku: str
    name: str
    barcodes: tuple[str, ...]
    category: UUID | None
    category_name: str | None
    category_hue: int | None
    price_minor: int
    tax_class: UUID
    tax_code: str
    rate_micros: int
    unit: str
    decimals: int
    unit_cost: Decimal
    reorder_point: Decimal | None
    favourite: bool
    version: int
    updated_at: datetime
    archived_at: datetime | None
    family: UUID | None = None
    options: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A category; `hue` in degrees, `position` among those beside it, `depth` 0 at the top of the tree.

    `called`: its name, with all that it lies in where others are called so too.
    """

    id: UUID
    name: str
    hue: int
    position: int
    parent: UUID | None = None
    depth: int = 0
    called: str = ""

    @property
    def indented(self) -> str:
        """Give its name as a list of choices shows the tree."""
        return "\u2003" * self.depth + (self.called or self.name)


@dataclass(frozen=True, slots=True)
class TaxClassFacts:
    """A rate of tax, in millionths."""

    id: UUID
    code: str
    name: str
    rate_micros: int


_PRODUCT = """
SELECT p.id, p.sku, p.name,
       coalesce((SELECT array_agg(b.code ORDER BY b.position) FROM barcode b
                  WHERE b.tenant_id = p.tenant_id AND b.product_id = p.id), '{}') AS barcodes,
       p.category_id AS category, c.name AS category_name, c.hue AS category_hue, p.price_minor,
       p.tax_class_id AS tax_class, x.code AS tax_code, x.rate_micros, p.unit, p.decimals, p.unit_cost, p.reorder_point,
       p.favourite, p.version, p.updated_at, p.archived_at, p.family_id AS family, p.options, p.sort_name,
       coalesce(lower(c.name), '') AS sort_category
  FROM product p
  JOIN tax_class x ON x.tenant_id = p.tenant_id AND x.id = p.tax_class_id
  LEFT JOIN category c ON c.tenant_id = p.tenant_id AND c.id = p.category_id
 WHERE p.tenant_id = $1
"""


def _facts(row: Row) -> ProductFacts:
    values = dict(row)
    del values["sort_name"], values["sort_category"]
    values["barcodes"], values["options"] = tuple(values["barcodes"]), json.loads(values["options"])
    return ProductFacts(**values)


async def product(read: Read, wanted: UUID) -> ProductFacts:
    """Give one product, archived or not. Raises NotFound."""
    row = await read.fetchrow(_PRODUCT + " AND p.id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("product")
    return _facts(row)


# The page is found first, by what an index holds, and only its own products are read in full.
_PAGE = """{product} AND p.id = ANY (ARRAY(
  SELECT p.id FROM product p {category} WHERE p.tenant_id = $1{where} ORDER BY {order} LIMIT {limit}))
 ORDER BY {order}"""
_CATEGORY = "LEFT JOIN category c ON c.tenant_id = p.tenant_id AND c.id = p.category_id"


async def products(
    read: Read, wanted: Wanted, *, limit: int, after: str | None, order: Order = BY_NAME
) -> Page[ProductFacts]:
    """Give a page of products by name or another order, or by time of change where `updated_since` is set.

    `text` matches parts of name, SKU and tags, every word of it, and whole barcodes. Raises Invalid for another's
    cursor.
    """
    placed = order if wanted.updated_since is None else AS_CHANGED
    conditions = narrowing(read.tenant, wanted)
    placed.go_on(conditions, after)
    category = _CATEGORY if placed.name == "category" else ""
    sql = _PAGE.format(
        product=_PRODUCT, category=category, where=conditions.sql, order=placed.sql, limit=int(limit) + 1
    )
    rows = await read.fetch(sql, *conditions.args)
    return Page([_facts(row) for row in rows[:limit]], placed.following(rows, limit))


async def categories(read: Read) -> list[CategoryFacts]:
    """Give the categories in the order of the till's chips: each before what lies in it."""
    rows = (
        await Category.select(Category.id, Category.name, Category.hue, Category.position, Category.parent_id)
        .where(Category.tenant_id == read.tenant)
        .order_by(Category.position, Category.name, Category.id)
    )
    by_id = {row["id"]: row for row in rows}
    siblings: dict[UUID | None, list[UUID]] = {}
    for row in rows:
        siblings.setdefault(row["parent_id"], []).append(row["id"])
    called = called_apart({row["id"]: row["name"] for row in rows}, {row["id"]: row["parent_id"] for row in rows})
    return [
        CategoryFacts(id, one["name"], one["hue"], one["position"], one["parent_id"], depth, called[id])
        for id, depth in in_order(siblings)
        for one in [by_id[id]]
    ]


async def tax_classes(read: Read) -> list[TaxClassFacts]:
    """Give the tax classes by code."""
    rows = (
        await TaxClass.select(TaxClass.id, TaxClass.code, TaxClass.name, TaxClass.rate_micros)
        .where(TaxClass.tenant_id == read.tenant)
        .order_by(TaxClass.code)
    )
    return [TaxClassFacts(**row) for row in rows]


async def category(read: Read, wanted: UUID) -> CategoryFacts:
    """Give one category. Raises NotFound."""
    for found in await categories(read):
        if found.id == wanted:
            return found
    raise NotFound("category")


async def tax_class(read: Read, wanted: UUID) -> TaxClassFacts:
    """Give one tax class. Raises NotFound."""
    for found in await tax_classes(read):
        if found.id == wanted:
            return found
    raise NotFound("tax_class")


async def tax_namer(read: Read) -> Callable[[str, int], str]:
    """Give what names the tax that a receipt or report carries, by its class's code and its rate at that time."""
    known = {tax.code: tax for tax in await tax_classes(read)}

    def name(code: str, rate_micros: int) -> str:
        tax = known.get(code)
        return tax_words(rate_micros, tax.name, tax.rate_micros) if tax else tax_words(rate_micros)

    return name


async def products_per_category(read: Read) -> dict[UUID, int]:
    """Count the products in each category that has any, on sale or off."""
    rows = await read.fetch(
        "SELECT category_id, count(*) FROM product WHERE tenant_id = $1 AND category_id IS NOT NULL GROUP BY 1",
        read.tenant,
    )
    return {row[0]: row[1] for row in rows}


_LISTED: Final = """
WITH RECURSIVE inside AS (
  SELECT c.id, c.id AS lowest, c.parent_id FROM category c WHERE c.tenant_id = $1 UNION
  SELECT c.id, i.lowest, c.parent_id FROM category c JOIN inside i ON c.id = i.parent_id WHERE c.tenant_id = $1),
own AS (
  SELECT category_id, count(*) AS many FROM product
   WHERE tenant_id = $1 AND category_id IS NOT NULL AND archived_at IS NULL GROUP BY 1)
SELECT i.id, sum(o.many)::bigint FROM inside i JOIN own o ON o.category_id = i.lowest GROUP BY i.id
"""


async def products_listed(read: Read) -> dict[UUID, int]:
    """Count what the list of each category shows: the products on sale in it and in all that lies in it."""
    return {row[0]: row[1] for row in await read.fetch(_LISTED, read.tenant)}


async def products_per_tax_class(read: Read) -> dict[UUID, int]:
    """Count the products on sale under each tax class that has any."""
    rows = await read.fetch(
        "SELECT tax_class_id, count(*) FROM product WHERE tenant_id = $1 AND archived_at IS NULL GROUP BY 1",
        read.tenant,
    )
    return {row[0]: row[1] for row in rows}
