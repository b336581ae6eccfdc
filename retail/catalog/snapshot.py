"""The tills' copy of the catalogue: all of it, or what changed since a version, as arrays of columns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from retail.catalog.queries import categories, tax_classes
from retail.runtime.db import Read

_CHANGED = """
SELECT p.id, p.sku, p.name, p.price_minor, p.category_id, p.tax_class_id, p.unit, p.decimals, p.favourite,
       p.archived_at IS NULL AS active,
       coalesce((SELECT array_agg(b.normalised ORDER BY b.position) FROM barcode b
                  WHERE b.tenant_id = p.tenant_id AND b.product_id = p.id), '{}') AS barcodes
  FROM product p
 WHERE p.tenant_id = $1 AND p.version > $2 AND (p.archived_at IS NULL OR $2 > 0)
 ORDER BY p.sort_name
"""


async def snapshot(read: Read, since: int) -> dict[str, Any]:
    """Give the catalogue as the till keeps it: `since` 0 for everything, else the rows with a later version.

    `products` holds one array per column, all of one length; `category` and `tax_class` are indexes into the lists
    beside it (-1: none). Prices in minor units. A delta names archived products with active 0.
    """
    version: int = await read.fetchval("SELECT version FROM catalogue_head WHERE tenant_id = $1", read.tenant)
    if since > version:
        since = 0  # the till knows a future that a restored database does not: start over
    rows = await read.fetch(_CHANGED, read.tenant, since)
    groups, taxes = await categories(read), await tax_classes(read)
    group_at: dict[UUID | None, int] = {None: -1, **{group.id: place for place, group in enumerate(groups)}}
    tax_at = {tax.id: place for place, tax in enumerate(taxes)}
    return {
        "version": version,
        "full": since == 0,
        "products": {
            "id": [str(row["id"]) for row in rows],
            "sku": [row["sku"] for row in rows],
            "name": [row["name"] for row in rows],
            "price": [row["price_minor"] for row in rows],
            "category": [group_at[row["category_id"]] for row in rows],
            "tax_class": [tax_at[row["tax_class_id"]] for row in rows],
            "unit": [row["unit"] for row in rows],
            "decimals": [row["decimals"] for row in rows],
            "active": [int(row["active"]) for row in rows],
            "barcodes": [row["barcodes"] for row in rows],
            "favourite": [int(row["favourite"]) for row in rows],
        },
        "categories": [{"id": str(group.id), "name": group.name, "hue": group.hue} for group in groups],
        "tax_classes": [
            {"id": str(tax.id), "code": tax.code, "name": tax.name, "rate_micros": tax.rate_micros} for tax in taxes
        ],
    }
