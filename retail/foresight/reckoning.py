"""From what was sold to what will be: panels, the champion of each level, its forecast and bounds. Loads scikit-learn.

docs/algorithms/foresight.md; the models are those of docs/algorithms/forecasting.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from retail.analytics.rollups.sources import NOBODY
from retail.forecasting import intervals
from retail.forecasting.backtest import Level as Lifted
from retail.forecasting.backtest import Score, origins, rolling, scores, seen_before
from retail.forecasting.calendars import named_holidays
from retail.forecasting.champions import Choice, choose, or_naive
from retail.forecasting.errors import UnknownCountry
from retail.forecasting.ladder import Made as Forecast
from retail.forecasting.ladder import Model, forecast, learn
from retail.forecasting.panel import Flags, Floats, Key, Panel, panel
from retail.foresight.drift import AHEAD_KEPT, Watch
from retail.foresight.history import History, Level, Measure, Sold, Subject
from retail.foresight.offers_ahead import offered, prices, taught, without_planned
from retail.foresight.opening import WEEKS, Holidays, open_ahead
from retail.foresight.planned import AHEAD
from retail.foresight.projected import Projected
from retail.foresight.projecting import project
from retail.foresight.responses import Response, without_own
from retail.foresight.supposing import Line, priced

NO_ANSWERS: Final[Mapping[UUID, Response]] = {}
UNWATCHED: Final[Mapping[tuple[str, str], Watch]] = {}
_HELD: Final = Watch()
_WEEKS_APART: Final = 7
_WEEK: Final = 7
_JUDGED: Final = 28
_QUARTER, _YEAR = 91, 364
_ROUNDS_FOR_TOTALS: Final = 3
_LEAST_WEEKS: Final = 4


@dataclass(frozen=True, slots=True)
class Told:
    """A series' forecast: amounts a day from the day after the history, and what is to be said of its past."""

    subject: Subject
    rung: str
    likely: list[float]
    low: list[float] | None
    high: list[float] | None
    strong: tuple[int, float] | None
    weak: tuple[int, float] | None
    growth: float | None
    closed: list[date]


@dataclass(frozen=True, slots=True)
class Judged:
    """How a level's model did on the business's own past, up to `days` ahead; None where the history is too short."""

    days: int
    wape: float
    bias: float
    mase: float
    rmsse: float
    cover: float | None
    naive_wape: float
    naive_rmsse: float


@dataclass(frozen=True, slots=True)
class Made:
    """A level as it was forecast: its series, the model, how that was judged, and how the last nights' ones held up.

    `naive`: of each series what last week's same weekday once more says of the next four weeks.
    """

    level: Level
    measure: Measure
    choice: Choice
    judged: Judged | None
    told: list[Told]
    projected: list[Projected]
    naive: list[list[float]]
    watch: Watch
    taught: Mapping[UUID, Response]
    """How buyers answer prices of those products whose offers the models learned from."""


def reckon(
    past: History,
    champions: Mapping[tuple[str, str], str],
    answers: Mapping[UUID, Response] = NO_ANSWERS,
    watched: Mapping[tuple[str, str], Watch] = UNWATCHED,
) -> Iterator[Made]:
    """Forecast every level, one after the other; `champions` are the models of the last run by level and measure.

    `answers` say how buyers answer the offers that are planned, of products that had hardly any. `watched` says whose
    forecasts drifted: there all models begin anew.
    """
    for sold in past.sold:
        whole = arranged(past, sold)
        before = champions.get((sold.level, sold.measure), str(Model.NAIVE))
        yield _level(past, whole, sold, before, answers, lately=watched.get((sold.level, sold.measure), _HELD))


def arranged(past: History, sold: Sold) -> Panel:
    """Lay a level's series out by days, with the days to come: closed weekdays stay closed, holidays are known."""
    count = (past.last - past.first).days + 1
    subjects = tuple(sold.amounts)
    places = {day: at for at, day in enumerate(past.first + timedelta(days=at) for at in range(count))}
    known = _holidays(past, count)
    opened = {store: _open_days(past, days, places, known) for store, days in past.opened.items()}
    opened[NOBODY] = _any_open(list(opened.values()), count)
    quantity = np.full((len(subjects), count), np.nan)
    for at, (subject, amounts) in enumerate(sold.amounts.items()):
        begun = min(places[day] for day in amounts)
        quantity[at, begun:] = 0.0
        for day, amount in amounts.items():
            quantity[at, places[day]] = max(amount, 0.0)
        quantity[at, ~opened[subject[0]][:count]] = np.nan
        quantity[at, :begun] = np.nan
    flags = np.array([opened[store] for store, _subject in subjects])
    promo = offered(past, subjects, count + AHEAD) if sold.level == "product" and past.planned else None
    keys = tuple(Key(str(store), str(subject)) for store, subject in subjects)
    holiday = np.array([past.first + timedelta(days=at) in known for at in range(count + AHEAD)])
    return panel(keys, past.first, quantity, ahead=AHEAD, open=flags, promo=promo, holiday=holiday)


