"""Addresses of vigilance."""

from __future__ import annotations

from retail.identity.permissions import SETTLE_EXCEPTIONS
from retail.runtime.web.routing import get
from retail.vigilance import pages

ROUTES = [
    get(pages.PATH, pages.index, permission=SETTLE_EXCEPTIONS),
    get(f"{pages.PATH}/{{cashier:uuid}}", pages.show, permission=SETTLE_EXCEPTIONS),
    get(pages.RECORDS, pages.records, permission=SETTLE_EXCEPTIONS),
]
