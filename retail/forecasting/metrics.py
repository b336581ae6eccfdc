"""How good a forecast was. Arrays are (series, days); days that aren't scored (closed, not known) are NaN in `sold`."""

from __future__ import annotations

import numpy as np

from retail.forecasting.panel import Floats, Panel


def wape(sold: Floats, forecast: Floats) -> float:
    """Give the absolute errors over what was sold, all series together; NaN where nothing was."""
    return _share(np.nansum(np.abs(sold - forecast)), np.nansum(sold))


def bias(sold: Floats, forecast: Floats) -> float:
    """Give (forecast - sold) over what was sold: above 0, too much was forecast."""
    return _share(np.nansum(np.where(np.isfinite(sold), forecast - sold, 0.0)), np.nansum(sold))


def mase(sold: Floats, forecast: Floats, scale: Floats) -> float:
    """Give the mean over series of mean absolute error / scale (`weekly_scale`); those without a scale are left out."""
    return _mean_ratio(_mean(np.abs(sold - forecast)), scale)


def rmsse(sold: Floats, forecast: Floats, scale: Floats) -> float:
    """Give the mean over series of root mean squared error / scale (`daily_scale`)."""
    return _mean_ratio(np.sqrt(_mean((sold - forecast) ** 2)), scale)


def cover(sold: Floats, low: Floats, high: Floats) -> float:
    """Give the share of scored days on which what was sold lay between the bounds, these included."""
    scored = np.isfinite(sold)
    inside = scored & (sold >= low) & (sold <= high)
    return _share(float(inside.sum()), float(scored.sum()))


def weekly_scale(panel: Panel) -> Floats:
    """Give each series' mean absolute difference to the same weekday a week before, over usable days; NaN: none."""
    return _mean(np.abs(_differences(panel, 7)))


def daily_scale(panel: Panel) -> Floats:
    """Give each series' root mean squared difference from day to day, over usable days; NaN: none."""
    return np.sqrt(_mean(_differences(panel, 1) ** 2))


def _differences(panel: Panel, days: int) -> Floats:
    known = np.where(panel.usable, panel.quantity, np.nan)
    return known[:, days:] - known[:, :-days]


def _mean(values: Floats) -> Floats:
    count = np.isfinite(values).sum(axis=1)
    total = np.nansum(values, axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _mean_ratio(errors: Floats, scale: Floats) -> float:
    good = np.isfinite(errors) & (scale > 0)
    return float(np.mean(errors[good] / scale[good])) if good.any() else float("nan")


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