def _open_days(past: History, days: set[date], places: Mapping[date, int], known: Holidays) -> Flags:
    """Tell when a store is open: when it sold; in days to come on its weekdays, but for holidays that it keeps."""
    flags = np.zeros(len(places) + AHEAD, dtype=np.bool_)
    flags[[places[day] for day in days if day in places]] = True
    flags[len(places) :] = open_ahead(days, past.last, AHEAD, known)
    return flags


def _any_open(opened: Sequence[Flags], count: int) -> Flags:
    """Tell when any store is open; those that sold nothing lately say nothing of days to come."""
    if not opened:
        return np.ones(count + AHEAD, dtype=np.bool_)
    flags = np.any(opened, axis=0)
    lately = [one for one in opened if one[max(0, count - WEEKS * _WEEK) : count].any()]
    flags[count:] = np.any(lately or opened, axis=0)[count:]
    return np.asarray(flags)


def _holidays(past: History, count: int) -> Holidays:
    try:
        return named_holidays(past.country, past.first, count + AHEAD)
    except UnknownCountry:  # no calendar of that country: its days are days like others
        return {}


def _level(
    past: History, whole: Panel, sold: Sold, before: str, answers: Mapping[UUID, Response], *, lately: Watch
) -> Made:
    subjects, offers = tuple(sold.amounts), sold.level == "product" and bool(past.planned)
    at, ahead = origins(whole.known, apart=_WEEKS_APART, horizon=_JUDGED) if lately.fresh else origins(whole.known)
    rounds = list(rolling(whole, at, ahead))
    found = scores(rounds, Lifted.PRODUCT) if rounds else []
    choice = _choice(found, before, anew=bool(lately.drift))
    whole = without_planned(whole) if offers else whole
    learned = learn(whole)
    made = forecast(whole, AHEAD, learned=learned)
    known = taught(past, whole, subjects, learned, answers) if offers else {}
    model = next((one for one in made.by_model if str(one) == choice.model), Model.NAIVE)
    likely = made.by_model[model]
    seen = seen_before(rounds, whole.known, model)
    widen = 1.0 if sold.level == "product" or len(seen) >= _ROUNDS_FOR_TOTALS else intervals.WIDE
    low, high = intervals.bounds(whole, likely, seen, widen=widen) if seen else (None, None)
    lines = [_line(likely, low, high, place) for place in range(len(subjects))]
    if offers:
        asked = prices(past, subjects, whole.days)[:, whole.known :]
        made = _with_planned(asked, subjects, lines, made, {**answers, **known})
    weekdays, growth, begins = _weekdays(whole), _growth(whole), past.last + timedelta(days=1)
    told = [
        Told(
            subject,
            str(made.rungs[place]),
            _plain(lines[place].likely),
            _bound(lines[place].low),
            _bound(lines[place].high),
            *_ends(weekdays[place]),
            growth[place],
            [begins + timedelta(days=int(at)) for at in np.flatnonzero(~whole.open[place, whole.known :])],
        )
        for place, subject in enumerate(subjects)
    ]
    projected = project(whole, rounds, made, subjects) if sold.level == "product" else []
    naive = [_plain(line[:AHEAD_KEPT]) for line in made.by_model[Model.NAIVE]]
    judged = _judged(found, choice.model)
    return Made(sold.level, sold.measure, choice, judged, told, projected, naive, lately, known)


def _with_planned(
    ahead: Floats, subjects: Sequence[Subject], lines: list[Line], made: Forecast, answers: Mapping[UUID, Response]
) -> Forecast:
    """Raise lines, and all forecasts, by the offers that are planned: as what if does once the run is shown.

    `ahead` are the prices of days to come over the usual ones.
    """
    elasticities = np.zeros((len(subjects), 1))
    for place in np.flatnonzero((ahead < 1).any(axis=1)).tolist():
        answer = answers.get(subjects[place][1]) or without_own(answers.get(NOBODY, Response())).as_kept()
        lines[place] = priced(lines[place], ahead[place].tolist(), answer)
        elasticities[place] = answer.elasticity
    return replace(made, by_model={name: one * ahead**elasticities for name, one in made.by_model.items()})


