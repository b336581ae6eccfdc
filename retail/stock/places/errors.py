"""What can go wrong with places inside a store."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import Conflict, DomainError, NotFound
from retail.kit.quantity import quantity_text, to_milli
from retail.kit.text import _


class NoSuchLocation(NotFound):
    """There is no such place, or it is in a store that the actor doesn't see."""

    def __init__(self) -> None:
        super().__init__("location")


class NotEnoughThere(DomainError):
    """More would leave a place than lies in it."""

    code = "not_enough_there"

    def __init__(self, product: UUID, there: Decimal, wanted: Decimal) -> None:
        super().__init__(product, there, wanted)
        self.product = product
        self.there = there
        self.wanted = wanted

    def sentence(self) -> str:
        """Say how much there is, and what to do."""
        return _("Only %(left)s there, %(wanted)s wanted. Move fewer, or count the shelf first.") % {
            "left": quantity_text(max(to_milli(self.there), 0)),
            "wanted": quantity_text(to_milli(self.wanted)),
        }

    def facts(self) -> Mapping[str, object]:
        """Give the product and both quantities."""
        return {"product": str(self.product), "there": str(self.there), "wanted": str(self.wanted)}


class NotEmpty(Conflict):
    """A place with goods in it can't be closed."""

    code = "place_not_empty"

    def sentence(self) -> str:
        """Say what to do."""
        return _("Something still lies here. Move it to another place, then close this one.")
