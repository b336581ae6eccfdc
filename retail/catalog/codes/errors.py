"""What can be wrong with codes, their layouts and labels."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class SeriesFull(Conflict):
    """A series of SKUs has given its last number."""

    code = "series_full"

    def __init__(self, series: str = "") -> None:
        super().__init__(series)
        self.series = series

    def sentence(self) -> str:
        """Name the series and the way out."""
        said = _("The numbers of SKU-%(series)s are used up. Type a SKU, or give the category other letters.")
        return said % {"series": self.series}


class NoLettersLeft(Conflict):
    """All pairs of letters belong to categories."""

    code = "no_letters_left"

    def sentence(self) -> str:
        """Say to type the SKU."""
        return _("Every pair of letters belongs to a category already. Type a SKU for this product.")


class PrefixRead(Conflict):
    """Codes with this prefix would be read as labels with a weight or a price."""

    code = "prefix_read"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name

    def sentence(self) -> str:
        """Name the rule that would read them."""
        return _("“%(name)s” reads codes that begin so. Choose another beginning, or change that rule.") % {
            "name": self.name
        }


class LayoutHidden(Conflict):
    """An earlier rule reads all that this one could."""

    code = "layout_hidden"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name

    def sentence(self) -> str:
        """Name the earlier rule."""
        return _("“%(name)s” stands before it and reads every such label. Move it up, or change one of them.") % {
            "name": self.name
        }


class PrefixInUse(Conflict):
    """The layout would read the business's own barcodes as weights or prices."""

    code = "prefix_in_use"

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix)
        self.prefix = prefix

    def sentence(self) -> str:
        """Name the beginning of our own codes."""
        said = _("Your own barcodes begin with %(prefix)s, and this rule would read them. Choose another beginning.")
        return said % {"prefix": self.prefix}


class TooManyBarcodes(Conflict):
    """A product has as many barcodes as it may."""

    code = "too_many_barcodes"

    def sentence(self) -> str:
        """Say how many."""
        return _("A product has at most 20 barcodes. Remove one first.")
