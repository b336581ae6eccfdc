"""Why a change of many products can't be undone."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class CannotUndo(Conflict):
    """The change is still running, or it has been undone already."""

    code = "cannot_undo"

    def __init__(self, *, running: bool = False) -> None:
        super().__init__(running)
        self.running = running

    def sentence(self) -> str:
        """Say what to do."""
        if self.running:
            return _("This change is still running. Stop it first, or wait until it is done.")
        return _("This change is undone already.")
