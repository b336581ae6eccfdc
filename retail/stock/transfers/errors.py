"""What can go wrong with a transfer."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from retail.kit.errors import DomainError, NotFound
from retail.kit.text import _


class NoSuchTransfer(NotFound):
    """There is no such transfer, or it is between stores that the actor doesn't see."""

    def __init__(self) -> None:
        super().__init__("transfer")


class TransferMovedOn(DomainError):
    """Somebody was quicker: the transfer is in another state by now."""

    code = "transfer_moved_on"

    def __init__(self, transfer: UUID, state: str, who: str) -> None:
        super().__init__(transfer, state, who)
        self.transfer = transfer
        self.state = state
        self.who = who

    def sentence(self) -> str:
        """Say what became of it, by whom, and what to do."""
        said = {
            "draft": _("This transfer is still a draft. Send it first."),
            "sent": _("This transfer has been sent by %(who)s. Reload the page to see it."),
            "received": _("This transfer has been received by %(who)s. Reload the page to see what was found."),
            "cancelled": _("This transfer was cancelled by %(who)s. Make a new one."),
        }
        return said[self.state] % ({"who": self.who} if self.state != "draft" else {})

    def facts(self) -> Mapping[str, object]:
        """Give the state."""
        return {"state": self.state}
