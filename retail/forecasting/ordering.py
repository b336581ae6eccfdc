"""How far demand over some days together may be from its forecast: what safety stock is made of. Pure numpy.

docs/algorithms/reordering.md, 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from retail.forecasting.panel import Floats

OWN_SHARE: Final = 0.7
OWN_ENOUGH: Final = 30
"""From so many spans of its own that don't overlap, a product's errors weigh as much as they ever do."""
LATEST_START: Final = 28


def errors(said: Floats, sold: Floats, span: int) -> Floats:
    """Give (sold - F) / sqrt(F + 0.5) of every span within a past forecast, (series, spans); F its sum over the span.

    A span begins up to four weeks after the forecast was made: its errors are about those of the first one. sold: NaN
    where a day isn't scored; it is left out of both sums.
    """
    scored = np.isfinite(sold)
    starts = range(min(said.shape[1] - span, LATEST_START) + 1)
    expected, came = _over(np.where(scored, said, 0.0), span, starts), _over(np.where(scored, sold, 0.0), span, starts)
    return np.asarray((came - expected) / np.sqrt(expected + 0.5))


def _over(daily: Floats, span: int, starts: Sequence[int]) -> Floats:
    until = np.concatenate([np.zeros((len(daily), 1)), np.cumsum(daily, axis=1)], axis=1)
    return np.asarray(until[:, [at + span for at in starts]] - until[:, list(starts)])


def quantiles(found: Floats, shares: Sequence[float], apart: Floats) -> Floats:
    """Give quantiles of such errors, (series, shares): a series' own ones and those of all series, mixed.

    Own ones weigh 0.7 x min(1, n / 30), with n of its spans that don't overlap (`apart`). found: NaN where a series has
    no error. Raises ValueError where nobody has one.
    """
    known = found[np.isfinite(found)]
    if not len(known):
        raise ValueError("quantiles need at least one error")
    pooled = np.quantile(known, shares)
    made = np.repeat(pooled[None, :], len(found), axis=0)
    for at, row in enumerate(found):
        own = row[np.isfinite(row)]
        if len(own):
            weight = OWN_SHARE * min(1.0, float(apart[at]) / OWN_ENOUGH)
            made[at] = weight * np.quantile(own, shares) + (1 - weight) * pooled
    return made
