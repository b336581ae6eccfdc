"""`countertop forecast backtest`: how good forecasts would have been on a file of sales, without a database."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:  # numbers are loaded when they are asked for, not by each command
    from retail.forecasting.backtest import Score
    from retail.forecasting.champions import Choice
    from retail.forecasting.files import Form

Verbs = Any  # argparse gives the action that holds the verbs no public name

REFUSED: Final = 1
FARTHEST: Final = 120
_COLUMNS: Final = ("Level", "Days", "Model", "RMSSE", "MASE", "WAPE", "Bias", "In 80 %")
_PLACES: Final = {"product": "per product", "store": "per store", "total": "all together"}
_MEANING: Final = (
    "RMSSE and MASE: error over the usual change from day to day, and from week to week; below 1 is better than that. "
    "WAPE: what was missed over what was sold. Bias: too much (+) or too little (-). In 80 %: days within its bounds; "
    "they go by one or two earlier rounds only; with more of them they come nearer to 80."
)


def add_forecast(verbs: Verbs) -> None:
    """Add the verb `forecast` to the command line."""
    forecast = verbs.add_parser("forecast", help="try forecasts out")
    what = forecast.add_subparsers(dest="what", required=True)
    backtest = what.add_parser("backtest", help="forecast the past of a file of sales and show how wrong that was")
    backtest.add_argument(
        "--csv",
        type=Path,
        required=True,
        metavar="FILE",
        help="date, store, product, qty, perhaps price, promo; or .gz",
    )
    backtest.add_argument("--days", type=_days, default=FARTHEST, metavar="N", help="look so far ahead at most (120)")
    backtest.add_argument("--country", default="", metavar="CC", help="whose public holidays count, for example IT")
    backtest.add_argument("--region", metavar="CODE", help="of a region of that country, for example BY of DE")


def _days(typed: str) -> int:
    if not typed.isdecimal() or not 1 <= int(typed) <= FARTHEST:
        raise argparse.ArgumentTypeError(f"give a number of days from 1 to {FARTHEST}")
    return int(typed)


def backtest(asked: argparse.Namespace, console: Console) -> int:
    """Print errors by level, days ahead and model, and what would be used; 1 where the history is too short."""
    from retail.forecasting import backtest as past  # noqa: PLC0415 - loads scikit-learn
    from retail.forecasting.files import form_of, read_sales  # noqa: PLC0415

    _say(console, _form_words(form_of(asked.csv)))
    whole = read_sales(asked.csv, country=asked.country, region=asked.region)
    at, ahead = past.origins(whole.known, horizon=asked.days)
    _say(console, f"{len(whole.keys):,} series, {whole.known:,} days from {whole.first}.")
    if not at:
        _say(console, "The history is too short: give at least 42 days, or look less far ahead with --days.")
        return REFUSED
    _say(console, f"Forecast {ahead} days from {len(at)} days of the past, with what was known there.")
    if ahead < asked.days:
        _say(console, f"For {asked.days} days the history is too short.")
    horizons = (*(days for days in past.HORIZONS if days < ahead), ahead)
    told = Console(stderr=True)
    with told.status("Forecasting…"):
        rounds = list(past.rolling(whole, at, ahead))
    for level in past.Level:
        found = past.scores(rounds, level, horizons)
        console.print(_table(level, found))
        for use, blend in past.USES[level]:
            _say(console, _why(str(level), use, past.chosen(found, blend)))
    _say(console, _MEANING)
    return 0


def _form_words(form: Form) -> str:
    between = {",": "commas", ";": "semicolons", "\t": "tabs"}[form.between]
    mark = "a comma" if form.decimal == "," else "a point"
    return f"Read as columns between {between}, decimals behind {mark}."


def _table(level: str, found: Sequence[Score]) -> Table:
    table = Table(*_COLUMNS[1:], title=_PLACES[level].capitalize(), title_justify="left")
    groups = dict.fromkeys((one.horizon, one.model) for one in sorted(found, key=lambda one: one.horizon))
    last = None
    for days, model in groups:
        same = [one for one in found if (one.horizon, one.model) == (days, model)]
        if last not in {None, days}:
            table.add_section()
        last = days
        table.add_row(
            str(days),
            escape(str(model)),
            *(_number(_mean([getattr(one, name) for one in same])) for name in ("rmsse", "mase")),
            *(_percent(_mean([getattr(one, name) for one in same])) for name in ("wape", "bias", "cover")),
        )
    return table


def _why(level: str, use: str, choice: Choice) -> str:
    """Say which model would be used, and why."""
    place = _PLACES[level]
    if not choice.changed:
        return f"No model beats the {choice.before} for {use} {place}: it would be used."
    return (
        f"For {use} {place}: {choice.model}. Its error is {choice.gain:.0%} below that of the {choice.before}, "
        f"and more than 5 % below it in {choice.better_in} of {choice.rounds} rounds."
    )


def _say(console: Console, sentence: str) -> None:
    console.print(escape(sentence), highlight=False, soft_wrap=True)


def _mean(values: Sequence[float]) -> float:
    good = [value for value in values if math.isfinite(value)]
    return sum(good) / len(good) if good else math.nan


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "-"


def _percent(value: float) -> str:
    return f"{value * 100:.1f} %" if math.isfinite(value) else "-"
