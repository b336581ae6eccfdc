"""Small panels for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from retail.forecasting.panel import Key, Panel, panel

MONDAY = date(2024, 1, 1)
WEEK = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0]


def small(quantity: Any, *, ahead: int = 14, **told: Any) -> Panel:
    values = np.atleast_2d(np.asarray(quantity, dtype=float))
    keys = tuple(Key("S", f"P{at:03}") for at in range(len(values)))
    return panel(keys, MONDAY, values, ahead=ahead, **told)


def noisy(series: int = 40, days: int = 500, *, ahead: int = 28, seed: int = 1) -> Panel:
    """Make whole numbers with weekdays and promotions that double what is sold."""
    random = np.random.default_rng(seed)
    promo = random.random((series, days + ahead)) < 0.15
    level = random.uniform(0.5, 12, (series, 1))
    shape = np.tile(WEEK, (days + ahead) // 7 + 1)[: days + ahead] / np.mean(WEEK)
    rate = level * shape * np.where(promo, 2.0, 1.0)
    return small(random.poisson(rate[:, :days]).astype(float), ahead=ahead, promo=promo)
