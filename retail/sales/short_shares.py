"""Scarce goods at tills: the shares a till is told, and what it sold beyond its share without a network.

docs/algorithms/allotments.md, 3 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.quantity import quantity_text
from retail.runtime.db import Read, Tx
from retail.sales.beyond import AT_ONCE, unapproved
from retail.sales.documents import SaleIn
from retail.sales.remarks import Remark
from retail.stock.allotting.operations import use_up
from retail.tenants.settings_changes import values

CODE: Final = "beyond_allotment"
_SHARES: Final = """
SELECT a.product_id, g.milli FROM till_allotment g JOIN scarce a ON a.tenant_id = g.tenant_id AND a.id = g.scarce_id
 WHERE g.tenant_id = $1 AND g.till_id = $2 ORDER BY a.product_id
"""
_HEAD: Final = """
SELECT c.device_id, coalesce((SELECT max(j.seq) FROM till_journal j
                               WHERE j.tenant_id = $1 AND j.till_id = $2 AND j.device_id = c.device_id), 0) AS seq
  FROM till_claim c WHERE c.tenant_id = $1 AND c.till_id = $2 AND c.released_at IS NULL
"""
_KNOWN: Final = "SELECT id FROM sale WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
_SPOT: Final = """
SELECT k.store_id, k.name, c.away_since, c.back_at,
       EXISTS (SELECT FROM till_allotment g WHERE g.tenant_id = $1 AND g.till_id = $2) AS shares
  FROM till k JOIN till_claim c ON c.tenant_id = $1 AND c.till_id = k.id AND c.released_at IS NULL
 WHERE k.tenant_id = $1 AND k.id = $2 AND c.away_since IS NOT NULL
"""


async def allotments_of(read: Read, till: UUID) -> dict[str, Any] | None:
    """Tell a till its shares, and up to which record of its device's journal they count; None: nothing is scarce."""
    rows = await read.fetch(_SHARES, read.tenant, till)
    if not rows:
        return None
    head = await read.fetchrow(_HEAD, read.tenant, till)
    return {
        "device": head["device_id"] if head else None,
        "seq": head["seq"] if head else 0,
        "shares": {str(row["product_id"]): quantity_text(row["milli"]) for row in rows},
    }


async def beyond_shares(tx: Tx, till: UUID, sales: Sequence[SaleIn]) -> dict[UUID, list[Remark]]:
    """Find the sales of a delivery by which a till that was away went beyond its share; costs nothing online.

    Of each article only the first sale of a delivery is remarked on. One that a manager has approved isn't.
    """
    late = [sale for sale in sales if tx.now - sale.occurred_at > AT_ONCE]
    spot = await tx.fetchrow(_SPOT, tx.tenant, till) if late else None
    if spot is None or not spot["shares"]:
        return {}
    since: datetime = spot["away_since"]
    alone = {sale.id: sale for sale in late if since <= sale.occurred_at <= spot["back_at"] + AT_ONCE}
    rows = await tx.fetch(_KNOWN, tx.tenant, list(alone))
    known = {row["id"] for row in rows}
    lines = [
        (sale.id, line, line.product)
        for sale in alone.values()
        if sale.id not in known
        for line in sale.lines
        if line.product is not None
    ]
    if not lines:
        return {}
    sold = [(sale, product, line.quantity_milli) for sale, line, product in lines]
    names = {product: line.name for _sale, line, product in lines}
    then = str((await values(tx, spot["store_id"]))["allotment_then"])
    told: set[UUID] = set()
    found: dict[UUID, list[Remark]] = {}
    for sale, product, much, share in await use_up(tx, till, since, sold):
        if product in told or not await unapproved(tx, till, spot["store_id"], alone[sale], then):
            continue
        told.add(product)
        facts = {
            "till": spot["name"], "name": names[product],
            "sold": quantity_text(much), "share": quantity_text(share),
        }  # fmt: skip
        found.setdefault(sale, []).append(Remark(CODE, facts, product))
    return found
