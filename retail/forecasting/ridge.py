"""A line per series over calendar, holidays, promotions and price, by ridge regression in closed form.

Linear in the quantities, so it can be summed, scaled and read: a coefficient is units per day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from retail.forecasting.baselines import shut
from retail.forecasting.calendars import days_from, yearly_waves
from retail.forecasting.panel import Flags, Floats, Panel

BLOCK: Final = 64
YEARLY_ORDERS: Final = 2
STEPS: Final = (28, 91, 182, 364)
HALF_LIFE: Final = 365.0
MOST_DAYS: Final = 3 * 364
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PENALTIES: Final = {
    "level": 1e-6, "weekday": 3.0, "holiday": 3.0, "closed": 3.0,
    "promo": 1.0, "price": 0.3, "year": 10.0, "step": 100.0,
}  # fmt: skip


Column = tuple[str, str, Floats | Flags]
"""Kind (of the penalty), name, and values by day, or by series and day."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was fitted. names: of the columns. coefficients: (series, columns), units per day."""

    names: tuple[str, ...]
    coefficients: Floats

    def effects(self, level: Floats) -> dict[str, Floats]:
        """Give each column's effect as a share of a series' mean a day; NaN where that is 0."""
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = np.where(level[:, None] > 0, self.coefficients / level[:, None], np.nan)
        return {name: shares[:, at] for at, name in enumerate(self.names) if name != "level"}


def ridge(panel: Panel, horizon: int, *, yearly: bool = True) -> Floats:
    """Fit each series over its last three years and forecast; (series, horizon), units a day, never below 0."""
    return fitted(panel, horizon, yearly=yearly)[1]


def fitted(panel: Panel, horizon: int, *, yearly: bool = True) -> tuple[Line, Floats]:
    """Fit each series; give the lines, and the forecast."""
    panel = panel.since(max(panel.known - MOST_DAYS, 0))
    found: list[Floats] = []
    made: list[Floats] = []
    names: tuple[str, ...] = ()
    for start in range(0, len(panel.keys), BLOCK):
        block = panel.rows(np.arange(start, min(start + BLOCK, len(panel.keys))))
        names, design, penalty = _design(block, block.known + horizon, yearly=yearly)
        solved = _solve(block, design[:, : block.known], penalty)
        found.append(solved)
        made.append(np.einsum("shp,sp->sh", design[:, block.known :], solved))
    if not found:
        return Line((), np.zeros((0, 0))), np.zeros((0, horizon))
    return Line(names, np.vstack(found)), shut(np.vstack(made), panel)


def _solve(block: Panel, design: Floats, penalty: Floats) -> Floats:
    """Minimise the weighted squares plus the penalty; recent days weigh more."""
    usable = block.usable
    age = np.arange(block.known)[::-1]
    weight = usable * 0.5 ** (age / HALF_LIFE)
    weighed = design * weight[:, :, None]
    left = np.matmul(weighed.transpose(0, 2, 1), design) + np.diag(penalty)
    right = np.einsum("stp,st->sp", weighed, np.where(usable, block.quantity, 0.0))
    return np.asarray(np.linalg.solve(left, right[:, :, None])[:, :, 0])


def _design(block: Panel, days: int, *, yearly: bool) -> tuple[tuple[str, ...], Floats, Floats]:
    """Build the columns, (series, days, columns), with their names and penalties."""
    series = len(block.keys)
    calendar = days_from(block.first, days)
    every: list[Column] = [("level", "level", np.ones(days))]
    every += [("weekday", name, calendar.weekday == at) for at, name in enumerate(WEEKDAYS)]
    if yearly:
        waves = yearly_waves(calendar.of_year, YEARLY_ORDERS)
        every += [("year", f"year_{at}", waves[:, at]) for at in range(waves.shape[1])]
    back = block.known - np.arange(days)
    every += [("step", f"since_{step}", back <= step) for step in STEPS if step < block.known]
    every += _own_columns(block, days, calendar.weekday >= 5)
    design = np.empty((series, days, len(every)))
    for at, (_kind, _name, values) in enumerate(every):
        design[:, :, at] = values
    return tuple(name for _kind, name, _values in every), design, np.array([PENALTIES[kind] for kind, _n, _v in every])


def _own_columns(block: Panel, days: int, weekend: Flags) -> list[Column]:
    """Give the columns that differ from series to series."""
    holiday, promo, closed = block.holiday[:, :days], block.promo[:, :days], ~block.open[:, :days]
    made: list[Column] = []
    for name, kind, flags in (("holiday", "holiday", holiday), ("closed", "closed", closed)):
        if name == "holiday":
            made.append((kind, "holiday", flags))
        made += [(kind, f"after_{name}", _moved(flags, 1)), (kind, f"before_{name}", _moved(flags, -1))]
    if promo.any():
        made += [
            ("promo", "promo", promo),
            ("promo", "promo_weekend", promo & weekend),
            ("promo", "promo_begins", promo & ~_moved(promo, 1)),
            ("promo", "after_promo", ~promo & _moved(promo, 1)),
        ]
    if np.isfinite(block.price).any():
        made.append(("price", "price", _price_ratio(block, days)))
    return made


def _price_ratio(block: Panel, days: int) -> Floats:
    """Give the logarithm of price over the series' own usual one; 0 where either isn't known."""
    price = np.where(block.price[:, :days] > 0, block.price[:, :days], np.nan)
    past = price[:, : block.known]
    count = np.isfinite(past).sum(axis=1)
    usual = np.where(count > 0, np.nansum(past, axis=1) / np.maximum(count, 1), np.nan)
    return np.nan_to_num(np.log(price / usual[:, None]))


def _moved(flags: Flags, by: int) -> Flags:
    """Move flags by a day: 1, what was yesterday; -1, what will be tomorrow."""
    made = np.zeros_like(flags)
    if by > 0:
        made[:, by:] = flags[:, :-by]
    else:
        made[:, :by] = flags[:, -by:]
    return made
