"""What happened to the stock."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from retail.runtime.outbox import Event


@dataclass(frozen=True)
class StockMoved(Event):
    """Products of a store moved; `products` are their ids as text, each once. Deltas wait to be folded."""

    name: ClassVar[str] = "stock.moved"
    store: UUID
    products: list[str]


@dataclass(frozen=True)
class StockFellLow(Event):
    """A product of a store came down to its reorder point; told once until it has risen above it again."""

    name: ClassVar[str] = "stock.fell_low"
    store: UUID
    product: UUID
    on_hand: Decimal
    reorder_point: Decimal


@dataclass(frozen=True)
class StockChanged(Event):
    """Balances of a store changed; `levels` are {"product", "on_hand", "available", "low"}, quantities as text."""

    name: ClassVar[str] = "stock.changed"
    store: UUID
    levels: list[dict[str, object]]


@dataclass(frozen=True)
class StockReserved(Event):
    """Reservations of some products of a store began or ended; `products` are their ids as text, each once."""

    name: ClassVar[str] = "stock.reserved"
    store: UUID
    products: list[str]


@dataclass(frozen=True)
class StockAllotted(Event):
    """What tills may sell of some scarce products of a store changed; `products` are their ids as text, each once."""

    name: ClassVar[str] = "stock.allotted"
    store: UUID
    products: list[str]


@dataclass(frozen=True)
class TransferMoved(Event):
    """A transfer was drafted, sent, received, decided about or cancelled; told to each of its two stores."""

    name: ClassVar[str] = "stock.transfer_moved"
    store: UUID
    transfer: UUID
    what: str
