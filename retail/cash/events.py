"""What happened at a drawer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from retail.runtime.outbox import Event


@dataclass(frozen=True)
class ShiftOpened(Event):
    """A till began its day with a float."""

    name: ClassVar[str] = "shift.opened"
    shift: UUID
    store: UUID
    till: UUID
    number: int
    opening_float_minor: int
    business_date: date


@dataclass(frozen=True)
class ShiftEnded(Event):
    """A drawer was counted and its shift closed."""

    name: ClassVar[str] = "shift.closed"
    shift: UUID
    store: UUID
    till: UUID
    number: int
    expected_minor: int
    counted_minor: int
    variance_minor: int
    business_date: date


@dataclass(frozen=True)
class CashMoved(Event):
    """Cash came into or left a drawer without a sale; `kind` is pay_in, pay_out or drop."""

    name: ClassVar[str] = "cash.moved"
    shift: UUID
    store: UUID
    till: UUID
    kind: str
    amount_minor: int


@dataclass(frozen=True)
class DrawerOpened(Event):
    """A drawer was opened without a sale."""

    name: ClassVar[str] = "drawer.opened"
    shift: UUID
    store: UUID
    till: UUID
    opening: UUID | None = None
