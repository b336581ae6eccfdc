"""How a business is used and how it fares, as the operator sees it: counts and times, never what is sold to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from retail.runtime import set_aside
from retail.runtime.db import Read
from retail.sales.alarms import KIND as DOUBTED
from retail.tenants.queries import till_states

DAYS: Final = 14
"""So many days of sales are shown, today among them."""
DOUBT_DAYS: Final = 30
CHECKS: Final = "checks.nightly"
"""The job of retail/nightly.py, which lies above."""
_ONE_NIGHT: Final = timedelta(hours=12)

_SOLD: Final = """
SELECT d.day::date AS day, coalesce(sum(h.sales), 0)::bigint AS sales
  FROM generate_series($2::date - $3::integer + 1, $2::date, interval '1 day') AS d (day)
  LEFT JOIN sales_hour h ON h.tenant_id = $1 AND h.business_date = d.day::date
 GROUP BY d.day ORDER BY d.day"""
_INSIDE: Final = """
SELECT (SELECT count(*) FROM job WHERE tenant_id = $1 AND failed_at IS NOT NULL AND name = $2) AS set_aside,
       (SELECT count(*) FROM job WHERE tenant_id = $1 AND failed_at IS NOT NULL AND name <> $2) AS jobs_failed,
       (SELECT max(finished_at) FROM job WHERE tenant_id = $1 AND name = $3) AS proved_at,
       (SELECT max(created_at) FROM notice WHERE tenant_id = $1 AND kind = 'checks_failed') AS red_at,
       (SELECT count(DISTINCT subject_id) FROM notice
         WHERE tenant_id = $1 AND kind = $4 AND created_at > $5) AS doubted"""


@dataclass(frozen=True, slots=True)
class Day:
    """What was sold on one day, returns not counted."""

    day: date
    sales: int


@dataclass(frozen=True, slots=True)
class Use:
    """How a business is used; `offline` tills have a device that is not heard of."""

    days: list[Day]
    last_sign_in: datetime | None
    online: int
    offline: int

    @property
    def most(self) -> int:
        """Give the sales of the busiest day, 1 at least."""
        return max([1, *(one.sales for one in self.days)])


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong in a business: `books` is None before the first nightly check, else whether all of it agreed."""

    set_aside: int
    jobs_failed: int
    letters_failed: int
    letters_due: int
    doubted: int
    offline: int
    books: bool | None
    proved_at: datetime | None


async def wellbeing(read: Read, today: date) -> tuple[Use, Health]:
    """Read how a business is used and how it fares; `today` is its own day."""
    sold = await read.fetch(_SOLD, read.tenant, today, DAYS)
    since = read.now - timedelta(days=DOUBT_DAYS)
    row = await read.fetchrow(_INSIDE, read.tenant, set_aside.JOB, CHECKS, DOUBTED, since)
    facts = await read.fetchrow("SELECT * FROM auth_business_facts($1)", read.tenant)
    states = (await till_states(read)).values()
    if row is None or facts is None:
        raise LookupError("a statement of one row gave none")
    online = sum(state.connected for state in states)
    offline = len(states) - online
    red = row["red_at"] is not None and row["proved_at"] is not None and row["red_at"] > row["proved_at"] - _ONE_NIGHT
    use = Use([Day(one["day"], one["sales"]) for one in sold], facts["last_sign_in"], online, offline)
    books = None if row["proved_at"] is None else not red
    return use, Health(
        row["set_aside"], row["jobs_failed"], facts["letters_failed"], facts["letters_due"], row["doubted"], offline,
        books, row["proved_at"],
    )  # fmt: skip
