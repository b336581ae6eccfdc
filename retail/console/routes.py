"""Addresses of the operator."""

from __future__ import annotations

from retail.console import handlers
from retail.runtime.web.routing import OPERATOR, get

SITE = [get("/platform", handlers.index, permission=OPERATOR)]
