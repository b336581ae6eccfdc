"""How many of those who steal at the till are found, and how often somebody honest is accused: a simulation.

    python -m benchmarks.fraud [--seeds 8] [--days 120]

Five stores with eight cashiers each: counts are uneven from day to day, stores and people differ, four are new and
make more mistakes in their first weeks. Eight steal in one of six ways, from a day between the 40th and the 90th on,
on six shifts in ten. The thresholds of all other ways to look are set so that worlds without thieves, of other seeds,
have one false case a store and 30 days; what is told is of worlds that none of them has seen.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from statistics import median

import numpy as np

from benchmarks.support.table import show, verdict
from benchmarks.support.usage import load_of_others
from retail.risk.cases import COOL_DAYS, LEAST_DAYS, MEASURES, Shift, judge
from retail.risk.tails import SIZE

STORES, CASHIERS, SALES = 5, 8, 60.0
BUDGET = 1.0
BEGIN = date(2026, 1, 1)
# In a hundred sales, of an honest cashier.
USUAL = {"void_late": 0.4, "void": 3.0, "no_sale": 1.5, "refund": 1.0, "refund_blind": 0.25, "refund_own": 0.15,
         "discount": 4.0, "price": 1.0}  # fmt: skip
# What a thief does more on a shift on which they steal.
WAYS = {"refund_blind": 1.5, "void_late": 2.0, "refund_own": 1.5, "no_sale": 4.0, "discount": 6.0, "void": 5.0}
ACTIVE, NOVICES, NOVICE_TIMES, NOVICE_DAYS = 0.6, 4, 2.5, 30
STYLE = 8.0
Way = Callable[[Sequence[Shift], float], list[tuple[int, str]]]
Weighed = list[tuple[int, str, float]]
SHIPPED = "cases, as the product has them"


@dataclass(frozen=True)
class World:
    """What happened: the shifts of each store, and who steals, with the day on which they began."""

    stores: list[list[Shift]]
    thieves: dict[tuple[int, str], int]


def poisson(chance: random.Random, mean: float) -> int:
    """Draw a count."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    least, count, product = exp(-mean), 0, chance.random()
    while product > least:
        count, product = count + 1, product * chance.random()
    return count


