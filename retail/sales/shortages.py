"""Making sure that a stock fell below zero, or below what is kept for customers, and telling it once.

No lock, and no work where nothing is suspected.

A sale reads only the balance, which lags behind by the deltas that wait to be folded (at most a moment); adding those
up for every line of every sale would cost more than all the rest of it. So the balance raises a suspicion, and only
then are the deltas added up. What the balance hides for a moment is found by the next sale of the product. As long as
a person hasn't settled it, a product of a store is told once: a shop that doesn't count would drown otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Tx
from retail.sales.documents import StoredSale
from retail.sales.remarks import Remark
from retail.stock.places.blocked import BLOCKED

CODE: Final = "stock_below_zero"
KEPT_CODE: Final = "reserved_sold"
_CODES: Final = frozenset({CODE, KEPT_CODE})
Doubt = tuple[UUID, UUID | None, str]

# A sale that an order's goods were kept for takes its own: that reservation isn't anybody else's.
_WAITING: Final = f"""
SELECT w.store_id, w.product_id, w.code,
       (coalesce((SELECT sum(d.quantity) FROM stock_delta d
                   WHERE d.tenant_id = $1 AND d.store_id = w.store_id AND d.product_id = w.product_id), 0)
         * 1000)::bigint AS waiting_milli,
       (coalesce((SELECT sum(r.quantity) FROM reservation r
                   WHERE r.tenant_id = $1 AND r.store_id = w.store_id AND r.product_id = w.product_id
                     AND r.released_at IS NULL AND r.expires_at > $6
                     AND (r.source_id IS NULL OR r.source_id <> ALL($5::uuid[]))), 0) * 1000)::bigint AS kept_milli,
       ({BLOCKED.format(store="w.store_id", product="w.product_id")} * 1000)::bigint AS blocked_milli
  FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS w (store_id, product_id, code)
 WHERE NOT EXISTS (SELECT FROM sync_exception e
                    WHERE e.tenant_id = $1 AND e.product_id = w.product_id AND e.store_id = w.store_id
                      AND e.code = w.code AND e.resolved_at IS NULL)
"""  # noqa: S608 - constants


async def sure_shortages(tx: Tx, sales: Sequence[StoredSale]) -> Sequence[StoredSale]:
    """Keep of the suspected shortages those that are real and that nobody has been told of; gives all sales."""
    doubts = {(sale.store, one.product, one.code) for sale in sales for one in sale.remarks if one.code in _CODES}
    if not doubts:
        return sales
    columns = [list(column) for column in zip(*doubts, strict=True)]
    rows = await tx.fetch(_WAITING, tx.tenant, *columns, [sale.id for sale in sales], tx.now)
    found: dict[Doubt, Any] = {(row["store_id"], row["product_id"], row["code"]): row for row in rows}
    return [_checked(sale, found) for sale in sales]


def _checked(sale: StoredSale, found: dict[Doubt, Any]) -> StoredSale:
    remarks = []
    for one in sale.remarks:
        if one.code not in _CODES:
            remarks.append(one)
            continue
        doubt = (sale.store, one.product, one.code)
        facts = _sure(one, found[doubt]) if doubt in found else None
        if facts is not None:
            del found[doubt]  # told now
            remarks.append(Remark(one.code, {**one.facts, **facts}, one.product))
    return replace(sale, remarks=tuple(remarks))


def _sure(suspected: Remark, row: Any) -> dict[str, str] | None:  # noqa: ANN401 - a row of the database
    """Give what is left in truth, and what of it was promised; None where there is enough."""
    on_hand = to_milli(suspected.facts["on_hand"]) + row["waiting_milli"]
    if suspected.code == CODE:
        return {"on_hand": quantity_text(on_hand)} if on_hand < 0 else None
    left = on_hand - row["blocked_milli"]
    if not row["kept_milli"] or left >= row["kept_milli"]:
        return None
    return {"on_hand": quantity_text(max(left, 0)), "kept": quantity_text(row["kept_milli"])}