def _line(likely: Floats, low: Floats | None, high: Floats | None, place: int) -> Line:
    bounds = (None, None) if low is None or high is None else (low[place].tolist(), high[place].tolist())
    return Line(likely[place].tolist(), *bounds)


def _choice(found: Sequence[Score], before: str, *, anew: bool) -> Choice:
    """Choose the level's model: the best one takes over where it was clearly better than the last run's.

    `anew`: the last run's has no advance any more; as at first the best must be clearly better than the seasonal naive.
    """
    days = min(_JUDGED, max((one.horizon for one in found), default=0))
    rounds: dict[int, dict[str, float]] = {}
    for one in found:
        if one.horizon == days:
            rounds.setdefault(one.origin, {})[str(one.model)] = one.rmsse
    names = (Model.ORDER, Model.RIDGE, Model.POISSON, Model.WEEKDAYS, Model.NAIVE)
    champion = str(Model.NAIVE) if anew else before
    challengers, tried = [name for name in map(str, names) if name != champion], [rounds[one] for one in sorted(rounds)]
    return replace(or_naive(choose(tried, champion, challengers), tried, str(Model.NAIVE)), before=before)


def _judged(found: Sequence[Score], model: str) -> Judged | None:
    days = min(_JUDGED, max((one.horizon for one in found), default=0))

    def mean(name: str, of: str) -> float | None:
        values = [getattr(one, name) for one in found if one.horizon == days and str(one.model) == of]
        good = [value for value in values if np.isfinite(value)]
        return float(np.mean(good)) if good else None

    own = [mean(name, model) for name in ("wape", "bias", "mase", "rmsse")]
    naive = [mean(name, str(Model.NAIVE)) for name in ("wape", "rmsse")]
    known = [value for value in (*own, *naive) if value is not None]
    if len(known) < len(own) + len(naive):
        return None
    wape, bias, mase, rmsse, naive_wape, naive_rmsse = known
    return Judged(days, wape, bias, mase, rmsse, mean("cover", model), naive_wape, naive_rmsse)


def _plain(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in values]


def _bound(values: Sequence[float] | None) -> list[float] | None:
    return None if values is None else _plain(values)


def _weekdays(whole: Panel) -> list[dict[int, float]]:
    """Give each series' weekdays (1 is Monday) as shares of its mean day over the last year; open days only."""
    begin = max(0, whole.known - _YEAR)
    usable = whole.usable[:, begin:]
    sold = np.where(usable, whole.quantity[:, begin:], 0.0)
    named = np.array([(whole.first + timedelta(days=begin + at)).isoweekday() for at in range(sold.shape[1])])
    found = []
    for place in range(len(whole.keys)):
        mean = sold[place].sum() / max(1, usable[place].sum())
        shares = {}
        for weekday in range(1, _WEEK + 1):
            of_day = usable[place] & (named == weekday)
            if mean > 0 and of_day.sum() >= _LEAST_WEEKS:
                shares[weekday] = float(sold[place][of_day].mean() / mean)
        found.append(shares)
    return found


def _ends(shares: Mapping[int, float]) -> tuple[tuple[int, float] | None, tuple[int, float] | None]:
    """Give the strongest and the weakest weekday with how far each is from the mean day; None with fewer than two."""
    if len(shares) < 2:
        return None, None
    strong, weak = max(shares, key=lambda day: shares[day]), min(shares, key=lambda day: shares[day])
    return (strong, round(shares[strong] - 1, 4)), (weak, round(shares[weak] - 1, 4))


def _growth(whole: Panel) -> list[float | None]:
    """Give how the last quarter of a year compares with the same weekdays a year before; None where nobody knows."""
    if whole.known < _YEAR + _QUARTER:
        return [None] * len(whole.keys)
    now = whole.quantity[:, whole.known - _QUARTER :]
    then = whole.quantity[:, whole.known - _YEAR - _QUARTER : whole.known - _YEAR]
    both = np.isfinite(now) & np.isfinite(then)
    late, early = np.where(both, now, 0).sum(axis=1), np.where(both, then, 0).sum(axis=1)
    enough = both.sum(axis=1) >= _QUARTER // 2
    return [
        round(float(one / other - 1), 4) if full and other > 0 else None
        for one, other, full in zip(late, early, enough, strict=True)
    ]
