"""Addresses of news and messages."""

from __future__ import annotations

from retail.comms import news_pages, operator_pages
from retail.runtime.web.leads import leads
from retail.runtime.web.routing import OPERATOR, SIGNED_IN, get, post

ROUTES = [
    get("/news", news_pages.index, permission=SIGNED_IN),
    get("/news/strip", news_pages.strip, permission=SIGNED_IN),
    leads("/news/{announcement:uuid}/confirmation", "/news", permission=SIGNED_IN),
    post("/news/{announcement:uuid}/confirmation", news_pages.create_confirmation, permission=SIGNED_IN),
]
_ONE = "/platform/announcements/{announcement:uuid}"
SITE = [
    get("/platform/announcements", operator_pages.index, permission=OPERATOR),
    post("/platform/announcements", operator_pages.create, permission=OPERATOR),
    get("/platform/announcements/new", operator_pages.new, permission=OPERATOR),
    get(_ONE, operator_pages.show, permission=OPERATOR),
    leads(f"{_ONE}/withdrawal", "/platform/announcements/{announcement}", permission=OPERATOR),
    post(f"{_ONE}/withdrawal", operator_pages.create_withdrawal, permission=OPERATOR),
]
