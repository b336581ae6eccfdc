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
    """Balances of a store changed; `levels` are {"product", "on_hand", "available", "low"}, quantities as text.

    `by_rule`: nothing has moved, reorder points were changed.
    """

    name: ClassVar[str] = "stock.changed"
    store: UUID
    levels: list[dict[str, object]]
    by_rule: bool = False


@dataclass(frozen=True)
class RulesMarkedLow(Event):
    """Several products became low at once because reorder points were changed; told in one, not each by itself.

    `products`: how many. `store` None: in several. `change`: the change of many products that did it, if it was one.
    """

    name: ClassVar[str] = "stock.rules_marked_low"
    products: int
    store: UUID | None = None
    change: UUID | None = None


@dataclass(frozen=True)
class RulesBroughtBack(Event):
    """A change of many products that made some low was undone."""

    name: ClassVar[str] = "stock.rules_brought_back"
    change: UUID


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
