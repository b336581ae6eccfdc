"""Addresses of gift cards and of customers' accounts."""

from __future__ import annotations

from retail.identity.permissions import EDIT_CUSTOMERS, VIEW_CUSTOMERS
from retail.runtime.web.routing import get, post
from retail.value import account_pages, pages

_CARD = "/gift-cards/{id:uuid}"
_ACCOUNT = "/customers/{id:uuid}/account"

ROUTES = [
    get("/gift-cards", pages.index, permission=VIEW_CUSTOMERS),
    get("/gift-cards/new", pages.new, permission=EDIT_CUSTOMERS),
    post("/gift-cards", pages.create, permission=EDIT_CUSTOMERS),
    get(_CARD, pages.show, permission=VIEW_CUSTOMERS),
    post(f"{_CARD}/blocking", pages.block, permission=EDIT_CUSTOMERS),
    post(f"{_CARD}/unblocking", pages.unblock, permission=EDIT_CUSTOMERS),
    post(f"{_CARD}/adjustments", pages.adjust, permission=EDIT_CUSTOMERS),
    get(_ACCOUNT, account_pages.show, permission=VIEW_CUSTOMERS),
    post(f"{_ACCOUNT}/payments", account_pages.pay, permission=EDIT_CUSTOMERS),
    post(f"{_ACCOUNT}/credit", account_pages.credit, permission=EDIT_CUSTOMERS),
]
