"""Lists of sales and of exceptions: filtered, newest first, page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.sales.documents import StoredSale
from retail.sales.queries import SALE_COLUMNS, complete
from retail.sales.remarks import Remark

Item = TypeVar("Item")


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
    only_exceptions: bool = False
    updated_since: datetime | None = None


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


async def sales(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[Listed]:
    """List sales, newest first."""
    where = narrowing(read, wanted)
    _go_on(where, after, "(s.occurred_at, s.id) < ({}, {})")
    rows = await read.fetch(
        f"""SELECT s.id, s.kind, s.number, k.code, st.name, s.occurred_at, s.cashier_name,
                   (SELECT count(*) FROM sale_line l WHERE l.tenant_id = $1 AND l.sale_id = s.id)::int,
                   s.total_minor, s.after_close,
                   (SELECT count(*) FROM sync_exception e
                     WHERE e.tenant_id = $1 AND e.sale_id = s.id AND e.resolved_at IS NULL)::int
              FROM sale s
              JOIN till k ON k.tenant_id = s.tenant_id AND k.id = s.till_id
              JOIN store st ON st.tenant_id = s.tenant_id AND st.id = s.store_id
             WHERE s.tenant_id = $1 {where.sql}
             ORDER BY s.occurred_at DESC, s.id DESC LIMIT {limit + 1:d}""",  # noqa: S608 - conditions are constants
        *where.args,
    )
    listed = [Listed(*row) for row in rows]
    return _page(listed, limit, lambda one: (one.occurred_at.isoformat(), str(one.id)))


async def whole_sales(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[StoredSale]:
    """List sales whole: newest first, or with `updated_since` in the order they were stored."""
    where = narrowing(read, wanted)
    syncing = wanted.updated_since is not None
    _go_on(where, after, "(s.received_at, s.id) > ({}, {})" if syncing else "(s.occurred_at, s.id) < ({}, {})")
    order = "s.received_at, s.id" if syncing else "s.occurred_at DESC, s.id DESC"
    rows: Sequence[Row] = await read.fetch(
        f"""SELECT {SALE_COLUMNS} FROM sale s WHERE s.tenant_id = $1 {where.sql}
             ORDER BY {order} LIMIT {limit + 1:d}""",  # noqa: S608 - conditions are constants
        *where.args,
    )
    found = await complete(read, rows)
    return _page(found, limit, lambda one: ((one.received_at if syncing else one.occurred_at).isoformat(), str(one.id)))


async def exceptions(
    read: Read, *, settled: bool = False, code: str = "", limit: int, after: str | None = None
) -> Page[Looked]:
    """List what needs a look, newest first; with `settled` what somebody has looked at."""
    where = Conditions(read.tenant)
    where.add("e.resolved_at IS NOT NULL" if settled else "e.resolved_at IS NULL")
    if code:
        where.add("e.code = {}", code)
    _go_on(where, after, "(e.created_at, e.id) < ({}, {})")
    rows = await read.fetch(
        f"{_LOOKED} WHERE e.tenant_id = $1 {where.sql} ORDER BY e.created_at DESC, e.id DESC LIMIT {limit + 1:d}",
        *where.args,
    )
    looked = [_looked(row) for row in rows]
    return _page(looked, limit, lambda one: (one.created_at.isoformat(), str(one.id)))


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
       st.name AS store_name, e.resolved_at, e.resolved_by, e.resolution
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


def narrowing(read: Read, wanted: Wanted) -> Conditions:
    """Give the conditions on `sale s` that a list of sales wants."""
    where = Conditions(read.tenant)
    for column, value in (
        ("s.number", wanted.number),
        ("s.store_id", wanted.store),
        ("s.till_id", wanted.till),
        ("s.shift_id", wanted.shift),
        ("s.kind", wanted.kind or None),
    ):
        if value is not None:
            where.add(f"{column} = {{}}", value)
    if wanted.first_day is not None:
        where.add("s.business_date >= {}", wanted.first_day)
    if wanted.last_day is not None:
        where.add("s.business_date <= {}", wanted.last_day)
    if wanted.updated_since is not None:
        where.add("s.received_at >= {}", wanted.updated_since)
    if wanted.only_exceptions:
        where.add(
            """EXISTS (SELECT FROM sync_exception e
                        WHERE e.tenant_id = $1 AND e.sale_id = s.id AND e.resolved_at IS NULL)"""
        )
    return where


def _go_on(where: Conditions, after: str | None, condition: str) -> None:
    if after is None:
        return
    moment, id = decode_cursor(after, str, str)
    try:
        where.add(condition, datetime.fromisoformat(str(moment)), UUID(str(id)))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken


def _page(found: list[Item], limit: int, keys: Callable[[Item], tuple[str, str]]) -> Page[Item]:
    if len(found) <= limit:
        return Page(found, None)
    return Page(found[:limit], encode_cursor(*keys(found[limit - 1])))
