"""What can go wrong with reservations."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import DomainError
from retail.kit.quantity import quantity_text, to_milli
from retail.kit.text import _


class NotAvailable(DomainError):
    """More is wanted than is on hand and not promised to somebody else."""

    code = "not_available"

    def __init__(self, product: UUID, available: Decimal, reserved: Decimal, wanted: Decimal) -> None:
        super().__init__(product, available, reserved, wanted)
        self.product = product
        self.available = available
        self.reserved = reserved
        self.wanted = wanted

    def sentence(self) -> str:
        """Say how much is left, and what to do."""
        return _(
            "Only %(left)s available, %(wanted)s wanted; %(reserved)s are reserved. Take less, or end a reservation."
        ) % {
            "left": quantity_text(max(to_milli(self.available), 0)),
            "wanted": quantity_text(to_milli(self.wanted)),
            "reserved": quantity_text(to_milli(self.reserved)),
        }

    def facts(self) -> Mapping[str, object]:
        """Give the product and the quantities."""
        return {
            "product": str(self.product),
            "available": str(self.available),
            "reserved": str(self.reserved),
            "wanted": str(self.wanted),
        }
