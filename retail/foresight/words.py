"""Forecasts in sentences: which model, how often it was right, what the past looks like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from retail.analytics import writing
from retail.foresight.planned import Planned
from retail.foresight.queries import Judgement, Series
from retail.foresight.responses import Response as Answer
from retail.foresight.supposing_words import known_from, percent
from retail.kit.quantity import format_quantity
from retail.kit.text import _
from retail.runtime.tenancy import TenantFacts

_MONDAY: Final = date(2024, 1, 1)
_STEADY: Final = Decimal("0.02")
_FEW: Final = 100
_NAIVE: Final = "seasonal naive"


def model_words(model: str) -> str:
    """Name a model."""
    names = {
        "seasonal naive": _("the same weekday of last week once more"),
        "weekday mean": _("the mean of eight same weekdays"),
        "tsb": _("rare sales smoothed"),
        "ridge": _("a line over calendar and holidays"),
        "boosted mean": _("boosted trees"),
        "boosted median": _("boosted trees"),
        "blend for ordering": _("several models together"),
        "blend for charts": _("several models together"),
    }
    return names.get(model, model)


def level_words(level: str) -> str:
    """Name a level."""
    return {
        "total": _("All together"),
        "store": _("Stores"),
        "category": _("Categories"),
        "product": _("Products"),
    }[level]


def judgement_words(one: Judgement, locale: str) -> str:
    """Say how good forecasts of a level were on the business's own past."""
    if one.wape is None or one.naive_wape is None or one.days is None:
        return _("The history is too short to say how good this is. After some weeks it says so here.")
    said = {
        "model": model_words(one.model),
        "days": one.days,
        "error": writing.share(one.wape, locale),
        "naive": writing.share(one.naive_wape, locale),
        "rounds": one.rounds,
    }
    if one.model == _NAIVE:
        return (
            _("Nothing was clearly better here than %(model)s, so that is used: it was off by %(naive)s on average.")
            % said
        )
    told = (
        _(
            "Made by %(model)s. Tried on your own past, %(rounds)d times %(days)d days ahead, it was off by %(error)s "
            "on average; the same weekday of last week once more would have been off by %(naive)s."
        )
        % said
    )
    if one.cover is None:
        return told
    return f"{told} {_('%(share)s of the days lay within the bounds.') % {'share': writing.share(one.cover, locale)}}"


def why_words(one: Judgement, locale: str) -> str:
    """Say why a model is used: it took over, it stays, or no model beats last week once more."""
    said = {"before": model_words(one.before), "some": one.better_in, "all": one.rounds}
    if not one.rounds:
        return _("The history is too short to try models on it, so the one that was used before is.")
    if one.model == _NAIVE and one.before == _NAIVE:
        return (
            _(
                "Used because no other model beats it: the best of them was more than 5 %% better in %(some)s of "
                "%(all)s tries, and two of three are asked for."
            )
            % said
        )
    if one.model == _NAIVE:
        return (
            _("Used because no other model beats it any more: %(before)s, used before, came out no better on average.")
            % said
        )
    below = _below_naive(one, locale)
    if one.model == one.before:
        return _(
            "Stays in use%(below)s. The best of the others was more than 5 %% better than it in %(some)s of "
            "%(all)s tries, and two of three are asked for."
        ) % (said | {"below": below})
    return _("Took over from %(before)s%(below)s: it was more than 5 %% better in %(some)s of %(all)s tries.") % (
        said | {"below": below}
    )


def _below_naive(one: Judgement, locale: str) -> str:
    if one.rmsse is None or not one.naive_rmsse:
        return ""
    by = writing.share(1 - one.rmsse / one.naive_rmsse, locale)
    return _(", with an error %(by)s below that of last week once more") % {"by": by}


def past_words(one: Series, locale: str) -> list[str]:
    """Say what the series' past looks like: weekdays, growth, and where there is too little of it."""
    said = []
    if one.strong and one.weak and one.strong[0] != one.weak[0]:
        said.append(
            _("%(strong)s is the strongest weekday, %(up)s above a mean day; %(weak)s the weakest, %(down)s below.")
            % {
                "strong": _weekday(one.strong[0], locale),
                "up": writing.share(abs(one.strong[1]), locale),
                "weak": _weekday(one.weak[0], locale),
                "down": writing.share(abs(one.weak[1]), locale),
            }
        )
    if one.growth is not None:
        by = writing.share(abs(one.growth), locale)
        if abs(one.growth) < _STEADY:
            said.append(_("The last three months were as a year before."))
        elif one.growth > 0:
            said.append(_("The last three months were %(by)s above those a year before.") % {"by": by})
        else:
            said.append(_("The last three months were %(by)s below those a year before.") % {"by": by})
    if one.rung == "new":
        said.append(_("It is sold for less than two weeks: the forecast leans on what others of its kind sell."))
    elif one.rung == "young":
        said.append(_("It is sold for less than two months: the forecast goes by weekdays alone."))
    return said


def closed_words(of: Series, days: int, locale: str) -> list[str]:
    """Say on which days the shop is taken for closed, that are no day of rest each week."""
    ahead = [of.first + timedelta(days=at) for at in range(days)]
    every = {day.weekday() for day in ahead if day not in of.closed}
    closed = [day for day in ahead if day in of.closed and day.weekday() in every]
    if not closed:
        return []
    said = _("Closed, so nothing is expected, on %(days)s: public holidays on which nothing was sold before.")
    return [said % {"days": ", ".join(writing.long_day(day, locale) for day in closed)}]


def planned_words(found: Sequence[Planned], answer: Answer | None, locale: str) -> list[str]:
    """Say which planned offers a forecast holds, what each brings and from what that is known, or that it holds none.

    `answer` says how buyers answer prices of the product; without one the forecast is of more than a product.
    """

    def day(one: date | None) -> str:
        return writing.long_day(one, locale) if one else "\u2026"

    if not found:
        return []
    if answer is None:
        return [
            _("Offers that are planned raise the forecasts of their products; this one goes by what was sold alone.")
        ]
    said = _(
        "Raised by the offer %(name)s, %(first)s \u2013 %(last)s: at %(off)s off it sells about %(by)s more. %(known)s"
    )
    known = known_from(answer.changes + answer.offers, answer.of_others, wide=False)
    return [
        said
        % {
            "name": one.name,
            "first": day(one.first),
            "last": day(one.last),
            "off": percent(1 - one.ratio, locale),
            "by": percent(one.ratio**answer.elasticity - 1, locale),
            "known": known,
        }
        for one in found
    ]


def _weekday(number: int, locale: str) -> str:
    return writing.weekday(_MONDAY + timedelta(days=number - 1), locale)


def amount_words(facts: TenantFacts, measure: str, value: Decimal) -> str:
    """Write an amount of a forecast: money short, units with a decimal where they are few."""
    if measure == "units":
        return format_quantity(value.quantize(Decimal("0.1") if abs(value) < _FEW else Decimal(1)), facts.locale)
    return writing.short_money(int(value.to_integral_value(ROUND_HALF_UP)), facts.money, facts.locale)
