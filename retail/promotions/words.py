"""An offer in a few words: what it does, how it stands, why it takes nothing off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail.kit.money import format_money
from retail.kit.text import _
from retail.promotions.facts import OfferFacts
from retail.promotions.kinds import WHOLE
from retail.promotions.reading import STANDINGS
from retail.runtime.tenancy import TenantFacts


def says(of: OfferFacts, facts: TenantFacts) -> str:
    """Say what an offer does."""
    terms = of.terms

    def money(minor: int) -> str:
        return format_money(minor, facts.money, facts.locale)

    match of.kind:
        case "amount":
            said = _("%(amount)s off each") % {"amount": money(terms["amount"])}
        case "fixed":
            said = _("%(price)s each") % {"price": money(terms["price"])}
        case "buy_get":
            counts = {"buy": terms["buy"], "free": terms["free"], "off": _percent(terms["percent"])}
            free = terms["percent"] == WHOLE
            said = (
                _("buy %(buy)s, get %(free)s free") if free else _("buy %(buy)s, get %(free)s with %(off)s off")
            ) % counts
        case "mix":
            said = _("any %(count)s for %(price)s") % {"count": terms["count"], "price": money(terms["price"])}
        case "meal":
            parts = " + ".join(slot["name"] or "…" for slot in terms["slots"])
            said = _("%(parts)s for %(price)s") % {"parts": parts, "price": money(terms["price"])}
        case "tiered":
            last = terms["tiers"][-1]
            said = _("up to %(off)s off") % {"off": _rule(last, money)}
        case "basket":
            said = _("%(off)s off from %(from)s on") % {"off": _rule(terms, money), "from": money(terms["from"])}
        case _:
            said = _("%(off)s off") % {"off": _percent(terms["percent"])}
    return said


def _rule(rule: Mapping[str, Any], money: Any) -> str:  # noqa: ANN401 - writes minor units
    return _percent(rule["percent"]) if rule.get("percent") else str(money(rule["amount"]))


def _percent(basis: int) -> str:
    return f"{basis / 100:g} %"


def standing_words() -> list[tuple[str, str]]:
    """Name how an offer can stand."""
    words = {
        "draft": _("Draft"),
        "running": _("Running"),
        "to_come": _("To come"),
        "paused": _("Resting"),
        "over": _("Over"),
        "ended": _("Ended"),
    }
    return [(key, words[key]) for key in STANDINGS]


def why(state: str) -> str:
    """Say why an offer takes nothing off."""
    return {
        "goods": _("No product belongs to it yet."),
        "few": _("There are too few goods to reach it."),
        "none": _("It takes nothing off these goods: they cost no more already."),
    }.get(state, _("It takes nothing off these goods."))
