"""What `countertop check`, GET /checks and the nightly job run: every feature's checks, lower tiers first."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from retail.analytics.checks import checks as analytics_checks
from retail.cash.checks import checks as cash_checks
from retail.identity.permissions import RUN_CHECKS
from retail.ledger.checks import checks as ledger_checks
from retail.runtime.checks import Check
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.sales.checks import checks as sales_checks
from retail.stock.checks import checks as stock_checks

router = APIRouter(tags=["checks"])

PATIENCE: Final = 120
"""Seconds that one statement of a proof may take."""
FEATURES: Final = (ledger_checks, stock_checks, cash_checks, sales_checks, analytics_checks)


async def run_checks(read: Read) -> list[Check]:
    """Recompute every claim about a tenant's rows; green ones are in the answer too."""
    return [check for feature in FEATURES for check in await feature(read)]


@router.get("/checks")
async def show_checks(request: Request, scope: Scope = allow(RUN_CHECKS)) -> Response:
    """Run what `countertop check` runs, on this business; takes seconds on a large one."""
    async with db(request).read(scope, seconds=PATIENCE) as read:
        found = await run_checks(read)
    return json_answer({"ok": all(check.ok for check in found), "checks": found})
