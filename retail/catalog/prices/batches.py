"""Changing many prices at once by a rule: looked at first, worked out by a job where there are many, undone as one.

Every change of a batch is a row of the history that bears the batch's id. Nothing of a batch holds before all of it is
written: then it is applied, portion by portion, or lies ahead as one. docs/algorithms/prices.md, section 6.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.catalog.costs import costs
from retail.catalog.prices import reading
from retail.catalog.prices.applying import APPLY_JOB, PORTION, apply_due, tell_tills
from retail.catalog.prices.errors import LaterInThePast, NothingChosen
from retail.catalog.prices.reckoning import Rule, rule_of
from retail.catalog.prices.surveying import PRODUCTS, Choice, Plan, counted, line_of, narrowed
from retail.catalog.products.versions import lock_catalogue
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Read, Row, Tx
from retail.runtime.jobs import enqueue, hold

BULK_JOB: Final = "prices.bulk"
SMALL: Final = 500
"""So many are changed while the person waits; more are worked out by a job, with a bar that fills."""
_PRODUCTS_OF: Final = f"""
SELECT product_id FROM price_change WHERE tenant_id = $1 AND batch_id = $2 AND ($3::uuid IS NULL OR product_id > $3)
 ORDER BY product_id LIMIT {PORTION}
"""  # noqa: S608 - of constants


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """A batch as it is kept; `ready_at` None: it is still being worked out. `effective_at` None: at once."""

    id: UUID
    rule: Rule
    choice: Choice
    of: UUID | None
    list_name: str | None
    reason: str
    effective_at: datetime | None
    products: int
    passed_over: int
    job: UUID | None
    actor_name: str
    created_at: datetime
    ready_at: datetime | None
    undoing_at: datetime | None
    undone_at: datetime | None
    undone_by: str | None
    waiting: int

    @property
    def state(self) -> str:
        """Say how far it is: working, undoing, undone, waiting or applied."""
        if self.undoing_at is not None:
            return "undone" if self.undone_at else "undoing"
        if self.ready_at is None or (self.waiting and self.effective_at is None):
            return "working"
        return "waiting" if self.waiting else "applied"


async def is_begun(read: Read, id: UUID) -> bool:
    """Tell whether there is a batch with this id."""
    sql = "SELECT EXISTS (SELECT FROM price_batch WHERE tenant_id = $1 AND id = $2)"
    return bool(await read.fetchval(sql, read.tenant, id))


async def start(tx: Tx, id: UUID, plan: Plan, at: datetime | None, reason: str) -> None:
    """Begin a batch, to hold at once (`at` None) or from a moment on; a large one is left to the job.

    One with a known id does nothing: a form that is sent twice changes prices once. Locks the catalogue head.
    Raises LaterInThePast, NothingChosen, NotFound.
    """
    await lock_catalogue(tx)
    if await is_begun(tx, id):
        return
    if at is not None and at <= tx.now:
        raise LaterInThePast
    if plan.of is not None and (await reading.price_list(tx, plan.of)).archived_at is not None:
        raise NotFound("price_list")
    total = await counted(tx, plan)
    if not total:
        raise NothingChosen
    job = new_id() if total > SMALL else None
    await tx.execute(
        """INSERT INTO price_batch (tenant_id, id, rule, narrowing, list_id, reason, effective_at, products,
                                    passed_over, job_id, actor_id, actor_name, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $9, $10, $11)""",
        tx.tenant, id, json.dumps(rule_json(plan.rule)), json.dumps(_choice_json(plan.choice)), plan.of, reason, at,
        job, tx.actor.id, tx.actor.name, tx.now,
    )  # fmt: skip
    tx.audit("prices.batch_begun", "price_batch", id, rule=rule_json(plan.rule), effective_at=at, reason=reason)
    if job is not None:
        await enqueue(tx, BULK_JOB, {"batch": str(id)}, id=job)
        return
    after: UUID | None = None
    while True:
        after, _seen = await write_chunk(tx, id, after)
        if after is None:
            break
    await settle(tx, id)
    if at is None:
        await apply_due(tx)
    else:
        await tell(tx, id, None)


async def write_chunk(tx: Tx, id: UUID, after: UUID | None) -> tuple[UUID | None, int]:
    """Write the next PORTION of a batch's changes, in the order of products' ids; a repeat writes nothing twice.

    Gives the last product that was looked at (None: there are no more), and how many were.
    """
    facts = await batch(tx, id)
    plan = Plan(facts.rule, facts.choice, facts.of, facts.effective_at)
    conditions = narrowed(tx.tenant, plan)
    if after is not None:
        conditions.add("p.id > {}", after)
    rows = await tx.fetch(f"{PRODUCTS}{conditions.sql} ORDER BY p.id LIMIT {PORTION}", *conditions.args)
    include = (await reading.terms(tx)).prices_include_tax
    known = await costs(tx, [row["id"] for row in rows])
    lines = [line_of(row, plan, known[row["id"]], include=include) for row in rows]
    news = [line for line in lines if line.changes]
    await tx.execute(
        """INSERT INTO price_change (tenant_id, id, product_id, list_id, batch_id, from_minor, to_minor, effective_at,
                                     source, reason, actor_id, actor_name, created_at)
           SELECT $1, u.id, u.product_id, b.list_id, b.id, u.from_minor, u.to_minor, coalesce(b.effective_at, $3),
                  'bulk', b.reason, b.actor_id, b.actor_name, $3
             FROM price_batch b,
                  unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[]) AS u (id, product_id, from_minor, to_minor)
            WHERE b.tenant_id = $1 AND b.id = $2
           ON CONFLICT (tenant_id, batch_id, product_id) WHERE batch_id IS NOT NULL DO NOTHING""",
        tx.tenant, id, tx.now, [new_id() for _ in news], [line.product for line in news],
        [line.before_minor for line in news], [line.after.price_minor for line in news],
    )  # fmt: skip
    await tx.execute(
        "UPDATE price_batch SET passed_over = passed_over + $3 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        sum(line.after.problem is not None for line in lines),
    )
    return (rows[-1]["id"] if len(rows) == PORTION else None), len(rows)


async def settle(tx: Tx, id: UUID) -> None:
    """Say that a batch is wholly written: it is due now, or has itself applied when its moment comes.

    Locks the catalogue head. Does nothing a second time.
    """
    await lock_catalogue(tx)
    facts = await batch(tx, id)
    if facts.ready_at is not None:
        return
    changed = await tx.fetchval(
        """UPDATE price_batch SET ready_at = $3, products = (
                 SELECT count(*) FROM price_change WHERE tenant_id = $1 AND batch_id = $2)
            WHERE tenant_id = $1 AND id = $2 RETURNING products""",
        tx.tenant,
        id,
        tx.now,
    )
    tx.audit("prices.batch_settled", "price_batch", id, products=changed, passed_over=facts.passed_over)
    if facts.effective_at is not None:
        await enqueue(tx, APPLY_JOB, {}, facts.effective_at)


async def tell(tx: Tx, id: UUID, after: UUID | None) -> tuple[UUID | None, int]:
    """Tell tills of the next PORTION of a batch's products that their prices are going to change.

    Gives the last product (None: there are no more), and how many there were. Locks the catalogue head.
    """
    await lock_catalogue(tx)
    products = await next_products(tx, id, after)
    if products:
        await tell_tills(tx, products)
    return (products[-1] if len(products) == PORTION else None), len(products)


async def next_products(read: Read, id: UUID, after: UUID | None) -> list[UUID]:
    """Give the next PORTION of a batch's products, in the order of their ids."""
    return [row["product_id"] for row in await read.fetch(_PRODUCTS_OF, read.tenant, id, after)]


