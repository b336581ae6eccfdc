"""Addresses of the page Today and of its parts, and of the bell."""

from __future__ import annotations

from retail.analytics import bell, handlers
from retail.identity.permissions import VIEW_DASHBOARD
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/", handlers.index, permission=VIEW_DASHBOARD),
    get("/today/regions", handlers.regions, permission=VIEW_DASHBOARD),
    get("/today/watch", handlers.watch, permission=VIEW_DASHBOARD),
    get("/today/revenue", handlers.revenue, permission=VIEW_DASHBOARD),
    get("/notices", bell.index, permission=VIEW_DASHBOARD),
    get("/notices/unread", bell.unread, permission=VIEW_DASHBOARD),
    post("/notices/reading", bell.create_reading, permission=VIEW_DASHBOARD),
]
