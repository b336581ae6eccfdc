"""Pages of stock."""

from __future__ import annotations

from retail.identity.permissions import MOVE_STOCK, VIEW_STOCK
from retail.runtime.web.routing import get, post
from retail.stock import handlers

ROUTES = [
    get("/stock", handlers.index, permission=VIEW_STOCK),
    get("/stock/low", handlers.low, permission=VIEW_STOCK),
    get("/stock/moves", handlers.moves, permission=VIEW_STOCK),
    get("/stock/moves/new", handlers.new_move, permission=MOVE_STOCK),
    post("/stock/moves", handlers.create_move, permission=MOVE_STOCK),
    get("/stock/{product:uuid}", handlers.product, permission=VIEW_STOCK),
]
