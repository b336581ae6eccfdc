"""Level and weekday smoothed (Holt-Winters without trend), for businesses of too few series to learn from together."""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np

from retail.forecasting.baselines import WEEK, shut
from retail.forecasting.panel import Flags, Floats, Panel

GRID: Final = tuple(product((0.05, 0.1, 0.2, 0.4), (0.05, 0.1, 0.2)))
"""Shares by which level and weekday move towards a new day."""
FIRST_DAYS: Final = 28


def holt_winters(panel: Panel, horizon: int) -> Floats:
    """Smooth with each pair of the grid and keep, per series, the one whose next-day errors were least."""
    usable = panel.usable
    quantity = np.where(usable, panel.quantity, 0.0)
    tries = [_smooth(usable, quantity, level, season) for level, season in GRID]
    best = np.argmin(np.stack([errors for errors, _level, _season in tries]), axis=0)
    level = np.stack([one for _errors, one, _season in tries])[best, np.arange(len(best))]
    season = np.stack([one for _errors, _level, one in tries])[best, np.arange(len(best))]
    places = (panel.known + np.arange(horizon)) % WEEK
    return shut(level[:, None] + season[:, places], panel)


def _smooth(usable: Flags, quantity: Floats, by_level: float, by_season: float) -> tuple[Floats, Floats, Floats]:
    """Give the squared next-day errors, the last level, and the weekdays' parts, (series, 7)."""
    early = usable & (np.cumsum(usable, axis=1) <= FIRST_DAYS)
    level = np.where(early, quantity, 0.0).sum(axis=1) / np.maximum(early.sum(axis=1), 1)
    season = np.zeros((len(quantity), WEEK))
    errors = np.zeros(len(quantity))
    for day in range(quantity.shape[1]):
        place, there = day % WEEK, usable[:, day]
        wrong = np.where(there, quantity[:, day] - level - season[:, place], 0.0)
        errors += wrong**2
        level = level + by_level * wrong
        season[:, place] += by_season * (1 - by_level) * wrong
    return errors, level, season
