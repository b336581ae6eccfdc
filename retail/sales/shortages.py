"""Making sure that a stock fell below zero, and telling it once: no lock, and no work where nothing is suspected.

A sale reads only the balance, which lags behind by the deltas that wait to be folded (at most a moment); adding those
up for every line of every sale would cost more than all the rest of it. So the balance raises a suspicion, and only
then are the deltas added up. What the balance hides for a moment is found by the next sale of the product. As long as
a person hasn't settled it, a product of a store is told once: a shop that doesn't count would drown otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Tx
from retail.sales.documents import StoredSale
from retail.sales.remarks import Remark

CODE: Final = "stock_below_zero"
Place = tuple[UUID, UUID | None]

_WAITING: Final = """
SELECT w.store_id, w.product_id,
       (coalesce((SELECT sum(d.quantity) FROM stock_delta d
                   WHERE d.tenant_id = $1 AND d.store_id = w.store_id AND d.product_id = w.product_id), 0)
         * 1000)::bigint AS waiting_milli
  FROM unnest($2::uuid[], $3::uuid[]) AS w (store_id, product_id)
 WHERE NOT EXISTS (SELECT FROM sync_exception e
                    WHERE e.tenant_id = $1 AND e.product_id = w.product_id AND e.store_id = w.store_id
                      AND e.code = 'stock_below_zero' AND e.resolved_at IS NULL)
"""


async def sure_shortages(tx: Tx, sales: Sequence[StoredSale]) -> Sequence[StoredSale]:
    """Keep of the suspected shortages those that are real and that nobody has been told of; gives all sales."""
    places = {(sale.store, one.product) for sale in sales for one in sale.remarks if one.code == CODE}
    if not places:
        return sales
    rows = await tx.fetch(_WAITING, tx.tenant, [store for store, _ in places], [product for _, product in places])
    waiting: dict[Place, int] = {(row["store_id"], row["product_id"]): row["waiting_milli"] for row in rows}
    return [_checked(sale, waiting) for sale in sales]


def _checked(sale: StoredSale, waiting: dict[Place, int]) -> StoredSale:
    remarks = []
    for one in sale.remarks:
        if one.code != CODE:
            remarks.append(one)
            continue
        place = (sale.store, one.product)
        on_hand = to_milli(one.facts["on_hand"]) + waiting.get(place, 0)
        if place in waiting and on_hand < 0:
            del waiting[place]  # told now
            remarks.append(Remark(CODE, {**one.facts, "on_hand": quantity_text(on_hand)}, one.product))
    return replace(sale, remarks=tuple(remarks))
