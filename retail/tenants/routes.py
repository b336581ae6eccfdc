"""Addresses of the pages of stores, tills and settings. The till client itself is served by the web edge."""

from __future__ import annotations

from retail.identity.permissions import EDIT_STORES, MANAGE_SETTINGS, VIEW_STORES
from retail.runtime.web.routing import SIGNED_IN, get, post
from retail.runtime.web.uploads import FORM_BYTES
from retail.tenants import handlers, logo_pages, settings_pages, store_pages

ROUTES = [
    get("/stores", handlers.stores, permission=VIEW_STORES),
    post("/stores", handlers.open_store, permission=EDIT_STORES),
    get("/stores/{store:uuid}", store_pages.show, permission=VIEW_STORES),
    post("/stores/{store:uuid}", store_pages.save, permission=EDIT_STORES),
    post("/stores/{store:uuid}/archive", store_pages.archive, permission=EDIT_STORES),
    post("/stores/{store:uuid}/reopening", store_pages.reopen, permission=EDIT_STORES),
    get("/tills", handlers.tills, permission=VIEW_STORES),
    post("/tills", handlers.set_up_till, permission=EDIT_STORES),
    get("/settings", settings_pages.index, permission=MANAGE_SETTINGS),
    post("/settings", settings_pages.save, permission=MANAGE_SETTINGS),
    get("/logo", logo_pages.show, permission=MANAGE_SETTINGS),
    post("/logo", logo_pages.save, permission=MANAGE_SETTINGS, most_bytes=FORM_BYTES),
    post("/logo/removal", logo_pages.remove, permission=MANAGE_SETTINGS),
    get("/logo/{name}-{side:int}.webp", logo_pages.picture, permission=SIGNED_IN),
    get("/settings/history", settings_pages.show_history, permission=MANAGE_SETTINGS),
    post("/settings/changes/{change}/restoration", settings_pages.restore_change, permission=MANAGE_SETTINGS),
]
