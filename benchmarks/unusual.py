"""How often a usual day of a store is called unusual, and how many unusual ones are found: a simulation.

    python -m benchmarks.unusual [--stores 20] [--days 400]

Stores with a rhythm of weekdays and hours, a season, a level that drifts, and noise that differs from store to store.
Into one in 29 of the last 150 days of each a drop (the tills stood for some hours), a double, or a
fall over three days is put. Judged as the product does: at each full hour, and when the day is over.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from datetime import date, timedelta
from math import pi, sin

from benchmarks.support.table import show, verdict
from benchmarks.support.usage import load_of_others
from retail.vigilance.usual import LOOKED_BACK, WHOLE, Past

BEGIN = date(2025, 1, 6)
WEEK = (0.85, 0.8, 0.9, 1.0, 1.25, 1.6, 0.0)
HOURS = dict(zip(range(8, 20), (3, 4, 5, 6, 7, 6, 5, 5, 6, 8, 9, 5), strict=True))
EVERY = 29
KINDS = ("drop", "double", "three days")
Days = dict[date, dict[int, int]]


def simulate(seed: int, days: int) -> tuple[Days, dict[date, str]]:
    """Make a store's days, and say into which something was put."""
    chance = random.Random(seed)
    noise, level = chance.uniform(0.06, 0.2), chance.lognormvariate(12, 0.6)
    sold: Days = {}
    put: dict[date, str] = {}
    falling = 0
    for at in range(days):
        day = BEGIN + timedelta(days=at)
        level *= chance.lognormvariate(0, 0.006)
        usual = level * WEEK[day.weekday()] * (1 + 0.1 * sin(at * 2 * pi / 365))
        hours = {
            hour: round(usual * weight / sum(HOURS.values()) * chance.lognormvariate(0, 0.25))
            for hour, weight in HOURS.items()
        }
        factor = chance.lognormvariate(0, noise)
        kind = put.get(day, "")
        if at >= days - 150 and at % EVERY == 0 and usual and not kind:
            kind = put[day] = KINDS[at // EVERY % len(KINDS)]
            falling = 3 if kind == "three days" else 0
        stopped = range(13, 24) if kind == "drop" else range(0)
        factor *= {"double": 2.2}.get(kind, 1.0) * (0.55 if falling else 1.0)
        if falling:
            put.setdefault(day, "three days")
            falling -= 1
        sold[day] = {hour: 0 if hour in stopped else round(amount * factor) for hour, amount in hours.items()}
    return sold, put


def judged(days: Days, day: date) -> bool:
    """Look at a day as the product does, at each full hour and at its end."""
    first = day - timedelta(days=LOOKED_BACK)
    past = Past({one: hours for one, hours in days.items() if first <= one < day})
    offs = (past.judge(day, days[day], hour) for hour in range(1, WHOLE + 1))
    return any(off is not None and off.unusual for off in offs)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stores", type=int, default=20)
    parser.add_argument("--days", type=int, default=400)
    asked = parser.parse_args()
    busy, began = load_of_others(), time.process_time()
    seen: Counter[str] = Counter()
    found: Counter[str] = Counter()
    looked = 0
    for seed in range(asked.stores):
        days, put = simulate(seed, asked.days)
        for at in range(asked.days - 150, asked.days):
            day = BEGIN + timedelta(days=at)
            if day.weekday() == 6:
                continue
            kind = put.get(day, "usual")
            looked += 1
            seen[kind] += 1
            found[kind] += judged(days, day)
    cost = (time.process_time() - began) * 1000 / max(1, looked)
    false = found["usual"] / max(1, seen["usual"]) * 26
    rows = [(kind, seen[kind], found[kind], f"{found[kind] / max(1, seen[kind]):.0%}") for kind in ("usual", *KINDS)]
    show(
        "Days of a store that are unusual, simulated", ("what happened", "days", "told", "share"), rows,
        note=f"{asked.stores} stores, 150 days each; {cost:.0f} ms a day with all its hours. {busy}.",
    )  # fmt: skip
    verdict("false alarms", met=false <= 1, measured=f"{false:.2f}", target="<= 1 a store and month of 26 open days")


if __name__ == "__main__":
    main()
