"""What can be wrong with a product."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from retail.kit.errors import Conflict
from retail.kit.text import _, ngettext


class SkuTaken(Conflict):
    """Another product has this SKU."""

    code = "sku_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another product has this SKU. Choose another one, or edit that product.")


class BarcodeTaken(Conflict):
    """Another product has this barcode."""

    code = "barcode_taken"

    def __init__(self, barcode: str = "", product: str = "", product_id: UUID | None = None) -> None:
        super().__init__(barcode, product)
        self.barcode = barcode
        self.product = product
        self.product_id = product_id

    def sentence(self) -> str:
        """Name the code and the product."""
        said = _("Barcode %(code)s belongs to “%(product)s” already. Remove it there first.")
        return said % {"code": self.barcode, "product": self.product}

    def facts(self) -> Mapping[str, object]:
        """Give the code, and whose it is."""
        return {"barcode": self.barcode, "product": self.product_id}


class CategoryTaken(Conflict):
    """Another category has this name."""

    code = "category_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another category has this name. Choose another one.")


class CategoryInUse(Conflict):
    """Products are in the category, so it can't be removed."""

    code = "category_in_use"

    def __init__(self, products: int = 0) -> None:
        super().__init__(products)
        self.products = products

    def sentence(self) -> str:
        """Say what to move first."""
        return ngettext(
            "%(count)d product is in this category, on sale or off. Give it another one first.",
            "%(count)d products are in this category, on sale or off. Give them another one first.",
            self.products,
        ) % {"count": self.products}

    def facts(self) -> Mapping[str, object]:
        """Give how many."""
        return {"products": self.products}


class TaxCodeTaken(Conflict):
    """Another tax class has this code."""

    code = "tax_code_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another tax class has this code. Choose another one.")


class ProductChanged(Conflict):
    """The product is no longer at the version that the change was made for."""

    code = "product_changed"

    def __init__(self, version: int = 0) -> None:
        super().__init__(version)
        self.version = version

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody changed this product meanwhile. Look at it again, then send your change with its version.")

    def facts(self) -> Mapping[str, object]:
        """Give the version that it has now."""
        return {"version": self.version}
