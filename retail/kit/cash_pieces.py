"""The coins and notes of currencies, and how many coins make a roll; the twin of the table in kiosk/till/money.js."""

from __future__ import annotations

from typing import Final

from retail.kit.money import Currency

# Coins and notes in units of the currency on paper, smallest first.
_CASH: Final[dict[str, tuple[str, str]]] = {
    "AUD": ("0.05 0.1 0.2 0.5 1 2", "5 10 20 50 100"),
    "BRL": ("0.05 0.1 0.25 0.5 1", "2 5 10 20 50 100 200"),
    "CAD": ("0.05 0.1 0.25 1 2", "5 10 20 50 100"),
    "CHF": ("0.05 0.1 0.2 0.5 1 2 5", "10 20 50 100 200 1000"),
    "CZK": ("1 2 5 10 20 50", "100 200 500 1000 2000 5000"),
    "DKK": ("0.5 1 2 5 10 20", "50 100 200 500"),
    "GBP": ("0.01 0.02 0.05 0.1 0.2 0.5 1 2", "5 10 20 50"),
    "INR": ("1 2 5 10 20", "10 20 50 100 200 500"),
    "JPY": ("1 5 10 50 100 500", "1000 2000 5000 10000"),
    "KWD": ("0.005 0.01 0.02 0.05 0.1", "0.25 0.5 1 5 10 20"),
    "MXN": ("0.5 1 2 5 10", "20 50 100 200 500 1000"),
    "NOK": ("1 5 10 20", "50 100 200 500 1000"),
    "NZD": ("0.1 0.2 0.5 1 2", "5 10 20 50 100"),
    "PLN": ("0.01 0.02 0.05 0.1 0.2 0.5 1 2 5", "10 20 50 100 200 500"),
    "SEK": ("1 2 5 10", "20 50 100 200 500 1000"),
    "USD": ("0.01 0.05 0.1 0.25 0.5 1", "1 2 5 10 20 50 100"),
    "ZAR": ("0.1 0.2 0.5 1 2 5", "10 20 50 100 200"),
}
_USUAL: Final = ("0.01 0.02 0.05 0.1 0.2 0.5 1 2", "5 10 20 50 100 200")
_WITHOUT_DECIMALS: Final = ("1 5 10 50 100 500", "1000 2000 5000 10000 20000 50000")

# Pieces of a roll by the coin's value in minor units; where a mint's own aren't listed, fifty.
_ROLLS: Final[dict[str, dict[int, int]]] = {
    "EUR": {1: 50, 2: 50, 5: 50, 10: 40, 20: 40, 50: 40, 100: 25, 200: 25},
    "USD": {1: 50, 5: 40, 10: 50, 25: 40, 50: 20, 100: 25},
    "CAD": {5: 40, 10: 50, 25: 40, 100: 25, 200: 25},
    "CHF": {5: 50, 10: 50, 20: 50, 50: 50, 100: 50, 200: 50, 500: 25},
    "GBP": {1: 100, 2: 50, 5: 100, 10: 50, 20: 50, 50: 20, 100: 20, 200: 10},
}
_A_ROLL: Final = 50


def coins(currency: Currency) -> list[int]:
    """Give the coins of a currency in minor units, smallest first."""
    return _minor(_row(currency)[0], currency)


def notes(currency: Currency) -> list[int]:
    """Give the notes of a currency in minor units, smallest first."""
    return _minor(_row(currency)[1], currency)


def rolls(currency: Currency) -> dict[int, int]:
    """Say how many pieces of each coin make a roll, by the coin's value in minor units."""
    known = _ROLLS.get(currency.code, {})
    return {coin: known.get(coin, _A_ROLL) for coin in coins(currency)}


def _row(currency: Currency) -> tuple[str, str]:
    return _CASH.get(currency.code, _USUAL if currency.exponent else _WITHOUT_DECIMALS)


def _minor(values: str, currency: Currency) -> list[int]:
    made = []
    for value in values.split():
        whole, _point, part = value.partition(".")
        made.append(int(whole) * 10**currency.exponent + int((part + "000")[: currency.exponent] or 0))
    return made
