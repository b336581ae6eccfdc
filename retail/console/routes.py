"""Addresses of the operator."""

from __future__ import annotations

from retail.console import audit_pages, handlers, mail_pages, rescue
from retail.runtime.web.routing import OPERATOR, get, post

SITE = [
    get("/platform", handlers.index, permission=OPERATOR),
    get("/platform/audit", audit_pages.index, permission=OPERATOR),
    get("/platform/mail", mail_pages.index, permission=OPERATOR),
    get("/platform/mail/{mail}", mail_pages.show, permission=OPERATOR),
    get("/platform/businesses/{slug}/rescue", rescue.show, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/networks-opening", rescue.open_networks, permission=OPERATOR, confirm=True),
    post("/platform/businesses/{slug}/second-steps", rescue.ask_factor_reset, permission=OPERATOR, confirm=True),
]
