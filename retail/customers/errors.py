"""What can be wrong with a customer beyond its fields."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class CustomerArchived(Conflict):
    """The customer is archived, so nothing of it changes."""

    code = "customer_archived"

    def sentence(self) -> str:
        """Say to bring it back."""
        return _("This customer is archived. Bring it back first.")


class CustomerErased(Conflict):
    """The customer's data was erased; what is left has no name and never gets one again."""

    code = "customer_erased"

    def sentence(self) -> str:
        """Say that a new one is needed."""
        return _("This customer's data was erased. Make a new customer if they come back.")


class CustomerMerged(Conflict):
    """The customer became part of another one."""

    code = "customer_merged"

    def sentence(self) -> str:
        """Say where it went."""
        return _("This customer was merged into another one. Open that one instead.")
