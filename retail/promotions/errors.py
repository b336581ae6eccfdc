"""What can't be done with an offer or a coupon."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class WrongState(Conflict):
    """An offer that has ended goes on no more; one that has run stays for the books."""

    code = "offer_state"

    def __init__(self, *, ended: bool) -> None:
        super().__init__(ended)
        self.ended = ended

    def sentence(self) -> str:
        """Say what to do instead."""
        if self.ended:
            return _("This offer has ended. Duplicate it, and start the new one.")
        return _("This offer was at the tills already, so it stays for the books. End it instead.")


class TakesNoCoupons(Conflict):
    """A series of coupons for an offer that takes none."""

    code = "offer_without_coupons"

    def sentence(self) -> str:
        """Say where to change it."""
        return _("This offer needs no coupon. Tick “Only with a coupon” first.")
