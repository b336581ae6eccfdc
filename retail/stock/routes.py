"""Pages of stock."""

from __future__ import annotations

from retail.identity.permissions import EDIT_CATALOGUE, MOVE_STOCK, VIEW_BOOKS, VIEW_STOCK
from retail.runtime.web.routing import get, post
from retail.stock import handlers, move_pages, worth_pages

ROUTES = [
    get("/stock", handlers.index, permission=VIEW_STOCK),
    post("/stock/reorder-points", handlers.change, permission=EDIT_CATALOGUE),
    get("/stock/low", handlers.low, permission=VIEW_STOCK),
    get("/stock/moves", handlers.moves, permission=VIEW_STOCK),
    get("/stock/moves/new", move_pages.new_move, permission=MOVE_STOCK),
    get("/stock/moves/product", move_pages.pick, permission=MOVE_STOCK),
    get("/stock/moves/products", move_pages.find, permission=MOVE_STOCK),
    post("/stock/moves", move_pages.create_move, permission=MOVE_STOCK),
    get("/stock/books", worth_pages.comparison, permission=VIEW_BOOKS),
    get("/stock/{product:uuid}", handlers.product, permission=VIEW_STOCK),
]
