"""What can go wrong with single pieces."""

from __future__ import annotations

from collections.abc import Mapping

from retail.kit.errors import DomainError
from retail.kit.text import _


class WrongPiece(DomainError):
    """A piece can't become what was asked: it is somewhere else, or something else has become of it."""

    code = "wrong_piece"

    def __init__(self, number: str, state: str | None) -> None:
        super().__init__(number, state)
        self.number = number
        self.state = state

    def sentence(self) -> str:
        """Say where the piece is, and what to do."""
        said = {
            None: _("Nobody has received a piece with the number %(number)s. Receive it first, or scan it again."),
            "elsewhere": _("The piece %(number)s lies in another store. Look it up, or scan it again."),
            "in_stock": _("The piece %(number)s is in stock already. Scan another one."),
            "in_transit": _("The piece %(number)s is on its way between stores. Receive the transfer first."),
            "sold": _("The piece %(number)s has been sold. Take it back with its receipt first."),
            "returned": _("The piece %(number)s was brought back and lies in the store. Scan another one."),
            "scrapped": _("The piece %(number)s was written off. Scan another one."),
        }
        return said[self.state] % {"number": self.number}

    def facts(self) -> Mapping[str, object]:
        """Give the number and its state."""
        return {"number": self.number, "state": self.state}
