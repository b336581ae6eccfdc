"""Reads of suppliers: the list, one of them, what it sells, and who sells a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.errors import NotFound
from retail.kit.folding import folded
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order, Orders

_ID: Final = Key("s.id", "id", UUID)
_NAME: Final = Key("lower(s.name)", "sort_name", str)
BY_NAME: Final = Order("name", (_NAME, _ID))
AS_CHANGED: Final = Order("changed", (Key("s.updated_at", "updated_at", datetime), _ID))
ORDERS: Final = Orders(
    BY_NAME,
    Order("code", (Key("coalesce(lower(s.code), '')", "sort_code", str), _NAME, _ID)),
    Order("lead", (Key("coalesce(s.lead_days, -1)", "sort_lead", int), _NAME, _ID)),
    AS_CHANGED.turned,
)
_PRODUCT_ORDER: Final = Order("product", (Key("p.sort_name", "sort_name", str), Key("p.id", "product", UUID)))
# A plan's few thousand suppliers are folded as they are looked through: nothing of a name is stored twice.
_WORD: Final = "strpos(search_form(s.name, coalesce(s.code, '') || ' ' || s.email, '{{}}'), {}) > 0"


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """A supplier; `products` counts those on sale that it sells. The least order is in minor units of its currency."""

    id: UUID
    code: str | None
    name: str
    email: str
    phone: str
    website: str
    address: str
    currency: str
    lead_days: int | None
    min_order_minor: int | None
    payment_terms: str
    notes: str
    version: int
    updated_at: datetime
    archived_at: datetime | None
    products: int

    @property
    def handle(self) -> str:
        """Give what finds it: its code, else its name."""
        return self.code or self.name


@dataclass(frozen=True, slots=True)
class SupplyFacts:
    """On which terms a supplier sells a product; `cost` of one unit, in minor units of the supplier's `currency`.

    `own_lead_days` is the product's own, `lead_days` what holds.
    """

    id: UUID
    product: UUID
    sku: str
    name: str
    unit: str
    product_archived: bool
    supplier: UUID
    supplier_name: str
    supplier_code: str | None
    supplier_archived: bool
    currency: str
    supplier_sku: str
    pack_quantity: Decimal | None
    cost: Decimal | None
    min_order_quantity: Decimal | None
    own_lead_days: int | None
    lead_days: int | None
    preferred: bool
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which suppliers a list asks for; `archived` None: both. With `updated_since` in the order of their change."""

    text: str = ""
    archived: bool | None = False
    updated_since: datetime | None = None


_SUPPLIER: Final = """
SELECT s.id, s.code, s.name, s.email, s.phone, s.website, s.address, s.currency, s.lead_days, s.min_order_minor,
       s.payment_terms, s.notes, s.version, s.updated_at, s.archived_at,
       (SELECT count(*) FROM product_supplier q
          JOIN product p ON p.tenant_id = q.tenant_id AND p.id = q.product_id AND p.archived_at IS NULL
         WHERE q.tenant_id = s.tenant_id AND q.supplier_id = s.id) AS products,
       lower(s.name) AS sort_name, coalesce(lower(s.code), '') AS sort_code, coalesce(s.lead_days, -1) AS sort_lead
  FROM supplier s WHERE s.tenant_id = $1"""
_SUPPLY: Final = """
SELECT q.id, p.id AS product, p.sku, p.name, p.unit, p.archived_at IS NOT NULL AS product_archived,
       s.id AS supplier, s.name AS supplier_name, s.code AS supplier_code,
       s.archived_at IS NOT NULL AS supplier_archived, s.currency, q.supplier_sku, q.pack_quantity, q.cost,
       q.min_order_quantity, q.lead_days AS own_lead_days, coalesce(q.lead_days, s.lead_days) AS lead_days,
       q.preferred, q.version, q.updated_at, p.sort_name
  FROM product_supplier q
  JOIN product p ON p.tenant_id = q.tenant_id AND p.id = q.product_id
  JOIN supplier s ON s.tenant_id = q.tenant_id AND s.id = q.supplier_id
 WHERE q.tenant_id = $1"""
_OF_PRODUCT: Final = f"{_SUPPLY} AND q.product_id = $2 ORDER BY q.preferred DESC, lower(s.name), s.id"
_ONE_SUPPLY: Final = f"{_SUPPLY} AND q.product_id = $2 AND q.supplier_id = $3"
_MEANT: Final = """
SELECT s.id FROM supplier s WHERE s.tenant_id = $1 AND s.archived_at IS NULL
   AND (lower(s.code) = lower($2) OR lower(s.name) = lower($2)) LIMIT 1"""
