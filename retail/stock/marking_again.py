"""What becomes low, or no longer is, because reorder points were changed: one act is told once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.stock.events import RulesBroughtBack, RulesMarkedLow
from retail.stock.operations import mark_low, tell
from retail.stock.rules import Folded
from retail.tenants.queries import open_stores

_CHANGES: Final = """
SELECT b.id, b.undoes FROM bulk_change b
 WHERE b.tenant_id = $1 AND b.id IN (SELECT r.change_id FROM bulk_change_row r
                                      WHERE r.tenant_id = $1 AND r.product_id = ANY($2::uuid[])
                                        AND r.version = ANY($3::bigint[]))
 ORDER BY b.created_at
"""


async def mark_again(tx: Tx, events: Sequence[Event]) -> None:
    """See which products are low after reorder points changed.

    Emits StockChanged, and StockFellLow where one is low by it; several are told in one RulesMarkedLow: whoever set the
    points of many products meant it, and needs no notice of each. Emits RulesBroughtBack where such a change is undone.
    """
    versions = [event.version for event in events if isinstance(event, CatalogueChanged)]
    crossed = await mark_low(tx, versions)
    if not crossed:
        return
    open_now = {one.id for one in await open_stores(tx)}
    low = [one for one in crossed if one.low and one.store in open_now]
    tell(tx, crossed, low if len(low) == 1 else [], by_rule=True)
    changes = await tx.fetch(_CHANGES, tx.tenant, list({one.product for one in crossed}), versions)
    if len(low) > 1:
        tx.emit(_told_in_one(low, next((row["id"] for row in changes if row["undoes"] is None), None)))
    for row in changes:
        if row["undoes"] is not None:
            tx.emit(RulesBroughtBack(row["undoes"]))


def _told_in_one(low: Sequence[Folded], change: UUID | None) -> RulesMarkedLow:
    stores = {one.store for one in low}
    return RulesMarkedLow(len({one.product for one in low}), next(iter(stores)) if len(stores) == 1 else None, change)
