"""The report of cashiers: how often each did something in a hundred sales, beside the others of the store.

Read from `cashier_hour`, and from the records that are exceptions: docs/algorithms/anomalies.md, 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.kit.money import mul_div
from retail.risk.exceptions import DAY_OF, FOUND, HOUR_OF, KINDS, begin_of
from retail.risk.peers import Compared, compare, expected
from retail.runtime.db import Read

MOST_DAYS: Final = 92
SMALL_BASKET: Final = 0.8
BASKET_SALES: Final = 100
_PART_HOURS: Final = 4

Who = tuple[UUID, UUID]
Time = tuple[int, int]
Sums = dict[Who, dict[Time, list[int]]]

_SOLD: Final = """
SELECT h.store_id, h.cashier_id, extract(isodow FROM h.business_date)::int AS weekday,
       h.local_hour / $6::int AS part, h.business_date >= $5::date AS asked, sum(h.sales)::bigint AS sales,
       sum(h.units) AS units, sum(h.revenue_minor + h.refunds_minor)::bigint AS revenue
  FROM cashier_hour h
 WHERE h.tenant_id = $1 AND h.business_date BETWEEN $2 AND $3 AND ($4::uuid[] IS NULL OR h.store_id = ANY ($4))
   AND h.cashier_id <> $7
 GROUP BY 1, 2, 3, 4, 5"""
_DONE: Final = f"""{FOUND}
SELECT f.store_id, f.cashier_id, extract(isodow FROM {DAY_OF})::int AS weekday, {HOUR_OF} / $6::int AS part,
       {DAY_OF} >= $5::date AS asked, f.kind, count(*)::bigint AS seen, sum(f.amount_minor)::bigint AS amount
  FROM found f GROUP BY 1, 2, 3, 4, 5, 6"""  # noqa: S608 - constants alone
_NAMES: Final = """
SELECT m.person_id, min(m.name) AS name FROM membership m
 WHERE m.tenant_id = $1 AND m.person_id = ANY ($2::uuid[]) GROUP BY m.person_id"""


@dataclass(frozen=True, slots=True)
class Line:
    """A cashier in a store: what they sold, and each measure beside the others; amounts in minor units."""

    store: UUID
    store_name: str
    cashier: UUID
    cashier_name: str
    sales: int
    units: Decimal
    revenue: int
    measures: Mapping[str, Compared]
    amounts: Mapping[str, int]
    basket_beside: float | None
    """The average sale as a share of what the others' would have been at the same times."""

    @property
    def basket(self) -> int | None:
        """Give what a sale came to, returns aside."""
        return mul_div(self.revenue, 1, self.sales) if self.sales else None

    @property
    def items(self) -> Decimal | None:
        """Give the units of a sale."""
        return round(self.units / self.sales, 1) if self.sales else None

    @property
    def small(self) -> bool:
        """Claim that its sales are conspicuously small."""
        return self.basket_beside is not None and self.sales >= BASKET_SALES and self.basket_beside <= SMALL_BASKET

    @property
    def strange(self) -> float:
        """Give how rare the rarest of its measures is, as a chance; 1 where nobody can be compared."""
        return min((one.chance for one in self.measures.values() if one.chance is not None), default=1.0)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was sold and done by whom at what times: in the time asked for (`own`), and in that of the others."""

    own_sales: Sums
    other_sales: Sums
    own_done: Mapping[str, Sums]
    other_done: Mapping[str, Sums]
    units: Mapping[Who, Decimal]


async def report(
    read: Read, first: date, last: date, *, stores: Sequence[UUID] | None = None, but: UUID | None = None
) -> list[Line]:
    """Give the lines of the business days `first` to `last`, who stands out most first; without `but`'s own."""
    begin = begin_of(first, last)
    known = await _gather(read, begin, first, last, stores)
    asked = {who for sums in (known.own_sales, *known.own_done.values()) for who in sums}
    names = await _names(read, {cashier for _store, cashier in asked})
    called = {row["id"]: row["name"] for row in await read.fetch(_STORES, read.tenant)}
    lines = [_line(known, who, called.get(who[0], "?"), names.get(who[1], "?")) for who in asked if who[1] != but]
    return sorted(lines, key=lambda one: (one.strange, one.store_name, one.cashier_name, str(one.cashier)))


_STORES: Final = "SELECT id, name FROM store WHERE tenant_id = $1"


async def _gather(read: Read, begin: date, first: date, last: date, stores: Sequence[UUID] | None) -> Gathered:
    args = (read.tenant, begin, last, None if stores is None else list(stores), first, _PART_HOURS)
    known = Gathered(_sums(), _sums(), {kind: _sums() for kind in KINDS}, {kind: _sums() for kind in KINDS}, {})
    units: dict[Who, Decimal] = defaultdict(Decimal)
    for row in await read.fetch(_SOLD, *args, NOBODY):
        who, time = (row["store_id"], row["cashier_id"]), (row["weekday"], row["part"])
        for sums in (known.other_sales, *((known.own_sales,) if row["asked"] else ())):
            _add(sums[who][time], row["sales"], row["revenue"])
        if row["asked"]:
            units[who] += row["units"]
    for row in await read.fetch(_DONE, *args):
        who, time = (row["store_id"], row["cashier_id"]), (row["weekday"], row["part"])
        for kinds in (known.other_done, *((known.own_done,) if row["asked"] else ())):
            _add(kinds[row["kind"]][who][time], row["seen"], row["amount"])
    return Gathered(known.own_sales, known.other_sales, known.own_done, known.other_done, units)


def _line(known: Gathered, who: Who, store: str, cashier: str) -> Line:
    sold = known.own_sales.get(who, {})
    others = [one for one in known.other_sales if one[0] == who[0] and one != who]
    there = _together(known.other_sales, others)
    measures, amounts = {}, {}
    for kind in KINDS:
        done = known.own_done[kind].get(who, {})
        by_others = _together(known.other_done[kind], others)
        measures[kind] = compare(_pairs(sold, done), _pairs(there, by_others))
        amounts[kind] = sum(amount for _seen, amount in done.values())
    sales, revenue = (sum(pair[at] for pair in sold.values()) for at in (0, 1))
    usual = expected({time: (pair[0], pair[1]) for time, pair in sold.items()},
                     {time: (pair[0], pair[1]) for time, pair in there.items()})  # fmt: skip
    beside = revenue / usual if usual and sales else None
    return Line(
        who[0], store, who[1], cashier, sales, known.units.get(who, Decimal(0)), revenue, measures, amounts, beside
    )


def _pairs(sold: Mapping[Time, Sequence[int]], done: Mapping[Time, Sequence[int]]) -> dict[Time, tuple[int, int]]:
    """Put sales and acts of each time together; an act may lie where nothing was sold."""
    times = {*sold, *done}
    return {time: (sold[time][0] if time in sold else 0, done[time][0] if time in done else 0) for time in times}


def _together(sums: Mapping[Who, Mapping[Time, Sequence[int]]], who: Iterable[Who]) -> dict[Time, list[int]]:
    found: dict[Time, list[int]] = defaultdict(lambda: [0, 0])
    for one in who:
        for time, (count, amount) in sums.get(one, {}).items():
            _add(found[time], count, amount)
    return found


def _add(to: list[int], count: int, amount: int) -> None:
    to[0] += count
    to[1] += amount


def _sums() -> Sums:
    return defaultdict(lambda: defaultdict(lambda: [0, 0]))


async def _names(read: Read, people: Iterable[UUID]) -> dict[UUID, str]:
    return {row["person_id"]: row["name"] for row in await read.fetch(_NAMES, read.tenant, list(people))}