_NAMES: Final = """
SELECT s.id, s.name FROM supplier s WHERE s.tenant_id = $1 AND s.archived_at IS NULL
   AND EXISTS (SELECT FROM product_supplier q WHERE q.tenant_id = $1 AND q.supplier_id = s.id AND q.preferred)
 ORDER BY lower(s.name), s.id LIMIT 500"""


def narrowing(tenant: UUID, wanted: Wanted) -> Conditions:
    """Give the conditions of a list; $1 is the tenant."""
    where = Conditions(tenant)
    if wanted.archived is not None and wanted.updated_since is None:
        where.add("s.archived_at IS NOT NULL" if wanted.archived else "s.archived_at IS NULL")
    if wanted.updated_since is not None:
        where.add("s.updated_at >= {}", wanted.updated_since)
    for word in folded(wanted.text).split():
        where.add(_WORD, word)
    return where


async def suppliers(
    read: Read, wanted: Wanted, *, limit: int, after: str | None = None, order: Order = BY_NAME
) -> Page[SupplierFacts]:
    """Give a page of suppliers. Raises Invalid for another list's cursor."""
    placed = order if wanted.updated_since is None else AS_CHANGED
    where = narrowing(read.tenant, wanted)
    placed.go_on(where, after)
    sql = f"{_SUPPLIER}{where.sql} ORDER BY {placed.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([_supplier(row) for row in rows[:limit]], placed.following(rows, limit))


async def supplier(read: Read, wanted: UUID) -> SupplierFacts:
    """Give one supplier, archived or not. Raises NotFound."""
    row = await read.fetchrow(f"{_SUPPLIER} AND s.id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("supplier")
    return _supplier(row)


async def supplier_meant(read: Read, typed: str) -> UUID | None:
    """Find a supplier by its code or its whole name, as somebody typed it; archived ones are not meant."""
    found: UUID | None = await read.fetchval(_MEANT, read.tenant, typed.strip())
    return found


async def names(read: Read, most: int = 500) -> list[str]:
    """List suppliers by name, for people to pick from."""
    rows = await read.fetch(
        "SELECT name FROM supplier WHERE tenant_id = $1 AND archived_at IS NULL ORDER BY lower(name), id LIMIT $2",
        read.tenant,
        most,
    )
    return [row["name"] for row in rows]


async def preferred_ones(read: Read) -> list[tuple[UUID, str]]:
    """List the suppliers that products are usually bought from, by name."""
    return [(row["id"], row["name"]) for row in await read.fetch(_NAMES, read.tenant)]


async def products_of(
    read: Read, of: UUID, *, text: str = "", preferred: bool = False, limit: int, after: str | None = None
) -> Page[SupplyFacts]:
    """Give a page of what a supplier sells, by the products' names; `preferred`: what is usually bought there.

    Raises Invalid for another list's cursor.
    """
    where = Conditions(read.tenant)
    where.add("q.supplier_id = {}", of)
    if preferred:
        where.add("q.preferred")
    narrow_to_words(where, text, "q.supplier_sku")
    _PRODUCT_ORDER.go_on(where, after)
    sql = f"{_SUPPLY}{where.sql} ORDER BY {_PRODUCT_ORDER.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([_supply(row) for row in rows[:limit]], _PRODUCT_ORDER.following(rows, limit))


async def suppliers_of(read: Read, product: UUID) -> list[SupplyFacts]:
    """List who sells a product, the preferred one first."""
    return [_supply(row) for row in await read.fetch(_OF_PRODUCT, read.tenant, product)]


async def supply(read: Read, product: UUID, of: UUID) -> SupplyFacts:
    """Give the terms on which a supplier sells a product. Raises NotFound."""
    row = await read.fetchrow(_ONE_SUPPLY, read.tenant, product, of)
    if row is None:
        raise NotFound("product_supplier")
    return _supply(row)


def _supplier(row: Row) -> SupplierFacts:
    return SupplierFacts(**{name: value for name, value in row.items() if not name.startswith("sort_")})


def _supply(row: Row) -> SupplyFacts:
    return SupplyFacts(**{name: value for name, value in row.items() if name != "sort_name"})
