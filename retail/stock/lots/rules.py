"""Giving what moved to lots, first expired first out; pure. docs/algorithms/stockroom.md says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

_NEVER: Final = date.max
_EXPIRING_MOST: Final = 3650


@dataclass(frozen=True, slots=True)
class Standing:
    """A lot on a store's shelf, and how much of it there is, in thousandths; below zero where too much was sold."""

    lot: UUID
    code: str
    expires_on: date | None
    received_at: datetime | None
    milli: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A product in a store: its lots, and what no lot is known of; together they are the balance."""

    lots: Mapping[UUID, Standing]
    unnamed: int

    @property
    def milli(self) -> int:
        """All of it."""
        return self.unnamed + sum(one.milli for one in self.lots.values())


@dataclass(frozen=True, slots=True)
class Drop:
    """A signed quantity that moved on a day, in thousandths; `code` is the lot that its label named, if any.

    `wasted`: it was thrown away, so it was what had expired, as long as there was any.
    """

    milli: int
    code: str
    day: date
    wasted: bool = False


Share = tuple[UUID | None, int]
"""What of a drop a lot got; None: goods of no known lot."""


def order(lots: Iterable[Standing], day: date, *, wasted: bool = False) -> list[Standing]:
    """Sort lots as they are to leave: what expires first goes first, but what had expired before that day goes last.

    A shop takes expired goods off the shelf, so what was sold was something else as long as there was any. What is
    `wasted` goes straight by its day: the expired first.
    """
    return sorted(
        lots,
        key=lambda one: (
            not wasted and one.expires_on is not None and one.expires_on < day,
            one.expires_on or _NEVER,
            one.received_at is None,
            one.received_at.timestamp() if one.received_at else 0,
            one.code,
        ),
    )


def give(shelf: Shelf, drop: Drop) -> list[Share]:
    """Say which lots a drop takes from or adds to; the shares add up to the drop, and none is zero.

    A named lot gets all of it, also below zero: the label is what was seen. Else goods that leave are taken from lots
    in their order while there is any, then from the goods without a lot. Goods that come fill up what is below zero,
    goods without a lot first; the rest has no lot.
    """
    named = next((one.lot for one in shelf.lots.values() if drop.code and one.code == drop.code), None)
    if named is not None:
        return [(named, drop.milli)] if drop.milli else []
    if drop.milli < 0:
        return _take(shelf, drop)
    return _add(shelf, drop.milli, drop.day)


def spread(shelf: Shelf, drops: Sequence[Drop]) -> tuple[list[list[Share]], Shelf]:
    """Give drops to lots one after the other; gives each one's shares and the shelf afterwards."""
    given = []
    for drop in drops:
        shares = give(shelf, drop)
        shelf = after(shelf, shares)
        given.append(shares)
    return given, shelf


def after(shelf: Shelf, shares: Sequence[Share]) -> Shelf:
    """Give the shelf after some shares."""
    lots, unnamed = dict(shelf.lots), shelf.unnamed
    for lot, milli in shares:
        if lot is None:
            unnamed += milli
        else:
            lots[lot] = replace(lots[lot], milli=lots[lot].milli + milli)
    return Shelf(lots, unnamed)


def _take(shelf: Shelf, drop: Drop) -> list[Share]:
    shares: list[Share] = []
    wanted = -drop.milli
    for one in order(shelf.lots.values(), drop.day, wasted=drop.wasted):
        taken = min(max(one.milli, 0), wanted)
        if taken:
            shares.append((one.lot, -taken))
            wanted -= taken
    return [*shares, (None, -wanted)] if wanted else shares


def _add(shelf: Shelf, came: int, day: date) -> list[Share]:
    shares: dict[UUID | None, int] = {}
    owed: list[tuple[UUID | None, int]] = [(None, -shelf.unnamed)]
    owed += [(one.lot, -one.milli) for one in order(shelf.lots.values(), day)]
    for lot, missing in owed:
        filled = min(max(missing, 0), came)
        if filled:
            shares[lot] = filled
            came -= filled
    if came:
        shares[None] = shares.get(None, 0) + came
    return list(shares.items())
