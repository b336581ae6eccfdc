"""Small files of past trade, in the form of the Online Retail data set."""

from __future__ import annotations

import csv
import random
from pathlib import Path

HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
UK = "United Kingdom"


def row(  # noqa: PLR0917 - a row has these cells
    invoice: str, code: str, name: str, quantity: object, at: str, price: object, customer: str = "17850"
) -> list[str]:
    return [invoice, code, name, str(quantity), at, str(price), customer, UK]


def write(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as text:
        csv.writer(text).writerows([HEADER, *rows])
    return path


def trade(path: Path, invoices: int = 60) -> Path:
    """Write invoices of one to eight lines over a year, with cancellations and rows that are refused."""
    chance = random.Random(7)
    rows: list[list[str]] = []
    sold: list[tuple[str, str, int, str, str]] = []
    for number in range(invoices):
        at = f"2011-{1 + number * 12 // invoices:02d}-{1 + number % 28:02d} 1{number % 8}:{number % 60:02d}:00"
        invoice, customer = str(536365 + number), str(12000 + number % 9)
        if number % 11 == 10:
            code, name, quantity, price, buyer = chance.choice(sold)
            rows.append(row(f"C{invoice}", code, name, -chance.randint(1, quantity), at, price, buyer))
            continue
        for _ in range(chance.randint(1, 8)):
            code = f"{chance.randint(22000, 22020)}{chance.choice(['', 'A'])}"
            quantity, price = chance.randint(1, 12), f"{chance.randint(20, 900) / 100:.2f}"
            rows.append(row(invoice, code, f"CANDLE {code}", quantity, at, price, customer))
            sold.append((code, f"CANDLE {code}", quantity, price, customer))
        if number % 13 == 0:
            rows.append(row(invoice, "POST", "POSTAGE", 1, at, "18.00", customer))
            rows.append(row(invoice, "22001", "", -5, at, "0.0", ""))
    return write(path, rows)
