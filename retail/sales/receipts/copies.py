"""Copies of receipts: written down before they are on paper, each with the number that it carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.runtime.db import Tx
from retail.sales.errors import NoSuchSale

MOST_COPIES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Copy:
    """A reprint: its own id, of which sale, the how manyth, when, and at which till; none in the back office."""

    id: UUID
    sale: UUID
    n: int
    at: datetime
    till: UUID | None = None


async def note_copy(tx: Tx, copy: Copy) -> None:
    """Write a copy down; the same one again changes nothing. Raises NoSuchSale."""
    await _known(tx, copy.sale)
    if await _insert(tx, copy, "paper"):
        tx.audit("receipt.copied", "sale", copy.sale, n=copy.n, till=copy.till and str(copy.till))


async def copy_again(tx: Tx, id: UUID, sale: UUID) -> int:
    """Make the next copy in the back office; gives its number, the same for the same id. Raises NoSuchSale.

    Two at once take the same number: each is written down, and a number on paper is no key.
    """
    await _known(tx, sale)
    made = await tx.fetchval("SELECT n FROM receipt_copy WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    if made is not None:
        return int(made)
    n = 1 + await tx.fetchval(
        "SELECT coalesce(max(n), 0) FROM receipt_copy WHERE tenant_id = $1 AND sale_id = $2", tx.tenant, sale
    )
    await note_copy(tx, Copy(id, sale, n, tx.now))
    return int(n)


async def note_letter(tx: Tx, id: UUID, sale: UUID) -> bool:
    """Note that a receipt goes out as a letter, never to whom; claims that this is new. Raises NoSuchSale."""
    await _known(tx, sale)
    fresh = await _insert(tx, Copy(id, sale, 0, tx.now), "mail")
    if fresh:
        tx.audit("receipt.mailed", "sale", sale)
    return fresh


async def _insert(tx: Tx, copy: Copy, how: str) -> bool:
    tag = await tx.execute(
        """INSERT INTO receipt_copy (tenant_id, id, sale_id, till_id, how, n, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING""",
        tx.tenant,
        copy.id,
        copy.sale,
        copy.till,
        how,
        copy.n,
        copy.at,
    )
    return bool(tag == "INSERT 0 1")


async def _known(tx: Tx, sale: UUID) -> None:
    if not await tx.fetchval("SELECT true FROM sale WHERE tenant_id = $1 AND id = $2", tx.tenant, sale):
        raise NoSuchSale
