"""Which models a series is forecast by: the longer its history, the more of them. Loads scikit-learn.

Two forecasts come out. `chart` is near what a usual day will be, for people to look at; it must not be summed. `order`
is the mean, for ordering and for sums over days, products and stores.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from retail.forecasting import baselines, boosting
from retail.forecasting.panel import Flags, Floats, Panel, Whole
from retail.forecasting.ridge import ridge
from retail.forecasting.smoothing import holt_winters

FEWEST_SERIES: Final = 30
RARE: Final = 0.6


class Rung(StrEnum):
    """How much history a series has."""

    NEW = "new"  # under 14 days
    YOUNG = "young"  # under 60
    GROWING = "growing"  # under a year
    GROWN = "grown"


class Model(StrEnum):
    """The forecasts that are compared."""

    NAIVE = "seasonal naive"
    WEEKDAYS = "weekday mean"
    TSB = "tsb"
    RIDGE = "ridge"
    POISSON = "boosted mean"
    MEDIAN = "boosted median"
    ORDER = "blend for ordering"
    CHART = "blend for charts"


SUMMABLE: Final = (Model.NAIVE, Model.WEEKDAYS, Model.TSB, Model.RIDGE, Model.POISSON, Model.ORDER)
"""Forecasts of the mean, whose sum is the forecast of the sum."""
_STEPS: Final = ((14, Rung.NEW), (60, Rung.YOUNG), (365, Rung.GROWING))


@dataclass(frozen=True, slots=True)
class Made:
    """Forecasts by model, each (series, horizon), units a day; and where each series stands."""

    by_model: dict[Model, Floats]
    rungs: tuple[Rung, ...]
    boosted: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """The two boosted models, fitted once and used for some days."""

    poisson: boosting.Boosted
    median: boosting.Boosted


def rung_of(age: int) -> Rung:
    """Tell where a series of that many days stands."""
    return next((rung for below, rung in _STEPS if age < below), Rung.GROWN)


def learn(panel: Panel) -> Learned | None:
    """Fit the boosted models; None where fewer than 30 series have a year of history, or nothing was ever sold."""
    if (panel.ages() >= 365).sum() < FEWEST_SERIES:
        return None
    drawn = boosting.examples(panel)
    poisson, median = (boosting.fit(drawn, loss) for loss in ("poisson", "absolute_error"))
    return Learned(poisson, median) if poisson and median else None


def forecast(panel: Panel, horizon: int, *, peers: Whole | None = None, learned: Learned | None = None) -> Made:
    """Forecast every series by all models that its history allows; `learned`, where it was fitted before.

    A model that a series is too young for says what its rung says instead.
    """
    horizon = min(horizon, panel.days - panel.known)
    learned = learned or learn(panel)
    rungs = tuple(rung_of(int(age)) for age in panel.ages())
    naive, weekdays = baselines.seasonal_naive(panel, horizon), baselines.weekday_mean(panel, horizon)
    rare, smooth = baselines.zero_share(panel) > RARE, baselines.tsb(panel, horizon)
    low = _lower_rungs(panel, horizon, rungs, peers, np.where(rare[:, None], smooth, weekdays))
    by_model = {Model.NAIVE: naive, Model.WEEKDAYS: weekdays, Model.TSB: smooth}
    grown = np.array([rung is Rung.GROWN for rung in rungs])[:, None]
    lines = ridge(panel, horizon)
    by_model[Model.RIDGE] = np.where(grown, lines, low)
    if learned is None:
        few = (lines + holt_winters(panel, horizon)) / 2
        by_model[Model.ORDER] = by_model[Model.CHART] = np.where(grown, few, low)
        return Made(by_model, rungs, boosted=False)
    mean, median = boosting.predict(learned.poisson, panel, horizon), boosting.predict(learned.median, panel, horizon)
    by_model[Model.POISSON], by_model[Model.MEDIAN] = np.where(grown, mean, low), np.where(grown, median, low)
    by_model[Model.ORDER] = np.where(grown, _mean([mean, lines], smooth, rare), low)
    by_model[Model.CHART] = np.where(grown, _mean([mean, median, lines], smooth, rare), low)
    return Made(by_model, rungs, boosted=True)


def _mean(parts: list[Floats], smooth: Floats, rare: Flags) -> Floats:
    """Give the mean of the parts, with TSB among them for what is rarely sold."""
    total = np.sum(parts, axis=0)
    return np.asarray(np.where(rare[:, None], (total + smooth) / (len(parts) + 1), total / len(parts)))


def _lower_rungs(panel: Panel, horizon: int, rungs: tuple[Rung, ...], peers: Whole | None, simple: Floats) -> Floats:
    """Forecast what has less than a year; rows of grown series mean nothing."""
    made = baselines.cold_start(panel, horizon, peers)
    places = {rung: np.array([one is rung for one in rungs]) for rung in (Rung.YOUNG, Rung.GROWING)}
    if places[Rung.YOUNG].any():
        made = np.where(places[Rung.YOUNG][:, None], baselines.shrunk_weekdays(panel, horizon), made)
    if places[Rung.GROWING].any():
        both = (ridge(panel, horizon, yearly=False) + simple) / 2
        made = np.where(places[Rung.GROWING][:, None], both, made)
    return made
