"""What can be wrong with an entry."""

from __future__ import annotations

from retail.kit.errors import DomainError
from retail.kit.text import _


class Unbalanced(ValueError):
    """Debits and credits of an entry differ: a mistake in the program, never in the shop."""

    def __init__(self, kind: str, difference_minor: int) -> None:
        super().__init__(f"entry {kind!r} is off by {difference_minor} minor units")
        self.kind = kind
        self.difference_minor = difference_minor


class UnknownPurpose(ValueError):
    """A posting names a purpose that no chart of accounts has."""


class EmptyBooks(DomainError):
    """The tenant has no accounts yet, or lacks one that an entry needs."""

    code = "books_not_open"

    def sentence(self) -> str:
        """Say who can help."""
        return _("The books of this business are not set up. Ask the operator to open them; nothing was changed.")
