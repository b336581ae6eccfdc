"""The inbox of exceptions: its page, settling and opening again."""

from __future__ import annotations

from retail.identity.permissions import SETTLE_EXCEPTIONS, VIEW_SALES
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import get, post
from retail.sales.inbox import pages

_ONE = "/exceptions/{exception:uuid}"

ROUTES = [
    get("/exceptions", pages.index, permission=VIEW_SALES),
    get("/exceptions/waiting", pages.waiting, permission=VIEW_SALES),
    get("/exceptions/news", pages.news, permission=VIEW_SALES),
    leads("/exceptions/settlement", "/exceptions", permission=VIEW_SALES),
    post("/exceptions/settlement", pages.create_settlement, permission=SETTLE_EXCEPTIONS),
    leads(f"{_ONE}/resolution", "/exceptions", permission=VIEW_SALES),
    post(f"{_ONE}/resolution", pages.create_resolution, permission=SETTLE_EXCEPTIONS),
    leads(f"{_ONE}/reopening", "/exceptions?show=settled", permission=VIEW_SALES),
    post(f"{_ONE}/reopening", pages.create_reopening, permission=SETTLE_EXCEPTIONS),
]
