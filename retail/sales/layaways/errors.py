"""What can go wrong with kept goods."""

from __future__ import annotations

from retail.kit.errors import Conflict, NotFound
from retail.kit.text import _


class NoSuchLayaway(NotFound):
    """There are no such kept goods."""

    def __init__(self) -> None:
        super().__init__("layaway")


class LayawayOver(Conflict):
    """The goods were handed over or the keeping was cancelled before."""

    code = "layaway_over"

    def sentence(self) -> str:
        """Say what to do."""
        return _("These goods were handed over or cancelled meanwhile. Look at the list again.")
