"""What can be wrong with a sale, a return, or a till that sends them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import Conflict, NotFound
from retail.kit.text import _


class NoSuchSale(NotFound):
    """There is no such sale, or it is somebody else's."""

    code = "no_such_sale"

    def sentence(self) -> str:
        """Say what to do."""
        return _("We can't find this sale. Look it up by its receipt number.")


class NoSuchTill(NotFound):
    """There is no such till, or it is somebody else's."""

    code = "no_such_till"

    def sentence(self) -> str:
        """Say what to do."""
        return _("We can't find this till. Open the list of tills and pick it again.")


class HeldGone(Conflict):
    """Another till went on with it, or it has ended."""

    code = "held_gone"

    def __init__(self, name: str, till: str) -> None:
        super().__init__(name, till)
        self.name, self.till = name, till

    def sentence(self) -> str:
        """Say who has it."""
        if not self.till:
            return _("This sale isn't on hold any more. Look at the list again.")
        return _("%(name)s went on with this sale at %(till)s.") % {"name": self.name, "till": self.till}


class HeldByAnother(Conflict):
    """It is somebody else's, and that has to be said."""

    code = "held_by_another"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def sentence(self) -> str:
        """Say whose it is."""
        return _("%(name)s has put this sale on hold. Take it over, or ask %(name)s.") % {"name": self.name}


class NoOpenShift(Conflict):
    """Nobody answers for the drawer that money would come out of."""

    code = "no_open_shift"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This till has no open shift. Open a shift first, then take the goods back.")


class NoSuchException(NotFound):
    """There is no such exception, or it is somebody else's."""


class OverReturned(Conflict):
    """More would come back than was sold and isn't back yet."""

    code = "over_return"

    def __init__(self, line: UUID, left: Decimal) -> None:
        super().__init__(line, left)
        self.line = line
        self.left = left

    def sentence(self) -> str:
        """Say how much can still come back."""
        if self.left <= 0:
            return _("All of this line has come back already. Check the returns listed on the sale.")
        return _("Only %(left)s of this line can still come back. Lower the quantity.") % {
            "left": f"{self.left.normalize():f}"
        }

    def facts(self) -> Mapping[str, object]:
        """Name the line and what is left of it."""
        return {"line": str(self.line), "left": f"{self.left:f}"}


class BeingReturned(OverReturned):
    """The rest of a line is promised to another till, which is about to take it back."""

    def __init__(self, line: UUID, left: Decimal, till: str) -> None:
        super().__init__(line, left)
        self.till = till

    def sentence(self) -> str:
        """Say who is taking it back."""
        if self.left <= 0:
            return _("Somebody at till %(till)s is taking this back now. Ask there before you pay for it.") % {
                "till": self.till
            }
        return _("Somebody at till %(till)s is taking some of it back now: only %(left)s is left. Ask there first.") % {
            "till": self.till, "left": f"{self.left.normalize():f}"
        }  # fmt: skip


class NotReturnable(Conflict):
    """The document is a return itself."""

    code = "not_returnable"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This is a return, so nothing of it can come back. Open the sale it belongs to.")


class TillInUse(Conflict):
    """Another device sells at this till."""

    code = "till_in_use"

    def __init__(self, label: str, since: datetime) -> None:
        super().__init__(label, since)
        self.label = label
        self.since = since

    def sentence(self) -> str:
        """Say which device, and what to do."""
        return _("This till is in use on “%(label)s”. Close it there, or take over.") % {"label": self.label}

    def facts(self) -> Mapping[str, object]:
        """Name the device and since when."""
        return {"label": self.label, "since": self.since}


class TillTakenOver(Conflict):
    """The sender's claim has been taken over; what it sent is stored all the same, and answered for in `answer`."""

    code = "till_taken_over"

    def __init__(self, answer: Mapping[str, object], label: str) -> None:
        super().__init__(label)
        self.answer = answer
        self.label = label

    def sentence(self) -> str:
        """Say that nothing is lost, and what to do."""
        return _("Another device has taken over this till. Everything sold here has arrived; go on there.")

    def facts(self) -> Mapping[str, object]:
        """Give the answer about the records, and who has the till now."""
        return {**self.answer, "label": self.label}


class JournalGap(Conflict):
    """Records before these are missing."""

    code = "journal_gap"

    def __init__(self, expected_seq: int) -> None:
        super().__init__(expected_seq)
        self.expected_seq = expected_seq

    def sentence(self) -> str:
        """Say what the till must do."""
        return _("Records of this till are missing. The till sends them again, from number %(seq)d on.") % {
            "seq": self.expected_seq
        }

    def facts(self) -> Mapping[str, object]:
        """Name the first record that is missing."""
        return {"expected_seq": self.expected_seq}
