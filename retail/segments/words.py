"""Segments, risks and values in plain words, and what to do for each segment."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from babel.numbers import format_percent

from retail.customers.segmented import segment_words
from retail.kit.money import Currency, format_money
from retail.kit.quantity import format_quantity, locale_of
from retail.kit.text import _
from retail.segments.queries import State
from retail.segments.rules import HORIZON, LEAST_CUSTOMERS, LEAST_DAYS, risk_level

TONES: Final = {"vip": "ok", "loyal": "ok", "active": "", "new": "info", "at_risk": "warn", "lost": "bad"}
"""The colour of a segment's mark; its name always stands beside it."""
RISK_TONES: Final = {"low": "ok", "medium": "", "high": "warn"}


def came_from(segment: str | None) -> str:
    """Name where somebody moved from."""
    return segment_words(segment) if segment else _("First purchase")


def meaning_words(segment: str) -> str:
    """Say who is in a segment."""
    return {
        "vip": _("They come the most often and spend the most."),
        "loyal": _("They come again and again, and spend well."),
        "active": _("They came lately, and buy now and then."),
        "new": _("Their first purchase was in the last 60 days."),
        "at_risk": _("They have not come for longer than the others."),
        "lost": _("They have stayed away far longer than customers of yours who came back."),
    }[segment]


def suggestion(segment: str) -> str:
    """Say what to do for a segment."""
    return {
        "vip": _("Thank them by name, and show them first what is new. They need no discount: they come anyway."),
        "loyal": _("Show them something they have not bought yet: one more kind of goods makes a VIP."),
        "active": _("Give them a reason for the next visit, such as a voucher that runs out in two weeks."),
        "new": _("Invite them to a second visit within a month: who comes twice mostly comes again."),
        "at_risk": _("Write to them now, with an offer on what they used to buy. Later it helps less."),
        "lost": _("Ask them once with a strong offer. Who doesn't answer costs more than they bring: leave them be."),
    }[segment]


def risk_words(permille: int | None, locale: str) -> str:
    """Name a risk with its chance; a dash where none is known."""
    return "\u2013" if permille is None else f"{level_words(risk_level(permille))}, {percent(permille, locale)}"


def level_words(level: str) -> str:
    """Name a level of risk."""
    return {"low": _("low"), "medium": _("medium"), "high": _("high")}[level]


def percent(permille: int, locale: str) -> str:
    """Write thousandths as whole percent."""
    written: str = format_percent(Decimal((permille + 5) // 10) / 100, locale=locale_of(locale))
    return written


def method_words(method: str) -> str:
    """Name how values are worked out."""
    return {
        "bgnbd": _("how often and how lately each came, and what each spends (BG/NBD and Gamma-Gamma)"),
        "rate": _("what each has spent per day since their first visit"),
        "last": _("the same again as in the year before: nothing else was closer"),
    }[method]


def standing_words(state: State, locale: str) -> str:
    """Say why nothing is told of the segments; '' where it is."""
    told = {"customers": _count(state.customers, locale), "days": _count(state.history_days, locale)}
    if state.standing == "few":
        least = told | {"least": _count(LEAST_CUSTOMERS, locale)}
        return (
            _(
                "%(customers)s known customers have bought so far. From %(least)s on they are told apart: choose the "
                "customer at the till, or scan their card."
            )
            % least
        )
    if state.standing == "short":
        least = told | {"least": _count(LEAST_DAYS, locale)}
        return (
            _(
                "Your known customers' first purchase was %(days)s days ago. After %(least)s days there is enough to "
                "tell who comes back."
            )
            % least
        )
    return ""


def value_words(state: State, money: Currency, locale: str) -> str:
    """Say how values were checked, and how far off they were beside the floor."""
    if state.value_method is None:
        return _(
            "What customers will be worth is told once 50 of them have come twice, and there are sales of 180 days."
        )
    assert state.value_error_minor is not None  # noqa: S101 - the table has them together
    assert state.floor_error_minor is not None  # noqa: S101 - the same
    assert state.value_told_minor is not None  # noqa: S101 - the same
    assert state.value_came_minor is not None  # noqa: S101 - the same
    return _(
        'Checked on the last %(days)s days, which it did not know: %(error)s wrong per customer on average; "the same '
        'again" is %(floor)s wrong. All together it told %(told)s, and %(came)s came.'
    ) % {
        "days": _count(state.value_days or 0, locale),
        "error": format_money(state.value_error_minor, money, locale),
        "floor": format_money(state.floor_error_minor, money, locale),
        "told": format_money(state.value_told_minor, money, locale),
        "came": format_money(state.value_came_minor, money, locale),
    }


def risk_checked(state: State, locale: str) -> str:
    """Say what risk means, and how it was checked."""
    if not state.risk_known:
        return _("Who may not come back is told once there are sales of 120 days.")
    means = _("Risk is the chance that somebody doesn't come in the next %(days)d days.") % {"days": HORIZON}
    low, high = state.risk_low_permille, state.risk_high_permille
    if low is None or high is None:
        return means
    checked = _(
        "Checked on the last %(days)d days: of those with a high risk %(high)s stayed away, of those with a low one "
        "%(low)s."
    )
    told = {"days": HORIZON, "high": percent(high, locale), "low": percent(low, locale)}
    return f"{means} {checked % told}"


def _count(of: int, locale: str) -> str:
    return format_quantity(Decimal(of), locale)
