"""Addresses of the page Today and of its parts."""

from __future__ import annotations

from retail.analytics import handlers
from retail.identity.permissions import VIEW_DASHBOARD
from retail.runtime.web.routing import get

ROUTES = [
    get("/", handlers.index, permission=VIEW_DASHBOARD),
    get("/today/regions", handlers.regions, permission=VIEW_DASHBOARD),
    get("/today/watch", handlers.watch, permission=VIEW_DASHBOARD),
    get("/today/revenue", handlers.revenue, permission=VIEW_DASHBOARD),
]
