"""Rows of past trade become documents: sales, returns of those very sales, and returns without a receipt; pure.

Which sale a cancellation belongs to isn't in the file. It is taken for the customer's latest purchase of the article
at the same price of which enough is left; what finds none is kept as a document with quantities below zero. The same
file gives the same documents with the same ids each time, so an import that was cut off goes on without doubling.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID

from retail.imports.survey import Pair
from retail.imports.trade import TradeRow, is_cancellation
from retail.sales.past import id_at, part_of


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document to be stored; `reference` is its number in the file.

    Of a return `original` is the sale, `back` the quantity that comes back of each sold line by its id, and `standing`
    what of those lines was back before.
    """

    id: UUID
    reference: str
    at: datetime
    customer: str
    rows: tuple[TradeRow, ...] = ()
    original: UUID | None = None
    back: Mapping[UUID, int] = field(default_factory=dict)
    standing: Mapping[UUID, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many lines it has."""
        return len(self.rows) or len(self.back)


@dataclass(slots=True)
class _Sold:
    """A sold line that may come back."""

    sale: UUID
    line: UUID
    price_minor: int
    quantity: int
    back: int = 0


class Documents:
    """Makes documents of rows in the order of the file; remembers the lines that a later row takes back, no others."""

    def __init__(self, given_back: set[Pair]) -> None:
        self._given_back = given_back
        self._sold: dict[Pair, list[_Sold]] = defaultdict(list)
        self._runs: Counter[str] = Counter()

    def of(self, numbered: Iterable[tuple[int, TradeRow]]) -> Iterator[tuple[int, Invoice]]:
        """Give the documents, each with how many rows of the file had been read; rows of an invoice stand together."""
        for invoice, run in groupby(numbered, key=lambda one: one[1].invoice):
            members = list(run)
            key = f"{invoice}\x1f{self._runs[invoice]}"
            self._runs[invoice] += 1
            rows = [row for _, row in members]
            made = self._cancellation(key, rows) if is_cancellation(invoice) else [self._sale(key, rows)]
            for one in made:
                yield members[-1][0], one

    def _sale(self, key: str, rows: list[TradeRow]) -> Invoice:
        first = rows[0]
        id = _id(first.at, key)
        for place, row in enumerate(rows, start=1):
            if row.quantity > 0 and (row.customer, row.code) in self._given_back:
                self._sold[row.customer, row.code].append(_Sold(id, part_of(id, place), row.price_minor, row.quantity))
        return Invoice(id, first.invoice, first.at, first.customer, tuple(rows))

    def _cancellation(self, key: str, rows: list[TradeRow]) -> list[Invoice]:
        first = rows[0]
        standing: dict[UUID, int] = {}
        back: dict[UUID, Counter[UUID]] = defaultdict(Counter)
        left: list[TradeRow] = []
        for row in rows:
            without = -row.quantity
            for sold in reversed(self._sold.get((row.customer, row.code), [])):
                taken = min(without, sold.quantity - sold.back) if sold.price_minor == row.price_minor else 0
                if taken:
                    standing.setdefault(sold.line, sold.back)
                    back[sold.sale][sold.line] += taken
                    sold.back += taken
                    without -= taken
            if without:
                left.append(row._replace(quantity=-without))
        made = [
            Invoice(
                _id(first.at, f"{key}\x1f{sale}"),
                first.invoice,
                first.at,
                first.customer,
                original=sale,
                back=lines,
                standing={line: standing[line] for line in lines},
            )
            for sale, lines in back.items()
        ]
        return [*made, self._sale(key, left)] if left else made


def _id(at: datetime, key: str) -> UUID:
    return id_at(at, int.from_bytes(hashlib.sha256(key.encode()).digest()))
