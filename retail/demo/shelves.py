"""What the demo's shelves hold: sold down day by day, filled up every Monday, with a few gaps as in a real shop."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.demo.goods import SHELVES, Article
from retail.demo.premises import Premises, Shop
from retail.kit.quantity import MILLI, from_milli
from retail.ledger import Entry, Posting
from retail.sales.past import id_at
from retail.stock import Arrival, Move
from retail.stock.rules import counterpart, value_minor

KILO_MILLI: Final = 620  # what people take of weighed goods, on average
_PIECES: Final = 1.25
_PERISHABLE: Final = frozenset({"Bakery", "Fruit & veg"})
_DAYS_LEFT: Final = 9
_DAYS_FILLED: Final = 15


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the stock room: its moves and the entry that posts them."""

    moves: tuple[Move, ...]
    entry: Entry


@dataclass(slots=True)
class Shelves:
    """The stock of one store in thousandths, by the article's place; `a_day` is what usually sells of it a day."""

    shop: Shop
    premises: Premises
    a_day: Sequence[float]
    chance: random.Random
    on_hand: list[int] = field(default_factory=list)
    neglected: set[int] = field(default_factory=set)

    def open(self) -> list[Arrival]:
        """Fill the empty shelves for the first time."""
        self.on_hand = [self._full(place, 1.0) for place in range(len(self.premises.articles))]
        return [
            Arrival(id, from_milli(milli), one.unit_cost)
            for id, one, milli in zip(self.premises.ids, self.premises.articles, self.on_hand, strict=True)
        ]

    def deliver(self, at: datetime, season: float) -> Paper | None:
        """Take the week's delivery in: whatever would run out before the next one, but not what is `neglected`."""
        moves = []
        for place, one in enumerate(self.premises.articles):
            if place in self.neglected or self.on_hand[place] > self._full(place, season * _DAYS_LEFT / _DAYS_FILLED):
                continue
            arrived = self._full(place, season) - self.on_hand[place]
            if arrived > 0:
                self.on_hand[place] += arrived
                moves.append(self._move(place, one, "receipt", arrived, at))
        return self._paper("receipt", moves, at, f"Delivery {at:%d.%m.}")

    def throw_away(self, at: datetime) -> Paper | None:
        """Write off what nobody bought in time: a little bread and fruit."""
        moves = []
        for place, one in enumerate(self.premises.articles):
            if SHELVES[one.shelf].name in _PERISHABLE and self.chance.random() < 0.05:
                gone = min(self.on_hand[place], self.chance.randrange(1, 4) * (MILLI if one.unit == "each" else 300))
                if gone > 0:
                    self.on_hand[place] -= gone
                    moves.append(self._move(place, one, "waste", -gone, at))
        return self._paper("waste", moves, at, "Past its best")

    def neglect(self) -> None:
        """Forget to order a few articles from now on, so that some run low and some out."""
        popular = sorted(range(len(self.a_day)), key=self.a_day.__getitem__, reverse=True)[:120]
        self.neglected = set(self.chance.sample(popular, min(14, len(popular))))

    def _full(self, place: int, share: float) -> int:
        one = self.premises.articles[place]
        least = int(one.reorder_point * MILLI) * 7 // 5 + MILLI
        if one.unit == "each":
            return least // MILLI * MILLI + MILLI * round(self.a_day[place] * _PIECES * _DAYS_FILLED * share)
        return least + round(self.a_day[place] * KILO_MILLI * _DAYS_FILLED * share)

    def _move(self, place: int, one: Article, kind: str, milli: int, at: datetime) -> Move:
        id = id_at(at, self.chance.getrandbits(74))
        quantity = from_milli(milli)
        return Move(id, self.shop.id, self.premises.ids[place], kind, quantity, one.unit_cost, "", None, at)

    def _paper(self, kind: str, moves: list[Move], at: datetime, reason: str) -> Paper | None:
        worth = sum(value_minor(one.quantity, one.unit_cost) for one in moves)
        if not worth:
            return None
        id = id_at(at, self.chance.getrandbits(74))
        entry = Entry(
            id_at(at, self.chance.getrandbits(74)),
            self.shop.id,
            f"stock_{kind}",
            id,
            at,
            at.date(),
            self.premises.tenant.currency,
            reason,
            (Posting("stock", worth), Posting(counterpart(kind) or "", -worth)),
        )
        return Paper(tuple(_with_source(one, id, reason) for one in moves), entry)


def _with_source(one: Move, source: UUID, reason: str) -> Move:
    return Move(one.id, one.store, one.product, one.kind, one.quantity, one.unit_cost, reason, source, one.occurred_at)
