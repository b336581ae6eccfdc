"""What if, in sentences: how buyers answer prices and how sure that is, and how long goods last."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from babel.numbers import format_percent

from retail.analytics import writing
from retail.foresight.responses import STAYS, Response
from retail.foresight.supposing import EDGE, Cover, Levers
from retail.kit.quantity import format_quantity, locale_of
from retail.kit.text import _, ngettext

_CHEAPER = 0.9


def response_words(one: Response, locale: str, *, wide: bool) -> list[str]:
    """Say how buyers answer a price 10 % lower, and from what that is known."""

    def more(elasticity: float) -> str:
        return writing.share(Decimal(repr(_CHEAPER ** min(0.0, elasticity) - 1)).quantize(Decimal("0.001")), locale)

    swing = one.spread * EDGE
    edges = {
        "by": more(one.elasticity),
        "low": more(one.elasticity + swing),
        "high": more(one.elasticity - swing),
        "price": _percent(Decimal("0.1"), locale),
    }
    said = (
        _("A price %(price)s lower sells about %(by)s more, in four of five cases between %(low)s and %(high)s.")
        % edges
    )
    own = one.changes + one.offers
    told = [f"{said} {known_from(own, one.of_others, wide=wide)}"]
    if wide:
        kept = _percent(Decimal(repr(STAYS)), locale)
        told.append(
            _("Where all prices move, %(share)s of what single products show is taken to hold: that is an assumption.")
            % {"share": kept}
        )
    return told


def percent(value: float, locale: str) -> str:
    """Write a share in whole percent."""
    return _percent(Decimal(repr(round(value, 2))), locale)


def _percent(value: Decimal, locale: str) -> str:
    written: str = format_percent(value, locale=locale_of(locale))
    return written


def known_from(own: int, of_others: int, *, wide: bool) -> str:
    """Say from how many price changes and offers something is known, or that it is an assumption."""
    if own:
        said = ngettext(
            "Known from %(count)s price change or offer.", "Known from %(count)s price changes and offers.", own
        )
        return said % {"count": own}
    if of_others and wide:
        said = ngettext(
            "Known from %(count)s price change or offer elsewhere; prices here never moved.",
            "Known from %(count)s price changes and offers elsewhere; prices here never moved.",
            of_others,
        )
        return said % {"count": of_others}
    if of_others:
        said = ngettext(
            "Known from %(count)s price change or offer of other products; this product's price never moved.",
            "Known from %(count)s price changes and offers of other products; this product's price never moved.",
            of_others,
        )
        return said % {"count": of_others}
    if wide:
        return _("That is an assumption: no price has moved here yet.")
    return _("That is an assumption: this product's price never moved.")


def cover_words(found: tuple[Cover, Cover, int] | None, locale: str) -> list[str]:
    """Say when goods run out and when to order, as it is and as supposed."""
    if found is None:
        return []
    plain, then, lead = found

    def day(one: date) -> str:
        return writing.long_day(one, locale)

    there = format_quantity(Decimal(repr(round(then.on_hand, 3))), locale)
    said = []
    if then.gone is None or then.gone_early is None:
        said.append(_("%(there)s are available: they last beyond these days.") % {"there": there})
    else:
        facts = {"there": there, "day": day(then.gone), "early": day(then.gone_early)}
        said.append(_("%(there)s are available: they run out on %(day)s, at the earliest on %(early)s.") % facts)
    if plain.gone != then.gone and plain.gone is not None:
        said.append(_("Without these changes they run out on %(day)s.") % {"day": day(plain.gone)})
    said += _order_words(then, lead, locale)
    point = {"point": format_quantity(Decimal(repr(round(then.point, 1))), locale), "days": lead}
    words = ngettext(
        "When an order goes out, %(point)s should be left for %(days)s day.",
        "When an order goes out, %(point)s should be left for %(days)s days.",
        lead,
    )
    return [*said, words % point]


def _order_words(then: Cover, lead: int, locale: str) -> list[str]:
    """Say by when to order; where that day has passed, when goods come that are ordered now."""
    if then.order_early is None or then.gone_early is None:
        return []
    if then.order_early >= then.first:
        words = ngettext(
            "With %(days)s day of lead time, order by %(day)s to be safe.",
            "With %(days)s days of lead time, order by %(day)s to be safe.",
            lead,
        )
        return [words % {"day": writing.long_day(then.order_early, locale), "days": lead}]
    words = ngettext(
        "Order today: with %(days)s day of lead time goods come on %(comes)s, and these may be gone on %(early)s.",
        "Order today: with %(days)s days of lead time goods come on %(comes)s, and these may be gone on %(early)s.",
        lead,
    )
    facts = {
        "days": lead,
        "comes": writing.long_day(then.first + timedelta(days=lead), locale),
        "early": writing.long_day(then.gone_early, locale),
    }
    return [words % facts]


def lever_words(of: Levers, locale: str) -> list[str]:
    """Say what is supposed, each lever in a few words."""

    def day(one: date | None) -> str:
        return writing.long_day(one, locale) if one else "…"

    said = []
    if of.price:
        said.append(_("prices %(by)s") % {"by": _signed(of.price, locale)})
    if of.off:
        said.append(_("an offer of %(by)s") % {"by": _percent(Decimal(of.off) / 100, locale)})
        if of.off_from or of.off_to:
            said[-1] += f", {day(of.off_from)} \u2013 {day(of.off_to)}"
    if of.closed:
        said.append(_("closed on %(days)s") % {"days": ", ".join(day(one) for one in of.closed)})
    if of.growth:
        said.append(_("growth %(by)s") % {"by": _signed(of.growth, locale)})
    if of.lead is not None:
        words = ngettext("%(days)s day of lead time", "%(days)s days of lead time", of.lead)
        said.append(words % {"days": of.lead})
    return said or [_("nothing changed")]


def _signed(percent: int, locale: str) -> str:
    return ("+" if percent > 0 else "\u2212") + _percent(Decimal(abs(percent)) / 100, locale)


def verdict_words(
    plain: Decimal, then: Decimal, sold: Decimal, written: tuple[str, str, str], days: tuple[int, int]
) -> str:
    """Say which was nearer to what happened on the days that are over: what was forecast, or what was supposed."""
    over, of = days
    facts = {"over": over, "of": of, "plain": written[0], "then": written[1], "sold": written[2]}
    said = ngettext(
        "Of %(of)s days %(over)s is over: forecast %(plain)s, supposed %(then)s, sold %(sold)s.",
        "Of %(of)s days %(over)s are over: forecast %(plain)s, supposed %(then)s, sold %(sold)s.",
        over,
    )
    said %= facts
    off_plain, off_then = abs(plain - sold), abs(then - sold)
    if off_plain == off_then:
        return said
    nearer = _("What was supposed came nearer.") if off_then < off_plain else _("The plain forecast came nearer.")
    return f"{said} {nearer}"
