"""Offers as the models see them: flags by day, and what an offer brings where the past can't say. Loads numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np

from retail.analytics.rollups.sources import NOBODY
from retail.forecasting.panel import Flags, Floats
from retail.foresight.history import History, Sold, Subject
from retail.foresight.planned import AHEAD, LEAST, Planned
from retail.foresight.responses import Response, without_own


def offered(past: History, subjects: Sequence[Subject], days: int) -> Flags:
    """Tell on which days each product of a store was, or will be, on offer."""
    flags = np.zeros((len(subjects), days), dtype=np.bool_)
    of = _by_product(past)
    for at, (store, product) in enumerate(subjects):
        for one in of.get(product, ()):
            if one.is_in(store):
                flags[at, _span(past, one, days)] = True
    return flags


def raised(past: History, sold: Sold, answers: Mapping[UUID, Response]) -> Floats | None:
    """Give by how much planned offers lift each day to come, of products that hardly had any; None where none do."""
    subjects = tuple(sold.amounts)
    count = (past.last - past.first).days + 1
    lifts = np.ones((len(subjects), AHEAD))
    of, flags = _by_product(past), offered(past, subjects, count)
    whole = answers.get(NOBODY, Response())
    for at, (store, product) in enumerate(subjects):
        if flags[at].sum() >= LEAST:
            continue  # its own past says what offers do: the models have learned it
        answer = answers.get(product) or without_own(whole)
        for one in of.get(product, ()):
            if one.is_in(store):
                span = _span(past, one, count + AHEAD)
                ahead = slice(max(span.start - count, 0), max(span.stop - count, 0))
                lifts[at, ahead] = np.maximum(lifts[at, ahead], one.ratio**answer.elasticity)
    return lifts if (lifts > 1).any() else None


def _by_product(past: History) -> Mapping[UUID, list[Planned]]:
    found: dict[UUID, list[Planned]] = {}
    for one in past.planned:
        found.setdefault(one.product, []).append(one)
    return found


def _span(past: History, one: Planned, days: int) -> slice:
    """Give the columns of an offer's days."""
    end = past.first + timedelta(days=days - 1) if one.last is None else one.last
    return slice(max((one.first - past.first).days, 0), min((end - past.first).days + 1, days))
