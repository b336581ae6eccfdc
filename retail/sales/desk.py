"""Which tills can take goods of a sale back just now: those with an open shift."""

from __future__ import annotations

from dataclasses import dataclass

from retail.runtime.db import Read
from retail.sales.documents import StoredSale


@dataclass(frozen=True, slots=True)
class Desks:
    """Tills as (id, words) to choose from, and the one that is most likely meant, '' where there is none."""

    tills: list[tuple[str, str]]
    till: str


async def desk_of(read: Read, sale: StoredSale) -> Desks:
    """List the tills with an open shift; the sale's own till comes first, then its store's."""
    rows = await read.fetch(
        """SELECT k.id, k.code, st.name FROM shift h
             JOIN till k ON k.tenant_id = h.tenant_id AND k.id = h.till_id
             JOIN store st ON st.tenant_id = k.tenant_id AND st.id = k.store_id
            WHERE h.tenant_id = $1 AND h.closed_at IS NULL
            ORDER BY k.id <> $2, k.store_id <> $3, st.name, k.code""",
        read.tenant,
        sale.till,
        sale.store,
    )
    tills = [(str(row["id"]), f"{row['code']} · {row['name']}") for row in rows]
    return Desks(tills, tills[0][0] if tills else "")
