"""Pages of the books."""

from __future__ import annotations

from retail.identity.permissions import VIEW_BOOKS
from retail.ledger import handlers
from retail.runtime.web.routing import get

ROUTES = [
    get("/ledger", handlers.index, permission=VIEW_BOOKS),
    get("/ledger/entries", handlers.entries, permission=VIEW_BOOKS),
    get("/ledger/entries/{entry:uuid}", handlers.entry, permission=VIEW_BOOKS),
]
