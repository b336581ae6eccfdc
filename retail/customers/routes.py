"""Addresses of customers; the page of one is where its sales are known (retail/sales)."""

from __future__ import annotations

from retail.customers import pages
from retail.identity.permissions import EDIT_CUSTOMERS, VIEW_CUSTOMERS
from retail.runtime.web.routing import get, post

_CUSTOMER = "/customers/{id:uuid}"

ROUTES = [
    get("/customers", pages.index, permission=VIEW_CUSTOMERS),
    get("/customers/new", pages.new, permission=EDIT_CUSTOMERS),
    post("/customers", pages.create, permission=EDIT_CUSTOMERS),
    get(f"{_CUSTOMER}/edit", pages.edit, permission=EDIT_CUSTOMERS),
    post(_CUSTOMER, pages.update, permission=EDIT_CUSTOMERS),
    post(f"{_CUSTOMER}/archival", pages.archive, permission=EDIT_CUSTOMERS),
    post(f"{_CUSTOMER}/restoration", pages.restore, permission=EDIT_CUSTOMERS),
    post(f"{_CUSTOMER}/merging", pages.merge, permission=EDIT_CUSTOMERS),
]
