"""Rows of past trade (InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID) judged; pure.

The form is that of the Online Retail data set (D. Chen, UCI Machine Learning Repository). An invoice whose number
begins with C takes goods back; codes that are no goods (postage, discounts) become lines without a product.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from retail.kit.money import Currency
from retail.kit.quantity import is_plain

COLUMNS: Final = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
CHARGES: Final = frozenset({"POST", "DOT", "C2", "M", "D", "S"})
"""Postage, carriage, manual entries, discounts, samples: sold and given back, but never on a shelf."""
_FEES: Final = frozenset({"AMAZONFEE", "BANK CHARGES", "CRUK"})
_ADJUSTMENT: Final = "B"
_MOST_QUANTITY: Final = 1_000_000
_MOST_MINOR: Final = 10**12
_LONGEST: Final = 30
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_FORMS: Final = ("%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M")

REASONS: Final = {
    "invoice": "The invoice number is missing or has no digits.",
    "date": "The date can't be read; write it like 2010-12-01 08:26.",
    "number": "The quantity or the price is no number, or too large.",
    "code": "The stock code is missing or longer than 60 characters.",
    "adjustment": "This adjusts accounts (bad debt); no goods were sold. Enter it in the books.",
    "fee": "This is a fee that the shop paid, not a sale. Enter it in the books.",
    "description": "The description is missing: such rows correct stock. Use a stock count.",
    "zero_quantity": "The quantity is zero, so nothing was sold.",
    "written_off": "The price is zero and the quantity below zero: stock was written off. Use a stock count.",
    "no_price": "The price is zero, so nothing was sold. Use a stock count for what was given away.",
    "negative_price": "The price is below zero.",
    "too_fine": "The price has more decimals than the currency.",
    "sign": "A cancellation takes goods back, so its quantity must be below zero, and a sale's above.",
}


class TradeRow(NamedTuple):
    """A row that can be taken in. `code` is in capitals; `charge` claims that it is no article."""

    invoice: str
    code: str
    name: str
    quantity: int
    price_minor: int
    at: datetime
    customer: str
    charge: bool


class Judge:
    """Judges rows of one file; remembers the prices and times it has read, since they repeat."""

    def __init__(self, money: Currency, timezone: str) -> None:
        self._money = money
        self._zone = ZoneInfo(timezone)
        self._prices: dict[str, tuple[int, str]] = {}
        self._last_time: tuple[str, datetime | None] = ("", None)

    def judge(self, cells: Sequence[str]) -> TradeRow | str:
        """Give the row as it can be taken in, or the key of the reason (REASONS) why it can't."""
        invoice, code, name, quantity_text, time_text, price_text, customer = cells
        invoice, code, name = invoice.strip().upper(), code.strip().upper(), " ".join(name.split())
        quantity = _whole(quantity_text)
        price, wrong = self._price(price_text.strip())
        if quantity is None or wrong == "number":
            return "number"
        refused = _identity(invoice, code) or _meaning(name, quantity, price, wrong)
        if not refused and (quantity < 0) is not is_cancellation(invoice):
            refused = "sign"
        if refused:
            return refused
        at = self._time(time_text.strip())
        if at is None:
            return "date"
        return TradeRow(invoice, code, name[:160], quantity, price, at, customer.strip()[:200], code in CHARGES)

    def _price(self, text: str) -> tuple[int, str]:
        found = self._prices.get(text)
        if found is None:
            found = _price(text, self._money)
            if len(self._prices) < 100_000:
                self._prices[text] = found
        return found

    def _time(self, text: str) -> datetime | None:
        if text != self._last_time[0]:
            self._last_time = (text, _moment(text, self._zone))
        return self._last_time[1]


def is_cancellation(invoice: str) -> bool:
    """Claim that an invoice takes goods back."""
    return invoice.startswith("C")


def _identity(invoice: str, code: str) -> str:
    if invoice.startswith("A") or code == _ADJUSTMENT:
        return "adjustment"
    if not any(map(str.isdecimal, invoice)) or len(invoice) > 100:
        return "invoice"
    if not 1 <= len(code) <= 60:
        return "code"
    return "fee" if code in _FEES else ""


def _meaning(name: str, quantity: int, price: int, wrong: str) -> str:
    if quantity == 0:
        return "zero_quantity"
    if not name:
        return "description"
    if wrong:
        return wrong
    if price == 0:
        return "written_off" if quantity < 0 else "no_price"
    return ""


def _whole(text: str) -> int | None:
    value = int(text) if _WHOLE.fullmatch(text) else None
    return value if value is not None and abs(value) <= _MOST_QUANTITY else None


def _price(text: str, money: Currency) -> tuple[int, str]:
    if len(text) > _LONGEST or not is_plain(text):
        return 0, "number"
    minor = Decimal(text).scaleb(money.exponent)
    if abs(minor) > _MOST_MINOR:
        return 0, "number"
    if minor < 0:
        return 0, "negative_price"
    whole = int(minor)
    return (whole, "") if whole == minor else (0, "too_fine")


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a time on the shop's own clock; one that comes twice when the clocks go back is the first of the two."""
    for form in (None, *_FORMS):
        try:
            found = datetime.fromisoformat(text) if form is None else datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
        local = found if found.tzinfo else found.replace(tzinfo=zone)
        return local.astimezone(UTC) if 1990 <= local.year <= 2100 else None
    return None
