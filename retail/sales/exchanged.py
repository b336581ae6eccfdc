"""Goods in exchange: what a sale was paid with in goods must be what the return beside it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from retail.runtime.db import Tx
from retail.sales.documents import StoredSale
from retail.sales.oddities import EXCHANGE
from retail.sales.remarks import Remark

_GIVEN: Final = """
SELECT n.exchange_id AS sale, -sum(t.amount_minor)::bigint AS amount
  FROM return_note n JOIN tender t ON t.tenant_id = $1 AND t.sale_id = n.sale_id AND t.type = 'exchange'
 WHERE n.tenant_id = $1 AND n.exchange_id = ANY($2::uuid[]) GROUP BY 1
"""


async def sure_exchanges(tx: Tx, sales: Sequence[StoredSale]) -> Sequence[StoredSale]:
    """Remark on sales that were paid with goods in exchange where no return, or another amount, goes with them."""
    wanted = {sale.id: sum(one.net for one in sale.tenders if one.type == EXCHANGE) for sale in sales}
    asked = [id for id, amount in wanted.items() if amount]
    if not asked:
        return sales
    given = {row["sale"]: row["amount"] for row in await tx.fetch(_GIVEN, tx.tenant, asked)}
    marked = []
    for sale in sales:
        amount, taken = wanted[sale.id], given.get(sale.id, 0)
        odd = (Remark("exchange_open", {"amount": amount, "taken": taken}),) if amount and amount != taken else ()
        marked.append(replace(sale, remarks=(*sale.remarks, *odd)) if odd else sale)
    return marked
