"""Forecast from days of the past and look at what came: errors by level, days ahead and model. Loads scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from retail.forecasting import intervals, metrics
from retail.forecasting.baselines import seasonal_naive
from retail.forecasting.champions import Choice, choose
from retail.forecasting.intervals import Errors
from retail.forecasting.ladder import SUMMABLE, Made, Model, forecast
from retail.forecasting.panel import Floats, Key, Panel, Whole, summed
from retail.forecasting.ridge import ridge

HORIZONS: Final = (7, 28, 90)
ROUNDS: Final = 3
APART: Final = 28
LEAST_HISTORY: Final = 14


class Level(StrEnum):
    """What is added up before errors are taken."""

    PRODUCT = "product"
    STORE = "store"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Round:
    """One origin. past: what was known there. sold: (series, horizon), NaN where a day isn't scored."""

    origin: int
    past: Panel
    sold: Floats
    by_model: dict[Model, Floats]


@dataclass(frozen=True, slots=True)
class Score:
    """How good one model was at one level, up to one day ahead, in one round; `bias` and `wape` as shares."""

    level: Level
    model: Model
    horizon: int
    origin: int
    rmsse: float
    mase: float
    wape: float
    bias: float
    cover: float


def origins(known: int, *, rounds: int = ROUNDS, apart: int = APART, horizon: int = 90) -> tuple[list[int], int]:
    """Choose days to forecast from, the earliest first, and how far ahead, so that each can be looked at whole.

    Where the history is too short for that, 90, 28 or 7 are looked at; none where even that doesn't fit.
    """
    for ahead in (horizon, *(one for one in reversed(HORIZONS) if one < horizon)):
        step = min(apart, ahead)
        first = known - ahead - step * (rounds - 1)
        if first >= LEAST_HISTORY + ahead:
            return [first + step * at for at in range(rounds)], ahead
    return [], 0


def rolling(
    whole: Panel, at: Sequence[int], horizon: int, *, tell: Callable[[int], None] = lambda _at: None
) -> Iterator[Round]:
    """Forecast from each origin with what was known there, all models of the ladder."""
    usable = whole.usable
    for origin in at:
        tell(origin)
        past = whole.until(origin)
        made: Made = forecast(past, horizon)
        inside = slice(origin, min(origin + horizon, whole.known))
        sold = np.full((len(whole.keys), horizon), np.nan)
        sold[:, : inside.stop - origin] = np.where(usable[:, inside], whole.quantity[:, inside], np.nan)
        yield Round(origin, past, sold, made.by_model)


def lifted(of: Round, level: Level) -> Round:
    """Add a round up to stores or to all: only forecasts of the mean, beside a seasonal naive and a ridge of the sum.

    A day counts when one of its series is scored; those that aren't are left out of both sides.
    """
    if level is Level.PRODUCT:
        return of
    keys, groups = _groups(of.past, level)
    past = summed(of.past, groups, keys)
    scored = np.isfinite(of.sold)

    def total(values: Floats) -> Floats:
        made = np.zeros((len(keys), values.shape[1]))
        np.add.at(made, groups, np.where(scored, values, 0.0))
        return made

    sold = np.where(total(scored.astype(float)) > 0, total(of.sold), np.nan)
    by_model: dict[Model, Floats] = {model: total(one) for model, one in of.by_model.items() if model in SUMMABLE}
    horizon = of.sold.shape[1]
    by_model[Model.NAIVE] = seasonal_naive(past, horizon)
    by_model[Model.RIDGE] = ridge(past, horizon)
    return Round(of.origin, past, sold, by_model)


def _groups(panel: Panel, level: Level) -> tuple[tuple[Key, ...], Whole]:
    if level is Level.TOTAL:
        return (Key("", ""),), np.zeros(len(panel.keys), dtype=np.int64)
    stores = sorted({key.store for key in panel.keys})
    places = {store: at for at, store in enumerate(stores)}
    return tuple(Key(store, "") for store in stores), np.array([places[key.store] for key in panel.keys])


def scores(rounds: Sequence[Round], level: Level, horizons: Sequence[int] = HORIZONS) -> list[Score]:
    """Score every model of rounds in time order; cover from the second origin on whose past holds an earlier one."""
    made: list[Score] = []
    lifts = [lifted(one, level) for one in rounds]
    for at, one in enumerate(lifts):
        daily, weekly = metrics.daily_scale(one.past), metrics.weekly_scale(one.past)
        for model, whole in one.by_model.items():
            edges = _bounds(lifts[:at], one, model, level)
            for days in (days for days in horizons if days <= whole.shape[1]):
                sold, said = one.sold[:, :days], whole[:, :days]
                low, high = (edge[:, :days] for edge in edges) if edges else (None, None)
                made.append(
                    Score(
                        level,
                        model,
                        days,
                        one.origin,
                        metrics.rmsse(sold, said, daily),
                        metrics.mase(sold, said, weekly),
                        metrics.wape(sold, said),
                        metrics.bias(sold, said),
                        float("nan") if low is None or high is None else metrics.cover(sold, low, high),
                    )
                )
    return made


def seen_before(earlier: Sequence[Round], origin: int, model: Model) -> list[Errors]:
    """Give the errors of earlier rounds as far as their days were over by that origin."""
    found = []
    for one in earlier:
        over = one.sold.copy()
        over[:, max(origin - one.origin, 0) :] = np.nan
        if model in one.by_model and np.isfinite(over).any():
            found.append(intervals.errors(one.past, one.by_model[model], over))
    return found


def _bounds(earlier: Sequence[Round], one: Round, model: Model, level: Level) -> tuple[Floats, Floats] | None:
    seen = seen_before(earlier, one.origin, model)
    widen = 1.0 if level is Level.PRODUCT or len(seen) >= 3 else intervals.WIDE
    return intervals.bounds(one.past, one.by_model[model], seen, widen=widen) if seen else None


USES: Final = {
    Level.PRODUCT: (("charts", Model.CHART), ("ordering", Model.ORDER)),
    Level.STORE: (("sums", Model.ORDER),),
    Level.TOTAL: (("sums", Model.ORDER),),
}
"""What forecasts of a level are for, and the blend for that."""


def chosen(found: Sequence[Score], blend: Model) -> Choice:
    """Choose among a blend, ridge, the boosted mean and the weekday mean, against the seasonal naive, at 28 days.

    Where a history is too short for 28 days, at the most that was looked at.
    """
    days = min(28, max((one.horizon for one in found), default=0))
    rounds: dict[int, dict[str, float]] = {}
    for one in found:
        if one.horizon == days:
            rounds.setdefault(one.origin, {})[str(one.model)] = one.rmsse
    challengers = [str(model) for model in (blend, Model.RIDGE, Model.POISSON, Model.WEEKDAYS)]
    return choose([rounds[origin] for origin in sorted(rounds)], str(Model.NAIVE), challengers)
