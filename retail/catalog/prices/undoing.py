"""Undoing many prices that were changed at once: what lies ahead is taken back, what holds gets its old price again.

A product whose price somebody has changed since keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.catalog.prices.batches import batch
from retail.catalog.prices.errors import BatchUndone
from retail.catalog.prices.history import apply_due, tell_tills
from retail.catalog.products.versions import lock_catalogue
from retail.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Undone:
    """How many prices are as they were, and how many somebody had changed since, so that they stay."""

    back: int
    kept: int


_TAKE_BACK: Final = """
UPDATE price_change SET undone_at = $3
 WHERE tenant_id = $1 AND batch_id = $2 AND applied_at IS NULL AND undone_at IS NULL
"""
# A list's old price may be none: then it has none again.
_REVERSE: Final = """
INSERT INTO price_change (tenant_id, id, product_id, list_id, from_minor, to_minor, effective_at, source, reason,
                          actor_id, actor_name, created_at)
SELECT $1, gen_random_uuid(), c.product_id, c.list_id, c.to_minor, c.from_minor, $3, 'undo', c.reason, $4, $5, $3
  FROM price_change c
  JOIN product p ON p.tenant_id = $1 AND p.id = c.product_id
  LEFT JOIN list_price i ON i.tenant_id = $1 AND i.list_id = c.list_id AND i.product_id = c.product_id
                        AND i.min_quantity = 0
 WHERE c.tenant_id = $1 AND c.batch_id = $2 AND c.applied_at IS NOT NULL
   AND CASE WHEN c.list_id IS NULL THEN p.price_minor ELSE i.price_minor END = c.to_minor
"""


async def undo_batch(tx: Tx, id: UUID) -> Undone:
    """Undo a batch as one; give what came of it. Raises NotFound, BatchUndone. Locks the catalogue head."""
    await lock_catalogue(tx)
    facts = await batch(tx, id)
    if facts.state not in {"applied", "waiting"}:
        raise BatchUndone
    taken_back = _count(await tx.execute(_TAKE_BACK, tx.tenant, id, tx.now))
    if taken_back:
        ids = "id IN (SELECT product_id FROM price_change WHERE tenant_id = $1 AND batch_id = $3)"
        await tell_tills(tx, ids, id)
    reversed_now = _count(await tx.execute(_REVERSE, tx.tenant, id, tx.now, tx.actor.id, tx.actor.name))
    await tx.execute(
        "UPDATE price_batch SET undone_at = $3, undone_by = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        tx.now,
        tx.actor.name,
    )
    await apply_due(tx)
    done = Undone(taken_back + reversed_now, facts.products - taken_back - reversed_now)
    tx.audit("prices.batch_undone", "price_batch", id, products=done.back, kept=done.kept)
    return done


def _count(tag: str) -> int:
    return int(tag.rsplit(maxsplit=1)[-1])
