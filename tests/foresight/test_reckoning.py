"""From what was sold to what will be: closed days stay closed, weekdays are found, champions stay until beaten."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from retail.analytics.rollups.sources import NOBODY
from retail.foresight.drift import Watch
from retail.foresight.history import History, Sold
from retail.foresight.reckoning import AHEAD, Made, arranged, reckon

LAST = date(2026, 11, 22)  # a Sunday
STORE = UUID(int=7)
SHAPE = [0.8, 0.9, 1.0, 1.0, 1.2, 1.6]


def traded(days: int, *, level: float = 1000.0, growth: float = 0.0, seed: int = 1) -> History:
    """Sell from Monday to Saturday, more on Saturdays, for so many days up to LAST."""
    chance = random.Random(seed)
    first = LAST - timedelta(days=days - 1)
    sold: dict[date, float] = {}
    for at in range(days):
        day = first + timedelta(days=at)
        if day.weekday() < 6:
            sold[day] = level * SHAPE[day.weekday()] * (1 + growth * at / 364) * chance.uniform(0.95, 1.05)
    amounts = {(STORE, NOBODY): sold}
    return History(first, LAST, "DE", {STORE: set(sold)}, (Sold("store", "revenue", amounts),))


def only(past: History, champion: str = "") -> Made:
    (made,) = reckon(past, {("store", "revenue"): champion} if champion else {})
    return made


def test_sundays_are_closed_in_what_is_known_and_in_what_is_to_come() -> None:
    past = traded(70)
    whole = arranged(past, past.sold[0])
    assert (whole.known, whole.days) == (70, 70 + AHEAD)
    sundays = [at for at in range(whole.days) if (past.first + timedelta(days=at)).weekday() == 6]
    assert not whole.open[0, sundays].any()
    assert whole.open.sum() == whole.days - len(sundays)
    assert np.isnan(whole.quantity[0, [at for at in sundays if at < 70]]).all()


def test_what_a_series_sold_before_its_first_day_is_not_known_and_after_it_nothing_is_nothing() -> None:
    past = traded(70)
    late, gap = past.first + timedelta(days=30), past.first + timedelta(days=35)
    amounts = {day: 3.0 for day in past.sold[0].amounts[STORE, NOBODY] if day >= late and day != gap}
    whole = arranged(past, Sold("product", "units", {(STORE, uuid4()): amounts}))
    assert np.isnan(whole.quantity[0, :30]).all()
    assert whole.quantity[0, 35] == 0.0


def test_a_year_of_weekdays_is_forecast_within_bounds_and_said() -> None:
    made = only(traded(420))
    (told,) = made.told
    assert len(told.likely) == AHEAD
    days = [LAST + timedelta(days=at + 1) for at in range(AHEAD)]
    assert all(value == 0 for day, value in zip(days, told.likely, strict=True) if day.weekday() == 6)
    for at, day in enumerate(days[:27]):
        if day.weekday() < 6:
            assert told.likely[at] == pytest.approx(1000 * SHAPE[day.weekday()], rel=0.12)
    assert told.low is not None
    assert told.high is not None
    assert all(low <= value <= high for low, value, high in zip(told.low, told.likely, told.high, strict=True))
    assert told.strong is not None
    assert told.weak is not None
    assert (told.strong[0], told.weak[0]) == (6, 1)
    assert made.judged is not None
    assert made.judged.wape < made.judged.naive_wape
    assert made.choice.model != "seasonal naive"


def test_growth_is_told_against_the_year_before_once_that_is_known() -> None:
    assert only(traded(420)).told[0].growth is None
    (told,) = only(traded(728, growth=0.2)).told
    assert told.growth == pytest.approx(0.18, abs=0.04)


def test_a_short_history_has_no_bounds_and_no_judgement_and_keeps_its_model() -> None:
    made = only(traded(20))
    assert (made.judged, made.told[0].low, made.choice.model) == (None, None, "seasonal naive")
    assert max(made.told[0].likely) > 0


def test_the_last_champion_stays_where_nothing_is_clearly_better() -> None:
    first = only(traded(420))
    again = only(traded(420), first.choice.model)
    assert (again.choice.model, again.choice.before) == (first.choice.model, first.choice.model)


def test_the_same_history_gives_the_same_numbers() -> None:
    assert only(traded(200)).told == only(traded(200)).told


def test_a_country_without_a_calendar_is_forecast_too() -> None:
    past = traded(60)
    foreign = History(past.first, past.last, "ZZ", past.opened, past.sold)
    assert only(foreign).told[0].likely


def anew(past: History, champion: str) -> Made:
    seen = {("store", "revenue"): Watch(off_nights=3, drift="error", fresh=True)}
    (made,) = reckon(past, {("store", "revenue"): champion}, watched=seen)
    return made


def test_what_drifted_is_tried_on_the_newest_days_and_its_model_has_no_advance() -> None:
    past = traded(420)
    made = anew(past, "weekday mean")
    assert (made.choice.before, made.choice.rounds, made.watch.drift) == ("weekday mean", 3, "error")
    assert made.choice.errors[made.choice.model] < 0.95 * made.choice.errors["seasonal naive"]
    assert made.told[0].low is not None
    assert [len(line) for line in made.naive] == [28]


def test_where_nothing_beats_last_week_once_more_that_is_used_after_a_drift() -> None:
    past = traded(200)
    days = past.sold[0].amounts[STORE, NOBODY]
    for day in days:  # each week as the one before: nothing can be nearer
        days[day] = 1000.0 * SHAPE[day.weekday()]
    made = anew(past, "ridge")
    assert (made.choice.model, made.choice.before) == ("seasonal naive", "ridge")
