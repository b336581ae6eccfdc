"""Letting prices hold whose moment has come: PORTION products in a transaction, so that a hundred thousand do too."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.catalog.labels.shelf import labels_due
from retail.catalog.prices.folding import fold_lists
from retail.catalog.prices.reworking import rework
from retail.catalog.products.versions import lock_catalogue, next_version
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue

APPLY_JOB: Final = "prices.apply"
PORTION: Final = 2_000

# What is due: neither applied nor taken back, and of no batch that is still written or is being undone.
_DUE: Final = """
  FROM price_change c
  LEFT JOIN price_batch b ON b.tenant_id = $1 AND b.id = c.batch_id
 WHERE c.tenant_id = $1 AND c.applied_at IS NULL AND c.undone_at IS NULL AND c.effective_at <= $2
   AND (c.batch_id IS NULL OR (b.ready_at IS NOT NULL AND b.undoing_at IS NULL))
"""
_NEXT: Final = f"SELECT DISTINCT c.product_id {_DUE} ORDER BY c.product_id LIMIT {PORTION}"

# A batch that holds at once does so from the moment it is applied, however long it took to work out.
_APPLY: Final = f"""
WITH waiting AS (
  SELECT c.id, c.product_id, c.to_minor, c.effective_at, b.id IS NOT NULL AND b.effective_at IS NULL AS at_once
  {_DUE} AND c.list_id IS NULL AND c.product_id = ANY($3)),
due AS (
  SELECT w.id, w.product_id, w.to_minor, w.at_once, coalesce(lag(w.to_minor) OVER v, p.price_minor) AS from_minor,
         lead(w.id) OVER v IS NULL AS last
    FROM waiting w JOIN product p ON p.tenant_id = $1 AND p.id = w.product_id
  WINDOW v AS (PARTITION BY w.product_id ORDER BY w.effective_at, w.id)),
marked AS (
  UPDATE price_change c
     SET applied_at = $2, from_minor = due.from_minor,
         effective_at = CASE WHEN due.at_once THEN $2 ELSE c.effective_at END
    FROM due WHERE c.tenant_id = $1 AND c.id = due.id)
UPDATE product p SET price_minor = due.to_minor, version = $4, updated_at = $2
  FROM due WHERE p.tenant_id = $1 AND p.id = due.product_id AND due.last
RETURNING p.id
"""  # noqa: S608 - of constants

_APPLY_IN_LISTS: Final = f"""
WITH waiting AS (
  SELECT c.id, c.list_id, c.product_id, c.to_minor, c.effective_at,
         b.id IS NOT NULL AND b.effective_at IS NULL AS at_once
  {_DUE} AND c.list_id IS NOT NULL AND c.product_id = ANY($3)),
due AS (
  SELECT w.id, w.list_id, w.product_id, w.to_minor, w.at_once,
         CASE WHEN lag(w.id) OVER v IS NULL THEN i.price_minor ELSE lag(w.to_minor) OVER v END AS from_minor,
         lead(w.id) OVER v IS NULL AS last
    FROM waiting w
    LEFT JOIN list_price i ON i.tenant_id = $1 AND i.list_id = w.list_id AND i.product_id = w.product_id
                          AND i.min_quantity = 0
  WINDOW v AS (PARTITION BY w.list_id, w.product_id ORDER BY w.effective_at, w.id)),
marked AS (
  UPDATE price_change c
     SET applied_at = $2, from_minor = due.from_minor,
         effective_at = CASE WHEN due.at_once THEN $2 ELSE c.effective_at END
    FROM due WHERE c.tenant_id = $1 AND c.id = due.id),
gone AS (
  DELETE FROM list_price i USING due
   WHERE i.tenant_id = $1 AND i.list_id = due.list_id AND i.product_id = due.product_id AND i.min_quantity = 0
     AND due.last AND due.to_minor IS NULL),
put AS (
  INSERT INTO list_price (tenant_id, list_id, product_id, min_quantity, price_minor)
  SELECT $1, list_id, product_id, 0, to_minor FROM due WHERE last AND to_minor IS NOT NULL
  ON CONFLICT (tenant_id, list_id, product_id, min_quantity) DO UPDATE SET price_minor = excluded.price_minor)
SELECT DISTINCT list_id, product_id FROM due
"""  # noqa: S608 - of constants


async def apply_due(tx: Tx) -> int:
    """Apply the changes of prices whose moment has come, in their order; give how many products changed.

    Of PORTION products; where more are due a job goes on with them. Locks the catalogue head. A second run finds
    nothing to do. Emits CatalogueChanged where anything changed.
    """
    changed, more = await apply_portion(tx)
    if more:
        await enqueue(tx, APPLY_JOB, {})
    return changed


async def apply_portion(tx: Tx) -> tuple[int, bool]:
    """Apply what is due of the next PORTION products; give how many prices changed, and whether more may be due.

    Locks the catalogue head. Emits CatalogueChanged where anything changed.
    """
    await lock_catalogue(tx)
    products = [row["product_id"] for row in await tx.fetch(_NEXT, tx.tenant, tx.now)]
    if not products:
        return 0, False
    version = await next_version(tx)
    rows = await tx.fetch(_APPLY, tx.tenant, tx.now, products, version)
    if rows:
        tx.audit("prices.applied", "catalogue", None, products=len(rows), version=version)
        await labels_due(tx, [row["id"] for row in rows])
        await rework(tx, [row["id"] for row in rows])
        tx.emit(CatalogueChanged(version))
    in_lists = await tx.fetch(_APPLY_IN_LISTS, tx.tenant, tx.now, products)
    if in_lists:
        tx.audit("prices.applied_in_lists", "catalogue", None, products=len(in_lists))
        await fold_lists(tx, {row["list_id"] for row in in_lists}, {row["product_id"] for row in in_lists})
    return len(rows) + len(in_lists), len(products) == PORTION


async def tell_tills(tx: Tx, products: list[UUID]) -> None:
    """Let tills fetch these anew, for their prices to come have changed; plans that rest on those change with them.

    Emits CatalogueChanged.
    """
    await rework(tx, products)
    version = await next_version(tx)
    await tx.execute(
        "UPDATE product SET version = $2 WHERE tenant_id = $1 AND id = ANY($3)", tx.tenant, version, products
    )
    tx.emit(CatalogueChanged(version))
