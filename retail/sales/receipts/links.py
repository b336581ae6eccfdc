"""Public addresses of receipts: 128 random bits, kept as a hash: docs/algorithms/receipts.md, 6."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.runtime.db import Tx, Unit
from retail.sales.documents import SaleIn

_BYTES: Final = 16
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Linked:
    """Whose receipt a token opens, and since when."""

    tenant: UUID
    sale: UUID
    since: datetime


def token_hash(token: str) -> bytes:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def path_of(token: str) -> str:
    """Give the path of a receipt's page."""
    return f"/r/{token}"


async def keep_links(tx: Tx, sales: Sequence[SaleIn]) -> None:
    """Keep the hashes that newly stored sales brought; most tills send one with each."""
    brought = [(one.receipt_link, one.id) for one in sales if one.receipt_link is not None]
    if brought:
        await _insert(tx, [token for token, _sale in brought], [sale for _token, sale in brought])


async def make_link(tx: Tx, sale: UUID) -> str:
    """Make another token for a sale, for a letter or a reprint; give its path."""
    token = secrets.token_urlsafe(_BYTES)
    await _insert(tx, [token_hash(token)], [sale])
    return path_of(token)


async def _insert(tx: Tx, hashes: Sequence[bytes], sales: Sequence[UUID]) -> None:
    await tx.execute(
        """INSERT INTO receipt_link (tenant_id, token_hash, sale_id, created_at)
           SELECT $1, u.token_hash, u.sale_id, $2 FROM unnest($3::bytea[], $4::uuid[]) AS u (token_hash, sale_id)
               ON CONFLICT DO NOTHING""",
        tx.tenant,
        tx.now,
        list(hashes),
        list(sales),
    )


async def linked(unit: Unit, token: str) -> Linked | None:
    """Tell whose receipt a token opens; None for one that nobody made, or whose sale hasn't arrived."""
    if not _TOKEN.fullmatch(token):
        return None
    row = await unit.fetchrow("SELECT tenant_id, sale_id, created_at FROM auth_receipt_link($1)", token_hash(token))
    return Linked(*row) if row else None
