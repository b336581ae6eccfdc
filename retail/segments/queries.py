"""Who is in which segment, what each adds up to, who moved, who comes back, and how good all of that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from retail.customers.segmented import Segment
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import Forbidden
from retail.kit.folding import folded
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order, Orders
from retail.segments.past import Hour
from retail.segments.rules import Risk, risk_bounds

_ID: Final = Key("f.customer_id", "customer", UUID)
ORDERS: Final = Orders(
    Order("value", (Key("f.value_minor", "value_minor", int), _ID), descending=True),
    Order("spent", (Key("f.spend_minor", "spend_minor", int), _ID), descending=True),
    Order("risk", (Key("f.risk_permille", "risk_permille", int), _ID), descending=True),
    Order("last", (Key("f.last_on", "last_on", date), _ID), descending=True),
    Order("next", (Key("f.next_on", "next_on", date), _ID)),
    Order("visits", (Key("f.visits", "visits", int), _ID), descending=True),
)
# The run is a parameter and no join: so the indexes give a list in its order, however many customers there are.
_LISTED: Final = """
SELECT f.customer_id AS customer, c.name, f.segment, f.recency, f.frequency, f.money, f.visits, f.sales, f.spend_minor,
       f.first_on, f.last_on, f.interval_days, f.next_on, f.risk_permille, f.value_minor
  FROM customer_standing f JOIN customer c ON c.tenant_id = f.tenant_id AND c.id = f.customer_id
 WHERE f.tenant_id = $1 AND f.run = $2"""
_RUN: Final = """
SELECT s.shown, s.risk_known, s.value_method IS NOT NULL AS value_known FROM segment_state s WHERE s.tenant_id = $1
"""
_WORD: Final = "strpos(c.search_text, {}) > 0"
_STATE: Final = """
SELECT s.worked_out_at, s.first_day, s.last_day, s.standing, s.customers, s.history_days, s.pause_days, s.lost_days,
       s.value_method, s.value_days, s.value_error_minor, s.floor_error_minor, s.value_told_minor, s.value_came_minor,
       s.risk_known, s.risk_auc_permille, s.risk_low_permille, s.risk_high_permille, s.risk_all_permille,
       j.id IS NOT NULL AND j.finished_at IS NULL AND j.failed_at IS NULL AS running,
       j.failed_at IS NOT NULL AS failed, coalesce(j.done, 0) AS done, coalesce(j.total, 0) AS total
  FROM segment_state s LEFT JOIN job j ON j.tenant_id = s.tenant_id AND j.id = s.job_id
 WHERE s.tenant_id = $1
"""
_TOTALS: Final = """
SELECT t.segment, t.customers, t.sales, t.spend_minor, t.value_minor, t.at_high
  FROM segment_state s JOIN segment_total t ON t.tenant_id = s.tenant_id AND t.run = s.shown
 WHERE s.tenant_id = $1
"""
_COHORTS: Final = """
SELECT t.first_month, t.later, t.customers, t.came
  FROM segment_state s JOIN segment_cohort t ON t.tenant_id = s.tenant_id AND t.run = s.shown
 WHERE s.tenant_id = $1 ORDER BY t.first_month, t.later
"""
_RHYTHM: Final = """
SELECT t.weekday, t.hour, t.sales, t.spend_minor AS spend
  FROM segment_state s JOIN segment_rhythm t ON t.tenant_id = s.tenant_id AND t.run = s.shown
 WHERE s.tenant_id = $1 ORDER BY t.weekday, t.hour
"""


@dataclass(frozen=True, slots=True)
class State:
    """How far a business's segments are, and how good; `worked_out_at` None: never yet. Shares are in thousandths."""

    worked_out_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    standing: str | None = None
    customers: int = 0
    history_days: int = 0
    pause_days: int | None = None
    lost_days: int | None = None
    value_method: str | None = None
    value_days: int | None = None
    value_error_minor: int | None = None
    floor_error_minor: int | None = None
    value_told_minor: int | None = None
    value_came_minor: int | None = None
    risk_known: bool = False
    risk_auc_permille: int | None = None
    risk_low_permille: int | None = None
    risk_high_permille: int | None = None
    risk_all_permille: int | None = None
    running: bool = False
    failed: bool = False
    done: int = 0
    total: int = 0

    @property
    def ready(self) -> bool:
        """Claim that segments are told."""
        return self.standing == "ready"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer stands: scores 1 to 5, money in minor units; `risk` in thousandths, None where it isn't known."""

    customer: UUID
    name: str
    segment: Segment
    recency: int
    frequency: int
    money: int
    visits: int
    sales: int
    spend_minor: int
    first_on: date
    last_on: date
    interval_days: int
    next_on: date
    risk: int | None
    value_minor: int | None


