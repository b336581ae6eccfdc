"""What can go wrong while counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from retail.kit.errors import Conflict
from retail.kit.text import _, ngettext


class CountOver(Conflict):
    """The count is finished or was cancelled; nothing is added to it any more."""

    code = "count_over"

    def __init__(self, name: str, *, cancelled: bool = False) -> None:
        super().__init__(name)
        self.name = name
        self.cancelled = cancelled

    def sentence(self) -> str:
        """Say to start another one."""
        if self.cancelled:
            return _("“%(name)s” was cancelled. Start a new count.") % {"name": self.name}
        return _("“%(name)s” is finished already. Start a new count for what you found since.") % {"name": self.name}


class CountAgain(Conflict):
    """Some products differ by so much that they have to be counted a second time first."""

    code = "count_again"

    def __init__(self, products: Sequence[UUID], worth: str, *, blind: bool = False) -> None:
        super().__init__(len(products))
        self.products = products
        self.worth = worth
        self.blind = blind

    def sentence(self) -> str:
        """Say how many, why, and who has them counted again."""
        many = len(self.products)
        said = ngettext(
            "%(num)d product differs by more than %(worth)s. Count it again first.",
            "%(num)d products differ by more than %(worth)s each. Count them again first.",
            many,
        ) % {"num": many, "worth": self.worth}
        if not self.blind:
            return said
        ask = _("This is a blind count: ask a manager to have them counted again. The page then lists what to count.")
        return f"{said} {ask}"

    def facts(self) -> Mapping[str, object]:
        """Give how many there are, and which: whoever counts blind isn't told what is off."""
        return {"count": len(self.products), "products": [] if self.blind else [str(one) for one in self.products]}


class NothingCounted(Conflict):
    """A count without any entry can't be finished."""

    code = "nothing_counted"

    def sentence(self) -> str:
        """Say what to do."""
        return _("Nothing was counted yet. Count something, or cancel the count.")
