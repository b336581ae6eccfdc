"""Which forecast an address asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.analytics.sections.asking import Narrowed
from retail.kit.errors import NotFound
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants import queries as tenants

PATH: Final = "/analytics/forecast"
DAYS: Final = ("7", "30", "90", "120")
_USUAL_DAYS: Final = 30
CATEGORIES: Final = "SELECT id, name FROM category WHERE tenant_id = $1 ORDER BY position, name, id LIMIT 500"
# A product is forecast store by store: where none is asked for, the one that is going to sell the most of it.
_STORE: Final = """
SELECT f.store_id FROM forecast_state s
  JOIN forecast_series f ON f.tenant_id = $1 AND f.run = s.shown AND f.level = 'product' AND f.measure = 'units'
   AND f.store_id = ANY ($3::uuid[]) AND f.subject_id = $2
 WHERE s.tenant_id = $1
 ORDER BY (SELECT sum(u.one) FROM unnest(f.likely) AS u (one)) DESC, f.store_id LIMIT 1
"""
_PRODUCT: Final = "SELECT name FROM product WHERE tenant_id = $1 AND id = $2"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which forecast: revenue or units, of a product, a category, a store or everything, and for how many days."""

    measure: str
    days: int
    store: UUID | None
    category: UUID | None
    product: UUID | None

    @property
    def level(self) -> str:
        """Name the level that knows it."""
        return "product" if self.product else "category" if self.category else "store" if self.store else "total"

    @property
    def narrowed(self) -> Narrowed:
        """Give the same for what was sold."""
        return Narrowed(
            stores=(self.store,) if self.store else None,
            categories=(self.category,) if self.category else None,
            product=self.product,
        )


async def wanted_in(read: Read, asked: Asked) -> Wanted:
    """Read which forecast an address asks for."""
    stores = {one.id for one in await tenants.stores(read)}
    categories = {row["id"] for row in await read.fetch(CATEGORIES, read.tenant)}
    days = asked.option("days", DAYS)
    product = asked.uuid("product", required=False)
    measure = asked.option("measure", ("revenue", "units"))
    store = asked.one_of("store", stores)
    if product and store is None and not asked.errors:
        store = await read.fetchval(_STORE, read.tenant, product, list(stores))
    return Wanted(
        "units" if product else measure or "revenue",
        int(days) if days in DAYS else _USUAL_DAYS,
        store,
        None if product else asked.one_of("category", categories),
        product,
    )


async def product_named(read: Read, wanted: Wanted) -> str:
    """Give the name of the product that is asked for, "" where none is. Raises NotFound."""
    if wanted.product is None:
        return ""
    name: str | None = await read.fetchval(_PRODUCT, read.tenant, wanted.product)
    if name is None:
        raise NotFound("product")
    return name
