"""What can be wrong with a device, a PIN or a badge."""

from __future__ import annotations

from collections.abc import Mapping

from retail.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated
from retail.kit.text import _, ngettext


class WrongCode(NotFound):
    """The code is unknown, too old or used."""

    code = "wrong_code"

    def sentence(self) -> str:
        """Say where to get another."""
        return _("This code is wrong, used or older than ten minutes. Make a new one under Devices.")


class BadProof(Unauthenticated):
    """The device did not prove that it has its key."""

    code = "bad_proof"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This device could not prove who it is. Enrol it again with a new code.")


class DeviceRevoked(Forbidden):
    """The device proved itself, but is no till any more."""

    code = "device_revoked"

    def sentence(self) -> str:
        """Say what happens to what it holds."""
        return _("This device was revoked. What it has not sent is sent now; then it is wiped.")


class NotADevice(Conflict):
    """A person's own session asked what only an enrolled device may ask."""

    code = "not_a_device"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This browser is not enrolled as a device. Ask a manager for a code and open /kiosk here.")


class DeviceRequired(Forbidden):
    """The business sells on enrolled devices only."""

    code = "device_required"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This business sells on enrolled devices only. Ask a manager for a code and open /kiosk here.")


class OtherTill(Forbidden):
    """The device is enrolled for another till."""

    code = "other_till"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This device belongs to another till. Open that till, or move the device under Devices.")


class WrongPin(Conflict):
    """The PIN does not belong to the person; or the badge to nobody."""

    code = "wrong_pin"

    def __init__(self, left: int, wait: int) -> None:
        super().__init__(left, wait)
        self.left = left
        self.wait = wait

    def sentence(self) -> str:
        """Say that it is wrong, and how long to wait."""
        if not self.wait:
            return _("Wrong PIN. Try again.")
        said = ngettext(
            "Wrong PIN. Wait %(seconds)d second before the next try.",
            "Wrong PIN. Wait %(seconds)d seconds before the next try.",
            self.wait,
        )
        return said % {"seconds": self.wait}

    def facts(self) -> Mapping[str, object]:
        """Give the tries that are left today, and the seconds to wait."""
        return {"left": self.left, "wait": self.wait}


class PinPaused(Conflict):
    """Too many wrong tries: a pause is due."""

    code = "pin_paused"

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait

    def sentence(self) -> str:
        """Say how long to wait."""
        said = ngettext(
            "Too many wrong tries. Wait %(seconds)d second, or let somebody else sell.",
            "Too many wrong tries. Wait %(seconds)d seconds, or let somebody else sell.",
            self.wait,
        )
        return said % {"seconds": self.wait}

    def facts(self) -> Mapping[str, object]:
        """Give the seconds to wait."""
        return {"wait": self.wait}


class PinLocked(Conflict):
    """Twenty wrong tries: a manager must unlock."""

    code = "pin_locked"

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("This PIN is locked after 20 wrong tries. Ask a manager to unlock it under Devices.")


class NoPin(Conflict):
    """The person has no PIN yet, or their one-time PIN is too old."""

    code = "no_pin"

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("You have no PIN here yet. Ask a manager for a one-time PIN or a badge.")


class UnknownBadge(Conflict):
    """Nobody has this badge, or it was replaced."""

    code = "unknown_badge"

    def sentence(self) -> str:
        """Say what to do."""
        return _("Nobody here has this badge. Use the newest one, or your PIN.")


class StillUnsent(Conflict):
    """A device has records that the server doesn't: to revoke it now may lose them."""

    code = "still_unsent"

    def __init__(self, name: str, waiting: int) -> None:
        super().__init__(name, waiting)
        self.name = name
        self.waiting = waiting

    def sentence(self) -> str:
        """Say how to bring them in, and who may go on without."""
        return ngettext(
            "%(name)s has %(num)d record that was not sent. Connect it until all is sent, then revoke it. If it is"
            " lost, an owner can revoke it nonetheless.",
            "%(name)s has %(num)d records that were not sent. Connect it until all is sent, then revoke it. If it is"
            " lost, an owner can revoke it nonetheless.",
            self.waiting,
        ) % {"name": self.name, "num": self.waiting}
