"""Reactions of stock: moves are folded into balances right behind the sale, and screens are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.stock.allotting.operations import work_out
from retail.stock.counts import jobs as counting
from retail.stock.events import StockChanged, StockMoved, StockReserved
from retail.stock.keeping import keep_worth
from retail.stock.marking_again import mark_again
from retail.stock.operations import fold, tell
from retail.stock.reserving.operations import release_when_due
from retail.stock.rules import Folded

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]


async def fold_moves(tx: Tx, events: Sequence[Event]) -> None:  # noqa: ARG001 - what waits is in the deltas
    """Fold all that waits; emits StockChanged once per store and StockFellLow per product that came down.

    Also folds deltas whose event comes in a later batch; that batch then finds nothing left, and tells nothing twice.
    """
    latest: dict[tuple[UUID, UUID], Folded] = {}
    became_low: dict[tuple[UUID, UUID], None] = {}
    more = True
    while more:
        folded, more = await fold(tx)
        for one in folded:
            latest[one.store, one.product] = one
            if one.became_low:
                became_low[one.store, one.product] = None
    tell(tx, list(latest.values()), [latest[key] for key in became_low])


async def share_again(tx: Tx, events: Sequence[Event]) -> None:
    """Work out again what tills may sell of scarce goods whose stock or reservations changed."""
    places: dict[tuple[UUID, UUID], None] = {}
    for event in events:
        if isinstance(event, StockChanged):
            places |= dict.fromkeys((event.store, UUID(str(one["product"]))) for one in event.levels)
        elif isinstance(event, StockReserved):
            places |= dict.fromkeys((event.store, UUID(one)) for one in event.products)
    await work_out(tx, places)


__all__ = ["PROJECTIONS", "counting", "fold_moves", "keep_worth", "mark_again", "release_when_due", "share_again"]

PROJECTIONS: Final[dict[type[Event], Reaction]] = {
    StockMoved: fold_moves,
    CatalogueChanged: mark_again,
    StockChanged: share_again,
    StockReserved: share_again,
}
