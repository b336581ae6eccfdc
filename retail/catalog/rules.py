"""Rules of the catalogue: what may stand on a product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from retail.catalog.products.traits import MEASURED as MEASURED  # noqa: PLC0414 - beside the units
from retail.kit.barcode import MAX_LENGTH, gtin_is_valid, right_digit
from retail.kit.text import _

UNITS = ("each", "kg", "l", "m", "m2", "h")
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
SHORTEST_CODE = 4
COST_DECIMALS = 6  # of a unit cost, beyond minor units


def barcode_problem(code: str) -> str:
    """Say what is wrong with a barcode, or '' if it can be used.

    Digits in the length of a GTIN must have the right check digit: a wrong one is a typing error, and the till would
    refuse the scan. Other codes are the shop's own labels.
    """
    if len(code) < SHORTEST_CODE:
        return _("Barcode %(code)s is too short: use at least %(least)d digits or letters.") % {
            "code": code,
            "least": SHORTEST_CODE,
        }
    if len(code) > MAX_LENGTH:
        return _("Barcode %(code)s… is too long.") % {"code": code[:16]}
    if not code.isascii() or not code.isprintable():
        return _("Barcode %(code)s has characters that no scanner sends.") % {"code": code}
    if _ROUNDED.fullmatch(code.strip()):
        said = _(
            "Barcode %(code)s is a number that a spreadsheet has shortened. Set its column to text there, and type the"
            " digits again from the label."
        )
        return said % {"code": code}
    right = right_digit(code)
    if right is not None:
        said = _("Barcode %(code)s has a wrong digit: it should end with %(digit)d. Type it again from the label.")
        return said % {"code": code, "digit": right}
    return ""


def own_labels(codes: Iterable[str]) -> list[str]:
    """Give those codes that are no GTIN, and are kept as labels of the shop's own; what can't be used is left out."""
    return [code for code in codes if not gtin_is_valid(code) and not barcode_problem(code)]


def own_label_hint(codes: Sequence[str]) -> list[str]:
    """Say which codes are kept as the shop's own labels; nothing where none is."""
    said = _("No standard barcode: kept as your own label: %(codes)s.")
    return [said % {"codes": ", ".join(codes)}] if codes else []


def percent(rate_micros: int) -> str:
    """Write a rate of tax as a person types it: 70000 is "7", 55000 is "5.5"."""
    return f"{Decimal(rate_micros).scaleb(-4).normalize():f}"


def tax_words(rate_micros: int, name: str = "", rate_now: int | None = None) -> str:
    """Name a rate of tax on paper: "Reduced 7 %", or "7 %" where its class says no more, or is at another rate by now.

    `name` and `rate_now` are the class's own as they are set today; a class that is gone has neither.
    """
    rate = f"{percent(rate_micros)} %"
    if not name or rate_now != rate_micros:
        return rate
    said = re.search(rf"(?<![\d.]){re.escape(percent(rate_micros))}%", "".join(name.split()).replace(",", "."))
    return name if said else f"{name} {rate}"


def read_percent(text: str) -> int | None:
    """Read a rate of tax in percent, with a point or a comma, in millionths; None where it isn't one.

    A rate lies between 0 and 100 and has at most four decimals.
    """
    whole, _point, part = text.replace(",", ".").removesuffix("%").strip().partition(".")
    if not (whole + part).isascii() or not whole.isdigit() or not (part.isdigit() or not part):
        return None
    if len(whole) > 3 or len(part) > 4:
        return None
    micros = int(whole) * 10_000 + int(part.ljust(4, "0"))
    return micros if micros <= 1_000_000 else None