async def settle_held(tx: Tx, id: UUID) -> None:
    """Settle a batch in the job that wrote it."""
    await hold(tx)
    await settle(tx, id)


async def count_chosen(read: Read, id: UUID) -> int:
    """Count the products that a batch is about."""
    facts = await batch(read, id)
    return await counted(read, Plan(facts.rule, facts.choice, facts.of))


_BATCHES: Final = """
SELECT b.id, b.rule, b.narrowing, b.list_id, l.name AS list_name, b.reason, b.effective_at, b.products, b.passed_over,
       b.job_id, b.actor_name, b.created_at, b.ready_at, b.undoing_at, b.undone_at, b.undone_by,
       (SELECT count(*) FROM price_change c WHERE c.tenant_id = $1 AND c.batch_id = b.id
           AND c.applied_at IS NULL AND c.undone_at IS NULL) AS waiting
  FROM price_batch b LEFT JOIN price_list l ON l.tenant_id = $1 AND l.id = b.list_id
 WHERE b.tenant_id = $1
"""


async def batch(read: Read, id: UUID) -> BatchFacts:
    """Give one batch. Raises NotFound."""
    row = await read.fetchrow(f"{_BATCHES} AND b.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("price_batch")
    return _batch(row)


async def batches(read: Read, most: int = 50) -> list[BatchFacts]:
    """Give the newest batches."""
    rows = await read.fetch(f"{_BATCHES} ORDER BY b.created_at DESC, b.id DESC LIMIT $2", read.tenant, most)
    return [_batch(row) for row in rows]


def rule_json(rule: Rule) -> dict[str, Any]:
    """Write a rule as it is kept."""
    ending = {"step": rule.ending.step, "rest": rule.ending.rest} if rule.ending else None
    return {"kind": rule.kind, "value": rule.value, "ending": ending} | ({"free": True} if rule.free else {})


def _batch(row: Row) -> BatchFacts:
    kept, chosen = json.loads(row["rule"]), json.loads(row["narrowing"])
    choice = Choice(
        chosen["text"],
        UUID(chosen["category"]) if chosen["category"] else None,
        chosen["tag"],
        tuple(UUID(id) for id in chosen["ids"]),
    )
    return BatchFacts(row["id"], rule_of(kept), choice, *[value for name, value in row.items() if name not in _OWN])


_OWN: Final = frozenset({"id", "rule", "narrowing"})


def _choice_json(choice: Choice) -> dict[str, Any]:
    return {
        "text": choice.text,
        "category": str(choice.category) if choice.category else None,
        "tag": choice.tag,
        "ids": [str(id) for id in choice.ids],
    }
