"""Segments by K-means on recency, frequency and money, named by rule; on numpy and scikit-learn, for the worker alone.

docs/algorithms/segments.md, 3. A model is kept for a week as plain numbers (`as_json`), so that a segment changes
because the customer did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from retail.customers.segmented import Segment
from retail.segments import rules
from retail.segments.history import Real, Stand

SEED: Final = 20
KS: Final = (4, 5, 6)
"""Fewer clusters than four don't tell vip, loyal, active and at risk apart."""
_RUNS: Final = 10
_LOOKED_AT: Final = 2_000
"""A silhouette compares each with each: of a larger business every n-th."""
_WITHIN: Final = (0.01, 0.99)
"""What lies further out counts as lying there: a few who brought everything back are no segment."""
_FEW: Final = 20
_NONE: Final = (0.0, 0.0, 0.0)
_RECENCY, _FREQUENCY, _MONEY = range(3)


@dataclass(frozen=True, slots=True)
class Model:
    """Centres of clusters in standardised logarithms within `low` and `high`, each with its name, and since when.

    `silent` is the silence in days from which somebody is lost, where it is three intervals of their own too.
    """

    fitted_on: date
    silent: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]
    names: tuple[Segment, ...]
    silhouette: float

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values; floats come back as they were, to the bit."""
        return {
            "fitted_on": self.fitted_on.isoformat(), "silent": self.silent, "low": self.low, "high": self.high,
            "mean": self.mean, "scale": self.scale, "centres": self.centres, "names": self.names,
            "silhouette": self.silhouette,
        }  # fmt: skip

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Model:
        """Read what `as_json` gave."""
        return cls(
            date.fromisoformat(told["fitted_on"]), told["silent"], tuple(told["low"]), tuple(told["high"]),
            tuple(told["mean"]), tuple(told["scale"]), tuple(tuple(one) for one in told["centres"]),
            tuple(told["names"]), told["silhouette"],
        )  # fmt: skip


def fit(of: Stand) -> Model:
    """Fit the clusters of who is neither new nor lost; with too few distinct ones, everybody is active.

    Same customers, same numbers: the seed is fixed, and they come in the order of their ids.
    """
    silent = max(of.silent, float(rules.LEAST_SILENCE))
    rest = ~(_new(of) | _lost(of, silent))
    points = _points(of)[rest]
    today = date.fromordinal(of.day)
    if len(np.unique(points, axis=0)) <= _FEW:
        return Model(today, silent, _NONE, _NONE, _NONE, (1.0,) * 3, (_NONE,), ("active",), 0.0)
    low, high = np.quantile(points, _WITHIN, axis=0)
    points = np.clip(points, low, high)
    scaler = StandardScaler().fit(points)
    placed = scaler.transform(points)
    told, best = max(((_silhouette(placed, one), one) for one in (_means(placed, k) for k in KS)), key=_first)
    centres = best.cluster_centers_
    return Model(
        today, silent, tuple(low.tolist()), tuple(high.tolist()), tuple(scaler.mean_.tolist()),
        tuple(scaler.scale_.tolist()),
        tuple(tuple(one) for one in centres.tolist()), named(centres), told,
    )  # fmt: skip


def named(centres: Real) -> tuple[Segment, ...]:
    """Name clusters: vip has the highest frequency and money, at risk of the rest the longest silence.

    Loyal has of the rest the highest frequency and money; all others are active. Of equals the first.
    """
    names: list[Segment] = ["active"] * len(centres)
    rest = list(range(len(centres)))

    def take(name: Segment, measure: Real) -> None:
        best = max(rest, key=lambda one: (measure[one], -one))
        names[best] = name
        rest.remove(best)

    take("vip", centres[:, _FREQUENCY] + centres[:, _MONEY])
    take("at_risk", centres[:, _RECENCY])
    take("loyal", centres[:, _FREQUENCY] + centres[:, _MONEY])
    return tuple(names)


def segments(by: Model, of: Stand) -> list[Segment]:
    """Give each one's segment: lost and new by rule, the others by the nearest centre."""
    placed = (np.clip(_points(of), by.low, by.high) - np.array(by.mean)) / np.array(by.scale)
    nearest = ((placed[:, None, :] - np.array(by.centres)[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    found: list[Segment] = [by.names[one] for one in nearest.tolist()]
    for name, which in (("new", _new(of)), ("lost", _lost(of, by.silent))):
        for place in np.flatnonzero(which).tolist():
            found[place] = name  # type: ignore[call-overload]
    return found


def _new(of: Stand) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (of.age <= rules.FRESH) & (of.visits <= rules.NEW_VISITS)
    return found


def _lost(of: Stand, silent: float) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (of.silence > silent) & (of.silence > rules.OWN_PAUSES * of.interval)
    return found


def _points(of: Stand) -> Real:
    points: Real = np.log1p(np.column_stack([of.silence, of.visits, of.spend]).astype(np.float64))
    return points


def _means(placed: Real, k: int) -> KMeans:
    return KMeans(n_clusters=k, n_init=_RUNS, random_state=SEED).fit(placed)


def _silhouette(placed: Real, of: KMeans) -> float:
    part = slice(None, None, max(1, len(placed) // _LOOKED_AT))
    labels = of.labels_[part]
    return float(silhouette_score(placed[part], labels)) if len(np.unique(labels)) > 1 else -1.0


def _first(told: tuple[float, KMeans]) -> float:
    return told[0]
