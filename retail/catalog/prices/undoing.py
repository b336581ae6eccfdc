"""Undoing many prices that were changed at once: what lies ahead is taken back, what holds gets its old price again.

A product whose price somebody has changed since keeps it. Many are undone by a job, portion by portion; a run that was
cut short begins again, and what has its old price already is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.catalog.prices.applying import PORTION, apply_due, tell_tills
from retail.catalog.prices.batches import SMALL, batch, next_products
from retail.catalog.prices.errors import BatchUndone
from retail.catalog.products.versions import lock_catalogue
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue

UNDO_JOB: Final = "prices.undo"


@dataclass(frozen=True, slots=True)
class Undone:
    """How many prices are as they were, and how many somebody had changed since, so that they stay."""

    back: int
    kept: int


_TAKE_BACK: Final = """
UPDATE price_change SET undone_at = $3
 WHERE tenant_id = $1 AND batch_id = $2 AND product_id = ANY($4) AND applied_at IS NULL AND undone_at IS NULL
RETURNING product_id
"""
# A list's old price may be none: then it has none again.
_REVERSE: Final = """
INSERT INTO price_change (tenant_id, id, product_id, list_id, from_minor, to_minor, effective_at, source, reason,
                          actor_id, actor_name, created_at)
SELECT $1, gen_random_uuid(), c.product_id, c.list_id, c.to_minor, c.from_minor, $3, 'undo', c.reason, $5,
       b.undone_by, $3
  FROM price_change c
  JOIN price_batch b ON b.tenant_id = $1 AND b.id = c.batch_id
  JOIN product p ON p.tenant_id = $1 AND p.id = c.product_id
  LEFT JOIN list_price i ON i.tenant_id = $1 AND i.list_id = c.list_id AND i.product_id = c.product_id
                        AND i.min_quantity = 0
 WHERE c.tenant_id = $1 AND c.batch_id = $2 AND c.product_id = ANY($4) AND c.applied_at IS NOT NULL
   AND CASE WHEN c.list_id IS NULL THEN p.price_minor ELSE i.price_minor END = c.to_minor
"""


async def undo_batch(tx: Tx, id: UUID) -> Undone | None:
    """Undo a batch; give what came of it, or None where there are so many that a job does it.

    Raises NotFound, BatchUndone. Locks the catalogue head.
    """
    await lock_catalogue(tx)
    facts = await batch(tx, id)
    if facts.state not in {"applied", "waiting"}:
        raise BatchUndone
    job = new_id() if facts.products > SMALL else None
    await tx.execute(
        """UPDATE price_batch SET undoing_at = $3, undone_by = $4, job_id = coalesce($5, job_id)
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        id,
        tx.now,
        tx.actor.name,
        job,
    )
    if job is not None:
        tx.audit("prices.batch_undoing", "price_batch", id, products=facts.products)
        await enqueue(tx, UNDO_JOB, {"batch": str(id), "actor": str(tx.actor.id) if tx.actor.id else ""}, id=job)
        return None
    await undo_portion(tx, id, None, tx.actor.id)
    return await end_undoing(tx, id)


async def undo_portion(tx: Tx, id: UUID, after: UUID | None, actor: UUID | None) -> tuple[UUID | None, int]:
    """Undo the changes of the next PORTION products, in the order of their ids.

    Gives the last product (None: there are no more), and how many there were. Locks the catalogue head.
    """
    await lock_catalogue(tx)
    products = await next_products(tx, id, after)
    taken_back = await tx.fetch(_TAKE_BACK, tx.tenant, id, tx.now, products)
    if taken_back:
        await tell_tills(tx, [row["product_id"] for row in taken_back])
    reversed_now = await tx.execute(_REVERSE, tx.tenant, id, tx.now, products, actor)
    await tx.execute(
        "UPDATE price_batch SET brought_back = brought_back + $3 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        len(taken_back) + int(reversed_now.rsplit(maxsplit=1)[-1]),
    )
    await apply_due(tx)
    return (products[-1] if len(products) == PORTION else None), len(products)


async def end_undoing(tx: Tx, id: UUID) -> Undone:
    """Say that a batch is undone, and give what came of it. Raises NotFound."""
    facts = await batch(tx, id)
    back: int = await tx.fetchval(
        "UPDATE price_batch SET undone_at = $3 WHERE tenant_id = $1 AND id = $2 RETURNING brought_back",
        tx.tenant,
        id,
        tx.now,
    )
    done = Undone(back, facts.products - back)
    tx.audit("prices.batch_undone", "price_batch", id, products=done.back, kept=done.kept)
    return done
