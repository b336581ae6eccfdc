"""Addresses of risk."""

from __future__ import annotations

from retail.identity.permissions import MANAGE_SETTINGS, SETTLE_EXCEPTIONS
from retail.risk import pages, rule_pages
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post

ROUTES = [
    get("/risk", pages.index, permission=SETTLE_EXCEPTIONS),
    get("/risk/rules", rule_pages.show, permission=MANAGE_SETTINGS),
    post("/risk/rules", rule_pages.create, permission=MANAGE_SETTINGS),
    get("/risk/alerts/{alert:uuid}", pages.show, permission=SETTLE_EXCEPTIONS),
    leads("/risk/alerts/{alert:uuid}/verdict", "/risk/alerts/{alert}", permission=SETTLE_EXCEPTIONS),
    post("/risk/alerts/{alert:uuid}/verdict", pages.create_verdict, permission=SETTLE_EXCEPTIONS),
]
