"""Categories as the rollups count them: a product that moves takes what it sold along, into its new one.

`counted_category` says in which category each sold product's sums stand. The relay is the only one who moves them, so
the sums by category always are those of the products, whoever edits the catalogue meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from retail.analytics.rollups.sources import CATEGORY_DAY, NOBODY
from retail.catalog.events import CatalogueChanged
from retail.runtime.db import Tx
from retail.runtime.outbox import Event

_NOBODY: Final = f"'{NOBODY}'::uuid"

# The products of these sales whose category nobody has counted yet.
MEET: Final = f"""
INSERT INTO counted_category (tenant_id, product_id, category_id)
SELECT DISTINCT $1::uuid, p.id, coalesce(p.category_id, {_NOBODY})
  FROM sale_line l JOIN product p ON p.tenant_id = $1 AND p.id = l.product_id
 WHERE l.tenant_id = $1 AND l.sale_id = ANY ($2::uuid[]) ORDER BY p.id
ON CONFLICT (tenant_id, product_id) DO NOTHING
"""  # noqa: S608

_CATEGORY_SUMS: Final = ", ".join(
    f"sum(m.sign * d.{name}){'' if name == 'units' else '::bigint'} AS {name}" for name in CATEGORY_DAY.summed
)
_ADDED: Final = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in CATEGORY_DAY.summed)
# $2: the versions of the catalogue that brought the change; NULL looks at all products.
_MOVE: Final = f"""
WITH moved AS (
  SELECT c.product_id, c.category_id AS was, coalesce(p.category_id, {_NOBODY}) AS now
    FROM counted_category c JOIN product p ON p.tenant_id = $1 AND p.id = c.product_id
   WHERE c.tenant_id = $1 AND c.category_id <> coalesce(p.category_id, {_NOBODY})
     AND ($2::bigint[] IS NULL OR p.version = ANY ($2))),
sides AS (
  SELECT product_id, was AS category_id, -1 AS sign FROM moved UNION ALL SELECT product_id, now, 1 FROM moved),
carried AS (
  INSERT INTO category_day AS kept (tenant_id, {CATEGORY_DAY.columns})
  SELECT $1::uuid, d.business_date, d.store_id, m.category_id, {_CATEGORY_SUMS}
    FROM sides m JOIN product_day d ON d.tenant_id = $1 AND d.product_id = m.product_id
   GROUP BY d.business_date, d.store_id, m.category_id ORDER BY 2, 3, 4
  ON CONFLICT (tenant_id, {CATEGORY_DAY.keys}) DO UPDATE SET {_ADDED})
UPDATE counted_category c SET category_id = m.now FROM moved m WHERE c.tenant_id = $1 AND c.product_id = m.product_id
"""  # noqa: S608


async def follow_products(tx: Tx, events: Sequence[Event]) -> None:
    """Carry what products sold into the categories that they moved to."""
    versions = [event.version for event in events if isinstance(event, CatalogueChanged)]
    await tx.execute(_MOVE, tx.tenant, versions)


async def follow_all(tx: Tx) -> None:
    """Do the same for every product, whenever it moved. The caller holds the tenant's head."""
    await tx.execute(_MOVE, tx.tenant, None)
