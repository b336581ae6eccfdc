"""Names of the functions and colours of tiles, in the reader's language."""

from __future__ import annotations

from retail.kit.text import _


def function_words() -> dict[str, str]:
    """Name what a tile can do beside selling."""
    return {
        "discount": _("Discount"), "customer": _("Customer"), "drawer": _("Open the drawer"), "return": _("Return"),
        "hold": _("Put on hold"), "held": _("On hold"), "quick": _("Sell by name and price"), "receipts": _("Receipts"),
    }  # fmt: skip


def colour_words() -> dict[str, str]:
    """Name the colours."""
    return {
        "": _("As the category"), "red": _("Red"), "orange": _("Orange"), "yellow": _("Yellow"), "green": _("Green"),
        "teal": _("Teal"), "blue": _("Blue"), "purple": _("Purple"), "pink": _("Pink"),
    }  # fmt: skip
