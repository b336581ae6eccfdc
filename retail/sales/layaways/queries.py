"""Reads of kept goods: lists for tills and the office, one with its payments, what a customer has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.clock import business_day
from retail.kit.folding import folded
from retail.kit.paging import Page
from retail.kit.quantity import quantity_text
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order
from retail.sales.labels import receipt_label
from retail.sales.layaways.errors import NoSuchLayaway
from retail.sales.layaways.rules import in_few, label

_ID: Final = Key("l.id", "id", UUID)
DUE_FIRST: Final = Order("until", (Key("l.until", "until", date), _ID))
NEWEST: Final = Order("newest", (Key("l.created_at", "created_at", datetime), _ID), descending=True)
_FACTS: Final = """
SELECT l.id, l.number, l.store_id, st.name AS store_name, st.timezone, st.day_cutoff_hour, k.id AS customer_id,
       CASE WHEN k.erased_at IS NULL THEN k.name ELSE '' END AS customer_name, l.basket, l.total_minor, l.until, l.note,
       l.created_at, l.created_by_name, l.ended_at, l.ended_how, l.ended_id, l.ended_by_name, l.fee_minor,
       a.balance_minor,
       coalesce((SELECT sum(m.amount_minor) FROM value_move m
                  WHERE m.tenant_id = $1 AND m.account_id = l.id AND m.cause IN ('loaded', 'paid')), 0)::bigint AS paid
  FROM layaway l
  JOIN store st ON st.tenant_id = $1 AND st.id = l.store_id
  JOIN customer c ON c.tenant_id = $1 AND c.id = l.customer_id
  JOIN customer k ON k.tenant_id = $1 AND k.id = coalesce(c.merged_into, c.id)
  JOIN value_account a ON a.tenant_id = $1 AND a.id = l.id
 WHERE l.tenant_id = $1"""
_OVERDUE: Final = """(l.ended_at IS NULL AND l.until <
  (({}::timestamptz AT TIME ZONE st.timezone) - make_interval(hours => st.day_cutoff_hour))::date)"""
_WORDS: Final = """('L-' || l.number = upper({}) OR l.number::text = {} OR strpos(k.search_text, {}) > 0
  OR k.member_card = {}
  OR EXISTS (SELECT FROM jsonb_array_elements(l.basket -> 'lines') x WHERE strpos(lower(x ->> 'name'), lower({})) > 0)
  OR EXISTS (SELECT FROM sale s JOIN till t ON t.tenant_id = $1 AND t.id = s.till_id
              WHERE s.tenant_id = $1 AND s.layaway_id = l.id
                AND t.code || '-' || lpad(s.number::text, 6, '0') = upper({})))"""
# Documents of the tills, and what the office moved without one.
_PAYMENTS: Final = """
SELECT s.id, s.kind, s.number, t.code, s.occurred_at AS at, s.cashier_name,
       CASE s.kind WHEN 'payment' THEN s.claimed_total_minor ELSE 0 END AS amount_minor
  FROM sale s JOIN till t ON t.tenant_id = $1 AND t.id = s.till_id
 WHERE s.tenant_id = $1 AND s.layaway_id = $2
 UNION ALL
SELECT m.id, 'office', 0, '', m.at, m.actor_name, m.amount_minor
  FROM value_move m
 WHERE m.tenant_id = $1 AND m.account_id = $2 AND m.cause IN ('paid', 'paid_back', 'adjusted')
   AND NOT EXISTS (SELECT FROM sale d WHERE d.tenant_id = $1 AND d.id = m.source_id)
 ORDER BY at, 1 LIMIT 200"""


@dataclass(frozen=True, slots=True)
class LayawayFacts:
    """Kept goods as lists and answers show them; money in minor units. `balance` is what is on the account now."""

    id: UUID
    number: int
    store: UUID
    store_name: str
    customer: UUID
    customer_name: str
    basket: Mapping[str, Any]
    total: int
    until: date
    note: str
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    ended_how: str | None
    ended_id: UUID | None
    ended_by: str | None
    fee: int
    balance: int
    paid_in: int
    overdue: bool

    @property
    def label(self) -> str:
        """Give its number as people say it."""
        return label(self.number)

    @property
    def state(self) -> str:
        """Say how it stands: open, fetched or cancelled."""
        return self.ended_how or "open"

    @property
    def paid(self) -> int:
        """Give what is paid: of open ones what is there, else what was paid in all."""
        return self.balance if self.ended_at is None else self.paid_in

    @property
    def due(self) -> int:
        """Give what is still to be paid; below zero where too much was."""
        return self.total - self.paid

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Give its lines in words: (quantity, name)."""
        return [(quantity_text(one["quantity"]), str(one.get("name") or "")) for one in self.basket["lines"]]

    @property
    def what(self) -> str:
        """Say what is kept in a few words."""
        return in_few(self.lines)


@dataclass(frozen=True, slots=True)
class Paid:
    """A document of kept goods: a payment (`amount` below zero where money went back), or the handing over.

    `office` is what was moved without a till; it has no receipt.
    """

    id: UUID
    kind: str
    number: int
    till_code: str
    at: datetime
    cashier: str
    amount: int

    @property
    def label(self) -> str:
        """Give the receipt's number."""
        return receipt_label(self.till_code, self.number, self.kind) if self.number else ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which kept goods a list asks for; `state` may be "overdue" too, '' is all."""

    text: str = ""
    state: str = ""
    store: UUID | None = None
    customer: UUID | None = None


async def layaways(
    read: Read, wanted: Wanted, *, limit: int, after: str | None = None, order: Order = NEWEST
) -> Page[LayawayFacts]:
    """List kept goods, a page at a time. Raises Invalid for another list's cursor."""
    where = Conditions(read.tenant)
    if wanted.store:
        where.add("l.store_id = {}", wanted.store)
    if wanted.customer:
        where.add("k.id = {}", wanted.customer)
    if wanted.state == "overdue":
        where.add(_OVERDUE, read.now)
    elif wanted.state == "open":
        where.add("l.ended_at IS NULL")
    elif wanted.state:
        where.add("l.ended_how = {}", wanted.state)
    if text := wanted.text.strip():
        where.add(_WORDS, text, text, folded(text), "".join(text.split()), text, text)
    order.go_on(where, after)
    rows = await read.fetch(f"{_FACTS}{where.sql} ORDER BY {order.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([_facts(row, read.now) for row in rows[:limit]], order.following(rows, limit))


async def layaway(read: Read, id: UUID) -> LayawayFacts:
    """Give one. Raises NoSuchLayaway."""
    row = await read.fetchrow(f"{_FACTS} AND l.id = $2", read.tenant, id)
    if row is None:
        raise NoSuchLayaway
    return _facts(row, read.now)


async def payments(read: Read, id: UUID) -> list[Paid]:
    """List the payments of kept goods and what handed them over, the oldest first."""
    return [Paid(*row) for row in await read.fetch(_PAYMENTS, read.tenant, id)]


def _facts(row: Row, now: datetime) -> LayawayFacts:
    today = business_day(now, row["timezone"], row["day_cutoff_hour"])
    return LayawayFacts(
        row["id"], row["number"], row["store_id"], row["store_name"], row["customer_id"], row["customer_name"],
        json.loads(row["basket"]), row["total_minor"], row["until"], row["note"], row["created_at"],
        row["created_by_name"], row["ended_at"], row["ended_how"], row["ended_id"], row["ended_by_name"],
        row["fee_minor"], row["balance_minor"], row["paid"], row["ended_at"] is None and row["until"] < today,
    )  # fmt: skip
