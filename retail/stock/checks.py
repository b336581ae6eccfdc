"""What is on hand is what moved; and what is below zero was sold there."""

from __future__ import annotations

from retail.runtime.checks import Check, claim
from retail.runtime.db import Read
from retail.stock.reconciling import gaps

_BALANCES = """
WITH moved AS (
  SELECT store_id, product_id, sum(quantity) AS quantity FROM stock_move WHERE tenant_id = $1 GROUP BY 1, 2),
waiting AS (
  SELECT store_id, product_id, sum(quantity) AS quantity FROM stock_delta WHERE tenant_id = $1 GROUP BY 1, 2),
held AS (
  SELECT store_id, product_id, on_hand FROM stock_balance WHERE tenant_id = $1)
SELECT store_id, product_id, coalesce(m.quantity, 0) AS moved, coalesce(w.quantity, 0) AS waiting,
       coalesce(h.on_hand, 0) AS held
  FROM moved m FULL JOIN held h USING (store_id, product_id) FULL JOIN waiting w USING (store_id, product_id)
 ORDER BY store_id, product_id
"""

# Sales and returns aside, nobody can take what isn't there; so without sales no balance could be below zero.
_UNEXPLAINED = """
SELECT b.store_id, b.product_id, b.on_hand FROM stock_balance b
 WHERE b.tenant_id = $1 AND b.on_hand < 0
   AND NOT EXISTS (SELECT FROM stock_move m
                    WHERE m.tenant_id = $1 AND m.store_id = b.store_id AND m.product_id = b.product_id
                      AND m.kind = 'sale')
 ORDER BY b.store_id, b.product_id
"""


async def checks(read: Read) -> list[Check]:
    """Recompute the balances, look for stock below zero that no sale explains, and compare with the books."""
    return [*await shelf(read), *await books(read)]


async def books(read: Read) -> list[Check]:
    """Compare each store's stock at cost with its account; what differs must be explained to the cent.

    From all moves there are; the page, which goes on from last night's sums, must come to the same.
    """
    compared, shown = await gaps(read, everything=True), {one.store: one for one in await gaps(read)}
    return [
        claim(
            "stock: the books hold each store's stock at cost, but for what is explained",
            len(compared),
            [
                f"store {one.store}: shelf {one.value}, account {one.books}, not explained {one.unexplained}"
                for one in compared
                if one.unexplained
            ],
        ),
        claim(
            "stock: the page's comparison with the books is that of all moves",
            len(compared),
            [
                f"store {one.store}: {shown.get(one.store)}, not {one}"
                for one in compared
                if shown.get(one.store) != one
            ],
        ),
    ]


async def shelf(read: Read) -> list[Check]:
    """Recompute each balance from its moves, and look for stock below zero that no sale explains."""
    rows = await read.fetch(_BALANCES, read.tenant)
    differ = [
        f"product {row['product_id']} in store {row['store_id']}: moves say {row['moved']}, "
        f"balance and waiting say {row['held'] + row['waiting']}"
        for row in rows
        if row["moved"] != row["held"] + row["waiting"]
    ]
    surprises = await read.fetch(_UNEXPLAINED, read.tenant)
    return [
        claim("stock: every balance is the sum of its moves", len(rows), differ),
        claim(
            "stock: nothing is below zero without a sale",
            len(rows),
            [f"product {row['product_id']} in store {row['store_id']}: {row['on_hand']}" for row in surprises],
        ),
    ]
