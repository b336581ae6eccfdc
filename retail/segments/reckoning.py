"""All that a run tells of a business's customers, from their visits; for the worker alone, on one processor.

Same visits, same numbers: customers stand in the order of their ids and every seed is fixed.
docs/algorithms/segments.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from retail.customers.segmented import Segment
from retail.segments import churn, clusters, rules
from retail.segments.clusters import Model
from retail.segments.history import Real, Stand, Visits, Whole, scores, stand
from retail.segments.lifetime import worth
from retail.segments.rules import METHODS, Method, Standing

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Valued:
    """How a backtest of values came out: which method is used, how far off it was per customer, and the floor."""

    method: Method
    days: int
    error: int
    floor: int
    told: int
    came: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found. `of` holds rows per customer, in the order of all other columns; the rest is the business's."""

    standing: Standing
    customers: int
    history: int
    of: Stand | None = None
    segments: Sequence[Segment] = ()
    scores: tuple[Whole, Whole, Whole] | None = None
    risk: Real | None = None
    value: Whole | None = None
    model: Model | None = None
    valued: Valued | None = None
    tested: churn.Tested | None = None
    cohorts: Sequence[tuple[date, int, int, int]] = ()
    moves: Sequence[tuple[int, date, Segment | None, Segment]] = field(default_factory=list)


def reckon(known: Visits, today: int, kept: Model | None, *, backwards: bool) -> Found:
    """Work everything out as of the end of a day; `kept` are clusters that were fitted within the last week.

    `backwards`: tell the moves at the month ends of the past year too.
    """
    with threadpool_limits(limits=1):
        now = stand(known, today)
        first = int(now.first.min()) if len(now) else today
        ready = rules.standing(len(now), today - first)
        if ready != "ready":
            return Found(ready, len(now), today - first)
        model = kept if kept is not None and _holds(kept, today) else clusters.fit(now)
        found, habit = clusters.segments(model, now), churn.learn(known, today, first)
        valued = value_test(known, today, first)
        return Found(
            ready, len(now), today - first, now, found, scores(now), habit.risk(now) if habit else None,
            _value(valued.method, known, now) if valued else None, model, valued, churn.tested(known, today, first),
            cohorts(known, today), moves(known, now, found, model) if backwards else [],
        )  # fmt: skip


def value_test(known: Visits, today: int, first: int) -> Valued | None:
    """Predict the last days from those before them by every method, and choose the one that is least wrong.

    None where too few came twice, or the history is too short. Of equals the one that is named first.
    """
    days = rules.tested_days(today - first)
    if days is None:
        return None
    then = stand(known, today - days)
    if int((then.visits > 1).sum()) < rules.LEAST_FOR_VALUE:
        return None
    came = known.spent_in(today - days + 1, today)[then.who]
    lately = known.spent_in(today - 2 * days + 1, today - days)[then.who]
    told = {one: worth(one, then, days, lately) for one in METHODS}
    errors = {one: float(np.abs(told[one] - came).mean()) for one in METHODS}
    best = min(METHODS, key=errors.__getitem__)
    return Valued(
        best, days, round(errors[best]), round(errors["last"]), round(float(told[best].sum())), int(came.sum())
    )


def _value(method: Method, known: Visits, now: Stand) -> Whole:
    lately = known.spent_in(now.day - rules.VALUE_DAYS + 1, now.day)[now.who]
    return np.rint(worth(method, now, rules.VALUE_DAYS, lately)).astype(np.int64)


def cohorts(known: Visits, today: int) -> list[tuple[date, int, int, int]]:
    """Tell of each of the last twelve months how many bought then for the first time, and came so many months later.

    Rows of month, months later, customers, how many came; month 0 is the month itself.
    """
    came = known.sales > 0
    who, month = known.who[came], _months(known.day[came])
    first = np.full(known.people, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, who, month)
    pairs = np.unique(np.column_stack([who, month]), axis=0)
    began, later = first[pairs[:, 0]], pairs[:, 1] - first[pairs[:, 0]]
    running = int(_months(np.array([today]))[0])
    rows: list[tuple[date, int, int, int]] = []
    for start in range(running - _MONTHS, running + 1):
        counts = np.bincount(later[began == start], minlength=running - start + 1)
        if counts[0]:
            told = date(start // _MONTHS, start % _MONTHS + 1, 1)
            rows.extend((told, step, int(counts[0]), int(counts[step])) for step in range(running - start + 1))
    return rows


def moves(
    known: Visits, now: Stand, today: Sequence[Segment], model: Model
) -> list[tuple[int, date, Segment | None, Segment]]:
    """Tell who moved between segments at the month ends of the last year and since, by today's clusters.

    Rows of whose, when, from and to; from None for who had not bought before. The earliest month end has none.
    """
    first = date.fromordinal(int(known.day.min()) + rules.LEAST_DAYS)
    ends = rules.month_ends(date.fromordinal(now.day), first)
    found: list[tuple[int, date, Segment | None, Segment]] = []
    before: dict[int, Segment] | None = None
    for on, stood, told in _stands(known, ends, model, (now, today)):
        at = dict(zip(stood.who.tolist(), told, strict=True))
        if before is not None:
            found.extend((one, on, before.get(one), to) for one, to in at.items() if before.get(one) != to)
        before = at
    return found


def _stands(
    known: Visits, ends: Sequence[date], model: Model, now: tuple[Stand, Sequence[Segment]]
) -> Iterator[tuple[date, Stand, Sequence[Segment]]]:
    for end in ends:
        stood = stand(known, end.toordinal())
        yield end, stood, clusters.segments(model, stood)
    yield date.fromordinal(now[0].day), *now


def _months(days: Whole) -> Whole:
    """Give the number of each day's month: twelve times the year, and January is 0."""
    distinct, places = np.unique(days, return_inverse=True)
    numbers = np.array([(one := date.fromordinal(int(day))).year * _MONTHS + one.month - 1 for day in distinct])
    found: Whole = numbers[places]
    return found


def _holds(kept: Model, today: int) -> bool:
    return timedelta(0) <= date.fromordinal(today) - kept.fitted_on < rules.REFIT
