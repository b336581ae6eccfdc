"""Keeping what a run over past sales found, and saying what is never suggested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.errors import IdempotencyConflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.recommending.rules import Method, Window, pair
from retail.runtime.db import Tx
from retail.runtime.jobs import current_job, hold

JOB: Final = "recommending.work_out"
PORTION: Final = 5_000
"""So many rows are written, or cleared, in one transaction."""

OPEN: Final = """
INSERT INTO also_bought_state (tenant_id, begun, shown, baskets, left_out, products, pairs)
VALUES ($1, 0, 0, 0, 0, 0, 0) ON CONFLICT (tenant_id) DO NOTHING
"""
_KEEP: Final = """
INSERT INTO also_bought (tenant_id, run, product_id, neighbour_id, place, rank, score_micros, together, baskets,
                         neighbour_baskets)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::smallint[], $6::integer[], $7::bigint[], $8::integer[],
                             $9::integer[], $10::integer[])
"""
_SHOW: Final = """
UPDATE also_bought_state
   SET shown = $2, worked_out_at = $3, first_day = $4, last_day = $5, method = $6, baskets = $7, left_out = $8,
       products = $9, pairs = $10
 WHERE tenant_id = $1 AND shown < $2
"""
_CLEAR: Final = """
DELETE FROM also_bought WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
  SELECT a.ctid FROM also_bought a
   WHERE a.tenant_id = $1 AND a.run < (SELECT shown FROM also_bought_state WHERE tenant_id = $1) LIMIT $2))
"""
_NEVER: Final = """
INSERT INTO never_together (tenant_id, id, product_id, other_id, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_OF_PAIR: Final = """
SELECT id, product_id AS product, other_id AS other, created_at FROM never_together
 WHERE tenant_id = $1 AND product_id = $2 AND other_id IS NOT DISTINCT FROM $3
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run read and found."""

    window: Window
    method: Method
    baskets: int
    left_out: int
    products: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Row:
    """A product's neighbour as a run found it."""

    product: UUID
    neighbour: UUID
    place: int
    rank: int
    score: int
    together: int
    baskets: int
    neighbour_baskets: int


@dataclass(frozen=True, slots=True)
class Never:
    """What is never suggested: `product` with `other`, in both directions; without another, `product` anywhere."""

    id: UUID
    product: UUID
    other: UUID | None
    created_at: datetime


async def begin(tx: Tx) -> int:
    """Begin a run in the running job; gives its number. Locks the business's state. Raises LostClaim."""
    await hold(tx)
    await tx.execute(OPEN, tx.tenant)
    run: int = await tx.fetchval(
        "UPDATE also_bought_state SET begun = begun + 1, job_id = $2 WHERE tenant_id = $1 RETURNING begun",
        tx.tenant,
        current_job(),
    )
    return run


async def keep(tx: Tx, run: int, rows: Sequence[Row]) -> None:
    """Write a portion of what a run found; nobody sees it yet. Raises LostClaim."""
    await hold(tx)
    await tx.execute(
        _KEEP, tx.tenant, run, [one.product for one in rows], [one.neighbour for one in rows],
        [one.place for one in rows], [one.rank for one in rows], [one.score for one in rows],
        [one.together for one in rows], [one.baskets for one in rows], [one.neighbour_baskets for one in rows],
    )  # fmt: skip


async def show(tx: Tx, run: int, found: Outcome) -> bool:
    """Let a run count from now on; False where a later one does already. Raises LostClaim."""
    await hold(tx)
    tag = await tx.execute(
        _SHOW, tx.tenant, run, tx.now, found.window.first, found.window.last, found.method, found.baskets,
        found.left_out, found.products, found.pairs,
    )  # fmt: skip
    return tag == "UPDATE 1"


async def clear(tx: Tx) -> bool:
    """Clear a portion of what earlier runs found; claims that more may be left. Raises LostClaim."""
    await hold(tx)
    return await tx.execute(_CLEAR, tx.tenant, PORTION) == f"DELETE {PORTION}"


async def exclude(tx: Tx, product: UUID, other: UUID | None, id: UUID | None = None) -> tuple[Never, bool]:
    """Never suggest a product with another, in both directions, or without another anywhere; and whether that is new.

    Said once more it is what it was. Raises Forbidden, Invalid, NotFound, IdempotencyConflict.
    """
    tx.scope.require(EDIT_CATALOGUE)
    if product == other:
        raise Invalid({"other": [_("Pick another product: one isn't suggested with itself.")]})
    await _require(tx, product, other)
    first, second = pair(product, other)
    tag = await tx.execute(_NEVER, tx.tenant, id or new_id(), first, second, tx.now)
    row = await tx.fetchrow(_OF_PAIR, tx.tenant, first, second)
    if row is None:
        raise IdempotencyConflict
    if tag == "INSERT 0 1":
        tx.audit("recommendations.excluded", "product", product, **({"product": other} if other else {}))
    return Never(**dict(row)), tag == "INSERT 0 1"


async def take_back(tx: Tx, id: UUID) -> bool:
    """Take an exclude back; claims that there was one. Raises Forbidden."""
    tx.scope.require(EDIT_CATALOGUE)
    row = await tx.fetchrow(
        "DELETE FROM never_together WHERE tenant_id = $1 AND id = $2 RETURNING product_id, other_id", tx.tenant, id
    )
    if row is None:
        return False
    other = row["other_id"]
    tx.audit("recommendations.included", "product", row["product_id"], **({"product": other} if other else {}))
    return True


async def _require(tx: Tx, product: UUID, other: UUID | None) -> None:
    wanted = [product] if other is None else [product, other]
    known = await tx.fetchval(
        "SELECT count(*) FROM product WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", tx.tenant, wanted
    )
    if known != len(wanted):
        raise NotFound("product")
