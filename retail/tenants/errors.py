"""What can be wrong with a tenant, a store or a till."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class SlugTaken(Conflict):
    """Another business has this address."""

    code = "slug_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another business uses this address already. Choose another one.")


class CodeTaken(Conflict):
    """Another store or till of the business has this code."""

    code = "code_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("This code is in use already. Choose another one.")
