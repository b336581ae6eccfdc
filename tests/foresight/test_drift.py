"""Whether forecasts still hold up: of quiet business hardly a false alarm, of a break one within days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from retail.forecasting import intervals
from retail.forecasting.baselines import seasonal_naive, weekday_mean
from retail.forecasting.panel import Floats, Key, panel
from retail.foresight.drift import AHEAD_KEPT, Held, Kept, Series, Standing, Watch, held, standing_after, watch, why_off

FIRST = date(2025, 1, 6)
SHAPE = np.array([0.8, 0.9, 1.0, 1.0, 1.2, 1.6, 0.7])
START = 168
"""Nights are watched from here on; three windows of four weeks before it say how good the model is."""


def business(series: int, days: int, seed: int) -> Floats:
    """Make shops by weekday with noise of a fifth that lasts a little: each is a level by itself."""
    chance = np.random.default_rng(seed)
    fresh = chance.normal(0, 0.2 * np.sqrt(1 - 0.3**2), (series, days))
    noise = fresh.copy()
    for day in range(1, days):
        noise[:, day] = 0.3 * noise[:, day - 1] + fresh[:, day]
    return np.asarray(1000 * SHAPE[np.arange(days) % 7] * np.exp(noise))


def nights(sold: Floats) -> list[list[Watch]]:
    """Watch each shop night by night, forecast by the mean of its weekdays; what drifts begins anew."""
    whole = panel(tuple(Key(str(at), "") for at in range(len(sold))), FIRST, sold, ahead=AHEAD_KEPT)
    rounds = []
    for origin in (START - 84, START - 56, START - 28):
        past = whole.until(origin)
        rounds.append((past, weekday_mean(past, 28), sold[:, origin : origin + 28]))
    base = np.mean([np.abs(came - said).sum(axis=1) / came.sum(axis=1) for _past, said, came in rounds], axis=0)
    kept: list[list[Kept]] = [[] for _shop in sold]
    for night in range(START, sold.shape[1]):
        past = whole.until(night)
        said, naive = weekday_mean(past, AHEAD_KEPT), seasonal_naive(past, AHEAD_KEPT)
        for at in range(len(sold)):
            own = np.array([at])
            seen = [intervals.errors(one.rows(own), line[own], came[own]) for one, line, came in rounds]
            low, high = intervals.bounds(past.rows(own), said[own], seen)
            lines = [[round(1000 * value) for value in line] for line in (said[at], low[0], high[0], naive[at])]
            kept[at].append(Kept(FIRST + timedelta(days=night), "weekday mean", *lines))
    return [_walk(sold[at], kept[at], float(base[at])) for at in range(len(sold))]


def _walk(sold: Floats, kept: list[Kept], base: float) -> list[Watch]:
    days = {FIRST + timedelta(days=at): float(value) for at, value in enumerate(sold)}
    standing = Standing("weekday mean", FIRST + timedelta(days=START - 1), base, FIRST + timedelta(days=START))
    found = []
    for night in range(START, len(sold)):
        last = FIRST + timedelta(days=night)
        lately = [one for one in kept if last - timedelta(days=55) < one.first <= last]
        seen = watch([Series(days, days, lately)], standing, last)
        standing = standing_after(standing, seen, "weekday mean", base, last)
        found.append(seen)
    return found


def test_quiet_business_gives_less_than_one_false_alarm_in_two_years_and_level() -> None:
    shops, days = 8, 364
    alarms = [one.drift for line in nights(business(shops, START + days, 5)) for one in line if one.drift]
    assert len(alarms) / shops < 0.5


@pytest.mark.parametrize(("change", "seed"), [(-0.35, 2), (0.6, 3)])
def test_a_break_is_found_within_four_weeks(change: float, seed: int) -> None:
    sold, broke = business(6, START + 80, seed), START + 40
    sold[:, broke:] *= 1 + change
    found = [[at for at, one in enumerate(line) if one.drift and at >= broke - START] for line in nights(sold)]
    waited = [line[0] - (broke - START) for line in found if line]
    assert len(waited) >= 5
    assert (max(waited) <= 40, float(np.median(waited)) <= 16) == (True, True)


def quiet(first: date, model: str = "ridge", *, said: int = 100, bound: int = 10) -> Kept:
    line = [said * 1000] * AHEAD_KEPT
    edges = [[(said + by) * 1000] * AHEAD_KEPT for by in (-bound, bound)]
    return Kept(first, model, line, *edges, [80_000] * AHEAD_KEPT)


def test_figures_are_those_of_days_that_are_over_open_and_of_the_model_in_use() -> None:
    last = FIRST + timedelta(days=40)
    opened = {FIRST + timedelta(days=at) for at in range(41) if at % 7 != 6}
    sold = {day: 110.0 if day.weekday() else 120.0 for day in opened}
    lines = [quiet(FIRST + timedelta(days=at)) for at in range(41)]
    lines.append(quiet(FIRST + timedelta(days=20), "boosted mean", said=900))
    one = held([Series(sold, opened, lines)], last, "ridge", None)
    assert one is not None
    # four Mondays to Saturdays: 120 and five of 110, for 100, within 10 but on Mondays
    window = [day for day in opened if day > last - timedelta(days=28)]
    each = {day: sum(day - timedelta(days=27) <= kept.first <= day for kept in lines[:-1]) for day in window}
    weight = sum(each.values())
    mondays = sum(number for day, number in each.items() if not day.weekday())
    amount = 110 * weight + 10 * mondays
    assert one.days == 24
    assert one.wape == pytest.approx((10 * weight + 10 * mondays) / amount)
    assert one.naive == pytest.approx((30 * weight + 10 * mondays) / amount)
    assert one.cover == pytest.approx(1 - mondays / weight)
    assert held([Series(sold, opened, lines)], last, "ridge", last - timedelta(days=10)) is None
    assert held([Series({}, opened, lines)], last, "ridge", None) is None


def test_error_and_bounds_are_each_told_and_only_beyond_their_edges() -> None:
    assert why_off(Held(28, 0.16, 0.3, 0.8), 0.1) == ""
    assert why_off(Held(28, 0.161, 0.3, 0.8), 0.1) == "error"
    assert why_off(Held(28, 0.1, 0.3, 0.44), 0.1) == "cover"
    assert why_off(Held(28, 0.1, 0.3, 1.0), 0.1) == "cover"
    assert why_off(Held(28, 0.2, 0.3, 0.2), 0.1) == "both"
    assert why_off(Held(28, 9.0, 0.3, None), None) == ""


def test_three_nights_are_asked_for_a_second_look_at_a_day_is_none_and_afterwards_all_begins_anew() -> None:
    opened = {FIRST + timedelta(days=at) for at in range(60)}
    off = Series(dict.fromkeys(opened, 200.0), opened, [quiet(FIRST + timedelta(days=at)) for at in range(60)])
    standing = Standing("ridge", FIRST + timedelta(days=29), 0.1, FIRST)
    steps = []
    for at in (30, 30, 31, 32):
        last = FIRST + timedelta(days=at)
        seen = watch([off], standing, last)
        steps.append((seen.off_nights, seen.drift, seen.fresh))
        standing = standing_after(standing, seen, "ridge", 0.4, last)
    assert steps == [(1, "", False), (1, "", False), (2, "", False), (3, "both", True)]
    assert standing == Standing("ridge", last, 0.4, last + timedelta(days=1), 0, last)
    later = last + timedelta(days=10)
    assert watch([off], standing, later) == Watch(None, 0, "", fresh=True)
    assert not watch([off], replace(standing, since=later), last + timedelta(days=146)).fresh


def test_another_model_begins_anew_and_the_same_one_keeps_the_error_of_its_promotion() -> None:
    last = FIRST + timedelta(days=9)
    before, seen = Standing("ridge", FIRST, 0.1, FIRST, 0, None), Watch(Held(20, 0.12, 0.3, 0.8))
    assert standing_after(before, seen, "ridge", 0.3, last) == Standing("ridge", last, 0.1, FIRST, 0, None)
    changed = standing_after(before, seen, "weekday mean", 0.09, last)
    assert (changed.base, changed.since) == (0.09, last + timedelta(days=1))
    assert standing_after(None, Watch(), "ridge", None, last).base is None
