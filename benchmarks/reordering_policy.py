"""Ordering by forecast beside a fixed minimum and maximum, replayed over a real shop's days.

    python -m benchmarks.reordering_policy [--csv FILE] [--review 7] [--lead 3] [--days 515] [--more 0] [--blind]

Demand is what was sold; what isn't there is lost; packs of six. Every `review` days each product is looked at: when
what is on hand and on its way is at or below the point, it is ordered up to the reach, and comes `lead` days later.

Floor: point and reach set once, from the mean of the year before: k x mean x (lead + review), and a week
more, or nothing.
Forecast: point = F + q x sqrt(F + 0.5), F the forecast for ordering over lead + review days, q the quantile p of past
errors in that form over a year of weekly origins, own and of all products mixed by the product's own code
(retail/forecasting/ordering.py); reach = point, and what `more` days
after are expected to take. Models are fitted every thirteen weeks with what was known then; promotions are known ahead
(with `--blind` they are not). Stock-outs: share of the days with demand on which not all of it was there. Both are
compared at equal mean stock, in days of demand, along the line of fourteen p.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.forecasting import FILE
from benchmarks.support.table import show, verdict
from benchmarks.support.usage import load_of_others
from retail.forecasting import boosting
from retail.forecasting.baselines import tsb, zero_share
from retail.forecasting.files import read_sales
from retail.forecasting.ladder import RARE
from retail.forecasting.ordering import errors, quantiles
from retail.forecasting.panel import Floats, Panel
from retail.forecasting.ridge import ridge

PACK: Final = 6
WEEK: Final = 7
FITTED_EVERY: Final = 91
ERRORS_FROM: Final = 52
LEVELS: Final = ((0.8, 7), (1.0, 7), (1.3, 7), (1.8, 7), (1.2, 0), (1.5, 0), (1.8, 0))
"""k, and days from the point to the reach."""
SERVICE: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995)
FEWER: Final = 0.4

Rule = Callable[[int], tuple[Floats, Floats]]
"""Gives point and reach of every product at the end of a day."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a policy: share of days with demand that were not all served, and mean stock in days of demand."""

    missed: float
    cover: float


def replay(demand: Floats, first: int, rule: Rule, *, review: int, lead: int) -> Outcome:
    """Walk the days; every product begins at its reach."""
    series, days = demand.shape
    on_hand = np.ceil(rule(first - 1)[1] / PACK) * PACK
    coming = np.zeros((series, days + lead + 1))
    missed = wanted = held = 0.0
    for day in range(first, days):
        on_hand += coming[:, day]
        sold = np.minimum(on_hand, demand[:, day])
        wanted += (demand[:, day] > 0).sum()
        missed += (sold < demand[:, day]).sum()
        on_hand -= sold
        held += on_hand.sum()
        if (day - first + 1) % review == 0:
            point, reach = rule(day)
            position = on_hand + coming[:, day + 1 :].sum(axis=1)
            packs = np.ceil(np.maximum(reach - position, 0) / PACK)
            coming[:, day + lead] += np.where(position <= point, packs * PACK, 0)
    return Outcome(missed / wanted, held / demand[:, first:].sum())


def forecasts(whole: Panel, days: list[int], ahead: int) -> dict[int, Floats]:
    """Forecast for ordering at the end of each of the days, with models fitted at most thirteen weeks before."""
    made: dict[int, Floats] = {}
    fitted, since = None, -FITTED_EVERY
    for day in days:
        past = whole.until(day + 1)
        if day - since >= FITTED_EVERY:
            fitted, since = boosting.fit(boosting.examples(past), "poisson"), day
        if fitted is None:
            raise SystemExit("the history is too short to learn from")
        total = boosting.predict(fitted, past, ahead) + ridge(past, ahead)
        year = past.since(max(past.known - 364, 0))
        rare = (zero_share(year) > RARE)[:, None]
        made[day] = np.where(rare, (total + tsb(year, ahead)) / 3, total / 2)
    return made


