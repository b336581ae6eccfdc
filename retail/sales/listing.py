"""Lists of sales and of exceptions: filtered, newest first, page by page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order, Orders, moment_in
from retail.sales.behind import Behind, narrow
from retail.sales.documents import StoredSale
from retail.sales.queries import SALE_COLUMNS, complete
from retail.sales.remarks import Remark
from retail.sales.risks import Sight, at_risk, joined

_ID: Final = Key("s.id", "id", UUID)
NEWEST: Final = Order("when", (Key("s.occurred_at", "occurred_at", datetime), _ID), descending=True)
TOTAL: Final = Order("total", (Key("s.total_minor", "total_minor", int), _ID), descending=True)
RISK: Final = Order("risk", (Key("r.points", "points", int), Key("r.sale_id", "id", UUID)), descending=True)
"""Only receipts that somebody looked at have a place in it."""
ORDERS: Final = Orders(NEWEST, TOTAL, RISK)
"""What an index serves (sale_newest, sale_total, sale_risk_listed): a business has millions of sales."""
PLAIN_ORDERS: Final = Orders(NEWEST, TOTAL)
"""For who may not see risk."""
_AS_STORED: Final = Order("stored", (Key("s.received_at", "received_at", datetime), _ID))
_EXCEPTIONS: Final = Order(
    "when", (Key("e.created_at", "created_at", datetime), Key("e.id", "id", UUID)), descending=True
)
OVERLAP: Final = timedelta(seconds=15)
"""How long before a list was read a sale may have begun to be stored that the list could not see yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sales: all that is set must fit. `number` is a receipt number; `days` are business days, both included."""

    number: int | None = None
    store: UUID | None = None
    till: UUID | None = None
    shift: UUID | None = None
    first_day: date | None = None
    last_day: date | None = None
    kind: str = ""
    """return, payment, "series" for all of the till's series, "any"; '' are sales and returns."""
    only_exceptions: bool = False
    only_unlisted: bool = False
    """Only sales with something that is in no catalogue."""
    updated_since: datetime | None = None
    ids: frozenset[UUID] = frozenset()
    customers: frozenset[UUID] = frozenset()
    behind: Behind = field(default_factory=Behind)
    risk: str = ""
    """How high their risk is, or that nobody looked at them yet; `sight` says whose risk may be seen."""
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of sales."""

    id: UUID
    kind: str
    number: int
    till_code: str
    store_name: str
    occurred_at: datetime
    cashier_name: str
    lines: int
    total_minor: int
    after_close: bool
    exceptions: int
    received_at: datetime
    claimed_minor: int = 0
    points: int | None = None
    risk: str = ""
    """How high the risk is; empty where nobody looked yet, or it isn't to be seen."""

    @property
    def shown_minor(self) -> int:
        """Give what it came to; of a payment on kept goods what was paid."""
        return self.claimed_minor if self.kind == "payment" else self.total_minor


@dataclass(frozen=True, slots=True)
class Looked:
    """An exception with where it belongs, and who settled it how."""

    id: UUID
    remark: Remark
    created_at: datetime
    sale: UUID | None
    number: int | None
    kind: str | None
    till: UUID | None
    till_code: str | None
    store_name: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    store: UUID | None = None
    customer: UUID | None = None
    fix: str | None = None
    fix_id: UUID | None = None


