"""Pages of shifts. A shift is closed by the feature that knows its takings."""

from __future__ import annotations

from retail.cash import handlers, variance_pages
from retail.identity.permissions import RUN_SHIFT, SETTLE_EXCEPTIONS, VIEW_SHIFTS
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/shifts", handlers.index, permission=VIEW_SHIFTS),
    get("/shifts/{shift:uuid}", handlers.show, permission=VIEW_SHIFTS),
    get("/shifts/{shift:uuid}/z", handlers.paper, permission=VIEW_SHIFTS),
    get("/shifts/{shift:uuid}/supplement", handlers.supplement_paper, permission=VIEW_SHIFTS),
    leads("/shifts/{shift:uuid}/acceptances", "/shifts/{shift}", permission=VIEW_SHIFTS),
    post("/shifts/{shift:uuid}/acceptances", variance_pages.create_acceptance, permission=SETTLE_EXCEPTIONS),
    post("/shifts/{shift:uuid}/cash-moves", handlers.create_cash_move, permission=RUN_SHIFT),
]