def scaled_errors(whole: Panel, made: dict[int, Floats], first: int, span: int) -> Floats:
    """Give the errors over the span, (products, origins before the first day), as the nightly run takes them."""
    found = []
    for day, said in made.items():
        if day + span < first:
            found.append(errors(said[:, :span], whole.quantity[:, day + 1 : day + 1 + span], span))
    return np.hstack(found)


def by_forecast(made: dict[int, Floats], seen: Floats, share: float, span: int, more: int) -> Rule:
    apart = np.full(len(seen), seen.shape[1] * min(WEEK / span, 1.0))
    quantile = quantiles(seen, [share], apart)[:, 0]

    def rule(day: int) -> tuple[Floats, Floats]:
        said = made[day]
        expected = said[:, :span].sum(axis=1)
        point = np.maximum(expected + quantile * np.sqrt(expected + 0.5), 0)
        return point, point + said[:, span : span + more].sum(axis=1)

    return rule


def fixed(mean: Floats, level: float, span: int, more: int) -> Rule:
    point = level * mean * span
    return lambda _day: (point, point + more * mean)


def compared(whole: Panel, first: int, review: int, lead: int, more: int) -> list[tuple[str, Outcome, float]]:
    """Give, for each k of the floor, what came of it, and the share missed by forecast at the same stock."""
    span = lead + review
    before = range(first - 1 - WEEK * ERRORS_FROM, first - 1, WEEK)
    made = forecasts(whole, [*before, *range(first - 1, whole.known - span - WEEK, review)], span + WEEK)
    demand = np.nan_to_num(whole.quantity)[:, : max(made) + 1]
    seen = scaled_errors(whole, made, first, span)
    rules = [by_forecast(made, seen, share, span, more) for share in SERVICE]
    line = [replay(demand, first, rule, review=review, lead=lead) for rule in rules]
    for share, one in zip(SERVICE, line, strict=True):
        print(f"p {share:.3f}: {one.missed:.2%} missed, {one.cover:.1f} days of stock", flush=True)
    covers, misses = [one.cover for one in line], [one.missed for one in line]
    mean = np.nanmean(whole.quantity[:, first - 364 : first], axis=1)
    found = []
    for level, days in LEVELS:
        base = replay(demand, first, fixed(mean, level, span, days), review=review, lead=lead)
        inside = covers[0] <= base.cover <= covers[-1]
        found.append(
            (f"{level}, {days}", base, float(np.interp(base.cover, covers, misses)) if inside else float("nan"))
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, default=FILE)
    parser.add_argument("--country", default="IT")
    parser.add_argument("--review", type=int, default=7)
    parser.add_argument("--lead", type=int, default=3)
    parser.add_argument("--days", type=int, default=515)
    parser.add_argument("--more", type=int, default=0, help="days beyond the point that an order covers, at most 7")
    parser.add_argument("--blind", action="store_true")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    if not asked.csv.is_file():
        print(f"Not measured: {asked.csv.name} isn't there. Give a file with --csv.")
        return
    whole = read_sales(asked.csv, country=asked.country)
    whole = replace(whole, promo=np.zeros_like(whole.promo)) if asked.blind else whole
    found = compared(whole, whole.known - asked.days, asked.review, asked.lead, asked.more)
    show(
        f"Stock-outs at equal stock, looked at every {asked.review} days, {asked.lead} days to come",
        ("fixed: k, days to its reach", "days of stock", "missed, fixed", "missed, by forecast", "change"),
        [(k, base.cover, f"{base.missed:.2%}", f"{miss:.2%}", f"{miss / base.missed - 1:+.0%}")
         for k, base, miss in found],
        note=load_of_others(),
    )  # fmt: skip
    changes = [miss / base.missed - 1 for _k, base, miss in found if np.isfinite(miss)]
    worst = max(changes, default=float("nan"))
    verdict("stock-outs at equal stock", met=worst <= -FEWER, measured=f"{worst:+.0%} or better", target="-40 %")


if __name__ == "__main__":
    main()
