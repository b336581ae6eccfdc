"""What products are expected to sell in the days to come, with how far off that may be: what orders go by. Numerics.

docs/algorithms/reordering.md, 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from retail.forecasting.backtest import Round
from retail.forecasting.ladder import Made, Model
from retail.forecasting.ordering import errors, quantiles
from retail.forecasting.panel import Flags, Floats, Panel
from retail.foresight.history import Subject
from retail.foresight.projected import Projected
from retail.stock.reordering.ahead import ANCHORS, DAYS, LEVELS, MIDDLE

LEAST_DAYS: Final = 14
"""What has sold for a shorter time has no pattern to order by."""
_SHARES: Final = tuple(level / 100 for level in LEVELS)
_MOST: Final = 2_000_000_000


def project(whole: Panel, rounds: Sequence[Round], made: Made, subjects: Sequence[Subject]) -> list[Projected]:
    """Project every series of at least two weeks; none where no past forecast shows how far off they may be."""
    if not rounds:
        return []
    expected = np.cumsum(made.by_model[Model.ORDER][:, :DAYS], axis=1)
    spread = spreads(rounds)
    over = spread[:, MIDDLE, [np.searchsorted(ANCHORS, day) for day in range(1, DAYS + 1)]]
    middle = np.maximum.accumulate(np.maximum(expected + over * np.sqrt(expected + 0.5), 0), axis=1)
    ready = np.flatnonzero(whole.ages() >= LEAST_DAYS).tolist()
    return [Projected(subjects[at], _milli(expected[at]), _milli(middle[at]), _table(spread[at])) for at in ready]


def spreads(rounds: Sequence[Round]) -> Floats:
    """Give the quantiles of errors of the forecast for ordering by span, (series, LEVELS, ANCHORS).

    Spans that are longer than what was looked at take those of the longest one.
    """
    ahead = rounds[0].sold.shape[1]
    series = len(rounds[0].sold)
    made = np.zeros((series, len(LEVELS), len(ANCHORS)))
    for at, span in enumerate(ANCHORS):
        if span > ahead:
            made[:, :, at] = made[:, :, at - 1]
            continue
        lines = [_errors(one, span) for one in rounds]
        apart = np.sum([_old_enough(one) for one in rounds], axis=0) * (ahead / span)
        made[:, :, at] = quantiles(np.hstack(lines), _SHARES, apart)
    return made


def _errors(one: Round, span: int) -> Floats:
    found = errors(one.by_model[Model.ORDER], one.sold, span)
    return np.asarray(np.where(_old_enough(one)[:, None], found, np.nan))


def _old_enough(one: Round) -> Flags:
    return np.asarray(one.past.ages() >= LEAST_DAYS)


def _milli(line: Floats) -> list[int]:
    return [int(value) for value in np.rint(np.minimum(line, _MOST) * 1000)]


def _table(lines: Floats) -> list[list[int]]:
    return [[int(value) for value in np.clip(np.rint(line * 1000), -_MOST, _MOST)] for line in lines]
