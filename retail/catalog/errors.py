"""What can be wrong with a product."""

from __future__ import annotations

from collections.abc import Mapping

from retail.kit.errors import Conflict
from retail.kit.text import _


class SkuTaken(Conflict):
    """Another product has this SKU."""

    code = "sku_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another product has this SKU. Choose another one, or edit that product.")


class BarcodeTaken(Conflict):
    """Another product has this barcode."""

    code = "barcode_taken"

    def __init__(self, barcode: str = "") -> None:
        super().__init__(barcode)
        self.barcode = barcode

    def sentence(self) -> str:
        """Name the code."""
        return _("Barcode %(code)s belongs to another product already. Remove it there first.") % {"code": self.barcode}

    def facts(self) -> Mapping[str, object]:
        """Give the code."""
        return {"barcode": self.barcode}
