"""Where a journal entry comes from, in words: the receipt, the shift, the cash move or the goods that it posts.

Reads tables of the layers above by their names alone: an entry outlives the feature that posted it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.ledger.queries import EntryFacts
from retail.runtime.db import Read

MOST_GOODS: Final = 20


@dataclass(frozen=True, slots=True)
class Goods:
    """A product that an entry's document moved, and how much of it."""

    product: UUID
    name: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Origin:
    """What an entry posts. A receipt and a shift have a till and a number; a stock document has goods.

    `goods` are the first MOST_GOODS by name, `further` says how many more there are.
    """

    id: UUID
    till_code: str = ""
    number: int = 0
    goods: tuple[Goods, ...] = ()
    further: int = 0


_NUMBERED: Final = {
    "sale": "SELECT o.id, k.code, o.number FROM sale o",
    "return": "SELECT o.id, k.code, o.number FROM sale o",
    "payment": "SELECT o.id, k.code, o.number FROM sale o",
    "shift_opened": "SELECT o.id, k.code, o.number FROM shift o",
    "shift_closed": "SELECT o.id, k.code, o.number FROM shift o",
}
_CASH: Final = """SELECT o.id, k.code, o.number FROM cash_move m
  JOIN shift o ON o.tenant_id = m.tenant_id AND o.id = m.shift_id
  JOIN till k ON k.tenant_id = o.tenant_id AND k.id = o.till_id
 WHERE m.tenant_id = $1 AND m.id = $2"""
# An entry names its document, or, of a document that was posted in portions, the first move of its own.
_GOODS: Final = f"""SELECT p.id, p.name, p.unit, m.quantity, count(*) OVER () AS all_of_them
  FROM stock_move m JOIN product p ON p.tenant_id = m.tenant_id AND p.id = m.product_id
 WHERE m.tenant_id = $1
   AND m.source_id = coalesce((SELECT f.source_id FROM stock_move f WHERE f.tenant_id = $1 AND f.id = $2), $2)
 ORDER BY p.sort_name, p.id LIMIT {MOST_GOODS}"""  # noqa: S608 - a number


async def origin(read: Read, entry: EntryFacts) -> Origin | None:
    """Tell what an entry posts; None where nothing of it is kept."""
    if entry.kind.startswith("stock_"):
        return await _goods(read, entry.source)
    sql = _CASH
    if not entry.kind.startswith("cash_"):
        if entry.kind not in _NUMBERED:
            return None
        sql = (
            _NUMBERED[entry.kind]
            + " JOIN till k ON k.tenant_id = o.tenant_id AND k.id = o.till_id WHERE o.tenant_id = $1 AND o.id = $2"
        )
    row = await read.fetchrow(sql, read.tenant, entry.source)
    return Origin(row["id"], row["code"], row["number"]) if row else None


async def _goods(read: Read, source: UUID) -> Origin | None:
    rows = await read.fetch(_GOODS, read.tenant, source)
    if not rows:
        return None
    goods = tuple(Goods(row["id"], row["name"], row["unit"], row["quantity"]) for row in rows)
    return Origin(source, goods=goods, further=rows[0]["all_of_them"] - len(rows))
