"""Forecasts of a real shop's products: how wrong, how biased, how well bounded, and what they cost.

    python -m benchmarks.forecasting [--csv FILE] [--country IT] [--windows 3] [--series 0]

The file has date, store, product, qty and promo of each day (1,798 days of 118 products, in ../shared/data beside the
repository). The last windows of 90 days are forecast from their first day with what was known then, all products
together; errors are the mean over windows. As many windows before them only give the errors that intervals are made of,
so nothing is judged by days that it was made from. The floor is the seasonal naive: last week once more. Closed
days aren't scored.

Cost: a process of its own reads the file, fits and forecasts 90 days of every series from its last day, twice; the
two must give the same numbers to the bit. `--series 10000` repeats the products to so many series and does it again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.support.table import show, verdict
from benchmarks.support.usage import load_of_others
from retail.forecasting.backtest import HORIZONS, Level, Score, rolling, scores
from retail.forecasting.files import read_sales
from retail.forecasting.ladder import Model, forecast
from retail.forecasting.panel import Panel

FILE: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "pasta_daily.csv.gz"
AHEAD: Final = 90
RMSSE_28: Final = 0.62
BIAS: Final = 0.06
COVER: Final = (0.77, 0.83)
CPU_SECONDS: Final = 60
MEGABYTES: Final = 700
MANY_MINUTES: Final = 15


def mean(found: Sequence[Score], model: Model, days: int, name: str) -> float:
    """Give the mean over the windows."""
    return float(np.mean([getattr(one, name) for one in found if (one.model, one.horizon) == (model, days)]))


def judge(whole: Panel, windows: int) -> None:
    """Forecast the windows, print a table a level, and the verdicts."""
    at = [whole.known - AHEAD * back for back in range(2 * windows, 0, -1)]
    rounds = list(rolling(whole, at, AHEAD))
    for level in Level:
        found = [one for one in scores(rounds, level) if one.origin in at[-windows:]]
        if level is not Level.STORE:  # one store: the same as all together
            tell(level, found)
        if level is Level.PRODUCT:
            verdicts(found)


def tell(level: Level, found: Sequence[Score]) -> None:
    models = dict.fromkeys(one.model for one in found)
    table = [
        (
            str(model),
            *(f"{mean(found, model, days, 'rmsse'):.3f}" for days in HORIZONS),
            *(f"{mean(found, model, 28, name):.3f}" for name in ("mase", "wape", "bias")),
            f"{mean(found, model, AHEAD, 'bias'):.3f}",
            f"{mean(found, model, AHEAD, 'cover'):.3f}",
        )
        for model in models
    ]
    columns = ("model", *(f"RMSSE {days}" for days in HORIZONS), "MASE 28", "WAPE 28", "bias 28", "bias 90", "cover 90")
    show(f"Errors per {level}", columns, table)


def verdicts(found: Sequence[Score]) -> None:
    error, floor = (mean(found, model, 28, "rmsse") for model in (Model.CHART, Model.NAIVE))
    verdict("RMSSE 28", met=error <= RMSSE_28, measured=f"{error:.3f}; naive {floor:.3f}", target=f"{RMSSE_28}")
    for days in (28, AHEAD):
        off = mean(found, Model.ORDER, days, "bias")
        verdict(f"bias for ordering, {days} days", met=abs(off) <= BIAS, measured=f"{off:+.3f}", target=f"{BIAS}")
    for model in (Model.CHART, Model.ORDER):
        inside = mean(found, model, AHEAD, "cover")
        good = COVER[0] <= inside <= COVER[1]
        verdict(f"80 % intervals, {model}", met=good, measured=f"{inside:.3f}", target=f"{COVER[0]} to {COVER[1]}")


def once(path: Path, country: str, series: int) -> None:
    """Read, fit, forecast; print what it took and a digest of the numbers."""
    begun, wall = time.process_time(), time.perf_counter()
    past = read_sales(path, country=country)
    past = past.rows(np.arange(series) % len(past.keys)) if series else past
    # The last 90 days stand in for those to come: their promotions and closed days are what a shop has planned.
    made = forecast(past.until(past.known - AHEAD), AHEAD)
    text = b"".join(made.by_model[model].tobytes() for model in sorted(made.by_model))
    print(
        json.dumps(
            {
                "series": len(past.keys),
                "cpu": time.process_time() - begun,
                "wall": time.perf_counter() - wall,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
                "digest": hashlib.sha256(text).hexdigest()[:16],
            }
        )
    )


def started(path: Path, country: str, series: int = 0) -> dict[str, Any]:
    """Do it in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.forecasting", "--once", "--csv", str(path), "--country", country]
    ran = subprocess.run([*command, "--series", str(series)], check=True, capture_output=True, text=True)
    return dict(json.loads(ran.stdout))


def cost(path: Path, country: str, series: int) -> None:
    runs = [started(path, country), started(path, country)]
    if series:
        runs.append(started(path, country, series))
    show(
        "Read, fit and forecast 90 days",
        ("series", "CPU s", "wall s", "peak MB", "numbers"),
        [(f"{one['series']:,}", one["cpu"], one["wall"], one["peak"], one["digest"]) for one in runs],
        note=load_of_others(),
    )
    cpu, peak = max(one["cpu"] for one in runs[:2]), max(one["peak"] for one in runs[:2])
    verdict("CPU", met=cpu <= CPU_SECONDS, measured=f"{cpu:.1f} s", target=f"{CPU_SECONDS} s")
    verdict("memory", met=peak <= MEGABYTES, measured=f"{peak:.0f} MB", target=f"{MEGABYTES} MB")
    same = runs[0]["digest"] == runs[1]["digest"]
    verdict("a second run", met=same, measured="the same" if same else "others", target="the same numbers")
    if series:
        minutes = runs[2]["wall"] / 60
        verdict(f"{series:,} series", met=minutes <= MANY_MINUTES, measured=f"{minutes:.1f} min", target="15 min")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, default=FILE)
    parser.add_argument("--country", default="IT")
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--series", type=int, default=0)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    if not asked.csv.is_file():
        print(f"Not measured: {asked.csv.name} isn't there. Give a file with --csv.")
        return
    if asked.once:
        once(asked.csv, asked.country, asked.series)
        return
    judge(read_sales(asked.csv, country=asked.country), asked.windows)
    cost(asked.csv, asked.country, asked.series)


if __name__ == "__main__":
    main()
