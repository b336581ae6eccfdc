"""Places, lots, pieces and goods on the way say the same as the balances and the books."""

from __future__ import annotations

from retail.runtime.checks import Check, claim
from retail.runtime.db import Read, Row

# What every place got and gave, and what is left for the main one: it may only be below zero where something was sold.
_PLACES = """
WITH steps AS (
  SELECT m.store_id, m.product_id, c.location_id, sum(c.quantity) AS quantity
    FROM place_move m
   CROSS JOIN LATERAL (VALUES (m.from_location_id, -m.quantity), (m.to_location_id, m.quantity))
                      AS c (location_id, quantity)
   WHERE m.tenant_id = $1 AND c.location_id IS NOT NULL GROUP BY 1, 2, 3),
lying AS (
  SELECT store_id, product_id, location_id, on_hand FROM stock_place WHERE tenant_id = $1)
SELECT store_id, product_id, location_id, coalesce(s.quantity, 0) AS moved, coalesce(l.on_hand, 0) AS lies
  FROM steps s FULL JOIN lying l USING (store_id, product_id, location_id)
 ORDER BY 1, 2, 3
"""

_MAIN = """
WITH away AS (
  SELECT store_id, product_id, sum(on_hand) AS quantity FROM stock_place WHERE tenant_id = $1 GROUP BY 1, 2),
moved AS (
  SELECT m.store_id, m.product_id, sum(m.quantity) AS quantity, bool_or(m.kind = 'sale') AS sold
    FROM stock_move m JOIN away a ON a.store_id = m.store_id AND a.product_id = m.product_id
   WHERE m.tenant_id = $1 GROUP BY 1, 2)
SELECT a.store_id, a.product_id, coalesce(m.quantity, 0) - a.quantity AS main, coalesce(m.sold, false) AS sold
  FROM away a LEFT JOIN moved m USING (store_id, product_id) ORDER BY 1, 2
"""

_LOTS = """
WITH lots AS (
  SELECT store_id, product_id, sum(on_hand) AS quantity FROM lot_balance WHERE tenant_id = $1 GROUP BY 1, 2)
SELECT t.store_id, t.product_id, coalesce(l.quantity, 0) + t.unnamed AS named, coalesce(b.on_hand, 0) AS on_hand
  FROM traced t
  LEFT JOIN lots l USING (store_id, product_id)
  LEFT JOIN stock_balance b ON b.tenant_id = $1 AND b.store_id = t.store_id AND b.product_id = t.product_id
 WHERE t.tenant_id = $1 AND t.tracking = 'lot' ORDER BY 1, 2
"""

_LOT_MOVES = """
WITH moved AS (
  SELECT store_id, lot_id, sum(quantity) AS quantity FROM lot_move WHERE tenant_id = $1 GROUP BY 1, 2),
held AS (
  SELECT store_id, lot_id, on_hand FROM lot_balance WHERE tenant_id = $1)
SELECT store_id, lot_id, coalesce(m.quantity, 0) AS moved, coalesce(h.on_hand, 0) AS held
  FROM moved m FULL JOIN held h USING (store_id, lot_id) ORDER BY 1, 2
"""

# Moves of the stockroom name their piece at once; the balance takes them in a moment later.
_PIECES = """
WITH here AS (
  SELECT store_id, product_id, count(*) AS pieces FROM serial
   WHERE tenant_id = $1 AND state IN ('in_stock', 'returned') GROUP BY 1, 2),
waiting AS (
  SELECT d.store_id, d.product_id, sum(d.quantity) AS quantity
    FROM stock_delta d JOIN stock_move m ON m.tenant_id = $1 AND m.id = d.id
   WHERE d.tenant_id = $1 AND d.trace <> '' AND m.kind NOT IN ('sale', 'return') GROUP BY 1, 2)
SELECT t.store_id, t.product_id, coalesce(h.pieces, 0) + t.unnamed AS named,
       coalesce(b.on_hand, 0) + coalesce(w.quantity, 0) AS on_hand
  FROM traced t
  LEFT JOIN here h USING (store_id, product_id)
  LEFT JOIN waiting w USING (store_id, product_id)
  LEFT JOIN stock_balance b ON b.tenant_id = $1 AND b.store_id = t.store_id AND b.product_id = t.product_id
 WHERE t.tenant_id = $1 AND t.tracking = 'serial' ORDER BY 1, 2
"""

