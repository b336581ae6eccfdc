"""Finishing a count: what was found is settled, and from then on it is only a matter of posting it (posting.py)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from retail.identity.approval_errors import ApprovalNeeded
from retail.identity.approval_rules import Act, ActLine, act_hash
from retail.identity.approval_uses import Use, require
from retail.identity.approvals import Wanted
from retail.identity.permissions import FINISH_COUNT
from retail.kit.ids import new_id
from retail.kit.money import currency, format_money
from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import enqueue, try_again
from retail.stock import queries as stock
from retail.stock.admitting import refuse_closed
from retail.stock.counts import queries
from retail.stock.counts.errors import CountAgain, NothingCounted
from retail.stock.counts.operations import hold
from retail.stock.counts.posting import FINISH_JOB, PORTION, end, post_portion
from retail.stock.counts.queries import CountFacts
from retail.stock.counts.rules import Outcome, net_and_gross, to_recount
from retail.tenants.queries import this_tenant

MOST_SHOWN = 20
_AT_ONCE = 10_000


async def finish(tx: Tx, id: UUID, approval: UUID | None = None) -> CountFacts:
    """Correct the stock by what was counted, each product as of the moment it was counted, and post the differences.

    Where more than PORTION products differ, a job posts them: the count is "finishing" until then, and whoever finishes
    it once more takes up a job that had failed. Kits and services, which counts took once, are left out: nothing of
    them lies on a shelf. Locks the count and the balances it changes. What it is worth without signs decides whether an
    approval is needed. Raises NotFound, CountOver, NothingCounted, CountAgain, ApprovalNeeded, StoreIsClosed,
    Forbidden.
    """
    of = await queries.count(tx, id)
    if of.state == "finishing" and of.job is not None:
        tx.scope.require_in(FINISH_COUNT, of.store)
        await try_again(tx, of.job)
        return of
    await hold(tx, id, change=True)
    of = await queries.count(tx, id)
    found = await results(tx, of)
    if not found:
        raise NothingCounted
    await refuse_closed(tx, of.store)
    again = to_recount(found, of.recount_minor)
    if again:
        facts = await this_tenant(tx)
        worth = format_money(of.recount_minor or 0, currency(facts.currency), facts.locale)
        raise CountAgain([one.product for one in again], worth, blind=queries.counts_blind(of, tx.scope))
    _net, gross = net_and_gross(found)
    await _allow(tx, of, Use(FINISH_COUNT, gross, id, act_hash(act(of, found)), tx.now), approval)
    await _settle(tx, of, found)
    differing = sum(1 for one in found if one.variance)
    if differing > PORTION:
        await _leave_to_a_job(tx, of, differing)
    else:
        await post_portion(tx, id)
        await end(tx, id)
    return await queries.count(tx, id)


async def _leave_to_a_job(tx: Tx, of: CountFacts, differing: int) -> None:
    job = new_id()
    await tx.execute("UPDATE stock_count SET job_id = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, of.id, job)
    tx.audit("count.finishing", "count", of.id, store=of.store, name=of.name, differing=differing)
    by = {"kind": tx.actor.kind, "actor": str(tx.actor.id) if tx.actor.id else ""}
    await enqueue(tx, FINISH_JOB, {"count": str(of.id), **by}, id=job)


async def _allow(tx: Tx, of: CountFacts, use: Use, approval: UUID | None) -> None:
    """Let it be finished; who counts blind isn't told for how much an approval is needed."""
    try:
        await require(tx, of.store, use, approval)
    except ApprovalNeeded as needed:
        if not queries.counts_blind(of, tx.scope):
            raise
        raise ApprovalNeeded(needed.permission, None, needed.limit, needed.why) from needed


async def results(read: Read, of: CountFacts) -> list[Outcome]:
    """Give what would be recorded if the count were finished now, by product."""
    lines = [line for line in await queries.lines(read, of) if line.stocked]
    found = [line.outcome for line in lines if line.outcome is not None]
    if of.uncounted == "zero":
        rest = [line for line in lines if line.outcome is None]
        found += await _gone(read, of, [line.product for line in rest], {line.product: line.round for line in rest})
    return sorted(found, key=lambda one: one.product)


async def _gone(read: Read, of: CountFacts, products: Sequence[UUID], rounds: dict[UUID, int]) -> list[Outcome]:
    """Take what nobody found to be gone; what is below zero already is left alone."""
    held = await stock.on_hand(read, of.store, products)
    costs = await stock.unit_costs(read, of.store, products)
    return [Outcome(one, Decimal(0), held[one], costs[one], read.now, rounds[one]) for one in products if held[one] > 0]


async def wanted(read: Read, of: CountFacts) -> Wanted:
    """Say what an approval of this count is asked for: the largest differences first, and what all are worth."""
    found = await results(read, of)
    net, gross = net_and_gross(found)
    bound = act(of, found)
    names = {line.product: line for line in await queries.lines(read, of)}
    largest = sorted(found, key=lambda one: -abs(one.value_minor))[:MOST_SHOWN]
    shown = [
        {
            "name": names[one.product].name,
            "quantity": quantity_text(to_milli(one.variance)),
            "unit_price": 0,
            "list_price": None,
            "discount": 0,
            "amount": one.value_minor,
        }
        for one in largest
    ]
    blind = queries.counts_blind(of, read.scope)
    return Wanted(FINISH_COUNT, of.store, bound, gross, None, of.name, shown, net, blind=blind)


def act(of: CountFacts, found: Sequence[Outcome]) -> Act:
    """Give the act that an approval is bound to: these differences of this count, and no others."""
    return Act(
        of.id,
        0,
        [
            ActLine(one.product, one.product, to_milli(one.variance), round(one.unit_cost))
            for one in found
            if one.variance
        ],
    )


async def _settle(tx: Tx, of: CountFacts, found: Sequence[Outcome]) -> None:
    """Write down what came out of each product: nothing is counted any more, and this is what will be posted."""
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        await tx.execute(
            """UPDATE stock_count_line l SET counted = u.counted, expected = u.expected, unit_cost = u.cost,
                                             counted_at = u.at
                 FROM unnest($3::uuid[], $4::numeric[], $5::numeric[], $6::numeric[], $7::timestamptz[])
                      AS u (product, counted, expected, cost, at)
                WHERE l.tenant_id = $1 AND l.count_id = $2 AND l.product_id = u.product""",
            tx.tenant, of.id, [one.product for one in some], [one.counted for one in some],
            [one.expected for one in some], [one.unit_cost for one in some], [one.at for one in some],
        )  # fmt: skip
    await tx.execute(
        "UPDATE stock_count SET finishing_at = $3, finished_by_name = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant, of.id, tx.now, tx.actor.name,
    )  # fmt: skip
