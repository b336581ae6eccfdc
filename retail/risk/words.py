"""Risk in a shop worker's words."""

from __future__ import annotations

from retail.kit.text import _, ngettext


def kind_words(kind: str) -> str:
    """Name a rule."""
    return {
        "void": _("Taken out after payment was begun"),
        "no_sale": _("Drawer opened without a sale"),
        "refund": _("Refund soon after the sale"),
        "override": _("Prices and discounts by hand"),
        "case": _("More than the others"),
        "score": _("One receipt with a high risk"),
    }.get(kind, kind)


def state_words(state: str) -> str:
    """Name what became of an alert."""
    return {"open": _("Open"), "confirmed": _("Confirmed"), "dismissed": _("Dismissed")}.get(state, state)


def why(kind: str, least: int, minutes: int) -> str:
    """Say why a rule fired, with the thresholds that it had."""
    said = {
        "void": ngettext(
            "From %(least)d in %(minutes)d minute on: taken out of a sale after payment was begun.",
            "From %(least)d in %(minutes)d minutes on: taken out of a sale after payment was begun.",
            minutes,
        ),
        "no_sale": ngettext(
            "From %(least)d in %(minutes)d minute on: the drawer opened without a sale.",
            "From %(least)d in %(minutes)d minutes on: the drawer opened without a sale.",
            minutes,
        ),
        "refund": ngettext(
            "From %(least)d in a day on: paid back within %(minutes)d minute by the cashier who sold it.",
            "From %(least)d in a day on: paid back within %(minutes)d minutes by the cashier who sold it.",
            minutes,
        ),
        "override": ngettext(
            "From %(least)d in %(minutes)d minute on: sales with prices or discounts by hand.",
            "From %(least)d in %(minutes)d minutes on: sales with prices or discounts by hand.",
            minutes,
        ),
        "case": _(
            "Held against the own days before and the others of the store. It is a reason to look, and no proof."
        ),
        "score": _("What stands out about this receipt adds up to a high risk. It is a reason to look, and no proof."),
    }
    return said[kind] % {"least": least, "minutes": minutes} if kind in said else ""


def measure_words(measure: str) -> str:
    """Name a measure."""
    return {
        "void_late": _("Voids after payment"),
        "void": _("Other voids"),
        "no_sale": _("Drawer without a sale"),
        "refund": _("Refunds"),
        "refund_blind": _("Refunds, no receipt"),
        "refund_own": _("Own sales refunded"),
        "discount": _("Discounts by hand"),
        "price": _("Prices by hand"),
        "favour": _("For one customer"),
    }.get(measure, measure)


def head_words(measure: str) -> str:
    """Name a measure as the head of one column among many."""
    return {
        "void_late": _("Late voids"),
        "void": _("Voids"),
        "no_sale": _("No sale"),
        "refund": _("Refunds"),
        "refund_blind": _("No receipt"),
        "refund_own": _("Own sales"),
        "discount": _("Discounts"),
        "price": _("Prices"),
        "favour": _("One friend"),
    }.get(measure, measure)


def measure_note(measure: str) -> str:
    """Say what a measure counts."""
    return {
        "void_late": _("Lines and sales taken out after payment was begun. What was brought back doesn't count."),
        "void": _("Lines and sales taken out before payment."),
        "no_sale": _("The drawer opened without a sale."),
        "refund": _("Goods taken back from a receipt."),
        "refund_blind": _("Goods taken back without a receipt, or from a sale that nobody here knows."),
        "refund_own": _("Goods taken back by the cashier who sold them."),
        "discount": _("Sales with a discount of the cashier's own."),
        "price": _("Sales with another price than the list's."),
        "favour": _("Discounts and prices by hand for a customer who got at least three from this cashier."),
    }.get(measure, "")
