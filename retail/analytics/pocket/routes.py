"""Addresses of the owner's app."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from retail.analytics import handlers
from retail.analytics.pocket import badges, manifest, pages
from retail.analytics.pocket.manifest import AT
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_STOCK, VIEW_STORES
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import PUBLIC, SIGNED_IN, get

SITE: Final[list[BaseRoute]] = [
    get("/offline", pages.offline, permission=PUBLIC),  # of nobody: kept by the workers of pages of no business
]
ROUTES: Final[list[BaseRoute]] = [
    get(AT, handlers.index, permission=SIGNED_IN),
    get(f"{AT}/manifest.webmanifest", manifest.show, permission=SIGNED_IN),
    get(f"{AT}/offline", pages.offline, permission=SIGNED_IN),
    get(f"{AT}/badges", badges.show, permission=SIGNED_IN),
    get(f"{AT}/badge", badges.mark, permission=SIGNED_IN),
    get(f"{AT}/messages", pages.messages, permission=SIGNED_IN),
    get(f"{AT}/stock", pages.stock, permission=VIEW_STOCK),
    get(f"{AT}/orders", pages.orders, permission=VIEW_STOCK),
    leads(f"{AT}/counts", "/stock/counts", permission=VIEW_STOCK),  # in the worker's reach
    leads(f"{AT}/tills", "/tills", permission=VIEW_STORES),
    get(f"{AT}/photo", pages.photo, permission=EDIT_CATALOGUE),
    get(f"{AT}/photo/products", pages.photo_products, permission=EDIT_CATALOGUE),
]
