"""Addresses of people's data: SITE for one's own, ROUTES inside of a business."""

from __future__ import annotations

from retail.identity.permissions import EDIT_CUSTOMERS, ERASE_PEOPLE, VIEW_CUSTOMERS
from retail.privacy import customer_pages, own_pages, pages
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
    get("/customers/{id:uuid}/data", customer_pages.show, permission=VIEW_CUSTOMERS),
    post("/customers/{id:uuid}/consents", customer_pages.consent, permission=EDIT_CUSTOMERS),
    post("/customers/{id:uuid}/data", customer_pages.ask, permission=ERASE_PEOPLE, confirm=True),
    post("/customers/{id:uuid}/erasure", customer_pages.erase, permission=ERASE_PEOPLE, confirm=True),
    get("/people/{member}/data", pages.show, permission=ERASE_PEOPLE, confirm=True),
    post("/people/{member}/data", pages.ask, permission=ERASE_PEOPLE, confirm=True),
    post("/people/{member}/consents", pages.consent, permission=ERASE_PEOPLE, confirm=True),
    post("/people/{member}/erasure", pages.erase, permission=ERASE_PEOPLE, confirm=True),
]
