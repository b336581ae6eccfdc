"""Offers as the models see them: flags by day; and what those that are planned bring. Loads numpy.

docs/algorithms/foresight.md, section 7: the models learn from the offers of the past, and forecast days to come as if
there were none. What one that is planned brings is said by the one rule that what if goes by too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import numpy as np

from retail.analytics.rollups.sources import NOBODY
from retail.forecasting.ladder import Learned, Model, Rung, forecast, rung_of
from retail.forecasting.panel import Flags, Floats, Panel
from retail.forecasting.ridge import ridge
from retail.foresight.history import History, Subject
from retail.foresight.planned import AHEAD, LEAST, Planned
from retail.foresight.responses import SMALLEST_MOVE, Response, held, without_own

_RUNGS: Final = (Rung.GROWING, Rung.GROWN)
"""Younger series are forecast without a look at offers."""


def offered(past: History, subjects: Sequence[Subject], days: int) -> Flags:
    """Tell on which days each product of a store was, or will be, on offer."""
    flags = np.zeros((len(subjects), days), dtype=np.bool_)
    of = _by_product(past)
    for at, (store, product) in enumerate(subjects):
        for one in of.get(product, ()):
            if one.is_in(store):
                flags[at, _span(past, one, days)] = True
    return flags


def prices(past: History, subjects: Sequence[Subject], days: int) -> Floats:
    """Give each day's price of each product of a store over its usual one: that of the largest offer, else 1."""
    found = np.ones((len(subjects), days))
    of = _by_product(past)
    for at, (store, product) in enumerate(subjects):
        for one in of.get(product, ()):
            if one.is_in(store):
                span = _span(past, one, days)
                found[at, span] = np.minimum(found[at, span], one.ratio)
    return found


def without_planned(whole: Panel) -> Panel:
    """Forget the offers on days to come; those of the past stay known."""
    return _with_ahead(whole, on=False)


def taught(
    past: History, whole: Panel, subjects: Sequence[Subject], by: Learned | None, answers: Mapping[UUID, Response]
) -> dict[UUID, Response]:
    """Give the answers that the models learned of products that were on offer for a week or more.

    Each is forecast with all days to come on offer, and with none; the elasticity is what explains the difference by
    the usual depth of its offers: ln(with / without) / ln(price). `whole` knows no offers ahead.
    """
    known = whole.known
    paid = prices(past, subjects, known)
    on = (paid < 1 - SMALLEST_MOVE) & whole.usable
    rows = np.array([rung in _RUNGS for rung in _rungs(whole)]) & (on.sum(axis=1) >= LEAST)
    if not rows.any():
        return {}
    part, places = whole.rows(rows), np.flatnonzero(rows).tolist()
    grown = np.array([rung is Rung.GROWN for rung in _rungs(part)])
    all_on = _with_ahead(part, on=True)
    with_it, without = (_learned(one, grown, by) for one in (all_on, part))
    depth = np.where(on[rows], np.log(paid[rows]), 0.0).sum(axis=1)
    days = on[rows].sum(axis=1)
    found: dict[UUID, Response] = {}
    for product in dict.fromkeys(subjects[at][1] for at in places):
        of = [at for at, place in enumerate(places) if subjects[place][1] == product]
        plain = float(without[of].sum())
        lifted = float(with_it[of].sum())
        if plain <= 0 or lifted <= 0:
            continue
        usual = float(depth[of].sum() / days[of].sum())
        own = answers.get(product) or without_own(answers.get(NOBODY, Response()))
        offers = max(own.offers, _begun(past, product))
        found[product] = replace(own, elasticity=held(float(np.log(lifted / plain)) / usual), offers=offers).as_kept()
    return found


def _learned(part: Panel, grown: Flags, by: Learned | None) -> Floats:
    """Forecast as the rung does, but a growing series by the line alone: its other half doesn't look at offers."""
    whole = forecast(part, AHEAD, learned=by).by_model[Model.ORDER]
    return np.where(grown[:, None], whole, ridge(part, AHEAD, yearly=False))


def _rungs(whole: Panel) -> list[Rung]:
    return [rung_of(int(age)) for age in whole.ages()]


def _with_ahead(whole: Panel, *, on: bool) -> Panel:
    flags = np.array(whole.promo)
    flags[:, whole.known :] = on
    return replace(whole, promo=flags)


def _begun(past: History, product: UUID) -> int:
    return sum(1 for one in past.planned if one.product == product and one.first <= past.last)


def _by_product(past: History) -> Mapping[UUID, list[Planned]]:
    found: dict[UUID, list[Planned]] = {}
    for one in past.planned:
        found.setdefault(one.product, []).append(one)
    return found


def _span(past: History, one: Planned, days: int) -> slice:
    """Give the columns of an offer's days."""
    end = past.first + timedelta(days=days - 1) if one.last is None else one.last
    return slice(max((one.first - past.first).days, 0), max(min((end - past.first).days + 1, days), 0))
