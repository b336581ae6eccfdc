"""A receipt's risk in a shop worker's words: each reason is one sentence with what was seen and what it was held to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from retail.kit.text import _, ngettext
from retail.sales.risks import NOT_YET, Reason, Risk

Money = Callable[[int], str]


def level_words(level: str) -> str:
    """Name how high a score is."""
    return {"high": _("High"), "middle": _("Middle"), "low": _("Low"), NOT_YET: _("Not looked at yet")}.get(
        level, level
    )


def in_short(risk: Risk | None) -> str:
    """Say how high a receipt's risk is."""
    if risk is None:
        return _("Not looked at yet")
    said = {
        "high": _("Risk: %(points)d of 100, high"),
        "middle": _("Risk: %(points)d of 100, middle"),
        "low": _("Risk: %(points)d of 100, low"),
    }
    return said[risk.level] % {"points": risk.points}


def reason_words(reason: Reason, money: Money) -> str:
    """Say one reason."""
    facts = reason.facts
    said: dict[str, Callable[[], str]] = {
        "rule": lambda: _rule(str(facts["rule"])),
        "unanswered": lambda: _("That rule asks for a reason or an approval, and none stands beside it."),
        "blind": lambda: _("Goods taken back without a receipt."),
        "blind_cash": lambda: _("What came back without a receipt was paid back in cash."),
        "own": lambda: _("The cashier who sold it took it back."),
        "other_tender": lambda: _("Paid by %(tender)s, paid back in cash.") % {"tender": _tender(facts)},
        "below_cost": lambda: _("Sold by hand for less than it cost."),
        "voids": lambda: _voids(facts),
        "late_voids": lambda: (
            ngettext(
                "%(num)d line or sale was taken out of it after payment was begun.",
                "%(num)d lines or sales were taken out of it after payment was begun.",
                facts["voided"],
            )
            % {"num": facts["voided"]}
        ),
        "amount": lambda: (
            _("An unusual amount: %(amount)s. Of a thousand here %(beyond)d come to more than %(mark)s.")
            % {"amount": money(facts["amount"]), "mark": money(facts["mark"]), "beyond": facts["beyond"]}
        ),
        "discount": lambda: _discount(facts),
        "hour": lambda: (
            _("At an hour at which hardly anything is sold here: %(often)d of a thousand sales begin at %(hour)02d:00.")
            % {"often": facts["often"], "hour": facts["hour"]}
        ),
        "tender": lambda: (
            _("Paid by %(tender)s, as %(often)d of a thousand sales here are.")
            % {"tender": _tender(facts), "often": facts["often"]}
        ),
        "habit": lambda: _habit(facts),
    }
    return said[reason.code]() if reason.code in said else reason.code


def _rule(kind: str) -> str:
    return {
        "refund": _("A rule of the till fired: refund soon after the sale by the same cashier."),
        "override": _("A rule of the till fired: prices and discounts by hand, one after another."),
    }.get(kind, _("A rule of the till fired."))


def _voids(facts: Mapping[str, Any]) -> str:
    return ngettext(
        "%(num)d of %(lines)d lines was taken out before it was paid.",
        "%(num)d of %(lines)d lines were taken out before it was paid.",
        facts["voided"],
    ) % {"num": facts["voided"], "lines": facts["lines"]}


def _discount(facts: Mapping[str, Any]) -> str:
    told = {"share": f"{facts['share'] / 10:g}", "mark": f"{facts['mark'] / 10:g}", "beyond": facts["beyond"]}
    if facts["beyond"]:
        said = _("%(share)s %% taken off by hand. Of a thousand discounts here %(beyond)d are above %(mark)s %%.")
    else:
        said = _("%(share)s %% taken off by hand, more than %(mark)s %%.")
    return said % told


def _habit(facts: Mapping[str, Any]) -> str:
    what = {
        "refund": _("Takes goods back %(times)s times as often as the other cashiers here."),
        "refund_blind": _("Takes goods back without a receipt %(times)s times as often as the other cashiers here."),
        "refund_own": _("Takes own sales back %(times)s times as often as the other cashiers here."),
        "discount": _("Gives discounts by hand %(times)s times as often as the other cashiers here."),
        "price": _("Changes prices by hand %(times)s times as often as the other cashiers here."),
    }
    return what[str(facts["measure"])] % {"times": facts["times"]}


def _tender(facts: Mapping[str, Any]) -> str:
    type = str(facts["tender"])
    return {"cash": _("cash"), "card": _("card"), "gift_card": _("gift card"), "store_credit": _("store credit")}.get(
        type, type.replace("_", " ")
    )
