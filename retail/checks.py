"""What `countertop check`, GET /checks and the nightly job run: every feature's checks, lower tiers first."""

from __future__ import annotations

from typing import Final

from retail.analytics.rollups.checks import checks as analytics_checks
from retail.anchoring import checks as anchoring_checks
from retail.audit.checks import checks as audit_checks
from retail.cash.checks import checks as cash_checks
from retail.ledger.checks import checks as ledger_checks
from retail.privacy.checks import checks as privacy_checks
from retail.runtime.checks import Check, without_loops
from retail.runtime.db import Read
from retail.runtime.isolation import checks as isolation_checks
from retail.sales.checks import checks as sales_checks
from retail.sales.layaways.checks import checks as layaway_checks
from retail.stock.checks import checks as stock_checks
from retail.stock.stockroom_checks import checks as stockroom_checks
from retail.value.checks import checks as value_checks

PATIENCE: Final = 120
"""Seconds that one statement of a proof may take."""
FEATURES: Final = (
    isolation_checks,
    audit_checks,
    ledger_checks,
    stock_checks,
    stockroom_checks,
    cash_checks,
    value_checks,
    sales_checks,
    layaway_checks,
    analytics_checks,
    anchoring_checks,
    privacy_checks,
)


async def run_checks(read: Read) -> list[Check]:
    """Recompute every claim about a tenant's rows; green ones are in the answer too."""
    async with without_loops(read):
        return [check for feature in FEATURES for check in await feature(read)]
