"""Stock: moves are appended, never edited; what is on hand is always balance + waiting deltas, exactly.

Features above call `move` (one statement, no balance row is touched, so a hot product never makes anybody wait),
`on_hand`, `unit_costs`, and the verbs of the stock room: `open_stock`, `receive`, `adjust`, `waste`, `count`,
`transfer`. The relay calls `fold`, which turns deltas into balances. docs/algorithms/stock-balances.md says why.
"""

from __future__ import annotations

from retail.stock.errors import NotEnoughStock
from retail.stock.events import StockFellLow, StockMoved
from retail.stock.operations import fold, move
from retail.stock.queries import on_hand, unit_costs
from retail.stock.rules import Arrival, Counted, Document, Folded, Move, Taken
from retail.stock.stockroom import adjust, count, open_stock, receive, transfer, waste

__all__ = [
    "Arrival",
    "Counted",
    "Document",
    "Folded",
    "Move",
    "NotEnoughStock",
    "StockFellLow",
    "StockMoved",
    "Taken",
    "adjust",
    "count",
    "fold",
    "move",
    "on_hand",
    "open_stock",
    "receive",
    "transfer",
    "unit_costs",
    "waste",
]
