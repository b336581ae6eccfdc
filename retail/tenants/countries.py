"""What is usual in a country, proposed to a business that begins there: currency, language, clock, taxes on sales.

The rates are proposals to be checked by whoever knows the shop; each can be changed on the page of taxes. They are the
standing rates of value added or goods and services tax in November 2026, without those for single trades.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from retail.kit.text import _


@dataclass(frozen=True, slots=True)
class Tax:
    """A proposed tax class; the rate in millionths."""

    code: str
    name: str
    rate_micros: int

    @property
    def percent(self) -> str:
        """Write the rate as people do: 5.5 %."""
        return f"{self.rate_micros / 10_000:g} %"


@dataclass(frozen=True, slots=True)
class Country:
    """What is usual there."""

    code: str
    name: str
    currency: str
    locale: str
    timezone: str
    taxes: tuple[Tax, ...]
    prices_include_tax: bool = True
    cash_unit_minor: int = 1

    @property
    def words(self) -> str:
        """Name the country."""
        return _(self.name)


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


_STANDARD: Final = _said("Standard")
_REDUCED: Final = _said("Reduced")
_NAMES: Final = {"S": _STANDARD, "R": _REDUCED, "L": _said("Lower"), "Z": _said("Zero")}


def _taxes(**rates: float) -> tuple[Tax, ...]:
    """Give tax classes by code; rates in percent."""
    return tuple(Tax(code, f"{_NAMES[code]} {rate:g} %", round(rate * 10_000)) for code, rate in rates.items())


COUNTRIES: Final[dict[str, Country]] = {
    one.code: one
    for one in (
        Country("AT", _said("Austria"), "EUR", "de-AT", "Europe/Vienna", _taxes(S=20, R=10, L=13, Z=0)),
        Country("AU", _said("Australia"), "AUD", "en-AU", "Australia/Sydney", _taxes(S=10, Z=0), cash_unit_minor=5),
        Country("BE", _said("Belgium"), "EUR", "nl-BE", "Europe/Brussels", _taxes(S=21, R=12, L=6, Z=0),
                cash_unit_minor=5),
        Country("CA", _said("Canada"), "CAD", "en-CA", "America/Toronto", _taxes(S=5, Z=0), prices_include_tax=False,
                cash_unit_minor=5),
        Country("CH", _said("Switzerland"), "CHF", "de-CH", "Europe/Zurich", _taxes(S=8.1, R=2.6, L=3.8, Z=0),
                cash_unit_minor=5),
        Country("DE", _said("Germany"), "EUR", "de", "Europe/Berlin", _taxes(S=19, R=7, Z=0)),
        Country("DK", _said("Denmark"), "DKK", "da", "Europe/Copenhagen", _taxes(S=25, Z=0), cash_unit_minor=50),
        Country("ES", _said("Spain"), "EUR", "es", "Europe/Madrid", _taxes(S=21, R=10, L=4, Z=0)),
        Country("FR", _said("France"), "EUR", "fr", "Europe/Paris", _taxes(S=20, R=10, L=5.5, Z=0)),
        Country("GB", _said("United Kingdom"), "GBP", "en-GB", "Europe/London", _taxes(S=20, R=5, Z=0)),
        Country("IE", _said("Ireland"), "EUR", "en-IE", "Europe/Dublin", _taxes(S=23, R=13.5, L=9, Z=0),
                cash_unit_minor=5),
        Country("IT", _said("Italy"), "EUR", "it", "Europe/Rome", _taxes(S=22, R=10, L=4, Z=0), cash_unit_minor=5),
        Country("JP", _said("Japan"), "JPY", "ja", "Asia/Tokyo", _taxes(S=10, R=8, Z=0)),
        Country("NL", _said("Netherlands"), "EUR", "nl", "Europe/Amsterdam", _taxes(S=21, R=9, Z=0),
                cash_unit_minor=5),
        Country("NZ", _said("New Zealand"), "NZD", "en-NZ", "Pacific/Auckland", _taxes(S=15, Z=0),
                cash_unit_minor=10),
        Country("PL", _said("Poland"), "PLN", "pl", "Europe/Warsaw", _taxes(S=23, R=8, L=5, Z=0)),
        Country("PT", _said("Portugal"), "EUR", "pt", "Europe/Lisbon", _taxes(S=23, R=13, L=6, Z=0)),
        Country("SE", _said("Sweden"), "SEK", "sv", "Europe/Stockholm", _taxes(S=25, R=12, L=6, Z=0),
                cash_unit_minor=100),
        Country("US", _said("United States"), "USD", "en-US", "America/New_York", _taxes(S=0),
                prices_include_tax=False),
    )
}  # fmt: skip
ELSEWHERE: Final = Country("ZZ", _said("Another country"), "EUR", "en", "UTC", _taxes(S=0))
CURRENCIES: Final = tuple(
    sorted(
        {one.currency for one in COUNTRIES.values()}
        | {"CZK", "HUF", "ISK", "NOK", "RON", "TRY", "AED", "ILS", "KWD", "SAR", "KES", "ZAR"}
        | {"ARS", "BRL", "CLP", "COP", "MXN", "HKD", "IDR", "INR", "KRW", "MYR", "PHP", "SGD", "THB", "TWD", "VND"}
    )
)


def usual_in(code: str) -> Country:
    """Give what is usual in a country; neutral proposals for one that isn't in the table."""
    return COUNTRIES.get(code, ELSEWHERE)
