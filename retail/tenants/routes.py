"""Addresses of the pages of stores and tills. The till client itself is served by the web edge."""

from __future__ import annotations

from retail.identity.permissions import EDIT_STORES, VIEW_STORES
from retail.runtime.web.routing import get, post
from retail.tenants import handlers

ROUTES = [
    get("/stores", handlers.stores, permission=VIEW_STORES),
    post("/stores", handlers.open_store, permission=EDIT_STORES),
    get("/tills", handlers.tills, permission=VIEW_STORES),
    post("/tills", handlers.set_up_till, permission=EDIT_STORES),
]