def simulate(seed: int, days: int, thieves: int, strength: float = 1.0) -> World:
    """Make a world; thieves do `strength` times what WAYS says."""
    chance = random.Random(seed)
    people = [(store, f"{store}-{number}") for store in range(STORES) for number in range(CASHIERS)]
    chance.shuffle(people)
    ways = list(WAYS.items())
    stealing = {
        person: (chance.randint(40, 90), ways[at % len(ways)][0], ways[at % len(ways)][1] * strength)
        for at, person in enumerate(people[:thieves])
    }
    new = set(people[thieves : thieves + NOVICES])
    stores: list[list[Shift]] = []
    for store in range(STORES):
        local = {one: chance.lognormvariate(0, 0.3) for one in MEASURES}
        shifts = []
        for number in range(CASHIERS):
            who = (store, f"{store}-{number}")
            style = {one: local[one] * chance.gammavariate(STYLE, 1 / STYLE) for one in MEASURES}
            begin = chance.randint(0, days // 2) if who in new else 0
            shifts += _shifts(chance, who, style, range(begin, days), stealing.get(who), new=who in new)
        stores.append(shifts)
    return World(stores, {who: began for who, (began, *_way) in stealing.items()})


def _shifts(
    chance: random.Random, who: tuple[int, str], style: dict[str, float], days: range,
    steals: tuple[int, str, float] | None, *, new: bool,
) -> list[Shift]:  # fmt: skip
    found = []
    for day in days:
        if chance.random() > 5 / 7:
            continue
        sales = max(5, round(SALES * chance.lognormvariate(0, 0.3)))
        times = NOVICE_TIMES if new and day - days.start < NOVICE_DAYS else 1.0
        counts = {
            one: poisson(chance, sales * USUAL[one] / 100 * style[one] * times * chance.gammavariate(SIZE, 1 / SIZE))
            for one in MEASURES
        }
        if steals is not None and day >= steals[0] and chance.random() < ACTIVE:
            more = poisson(chance, steals[2])
            counts[steals[1]] += more
            if steals[1] in {"refund_blind", "refund_own"}:
                counts["refund"] += more
        found.append(Shift(BEGIN + timedelta(days=day), who[1], sales, tuple(counts[one] for one in MEASURES)))
    return found


def day_of(one: date) -> int:
    """Give a day's number."""
    return (one - BEGIN).days


def by_cases(shifts: Sequence[Shift], threshold: float) -> list[tuple[int, str]]:
    """Look as the product does."""
    return [(day_of(one.day), one.cashier) for one in judge(shifts, threshold) if one.opens]


def limits(shifts: Sequence[Shift]) -> Weighed:
    """Look with fixed limits: so many times what a store of this size usually has."""
    return [
        (day_of(one.day), one.cashier, max(
            count / max(1.0, one.sales * USUAL[name] / 100)
            for name, count in zip(MEASURES, one.counts, strict=True)
        ))
        for one in shifts
    ]  # fmt: skip


def deviations(shifts: Sequence[Shift]) -> Weighed:
    """Look how many standard deviations of the store's last 400 shifts a shift's rate is away."""
    told: Weighed = []
    rates: list[list[float]] = []
    for one in sorted(shifts, key=lambda shift: (shift.day, shift.cashier)):
        own = [count / one.sales for count in one.counts]
        if len(rates) > 5 * LEAST_DAYS:
            seen = np.array(rates[-400:])
            spread = seen.std(axis=0)
            told.append((day_of(one.day), one.cashier, float(((own - seen.mean(axis=0)) / (spread + 1e-9)).max())))
        rates.append(own)
    return told


def _cooling(weigh: Callable[[Sequence[Shift]], Weighed]) -> Way:
    kept: dict[int, Weighed] = {}

    def look(shifts: Sequence[Shift], threshold: float) -> list[tuple[int, str]]:
        if id(shifts) not in kept:
            kept[id(shifts)] = sorted(weigh(shifts))
        last: dict[str, int] = {}
        found = []
        for day, who, weight in kept[id(shifts)]:
            if day >= LEAST_DAYS and weight >= threshold and day - last.get(who, -99) >= COOL_DAYS:
                last[who] = day
                found.append((day, who))
        return found

    return look


WAYS_TO_LOOK: dict[str, tuple[Way, float, float]] = {
    "cases (own rate shrunk to peers, rare days and runs)": (by_cases, 0.4, 2.5),
    "limits on rates": (_cooling(limits), 1.0, 40.0),
    "deviations from the store's shifts": (_cooling(deviations), 1.0, 30.0),
}


def false_rate(look: Way, worlds: Sequence[World], threshold: float, days: int) -> float:
    """Count the cases a store and 30 days against people who don't steal, of the days on which anybody is judged."""
    wrong = sum(
        (store, who) not in world.thieves or day < world.thieves[store, who]
        for world in worlds
        for store, shifts in enumerate(world.stores)
        for day, who in look(shifts, threshold)
    )
    return wrong / (len(worlds) * STORES * (days - LEAST_DAYS) / 30)


def calibrated(way: tuple[Way, float, float], worlds: Sequence[World], days: int) -> float:
    """Find the threshold with the budget's false cases."""
    look, low, high = way
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if false_rate(look, worlds, middle, days) > BUDGET else (low, middle)
    return high


def found_in(look: Way, worlds: Sequence[World], threshold: float) -> tuple[float, float]:
    """Give the share of thieves that are found, and the middle number of days that it takes."""
    waits: list[int] = []
    thieves = 0
    for world in worlds:
        first: dict[tuple[int, str], int] = {}
        for store, shifts in enumerate(world.stores):
            for day, who in look(shifts, threshold):
                if day >= world.thieves.get((store, who), 10**6):
                    first.setdefault((store, who), day)
        thieves += len(world.thieves)
        waits += [day - world.thieves[who] for who, day in first.items()]
    return len(waits) / thieves, median(waits) if waits else 0.0


def cost(worlds: Sequence[World]) -> float:
    """Give the microseconds that a shift takes."""
    began = time.process_time()
    for world in worlds:
        for store in world.stores:
            judge(store)
    return (time.process_time() - began) * 1e6 / sum(len(store) for world in worlds for store in world.stores)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--days", type=int, default=120)
    asked = parser.parse_args()
    busy = load_of_others()
    honest = [simulate(1_000 + seed, asked.days, 0) for seed in range(asked.seeds)]
    worlds = [simulate(seed, asked.days, 8) for seed in range(asked.seeds)]
    timid = [simulate(seed, asked.days, 8, 0.5) for seed in range(asked.seeds)]
    ways: dict[str, tuple[Way, float]] = {SHIPPED: (by_cases, 1.0)}
    ways |= {name: (way[0], calibrated(way, honest, asked.days)) for name, way in WAYS_TO_LOOK.items()}
    rows, told = [], dict[str, tuple[float, float]]()
    for name, (look, threshold) in ways.items():
        (share, wait), (half, _wait) = found_in(look, worlds, threshold), found_in(look, timid, threshold)
        told[name] = (share, false_rate(look, worlds, threshold, asked.days))
        rows.append((name, f"{threshold:.2f}", f"{share:.0%}", f"{wait:.0f}", f"{told[name][1]:.2f}", f"{half:.0%}"))
    show(
        "Thieves at the till, simulated",
        ("looked at by", "threshold", "found", "days, median", "false / store / 30 days", "found at half the theft"),
        rows,
        note=f"{asked.seeds} worlds, {asked.days} days; {cost(worlds):.0f} microseconds a shift. {busy}.",
    )
    share, wrong = told[SHIPPED]
    verdict("thieves found", met=share >= 0.9, measured=f"{share:.0%}", target=">= 90 %")
    verdict("false cases", met=wrong <= BUDGET, measured=f"{wrong:.2f}", target="<= 1 a store and 30 days")


if __name__ == "__main__":
    main()
