"""Risk in a shop worker's words."""

from __future__ import annotations

from retail.kit.text import _


def kind_words(kind: str) -> str:
    """Name a rule."""
    return {
        "void": _("Taken out after payment was begun"),
        "no_sale": _("Drawer opened without a sale"),
        "refund": _("Refund soon after the sale"),
        "override": _("Prices and discounts by hand"),
    }.get(kind, kind)


def state_words(state: str) -> str:
    """Name what became of an alert."""
    return {"open": _("Open"), "confirmed": _("Confirmed"), "dismissed": _("Dismissed")}.get(state, state)


def why(kind: str, least: int, minutes: int) -> str:
    """Say why a rule fired, with the thresholds that it had."""
    said = {
        "void": _("From %(least)d in %(minutes)d minutes on: taken out of a sale after payment was begun."),
        "no_sale": _("From %(least)d in %(minutes)d minutes on: the drawer opened without a sale."),
        "refund": _("From %(least)d in a day on: paid back within %(minutes)d minutes by the cashier who sold it."),
        "override": _("From %(least)d in %(minutes)d minutes on: sales with prices or discounts by hand."),
    }
    return said[kind] % {"least": least, "minutes": minutes} if kind in said else ""
