"""Addresses of vigilance."""

from __future__ import annotations

from retail.identity.permissions import SETTLE_EXCEPTIONS, VIEW_DASHBOARD
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post
from retail.vigilance import pages, unusual_pages

ROUTES = [
    get(pages.PATH, pages.index, permission=SETTLE_EXCEPTIONS),
    get(f"{pages.PATH}/{{cashier:uuid}}", pages.show, permission=SETTLE_EXCEPTIONS),
    get(pages.RECORDS, pages.records, permission=SETTLE_EXCEPTIONS),
    get(unusual_pages.PATH, unusual_pages.index, permission=VIEW_DASHBOARD),
    get(f"{unusual_pages.PATH}/{{day:uuid}}", unusual_pages.show, permission=VIEW_DASHBOARD),
    leads(f"{unusual_pages.PATH}/{{day:uuid}}/verdict", f"{unusual_pages.PATH}/{{day}}", permission=SETTLE_EXCEPTIONS),
    post(f"{unusual_pages.PATH}/{{day:uuid}}/verdict", unusual_pages.create_verdict, permission=SETTLE_EXCEPTIONS),
]
