"""What a cashier did that isn't a plain sale, record by record: docs/algorithms/anomalies.md, 1.

Read as it is from the records of a time: there are as many as happened, however much was sold meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order

KINDS: Final = (
    "void_late", "void", "no_sale", "refund", "refund_blind", "refund_own", "discount", "price", "favour",
)  # fmt: skip
FAVOURS: Final = 3
"""So many sales by hand for one known customer are a favour."""

# $2 and $3 are business days; a record's own follows from its store's clock. $4: stores, NULL for all that may be seen.
_AT: Final = """(SELECT t.id, t.timezone, t.day_cutoff_hour,
         ($2::date::timestamp + make_interval(hours => t.day_cutoff_hour)) AT TIME ZONE t.timezone AS since,
         ($3::date::timestamp + make_interval(days => 1, hours => t.day_cutoff_hour)) AT TIME ZONE t.timezone AS until
    FROM store t WHERE t.tenant_id = $1 AND ($4::uuid[] IS NULL OR t.id = ANY ($4)))"""
_IN: Final = "a.occurred_at >= p.since AND a.occurred_at < p.until"
_BACK: Final = "EXISTS (SELECT FROM voided u WHERE u.tenant_id = $1 AND u.void_id = a.id)"
_ACT: Final = """SELECT {kind} AS kind, a.id, a.store_id, a.till_id, a.cashier_id, a.subject_id, a.amount_minor,
         a.occurred_at, {customer} AS customer_id, p.timezone, p.day_cutoff_hour
    FROM place p JOIN risk_act a ON a.tenant_id = $1 AND a.store_id = p.id"""

FOUND: Final = f"""
WITH place AS MATERIALIZED {_AT},
altered AS (
  {_ACT.format(kind="CASE WHEN a.amount_minor > 0 THEN 'discount' ELSE 'price' END", customer="s.customer_id")}
    LEFT JOIN sale s ON s.tenant_id = $1 AND s.id = a.id
   WHERE a.kind = 'override' AND {_IN}),
found AS (
  {_ACT.format(kind="'void_late'", customer="NULL::uuid")} WHERE a.kind = 'void' AND {_IN} AND NOT {_BACK}
  UNION ALL
  SELECT 'void', a.id, a.store_id, a.till_id, a.cashier_id, a.id, greatest(a.amount_minor, 0), a.occurred_at,
         NULL::uuid, p.timezone, p.day_cutoff_hour
    FROM place p JOIN voided a ON a.tenant_id = $1 AND a.store_id = p.id
   WHERE {_IN} AND a.kind <> 'undo' AND a.cashier_id IS NOT NULL AND NOT {_BACK}
     AND NOT EXISTS (SELECT FROM risk_act k WHERE k.tenant_id = $1 AND k.id = a.id)
  UNION ALL
  {_ACT.format(kind="'no_sale'", customer="NULL::uuid")} WHERE a.kind = 'no_sale' AND {_IN}
  UNION ALL
  {_ACT.format(kind="'refund_own'", customer="NULL::uuid")} WHERE a.kind = 'refund' AND {_IN}
  UNION ALL
  SELECT CASE WHEN s.original_id IS NULL THEN 'refund_blind' ELSE 'refund' END, s.id, s.store_id, s.till_id,
         s.cashier_id, s.id, greatest(-s.total_minor, 0), s.occurred_at, s.customer_id, p.timezone, p.day_cutoff_hour
    FROM place p JOIN sale s ON s.tenant_id = $1 AND s.store_id = p.id
   WHERE s.kind = 'return' AND s.business_date BETWEEN $2::date AND $3::date AND s.cashier_id IS NOT NULL
  UNION ALL
  SELECT * FROM altered
  UNION ALL
  SELECT 'favour', a.id, a.store_id, a.till_id, a.cashier_id, a.subject_id, a.amount_minor, a.occurred_at,
         a.customer_id, a.timezone, a.day_cutoff_hour
    FROM (SELECT o.*, count(*) OVER (PARTITION BY o.cashier_id, o.customer_id) AS often
            FROM altered o WHERE o.customer_id IS NOT NULL) AS a
   WHERE a.often >= {FAVOURS})
"""  # noqa: S608 - constants alone
"""Every record of $1 from the business day $2 to $3 in the stores $4, as `found`; `kind` says why it is one."""

DAY_OF: Final = "((f.occurred_at AT TIME ZONE f.timezone) - make_interval(hours => f.day_cutoff_hour))::date"
HOUR_OF: Final = "extract(hour FROM f.occurred_at AT TIME ZONE f.timezone)::int"

OTHERS_DAYS: Final = 28
"""Cashiers are compared, and favours counted, over so many days at least."""


def begin_of(first: date, last: date) -> date:
    """Give the first of the days that are read to judge those from `first` to `last`."""
    return min(first, last - timedelta(days=OTHERS_DAYS - 1))


_LISTED: Final = f"""{FOUND}
SELECT f.kind, f.id, f.store_id AS store, t.name AS store_name, k.code AS till_code, f.cashier_id AS cashier,
       coalesce((SELECT min(m.name) FROM membership m
                  WHERE m.tenant_id = $1 AND m.person_id = f.cashier_id), '?') AS cashier_name,
       f.subject_id AS subject, f.amount_minor, f.occurred_at, s.number, s.kind AS document
  FROM found f
  JOIN store t ON t.tenant_id = $1 AND t.id = f.store_id
  JOIN till k ON k.tenant_id = $1 AND k.id = f.till_id
  LEFT JOIN sale s ON f.kind NOT IN ('void', 'void_late', 'no_sale') AND s.tenant_id = $1 AND s.id = f.subject_id
 WHERE true"""  # noqa: S608 - constants alone
_NEWEST: Final = Order(
    "when",
    (Key("f.occurred_at", "occurred_at", datetime), Key("f.id", "id", UUID), Key("f.kind", "kind", str)),
    descending=True,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: of the business days `first` to `last`, both included; all else that is set must fit."""

    first: date
    last: date
    stores: tuple[UUID, ...] | None = None
    cashier: UUID | None = None
    kind: str = ""
    but: UUID | None = None
    """Whose records are left out: nobody is shown their own."""


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A record of the list; `subject` is what it leads to, `number` a receipt's."""

    kind: str
    id: UUID
    store: UUID
    store_name: str
    till_code: str
    cashier: UUID
    cashier_name: str
    subject: UUID
    amount_minor: int
    occurred_at: datetime
    number: int | None
    document: str | None


async def exceptional(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[Exceptional]:
    """List records, newest first. Raises Invalid for a cursor that is none."""
    stores: Sequence[UUID] | None = None if wanted.stores is None else list(wanted.stores)
    where = Conditions(read.tenant, begin_of(wanted.first, wanted.last), wanted.last, stores)
    where.add(f"{DAY_OF} >= {{}}::date", wanted.first)
    if wanted.cashier is not None:
        where.add("f.cashier_id = {}", wanted.cashier)
    if wanted.but is not None:
        where.add("f.cashier_id <> {}", wanted.but)
    if wanted.kind:
        where.add("f.kind = {}", wanted.kind)
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_LISTED}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([Exceptional(**dict(row)) for row in rows[:limit]], _NEWEST.following(rows, limit))
