"""80 % intervals by split conformal prediction: past errors, scaled, say how wrong a forecast may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from retail.forecasting.metrics import weekly_scale
from retail.forecasting.panel import Floats, Panel

TENTHS: Final = (0.1, 0.9)
BUCKETS: Final = ((0, 7), (7, 28), (28, 120))
"""Days ahead that share their errors: first, and one behind the last; 0 is the first day."""
OWN_SHARE: Final = 0.5
OWN_ENOUGH: Final = 60
LEAST, MOST = 0.15, 8.0
WIDE: Final = 1.2
"""Totals have few errors to go by: so much wider until three windows are known."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Scaled errors of past forecasts, (series, days ahead), NaN where a day wasn't scored."""

    scaled: Floats


def spread(past: Panel, forecast: Floats) -> Floats:
    """Give what one unit of scaled error means, (series, horizon): a_j x sqrt(f / mean_j), that clipped to 0.15..8.

    a_j is the mean absolute difference to the same weekday a week before; mean_j the mean of usable days.
    """
    usable = past.usable
    mean = np.where(usable, past.quantity, 0.0).sum(axis=1) / np.maximum(usable.sum(axis=1), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(mean[:, None] > 0, forecast / mean[:, None], 1.0)
    return np.asarray(np.nan_to_num(weekly_scale(past))[:, None] * np.sqrt(np.clip(ratio, LEAST, MOST)))


def errors(past: Panel, forecast: Floats, sold: Floats) -> Errors:
    """Scale what a past forecast missed. sold: NaN where a day isn't scored, or isn't over yet."""
    width = spread(past, forecast)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Errors(np.where(width > 0, (sold - forecast) / width, np.nan))


def bounds(past: Panel, forecast: Floats, seen: Sequence[Errors], *, widen: float = 1.0) -> tuple[Floats, Floats]:
    """Give the lower and upper bound of the middle 80 %; low <= forecast <= high, and low >= 0.

    Per bucket of days ahead: w x the series' own quantile + (1 - w) x that of all series, w = min(1, n / 60) / 2 with
    n own errors. A bucket without errors takes the nearest shorter one's. `widen`: 1.2 for totals with few windows.
    """
    if not seen:
        raise ValueError("bounds need the errors of at least one past forecast")
    width = spread(past, forecast) * widen
    sides = np.zeros((2, *forecast.shape))
    found = np.zeros((2, len(forecast)))
    for first, behind in BUCKETS:
        values = np.hstack([one.scaled[:, first:behind] for one in seen])
        if np.isfinite(values).any():
            found = _quantiles(values)
        sides[:, :, first:behind] = found[:, :, None]
    low, high = forecast + sides * width
    shut = ~past.open[:, past.known : past.known + forecast.shape[1]]
    low = np.where(shut, 0.0, np.clip(low, 0.0, forecast))
    return low, np.where(shut, 0.0, np.maximum(high, forecast))


def _quantiles(values: Floats) -> Floats:
    """Give both quantiles per series, (2, series): own and pooled ones mixed."""
    pooled = np.nanquantile(values, TENTHS)
    made = np.repeat(pooled[:, None], len(values), axis=1)
    for at, row in enumerate(values):
        own = row[np.isfinite(row)]
        if len(own):
            share = OWN_SHARE * min(1.0, len(own) / OWN_ENOUGH)
            made[:, at] = share * np.quantile(own, TENTHS) + (1 - share) * pooled
    return made