@dataclass(frozen=True, slots=True)
class Total:
    """What a segment adds up to; `at_high` of its customers have a high risk."""

    segment: Segment
    customers: int
    sales: int
    spend_minor: int
    value_minor: int
    at_high: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Of who bought for the first time in a month, how many came so many months later."""

    first_month: date
    later: int
    customers: int
    came: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers are wanted."""

    text: str = ""
    segment: Segment | None = None
    risk: Risk | None = None


def sees_all(read: Read) -> bool:
    """Claim that whoever asks sees all stores: what customers spend is of all of them together."""
    return read.scope.stores is None


def require_all(read: Read) -> None:
    """Raise Forbidden for who doesn't see all stores."""
    if not sees_all(read):
        raise Forbidden(VIEW_DASHBOARD)


async def state(read: Read) -> State:
    """Tell when segments were last worked out, how good values and risks are, and how far a run is."""
    row = await read.fetchrow(_STATE, read.tenant)
    return State(**dict(row)) if row else State()


async def totals(read: Read) -> dict[Segment, Total]:
    """Tell what each segment adds up to; one without customers is left out. Raises Forbidden."""
    require_all(read)
    return {row["segment"]: Total(**dict(row)) for row in await read.fetch(_TOTALS, read.tenant)}


async def cohorts(read: Read) -> list[Cohort]:
    """Tell who came back month by month, the oldest first. Raises Forbidden."""
    require_all(read)
    return [Cohort(**dict(row)) for row in await read.fetch(_COHORTS, read.tenant)]


async def rhythm(read: Read) -> list[Hour]:
    """Tell in which hours of the week known customers buy. Raises Forbidden."""
    require_all(read)
    return [Hour(**dict(row)) for row in await read.fetch(_RHYTHM, read.tenant)]


async def customers(
    read: Read, wanted: Wanted, *, limit: int, after: str | None = None, order: Order = ORDERS.usual
) -> Page[Standing]:
    """Give a page of how customers stand. Raises Forbidden, Invalid for a cursor that is none."""
    require_all(read)
    known = await _known(read)
    where = Conditions(read.tenant, known.run)
    if wanted.segment:
        where.add("f.segment = {}", wanted.segment)
    if wanted.risk:
        least, most = risk_bounds(wanted.risk)
        where.add("{} AND f.risk_permille >= {} AND f.risk_permille < {}", known.risk, least, most)
    for word in folded(wanted.text).split():
        where.add(_WORD, word)
    order.go_on(where, after)
    sql = f"{_LISTED}{where.sql} ORDER BY {order.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([_standing(dict(row), known) for row in rows[:limit]], order.following(rows, limit))


async def standing_of(read: Read, customer: UUID) -> Standing | None:
    """Give how a customer stands; None for who has not bought, or nothing is told of. Raises Forbidden."""
    require_all(read)
    known = await _known(read)
    row = await read.fetchrow(f"{_LISTED} AND f.customer_id = $3", read.tenant, known.run, customer)
    return _standing(dict(row), known) if row else None


@dataclass(frozen=True, slots=True)
class _Known:
    """Which run is shown, and whether it told risks and values."""

    run: int = 0
    risk: bool = False
    value: bool = False


async def _known(read: Read) -> _Known:
    row = await read.fetchrow(_RUN, read.tenant)
    return _Known(*row.values()) if row else _Known()


def _standing(row: dict[str, Any], known: _Known) -> Standing:
    risk, value = row.pop("risk_permille"), row.pop("value_minor")
    return Standing(**row, risk=risk if known.risk else None, value_minor=value if known.value else None)
