"""Addresses of the bell and of the centre."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from retail.notifications import handlers, settings_pages
from retail.runtime.web.routing import SIGNED_IN, get, post

ROUTES: Final[list[BaseRoute]] = [
    get("/notices", handlers.index, permission=SIGNED_IN),
    get("/notices/unread", handlers.unread, permission=SIGNED_IN),
    post("/notices/reading", handlers.create_reading, permission=SIGNED_IN),
    get("/notices/settings", settings_pages.show, permission=SIGNED_IN),
    post("/notices/settings", settings_pages.update, permission=SIGNED_IN),
    post("/notices/browsers", settings_pages.create_browser, permission=SIGNED_IN),
    post("/notices/browsers/removal", settings_pages.remove_browser, permission=SIGNED_IN),
    get("/notices/{notification:uuid}", handlers.show, permission=SIGNED_IN),
    post("/notices/{notification:uuid}/reading", handlers.create_one_reading, permission=SIGNED_IN),
]
