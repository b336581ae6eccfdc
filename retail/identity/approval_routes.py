"""Addresses of approvals."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from retail.identity import approval_pages
from retail.identity.permissions import APPROVE
from retail.runtime.web.routing import SIGNED_IN, get, post

ROUTES: Final[list[BaseRoute]] = [
    get("/approvals", approval_pages.index, permission=APPROVE),
    get("/approvals/waiting", approval_pages.cards, permission=APPROVE),
    post("/approvals/{approval:uuid}/answer", approval_pages.create_answer, permission=APPROVE),
    get("/approvals/{approval:uuid}/state", approval_pages.state, permission=SIGNED_IN),
]
