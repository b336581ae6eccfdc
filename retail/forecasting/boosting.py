"""One boosted model for all series of a business and all days ahead (scikit-learn's histogram gradient boosting).

Loads scikit-learn: for workers and the command line only. Runs on one thread, for a busy machine makes many threads
wait for each other. The same panel gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from retail.forecasting.baselines import shut
from retail.forecasting.features import YEAR, Sums, levels, rows, sums
from retail.forecasting.panel import Flags, Floats, Panel, Whole

Loss = Literal["poisson", "absolute_error"]

ROWS: Final = 120_000
ORIGINS: Final = 104
FARTHEST: Final = 90
FEWEST_DAYS: Final = 28
BLOCK: Final = 256
AT_ONCE: Final = 10
SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows to learn from. wanted: the quantity over the series' level."""

    rows: Floats
    wanted: Floats


@dataclass(frozen=True, slots=True)
class Boosted:
    """A fitted model. columns: which of the features it was given (those that were known at all)."""

    model: HistGradientBoostingRegressor
    columns: Flags


def examples(panel: Panel, *, farthest: int = FARTHEST, most: int = ROWS) -> Examples:
    """Draw rows from the last 104 weekly origins; series that never sold are not looked at, nor drawn from."""
    live = np.flatnonzero(np.nansum(np.where(panel.usable, panel.quantity, 0.0), axis=1) > 0)
    origins = panel.known - 7 * np.arange(1, ORIGINS + 1)
    origins = origins[origins >= FEWEST_DAYS]
    drawn = _draw(panel, live, origins, farthest, most)
    made, wanted = [], []
    for start in range(0, len(panel.keys), BLOCK):
        inside = (drawn[0] >= start) & (drawn[0] < start + BLOCK)
        if inside.any():
            of = sums(panel.rows(np.arange(start, min(start + BLOCK, len(panel.keys)))))
            series, origin, target = drawn[0][inside] - start, drawn[1][inside], drawn[2][inside]
            level = levels(of, series, origin)
            good = level > 0
            made.append(rows(of, series[good], origin[good], target[good]))
            wanted.append(of.panel.quantity[series[good], target[good]] / level[good])
    if not made:
        return Examples(np.zeros((0, 0), dtype=np.float32), np.zeros(0))
    return Examples(np.vstack(made), np.concatenate(wanted))


def _draw(panel: Panel, live: Whole, origins: Whole, farthest: int, most: int) -> tuple[Whole, Whole, Whole]:
    """Draw series, origin and target; targets are usable days before the end of what is known."""
    random = np.random.default_rng(SEED)
    empty = np.zeros(0, dtype=np.int64)
    if not len(live) or not len(origins):
        return empty, empty, empty
    wanted = int(min(most, len(live) * len(origins) * farthest))
    found: list[tuple[Whole, Whole, Whole]] = []
    usable, ages, have = panel.usable, panel.known - panel.ages(), 0
    for _try in range(8):
        series = live[random.integers(0, len(live), wanted)]
        origin = origins[random.integers(0, len(origins), wanted)]
        target = origin + random.integers(0, farthest, wanted)
        good = (target < panel.known) & (origin - ages[series] >= FEWEST_DAYS)
        good &= usable[series, np.minimum(target, panel.known - 1)]
        found.append((series[good], origin[good], target[good]))
        have += int(good.sum())
        if have >= wanted:
            break
    drawn = [np.concatenate([one[at] for one in found])[:wanted] for at in range(3)]
    return drawn[0], drawn[1], drawn[2]


def fit(of: Examples, loss: Loss) -> Boosted | None:
    """Fit; None where there is nothing to learn from.

    Columns that are NaN in every row are left out: scikit-learn 1.9 raises on them.
    """
    if len(of.wanted) < 200 or not of.wanted.sum() > 0:
        return None
    columns: Flags = np.asarray(np.isfinite(of.rows).any(axis=0))
    model = HistGradientBoostingRegressor(
        loss=loss,
        max_iter=200,
        max_leaf_nodes=31,
        learning_rate=0.07,
        min_samples_leaf=60,
        early_stopping=False,
        random_state=SEED,
    )
    with threadpool_limits(1):
        model.fit(of.rows[:, columns], of.wanted)
    return Boosted(model, columns)


def predict(of: Boosted, panel: Panel, horizon: int) -> Floats:
    """Forecast all series, ten days ahead at a time to bound memory; (series, horizon), units a day."""
    made = np.zeros((len(panel.keys), horizon))
    for start in range(0, len(panel.keys), BLOCK):
        block = panel.rows(np.arange(start, min(start + BLOCK, len(panel.keys))))
        made[start : start + BLOCK] = _predict(of, sums(_recent(block)), horizon)
    return shut(made, panel)


def _recent(block: Panel) -> Panel:
    """Keep three years: nothing before is looked at."""
    return block.since(max(block.known - 3 * YEAR, 0))


def _predict(of: Boosted, block: Sums, horizon: int) -> Floats:
    known, count = block.panel.known, len(block.panel.keys)
    made = np.zeros((count, horizon))
    level = levels(block, np.arange(count), np.full(count, known))
    live = np.flatnonzero(level > 0)
    for first in range(0, horizon if len(live) else 0, AT_ONCE):
        ahead = np.arange(first, min(first + AT_ONCE, horizon))
        series = np.repeat(live, len(ahead))
        target = np.tile(known + ahead, len(live))
        table = rows(block, series, np.full(len(series), known), target)[:, of.columns]
        with threadpool_limits(1):
            found = of.model.predict(table).reshape(len(live), len(ahead))
        made[np.ix_(live, ahead)] = found * level[live, None]
    return made
