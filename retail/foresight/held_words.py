"""How past forecasts held up, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from retail.analytics import writing
from retail.foresight.drift import LEAST_DAYS
from retail.foresight.queries import Judgement
from retail.foresight.words import model_words
from retail.kit.text import _


def drift_words(drift: str) -> str:
    """Say what was too far off."""
    return {
        "error": _("far more off than when its model was chosen"),
        "cover": _("bounds that held too little or everything"),
        "both": _("far more off than when its model was chosen, and outside its bounds"),
    }[drift]


def held_words(one: Judgement, drifted: Judgement | None, locale: str) -> Sequence[str]:
    """Say how forecasts of a level held up lately, when they last didn't, and what was done then."""
    if one.level == "product":
        return [_("Forecasts of single products aren't watched, for their days are noise; categories and stores are.")]
    said = [_lately(one, locale)]
    if one.past_wape is not None and one.base_wape is not None:
        base = writing.share(one.base_wape, locale)
        said.append(_("When its model was chosen, it was off by %(base)s.") % {"base": base})
    if one.past_wape is not None and one.past_naive is not None and one.past_naive < one.past_wape:
        said.append(_("Last week once more would have been nearer in these days."))
    if drifted is None:
        said.append(_("It has not drifted since it is watched."))
        return said
    told = {
        "day": writing.long_day(drifted.last_day, locale),
        "why": drift_words(drifted.drift),
        "model": model_words(drifted.model),
    }
    if drifted.model == "seasonal naive":
        text = _("It last drifted on %(day)s (%(why)s). All models were tried anew; none was clearly better than last "
                 "week once more, so that was used.")  # fmt: skip
    elif drifted.model == drifted.before:
        text = _("It last drifted on %(day)s (%(why)s). All models were tried anew on the newest days, and the same "
                 "one was the best: %(model)s.")  # fmt: skip
    else:
        text = _("It last drifted on %(day)s (%(why)s). All models were tried anew on the newest days, and another "
                 "one took over: %(model)s.")  # fmt: skip
    said.append(text % told)
    return said


def _lately(one: Judgement, locale: str) -> str:
    if one.past_wape is None or one.past_naive is None or one.past_days is None:
        days = {"days": LEAST_DAYS}
        return _("It is said here once %(days)d days are over since the model in use was chosen.") % days
    told = {
        "days": one.past_days,
        "error": writing.share(one.past_wape, locale),
        "naive": writing.share(one.past_naive, locale),
        "cover": writing.share(one.past_cover or Decimal(0), locale),
    }
    if one.past_cover is None:
        return (
            _("Over the last %(days)d days, what was forecast in the four weeks before each was off by %(error)s; last "
              "week once more would have been off by %(naive)s.") % told
        )  # fmt: skip
    return (
        _("Over the last %(days)d days, what was forecast in the four weeks before each was off by %(error)s; last "
          "week once more would have been off by %(naive)s. %(cover)s of the days lay within the bounds, which are "
          "meant to hold 80 %%.") % told
    )  # fmt: skip
