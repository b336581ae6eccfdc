"""Addresses of the operator."""

from __future__ import annotations

from retail.console import audit_pages, handlers, mail_pages
from retail.runtime.web.routing import OPERATOR, get

SITE = [
    get("/platform", handlers.index, permission=OPERATOR),
    get("/platform/audit", audit_pages.index, permission=OPERATOR),
    get("/platform/mail", mail_pages.index, permission=OPERATOR),
    get("/platform/mail/{mail}", mail_pages.show, permission=OPERATOR),
]
