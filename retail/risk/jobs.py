"""Reactions of risk: what happened at a till is noted and judged right behind its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from retail.cash.events import DrawerOpened
from retail.risk.noting import note
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.sales.events import PriceAltered, SaleCompleted, VoidedAfterTender

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]


async def note_voids(tx: Tx, events: Sequence[Event]) -> None:
    """Note what was taken out after payment was begun."""
    await note(tx, "void", [event.void for event in events if isinstance(event, VoidedAfterTender)])


async def note_openings(tx: Tx, events: Sequence[Event]) -> None:
    """Note drawers that were opened without a sale."""
    await note(tx, "no_sale", [event.opening for event in events if isinstance(event, DrawerOpened) and event.opening])


async def note_refunds(tx: Tx, events: Sequence[Event]) -> None:
    """Note refunds of sales by the same cashier."""
    await note(tx, "refund", [one.sale for one in events if isinstance(one, SaleCompleted) and one.kind == "return"])


async def note_overrides(tx: Tx, events: Sequence[Event]) -> None:
    """Note sales with prices or discounts of the cashier's own."""
    await note(tx, "override", [event.sale for event in events if isinstance(event, PriceAltered)])


PROJECTIONS: Final[dict[type[Event], Reaction]] = {
    VoidedAfterTender: note_voids,
    DrawerOpened: note_openings,
    SaleCompleted: note_refunds,
    PriceAltered: note_overrides,
}
