"""What can be wrong with prices and price lists."""

from __future__ import annotations

from retail.kit.errors import Conflict, Invalid
from retail.kit.text import _


class ChangeApplied(Conflict):
    """The change of a price holds already, so it can't be taken back."""

    code = "change_applied"

    def sentence(self) -> str:
        """Say what to do instead."""
        return _("This price holds already. Give the product another price instead.")


class BatchUndone(Conflict):
    """The change was undone before, or is still being worked out."""

    code = "batch_undone"

    def sentence(self) -> str:
        """Say that there is nothing left to undo."""
        return _("There is nothing to undo: it was undone before, or it is still being worked out.")


class LaterInThePast(Invalid):
    """A moment to come was asked for, and it is over."""

    def __init__(self) -> None:
        super().__init__({"at": [_("This moment is over. Pick a later one, or let the price hold from now on.")]})


class NothingChosen(Invalid):
    """A change at once that no product falls under."""

    def __init__(self) -> None:
        super().__init__({"": [_("No product falls under this choice. Widen it, or pick others.")]})
