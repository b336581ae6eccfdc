"""Addresses of the audit trail's pages."""

from __future__ import annotations

from retail.audit import VIEW_AUDIT, handlers
from retail.runtime.web.routing import get

ROUTES = [
    get("/audit", handlers.index, permission=VIEW_AUDIT),
    get("/audit/proof", handlers.proof, permission=VIEW_AUDIT),
    get("/audit/events/{event:uuid}", handlers.show, permission=VIEW_AUDIT),
    get("/audit/people/{person:uuid}", handlers.person, permission=VIEW_AUDIT),
    get("/audit/objects/{kind}/{subject:uuid}", handlers.subject, permission=VIEW_AUDIT),
]
