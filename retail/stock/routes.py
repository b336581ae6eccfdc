"""Pages of stock."""

from __future__ import annotations

from retail.identity.permissions import (
    COUNT_STOCK,
    EDIT_CATALOGUE,
    FINISH_COUNT,
    MOVE_STOCK,
    VIEW_BOOKS,
    VIEW_COSTS,
    VIEW_STOCK,
)
from retail.runtime.web.routing import get, post
from retail.stock import cost_pages, handlers, move_pages, overview_pages, value_pages, worth_pages
from retail.stock.counts import entering
from retail.stock.counts import pages as counts
from retail.stock.reordering import pages as reordering
from retail.stock.wasting import pages as wasting

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
    get("/stock/overview", overview_pages.index, permission=VIEW_STOCK),
    get("/stock/counts", counts.index, permission=VIEW_STOCK),
    post("/stock/counts", counts.create, permission=MOVE_STOCK),
    get("/stock/counts/new", counts.new, permission=MOVE_STOCK),
    get("/stock/counts/{count:uuid}", counts.show, permission=VIEW_STOCK),
    get("/stock/counts/{count:uuid}/entries", entering.enter, permission=COUNT_STOCK),
    post("/stock/counts/{count:uuid}/entries", entering.create, permission=COUNT_STOCK),
    post("/stock/counts/{count:uuid}/recounts", counts.count_again, permission=COUNT_STOCK),
    post("/stock/counts/{count:uuid}/closure", counts.finish, permission=FINISH_COUNT),
    post("/stock/counts/{count:uuid}/cancellation", counts.cancel, permission=MOVE_STOCK),
    get("/stock/suggestions", reordering.index, permission=VIEW_STOCK),
    get("/stock/{product:uuid}/rules", reordering.product_rules, permission=VIEW_STOCK),
    post("/stock/{product:uuid}/rules", reordering.put_rule, permission=MOVE_STOCK),
    get("/stock/waste", wasting.index, permission=VIEW_STOCK),
    post("/stock/waste", wasting.create, permission=MOVE_STOCK),
    get("/stock/waste/new", wasting.new, permission=MOVE_STOCK),
    get("/stock/waste/reasons", wasting.reason_list, permission=MOVE_STOCK),
    post("/stock/waste/reasons", wasting.put_reason, permission=EDIT_CATALOGUE),
    get("/stock/valuation", value_pages.valuation, permission=VIEW_STOCK, also=VIEW_COSTS),
    get("/stock/revaluations", cost_pages.revalued, permission=VIEW_STOCK, also=VIEW_COSTS),
    get("/stock/insights", value_pages.insight, permission=VIEW_STOCK, also=VIEW_COSTS),
    get("/stock/moves/{move:uuid}/cost", cost_pages.cost_form, permission=MOVE_STOCK, also=VIEW_COSTS),
    post("/stock/moves/{move:uuid}/cost", cost_pages.put_cost, permission=MOVE_STOCK),
    get("/stock/{product:uuid}", handlers.product, permission=VIEW_STOCK),
]
