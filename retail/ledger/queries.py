"""Reading the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from retail.kit.clock import business_day
from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row


@dataclass(frozen=True, slots=True)
class Place:
    """Where and in which money a store keeps its books."""

    store: UUID
    currency: str
    timezone: str
    day_cutoff_hour: int

    def business_date(self, at: datetime) -> date:
        """Name the store's business day of a moment."""
        return business_day(at, self.timezone, self.day_cutoff_hour)


async def place(read: Read, store: UUID) -> Place:
    """Find how a store keeps its books. Raises NotFound."""
    row = await read.fetchrow(
        """SELECT t.currency, s.timezone, s.day_cutoff_hour
             FROM store s JOIN tenant t ON t.id = s.tenant_id WHERE s.tenant_id = $1 AND s.id = $2""",
        read.tenant,
        store,
    )
    if row is None:
        raise NotFound("store")
    return Place(store, row["currency"], row["timezone"], row["day_cutoff_hour"])


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """An account and what it holds: minor units, above zero a debit balance."""

    id: UUID
    code: str
    name: str
    kind: str
    purpose: str | None
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor

    @property
    def natural_minor(self) -> int:
        """The balance on the account's own side: what is owed, owned or earned counts upwards too."""
        return self.balance_minor if self.kind in {"asset", "expense"} else -self.balance_minor


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an entry, with its account."""

    account: UUID
    code: str
    name: str
    kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """A journal entry with its lines in their order."""

    id: UUID
    store: UUID
    store_name: str
    kind: str
    source: UUID
    occurred_at: datetime
    business_date: date
    currency: str
    memo: str
    lines: tuple[Line, ...]

    @property
    def amount_minor(self) -> int:
        """What the entry moves: the sum of its debits."""
        return sum(line.amount_minor for line in self.lines if line.amount_minor > 0)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days of which entries are wanted, both ends included; None is open."""

    first: date | None = None
    last: date | None = None


_CHART: Final = "SELECT id, code, name FROM account WHERE tenant_id = $1 ORDER BY code"
_SUMS: Final = """
WITH sums AS (
  SELECT l.account_id, sum(l.amount_minor) FILTER (WHERE l.amount_minor > 0) AS debit,
         -sum(l.amount_minor) FILTER (WHERE l.amount_minor < 0) AS credit
    FROM journal_line l
   WHERE l.tenant_id = $1"""
_OF_DAYS: Final = """ AND l.entry_id = ANY (ARRAY(SELECT e.id FROM journal_entry e
           WHERE e.tenant_id = $1 AND e.business_date >= $2 AND e.business_date <= $3))"""
_ACCOUNTS: Final = """ GROUP BY l.account_id)
SELECT a.id, a.code, a.name, a.kind, a.purpose, coalesce(s.debit, 0)::bigint AS debit_minor,
       coalesce(s.credit, 0)::bigint AS credit_minor
  FROM account a LEFT JOIN sums s ON s.account_id = a.id WHERE a.tenant_id = $1 ORDER BY a.code"""
# A page of entries first, then their lines in one look: never all lines joined to all entries before the page is cut.
_ENTRIES: Final = """
WITH page AS (
  SELECT e.id, e.store_id, e.kind, e.source_id, e.occurred_at, e.business_date, e.currency, e.memo
    FROM """
_ALL: Final = "journal_entry e WHERE e.tenant_id = $1"
# Entries of an account that few touch are found by their lines, one by one: by day, all others would be looked through.
# OFFSET keeps the look-up of each entry what it is, whatever is guessed of how many there are.
_FEW: Final = """(SELECT DISTINCT l.entry_id FROM journal_line l WHERE l.tenant_id = $1 AND l.account_id = $2) own,
         LATERAL (SELECT * FROM journal_entry f WHERE f.tenant_id = $1 AND f.id = own.entry_id OFFSET 0) e
   WHERE e.tenant_id = $1"""
_FEW_LINES: Final = 20_000
_IS_RARE: Final = """SELECT count(*) <= $3 FROM (
  SELECT FROM journal_line WHERE tenant_id = $1 AND account_id = $2 LIMIT $3 + 1) found"""
_LINES: Final = """),
written AS (
  SELECT l.entry_id, array_agg(row(a.id, a.code, a.name, a.kind, l.amount_minor) ORDER BY l.position) AS lines
    FROM journal_line l JOIN account a ON a.tenant_id = $1 AND a.id = l.account_id
   WHERE l.tenant_id = $1 AND l.entry_id = ANY (ARRAY(SELECT id FROM page)) GROUP BY l.entry_id)
SELECT e.id, e.store_id, s.name AS store_name, e.kind, e.source_id, e.occurred_at, e.business_date, e.currency, e.memo,
       coalesce(w.lines, '{}') AS lines
  FROM page e JOIN store s ON s.tenant_id = $1 AND s.id = e.store_id LEFT JOIN written w ON w.entry_id = e.id"""
