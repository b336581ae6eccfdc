"""What can go wrong in the stock room."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import DomainError, Invalid
from retail.kit.quantity import quantity_text, to_milli
from retail.kit.text import _


class StoreIsClosed(Invalid):
    """A store that is no longer in use takes nothing in; the sentence stands at the field that named it."""

    status = 409
    code = "store_closed"

    def __init__(self, name: str, field: str = "store") -> None:
        self.name = name
        super().__init__({field: [self.sentence()]})

    def sentence(self) -> str:
        """Say what to do."""
        return _("%(store)s is closed. Pick a store that is open, or open it again under Stores.") % {
            "store": self.name
        }


class NotEnoughStock(DomainError):
    """More would leave than is on hand. Sales never raise it: goods that were paid for have left."""

    code = "not_enough_stock"

    def __init__(self, product: UUID, on_hand: Decimal, wanted: Decimal) -> None:
        super().__init__(product, on_hand, wanted)
        self.product = product
        self.on_hand = on_hand
        self.wanted = wanted

    def sentence(self) -> str:
        """Say how much there is, and what to do."""
        return _("Only %(left)s on hand, %(wanted)s wanted. Count the shelf first, or take less.") % {
            "left": quantity_text(to_milli(self.on_hand)),
            "wanted": quantity_text(to_milli(self.wanted)),
        }

    def facts(self) -> Mapping[str, object]:
        """Give the product and both quantities."""
        return {"product": str(self.product), "on_hand": str(self.on_hand), "wanted": str(self.wanted)}


class NotStocked(DomainError):
    """A service, or a set that is sold as one and stocked as its parts: there is nothing of it on a shelf."""

    code = "not_stocked"

    def __init__(self, product: UUID) -> None:
        super().__init__(product)
        self.product = product

    def sentence(self) -> str:
        """Say what to pick instead."""
        return _("Nothing of this lies on a shelf: it is a service, or stocked as its parts. Pick one of its parts.")

    def facts(self) -> Mapping[str, object]:
        """Give the product."""
        return {"product": str(self.product)}
