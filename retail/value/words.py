"""What causes, kinds and means of stored value are called."""

from __future__ import annotations

from retail.kit.text import _


def cause_words() -> dict[str, str]:
    """Name why value moved."""
    return {
        "issued": _("Issued"),
        "loaded": _("Loaded"),
        "redeemed": _("Redeemed"),
        "refunded": _("Given back"),
        "paid": _("Paid in"),
        "expired": _("Ran out"),
        "adjusted": _("Corrected"),
        "paid_back": _("Paid back"),
        "kept": _("Kept as a fee"),
    }


def means_words() -> dict[str, str]:
    """Name how something is paid at the desk."""
    return {"cash": _("Cash, into the safe"), "card": _("Card"), "transfer": _("Bank transfer")}


def kind_words() -> dict[str, str]:
    """Name the kinds of stored value."""
    return {
        "gift_card": _("Gift card"),
        "store_credit": _("Store credit"),
        "account": _("Account"),
        "down_payment": _("Down payment"),
    }
