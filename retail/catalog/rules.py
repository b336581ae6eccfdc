"""Rules of the catalogue: what may stand on a product."""

from __future__ import annotations

from retail.kit.barcode import GTIN_LENGTHS, MAX_LENGTH, gtin_is_valid
from retail.kit.text import _

UNITS = ("each", "kg", "l", "m")
COST_DECIMALS = 6  # of a unit cost, beyond minor units


def barcode_problem(code: str) -> str:
    """Say what is wrong with a barcode, or '' if it can be used.

    Digits in the length of a GTIN must have the right check digit: a wrong one is a typing error, and the till would
    refuse the scan. Other codes are the shop's own labels.
    """
    if len(code) > MAX_LENGTH:
        return _("Barcode %(code)s… is too long.") % {"code": code[:16]}
    if not code.isascii() or not code.isprintable():
        return _("Barcode %(code)s has characters that no scanner sends.") % {"code": code}
    if code.isdigit() and len(code) in GTIN_LENGTHS and not gtin_is_valid(code):
        return _("Barcode %(code)s has a wrong check digit. Type it again from the label.") % {"code": code}
    return ""
