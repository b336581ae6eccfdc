"""What can go wrong around a drawer."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from retail.kit.errors import DomainError, NotFound
from retail.kit.text import _


class ShiftOpen(DomainError):
    """The till has an open shift already."""

    code = "shift_open"

    def __init__(self, shift: UUID, opened_by_name: str) -> None:
        super().__init__(shift, opened_by_name)
        self.shift = shift
        self.opened_by_name = opened_by_name

    def sentence(self) -> str:
        """Say whose it is, and what to do."""
        return _("This till already has an open shift, started by %(name)s. Close it first, or sell on in it.") % {
            "name": self.opened_by_name
        }

    def facts(self) -> Mapping[str, object]:
        """Name the open shift."""
        return {"shift": str(self.shift)}


class ShiftClosed(DomainError):
    """The shift has been counted and closed."""

    code = "shift_closed"

    def __init__(self, shift: UUID) -> None:
        super().__init__(shift)
        self.shift = shift

    def sentence(self) -> str:
        """Say what to do."""
        return _("This shift is closed. Open a new shift on this till first.")

    def facts(self) -> Mapping[str, object]:
        """Name the shift."""
        return {"shift": str(self.shift)}


class NoSuchShift(NotFound):
    """There is no such shift, or it is somebody else's."""

    code = "no_such_shift"

    def sentence(self) -> str:
        """Say what to do."""
        return _("We can't find this shift. Open the list of shifts and pick it again.")


class TillRetired(DomainError):
    """The till is no longer used."""

    code = "till_retired"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This till is no longer in use. Pick another till.")
