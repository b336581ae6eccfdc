"""What can be wrong when a customer display is paired."""

from __future__ import annotations

from retail.kit.errors import Conflict, NotFound
from retail.kit.text import _


class NoSuchCode(NotFound):
    """The code is unknown, too old or used."""

    code = "wrong_display_code"

    def sentence(self) -> str:
        """Say where to get another."""
        return _("This code is wrong, used or older than five minutes. Make a new one at the till, under This till.")


class TooManyDisplays(Conflict):
    """A till has as many displays as it may have."""

    code = "too_many_displays"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This till has as many displays as it may have. End one that isn't used any more, then pair this one.")