async def sales(
    read: Read, wanted: Wanted, *, limit: int, after: str | None = None, order: Order = NEWEST
) -> Page[Listed]:
    """List sales, newest first or in another order. Raises Invalid for a cursor of another one."""
    where = narrowing(read, wanted)
    with_risk = joined(where, wanted.sight)
    if order.name == RISK.name:
        where.add("r.points IS NOT NULL")
    order.go_on(where, after)
    rows = await read.fetch(
        f"""SELECT s.id, s.kind, s.number, k.code, st.name, s.occurred_at, s.cashier_name,
                   (SELECT count(*) FROM sale_line l WHERE l.tenant_id = $1 AND l.sale_id = s.id)::int,
                   s.total_minor, s.after_close,
                   (SELECT count(*) FROM sync_exception e
                     WHERE e.tenant_id = $1 AND e.sale_id = s.id AND e.resolved_at IS NULL)::int, s.received_at,
                   s.claimed_total_minor, r.points, coalesce(r.level, '') AS risk
              FROM sale s
              {with_risk.sql}
              JOIN till k ON k.tenant_id = s.tenant_id AND k.id = s.till_id
              JOIN store st ON st.tenant_id = s.tenant_id AND st.id = s.store_id
             WHERE s.tenant_id = $1 {where.sql} ORDER BY {order.sql} LIMIT {limit + 1:d}""",  # noqa: S608 - constants
        *where.args,
    )
    return Page([Listed(*row) for row in rows[:limit]], order.following(rows, limit))


def seen(page: Page[Listed], at: datetime) -> str:
    """Write down what a first page, newest first, has shown, for `news` to count from; `at` is when it was read."""
    since = at - OVERLAP
    last = page.items[-1] if page.items and page.next else None
    known = ",".join(str(one.id) for one in page.items if one.received_at > since)
    place = (last.occurred_at.isoformat(), str(last.id)) if last else ("", "")
    return encode_cursor(since.isoformat(), *place, known)


async def news(read: Read, wanted: Wanted, mark: str) -> int:
    """Count the sales that would be on a first page now and were not when its mark was made. Raises Invalid."""
    where = narrowing(read, wanted)
    since, moment, last, known = (str(told) for told in decode_cursor(mark, str, str, str, str))
    try:
        where.add("s.received_at > {}", moment_in(since))
        where.add("s.id <> ALL({}::uuid[])", [UUID(id) for id in known.split(",") if id])
        if moment:
            where.add("(s.occurred_at, s.id) > ({}, {})", moment_in(moment), UUID(last))
    except ValueError as broken:
        raise Invalid({"since": [_("This page link is not valid; start again from the first page.")]}) from broken
    count = f"SELECT count(*) FROM sale s WHERE s.tenant_id = $1 {where.sql}"  # noqa: S608 - conditions are constants
    return int(await read.fetchval(count, *where.args))


