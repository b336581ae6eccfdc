"""Posting what a count found, portion by portion, so that a large one holds up nobody who receives or sells meanwhile.

Each portion corrects the stock, posts its worth and remembers how far it came in one transaction, so a run that was cut
short goes on where the last one stopped. What a unit costs is what the balance says when the difference is posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx
from retail.stock import queries as stock
from retail.stock.counts import queries
from retail.stock.counts.rules import Outcome, net_and_gross
from retail.stock.known_costs import known_costs
from retail.stock.rules import Document, Move
from retail.stock.stockroom import record

FINISH_JOB: Final = "stock.finish_count"
PORTION: Final = 1_000
"""As many products differ at most in a transaction."""

_DIFFERING: Final = """
  FROM stock_count_line l JOIN stock_count c ON c.tenant_id = l.tenant_id AND c.id = l.count_id
 WHERE l.tenant_id = $1 AND l.count_id = $2 AND l.counted <> l.expected
   AND (c.posted_to IS NULL OR l.product_id > c.posted_to)"""
_NEXT: Final = f"""SELECT l.product_id, l.counted, l.expected, l.unit_cost, l.counted_at, l.round {_DIFFERING}
 ORDER BY l.product_id LIMIT {PORTION}"""
_LEFT: Final = f"SELECT count(*) {_DIFFERING}"


async def left_to_post(read: Read, id: UUID) -> int:
    """Tell how many differing products of a settled count aren't posted yet."""
    return int(await read.fetchval(_LEFT, read.tenant, id))


async def post_portion(tx: Tx, id: UUID, after: UUID | None = None) -> tuple[UUID | None, int]:  # noqa: ARG001
    """Correct the stock by the next PORTION differences of a settled count, in the order of the products' ids.

    Gives the last product (None: there are no more), and how many there were; `after` is what the count itself keeps.
    Locks the count and the balances.
    """
    await tx.execute("SELECT FROM stock_count WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id)
    found = [Outcome(*row) for row in await tx.fetch(_NEXT, tx.tenant, id)]
    if not found:
        return None, 0
    of = await queries.count(tx, id)
    levels = await stock.lock_levels(tx, [(of.store, one.product) for one in found])
    at = of.finishing_at or tx.now
    costs = {one.product: levels[of.store, one.product].unit_cost for one in found}
    costs |= await known_costs(tx, of.store, [one.product for one in found if one.variance > 0])
    moves = [
        Move(new_id(), of.store, one.product, "count", one.variance, costs[one.product], of.name, id, at)
        for one in found
    ]
    source = moves[0].id if of.job else None
    await record(tx, Document(id, of.store, of.name, at), "count", levels, moves, source=source)
    moved = [one for one in found if one.unit_cost != costs[one.product]]
    await _value(tx, id, [replace(one, unit_cost=costs[one.product]) for one in moved])
    last = found[-1].product
    await tx.execute("UPDATE stock_count SET posted_to = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, last)
    return (last if len(found) == PORTION else None), len(found)


async def _value(tx: Tx, id: UUID, found: Sequence[Outcome]) -> None:
    """Let the lines say what a unit costs, where that has changed since they were settled."""
    if found:
        await tx.execute(
            """UPDATE stock_count_line l SET unit_cost = u.cost
                 FROM unnest($3::uuid[], $4::numeric[]) AS u (product, cost)
                WHERE l.tenant_id = $1 AND l.count_id = $2 AND l.product_id = u.product""",
            tx.tenant, id, [one.product for one in found], [one.unit_cost for one in found],
        )  # fmt: skip


async def end(tx: Tx, id: UUID) -> None:
    """Say that a count is finished, and what its differences came to. A second time changes nothing."""
    rows = await tx.fetch(
        """SELECT product_id, counted, expected, unit_cost, counted_at, round FROM stock_count_line
            WHERE tenant_id = $1 AND count_id = $2 AND counted IS NOT NULL""",
        tx.tenant, id,
    )  # fmt: skip
    found = [Outcome(*row) for row in rows]
    net, gross = net_and_gross(found)
    tag = await tx.execute(
        """UPDATE stock_count SET finished_at = $3, variance_minor = $4, gross_minor = $5
            WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL""",
        tx.tenant, id, tx.now, net, gross,
    )  # fmt: skip
    if tag != "UPDATE 1":
        return
    of = await queries.count(tx, id)
    differing = sum(1 for one in found if one.variance)
    tx.audit(
        "count.finished", "count", id, store=of.store, name=of.name, products=len(found), differing=differing,
        variance_minor=net, gross_minor=gross,
    )  # fmt: skip
