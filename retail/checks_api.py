"""The checks over the JSON API."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from retail.checks import PATIENCE, run_checks
from retail.identity.permissions import RUN_CHECKS
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["checks"])


@router.get("/checks")
async def show_checks(request: Request, scope: Scope = allow(RUN_CHECKS)) -> Response:
    """Run what `countertop check` runs, on this business; takes seconds on a large one."""
    async with db(request).read(scope, seconds=PATIENCE) as read:
        found = await run_checks(read)
    return json_answer({"ok": all(check.ok for check in found), "checks": found})