async def whole_sales(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[StoredSale]:
    """List sales whole: newest first, or with `updated_since` in the order they were stored."""
    where = narrowing(read, wanted)
    order = NEWEST if wanted.updated_since is None else _AS_STORED
    order.go_on(where, after)
    rows: Sequence[Row] = await read.fetch(
        f"""SELECT {SALE_COLUMNS} FROM sale s WHERE s.tenant_id = $1 {where.sql}
             ORDER BY {order.sql} LIMIT {limit + 1:d}""",  # noqa: S608 - conditions are constants
        *where.args,
    )
    return Page(await complete(read, rows[:limit]), order.following(list(rows), limit))


async def exceptions(
    read: Read,
    *,
    settled: bool = False,
    code: str = "",
    store: UUID | None = None,
    till: UUID | None = None,
    limit: int,
    after: str | None = None,
) -> Page[Looked]:
    """List what needs a look, newest first; with `settled` what somebody has looked at."""
    where = Conditions(read.tenant)
    where.add("e.resolved_at IS NOT NULL" if settled else "e.resolved_at IS NULL")
    for column, value in (("e.code", code or None), ("e.store_id", store), ("e.till_id", till)):
        if value is not None:
            where.add(f"{column} = {{}}", value)
    _EXCEPTIONS.go_on(where, after)
    rows = await read.fetch(
        f"{_LOOKED} WHERE e.tenant_id = $1 {where.sql} ORDER BY {_EXCEPTIONS.sql} LIMIT {limit + 1:d}",
        *where.args,
    )
    return Page([_looked(row) for row in rows[:limit]], _EXCEPTIONS.following(rows, limit))


async def exceptions_named(read: Read, ids: Sequence[UUID]) -> list[Looked]:
    """Give some exceptions, those of one place and product beside each other: what settles them locks in that order."""
    rows = await read.fetch(
        f"""{_LOOKED} WHERE e.tenant_id = $1 AND e.id = ANY($2::uuid[])
             ORDER BY e.code, e.store_id, e.product_id, e.id""",
        read.tenant,
        list(ids),
    )
    return [_looked(row) for row in rows]


async def exceptions_of(read: Read, sale: UUID) -> list[Looked]:
    """List the exceptions of one sale, in the order they were found."""
    rows = await read.fetch(f"{_LOOKED} WHERE e.tenant_id = $1 AND e.sale_id = $2 ORDER BY e.id", read.tenant, sale)
    return [_looked(row) for row in rows]


async def returns_of(read: Read, sale: UUID) -> list[tuple[UUID, int, datetime, int]]:
    """List the returns of a sale, oldest first: id, number, when, total (below zero)."""
    rows = await read.fetch(
        """SELECT id, number, occurred_at, total_minor FROM sale WHERE tenant_id = $1 AND original_id = $2
            ORDER BY occurred_at, id""",
        read.tenant,
        sale,
    )
    return [tuple(row) for row in rows]


async def waiting(read: Read) -> int:
    """Count what needs a look."""
    return int(
        await read.fetchval(
            "SELECT count(*) FROM sync_exception WHERE tenant_id = $1 AND resolved_at IS NULL", read.tenant
        )
    )


_LOOKED = """
SELECT e.id, e.code, e.facts, e.product_id, e.created_at, e.sale_id, s.number, s.kind, e.till_id, k.code AS till_code,
       st.name AS store_name, e.resolved_at, e.resolved_by, e.resolution, e.store_id, s.customer_id, e.fix, e.fix_id
  FROM sync_exception e
  LEFT JOIN sale s ON s.tenant_id = e.tenant_id AND s.id = e.sale_id
  LEFT JOIN till k ON k.tenant_id = e.tenant_id AND k.id = e.till_id
  LEFT JOIN store st ON st.tenant_id = e.tenant_id AND st.id = e.store_id
"""


def _looked(row: Row) -> Looked:
    return Looked(
        row["id"],
        Remark(row["code"], json.loads(row["facts"]), row["product_id"]),
        *tuple(row)[4:],
    )


_OF_KIND: Final = {
    "any": "true",
    "": "s.kind <> 'payment'",
    "series": "s.kind <> 'return'",
    "sale": "s.kind = 'sale'",
    "return": "s.kind = 'return'",
    "payment": "s.kind = 'payment'",
}


def narrowing(read: Read, wanted: Wanted) -> Conditions:
    """Give the conditions on `sale s` that a list of sales wants."""
    where = Conditions(read.tenant)
    for column, value in (
        ("s.number", wanted.number),
        ("s.store_id", wanted.store),
        ("s.till_id", wanted.till),
        ("s.shift_id", wanted.shift),
    ):
        if value is not None:
            where.add(f"{column} = {{}}", value)
    where.add(_OF_KIND[wanted.kind])
    if wanted.first_day is not None:
        where.add("s.business_date >= {}", wanted.first_day)
    if wanted.last_day is not None:
        where.add("s.business_date <= {}", wanted.last_day)
    if wanted.updated_since is not None:
        where.add("s.received_at >= {}", wanted.updated_since)
    if wanted.ids:
        where.add("s.id = ANY({})", list(wanted.ids))
    if wanted.only_unlisted:
        where.add(
            """EXISTS (SELECT FROM sale_line q
                        WHERE q.tenant_id = $1 AND q.sale_id = s.id AND q.product_id IS NULL)"""
        )
    if wanted.customers:
        where.add("s.customer_id = ANY({})", list(wanted.customers))
    if wanted.only_exceptions:
        where.add(
            """EXISTS (SELECT FROM sync_exception e
                        WHERE e.tenant_id = $1 AND e.sale_id = s.id AND e.resolved_at IS NULL)"""
        )
    narrow(where, wanted.behind)
    at_risk(where, wanted.risk, wanted.sight)
    return where
