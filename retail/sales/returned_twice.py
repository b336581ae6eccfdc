"""Goods that came back twice, because two tills could not ask: who took what, at which till, under which receipt."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from retail.runtime.db import Read
from retail.sales.assess import Seller
from retail.sales.documents import StoredSale
from retail.sales.labels import receipt_label
from retail.sales.remarks import Remark
from retail.sales.return_reading import TillReturn

_OTHERS: Final = """
SELECT s.id, s.number, s.cashier_name, k.code, k.name
  FROM sale_line l
  JOIN sale s ON s.tenant_id = $1 AND s.id = l.sale_id
  JOIN till k ON k.tenant_id = $1 AND k.id = s.till_id
 WHERE l.tenant_id = $1 AND l.original_sale_id = $2 AND l.original_line_id = $3 ORDER BY s.received_at, s.id LIMIT 5
"""


async def twice(read: Read, sold: StoredSale, over: Collection[UUID], back: TillReturn, seller: Seller) -> list[Remark]:
    """Remark on each line (`over`) of which more is back than was sold, naming both tills, receipts and cashiers."""
    sql = "SELECT code, name FROM till WHERE tenant_id = $1 AND id = $2"
    code, name = await read.fetchrow(sql, read.tenant, back.goods.till) or ("?", "?")
    here = {"till": name, "number": receipt_label(code, back.goods.number, "return"), "cashier": seller.name}
    found = []
    for line in sold.lines:
        if line.id in over:
            others = await _others(read, sold.id, line.id)
            said = {"others": ", ".join(said for _id, said in others), "other_sales": [id for id, _said in others]}
            found.append(
                Remark("returned_twice", {"name": line.name, "line": str(line.id), **here, **said}, line.product)
            )
    return found


async def _others(read: Read, sale: UUID, line: UUID) -> list[tuple[str, str]]:
    rows = await read.fetch(_OTHERS, read.tenant, sale, line)
    return [
        (
            str(row["id"]),
            f"{row['name']} ({receipt_label(row['code'], row['number'], 'return')}, {row['cashier_name']})",
        )
        for row in rows
    ]
