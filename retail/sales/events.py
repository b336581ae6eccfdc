"""What happened at the tills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from retail.kit.quantity import from_milli
from retail.runtime.outbox import Event
from retail.sales.documents import StoredSale


@dataclass(frozen=True)
class SaleCompleted(Event):
    """A sale was stored, or a return (`kind`): a return's amounts, units and products are below zero.

    `tenders` is cash, card or mixed (card stands for all that isn't cash); `products` are
    {"product": id, "quantity": text, "revenue_minor": net of tax, "tax_minor", "cost_minor"}, each product once.
    """

    name: ClassVar[str] = "sale.completed"
    sale: UUID
    kind: str
    store: UUID
    till: UUID
    shift: UUID | None
    number: int
    total_minor: int
    tax_minor: int
    cost_minor: int
    units: Decimal
    lines: int
    tenders: str
    business_date: date
    local_hour: int
    occurred_at: datetime
    products: list[dict[str, Any]]
    exceptions: int = 0
    cashier: UUID | None = None
    after_close: bool = False


@dataclass(frozen=True)
class DownPaid(Event):
    """A payment on kept goods was stored, or money of one went back: no sale, but a drawer counts it."""

    name: ClassVar[str] = "sale.down_paid"
    sale: UUID
    store: UUID
    till: UUID
    shift: UUID | None
    after_close: bool = False


@dataclass(frozen=True)
class TillTakenOver(Event):
    """A device took a till over from another one."""

    name: ClassVar[str] = "till.taken_over"
    till: UUID
    fence: int
    label: str


@dataclass(frozen=True)
class HeldChanged(Event):
    """Something was put on hold in a store, or is so no longer."""

    name: ClassVar[str] = "held.changed"
    store: UUID


@dataclass(frozen=True)
class KeysChanged(Event):
    """A layout of tiles was saved, or is used elsewhere."""

    name: ClassVar[str] = "keys.changed"


@dataclass(frozen=True)
class ExceptionResolved(Event):
    """A person looked at an exception and settled it."""

    name: ClassVar[str] = "exception.resolved"
    exception: UUID
    code: str
    store: UUID | None = None


@dataclass(frozen=True)
class ExceptionReopened(Event):
    """A settled exception waits for somebody again."""

    name: ClassVar[str] = "exception.reopened"
    exception: UUID
    code: str
    store: UUID | None = None


@dataclass(frozen=True)
class ExceptionFound(Event):
    """Something needs a look that no sale carries."""

    name: ClassVar[str] = "exception.found"
    till: UUID
    codes: list[str]
    store: UUID | None = None


@dataclass(frozen=True)
class VoidedAfterTender(Event):
    """A line, or a sale, was taken out after payment for it was begun."""

    name: ClassVar[str] = "sale.voided_late"
    void: UUID


@dataclass(frozen=True)
class PriceAltered(Event):
    """A sale was stored in which its cashier changed a price or gave a discount of their own."""

    name: ClassVar[str] = "sale.price_altered"
    sale: UUID


def completed(sale: StoredSale) -> SaleCompleted:
    """Tell the features above about a stored sale."""
    products: dict[UUID, list[int]] = {}
    for line in sale.lines:
        if line.product is not None:
            sums = products.setdefault(line.product, [0, 0, 0, 0])
            sums[0] += line.quantity_milli
            sums[1] += line.net
            sums[2] += line.tax
            sums[3] += line.cost
    cash = {tender.type == "cash" for tender in sale.tenders}
    return SaleCompleted(
        sale.id,
        sale.kind,
        sale.store,
        sale.till,
        sale.shift,
        sale.number,
        sale.total,
        sale.tax,
        sale.cost,
        from_milli(sale.units_milli),
        len(sale.lines),
        "mixed" if len(cash) > 1 else ("card" if False in cash else "cash"),
        sale.business_date,
        sale.local_hour,
        sale.occurred_at,
        [
            {
                "product": str(id),
                "quantity": str(from_milli(milli)),
                "revenue_minor": revenue,
                "tax_minor": tax,
                "cost_minor": cost,
            }
            for id, (milli, revenue, tax, cost) in products.items()
        ],
        len(sale.remarks),
        sale.cashier_id,
        sale.after_close,
    )
