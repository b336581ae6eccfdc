"""Whether forecasts still hold up: what was said in past nights beside what was then sold. Pure.

docs/algorithms/foresight.md, 8, has the rule and how often it is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

AHEAD_KEPT: Final = 28
WINDOW_DAYS: Final = 28
LEAST_DAYS: Final = 14
"""With fewer days that are over nothing is judged."""
WORSE: Final = 1.6
"""So many times the error at promotion is too much."""
COVER: Final = (0.45, 0.99)
"""Outside of these the bounds don't say what they promise."""
NIGHTS: Final = 3
"""So many nights running, or it was chance."""
FRESH_DAYS: Final = 146
"""So long after a drift models are tried on the newest days: until the usual tries begin after it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A night's forecast as it was made, from `first` on; thousandths."""

    first: date
    model: str
    likely: Sequence[int]
    low: Sequence[int] | None
    high: Sequence[int] | None
    naive: Sequence[int]


@dataclass(frozen=True, slots=True)
class Series:
    """What a series sold by day, on which days it was open, and what was said of it."""

    sold: Mapping[date, float]
    opened: Collection[date]
    kept: Iterable[Kept]


@dataclass(frozen=True, slots=True)
class Standing:
    """A level's line of the last run. `base`: the error at promotion; only forecasts made from `since` on count."""

    model: str
    last: date
    base: float | None = None
    since: date | None = None
    off_nights: int = 0
    drifted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """How forecasts of the last days held up; shares. `cover` None: they had no bounds."""

    days: int
    wape: float
    naive: float
    cover: float | None


@dataclass(frozen=True, slots=True)
class Watch:
    """What a night found: how forecasts held up, how many nights running they were off, and whether that is drift."""

    held: Held | None = None
    off_nights: int = 0
    drift: str = ""
    fresh: bool = False
    """Claims that models are to be tried on the newest days."""


@dataclass(slots=True)
class _Sums:
    sold: float = 0.0
    error: float = 0.0
    naive: float = 0.0
    bound: int = 0
    inside: int = 0
    days: set[date] = field(default_factory=set)


def held(series: Iterable[Series], last: date, model: str, since: date | None) -> Held | None:
    """Compare what was said up to 28 days ahead with the last 28 days; None where fewer than 14 can be judged."""
    begin, sums = last - timedelta(days=WINDOW_DAYS - 1), _Sums()
    for one in series:
        for kept in one.kept:
            if kept.model == model and (since is None or kept.first >= since):
                _add(sums, one, kept, begin, last)
    if len(sums.days) < LEAST_DAYS or sums.sold <= 0:
        return None
    cover = sums.inside / sums.bound if sums.bound else None
    return Held(len(sums.days), sums.error / sums.sold, sums.naive / sums.sold, cover)


def _add(sums: _Sums, one: Series, kept: Kept, begin: date, last: date) -> None:
    for at, said in enumerate(kept.likely):
        day = kept.first + timedelta(days=at)
        if not begin <= day <= last or day not in one.opened:
            continue
        came = max(one.sold.get(day, 0.0), 0.0)
        sums.days.add(day)
        sums.sold += came
        sums.error += abs(came - said / 1000)
        sums.naive += abs(came - kept.naive[at] / 1000)
        if kept.low is not None and kept.high is not None:
            sums.bound += 1
            sums.inside += kept.low[at] <= came * 1000 <= kept.high[at]


def why_off(found: Held, base: float | None) -> str:
    """Tell what is off: "error", "cover", "both", or "" where they hold."""
    error = base is not None and found.wape > WORSE * base
    cover = found.cover is not None and not COVER[0] <= found.cover <= COVER[1]
    return "both" if error and cover else "error" if error else "cover" if cover else ""


def watch(series: Iterable[Series], before: Standing, last: date) -> Watch:
    """Judge a level by the model it was forecast by. A second look at the same day counts no further night."""
    found = held(series, last, before.model, before.since)
    why = why_off(found, before.base) if found else ""
    nights = 0 if not why else before.off_nights + (last > before.last)
    drift = why if nights >= NIGHTS else ""
    fresh = bool(drift) or (before.drifted_on is not None and (last - before.drifted_on).days < FRESH_DAYS)
    return Watch(found, nights, drift, fresh)


def standing_after(before: Standing | None, seen: Watch, model: str, wape: float | None, last: date) -> Standing:
    """Give how a level stands after a night: what was promoted or tried anew begins anew."""
    if before is None or before.base is None or seen.drift or model != before.model:
        drifted = last if seen.drift else before.drifted_on if before else None
        return Standing(model, last, wape, last + timedelta(days=1), 0, drifted)
    return Standing(model, last, before.base, before.since, seen.off_nights, before.drifted_on)