_LIVES = """
SELECT s.id, s.number, s.state, e.state AS told
  FROM serial s
  LEFT JOIN LATERAL (SELECT v.state FROM serial_event v WHERE v.tenant_id = $1 AND v.serial_id = s.id
                      ORDER BY v.id DESC LIMIT 1) e ON true
 WHERE s.tenant_id = $1 AND s.state IS DISTINCT FROM e.state ORDER BY s.id
"""

_ON_THE_WAY = """
SELECT coalesce((SELECT sum(l.amount_minor) FROM account a
                   JOIN journal_line l ON l.tenant_id = $1 AND l.account_id = a.id
                  WHERE a.tenant_id = $1 AND a.purpose = 'in_transit'), 0)::bigint AS books,
       coalesce((SELECT sum(round(l.quantity * l.unit_cost)
                            - CASE t.state WHEN 'received' THEN round(l.arrived * l.unit_cost) ELSE 0 END)
                   FROM transfer t JOIN transfer_line l ON l.tenant_id = $1 AND l.transfer_id = t.id
                  WHERE t.tenant_id = $1 AND t.state IN ('sent', 'received') AND l.decision IS NULL),
                0)::bigint AS goods,
       (SELECT count(*) FROM transfer WHERE tenant_id = $1) AS transfers
"""


async def checks(read: Read) -> list[Check]:
    """Recompute what lies where, which lots and pieces there are, and what is between stores."""
    return [*await _of_places(read), *await _of_lots(read), *await _of_pieces(read), await _of_transit(read)]


async def _of_places(read: Read) -> list[Check]:
    places, mains = await read.fetch(_PLACES, read.tenant), await read.fetch(_MAIN, read.tenant)
    return [
        claim(
            "stock: what lies in each place is what was moved there",
            len(places),
            [
                f"product {row['product_id']} in {row['location_id']}: moves say {row['moved']}, not {row['lies']}"
                for row in places
                if row["moved"] != row["lies"]
            ],
        ),
        claim(
            "stock: places hold no more than the store has, but for what was sold",
            len(mains),
            [
                f"product {row['product_id']} in store {row['store_id']}: the main place has {row['main']}"
                for row in mains
                if row["main"] < 0 and not row["sold"]
            ],
        ),
    ]


async def _of_lots(read: Read) -> list[Check]:
    moves = await read.fetch(_LOT_MOVES, read.tenant)
    return [
        _agree("stock: lots and what has none come to the balance", await read.fetch(_LOTS, read.tenant)),
        claim(
            "stock: every lot is the sum of its moves",
            len(moves),
            [
                f"lot {row['lot_id']} in store {row['store_id']}: moves say {row['moved']}, not {row['held']}"
                for row in moves
                if row["moved"] != row["held"]
            ],
        ),
    ]


async def _of_pieces(read: Read) -> list[Check]:
    count = await read.fetchval("SELECT count(*) FROM serial WHERE tenant_id = $1", read.tenant)
    wrong = await read.fetch(_LIVES, read.tenant)
    return [
        _agree("stock: pieces and what has no number come to the balance", await read.fetch(_PIECES, read.tenant)),
        claim(
            "stock: every piece is what its history says",
            count,
            [f"piece {row['number']}: {row['state']}, its history says {row['told']}" for row in wrong],
        ),
    ]


async def _of_transit(read: Read) -> Check:
    row = await read.fetchrow(_ON_THE_WAY, read.tenant)
    books, goods, count = (row["books"], row["goods"], row["transfers"]) if row else (0, 0, 0)
    said = [f"account 1210 says {books}, the goods on the way are worth {goods}"] if books != goods else []
    return claim("stock: the books hold what is on the way between stores", count, said)


def _agree(name: str, rows: list[Row]) -> Check:
    return claim(
        name,
        len(rows),
        [
            f"product {row['product_id']} in store {row['store_id']}: {row['named']}, the balance is {row['on_hand']}"
            for row in rows
            if row["named"] != row["on_hand"]
        ],
    )
