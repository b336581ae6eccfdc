"""Forecasts that need no fit: seasonal naive, mean of same weekdays, TSB, and what to say of a new product.

Each gives units for the days behind the panel's past, (series, horizon); a closed day is 0.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from retail.forecasting.panel import Flags, Floats, Panel, Whole

WEEK: Final = 7
WEEKS_OF_MEAN: Final = 8
TSB_SIZE: Final = 0.1
TSB_CHANCE: Final = 0.1
PRIOR_DAYS: Final = 1.0
SHRINK_WEEKS: Final = 2.0


def shut(forecast: Floats, panel: Panel) -> Floats:
    """Put 0 on the days on which a store is closed, and below 0."""
    ahead = panel.open[:, panel.known : panel.known + forecast.shape[1]]
    return np.where(ahead, np.maximum(forecast, 0.0), 0.0)


def seasonal_naive(panel: Panel, horizon: int) -> Floats:
    """Repeat each weekday's last usable day; 0 where there is none."""
    return shut(_by_weekday(_last_same(panel, 1)[0], horizon), panel)


def weekday_mean(panel: Panel, horizon: int) -> Floats:
    """Repeat the mean of each weekday's last 8 usable days; the mean of all where it has none."""
    means, counts = _last_same(panel, WEEKS_OF_MEAN)
    means = np.where(counts > 0, means, _means(panel)[:, None])
    return shut(_by_weekday(means, horizon), panel)


def tsb(panel: Panel, horizon: int, *, size: float = TSB_SIZE, chance: float = TSB_CHANCE) -> Floats:
    """Smooth how often and how much is sold, each for itself (Teunter, Syntetos, Babai 2011); flat.

    Days that aren't usable leave both as they are. It starts from the mean of each series' own first 28 days.
    """
    usable = panel.usable
    quantity = np.where(usable, panel.quantity, 0.0)
    sold = usable & (quantity > 0)
    early = usable & (np.cumsum(usable, axis=1) <= 28)
    each = np.maximum(early.sum(axis=1), 1)
    times = (early & sold).sum(axis=1)
    odds = times / each
    first_size = np.where(sold.any(axis=1), quantity[np.arange(len(sold)), sold.argmax(axis=1)], 0.0)
    much = np.where(times > 0, np.where(early, quantity, 0.0).sum(axis=1) / np.maximum(times, 1), first_size)
    for day in range(panel.known):
        today, there = sold[:, day], usable[:, day]
        odds = np.where(there, odds + chance * (today - odds), odds)
        much = np.where(today, much + size * (quantity[:, day] - much), much)
    return shut(np.repeat((odds * much)[:, None], horizon, axis=1), panel)


def cold_start(panel: Panel, horizon: int, peers: Whole | None = None, mature: Flags | None = None) -> Floats:
    """Forecast new series: (sum of own days + 1 x median of the peers' daily means) / (own days + 1); flat.

    `peers` numbers each series' group (category); without it all are one. `mature` says which of them the median is
    taken of; without any in the group, of all; without any at all the prior is 0.
    """
    groups = np.zeros(len(panel.keys), dtype=np.int64) if peers is None else peers
    settled = panel.ages() >= 28 if mature is None else mature
    means, usable = _means(panel, last=91), panel.usable
    total = np.where(usable, panel.quantity, 0.0).sum(axis=1)
    overall = float(np.median(means[settled])) if settled.any() else 0.0
    prior = np.full(len(panel.keys), overall)
    for group in np.unique(groups):
        of_group = groups == group
        if (of_group & settled).any():
            prior[of_group] = np.median(means[of_group & settled])
    level = (total + PRIOR_DAYS * prior) / (usable.sum(axis=1) + PRIOR_DAYS)
    return shut(np.repeat(level[:, None], horizon, axis=1), panel)


def shrunk_weekdays(panel: Panel, horizon: int) -> Floats:
    """Forecast series of a few weeks: own weekday means, drawn towards own mean x the weekday shape of all series.

    (sum of the weekday's own days + 2 x mean x shape) / (their number + 2): empirical Bayes with a prior of two weeks.
    """
    means, counts = _last_same(panel, WEEKS_OF_MEAN)
    own = _means(panel)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.where(own[:, None] > 0, means / own[:, None], 0.0) * (counts > 0)
    weight = (counts > 0) & (own[:, None] > 0)
    shape = np.where(weight.sum(axis=0) > 0, ratios.sum(axis=0) / np.maximum(weight.sum(axis=0), 1), 1.0)
    prior = own[:, None] * shape[None, :]
    drawn = (means * counts + SHRINK_WEEKS * prior) / (counts + SHRINK_WEEKS)
    return shut(_by_weekday(drawn, horizon), panel)


def zero_share(panel: Panel) -> Floats:
    """Give each series' share of usable days of the last year on which nothing was sold; 1 where none is usable."""
    usable, quantity = panel.usable[:, -364:], panel.quantity[:, -364:]
    count = usable.sum(axis=1)
    return np.where(count > 0, (usable & (quantity == 0)).sum(axis=1) / np.maximum(count, 1), 1.0)


def _means(panel: Panel, last: int | None = None) -> Floats:
    """Give the mean of usable days; 0 where there is none."""
    start = 0 if last is None else max(panel.known - last, 0)
    usable = panel.usable[:, start:]
    total = np.where(usable, panel.quantity[:, start:], 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(usable.sum(axis=1), 1))


def _last_same(panel: Panel, most: int) -> tuple[Floats, Whole]:
    """Give mean and number of the last usable days by weekday, (series, 7); place 0 is the day behind the past."""
    series, known = panel.quantity.shape
    means, counts = np.zeros((series, WEEK)), np.zeros((series, WEEK), dtype=np.int64)
    usable = panel.usable
    for place in range(WEEK):
        days = np.arange(known - WEEK + place, -1, -WEEK)
        if not len(days):
            continue
        good = usable[:, days]
        good = good & (np.cumsum(good, axis=1) <= most)
        counts[:, place] = good.sum(axis=1)
        total = np.where(good, panel.quantity[:, days], 0.0).sum(axis=1)
        means[:, place] = total / np.maximum(counts[:, place], 1)
    return means, counts


def _by_weekday(values: Floats, horizon: int) -> Floats:
    return values[:, np.arange(horizon) % WEEK]
