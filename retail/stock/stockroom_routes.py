"""Pages of the stockroom: transfers, places, reservations, lots, pieces."""

from __future__ import annotations

from retail.identity.permissions import MOVE_STOCK, RESERVE_STOCK, SETTLE_TRANSFERS, VIEW_STOCK
from retail.runtime.web.routing import get, post
from retail.stock.allotting import pages as allotments
from retail.stock.lots import pages as lots
from retail.stock.places import pages as places
from retail.stock.reserving import pages as reservations
from retail.stock.serials import pages as serials
from retail.stock.transfers import pages as transfers

ROUTES = [
    get("/stock/transfers", transfers.index, permission=VIEW_STOCK),
    get("/stock/transfers/new", transfers.new_transfer, permission=MOVE_STOCK),
    post("/stock/transfers", transfers.create, permission=MOVE_STOCK),
    get("/stock/transfers/{transfer:uuid}", transfers.show, permission=VIEW_STOCK),
    get("/stock/transfers/{transfer:uuid}/paper", transfers.on_paper, permission=VIEW_STOCK),
    post("/stock/transfers/{transfer:uuid}/lines", transfers.add, permission=MOVE_STOCK),
    post("/stock/transfers/{transfer:uuid}/quantities", transfers.set_lines, permission=MOVE_STOCK),
    post("/stock/transfers/{transfer:uuid}/dispatch", transfers.dispatch, permission=MOVE_STOCK),
    post("/stock/transfers/{transfer:uuid}/receipt", transfers.receipt, permission=MOVE_STOCK),
    post("/stock/transfers/{transfer:uuid}/decision", transfers.decision, permission=SETTLE_TRANSFERS),
    post("/stock/transfers/{transfer:uuid}/cancellation", transfers.cancellation, permission=MOVE_STOCK),
    get("/stock/places", places.index, permission=VIEW_STOCK),
    post("/stock/places", places.create, permission=MOVE_STOCK),
    post("/stock/places/moves", places.shift, permission=MOVE_STOCK),
    get("/stock/places/{place:uuid}", places.show, permission=VIEW_STOCK),
    post("/stock/places/{place:uuid}", places.change, permission=MOVE_STOCK),
    post("/stock/places/{place:uuid}/closure", places.closure, permission=MOVE_STOCK),
    get("/stock/reservations", reservations.index, permission=VIEW_STOCK),
    post("/stock/reservations", reservations.create, permission=RESERVE_STOCK),
    post("/stock/reservations/{reservation:uuid}/longer", reservations.longer, permission=RESERVE_STOCK),
    post("/stock/reservations/{reservation:uuid}/ending", reservations.ending, permission=RESERVE_STOCK),
    get("/stock/allotments", allotments.index, permission=VIEW_STOCK),
    post("/stock/allotments", allotments.create, permission=MOVE_STOCK),
    get("/stock/allotments/{article:uuid}", allotments.show, permission=VIEW_STOCK),
    post("/stock/allotments/{article:uuid}", allotments.change, permission=MOVE_STOCK),
    post("/stock/allotments/{article:uuid}/end", allotments.end, permission=MOVE_STOCK),
    get("/stock/lots", lots.index, permission=VIEW_STOCK),
    get("/stock/lots/new", lots.new_lot, permission=MOVE_STOCK),
    post("/stock/lots", lots.create, permission=MOVE_STOCK),
    get("/stock/lots/{lot:uuid}", lots.show, permission=VIEW_STOCK),
    post("/stock/lots/{lot:uuid}/waste", lots.write_off, permission=MOVE_STOCK),
    post("/stock/lots/{lot:uuid}/naming", lots.naming, permission=MOVE_STOCK),
    get("/stock/serials", serials.index, permission=VIEW_STOCK),
    get("/stock/serials/new", serials.new_pieces, permission=MOVE_STOCK),
    post("/stock/serials", serials.create, permission=MOVE_STOCK),
    get("/stock/serials/{piece:uuid}", serials.show, permission=VIEW_STOCK),
    post("/stock/serials/{piece:uuid}/waste", serials.scrapping, permission=MOVE_STOCK),
    post("/stock/serials/{piece:uuid}/shelving", serials.shelving, permission=MOVE_STOCK),
]