EXPORT_BATCH: Final = 1000


def cursor_id(text: object) -> UUID:
    """Read an id out of a cursor. Raises Invalid."""
    try:
        return UUID(str(text))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken


async def chart(read: Read) -> list[tuple[UUID, str, str]]:
    """List the accounts by code, without what is on them: id, code and name."""
    return [(row["id"], row["code"], row["name"]) for row in await read.fetch(_CHART, read.tenant)]


async def this_month(read: Read) -> date:
    """Give the first day of the month of the earliest business day that any store has now."""
    rows = await read.fetch("SELECT timezone, day_cutoff_hour FROM store WHERE tenant_id = $1", read.tenant)
    days = [business_day(read.now, row["timezone"], row["day_cutoff_hour"]) for row in rows]
    return min(days, default=business_day(read.now, "UTC")).replace(day=1)


async def accounts(read: Read, period: Period | None = None) -> list[AccountBalance]:
    """List the accounts by code, with what the entries of a period (all, if None) put on them."""
    wanted = period or Period()
    if wanted == Period():
        rows = await read.fetch(f"{_SUMS}{_ACCOUNTS}", read.tenant)
    else:
        days = (wanted.first or date.min, wanted.last or date.max)
        rows = await read.fetch(f"{_SUMS}{_OF_DAYS}{_ACCOUNTS}", read.tenant, *days)
    return [AccountBalance(*row) for row in rows]


async def entries(
    read: Read, period: Period, *, account: UUID | None = None, kind: str = "", limit: int, after: str | None = None
) -> Page[EntryFacts]:
    """List entries with their lines, newest business day first."""
    rare = account is not None and await read.fetchval(_IS_RARE, read.tenant, account, _FEW_LINES)
    where = _conditions(Conditions(read.tenant, account) if rare else Conditions(read.tenant), period)
    if account and not rare:
        where.add(
            "EXISTS (SELECT FROM journal_line x WHERE x.tenant_id = e.tenant_id AND x.entry_id = e.id"
            " AND x.account_id = {})",
            account,
        )
    if kind:
        where.add("e.kind = {}", kind)
    if after:
        day, last = decode_cursor(after, str, str)
        where.add("(e.business_date, e.id) < ({}, {})", _cursor_day(day), cursor_id(last))
    order = " ORDER BY e.business_date DESC, e.id DESC"
    sql = f"{_ENTRIES}{_FEW if rare else _ALL}{where.sql}{order} LIMIT {int(limit) + 1}{_LINES}{order}"
    rows = await read.fetch(sql, *where.args)
    last_row = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor(last_row["business_date"].isoformat(), str(last_row["id"])) if last_row else None
    return Page([_entry(row) for row in rows[:limit]], following)


async def entry(read: Read, id: UUID) -> EntryFacts:
    """Give one entry. Raises NotFound."""
    row = await read.fetchrow(f"{_ENTRIES}{_ALL} AND e.id = $2{_LINES}", read.tenant, id)
    if row is None:
        raise NotFound("entry")
    return _entry(row)


async def journal_after(read: Read, period: Period, last: EntryFacts | None = None) -> list[EntryFacts]:
    """Give the next EXPORT_BATCH entries of a period after `last`, oldest business day first; fewer at the end."""
    where = _conditions(Conditions(read.tenant), period)
    if last is not None:
        where.add("(e.business_date, e.id) > ({}, {})", last.business_date, last.id)
    order = " ORDER BY e.business_date, e.id"
    sql = f"{_ENTRIES}{_ALL}{where.sql}{order} LIMIT {EXPORT_BATCH}{_LINES}{order}"
    return [_entry(row) for row in await read.fetch(sql, *where.args)]


def _conditions(where: Conditions, period: Period) -> Conditions:
    if period.first:
        where.add("e.business_date >= {}", period.first)
    if period.last:
        where.add("e.business_date <= {}", period.last)
    return where


def _cursor_day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken


def _entry(row: Row) -> EntryFacts:
    lines = tuple(Line(*line) for line in row["lines"])
    return EntryFacts(
        row["id"],
        row["store_id"],
        row["store_name"],
        row["kind"],
        row["source_id"],
        row["occurred_at"],
        row["business_date"],
        row["currency"],
        row["memo"],
        lines,
    )
