"""Figures of a pair in plain words."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from retail.kit.quantity import format_quantity
from retail.kit.text import _, ngettext
from retail.recommending.rules import Together

_LESS: Final = Decimal("0.9")
_MORE: Final = Decimal("1.1")


def support_words(of: Together, locale: str) -> str:
    """Say how often two products were bought together: "in 132 of 900 baskets"."""
    told = {name: format_quantity(Decimal(getattr(of, name)), locale) for name in ("together", "baskets")}
    said = ngettext("in %(together)s of %(baskets)s basket", "in %(together)s of %(baskets)s baskets", of.baskets)
    return said % told


def lift_words(of: Together, locale: str) -> str:
    """Say how much oftener than by chance that is."""
    if of.lift < _LESS:
        return _("less often than by chance")
    if of.lift < _MORE:
        return _("about as often as by chance")
    return _("%(times)s times as often as by chance") % {"times": times(of, locale)}


def times(of: Together, locale: str) -> str:
    """Write a lift: one decimal below ten, none from there on."""
    return format_quantity(of.lift.quantize(Decimal("0.1") if of.lift < 10 else Decimal(1)), locale)


def method_words(method: str) -> str:
    """Name how the neighbours were worked out."""
    return {
        "ease": _("What each product explains of the others (EASE)"),
        "cosine": _("How alike the baskets are (cosine)"),
        "both": _("EASE for the 5,000 products in most baskets, cosine for the others"),
    }[method]
