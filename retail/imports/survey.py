"""The first look through a file of past trade: its articles with their usual names and prices, and what they need."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

from retail.imports.files import Row, opened, rows
from retail.imports.report import RefusedRows
from retail.imports.trade import COLUMNS, REASONS, Judge, TradeRow, is_cancellation

Tick = Callable[[int], None]
Pair = tuple[str, str]

_EVERY: Final = 5_000
_MOST_NAMES: Final = 200


@dataclass(slots=True)
class Article:
    """What the file tells of an article; `least` is how many it must have had on the first day, never to run out."""

    names: Counter[str] = field(default_factory=Counter)
    prices: Counter[int] = field(default_factory=Counter)
    balance: int = 0
    least: int = 0
    sold: int = 0

    def see(self, row: TradeRow) -> None:
        """Take one row into account."""
        if row.name in self.names or len(self.names) < _MOST_NAMES:
            self.names[row.name] += 1
        self.prices[row.price_minor] += 1
        self.balance -= row.quantity
        self.least = max(self.least, -self.balance)
        self.sold += max(row.quantity, 0)

    @property
    def name(self) -> str:
        """The most common description; of equally common ones the first in the alphabet."""
        return min(self.names, key=lambda name: (-self.names[name], name))

    @property
    def price_minor(self) -> int:
        """The median price, of the two in the middle the lower one."""
        middle = (sum(self.prices.values()) - 1) // 2
        for price in sorted(self.prices):
            if middle < self.prices[price]:
                return price
            middle -= self.prices[price]
        return 0


@dataclass(slots=True)
class Survey:
    """What is known of the whole file before anything is stored."""

    rows: int = 0
    taken: int = 0
    articles: dict[str, Article] = field(default_factory=dict)
    given_back: set[Pair] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None

    def see(self, row: TradeRow) -> None:
        """Take one row into account."""
        self.taken += 1
        self.first = min(self.first or row.at, row.at)
        self.last = max(self.last or row.at, row.at)
        if not row.charge:
            self.articles.setdefault(row.code, Article()).see(row)
            if row.customer and is_cancellation(row.invoice):
                self.given_back.add((row.customer, row.code))


def survey(path: Path, judge: Judge, refused: RefusedRows, tick: Tick) -> Survey:
    """Look through the file; every row that can't be taken in goes to the report. Raises Invalid."""
    found = Survey()
    with opened(path) as text:
        for line, cells in counted(rows(text, COLUMNS), tick):
            found.rows += 1
            row = judge.judge(cells)
            if isinstance(row, str):
                refused.add(line, cells, REASONS[row])
            else:
                found.see(row)
    return found


def taken_rows(text: TextIO, judge: Judge) -> Iterator[tuple[int, TradeRow]]:
    """Give the rows that can be taken in, with how many rows of the file were read so far."""
    for at, (_line, cells) in enumerate(rows(text, COLUMNS), start=1):
        row = judge.judge(cells)
        if not isinstance(row, str):
            yield at, row


def counted(given: Iterable[Row], tick: Tick) -> Iterator[Row]:
    """Pass rows on and tell how many they were, now and then."""
    at = 0
    for at, row in enumerate(given, start=1):
        yield row
        if at % _EVERY == 0:
            tick(_EVERY)
    tick(at % _EVERY)


def fingerprint(path: Path) -> int:
    """Give a number that only this file's content has."""
    with path.open("rb") as raw:
        return int.from_bytes(hashlib.file_digest(raw, "sha256").digest())
