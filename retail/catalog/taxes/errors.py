"""What can be wrong with dated taxes, parts, exemptions and positions."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class RateApplied(Conflict):
    """The rate holds already, so its day can't be taken back."""

    code = "rate_applied"

    def sentence(self) -> str:
        """Say what to do instead."""
        return _("This rate holds already. Enter another one from a later day instead.")
