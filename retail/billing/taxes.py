"""Which tax is on an invoice for a plan: the seller's own, the buyer's country's, or none that the seller collects.

Rates are the standard rates of value added tax in November 2026, in millionths.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from retail.tenants.countries import COUNTRIES

TaxKind = Literal["domestic", "destination", "reverse", "outside"]
_PERCENT: Final = {
    "AT": 20, "BE": 21, "BG": 20, "CY": 19, "CZ": 21, "DE": 19, "DK": 25, "EE": 24, "ES": 21, "FI": 25.5, "FR": 20,
    "GR": 24, "HR": 25, "HU": 27, "IE": 23, "IT": 22, "LT": 21, "LU": 17, "LV": 21, "MT": 18, "NL": 21, "PL": 23,
    "PT": 23, "RO": 21, "SE": 25, "SI": 22, "SK": 23,
}  # fmt: skip
UNION: Final = frozenset(_PERCENT)
_TAX_ID: Final = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")


@dataclass(frozen=True, slots=True)
class InvoiceTax:
    """A tax on an invoice: why, and its rate in millionths."""

    kind: TaxKind
    rate_micros: int


def tidy_tax_id(text: str) -> str:
    """Write a tax id as it is compared: DE 123 456 789 is DE123456789."""
    return re.sub(r"[\s.\-/]", "", text).upper()


def is_union_tax_id(text: str, country: str) -> bool:
    """Claim that a tax id has the form of the country's in the union; whether it was ever given is not asked."""
    prefix = "EL" if country == "GR" else country
    return country in UNION and text.startswith(prefix) and _TAX_ID.fullmatch(text) is not None


def tax_between(seller: str, buyer: str, tax_id: str) -> InvoiceTax:
    """Decide the tax of an invoice by the seller's and the buyer's country; `tax_id` is the buyer's, tidied."""
    if buyer == seller:
        return InvoiceTax("domestic", _standard(seller))
    if seller in UNION and buyer in UNION:
        if is_union_tax_id(tax_id, buyer):
            return InvoiceTax("reverse", 0)
        return InvoiceTax("destination", _standard(buyer))
    return InvoiceTax("outside", 0)


def _standard(country: str) -> int:
    if country in _PERCENT:
        return round(_PERCENT[country] * 10_000)
    known = COUNTRIES.get(country)
    return max((tax.rate_micros for tax in known.taxes), default=0) if known else 0
