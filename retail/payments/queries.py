"""Reading attempts at a payment and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.payments.rules import Step, approved_minor, state_of
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

_STEPS: Final = """
SELECT id, attempt_id AS attempt, outcome, source, amount_minor, reference, happened_at AS at
  FROM payment_step WHERE tenant_id = $1 AND attempt_id = ANY($2) ORDER BY happened_at, created_at, id"""
_LISTED: Final = """
SELECT a.id, a.basket_id AS basket, a.type, a.terminal, a.amount_minor, a.tip_minor, a.cashier_name, a.started_at,
       t.code AS till_code, s.name AS store_name,
       (SELECT d.number FROM sale d WHERE d.tenant_id = a.tenant_id AND d.id = a.basket_id) AS number
  FROM payment_attempt a
  JOIN till t ON t.tenant_id = a.tenant_id AND t.id = a.till_id
  JOIN store s ON s.tenant_id = a.tenant_id AND s.id = a.store_id
 WHERE a.tenant_id = $1"""
_MATCHING: Final = """
EXISTS (SELECT FROM payment_step p WHERE p.tenant_id = a.tenant_id AND p.attempt_id = a.id AND p.outcome = {})"""


@dataclass(frozen=True, slots=True)
class Paid:
    """What an attempt came to: its state, and for how much it was approved, in minor units."""

    state: str
    approved_minor: int
    by_hand: bool
    reference: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An attempt as the list shows it; `number` is the receipt's where its sale has arrived."""

    id: UUID
    basket: UUID
    type: str
    terminal: str
    amount_minor: int
    tip_minor: int
    cashier_name: str
    started_at: datetime
    till_code: str
    store_name: str
    number: int | None
    paid: Paid


async def paid(read: Read, attempts: Sequence[UUID]) -> Mapping[UUID, Paid]:
    """Say what became of some attempts; one that nobody heard of isn't in the answer."""
    steps: dict[UUID, list[Step]] = {}
    for row in await read.fetch(_STEPS, read.tenant, list(attempts)):
        steps.setdefault(row["attempt"], []).append(Step(**row))
    return {id: _paid(of) for id, of in steps.items()}


async def rates_then(read: Read, wanted: Sequence[tuple[str, date]]) -> Mapping[tuple[str, date], int]:
    """Give what one of a currency was worth on a day, in billionths of the own one; without a rate it is left out."""
    rows = await read.fetch(
        """SELECT w.currency, w.day, (SELECT r.rate_billionths FROM currency_rate r
                    WHERE r.tenant_id = $1 AND r.currency = w.currency AND r.starts_on <= w.day
                    ORDER BY r.starts_on DESC LIMIT 1) AS rate
             FROM unnest($2::text[], $3::date[]) AS w (currency, day)""",
        read.tenant,
        [currency for currency, _day in wanted],
        [day for _currency, day in wanted],
    )
    return {(row["currency"], row["day"]): row["rate"] for row in rows if row["rate"] is not None}


def _paid(steps: Sequence[Step]) -> Paid:
    last = steps[-1]
    by_hand = all(one.source == "person" for one in steps if one.outcome == "approved")
    return Paid(state_of(steps), approved_minor(steps), by_hand and last.source == "person", last.reference)


async def listed(read: Read, *, store: UUID | None, outcome: str, limit: int, after: str | None) -> Page[Listed]:
    """List attempts, newest first; `outcome` narrows to those of which it was ever heard. Raises Invalid."""
    where = Conditions(read.tenant)
    if store is not None:
        where.add("a.store_id = {}", store)
    if outcome:
        where.add(_MATCHING, outcome)
    if after:
        at, id = decode_cursor(after, str, str)
        moment, last = datetime.fromisoformat(str(at)), UUID(str(id))
        where.add("a.started_at <= {0} AND (a.started_at < {0} OR a.id > {1})", moment, last)
    rows = await read.fetch(
        _LISTED + where.sql + f" ORDER BY a.started_at DESC, a.id LIMIT {int(limit) + 1}", *where.args
    )
    shown = [dict(row) for row in rows[:limit]]
    known = await paid(read, [row["id"] for row in shown])
    items = [_listed(row, known) for row in shown]
    following = encode_cursor(items[-1].started_at.isoformat(), str(items[-1].id)) if len(rows) > limit else None
    return Page(items, following)


def _listed(row: Mapping[str, Any], known: Mapping[UUID, Paid]) -> Listed:
    return Listed(**row, paid=known.get(row["id"], Paid("started", 0, by_hand=False, reference="")))
