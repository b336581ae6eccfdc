"""What a till said about a return, and which sale and return were made in exchange for each other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.runtime.db import Read
from retail.sales.reading import WHY_MOST

_NOTE: Final = """
SELECT n.basis, n.reason, n.wasted,
       ARRAY(SELECT l.name FROM sale_line l WHERE l.tenant_id = $1 AND l.sale_id = n.sale_id
                AND n.wasted ? l.id::text ORDER BY l.position) AS wasted_names
  FROM return_note n WHERE n.tenant_id = $1 AND n.sale_id = $2
"""
_EXCHANGE: Final = """
SELECT s.id, s.kind, s.number, k.code
  FROM (SELECT n.exchange_id AS id FROM return_note n WHERE n.tenant_id = $1 AND n.sale_id = $2
         UNION ALL
        SELECT n.sale_id FROM return_note n WHERE n.tenant_id = $1 AND n.exchange_id = $2) o
  JOIN sale s ON s.tenant_id = $1 AND s.id = o.id
  JOIN till k ON k.tenant_id = $1 AND k.id = s.till_id LIMIT 1
"""
_WHY: Final = """
SELECT j.payload FROM till_journal j
 WHERE j.tenant_id = $1 AND j.record_id = $2 AND j.kind = 'sale' AND j.status = 'created' LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """From a "receipt", with "none", or from one that is "unknown"; why; and the names of what can't be sold again."""

    basis: str
    reason: str
    wasted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherHalf:
    """The return or the sale that goes with another one in exchange."""

    id: UUID
    kind: str
    number: int
    till_code: str


async def why_of(read: Read, sale: UUID) -> str:
    """Give why its prices or discounts were changed by hand, as its till wrote it down; "" where nobody said."""
    payload = await read.fetchval(_WHY, read.tenant, sale)
    try:
        said = json.loads(payload).get("why") if payload else None
    except ValueError:
        return ""
    return said[:WHY_MOST] if isinstance(said, str) else ""


async def note_of(read: Read, sale: UUID) -> ReturnFacts | None:
    """Give what a till said about a return; None where the office took the goods back."""
    row = await read.fetchrow(_NOTE, read.tenant, sale)
    if row is None:
        return None
    names = row["wasted_names"] if json.loads(row["wasted"]) else []
    return ReturnFacts(row["basis"], row["reason"], tuple(names))


async def exchange_of(read: Read, sale: UUID) -> OtherHalf | None:
    """Give the other half of an exchange, or None."""
    row = await read.fetchrow(_EXCHANGE, read.tenant, sale)
    return OtherHalf(*row) if row else None
