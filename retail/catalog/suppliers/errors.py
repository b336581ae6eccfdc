"""What can be wrong with a supplier beyond its fields."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class SupplierArchived(Conflict):
    """The supplier is archived, so nothing of it changes."""

    code = "supplier_archived"

    def sentence(self) -> str:
        """Say to bring it back."""
        return _("This supplier is archived. Bring it back first.")
