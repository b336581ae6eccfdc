"""Lots and pieces that come back: which of a sale's can, and whether those that a return names were sold with it.

docs/algorithms/returns.md, 9. A sale's moves say which lots and numbers went with it, by product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.runtime.db import Read
from retail.sales.documents import StoredSale
from retail.sales.remarks import Remark
from retail.stock.rules import Named, names_in

_NAMES: Final = """
SELECT m.product_id, p.tracking, m.trace, m.source_id = $2 AS sold
  FROM stock_move m JOIN product p ON p.tenant_id = $1 AND p.id = m.product_id
 WHERE m.tenant_id = $1 AND m.trace <> '' AND m.kind IN ('sale', 'return')
   AND (m.source_id = $2 OR m.source_id IN (SELECT s.id FROM sale s WHERE s.tenant_id = $1 AND s.original_id = $2))
 ORDER BY m.occurred_at, m.id
"""
_SAID_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Names:
    """What a sale named of a product, in its order: lots, or pieces (`tracking` "lot" or "serial"); what is `back`."""

    tracking: str
    sold: tuple[str, ...]
    back: frozenset[str]

    @property
    def left(self) -> list[str]:
        """List what can still come back: a lot as often as anybody likes, a piece once."""
        return [one for one in self.sold if self.tracking == "lot" or one not in self.back]


async def names_of(read: Read, sale: UUID) -> dict[UUID, Names]:
    """Give what a sale named, by product; products that nobody follows any more are left out."""
    sold: dict[UUID, dict[str, None]] = {}
    back: dict[UUID, set[str]] = {}
    tracked: dict[UUID, str] = {}
    for row in await read.fetch(_NAMES, read.tenant, sale):
        product = row["product_id"]
        tracked[product] = row["tracking"]
        if row["sold"]:
            sold.setdefault(product, {}).update(dict.fromkeys(names_in(row["trace"])))
        else:
            back.setdefault(product, set()).update(names_in(row["trace"]))
    return {
        product: Names(tracked[product], tuple(names), frozenset(back.get(product, ())))
        for product, names in sold.items()
        if tracked[product] != "none"
    }


def not_of_this_sale(sold: StoredSale, told: Mapping[UUID, Named], names: Mapping[UUID, Names]) -> list[Remark]:
    """Remark on each line that names a lot or a piece which wasn't sold with it, or is back already.

    Of goods that were sold without either, nobody knows which they were: whatever is named is believed.
    """
    odd = []
    taken: dict[UUID, set[str]] = {}
    for line in sold.lines:
        known = names.get(line.product) if line.product else None
        if known is None or line.product is None or line.id not in told:
            continue
        said = told[line.id].serials or tuple(filter(None, (told[line.id].lot,)))
        before = taken.setdefault(line.product, set())
        wrong = [one for one in said if one not in known.left or (known.tracking == "serial" and one in before)]
        before.update(said)
        if wrong:
            facts = {"name": line.name, "said": _listed(wrong), "sold": _listed(known.left) or "0"}
            odd.append(Remark("wrong_piece_back", facts, line.product))
    return odd


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SAID_MOST]) + (" …" if len(names) > _SAID_MOST else "")
