"""What can be wrong with taking from stored value."""

from __future__ import annotations

from uuid import UUID

from retail.kit.errors import Conflict
from retail.kit.text import _


class NotEnoughValue(Conflict):
    """There is less on the account than was asked for."""

    code = "not_enough_value"

    def __init__(self, account: UUID, spendable_minor: int) -> None:
        super().__init__(account, spendable_minor)
        self.account = account
        self.spendable_minor = spendable_minor

    def sentence(self) -> str:
        """Say what to do."""
        return _("There isn't so much left on it. Take what is there, and the rest in another way.")


class ValueShut(Conflict):
    """The card is blocked or has run out."""

    code = "value_shut"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This card is blocked or has run out. Pay in another way.")


class CardIssued(Conflict):
    """The form was sent before, and its card's code was shown then."""

    code = "card_issued"

    def sentence(self) -> str:
        """Say where to look."""
        return _("This card was issued already, and its code was shown then. Look at the top of the list of cards.")


class SourceUsed(Conflict):
    """The source has made another move before."""

    code = "source_used"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This was done before with another amount. Load the page again and look at the statement.")
