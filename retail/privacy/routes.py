"""Addresses of people's data: SITE for one's own, ROUTES inside of a business."""

from __future__ import annotations

from retail.identity.permissions import ERASE_PEOPLE
from retail.privacy import own_pages, pages
from retail.runtime.web.routing import SIGNED_IN, get, post

SITE = [
    get("/account/data", own_pages.show, permission=SIGNED_IN),
    post("/account/data", own_pages.ask, permission=SIGNED_IN, confirm=True),
    get("/account/data/{export}", own_pages.fetch, permission=SIGNED_IN, confirm=True),
]
ROUTES = [
    get("/privacy", pages.index, permission=ERASE_PEOPLE, confirm=True),
    post("/privacy/customers", pages.change_customer, permission=ERASE_PEOPLE, confirm=True),
    get("/privacy/exports/{export}", pages.fetch, permission=ERASE_PEOPLE, confirm=True),
    get("/people/{member}/data", pages.show, permission=ERASE_PEOPLE, confirm=True),
    post("/people/{member}/data", pages.ask, permission=ERASE_PEOPLE, confirm=True),
    post("/people/{member}/consents", pages.consent, permission=ERASE_PEOPLE, confirm=True),
    post("/people/{member}/erasure", pages.erase, permission=ERASE_PEOPLE, confirm=True),
]
