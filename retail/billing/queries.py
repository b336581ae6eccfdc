"""Reads of billing: a business's subscription, its invoices with what is open on them, and what it uses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from retail.billing.billed import Billed
from retail.billing.drafts import Subscription
from retail.kit.clock import business_day
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order
from retail.tenants.life import dues_of
from retail.tenants.standing import Dues

SUBSCRIPTION: Final = """
SELECT tenant_id, plan, cycle, next_plan, next_cycle, anchor_day, period_first, period_end, company, address, country,
       tax_id, coupon, coupon_points, coupon_left, version FROM subscription WHERE tenant_id = $1"""
_INVOICES: Final = """
SELECT i.id, i.number, i.reason, i.issued_at, i.due_at, i.period_first, i.period_end, i.plan, i.cycle, i.currency,
       i.net_minor, i.tax_micros, i.tax_kind, i.tax_minor, i.total_minor, i.lines, i.seller, i.buyer,
       coalesce((SELECT sum(p.amount_minor) FROM billing_payment p
                  WHERE p.tenant_id = i.tenant_id AND p.invoice_id = i.id), 0)::bigint AS paid_minor
  FROM billing_invoice i WHERE i.tenant_id = $1"""
NEWEST: Final = Order("newest", (Key("i.issued_at", "issued_at", datetime), Key("i.id", "id", UUID)), descending=True)
_USAGE: Final = """
SELECT (SELECT count(*) FROM membership WHERE tenant_id = $1 AND ended_at IS NULL) AS people,
       (SELECT count(*) FROM store WHERE tenant_id = $1 AND archived_at IS NULL) AS stores,
       (SELECT count(*) FROM product WHERE tenant_id = $1 AND archived_at IS NULL) AS products,
       (SELECT count(*) FROM till WHERE tenant_id = $1 AND retired_at IS NULL) AS tills"""


@dataclass(frozen=True, slots=True)
class Invoice(Billed):
    """An invoice as its business has it, with its lines and parties."""

    reason: str
    tax_micros: int
    tax_kind: str
    lines: list[dict[str, Any]]
    seller: dict[str, str]
    buyer: dict[str, str]


@dataclass(frozen=True, slots=True)
class PaymentNote:
    """Money that came in for an invoice, in minor units of the invoice's currency."""

    kind: str
    reference: str
    amount_minor: int
    received_on: date
    noted_at: datetime
    noted_name: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a business has of what plans limit."""

    people: int
    stores: int
    products: int
    tills: int


async def subscription_of(read: Read, *, lock: bool = False) -> Subscription | None:
    """Give the business's subscription, None where it has none; `lock` holds its row."""
    row = await read.fetchrow(SUBSCRIPTION + (" FOR UPDATE" if lock else ""), read.tenant)
    return Subscription(**row) if row else None


async def invoices(read: Read, *, after: str | None = None, limit: int = 50) -> Page[Invoice]:
    """Give one page of the business's invoices, newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant)
    NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_INVOICES} {where.sql} ORDER BY {NEWEST.sql} LIMIT {limit + 1}", *where.args)
    return Page([_invoice(row) for row in rows[:limit]], NEWEST.following(rows, limit))


async def invoice_of(read: Read, wanted: UUID) -> Invoice:
    """Give one invoice. Raises NotFound."""
    row = await read.fetchrow(f"{_INVOICES} AND i.id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("invoice")
    return _invoice(row)


async def usage(read: Read) -> Usage:
    """Count what the business uses of its plan."""
    row = await read.fetchrow(_USAGE, read.tenant)
    return Usage(**dict(row)) if row else Usage(0, 0, 0, 0)


async def today_of(read: Read) -> date:
    """Give the day that it is where the business is: the days of its bills are its own."""
    return business_day(read.now, await timezone_of(read))


async def timezone_of(read: Read) -> str:
    """Name the zone whose clock the days of a business's bills go by; UTC for one that isn't here."""
    return await read.fetchval("SELECT timezone FROM tenant WHERE id = $1", read.tenant) or "UTC"


async def dues(read: Read) -> Dues:
    """Give what the business owes."""
    return await dues_of(read, read.tenant)


async def plan_of(read: Read) -> str:
    """Name the plan whose limits hold now."""
    return str(await read.fetchval("SELECT plan FROM tenant WHERE id = $1", read.tenant))


async def payments_of(read: Read, invoice: UUID) -> list[PaymentNote]:
    """List what was paid on an invoice, the oldest first."""
    rows = await read.fetch(
        """SELECT kind, reference, amount_minor, received_on, noted_at, noted_name FROM billing_payment
            WHERE tenant_id = $1 AND invoice_id = $2 ORDER BY noted_at, id""",
        read.tenant,
        invoice,
    )
    return [PaymentNote(**row) for row in rows]


def _invoice(row: Any) -> Invoice:  # noqa: ANN401 - a database row
    facts = dict(row)
    return Invoice(**{**facts, **{name: json.loads(facts[name]) for name in ("lines", "seller", "buyer")}})
