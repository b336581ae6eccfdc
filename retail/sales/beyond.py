"""Sales that a till made without a network beyond what the business lets it: found when they arrive, never refused.

What the till says of itself counts for nothing here: its last contact is what the server noted, and what waited to be
sent is what arrived since. docs/algorithms/offline.md, 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.identity.approval_rules import act_hash
from retail.identity.approval_uses import Use
from retail.identity.permissions import SELL_BEYOND
from retail.runtime.db import Read, Tx
from retail.sales.allowance import act_of, missing
from retail.sales.documents import SaleIn
from retail.sales.remarks import Remark
from retail.tenants.queries import this_tenant
from retail.tenants.settings_changes import values

CODE: Final = "beyond_offline_limit"
AT_ONCE: Final = timedelta(minutes=2)
"""What arrives within so long of its making was not sold without a network; a till that reconnects takes as long."""
KINDS: Final = ("hours", "sales", "sale", "total")
_SPOT: Final = """
SELECT k.store_id, c.away_since, c.back_at, w.waiting, w.waiting_minor
  FROM till k
 CROSS JOIN (SELECT count(*) AS waiting, coalesce(sum(s.total_minor), 0)::bigint AS waiting_minor FROM sale s
              WHERE s.tenant_id = $1 AND s.received_at > $3 AND s.till_id = $2 AND s.occurred_at < $3) w
  LEFT JOIN till_claim c ON c.tenant_id = $1 AND c.till_id = k.id AND c.released_at IS NULL
 WHERE k.tenant_id = $1 AND k.id = $2
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be sold without a network, and what then: stop, manager, warn. 0 is no limit; money in minor units."""

    hours: int
    sales: int
    sale: int
    total: int
    then: Mapping[str, str]

    @staticmethod
    def of(own: Mapping[str, str | int | bool], unit: int) -> Limits:
        """Read the settings that count in a store; `unit` is how many minor units a whole one has."""
        return Limits(
            int(own["offline_hours"]),
            int(own["offline_sales"]),
            int(own["offline_sale_most"]) * unit,
            int(own["offline_total_most"]) * unit,
            {kind: str(own[f"offline_{kind}_then"]) for kind in KINDS},
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waited to be sent when a sale was made: how many sales, how much money, since when alone."""

    sales: int
    minor: int
    since: datetime | None


def reached(limits: Limits, at: datetime, total: int, waiting: Waiting) -> list[tuple[str, int, int]]:
    """Name the limits that a sale made without a network went beyond: (kind, reached, limit); pure."""
    found = []
    if limits.hours and waiting.since is not None and at - waiting.since > timedelta(hours=limits.hours):
        found.append(("hours", int((at - waiting.since) / timedelta(hours=1)), limits.hours))
    if limits.sales and waiting.sales >= limits.sales:
        found.append(("sales", waiting.sales + 1, limits.sales))
    if limits.sale and total > limits.sale:
        found.append(("sale", total, limits.sale))
    if limits.total and waiting.minor + total > limits.total:
        found.append(("total", waiting.minor + total, limits.total))
    return found


async def beyond(tx: Tx, till: UUID, sales: Sequence[SaleIn]) -> dict[UUID, list[Remark]]:
    """Find the sales of a delivery, in the order of the journal, that went beyond a limit; costs nothing online.

    Of each kind of limit only the first sale of a delivery is remarked on, but for too large sales: who sold on for a
    day has one thing to explain and not five hundred. One that a manager has approved isn't.
    """
    late = [sale for sale in sales if tx.now - sale.occurred_at > AT_ONCE]
    if not late:
        return {}
    row = await tx.fetchrow(_SPOT, tx.tenant, till, late[0].occurred_at)
    if row is None:
        return {}
    limits = await limits_of(tx, row["store_id"])
    count, minor = int(row["waiting"]), int(row["waiting_minor"])
    told: set[str] = set()
    found: dict[UUID, list[Remark]] = {}
    for sale in late:
        away = row["away_since"] is not None and row["away_since"] <= sale.occurred_at <= row["back_at"] + AT_ONCE
        waiting = Waiting(count, minor, row["away_since"] if away else None)
        for kind, much, most in reached(limits, sale.occurred_at, sale.total, waiting):
            if kind in told or not await unapproved(tx, till, row["store_id"], sale, limits.then[kind]):
                continue
            told |= {kind} - {"sale"}
            found.setdefault(sale.id, []).append(Remark(CODE, {"beyond": kind, "reached": much, "limit": most}))
        count, minor = count + 1, minor + sale.total
    return found


async def limits_of(read: Read, store: UUID) -> Limits:
    """Give the limits that count in a store."""
    facts = await this_tenant(read)
    return Limits.of(await values(read, store), 10**facts.money.exponent)


async def unapproved(tx: Tx, till: UUID, store: UUID, sale: SaleIn, then: str) -> bool:
    """Claim that nobody who may has said yes; only where a manager is to be asked does that count."""
    if then != "manager":
        return True
    act = act_of(sale, {line.id: sum(one.amount for one in line.offers) for line in sale.lines if line.offers})
    use = Use(SELL_BEYOND, None, sale.id, act_hash(act), sale.occurred_at)
    return await missing(tx, store, till, use, sale.approvals) is not None
